/* The text of a Darknet .cfg: sections, keys, numbers. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/str.h"
#include "graph/darknet.h"

enum { MOST_SECTIONS = 4096, MOST_KEYS = 128, MOST_LINE = 4096 };

pld_status pld_darknet_fail(const struct pld_darknet_cfg *cfg, const struct pld_darknet_section *s,
                            const char *format, ...)
{
    char text[256];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return pld_fail(PLD_EMODEL, cfg->path, "line %d, [%.40s]: %s", s->line, s->kind, text);
}

/* Removes all spaces of a line in place, and what follows a comment sign. */
static void squeeze(char *line)
{
    char *to = line;
    for (const char *from = line; *from && *from != '#' && *from != ';'; from++)
        if (*from != ' ' && *from != '\t' && *from != '\r') *to++ = *from;
    *to = '\0';
}

static pld_status add_section(struct pld_darknet_cfg *cfg, struct pld_arena *arena, char *line,
                              int number)
{
    size_t length = strlen(line);
    if (line[length - 1] != ']' || cfg->n_sections == MOST_SECTIONS)
        return pld_fail(PLD_EMODEL, cfg->path, "line %d: %s", number,
                        line[length - 1] == ']' ? "too many sections" : "']' is missing");
    struct pld_darknet_section *s = &cfg->sections[cfg->n_sections++];
    s->line = number;
    s->kind = pld_arena_strndup(arena, line + 1, length - 2);
    s->keys = pld_arena_array(arena, MOST_KEYS, sizeof *s->keys);
    s->values = pld_arena_array(arena, MOST_KEYS, sizeof *s->values);
    return s->kind && s->keys && s->values ? PLD_OK : PLD_EDEVICE;
}

static pld_status add_key(struct pld_darknet_cfg *cfg, struct pld_arena *arena, char *line,
                          int number)
{
    char *equals = strchr(line, '=');
    if (!equals || cfg->n_sections == 0)
        return pld_fail(PLD_EMODEL, cfg->path, "line %d: %s", number,
                        equals ? "a key before the first section"
                               : "neither [section] nor key=value");
    struct pld_darknet_section *s = &cfg->sections[cfg->n_sections - 1];
    if (s->n_keys == MOST_KEYS) return pld_darknet_fail(cfg, s, "too many keys");
    *equals = '\0';
    s->keys[s->n_keys] = pld_arena_strdup(arena, line);
    s->values[s->n_keys] = pld_arena_strdup(arena, equals + 1);
    if (!s->keys[s->n_keys] || !s->values[s->n_keys]) return PLD_EDEVICE;
    s->n_keys++;
    return PLD_OK;
}

pld_status pld_darknet_read_cfg(struct pld_darknet_cfg *out, struct pld_arena *arena,
                                const void *text, size_t size, const char *path)
{
    *out = (struct pld_darknet_cfg){.path = path};
    out->sections = pld_arena_array(arena, MOST_SECTIONS, sizeof *out->sections);
    if (!out->sections) return PLD_EDEVICE;
    const char *at = text, *end = at + size;
    for (int number = 1; at < end; number++) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        if (!stop) stop = end;
        char line[MOST_LINE];
        size_t length = (size_t)(stop - at);
        if (length >= sizeof line || memchr(at, '\0', length))
            return pld_fail(PLD_EMODEL, path, "line %d: not the text of a Darknet .cfg", number);
        memcpy(line, at, length);
        line[length] = '\0';
        squeeze(line);
        if (line[0] == '[')
            PLD_TRY(add_section(out, arena, line, number));
        else if (line[0])
            PLD_TRY(add_key(out, arena, line, number));
        at = stop + 1;
    }
    return PLD_OK;
}

const char *pld_darknet_text(const struct pld_darknet_section *s, const char *key,
                             const char *fallback)
{
    for (int i = s->n_keys - 1; i >= 0; i--)
        if (strcmp(s->keys[i], key) == 0) return s->values[i];
    return fallback;
}

pld_status pld_darknet_int(int *out, const struct pld_darknet_cfg *cfg,
                           const struct pld_darknet_section *s, const char *key, int fallback,
                           int low, int high)
{
    const char *text = pld_darknet_text(s, key, NULL);
    long long value = fallback;
    *out = fallback;
    if (text && !pld_parse_i64(text, &value))
        return pld_darknet_fail(cfg, s, "%s=%.40s is not a whole number", key, text);
    if (value < low || value > high)
        return pld_darknet_fail(cfg, s, "%s=%lld is not within %d..%d", key, value, low, high);
    *out = (int)value;
    return PLD_OK;
}

pld_status pld_darknet_floats(float *out, int *n, int most, const struct pld_darknet_cfg *cfg,
                              const struct pld_darknet_section *s, const char *key)
{
    const char *text = pld_darknet_text(s, key, "");
    *n = 0;
    while (*text) {
        char word[64];
        size_t length = strcspn(text, ",");
        double value;
        if (length >= sizeof word || *n == most)
            return pld_darknet_fail(cfg, s, "%s has more than %d numbers", key, most);
        memcpy(word, text, length);
        word[length] = '\0';
        if (!pld_parse_f64(word, &value))
            return pld_darknet_fail(cfg, s, "%s: '%s' is not a number", key, word);
        out[(*n)++] = (float)value;
        text += length;
        if (*text == ',') text++;
    }
    return PLD_OK;
}

pld_status pld_darknet_float(float *out, const struct pld_darknet_cfg *cfg,
                             const struct pld_darknet_section *s, const char *key, float fallback)
{
    int n;
    *out = fallback;
    return pld_darknet_floats(out, &n, 1, cfg, s, key);
}
