#include "run/graph_outputs.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "graph/exec.h"
#include "graph/passes.h"

void pld_graph_outputs_release(struct pld_graph_outputs *o)
{
    free(o->data);
    free(o->first);
    *o = (struct pld_graph_outputs){0};
}

static double element(const void *data, enum pld_dtype dtype, int64_t i)
{
    switch (dtype) {
    case PLD_F32:
        return ((const float *)data)[i];
    case PLD_F64:
        return ((const double *)data)[i];
    case PLD_I64:
        return (double)((const int64_t *)data)[i];
    case PLD_I32:
        return ((const int32_t *)data)[i];
    default:
        return ((const unsigned char *)data)[i];
    }
}

static pld_status collect(struct pld_graph_outputs *o, const struct pld_graph *compiled,
                          const struct pld_lane *lane)
{
    o->first = calloc((size_t)compiled->n_outputs + 1, sizeof *o->first);
    if (!o->first) return pld_fail_memory("proof");
    for (int i = 0; i < compiled->n_outputs; i++)
        o->first[i + 1] =
            o->first[i] + pld_shape_count(&compiled->values[compiled->outputs[i]].desc.shape);
    o->data = malloc(((size_t)o->first[compiled->n_outputs] + 1) * sizeof *o->data);
    if (!o->data) return pld_fail_memory("proof");
    for (int i = 0; i < compiled->n_outputs; i++) {
        int v = compiled->outputs[i];
        const void *data =
            compiled->values[v].data ? compiled->values[v].data : pld_lane_value(lane, v);
        for (int64_t k = o->first[i]; k < o->first[i + 1]; k++)
            o->data[k] = element(data, compiled->values[v].desc.dtype, k - o->first[i]);
    }
    return PLD_OK;
}

/* The CPU takes a graph input in whatever layout the compiled graph asks for. */
static void *arranged(const struct pld_desc *desc, const void *rows)
{
    size_t size = pld_dtype_size(desc->dtype);
    int64_t stride[PLD_MAX_RANK], at[PLD_MAX_RANK] = {0}, n = pld_shape_count(&desc->shape);
    unsigned char *out = malloc(pld_desc_bytes(desc) + 64);
    pld_desc_strides(stride, desc);
    for (int64_t i = 0; out && i < n; i++) {
        int64_t to = 0;
        for (int a = 0; a < desc->shape.rank; a++)
            to += at[a] * stride[a];
        memcpy(out + (size_t)to * size, (const unsigned char *)rows + (size_t)i * size, size);
        for (int a = desc->shape.rank - 1; a >= 0 && ++at[a] == desc->shape.dim[a]; a--)
            at[a] = 0;
    }
    return out;
}

static pld_status run_lane(struct pld_graph_outputs *o, const void *const *rows,
                           const struct pld_graph *compiled, struct pld_engine *engine,
                           struct pld_program *program)
{
    struct pld_lane *lane;
    PLD_TRY(pld_lane_new(&lane, engine, pld_program_slab(program)));
    pld_status status = PLD_OK;
    void **inputs = calloc((size_t)compiled->n_inputs + 1, sizeof *inputs);
    if (!inputs) status = pld_fail_memory("proof");
    for (int i = 0; inputs && i < compiled->n_inputs; i++) {
        inputs[i] = arranged(&compiled->values[compiled->inputs[i]].desc, rows[i]);
        if (!inputs[i]) status = pld_fail_memory("proof");
        pld_lane_bind(lane, compiled->inputs[i], inputs[i]);
    }
    if (status == PLD_OK) status = pld_lane_run(lane, program, NULL, NULL, 0);
    if (status == PLD_OK) status = collect(o, compiled, lane);
    for (int i = 0; inputs && i < compiled->n_inputs; i++)
        free(inputs[i]);
    free(inputs);
    pld_lane_free(lane);
    return status;
}

pld_status pld_graph_outputs(struct pld_graph_outputs *o, const struct pld_graph *model,
                             struct pld_backend *host, const void *const *rows)
{
    struct pld_graph *compiled = NULL;
    struct pld_engine *engine = NULL;
    struct pld_program *program = NULL;
    *o = (struct pld_graph_outputs){.n = model->n_outputs};
    pld_status status = pld_graph_compile(&compiled, model, host, host, 1);
    if (status == PLD_OK) status = pld_engine_new(&engine, compiled, host);
    if (status == PLD_OK) status = pld_program_new(&program, engine, NULL);
    if (status == PLD_OK) status = run_lane(o, rows, compiled, engine, program);
    pld_program_free(program);
    pld_engine_free(engine);
    pld_graph_free(compiled);
    return status;
}

double pld_graph_outputs_gap(const struct pld_graph_outputs *a, const struct pld_graph_outputs *b)
{
    double worst = 0;
    if (a->n != b->n) return INFINITY;
    for (int i = 0; i < b->n; i++) {
        int64_t n = b->first[i + 1] - b->first[i];
        double square = 0;
        if (a->first[i + 1] - a->first[i] != n) return INFINITY;
        for (int64_t k = b->first[i]; k < b->first[i + 1]; k++)
            square += b->data[k] * b->data[k];
        double rms = n ? sqrt(square / (double)n) : 0;
        for (int64_t k = b->first[i]; k < b->first[i + 1]; k++) {
            double gap = fabs(a->data[k] - b->data[k]), scale = fmax(fabs(b->data[k]), rms);
            if (gap == 0 || (isnan(a->data[k]) && isnan(b->data[k]))) continue;
            double relative = gap / scale;
            if (!(relative <= worst)) worst = isnan(relative) ? INFINITY : relative;
        }
    }
    return worst;
}
