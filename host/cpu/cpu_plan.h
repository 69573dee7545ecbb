/* The plan that kernels written here share: a copy of the signature, with strides. */
#ifndef PLD_CPU_CPU_PLAN_H
#define PLD_CPU_CPU_PLAN_H

#include "backend/backend.h"
#include "backend/signature.h"

struct pld_cpu_tensor {
    struct pld_desc desc;
    int64_t stride[PLD_MAX_RANK]; /* in elements, per logical axis; 0 beyond the rank */
    int64_t count;                /* elements */
    bool dense;                   /* elements fill one block of memory, in some order of the axes */
};

struct pld_cpu_plan {
    enum pld_op op;
    union pld_op_params params;
    int n_in, n_out;
    struct pld_cpu_tensor *in, *out; /* into tensors[] */
    struct pld_cpu_tensor tensors[];
};

/* The plan_new of kernels that need no workspace. */
pld_status pld_cpu_plan_new(void **plan, size_t *workspace, const struct pld_signature *sig);
void pld_cpu_plan_free(void *plan);
/* Fills one entry. */
void pld_cpu_tensor_init(struct pld_cpu_tensor *tensor, const struct pld_desc *desc);

/* Strides to read `tensor` as if it had the shape `target` (numpy broadcasting). */
void pld_cpu_broadcast(int64_t stride[PLD_MAX_RANK], const struct pld_cpu_tensor *tensor,
                       const struct pld_shape *target);

/* A tensor of rank 3 to 5 as N C D H W; in rank 4 D is 1, in rank 3 H too. */
struct pld_cpu_image {
    int64_t n, c, h, w;
    int64_t sn, sc, sh, sw; /* strides */
    int64_t d, sd;
};
struct pld_cpu_image pld_cpu_image_of(const struct pld_cpu_tensor *tensor);

#endif
