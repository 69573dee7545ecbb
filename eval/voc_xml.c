#include "eval/voc_xml.h"

#include <expat.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/str.h"

enum { MAX_DEPTH = 32, MAX_TEXT = 4096, MAX_SIDE = 1 << 24 };

/* Elements that are read, as their path from the root. */
enum element {
    OTHER,
    OBJECT,
    FILENAME,
    WIDTH,
    HEIGHT,
    NAME,
    DIFFICULT,
    TRUNCATED,
    XMIN,
    YMIN,
    XMAX,
    YMAX
};

static const char *const paths[] = {
    [OTHER] = "",
    [OBJECT] = "annotation/object",
    [FILENAME] = "annotation/filename",
    [WIDTH] = "annotation/size/width",
    [HEIGHT] = "annotation/size/height",
    [NAME] = "annotation/object/name",
    [DIFFICULT] = "annotation/object/difficult",
    [TRUNCATED] = "annotation/object/truncated",
    [XMIN] = "annotation/object/bndbox/xmin",
    [YMIN] = "annotation/object/bndbox/ymin",
    [XMAX] = "annotation/object/bndbox/xmax",
    [YMAX] = "annotation/object/bndbox/ymax",
};

struct parser {
    struct pld_voc_file *out;
    struct pld_arena *arena;
    const char *path;
    XML_Parser xml;
    struct pld_str place; /* path of the element that is open */
    size_t lengths[MAX_DEPTH];
    int depth;
    struct pld_str text; /* of the innermost element */
    size_t capacity;     /* of out->objects while it grows */
    unsigned sides;      /* bits of the open object's sides that were there */
    pld_status status;
};

static void fail(struct parser *p, const char *what, const char *value)
{
    char where[512];
    if (p->status != PLD_OK) return;
    snprintf(where, sizeof where, "%s:%lu", p->path, XML_GetCurrentLineNumber(p->xml));
    p->status = pld_fail(PLD_EDATA, where, "%s%s%.60s%s", what, value ? " '" : "",
                         value ? value : "", value ? "'" : "");
    XML_StopParser(p->xml, XML_FALSE);
}

static void fail_memory(struct parser *p)
{
    p->status = pld_fail_memory("VOC annotations");
    XML_StopParser(p->xml, XML_FALSE);
}

static enum element element_at(const struct parser *p)
{
    for (size_t e = OTHER + 1; e < sizeof paths / sizeof *paths; e++)
        if (strcmp(p->place.data, paths[e]) == 0) return (enum element)e;
    return OTHER;
}

/* ---- objects ---- */

static void open_object(struct parser *p)
{
    struct pld_voc_file *out = p->out;
    if (out->n_objects == p->capacity) {
        size_t capacity = p->capacity ? 2 * p->capacity : 16;
        struct pld_voc_object *objects = realloc(out->objects, capacity * sizeof *objects);
        if (!objects) {
            fail_memory(p);
            return;
        }
        out->objects = objects;
        p->capacity = capacity;
    }
    out->objects[out->n_objects++] =
        (struct pld_voc_object){.line = (int)XML_GetCurrentLineNumber(p->xml)};
    p->sides = 0;
}

static void close_object(struct parser *p)
{
    const struct pld_voc_object *object = &p->out->objects[p->out->n_objects - 1];
    if (!object->name)
        fail(p, "an object without a name", NULL);
    else if (p->sides != 15)
        fail(p, "object without xmin, ymin, xmax and ymax:", object->name);
}

/* ---- values ---- */

static const char *trimmed(struct parser *p)
{
    char *text = p->text.data ? p->text.data : "";
    text += strspn(text, " \t\r\n");
    size_t n = strlen(text);
    while (n && strchr(" \t\r\n", text[n - 1]))
        n--;
    if (p->text.data) text[n] = '\0';
    return text;
}

static void take_string(struct parser *p, const char **out, const char *text)
{
    if (!*text) return;
    *out = pld_arena_strdup(p->arena, text);
    if (!*out) fail_memory(p);
}

static void take_size(struct parser *p, int *out, const char *text)
{
    double value;
    if (!pld_parse_f64(text, &value) || !(value >= 0 && value <= MAX_SIDE) || value != floor(value))
        fail(p, "not a number of pixels:", text);
    else
        *out = (int)value;
}

static void take_flag(struct parser *p, bool *out, const char *text)
{
    if (strcmp(text, "1") == 0)
        *out = true;
    else if (*text && strcmp(text, "0") != 0 && strcmp(text, "Unspecified") != 0)
        fail(p, "neither 0 nor 1:", text);
}

