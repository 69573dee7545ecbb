/* .npy files as inputs of a forward pass. */
#include <stddef.h>
#include <stdint.h>

#include "run/npy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct pld_npy npy;
    pld_npy_parse(&npy, data, size, "fuzz.npy");
    pld_npy_release(&npy);
    return 0;
}
