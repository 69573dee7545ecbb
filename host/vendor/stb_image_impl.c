/* The one translation unit that holds stb_image. */
#include <stdint.h>
#include <stdlib.h>

#include "stb_limit.h"

_Thread_local size_t pld_stb_limit = SIZE_MAX;

static void *limited_malloc(size_t size)
{
    return size > pld_stb_limit ? NULL : malloc(size);
}

static void *limited_realloc(void *data, size_t size)
{
    return size > pld_stb_limit ? NULL : realloc(data, size);
}

#define STBI_MALLOC(size)        limited_malloc(size)
#define STBI_REALLOC(data, size) limited_realloc(data, size)
#define STBI_FREE(data)          free(data)
#define STB_IMAGE_IMPLEMENTATION
#define STBI_NO_HDR
#define STBI_NO_LINEAR
#define STBI_FAILURE_USERMSG
#include "stb/stb_image.h"
