/* YOLO label files: a line "class cx cy w h" a box, or "class x1 y1 x2 y2 x3 y3 ..." a polygon, all
 * coordinates in parts of the image's width and height. */
#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/log.h"
#include "eval/dataset_internal.h"

/* A box in parts of the image, and its place in the file. */
struct row {
    int class;
    double cx, cy, w, h;
    int order;
};

struct reader {
    struct pld_dataset *out;
    struct pld_findings *findings;
    struct pld_annotation_list boxes;
    struct row *rows; /* of the current file */
    int n_rows, capacity;
    int files, repeated;     /* label files found; lines that were there before */
    const char *first_label; /* where the first image's labels would be, for the message */
};

/* The numbers of a line, as far as a box needs them. */
struct numbers {
    int count;
    double first[4];
    double low[2], high[2]; /* over even (x) and odd (y) places */
};

static pld_status fail_line(const char *file, int line, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static pld_status fail_line(const char *file, int line, const char *fmt, ...)
{
    char where[512], message[512];
    va_list args;
    va_start(args, fmt);
    vsnprintf(message, sizeof message, fmt, args);
    va_end(args);
    snprintf(where, sizeof where, "%s:%d", file, line);
    return pld_fail(PLD_EDATA, where, "%s", message);
}

/* ---- one line ---- */

/* One number and the space after it; false where the text does not begin with a finite number. */
static bool next_number(const char **text, double *out)
{
    char *end;
    *out = strtod(*text, &end);
    if (end == *text || !isfinite(*out) || (*end && !strchr(" \t\r", *end))) return false;
    *text = end + strspn(end, " \t\r");
    return true;
}

static void add_number(struct numbers *n, double value)
{
    int axis = n->count & 1;
    if (n->count < 4) n->first[n->count] = value;
    if (n->count < 2 || value < n->low[axis]) n->low[axis] = value;
    if (n->count < 2 || value > n->high[axis]) n->high[axis] = value;
    n->count++;
}

/* Annotation tools round, so a coordinate may lie outside by a hair. */
static pld_status read_coordinates(struct numbers *n, const char *text, const char *file, int line)
{
    const double slack = 0.01;
    while (*text) {
        double value;
        if (!next_number(&text, &value))
            return fail_line(file, line, "'%.40s' is not a number", text);
        if (value < -slack || value > 1 + slack)
            return fail_line(file, line, "coordinate %g is not in 0..1; labels are normalised",
                             value);
        add_number(n, value);
    }
    return PLD_OK;
}

static pld_status make_row(struct row *row, const struct numbers *n, const char *file, int line)
{
    if (n->count == 4) {
        row->cx = n->first[0];
        row->cy = n->first[1];
        row->w = n->first[2];
        row->h = n->first[3];
    } else if (n->count >= 6 && n->count % 2 == 0) {
        row->cx = (n->low[0] + n->high[0]) / 2;
        row->cy = (n->low[1] + n->high[1]) / 2;
        row->w = n->high[0] - n->low[0];
        row->h = n->high[1] - n->low[1];
    } else {
        return fail_line(file, line,
                         "%d columns; expected class, cx, cy, w, h, or class and the x, y of three "
                         "or more points",
                         n->count + 1);
    }
    if (row->w < 0 || row->h < 0) return fail_line(file, line, "a box with a negative size");
    return PLD_OK;
}

static pld_status read_line(struct row *row, const char *text, int classes, const char *file,
                            int line)
{
    double class;
    if (!next_number(&text, &class) || class != floor(class) || class < 0)
        return fail_line(file, line, "'%.40s' does not begin with a class number", text);
    if (class >= classes)
        return fail_line(file, line, "class %.0f, but there are %d classes (0..%d)", class, classes,
                         classes - 1);
    row->class = (int)class;
    struct numbers n = {0};
    PLD_TRY(read_coordinates(&n, text, file, line));
    return make_row(row, &n, file, line);
}

/* ---- one file ---- */

static pld_status add_row(struct reader *r, const struct row *row)
{
    if (r->n_rows == r->capacity) {
        int capacity = r->capacity ? 2 * r->capacity : 64;
        struct row *rows = realloc(r->rows, (size_t)capacity * sizeof *rows);
        if (!rows) return pld_fail_memory("labels");
        r->rows = rows;
        r->capacity = capacity;
    }
    r->rows[r->n_rows] = *row;
    r->rows[r->n_rows].order = r->n_rows;
    r->n_rows++;
    return PLD_OK;
}

static int compare(double a, double b)
{
    return (a > b) - (a < b);
}

static int compare_boxes(const struct row *a, const struct row *b)
{
    int order = (a->class > b->class) - (a->class < b->class);
    if (!order) order = compare(a->cx, b->cx);
    if (!order) order = compare(a->cy, b->cy);
    if (!order) order = compare(a->w, b->w);
    return order ? order : compare(a->h, b->h);
}

static int by_box(const void *a, const void *b)
{
    const struct row *x = a, *y = b;
    int order = compare_boxes(x, y);
    return order ? order : (x->order > y->order) - (x->order < y->order);
}

static int by_order(const void *a, const void *b)
{
    const struct row *x = a, *y = b;
    return (x->order > y->order) - (x->order < y->order);
}

/* Lines that repeat another one are dropped, as the format's own tools do; order is kept. */
static pld_status drop_repeated(struct reader *r, const char *file)
{
    if (r->n_rows < 2) return PLD_OK;
    qsort(r->rows, (size_t)r->n_rows, sizeof *r->rows, by_box);
    int kept = 1;
    for (int i = 1; i < r->n_rows; i++)
        if (compare_boxes(&r->rows[i], &r->rows[kept - 1]) != 0) r->rows[kept++] = r->rows[i];
    int repeated = r->n_rows - kept;
    r->repeated += repeated;
    r->n_rows = kept;
    qsort(r->rows, (size_t)kept, sizeof *r->rows, by_order);
    for (int i = 0; i < repeated && r->findings; i++)
        PLD_TRY(pld_findings_add(r->findings, PLD_FINDING_KIND_DUPLICATE_BOX, file,
                                 "a line that repeats another one"));
    return PLD_OK;
}

static pld_status read_lines(struct reader *r, char *text, const char *file)
{
    r->n_rows = 0;
    for (int line = 1; text; line++) {
        char *end = strchr(text, '\n');
        if (end) *end = '\0';
        text += strspn(text, " \t\r");
        if (*text) {
            struct row row = {0};
            bool left_out;
            PLD_TRY(pld_findings_take(r->findings, PLD_FINDING_KIND_ENTRY,
                                      read_line(&row, text, r->out->n_categories, file, line),
                                      &left_out));
            if (!left_out) PLD_TRY(add_row(r, &row));
        }
        text = end ? end + 1 : NULL;
    }
    return PLD_OK;
}

static pld_status store_rows(struct reader *r, int image)
{
    const struct pld_image_entry *entry = &r->out->images[image];
    for (int i = 0; i < r->n_rows; i++) {
        const struct row *row = &r->rows[i];
        struct pld_annotation a = {.id = (int64_t)r->boxes.count + 1,
                                   .image = image,
                                   .category = row->class,
                                   .x = (row->cx - row->w / 2) * entry->width,
                                   .y = (row->cy - row->h / 2) * entry->height,
                                   .w = row->w * entry->width,
                                   .h = row->h * entry->height};
        a.area = a.w * a.h;
        PLD_TRY(pld_annotation_list_add(&r->boxes, &a));
    }
    return PLD_OK;
}

static pld_status read_file(struct reader *r, int image, const char *file)
{
    struct pld_bytes bytes;
    PLD_TRY(pld_file_read(&bytes, file, PLD_EDATA));
    pld_status status = PLD_OK;
    if (memchr(bytes.data, 0, bytes.size)) status = pld_fail(PLD_EDATA, file, "not a text file");
    if (status == PLD_OK) status = read_lines(r, (char *)bytes.data, file);
    pld_bytes_release(&bytes);
    PLD_TRY(status);
    PLD_TRY(drop_repeated(r, file));
    r->files++;
    return store_rows(r, image);
}

/* ---- all files ---- */

/* The last "images" folder of a path, at its slash-separated name; NULL where there is none. */
static const char *last_images_folder(const char *path)
{
    const char *found = strncmp(path, "images/", 7) == 0 ? path : NULL;
    for (const char *at = path; (at = strstr(at, "/images/")); at++)
        found = at + 1;
    return found;
}

/* ".../images/a/b.jpg" -> ".../labels/a/b.txt"; without such a folder, beside the image. */
static const char *label_path(struct pld_dataset *out, const char *image)
{
    const char *folder = last_images_folder(image), *dot = strrchr(image, '.');
    const char *slash = strrchr(image, '/');
    if (!dot || (slash && dot < slash)) dot = image + strlen(image);
    if (!folder) return pld_arena_printf(&out->arena, "%.*s.txt", (int)(dot - image), image);
    const char *rest = folder + strlen("images");
    return pld_arena_printf(&out->arena, "%.*slabels%.*s.txt", (int)(folder - image), image,
                            (int)(dot - rest), rest);
}

static pld_status read_all(struct reader *r, bool need_labels)
{
    for (int i = 0; i < r->out->n_images; i++) {
        if (!r->out->images[i].path) continue; /* broken: its size is not known */
        const char *file = label_path(r->out, r->out->images[i].path);
        if (!file) return PLD_EDEVICE;
        if (!r->first_label) r->first_label = file;
        if (!pld_file_exists(file)) continue; /* an image without objects */
        PLD_TRY(read_file(r, i, file));
    }
    if (r->repeated)
        pld_log(PLD_LOG_WARN, "%s: %d labels repeat another one of their file and are dropped",
                r->out->source, r->repeated);
    r->out->has_labels = r->files > 0;
    if (!r->files && need_labels)
        return pld_fail(PLD_EDATA, r->out->source, "no label files; looked for %s and others",
                        r->first_label ? r->first_label : "nothing");
    return pld_annotation_list_store(&r->boxes, r->out);
}

pld_status pld_dataset_read_yolo_labels(struct pld_dataset *out,
                                        const struct pld_dataset_options *options)
{
    struct reader r = {.out = out, .findings = options->findings};
    pld_status status = read_all(&r, options->need_labels);
    pld_annotation_list_release(&r.boxes);
    free(r.rows);
    return status;
}

pld_status pld_dataset_parse_yolo_labels(struct pld_dataset *out, int image, char *text,
                                         const char *file, struct pld_findings *findings)
{
    struct reader r = {.out = out, .findings = findings};
    pld_status status = read_lines(&r, text, file);
    if (status == PLD_OK) status = drop_repeated(&r, file);
    if (status == PLD_OK) status = store_rows(&r, image);
    if (status == PLD_OK) status = pld_annotation_list_store(&r.boxes, out);
    pld_annotation_list_release(&r.boxes);
    free(r.rows);
    return status;
}
