/* Files: whole reads, atomic writes, digests. */
#ifndef PLD_CORE_FILE_H
#define PLD_CORE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "core/status.h"

struct pld_bytes {
    unsigned char *data; /* one zero byte follows the last */
    size_t size;
};

/* Reads a whole file. `code` is the status to fail with (PLD_EMODEL, PLD_EDATA, ...), since what
 * a missing file means is the caller's to say. Free with pld_bytes_release(). */
pld_status pld_file_read(struct pld_bytes *out, const char *path, pld_status code);
void pld_bytes_release(struct pld_bytes *bytes);

/* Writes through a temporary file in the same folder, fsync, rename: the old content or the
 * new, never a part. Fails with PLD_EFAIL. */
pld_status pld_file_write(const char *path, const void *data, size_t size);

/* Creates a folder and its parents; an existing folder is fine. Fails with PLD_EFAIL. */
pld_status pld_dir_make(const char *path);
bool pld_file_exists(const char *path);
bool pld_dir_exists(const char *path);

/* SHA-256 as 64 lower-case hex digits and a zero. */
void pld_sha256_hex(char out[65], const void *data, size_t size);
pld_status pld_sha256_file(char out[65], const char *path, pld_status code);

/* "dir/name", "dir" or "name" (from the last slash) into `out`; truncation is an error. */
pld_status pld_path_join(char *out, size_t size, const char *dir, const char *name);
pld_status pld_path_dirname(char *out, size_t size, const char *path);
const char *pld_path_basename(const char *path);

#endif
