/* Locked groups, examples, how to read, how to repeat. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "run/report/format.h"
#include "run/report/html.h"

enum { MOST_EXAMPLES = 6, EXAMPLE_BYTES = 61440, LOCKED_OPEN = 12, MOST_VALUE = 400 };

static void locked_rows(struct pld_str *s, const struct pld_report *report)
{
    pld_str_append(s, "<div class=\"scroll\"><table class=\"rows wide\"><thead><tr><th "
                      "scope=\"col\">Group</th><th scope=\"col\" class=\"n\">Channels</th><th "
                      "scope=\"col\">Reason</th></tr></thead><tbody>\n");
    for (int i = 0; i < report->n_groups; i++) {
        const struct pld_report_group *g = &report->groups[i];
        if (g->prunable || g->n_points) continue;
        pld_str_append(s, "<tr><th scope=\"row\">");
        pld_html_group(s, g);
        pld_str_printf(s, "</th><td class=\"n\">%lld</td><td class=\"g\">", (long long)g->units);
        pld_put_text(s, g->reason ? g->reason : "no reason stated");
        pld_str_append(s, "</td></tr>\n");
    }
    pld_str_append(s, "</tbody></table></div>\n");
}

void pld_html_locked(struct pld_str *s, const struct pld_report *report)
{
    if (!report->n_locked) return;
    pld_html_section(s, "locked", "Locked groups",
                     "Channels that cannot go without changing what the network computes or its "
                     "interface. <code>pollard groups MODEL --why GROUP</code> shows the chain.");
    bool many = report->n_locked > LOCKED_OPEN;
    if (many) pld_str_printf(s, "<details><summary>Show all %d</summary>\n", report->n_locked);
    locked_rows(s, report);
    pld_str_append(s, many ? "</details></section>\n" : "</section>\n");
}

/* A JPEG of the folder's examples/, small enough to be carried inside. Only plain file names: the
 * manifest may come from anywhere, the page must not pick up other files. */
static bool read_example(struct pld_bytes *out, const struct pld_report *report, const char *file)
{
    char folder[4096], path[4096];
    if (strncmp(file, "examples/", 9) == 0) file += 9;
    size_t n = strlen(file);
    if (strchr(file, '/') || file[0] == '.' || n < 5) return false;
    if (pld_path_join(folder, sizeof folder, report->dir, "examples") != PLD_OK ||
        pld_path_join(path, sizeof path, folder, file) != PLD_OK || !pld_file_exists(path) ||
        pld_file_read(out, path, PLD_EDATA) != PLD_OK)
        return false;
    static const unsigned char jpeg[] = {0xFF, 0xD8, 0xFF};
    if (out->size <= EXAMPLE_BYTES && out->size > 3 && memcmp(out->data, jpeg, 3) == 0) return true;
    pld_bytes_release(out);
    return false;
}

static bool put_example(struct pld_str *s, const struct pld_report *report, yyjson_val *entry)
{
    struct pld_bytes bytes;
    const char *file = yyjson_get_str(yyjson_obj_get(entry, "file"));
    const char *caption = yyjson_get_str(yyjson_obj_get(entry, "caption"));
    if (!file || !read_example(&bytes, report, file)) return false;
    pld_str_append(s, "<figure><img alt=\"");
    pld_put_text(s, caption ? caption : file);
    pld_str_append(s, "\" src=\"data:image/jpeg;base64,");
    pld_put_base64(s, bytes.data, bytes.size);
    pld_str_append(s, "\"><figcaption>");
    pld_put_text(s, caption ? caption : file);
    pld_str_append(s, "</figcaption></figure>\n");
    pld_bytes_release(&bytes);
    return true;
}

void pld_html_examples(struct pld_str *s, const struct pld_report *report)
{
    struct pld_str pictures = {0};
    yyjson_val *list = pld_report_field(report, "examples", NULL), *entry;
    size_t index, count;
    int shown = 0;
    yyjson_arr_foreach(list, index, count, entry)
    {
        if (shown < MOST_EXAMPLES) shown += put_example(&pictures, report, entry);
    }
    if (shown && !pictures.failed) {
        pld_html_section(s, "examples", "Examples", NULL);
        pld_str_append(s, "<div class=\"shots\">\n");
        pld_str_append_n(s, pictures.data, pictures.len);
        pld_str_append(s, "</div></section>\n");
    }
    s->failed |= pictures.failed;
    pld_str_release(&pictures);
}

