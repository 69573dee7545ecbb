/* Shape of the whole input (a range of its axes is computed where the attributes are known). */
#include "cpu/ref/ref.h"

static bool supports(const struct pld_signature *sig)
{
    return sig->op == PLD_OP_SHAPE && sig->n_in == 1 && pld_sig_single(sig) &&
           sig->out[0].dtype == PLD_I64 &&
           pld_shape_count(&sig->out[0].shape) == sig->in[0].shape.rank;
}

static pld_status run(const void *plan_, void *lane, const void *const *in, void *const *out,
                      void *workspace)
{
    PLD_REF_UNUSED();
    (void)in;
    const struct pld_cpu_plan *plan = plan_;
    const struct pld_shape *shape = &plan->in[0].desc.shape;
    memcpy(out[0], shape->dim, (size_t)shape->rank * sizeof shape->dim[0]);
    return PLD_OK;
}

PLD_REF_KERNEL(shape);
