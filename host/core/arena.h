/* Bump allocator: many small things that live and die together. Memory is zeroed. */
#ifndef PLD_CORE_ARENA_H
#define PLD_CORE_ARENA_H

#include <stddef.h>

struct pld_arena_block;
struct pld_arena {
    struct pld_arena_block *head;
};

/* A zeroed struct is an empty arena; pld_arena_release() frees everything handed out. */
void pld_arena_release(struct pld_arena *arena);

/* `size` zeroed bytes aligned to 16, owned by the arena; NULL (and an error record) on no memory.
 */
void *pld_arena_alloc(struct pld_arena *arena, size_t size);

/* count * size bytes with overflow check. */
void *pld_arena_array(struct pld_arena *arena, size_t count, size_t size);

/* Copy of a string, or of `n` bytes plus a terminating zero. */
char *pld_arena_strdup(struct pld_arena *arena, const char *s);
char *pld_arena_strndup(struct pld_arena *arena, const char *s, size_t n);

/* printf into the arena. */
char *pld_arena_printf(struct pld_arena *arena, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#endif
