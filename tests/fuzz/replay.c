/* Runs a fuzz target without a fuzzer: every file of a corpus folder as it is, then a fixed series
 * of cut and altered copies of it. Crashes and sanitizer reports fail the test. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MUTATIONS = 300 };

/* splitmix64: the series must not depend on the C library. */
static uint64_t next(uint64_t *state)
{
    uint64_t z = (*state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static void mutate(uint8_t *copy, size_t *size, uint64_t *state)
{
    if (next(state) % 4 == 0) *size = next(state) % (*size + 1);
    if (*size == 0) return;
    for (uint64_t n = 1 + next(state) % 8; n > 0; n--) {
        uint8_t *at = &copy[next(state) % *size];
        switch (next(state) % 4) {
        case 0:
            *at ^= (uint8_t)(1u << next(state) % 8);
            break;
        case 1:
            *at = (uint8_t)next(state);
            break;
        case 2:
            *at = 0xff;
            break;
        default:
            *at = (uint8_t)(*at + 1);
            break;
        }
    }
}

static int replay_file(const char *path, uint64_t *state)
{
    FILE *file = fopen(path, "rb");
    if (!file) return 0;
    fseek(file, 0, SEEK_END);
    long length = ftell(file);
    rewind(file);
    size_t full = length > 0 ? (size_t)length : 0;
    uint8_t *data = malloc(full + 1);
    if (!data || fread(data, 1, full, file) != full) {
        perror(path);
        exit(1);
    }
    fclose(file);
    LLVMFuzzerTestOneInput(data, full);
    for (int i = 0; i < MUTATIONS; i++) {
        /* A block of exactly the size, so that an overread by one is seen. */
        size_t size = full;
        uint8_t *copy = malloc(full ? full : 1);
        if (!copy) exit(1);
        memcpy(copy, data, full);
        mutate(copy, &size, state);
        uint8_t *exact = realloc(copy, size ? size : 1);
        LLVMFuzzerTestOneInput(exact, size);
        free(exact);
    }
    free(data);
    return 1;
}

static int visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

int main(int argc, char **argv)
{
    uint64_t state = 1;
    int files = 0;
    LLVMFuzzerTestOneInput((const uint8_t *)"", 0);
    for (int i = 1; i < argc; i++) {
        struct dirent **names = NULL;
        int n = scandir(argv[i], &names, visible, alphasort);
        for (int k = 0; k < n; k++) {
            char path[4096];
            snprintf(path, sizeof path, "%s/%s", argv[i], names[k]->d_name);
            files += replay_file(path, &state);
            free(names[k]);
        }
        free(names);
    }
    printf("%d files, %d mutations of each\n", files, MUTATIONS);
    return 0;
}
