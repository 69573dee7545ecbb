/* libFuzzer target: class names from a hostile model file. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "eval/names.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    if (!text) return 0;
    memcpy(text, data, size);
    text[size] = '\0';
    struct pld_arena arena = {0};
    const char *const *names;
    int count;
    if (pld_names_parse(&names, &count, &arena, text, "fuzz") == PLD_OK)
        for (int i = 0; i < count; i++)
            if (!names[i] || strlen(names[i]) > 4 * size) abort();
    pld_arena_release(&arena);
    free(text);
    return 0;
}