void pld_html_reading(struct pld_str *s, const struct pld_report *report)
{
    pld_html_section(s, "reading", "How to read this", NULL);
    pld_str_append(
        s,
        "<ul class=\"notes\"><li><b>mAP</b> is in 0 to 1; a <b>drop</b> is the baseline's mAP less "
        "the pruned model's, in points: 1 point = 0.01. Positive is worse.</li>"
        "<li>A <b>group</b> is the set of channels that must go together, across all layers that "
        "an addition, a concatenation or a split ties. A ratio of 30&nbsp;% removes the least "
        "important 30&nbsp;% of them by the criterion.</li>"
        "<li>Nothing was trained or repaired after the removal. These are the costs of the cut "
        "alone; compensation and fine-tuning usually win part of it back.</li>"
        "<li>The <b>95&nbsp;% interval</b> resamples images and compares each candidate with the "
        "baseline on the same ones. ");
    if (report->n_points >= 40)
        pld_str_printf(s, "With %d points, about %d intervals miss the true value by chance. ",
                       report->n_points, (report->n_points + 10) / 20);
    pld_str_append(s, "More images make it narrower.</li>"
                      "<li><b>MACs</b> are multiply-accumulates of convolutions and matrix "
                      "products at the given input size (FLOPs = 2 × MACs). A MAC less is not "
                      "always time less: measure with <code>pollard bench</code>.</li></ul>"
                      "</section>\n");
}

/* A word of a command line as a shell would need it. */
static void put_word(struct pld_str *s, const char *word)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "-_./=:,@%+";
    if (*word && strspn(word, plain) == strlen(word)) {
        pld_put_text(s, word);
        return;
    }
    pld_str_append(s, "&#39;");
    for (; *word; word++) {
        char one[2] = {*word, 0};
        if (*word == '\'')
            pld_str_append(s, "&#39;\\&#39;&#39;");
        else if ((unsigned char)*word < 0x80)
            pld_put_text(s, one);
        else
            pld_str_append_n(s, word, 1); /* part of a UTF-8 sequence */
    }
    pld_str_append(s, "&#39;");
}

/* The manifest has the words, or one string that is a command line already. */
static void put_command(struct pld_str *s, const struct pld_report *report)
{
    yyjson_val *words = pld_report_field(report, "command", NULL), *word;
    size_t index, count;
    const char *whole =
        yyjson_get_str(yyjson_arr_size(words) == 1 ? yyjson_arr_get_first(words) : words);
    if (!whole && !yyjson_arr_size(words)) return;
    pld_str_append(s, "<pre><code>");
    pld_put_text(s, whole);
    if (whole) words = NULL;
    yyjson_arr_foreach(words, index, count, word)
    {
        if (index) pld_str_append(s, " ");
        if (yyjson_is_str(word)) put_word(s, yyjson_get_str(word));
    }
    pld_str_append(s, "</code></pre>\n");
}

/* A value as text: strings bare, everything else as JSON, cut at a sane length. */
static void put_value(struct pld_str *s, yyjson_val *value)
{
    char *json = yyjson_is_str(value) ? NULL : yyjson_val_write(value, 0, NULL);
    const char *text = yyjson_is_str(value) ? yyjson_get_str(value) : json ? json : "";
    size_t n = strlen(text);
    if (n > MOST_VALUE) {
        struct pld_str cut = {0};
        n = MOST_VALUE;
        while (n && ((unsigned char)text[n] & 0xC0) == 0x80)
            n--;
        pld_str_append_n(&cut, text, n);
        pld_str_append(&cut, " …");
        pld_put_text(s, cut.data);
        pld_str_release(&cut);
    } else {
        pld_put_text(s, text);
    }
    free(json);
}

static void put_fact(struct pld_str *s, const char *first, const char *second, yyjson_val *value)
{
    pld_str_append(s, "<tr><th scope=\"row\">");
    pld_put_text(s, first);
    if (second) pld_str_append(s, " ");
    pld_put_text(s, second);
    pld_str_append(s, "</th><td>");
    put_value(s, value);
    pld_str_append(s, "</td></tr>\n");
}

void pld_html_reproduce(struct pld_str *s, const struct pld_report *report)
{
    pld_html_section(s, "repeat", "Reproduce",
                     "The command, and everything the result depends on. The same model, data, "
                     "device and batch size give the same numbers bit for bit.");
    put_command(s, report);
    yyjson_val *root = yyjson_doc_get_root(report->manifest), *key, *value, *key2, *value2;
    size_t i, n, j, m;
    if (yyjson_is_obj(root)) {
        pld_str_append(s, "<div class=\"scroll\"><table class=\"rows facts\"><tbody>\n");
        yyjson_obj_foreach(root, i, n, key, value)
        {
            const char *name = yyjson_get_str(key);
            if (strcmp(name, "examples") == 0 || strcmp(name, "command") == 0) continue;
            if (!yyjson_is_obj(value)) put_fact(s, name, NULL, value);
            yyjson_obj_foreach(value, j, m, key2, value2)
            {
                put_fact(s, name, yyjson_get_str(key2), value2);
            }
        }
        pld_str_append(s, "</tbody></table></div>\n");
    }
    pld_str_append(s, "</section>\n");
}