static void take_side(struct parser *p, enum element element, const char *text)
{
    struct pld_voc_object *object = &p->out->objects[p->out->n_objects - 1];
    double *const sides[] = {&object->xmin, &object->ymin, &object->xmax, &object->ymax};
    double value;
    if (!pld_parse_f64(text, &value) || !isfinite(value)) {
        fail(p, "not a number:", text);
        return;
    }
    *sides[element - XMIN] = value;
    p->sides |= 1u << (element - XMIN);
}

static void take(struct parser *p, enum element element)
{
    const char *text = trimmed(p);
    struct pld_voc_object *object =
        p->out->n_objects ? &p->out->objects[p->out->n_objects - 1] : NULL;
    switch (element) {
    case OTHER:
        break;
    case OBJECT:
        close_object(p);
        break;
    case FILENAME:
        take_string(p, &p->out->filename, text);
        break;
    case WIDTH:
        take_size(p, &p->out->width, text);
        break;
    case HEIGHT:
        take_size(p, &p->out->height, text);
        break;
    case NAME:
        take_string(p, &object->name, text);
        break;
    case DIFFICULT:
        take_flag(p, &object->difficult, text);
        break;
    case TRUNCATED:
        take_flag(p, &object->truncated, text);
        break;
    default:
        take_side(p, element, text);
        break;
    }
}

/* ---- events ---- */

static void on_start(void *context, const char *name, const char **attributes)
{
    struct parser *p = context;
    (void)attributes;
    if (p->depth == 0 && strcmp(name, "annotation") != 0) {
        fail(p, "not Pascal VOC annotations: the root element is", name);
        return;
    }
    if (p->depth == MAX_DEPTH) {
        fail(p, "elements nested too deep", NULL);
        return;
    }
    p->lengths[p->depth++] = p->place.len;
    if (p->place.len) pld_str_append(&p->place, "/");
    pld_str_append(&p->place, name);
    pld_str_clear(&p->text);
    if (p->place.failed)
        fail_memory(p);
    else if (element_at(p) == OBJECT)
        open_object(p);
}

static void on_end(void *context, const char *name)
{
    struct parser *p = context;
    (void)name;
    if (p->status != PLD_OK) return;
    take(p, element_at(p));
    p->place.len = p->lengths[--p->depth];
    p->place.data[p->place.len] = '\0';
    pld_str_clear(&p->text);
}

static void on_text(void *context, const char *text, int n)
{
    struct parser *p = context;
    if (p->text.len + (size_t)n > MAX_TEXT) {
        if (element_at(p) != OTHER) fail(p, "an element with too much text", NULL);
        return;
    }
    pld_str_append_n(&p->text, text, (size_t)n);
    if (p->text.failed) fail_memory(p);
}

static void on_doctype(void *context, const char *name, const char *system, const char *public,
                       int internal)
{
    (void)name;
    (void)system;
    (void)public;
    (void)internal;
    fail(context, "document type declarations are not accepted", NULL);
}

/* ---- public ---- */

/* The objects were allocated on their own while they grew. */
static pld_status store_objects(struct parser *p)
{
    struct pld_voc_object *grown = p->out->objects;
    p->out->objects = NULL;
    if (p->status == PLD_OK) {
        p->out->objects = pld_arena_array(p->arena, p->out->n_objects + 1, sizeof *grown);
        if (!p->out->objects) p->status = PLD_EDEVICE;
    }
    if (p->status == PLD_OK && p->out->n_objects)
        memcpy(p->out->objects, grown, p->out->n_objects * sizeof *grown);
    free(grown);
    return p->status;
}

pld_status pld_voc_parse(struct pld_voc_file *out, struct pld_arena *arena, const char *text,
                         size_t size, const char *path)
{
    *out = (struct pld_voc_file){0};
    struct parser p = {.out = out, .arena = arena, .path = path, .xml = XML_ParserCreate(NULL)};
    if (!p.xml) return pld_fail_memory("XML");
    if (size > 1 << 30) size = 1 << 30; /* and fails there, at an element that is open */
    XML_SetUserData(p.xml, &p);
    XML_SetElementHandler(p.xml, on_start, on_end);
    XML_SetCharacterDataHandler(p.xml, on_text);
    XML_SetStartDoctypeDeclHandler(p.xml, on_doctype);
    if (XML_Parse(p.xml, text, (int)size, 1) != XML_STATUS_OK && p.status == PLD_OK) {
        enum XML_Error code = XML_GetErrorCode(p.xml);
        if (code == XML_ERROR_NO_MEMORY)
            fail_memory(&p);
        else
            fail(&p, "invalid XML:", XML_ErrorString(code));
    }
    XML_ParserFree(p.xml);
    pld_str_release(&p.place);
    pld_str_release(&p.text);
    return store_objects(&p);
}
