#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/file.h"
#include "core/str.h"
#include "graph/onnx.h"

struct place {
    const char *location;
    size_t offset, length;
    bool has_length;
};

static bool parse_size(const char *text, size_t *out)
{
    long long value;
    if (!text || !pld_parse_i64(text, &value) || value < 0) return false;
    *out = (size_t)value;
    return true;
}

static pld_status read_place(struct place *place, const Onnx__TensorProto *tensor, const char *name,
                             const char *path)
{
    *place = (struct place){0};
    for (size_t i = 0; i < tensor->n_external_data; i++) {
        const char *key = tensor->external_data[i]->key, *value = tensor->external_data[i]->value;
        bool good = true;
        if (!key) continue;
        if (strcmp(key, "location") == 0) place->location = value;
        if (strcmp(key, "offset") == 0) good = parse_size(value, &place->offset);
        if (strcmp(key, "length") == 0) {
            good = parse_size(value, &place->length);
            place->has_length = true;
        }
        if (!good)
            return pld_fail(PLD_EMODEL, path, "tensor '%s': external data has %s '%.40s'", name,
                            key, value ? value : "");
    }
    if (!place->location || !place->location[0])
        return pld_fail(PLD_EMODEL, path, "tensor '%s': external data without a location", name);
    return PLD_OK;
}

static bool below(const char *file, const char *folder)
{
    size_t n = strlen(folder);
    if (n == 1 && folder[0] == '/') return true;
    return strncmp(file, folder, n) == 0 && file[n] == '/';
}

/* The file must lie in the model's folder, or, where the model was reached through a symbolic link
 * (caches of model hubs), in the folder of the file it points to. A model cannot name other files
 * of the machine. */
static pld_status resolve(char out[PATH_MAX], const char *location, const char *name,
                          const char *path)
{
    char folder[PATH_MAX], joined[PATH_MAX], real[PATH_MAX];
    if (location[0] == '/')
        return pld_fail(PLD_EMODEL, path, "tensor '%s': external data has an absolute path", name);
    PLD_TRY(pld_path_dirname(folder, sizeof folder, path));
    PLD_TRY(pld_path_join(joined, sizeof joined, folder, location));
    if (!realpath(joined, out))
        return pld_fail(PLD_EMODEL, path, "tensor '%s': external data '%.200s': %s", name, location,
                        strerror(errno));
    if (realpath(folder, real) && below(out, real)) return PLD_OK;
    if (realpath(path, joined)) {
        PLD_TRY(pld_path_dirname(real, sizeof real, joined));
        if (below(out, real)) return PLD_OK;
    }
    return pld_fail(PLD_EMODEL, path,
                    "tensor '%s': external data '%.200s' is outside the model's folder", name,
                    location);
}

static bool read_all(int fd, unsigned char *out, size_t size, size_t offset)
{
    while (size) {
        ssize_t n = pread(fd, out, size, (off_t)offset);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return false;
        out += n;
        size -= (size_t)n;
        offset += (size_t)n;
    }
    return true;
}

static pld_status read_range(const void **data, struct pld_arena *arena, int fd,
                             const struct place *place, size_t bytes, const char *name,
                             const char *path)
{
    struct stat st;
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
        return pld_fail(PLD_EMODEL, path, "tensor '%s': external data '%.200s' is not a file", name,
                        place->location);
    size_t size = (size_t)st.st_size;
    if (place->has_length && place->length != bytes)
        return pld_fail(PLD_EMODEL, path,
                        "tensor '%s' has %zu bytes of external data where its shape says %zu", name,
                        place->length, bytes);
    if (place->offset > size || bytes > size - place->offset)
        return pld_fail(PLD_EMODEL, path,
                        "tensor '%s' ends behind its external data '%.200s' (%zu bytes)", name,
                        place->location, size);
    unsigned char *out = pld_arena_alloc(arena, bytes);
    if (!out) return PLD_EDEVICE;
    if (!read_all(fd, out, bytes, place->offset))
        return pld_fail(PLD_EMODEL, path, "tensor '%s': cannot read external data '%.200s'", name,
                        place->location);
    *data = out;
    return PLD_OK;
}

pld_status pld_onnx_external(const void **data, struct pld_arena *arena,
                             const Onnx__TensorProto *tensor, size_t bytes, const char *path)
{
    const char *name = tensor->name ? tensor->name : "";
    struct place place;
    char file[PATH_MAX];
    PLD_TRY(read_place(&place, tensor, name, path));
    PLD_TRY(resolve(file, place.location, name, path));
    int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return pld_fail(PLD_EMODEL, path, "tensor '%s': external data '%.200s': %s", name,
                        place.location, strerror(errno));
    pld_status status = read_range(data, arena, fd, &place, bytes, name, path);
    close(fd);
    return status;
}
