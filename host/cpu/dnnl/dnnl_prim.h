/* A oneDNN primitive, and what one lane needs to execute it. */
#ifndef PLD_CPU_DNNL_DNNL_PRIM_H
#define PLD_CPU_DNNL_DNNL_PRIM_H

#include "cpu/dnnl/dnnl_shim.h"

enum { PLD_PRIM_ARGS = 5 };

struct pld_prim {
    dnnl_primitive_desc_t pd;
    dnnl_primitive_t primitive;
    int n;
    int arg[PLD_PRIM_ARGS];       /* DNNL_ARG_..., the scratchpad last */
    pld_md_ref md[PLD_PRIM_ARGS]; /* borrowed from pd */
    size_t scratchpad;            /* bytes */
};

/* Is there an implementation, and not only the (very slow) reference one? */
bool pld_prim_fast(const_dnnl_primitive_desc_t pd);

/* Takes over `pd` (also on failure). `args` does not name the scratchpad. */
pld_status pld_prim_init(struct pld_prim *prim, dnnl_primitive_desc_t pd, const int *args, int n,
                         const char *node);
void pld_prim_release(struct pld_prim *prim);

struct pld_prim_lane;
pld_status pld_prim_lane_new(struct pld_prim_lane **lane, const struct pld_prim *prim);
void pld_prim_lane_free(struct pld_prim_lane *lane);

/* Executes; `data` in the order of args, then the scratchpad. */
pld_status pld_prim_run(const struct pld_prim *prim, struct pld_prim_lane *lane,
                        const void *const *data);

#endif
