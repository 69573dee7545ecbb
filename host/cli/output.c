#include "cli/output.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/stop.h"

#include "run/report/report.h"

/* stdout holds at most one JSON document, so an error after it goes to stderr alone. */
static bool document_printed;

static pld_status stdout_failed(void)
{
    return pld_fail(PLD_EFAIL, "standard output", "cannot write: %s", strerror(errno));
}

pld_status pld_output_flush(void)
{
    if (fflush(stdout) != 0 || ferror(stdout)) return stdout_failed();
    return PLD_OK;
}

pld_status pld_output_json(yyjson_mut_doc *doc)
{
    size_t size;
    char *text = pld_json_text(doc, false, &size);
    yyjson_mut_doc_free(doc);
    if (!text) return PLD_EDEVICE;
    document_printed = true;
    bool good = fwrite(text, 1, size, stdout) == size && fputc('\n', stdout) != EOF;
    free(text);
    return good ? pld_output_flush() : stdout_failed();
}

pld_status pld_output_text(struct pld_str *text)
{
    if (text->failed) {
        pld_str_release(text);
        return pld_fail_memory("output");
    }
    document_printed = true;
    bool good = text->len == 0 || fwrite(text->data, 1, text->len, stdout) == text->len;
    pld_str_release(text);
    return good ? pld_output_flush() : stdout_failed();
}

/* Control characters of hostile names must not move the terminal's cursor. */
static void print_line(const char *text)
{
    for (; *text; text++)
        fputc((unsigned char)*text < 0x20 || *text == 0x7f ? '?' : *text, stderr);
}

static int exit_code(pld_status status)
{
    if (status == PLD_EINTERRUPT && pld_stop_signal() == SIGTERM) return 128 + SIGTERM;
    return (int)status;
}

static void print_document(int code, const struct pld_error *error)
{
    yyjson_mut_doc *doc = yyjson_mut_doc_new(NULL);
    yyjson_mut_val *root = doc ? yyjson_mut_obj(doc) : NULL;
    yyjson_mut_val *inner = root ? yyjson_mut_obj_add_obj(doc, root, "error") : NULL;
    if (!inner) {
        yyjson_mut_doc_free(doc);
        return;
    }
    yyjson_mut_doc_set_root(doc, root);
    yyjson_mut_obj_add_int(doc, inner, "code", code);
    yyjson_mut_obj_add_str(doc, inner, "message", error->message);
    yyjson_mut_obj_add_str(doc, inner, "where", error->where);
    pld_output_json(doc);
}

int pld_output_error(pld_status status, bool json)
{
    /* A copy: printing may fail and replace the record. */
    struct pld_error error = *pld_error_last();
    int code = exit_code(status);
    fputs("pollard: ", stderr);
    if (error.where[0]) {
        print_line(error.where);
        fputs(": ", stderr);
    }
    print_line(error.message);
    fputc('\n', stderr);
    if (json && !document_printed) print_document(code, &error);
    return code;
}

pld_status pld_output_sweep(const char *dir, double seconds)
{
    struct pld_report *report;
    PLD_TRY(pld_report_load(&report, dir));
    pld_status status = pld_report_print(report, stdout);
    pld_report_free(report);
    PLD_TRY(status);
    printf("measured in %.1f s; report: %s/report.html\n", seconds, dir);
    return pld_output_flush();
}
