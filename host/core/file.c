#include "core/file.h"

#include <errno.h>
#include <fcntl.h>
#include <sha2.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

pld_status pld_file_read(struct pld_bytes *out, const char *path, pld_status code)
{
    *out = (struct pld_bytes){0};
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return pld_fail(code, path, "cannot open: %s", strerror(errno));
    pld_status status = PLD_OK;
    struct stat st;
    if (fstat(fd, &st) != 0) {
        status = pld_fail(code, path, "cannot stat: %s", strerror(errno));
        goto out;
    }
    if (!S_ISREG(st.st_mode)) {
        status = pld_fail(code, path, "not a regular file");
        goto out;
    }
    size_t size = (size_t)st.st_size;
    unsigned char *data = malloc(size + 1);
    if (!data) {
        status = pld_fail_memory(path);
        goto out;
    }
    size_t got = 0;
    while (got < size) {
        ssize_t n = read(fd, data + got, size - got);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) {
            status = pld_fail(code, path, "cannot read: %s", n ? strerror(errno) : "file shrank");
            free(data);
            goto out;
        }
        got += (size_t)n;
    }
    data[size] = 0;
    *out = (struct pld_bytes){data, size};
out:
    close(fd);
    return status;
}

void pld_bytes_release(struct pld_bytes *bytes)
{
    free(bytes->data);
    *bytes = (struct pld_bytes){0};
}

static bool write_all(int fd, const unsigned char *data, size_t size)
{
    while (size) {
        ssize_t n = write(fd, data, size);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return false;
        data += n;
        size -= (size_t)n;
    }
    return true;
}

pld_status pld_file_write(const char *path, const void *data, size_t size)
{
    char temp[4096];
    if (snprintf(temp, sizeof temp, "%s.XXXXXX", path) >= (int)sizeof temp)
        return pld_fail(PLD_EFAIL, path, "path too long");
    int fd = mkstemp(temp);
    if (fd < 0) return pld_fail(PLD_EFAIL, path, "cannot write: %s", strerror(errno));
    mode_t mask = umask(0);
    umask(mask);
    bool good = write_all(fd, data, size) && fchmod(fd, 0666 & ~mask) == 0 && fsync(fd) == 0;
    int error = errno;
    if (close(fd) != 0 && good) {
        good = false;
        error = errno;
    }
    if (good && rename(temp, path) != 0) {
        good = false;
        error = errno;
    }
    if (good) return PLD_OK;
    unlink(temp);
    return pld_fail(PLD_EFAIL, path, "cannot write: %s", strerror(error));
}

pld_status pld_dir_make(const char *path)
{
    char part[4096];
    size_t n = strlen(path);
    if (n == 0 || n >= sizeof part) return pld_fail(PLD_EFAIL, path, "unusable folder name");
    memcpy(part, path, n + 1);
    for (size_t i = 1; i <= n; i++) {
        if (part[i] != '/' && part[i] != '\0') continue;
        char saved = part[i];
        part[i] = '\0';
        if (mkdir(part, 0777) != 0 && !pld_dir_exists(part))
            return pld_fail(PLD_EFAIL, path, "cannot create folder: %s", strerror(errno));
        part[i] = saved;
    }
    return PLD_OK;
}

bool pld_file_exists(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

bool pld_dir_exists(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

void pld_sha256_hex(char out[65], const void *data, size_t size)
{
    SHA2_CTX ctx;
    uint8_t digest[SHA256_DIGEST_LENGTH];
    SHA256Init(&ctx);
    SHA256Update(&ctx, data, size);
    SHA256Final(digest, &ctx);
    for (int i = 0; i < SHA256_DIGEST_LENGTH; i++)
        snprintf(out + 2 * i, 3, "%02x", digest[i]);
}

pld_status pld_sha256_file(char out[65], const char *path, pld_status code)
{
    struct pld_bytes bytes;
    PLD_TRY(pld_file_read(&bytes, path, code));
    pld_sha256_hex(out, bytes.data, bytes.size);
    pld_bytes_release(&bytes);
    return PLD_OK;
}

pld_status pld_path_join(char *out, size_t size, const char *dir, const char *name)
{
    int n;
    if (name[0] == '/' || dir[0] == '\0')
        n = snprintf(out, size, "%s", name);
    else
        n = snprintf(out, size, "%s%s%s", dir, dir[strlen(dir) - 1] == '/' ? "" : "/", name);
    if (n < 0 || (size_t)n >= size) return pld_fail(PLD_EFAIL, name, "path too long");
    return PLD_OK;
}

pld_status pld_path_dirname(char *out, size_t size, const char *path)
{
    const char *slash = strrchr(path, '/');
    size_t n = slash ? (size_t)(slash - path) : 0;
    if (slash == path) n = 1;
    if (n + 2 > size) return pld_fail(PLD_EFAIL, path, "path too long");
    if (n)
        memcpy(out, path, n);
    else
        out[n++] = '.';
    out[n] = '\0';
    return PLD_OK;
}

const char *pld_path_basename(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}
