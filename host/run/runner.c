#include "run/runner.h"

#include <stdlib.h>
#include <string.h>

#include "core/rng.h"
#include "graph/passes.h"
#include "run/arrange.h"

struct pld_runner_lane {
    struct pld_lane *lane;
    void **inputs; /* [n_inputs] in the graph's layout, on the device */
    void *staging; /* host memory for the largest input; NULL where the device is the host */
};

static const struct pld_desc *input_desc(const struct pld_runner *r, int i)
{
    return &r->graph->values[r->graph->inputs[i]].desc;
}

static const struct pld_desc *output_desc(const struct pld_runner *r, int i)
{
    return &r->graph->values[r->graph->outputs[i]].desc;
}

/* Images in one run of the model as it is stored: the leading size of its first input. */
static int64_t own_batch(const struct pld_graph *model)
{
    if (!model->n_inputs) return 1;
    const struct pld_shape *shape = &model->values[model->inputs[0]].desc.shape;
    return shape->rank > 0 && shape->dim[0] > 0 ? shape->dim[0] : 1;
}

static pld_status choose_batch(struct pld_runner *r)
{
    /* A CPU runs the images of a batch beside each other, a GPU in one forward. */
    int64_t device = r->session.device->batch, asked = r->session.options->batch;
    r->piece = device > 1 ? (asked > 0 ? asked : device) : own_batch(r->session.model);
    r->batch = asked > 0 ? asked : r->piece;
    if (r->batch % r->piece)
        return pld_fail(PLD_EUSAGE, "--batch", "%s takes %lld images at a time, which %lld is not",
                        r->session.model->path, (long long)r->piece, (long long)r->batch);
    r->pieces = r->batch / r->piece;
    return PLD_OK;
}

static void fill(void *data, const struct pld_desc *desc, int64_t count, struct pld_rng *rng,
                 int64_t integer)
{
    for (int64_t i = 0; i < count; i++) {
        if (desc->dtype == PLD_F32)
            ((float *)data)[i] = (float)pld_rng_unit(rng);
        else if (desc->dtype == PLD_I64)
            ((int64_t *)data)[i] = integer;
        else if (desc->dtype == PLD_I32)
            ((int32_t *)data)[i] = (int32_t)integer;
    }
}

/* The width of the pictures, for integer inputs that tell their size. */
static int64_t picture_size(const struct pld_runner *r)
{
    for (int i = 0; i < r->graph->n_inputs; i++)
        if (input_desc(r, i)->shape.rank == 4) return input_desc(r, i)->shape.dim[3];
    return 1;
}

static pld_status new_arrays(struct pld_runner *r)
{
    struct pld_rng rng;
    pld_rng_init(&rng, r->session.options->seed);
    r->inputs = calloc((size_t)r->graph->n_inputs + 1, sizeof *r->inputs);
    r->outputs = calloc((size_t)r->graph->n_outputs + 1, sizeof *r->outputs);
    if (!r->inputs || !r->outputs) return pld_fail_memory("bench");
    for (int i = 0; i < r->graph->n_inputs; i++) {
        const struct pld_desc *desc = input_desc(r, i);
        int64_t count = pld_shape_count(&desc->shape) * r->pieces;
        r->inputs[i] = calloc((size_t)count + 1, pld_dtype_size(desc->dtype));
        if (!r->inputs[i]) return pld_fail_memory("inputs");
        fill(r->inputs[i], desc, count, &rng, picture_size(r));
    }
    for (int i = 0; i < r->graph->n_outputs; i++) {
        r->outputs[i] = calloc((size_t)r->pieces, pld_desc_bytes(output_desc(r, i)) + 1);
        if (!r->outputs[i]) return pld_fail_memory("outputs");
    }
    return PLD_OK;
}

static pld_status open_lane(struct pld_runner *r, struct pld_runner_lane *lane)
{
    struct pld_backend *device = r->session.device;
    size_t largest = 0;
    lane->inputs = calloc((size_t)r->graph->n_inputs + 1, sizeof *lane->inputs);
    if (!lane->inputs) return pld_fail_memory("lane");
    for (int i = 0; i < r->graph->n_inputs; i++) {
        size_t bytes = pld_desc_bytes(input_desc(r, i));
        if (bytes > largest) largest = bytes;
        lane->inputs[i] = device->alloc(device, bytes);
        if (!lane->inputs[i]) return pld_fail_memory("inputs");
    }
    if (device != r->session.host && !(lane->staging = malloc(largest + 1)))
        return pld_fail_memory("inputs");
    if (!r->team) PLD_TRY(pld_lane_new(&lane->lane, r->engine, pld_program_slab(r->program)));
    for (int i = 0; i < r->graph->n_inputs; i++) {
        if (r->team)
            pld_team_bind(r->team, r->graph->inputs[i], lane->inputs[i]);
        else
            pld_lane_bind(lane->lane, r->graph->inputs[i], lane->inputs[i]);
    }
    return PLD_OK;
}

/* Compiles session.model and makes lanes for it. */
static pld_status prepare(struct pld_runner *r)
{
    PLD_TRY(choose_batch(r));
    PLD_TRY(pld_graph_compile(&r->graph, r->session.model, r->session.host, r->session.device,
                              r->piece));
    PLD_TRY(pld_engine_new(&r->engine, r->graph, r->session.device));
    PLD_TRY(pld_program_new(&r->program, r->engine, NULL));
    PLD_TRY(new_arrays(r));
    r->threads = pld_pool_threads(r->session.pool);
    if (r->session.device->host_memory && r->pieces < r->threads) {
        PLD_TRY(pld_team_new(&r->team, r->engine, r->program, r->session.pool));
        r->threads = 1;
    }
    r->lanes = calloc((size_t)r->threads + 1, sizeof *r->lanes);
    if (!r->lanes) return pld_fail_memory("lanes");
    for (int t = 0; t < r->threads; t++)
        PLD_TRY(open_lane(r, &r->lanes[t]));
    return PLD_OK;
}

