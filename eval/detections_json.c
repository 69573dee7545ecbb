/* COCO results files of any size: a list of entries, parsed in pieces of a few hundred kilobytes,
 * by as many threads as there are.
 *
 * The file is cut where "} , {" stands, which may be between two entries, and may be inside of one
 * or of a string. Put into brackets, a piece is a JSON list of its own if and only if it ends
 * between two entries, provided that it begins there: inside of anything, a bracket or quote stays
 * open. The first piece begins rightly; so by induction do all that follow a piece which parses. A
 * piece that does not is joined with those behind it and parsed again, until it does or is wrong
 * for itself. So every byte is judged by the parser, and neither threads nor cuts change the
 * result.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/json.h"
#include "eval/detections_internal.h"

enum {
    PIECE = 256 << 10,    /* bytes of the file in a piece; a worker's memory stays in its cache */
    WINDOW = 4 << 10,     /* bytes to look for a cut in at a time */
    MAX_PIECE = 64 << 20, /* no list of entries has one that long */
};

struct piece {
    uint64_t begin, end; /* bytes of the file, without the comma at the end */
    struct pld_detection *items;
    size_t count;
    bool done;
};

/* A worker's memory. */
struct workspace {
    char *text; /* [text_size] */
    void *values;
    size_t text_size, values_size;
};

struct file {
    const char *path;
    const struct pld_dataset *dataset;
    int fd;
    uint64_t size;
    size_t piece; /* bytes to cut after */
    struct piece *pieces;
    size_t count, capacity;
    struct workspace *workspaces;
    int workers;
};

/* ---- bytes --------------------------------------------------------------------------------- */

static pld_status read_bytes(const struct file *file, char *out, uint64_t at, size_t size)
{
    while (size) {
        ssize_t n = pread(file->fd, out, size, (off_t)at);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0)
            return pld_fail(PLD_EDATA, file->path, "cannot read: %s",
                            n ? strerror(errno) : "file shrank");
        out += n;
        at += (uint64_t)n;
        size -= (size_t)n;
    }
    return PLD_OK;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

/* ---- cuts ---------------------------------------------------------------------------------- */

static pld_status add_piece(struct file *file, uint64_t begin)
{
    if (file->count == file->capacity) {
        size_t capacity = file->capacity ? 2 * file->capacity : 64;
        struct piece *pieces = realloc(file->pieces, capacity * sizeof *pieces);
        if (!pieces) return pld_fail_memory("pieces of a detections file");
        file->pieces = pieces;
        file->capacity = capacity;
    }
    file->pieces[file->count++] = (struct piece){.begin = begin, .end = file->size};
    return PLD_OK;
}

/* Cuts at the first "} , {" in [from, to), if there is one. */
static pld_status cut(struct file *file, uint64_t from, uint64_t to)
{
    enum { NOTHING, BRACE, COMMA } seen = NOTHING;
    uint64_t comma = 0;
    char window[WINDOW];
    for (uint64_t at = from; at < to; at += WINDOW) {
        size_t n = to - at < WINDOW ? (size_t)(to - at) : WINDOW;
        PLD_TRY(read_bytes(file, window, at, n));
        for (size_t i = 0; i < n; i++) {
            char c = window[i];
            if (c == '}') {
                seen = BRACE;
            } else if (c == ',' && seen == BRACE) {
                seen = COMMA;
                comma = at + i;
            } else if (c == '{' && seen == COMMA) {
                file->pieces[file->count - 1].end = comma;
                return add_piece(file, comma + 1);
            } else if (!is_space(c)) {
                seen = NOTHING;
            }
        }
    }
    return PLD_OK;
}

static pld_status cut_all(struct file *file)
{
    PLD_TRY(add_piece(file, 0));
    for (uint64_t at = file->piece; at < file->size; at += file->piece)
        PLD_TRY(cut(file, at, file->size - at < file->piece ? file->size : at + file->piece));
    return PLD_OK;
}

/* ---- pieces -------------------------------------------------------------------------------- */

static pld_status reserve(struct workspace *space, size_t size)
{
    size_t values = yyjson_read_max_memory_usage(size, YYJSON_READ_INSITU);
    if (size + YYJSON_PADDING_SIZE <= space->text_size && values <= space->values_size)
        return PLD_OK;
    free(space->text);
    free(space->values);
    space->text_size = size + YYJSON_PADDING_SIZE;
    space->values_size = values;
    space->text = malloc(space->text_size);
    space->values = malloc(values);
    return space->text && space->values ? PLD_OK : pld_fail_memory("piece of a detections file");
}

