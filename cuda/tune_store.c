#include "cuda/tune_store.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/file.h"
#include "cuda/device.h"

/* "" when there is no place for it. */
static void store_path(char *out, size_t size)
{
    struct cudaDeviceProp prop;
    char folder[400], name[300];
    int device = 0;
    const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    out[0] = '\0';
    if (cache && *cache)
        snprintf(folder, sizeof folder, "%.380s/pollard", cache);
    else if (home && *home)
        snprintf(folder, sizeof folder, "%.370s/.cache/pollard", home);
    else
        return;
    if (cudaGetDevice(&device) != cudaSuccess ||
        cudaGetDeviceProperties(&prop, device) != cudaSuccess)
        return;
    snprintf(name, sizeof name, "%s-cudnn%zu.tune", prop.name, cudnnGetVersion());
    for (char *c = name; *c; c++)
        if (*c == ' ' || *c == '/') *c = '-';
    if (pld_dir_make(folder) == PLD_OK) snprintf(out, size, "%s/%s", folder, name);
}

bool pld_tune_find(const char *key, int *variant, int *config)
{
    char path[800];
    struct pld_bytes text;
    bool found = false;
    store_path(path, sizeof path);
    if (!path[0] || !pld_file_exists(path)) return false;
    if (pld_file_read(&text, path, PLD_EFAIL) != PLD_OK) return false;
    size_t length = strlen(key);
    for (char *line = (char *)text.data; line && *line; line = strchr(line, '\n')) {
        if (*line == '\n') line++;
        if (strncmp(line, key, length) == 0 && line[length] == ' ')
            found = sscanf(line + length, "%d %d", variant, config) == 2;
    }
    pld_bytes_release(&text);
    return found;
}

void pld_tune_keep(const char *key, int variant, int config)
{
    char path[800], line[512];
    store_path(path, sizeof path);
    int n = snprintf(line, sizeof line, "%s %d %d\n", key, variant, config);
    if (!path[0] || n < 0 || n >= (int)sizeof line) return;
    /* One short append is whole even when several programs tune at once. */
    int file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (file < 0) return;
    if (write(file, line, (size_t)n) != n) unlink(path);
    close(file);
}