static pld_status open_runner(struct pld_runner *r, const struct pld_session_options *options,
                              const char *model)
{
    PLD_TRY(pld_session_open(&r->session, options));
    PLD_TRY(pld_session_load_model(&r->session, model));
    return prepare(r);
}

static pld_status lend(struct pld_runner *r, const struct pld_session *session,
                       struct pld_graph *model)
{
    r->lent = true;
    r->session = (struct pld_session){.options = session->options,
                                      .host = session->host,
                                      .device = session->device,
                                      .pool = session->pool,
                                      .model = model};
    return prepare(r);
}

static pld_status settle(struct pld_runner **out, pld_status status)
{
    if (status == PLD_OK) return PLD_OK;
    pld_runner_free(*out);
    *out = NULL;
    return status;
}

pld_status pld_runner_new(struct pld_runner **out, const struct pld_session_options *options,
                          const char *model)
{
    struct pld_runner *r = *out = calloc(1, sizeof *r);
    return r ? settle(out, open_runner(r, options, model)) : pld_fail_memory("bench");
}

pld_status pld_runner_on(struct pld_runner **out, const struct pld_session *session,
                         struct pld_graph *model)
{
    struct pld_runner *r = *out = calloc(1, sizeof *r);
    return r ? settle(out, lend(r, session, model)) : pld_fail_memory("bench");
}

void pld_runner_free(struct pld_runner *r)
{
    if (!r) return;
    for (int t = 0; r->lanes && t < r->threads; t++) {
        struct pld_runner_lane *lane = &r->lanes[t];
        pld_lane_free(lane->lane);
        for (int i = 0; lane->inputs && i < r->graph->n_inputs; i++)
            if (lane->inputs[i]) r->session.device->free(r->session.device, lane->inputs[i]);
        free(lane->inputs);
        free(lane->staging);
    }
    free(r->lanes);
    pld_team_free(r->team);
    for (int i = 0; r->inputs && i < r->graph->n_inputs; i++)
        free(r->inputs[i]);
    for (int i = 0; r->outputs && i < r->graph->n_outputs; i++)
        free(r->outputs[i]);
    free(r->inputs);
    free(r->outputs);
    pld_program_free(r->program);
    pld_engine_free(r->engine);
    pld_graph_free(r->graph);
    if (!r->lent) pld_session_close(&r->session);
    free(r);
}

static pld_status deliver(struct pld_runner *r, struct pld_runner_lane *lane, int64_t piece)
{
    struct pld_backend *device = r->session.device;
    for (int i = 0; i < r->graph->n_inputs; i++) {
        const struct pld_desc *desc = input_desc(r, i);
        size_t plain = (size_t)pld_shape_count(&desc->shape) * pld_dtype_size(desc->dtype);
        const char *from = (const char *)r->inputs[i] + (size_t)piece * plain;
        pld_arrange(lane->staging ? lane->staging : lane->inputs[i], desc, from);
        if (lane->staging)
            PLD_TRY(device->upload(device, lane->inputs[i], lane->staging, pld_desc_bytes(desc)));
    }
    return PLD_OK;
}

static pld_status collect(struct pld_runner *r, const struct pld_runner_lane *lane, int64_t piece)
{
    struct pld_backend *device = r->session.device;
    for (int i = 0; i < r->graph->n_outputs; i++) {
        size_t bytes = pld_desc_bytes(output_desc(r, i));
        const struct pld_value *value = &r->graph->values[r->graph->outputs[i]];
        char *to = (char *)r->outputs[i] + (size_t)piece * bytes;
        if (value->data) { /* constant folding */
            memcpy(to, value->data, bytes);
            continue;
        }
        const void *from = r->team ? pld_team_value(r->team, r->graph->outputs[i])
                                   : pld_lane_value(lane->lane, r->graph->outputs[i]);
        PLD_TRY(device->download(device, to, from, bytes));
    }
    return PLD_OK;
}

static pld_status run_piece(void *context, size_t piece, int worker)
{
    struct pld_runner *r = context;
    struct pld_runner_lane *lane = &r->lanes[worker];
    PLD_TRY(deliver(r, lane, (int64_t)piece));
    PLD_TRY(r->team ? pld_team_run(r->team) : pld_lane_run(lane->lane, r->program, NULL, NULL, 0));
    return collect(r, lane, (int64_t)piece);
}

pld_status pld_runner_run_piece(struct pld_runner *r)
{
    return run_piece(r, 0, 0);
}

pld_status pld_runner_run(struct pld_runner *r)
{
    for (int64_t p = 0; r->team && p < r->pieces; p++)
        PLD_TRY(run_piece(r, (size_t)p, 0));
    if (r->team) return PLD_OK;
    if (r->pieces == 1) return pld_runner_run_piece(r);
    return pld_pool_run(r->session.pool, (size_t)r->pieces, run_piece, r);
}

void pld_runner_set_timer(struct pld_runner *r, pld_step_timer timer, void *context)
{
    if (r->team) pld_team_set_timer(r->team, timer, context);
    for (int t = 0; !r->team && t < r->threads; t++)
        pld_lane_set_timer(r->lanes[t].lane, timer, context);
}