/* Bytes [begin, end) of the file as a JSON document in `space`. NULL with error->code, or with 0
 * where the bytes could not be read (an error record). Error positions are those in the file. */
static yyjson_doc *parse(const struct file *file, struct workspace *space, uint64_t begin,
                         uint64_t end, yyjson_read_err *error)
{
    bool first = begin == 0, last = end == file->size;
    size_t size = (size_t)(end - begin), at = 0;
    *error = (yyjson_read_err){0};
    if (reserve(space, size + 2) != PLD_OK) return NULL;
    if (!first) space->text[at++] = '[';
    if (read_bytes(file, space->text + at, begin, size) != PLD_OK) return NULL;
    at += size;
    if (!last) space->text[at++] = ']';
    memset(space->text + at, 0, YYJSON_PADDING_SIZE);
    yyjson_alc alc;
    yyjson_alc_pool_init(&alc, space->values, space->values_size);
    yyjson_doc *doc = yyjson_read_opts(space->text, at, YYJSON_READ_INSITU, &alc, error);
    error->pos += begin - !first;
    return doc;
}

/* Entries of a parsed piece, of which the first has number `index` in the file. */
static pld_status take_entries(const struct file *file, struct piece *piece, yyjson_val *root,
                               size_t index)
{
    struct pld_entry_reader reader = {.path = file->path,
                                      .dataset = file->dataset,
                                      .index = index,
                                      .last_image = -1,
                                      .last_category = -1};
    piece->count = yyjson_arr_size(root);
    piece->items = malloc((piece->count + 1) * sizeof *piece->items);
    if (!piece->items) return pld_fail_memory("detections");
    struct pld_detection *item = piece->items;
    yyjson_arr_iter it = yyjson_arr_iter_with(root);
    for (yyjson_val *entry; (entry = yyjson_arr_iter_next(&it)); reader.index++)
        PLD_TRY(pld_entry_read(item++, &reader, entry));
    piece->done = true;
    return PLD_OK;
}

/* What is wrong with a piece is found out later, when it is known where it really begins. */
static pld_status piece_task(void *context, size_t index, int worker)
{
    struct file *file = context;
    struct piece *piece = &file->pieces[index];
    yyjson_read_err error;
    if (piece->end - piece->begin > MAX_PIECE) return PLD_OK;
    yyjson_doc *doc = parse(file, &file->workspaces[worker], piece->begin, piece->end, &error);
    if (doc) take_entries(file, piece, yyjson_doc_get_root(doc), 0);
    yyjson_doc_free(doc);
    return PLD_OK;
}

static void forget(struct piece *piece)
{
    free(piece->items);
    *piece = (struct piece){.begin = piece->begin, .end = piece->end};
}

/* Joins pieces [i, *next) into piece i, twice as many each time, until they are a list. `index` is
 * the number of the first entry. */
static pld_status repair(struct file *file, size_t i, size_t *next, size_t index)
{
    struct piece *piece = &file->pieces[i];
    uint64_t tried = 0; /* where the text of the attempt before ended */
    for (size_t n = 1;; n *= 2) {
        *next = file->count - i < n ? file->count : i + n;
        piece->end = file->pieces[*next - 1].end;
        for (size_t j = i; j < *next; j++)
            forget(&file->pieces[j]);
        if (piece->end - piece->begin > MAX_PIECE)
            return pld_fail(PLD_EDATA, file->path,
                            "an entry at byte %llu does not end within %d MiB",
                            (unsigned long long)piece->begin, MAX_PIECE >> 20);
        yyjson_read_err error;
        yyjson_doc *doc = parse(file, file->workspaces, piece->begin, piece->end, &error);
        if (doc) {
            pld_status status = take_entries(file, piece, yyjson_doc_get_root(doc), index);
            yyjson_doc_free(doc);
            return status;
        }
        if (!error.code) return pld_error_last()->code;
        /* A fault within text that was there before too does not come from the cut. */
        if (*next == file->count || error.pos < tried)
            return pld_fail(PLD_EDATA, file->path, "invalid JSON at byte %zu: %s", error.pos,
                            error.msg);
        tried = piece->end;
    }
}

