/* The pictures of make_eval_vectors.py, and its digests. */
#ifndef EVAL_VECTORS_NOISE_H
#define EVAL_VECTORS_NOISE_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"

/* RGB bytes of noise(width, height, seed); the caller frees. */
static inline uint8_t *noise(int width, int height, int seed)
{
    size_t n = (size_t)width * (size_t)height * 3;
    uint8_t *rgb = malloc(n);
    for (size_t i = 0; rgb && i < n; i++) {
        uint32_t v = ((uint32_t)i + (uint32_t)seed) * 2654435761u;
        v ^= v >> 15;
        rgb[i] = (uint8_t)(v * 2246822519u >> 24);
    }
    return rgb;
}

/* Whether the first 16 hex digits of the SHA-256 of `n` bytes are these. */
static inline int has_digest(const uint8_t *bytes, size_t n, const char *digest)
{
    char hex[65];
    pld_sha256_hex(hex, bytes, n);
    return strncmp(hex, digest, 16) == 0;
}

#endif
