/* Einsum: out[o...] = sum over the other indices of the product of all inputs. */
#include "cpu/ref/ref.h"

static bool supports(const struct pld_signature *sig)
{
    return sig->n_in >= 1 && sig->n_in <= PLD_EINSUM_INPUTS && pld_sig_single(sig) &&
           pld_sig_same(sig) && sig->in[0].dtype != PLD_BOOL;
}

/* Strides of an input along every index of the equation; an axis of 1 is broadcast. */
static void label_strides(int64_t *stride, const struct pld_cpu_plan *plan, int input)
{
    const struct pld_cpu_tensor *x = &plan->in[input];
    memset(stride, 0, PLD_EINSUM_LABELS * sizeof *stride);
    for (int a = 0; a < x->desc.shape.rank; a++)
        if (x->desc.shape.dim[a] > 1) stride[plan->params.einsum.label[input][a]] += x->stride[a];
}

/* Steps a counter over sizes; false behind the last. */
static bool step(int64_t *at, const int64_t *size, int n)
{
    for (int i = n - 1; i >= 0; i--) {
        if (++at[i] < size[i]) return true;
        at[i] = 0;
    }
    return false;
}

static pld_status run(const void *plan_, void *lane, const void *const *in, void *const *out,
                      void *workspace)
{
    PLD_REF_UNUSED();
    const struct pld_cpu_plan *plan = plan_;
    const struct pld_einsum_params *p = &plan->params.einsum;
    const struct pld_cpu_tensor *z = &plan->out[0];
    enum pld_dtype dtype = z->desc.dtype;
    bool real = pld_dtype_is_float(dtype), empty = false;
    int64_t stride[PLD_EINSUM_INPUTS][PLD_EINSUM_LABELS], at[PLD_EINSUM_LABELS] = {0};
    int summed = p->n_labels - p->n_out;
    for (int i = 0; i < plan->n_in; i++)
        label_strides(stride[i], plan, i);
    for (int l = p->n_out; l < p->n_labels; l++)
        empty |= p->size[l] == 0;
    if (z->count == 0) return PLD_OK;
    do {
        double sum = 0;
        uint64_t whole = 0;
        do {
            double product = 1;
            uint64_t factor = 1;
            for (int i = 0; i < plan->n_in && !empty; i++) {
                int64_t o = pld_index_offset(at, stride[i], p->n_labels);
                product *= pld_load(dtype, in[i], o);
                factor *= real ? 0 : (uint64_t)pld_load_int(dtype, in[i], o);
            }
            sum += empty ? 0 : product;
            whole += empty ? 0 : factor;
        } while (step(at + p->n_out, p->size + p->n_out, summed));
        int64_t o = pld_index_offset(at, z->stride, p->n_out);
        if (real)
            pld_store(dtype, out[0], o, sum);
        else
            pld_store_int(dtype, out[0], o, (int64_t)whole);
    } while (step(at, p->size, p->n_out));
    return PLD_OK;
}

PLD_REF_KERNEL(einsum);
