#include "core/arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/status.h"

enum { BLOCK_SIZE = 64 * 1024, ALIGN = 16 };

struct pld_arena_block {
    struct pld_arena_block *next;
    size_t used, size; /* bytes of data[] */
    _Alignas(ALIGN) unsigned char data[];
};

void pld_arena_release(struct pld_arena *arena)
{
    struct pld_arena_block *block = arena->head;
    while (block) {
        struct pld_arena_block *next = block->next;
        free(block);
        block = next;
    }
    arena->head = NULL;
}

void *pld_arena_alloc(struct pld_arena *arena, size_t size)
{
    if (size > SIZE_MAX / 2) {
        pld_fail_memory("arena");
        return NULL;
    }
    size = (size + ALIGN - 1) / ALIGN * ALIGN;
    if (!arena->head || arena->head->size - arena->head->used < size) {
        size_t capacity = size > BLOCK_SIZE ? size : BLOCK_SIZE;
        struct pld_arena_block *block = calloc(1, sizeof *block + capacity);
        if (!block) {
            pld_fail_memory("arena");
            return NULL;
        }
        block->size = capacity;
        block->next = arena->head;
        arena->head = block;
    }
    void *out = arena->head->data + arena->head->used;
    arena->head->used += size;
    return out;
}

void *pld_arena_array(struct pld_arena *arena, size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes)) {
        pld_fail_memory("arena array");
        return NULL;
    }
    return pld_arena_alloc(arena, bytes);
}

char *pld_arena_strndup(struct pld_arena *arena, const char *s, size_t n)
{
    char *out = pld_arena_alloc(arena, n + 1);
    if (out && n) memcpy(out, s, n);
    return out;
}

char *pld_arena_strdup(struct pld_arena *arena, const char *s)
{
    return pld_arena_strndup(arena, s, strlen(s));
}

char *pld_arena_printf(struct pld_arena *arena, const char *fmt, ...)
{
    va_list args, copy;
    va_start(args, fmt);
    va_copy(copy, args);
    int n = vsnprintf(NULL, 0, fmt, copy);
    va_end(copy);
    char *out = n < 0 ? NULL : pld_arena_alloc(arena, (size_t)n + 1);
    if (out) vsnprintf(out, (size_t)n + 1, fmt, args);
    va_end(args);
    return out;
}
