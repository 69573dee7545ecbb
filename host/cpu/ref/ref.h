/* What reference kernels share. They index through strides, so every layout is served by one loop,
 * and they sum in double. Clarity before speed: the tests hold fast kernels against them. */
#ifndef PLD_CPU_REF_REF_H
#define PLD_CPU_REF_REF_H

#include <math.h>
#include <string.h>

#include "cpu/cpu_plan.h"
#include "backend/element.h"

/* Visits every index of a shape in row-major order:
 *   for (bool more = pld_index_first(at, &shape); more; more = pld_index_next(at, &shape)) */
static inline bool pld_index_first(int64_t at[PLD_MAX_RANK], const struct pld_shape *shape)
{
    memset(at, 0, PLD_MAX_RANK * sizeof at[0]);
    return pld_shape_count(shape) > 0;
}

static inline bool pld_index_next(int64_t at[PLD_MAX_RANK], const struct pld_shape *shape)
{
    for (int i = shape->rank - 1; i >= 0; i--) {
        if (++at[i] < shape->dim[i]) return true;
        at[i] = 0;
    }
    return false;
}

static inline int64_t pld_index_offset(const int64_t *at, const int64_t *stride, int rank)
{
    int64_t offset = 0;
    for (int i = 0; i < rank; i++)
        offset += at[i] * stride[i];
    return offset;
}

/* out[o] = in[i], for elements of `size` bytes. */
static inline void pld_element_copy(void *out, int64_t o, const void *in, int64_t i, size_t size)
{
    memcpy((char *)out + o * (int64_t)size, (const char *)in + i * (int64_t)size, size);
}

/* An activation; op = -1 is the identity. */
double pld_ref_act(const struct pld_act *act, double x);

/* For operators that reduce axes of input 0 (params.reduce): the input's shape as one index over
 * what stays (`rest`) and one over what is reduced (`span`), and where an index of `rest` is in the
 * output. */
void pld_ref_reduction(struct pld_shape *rest, struct pld_shape *span, int64_t stride[PLD_MAX_RANK],
                       const struct pld_cpu_plan *plan);

/* Element `at` of the indices in input 1, as an index into `axis` of input 0; negative ones count
 * from the end. PLD_EMODEL when it is outside. */
pld_status pld_ref_index(int64_t *out, const struct pld_cpu_plan *plan, const void *indices,
                         int64_t at, int axis);

/* A kernel whose file has static functions supports() and run(). */
#define PLD_REF_KERNEL(family)                                                  \
    extern const struct pld_kernel pld_ref_##family;                            \
    const struct pld_kernel pld_ref_##family = {.name = "ref." #family,         \
                                                .supports = supports,           \
                                                .plan_new = pld_cpu_plan_new,   \
                                                .plan_free = pld_cpu_plan_free, \
                                                .run = run}

/* Arguments of run() that a kernel has no use for. */
#define PLD_REF_UNUSED() ((void)lane, (void)workspace)

#endif
