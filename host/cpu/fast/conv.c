#include "cpu/fast/conv.h"

#include "cpu/fast/gemm.h"
#include "cpu/fast/simd.h"

enum { INPUT_X, INPUT_WEIGHTS, INPUT_BIAS, INPUT_ADD };

static bool pixels(const struct pld_desc *desc)
{
    struct pld_cpu_tensor tensor;
    int rank = desc->shape.rank;
    if (desc->dtype != PLD_F32 || rank < 3 || rank > 4 || pld_shape_count(&desc->shape) == 0)
        return false;
    pld_cpu_tensor_init(&tensor, desc);
    return desc->shape.dim[1] == 1 || tensor.stride[1] == 1;
}

bool pld_conv_suits(const struct pld_signature *sig, bool group)
{
    const struct pld_conv_params *p = &sig->params->conv;
    if (!pld_gemm_available() || sig->n_in < 2 || !pld_sig_single(sig)) return false;
    if (!pld_sig_is(sig, PLD_F32) || sig->varies & 2) return false;
    if (!pixels(&sig->in[INPUT_X]) || !pixels(&sig->out[0])) return false;
    if (pld_sig_has(sig, INPUT_ADD) && !pixels(&sig->in[INPUT_ADD])) return false;
    if (sig->in[INPUT_WEIGHTS].shape.rank != sig->in[INPUT_X].shape.rank) return false;
    if (sig->in[INPUT_WEIGHTS].layout != PLD_ROW_MAJOR) return false;
    if (p->act.op >= 0 && !pld_fast_unary_of(p->act.op)) return false;
    return group || p->group == 1;
}

static struct pld_cpu_image image_of(const struct pld_desc *desc)
{
    struct pld_cpu_tensor tensor;
    pld_cpu_tensor_init(&tensor, desc);
    return pld_cpu_image_of(&tensor);
}

void pld_conv_geometry_init(struct pld_conv_geometry *g, const struct pld_signature *sig)
{
    const struct pld_conv_params *p = &sig->params->conv;
    struct pld_cpu_image weights = image_of(&sig->in[INPUT_WEIGHTS]);
    *g = (struct pld_conv_geometry){
        .in = image_of(&sig->in[INPUT_X]),
        .out = image_of(&sig->out[0]),
        .kernel = {weights.h, weights.w},
        .bias = pld_sig_has(sig, INPUT_BIAS),
        .finish = {.act = p->act,
                   .gemm_activates = pld_gemm_activates(&p->act),
                   .add = PLD_CONV_ADD_NONE},
    };
    for (int i = 0; i < 2; i++) {
        g->stride[i] = p->window.stride[i];
        g->dilation[i] = p->window.dilation[i];
        g->pad[i] = p->window.pad_begin[i];
    }
    if (!pld_sig_has(sig, INPUT_ADD)) return;
    g->add = image_of(&sig->in[INPUT_ADD]);
    g->finish.add = p->add;
}

struct pld_conv_data pld_conv_data_of(const struct pld_conv_geometry *g, const void *const *in,
                                      void *const *out)
{
    return (struct pld_conv_data){
        .in = in[INPUT_X],
        .weights = in[INPUT_WEIGHTS],
        .bias = g->bias ? in[INPUT_BIAS] : NULL,
        .add = g->finish.add != PLD_CONV_ADD_NONE ? in[INPUT_ADD] : NULL,
        .out = out[0],
    };
}

PLD_SIMD static void add_row(float *restrict out, const float *restrict add, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        out[i] += add[i];
}

void pld_conv_finish_rows(const struct pld_conv_finish *finish, float *out, int64_t step,
                          const float *add, int64_t add_step, int64_t rows, int64_t n,
                          bool gemm_done)
{
    const struct pld_act *act =
        finish->act.op >= 0 && !(gemm_done && finish->gemm_activates) ? &finish->act : NULL;
    bool late = finish->add == PLD_CONV_ADD_LATE;
    bool early = finish->add == PLD_CONV_ADD_EARLY && !gemm_done;
    if (step == n && (!(early || late) || add_step == n)) {
        n *= rows;
        rows = 1;
    }
    for (int64_t r = 0; early && r < rows; r++)
        add_row(out + r * step, add + r * add_step, n);
    if (act && finish->gemm_activates)
        pld_gemm_activate(act, out, step, rows, n);
    else if (act)
        for (int64_t r = 0; r < rows; r++)
            pld_fast_unary_of(act->op)(out + r * step, out + r * step, n, act->alpha, act->beta);
    for (int64_t r = 0; late && r < rows; r++)
        add_row(out + r * step, add + r * add_step, n);
}

struct pld_span pld_span_of(int64_t count, int share, int shares)
{
    return (struct pld_span){count * share / shares, count * (share + 1) / shares};
}