/* Repairs what has to be, and leaves the pieces that hold the entries in order. */
static pld_status check_pieces(struct file *file, size_t *total)
{
    size_t kept = 0, next;
    *total = 0;
    for (size_t i = 0; i < file->count; i = next) {
        next = i + 1;
        if (!file->pieces[i].done) PLD_TRY(repair(file, i, &next, *total));
        *total += file->pieces[i].count;
        struct piece piece = file->pieces[i];
        file->pieces[i].items = NULL;
        file->pieces[kept++] = piece;
    }
    file->count = kept;
    return PLD_OK;
}

static pld_status collect(struct pld_detections *out, struct file *file)
{
    size_t total;
    PLD_TRY(check_pieces(file, &total));
    PLD_TRY(pld_detections_reserve(out, total));
    for (size_t i = 0; i < file->count; i++) {
        struct piece *piece = &file->pieces[i];
        if (piece->count)
            memcpy(out->items + out->count, piece->items, piece->count * sizeof *piece->items);
        out->count += piece->count;
        forget(piece);
    }
    return PLD_OK;
}

static pld_status parse_all(struct file *file, struct pld_pool *pool)
{
    file->workers = pool ? pld_pool_threads(pool) : 1;
    file->workspaces = calloc((size_t)file->workers, sizeof *file->workspaces);
    if (!file->workspaces) return pld_fail_memory("detections file");
    if (pool) return pld_pool_run(pool, file->count, piece_task, file);
    for (size_t i = 0; i < file->count; i++)
        PLD_TRY(piece_task(file, i, 0));
    return PLD_OK;
}

/* ---- the file ------------------------------------------------------------------------------ */

/* A document that is no list: what it is instead. */
static pld_status not_a_list(const struct file *file)
{
    yyjson_doc *doc = NULL;
    if (file->size <= MAX_PIECE) PLD_TRY(pld_json_read(&doc, file->path, PLD_EDATA));
    bool annotations = yyjson_obj_get(yyjson_doc_get_root(doc), "annotations");
    yyjson_doc_free(doc);
    return pld_fail(PLD_EDATA, file->path, "not a list of detections%s",
                    annotations ? " (these look like annotations)" : "");
}

static pld_status check_start(const struct file *file)
{
    char window[WINDOW];
    for (uint64_t at = 0; at < file->size; at += WINDOW) {
        size_t n = file->size - at < WINDOW ? (size_t)(file->size - at) : WINDOW;
        PLD_TRY(read_bytes(file, window, at, n));
        for (size_t i = 0; i < n; i++)
            if (!is_space(window[i])) return window[i] == '[' ? PLD_OK : not_a_list(file);
    }
    return pld_fail(PLD_EDATA, file->path, "invalid JSON: the file is empty");
}

static pld_status open_file(struct file *file)
{
    struct stat st;
    file->fd = open(file->path, O_RDONLY | O_CLOEXEC);
    if (file->fd < 0) return pld_fail(PLD_EDATA, file->path, "cannot open: %s", strerror(errno));
    if (fstat(file->fd, &st) != 0)
        return pld_fail(PLD_EDATA, file->path, "cannot stat: %s", strerror(errno));
    if (!S_ISREG(st.st_mode)) return pld_fail(PLD_EDATA, file->path, "not a regular file");
    file->size = (uint64_t)st.st_size;
    return PLD_OK;
}

static void close_file(struct file *file)
{
    for (size_t i = 0; i < file->count; i++)
        free(file->pieces[i].items);
    for (int w = 0; file->workspaces && w < file->workers; w++) {
        free(file->workspaces[w].text);
        free(file->workspaces[w].values);
    }
    free(file->pieces);
    free(file->workspaces);
    if (file->fd >= 0) close(file->fd);
}

pld_status pld_detections_read_json(struct pld_detections *out, const char *path,
                                    const struct pld_dataset *dataset, struct pld_pool *pool,
                                    size_t piece)
{
    *out = (struct pld_detections){0};
    struct file file = {.path = path, .dataset = dataset, .fd = -1, .piece = piece ? piece : PIECE};
    pld_status status = open_file(&file);
    if (status == PLD_OK) status = check_start(&file);
    if (status == PLD_OK) status = cut_all(&file);
    if (status == PLD_OK) status = parse_all(&file, pool);
    if (status == PLD_OK) status = collect(out, &file);
    close_file(&file);
    if (status != PLD_OK) pld_detections_release(out);
    return status;
}
