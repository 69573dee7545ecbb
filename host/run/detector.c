#include "run/detector.h"

#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/log.h"
#include "core/progress.h"
#include "eval/side_input.h"
#include "graph/passes.h"

/* The input that takes pictures: the one of rank 4. The others are filled from tables. */
static pld_status find_input(int *out, const struct pld_graph *graph)
{
    *out = PLD_NONE;
    for (int i = 0; i < graph->n_inputs; i++) {
        const struct pld_value *value = &graph->values[graph->inputs[i]];
        if (value->desc.shape.rank != 4) continue;
        if (*out != PLD_NONE)
            return pld_fail(PLD_EMODEL, graph->path, "two inputs take pictures: %s and %s",
                            graph->values[*out].name, value->name);
        *out = graph->inputs[i];
    }
    if (*out == PLD_NONE)
        return pld_fail(PLD_EMODEL, graph->path, "no input takes pictures (rank 4)");
    const struct pld_value *value = &graph->values[*out];
    if (value->desc.dtype != PLD_F32 || value->desc.shape.dim[1] != 3)
        return pld_fail(PLD_EMODEL, value->name, "input must be float32 with 3 channels");
    return PLD_OK;
}

/* Whole numbers (labels) are handed to heads as floats. */
static bool readable(enum pld_dtype type)
{
    return type == PLD_F32 || type == PLD_I64 || type == PLD_I32;
}

static pld_status check_outputs(const struct pld_graph *graph, int batch)
{
    for (int i = 0; i < graph->n_outputs; i++) {
        const struct pld_value *value = &graph->values[graph->outputs[i]];
        const struct pld_shape *shape = &value->desc.shape;
        if (!readable(value->desc.dtype))
            return pld_fail(PLD_EMODEL, value->name,
                            "output is %s, heads read float32 and integers",
                            pld_dtype_name(value->desc.dtype));
        if (batch > 1 && (shape->rank < 1 || shape->dim[0] != batch)) {
            char text[96];
            return pld_fail(PLD_EMODEL, value->name,
                            "output %s does not follow the batch size %d: use --batch 1",
                            pld_shape_text(text, sizeof text, shape), batch);
        }
    }
    return PLD_OK;
}

static pld_status fill_side_inputs(struct pld_detector *d)
{
    const struct pld_shape *picture = &d->graph->values[d->input].desc.shape;
    d->side = calloc((size_t)d->graph->n_inputs + 1, sizeof *d->side);
    if (!d->side) return pld_fail_memory("detector");
    for (int i = 0; i < d->graph->n_inputs; i++) {
        const struct pld_value *value = &d->graph->values[d->graph->inputs[i]];
        if (d->graph->inputs[i] == d->input) continue;
        PLD_TRY(
            pld_mirror_init(&d->side[i], d->session->device, pld_desc_bytes(&value->desc), false));
        PLD_TRY(pld_side_input_fill(d->side[i].host, &value->desc, value->name,
                                    (int)picture->dim[3], (int)picture->dim[2]));
        PLD_TRY(pld_mirror_send(&d->side[i]));
    }
    return PLD_OK;
}

static pld_status open_at_batch(struct pld_detector **out, const struct pld_session *session,
                                const struct pld_graph *model, int batch)
{
    struct pld_detector *d = calloc(1, sizeof *d);
    if (!d) return pld_fail_memory("detector");
    d->session = session;
    d->batch = batch;
    pld_status status =
        pld_graph_compile(&d->graph, model, session->host, session->device, d->batch);
    if (status == PLD_OK) status = find_input(&d->input, d->graph);
    if (status == PLD_OK) status = check_outputs(d->graph, d->batch);
    if (status == PLD_OK) status = fill_side_inputs(d);
    if (status == PLD_OK) status = pld_engine_new(&d->engine, d->graph, session->device);
    if (status != PLD_OK) {
        pld_detector_free(d);
        return status;
    }
    d->outputs = d->graph->outputs;
    d->n_outputs = d->graph->n_outputs;
    *out = d;
    return PLD_OK;
}

/* Without --batch the device's choice, if the model can be widened to it. */
pld_status pld_detector_new(struct pld_detector **out, const struct pld_session *session,
                            const struct pld_graph *model)
{
    *out = NULL;
    int asked = session->options->batch, batch = asked > 0 ? asked : session->device->batch;
    pld_status status = open_at_batch(out, session, model, batch);
    if (status != PLD_EMODEL || asked > 0 || batch <= 1) return status;
    pld_log(PLD_LOG_INFO, "one image a forward: %s", pld_error_last()->message);
    return open_at_batch(out, session, model, 1);
}

void pld_detector_free(struct pld_detector *detector)
{
    if (!detector) return;
    for (int i = 0; detector->side && i < detector->graph->n_inputs; i++)
        pld_mirror_release(&detector->side[i]);
    free(detector->side);
    pld_engine_free(detector->engine);
    pld_graph_free(detector->graph);
    free(detector);
}

int pld_detector_steps(const struct pld_detector *detector, int images)
{
    return (images + detector->batch - 1) / detector->batch;
}

/* Room for the outputs of a batch, and for the float copies of integer ones of an image. */
static pld_status output_room(struct pld_detector_lane *lane, struct pld_backend *device)
{
    const struct pld_detector *d = lane->detector;
    for (int i = 0; i < d->n_outputs; i++) {
        const struct pld_desc *desc = &d->graph->values[d->outputs[i]].desc;
        PLD_TRY(pld_mirror_init(&lane->fetched[i], device, pld_desc_bytes(desc), true));
        if (desc->dtype == PLD_F32) continue;
        size_t n = (size_t)pld_shape_count(&desc->shape);
        lane->converted[i] = malloc((n + 1) * sizeof(float));
        if (!lane->converted[i]) return pld_fail_memory("lane");
    }
    return PLD_OK;
}

pld_status pld_detector_lane_new(struct pld_detector_lane **out,
                                 const struct pld_detector *detector, size_t slab)
{
    *out = NULL;
    struct pld_detector_lane *lane = calloc(1, sizeof *lane);
    if (!lane) return pld_fail_memory("lane");
    const struct pld_desc *input = &detector->graph->values[detector->input].desc;
    struct pld_backend *device = pld_engine_backend(detector->engine);
    lane->detector = detector;
    lane->outputs = calloc((size_t)detector->n_outputs + 1, sizeof *lane->outputs);
    lane->converted = calloc((size_t)detector->n_outputs + 1, sizeof *lane->converted);
    lane->fetched = calloc((size_t)detector->n_outputs + 1, sizeof *lane->fetched);
    lane->data = calloc((size_t)detector->n_outputs + 1, sizeof *lane->data);
    bool room = lane->outputs && lane->converted && lane->fetched && lane->data;
    pld_status status = room ? output_room(lane, device) : pld_fail_memory("lane");
    if (status == PLD_OK)
        status = pld_mirror_init(&lane->input, device, pld_desc_bytes(input), false);
    if (status == PLD_OK) status = pld_lane_new(&lane->lane, detector->engine, slab);
    for (int i = 0; i < detector->graph->n_inputs && status == PLD_OK; i++)
        if (detector->side[i].memory)
            pld_lane_bind(lane->lane, detector->graph->inputs[i], detector->side[i].memory);
    if (status != PLD_OK) {
        pld_detector_lane_free(lane);
        return status;
    }
    *out = lane;
    return PLD_OK;
}

void pld_detector_lane_free(struct pld_detector_lane *lane)
{
    if (!lane) return;
    pld_lane_free(lane->lane);
    pld_mirror_release(&lane->input);
    for (int i = 0; i < lane->detector->n_outputs; i++) {
        if (lane->converted) free(lane->converted[i]);
        if (lane->fetched) pld_mirror_release(&lane->fetched[i]);
    }
    free(lane->converted);
    free(lane->fetched);
    free(lane->data);
    free(lane->outputs);
    pld_candidates_release(&lane->candidates);
    free(lane);
}

pld_status pld_detector_feed(struct pld_detector_lane *lane, int step)
{
    const struct pld_detector *d = lane->detector;
    const struct pld_loaded_set *set = d->session->images;
    const struct pld_desc *input = &d->graph->values[d->input].desc;
    size_t picture = (size_t)pld_shape_count(&input->shape) / (size_t)d->batch;
    for (int i = 0; i < d->batch; i++) {
        int image = step * d->batch + i;
        if (image >= set->count) image = set->count - 1;
        pld_preprocess_normalise((float *)lane->input.host + (size_t)i * picture,
                                 pld_loaded_set_image(set, image), set->width, set->height,
                                 input->layout == PLD_CHANNELS_LAST, d->session->preprocess);
    }
    pld_lane_bind(lane->lane, d->input, lane->input.memory);
    return pld_mirror_send(&lane->input);
}

/* Brings the outputs of the batch to the host. */
static pld_status fetch_outputs(struct pld_detector_lane *lane)
{
    const struct pld_detector *d = lane->detector;
    for (int k = 0; k < d->n_outputs; k++)
        PLD_TRY(pld_mirror_fetch(&lane->data[k], &lane->fetched[k],
                                 pld_lane_value(lane->lane, d->outputs[k])));
    return PLD_OK;
}

/* Output `k` of image `i` of the batch, which was fetched. Outputs without a batch axis come with a
 * batch of 1. */
static void view_output(struct pld_detector_lane *lane, int k, int i)
{
    const struct pld_detector *d = lane->detector;
    const struct pld_desc *desc = &d->graph->values[d->outputs[k]].desc;
    const void *data = lane->data[k];
    struct pld_head_output *output = &lane->outputs[k];
    output->shape = desc->shape;
    if (d->batch > 1) output->shape.dim[0] = 1;
    size_t n = (size_t)pld_shape_count(&output->shape), at = (size_t)i * n;
    float *converted = lane->converted[k];
    output->data = converted ? converted : (const float *)data + at;
    for (size_t j = 0; converted && j < n; j++)
        converted[j] = desc->dtype == PLD_I64 ? (float)((const int64_t *)data)[at + j]
                                              : (float)((const int32_t *)data)[at + j];
}

pld_status pld_detector_decode(struct pld_candidates *out, struct pld_detector_lane *lane, int i,
                               float conf)
{
    struct pld_head_model head = lane->detector->session->head;
    head.defaults.best_class = false;
    PLD_TRY(fetch_outputs(lane));
    for (int k = 0; k < lane->detector->n_outputs; k++)
        view_output(lane, k, i);
    return head.head->decode(out, &head, lane->outputs, conf);
}

pld_status pld_detector_collect(struct pld_detections *out, struct pld_detector_lane *lane,
                                int step)
{
    const struct pld_detector *d = lane->detector;
    const struct pld_session *session = d->session;
    PLD_TRY(fetch_outputs(lane));
    for (int i = 0; i < d->batch; i++) {
        int image = step * d->batch + i;
        if (image >= session->images->count) break;
        for (int k = 0; k < d->n_outputs; k++)
            view_output(lane, k, i);
        PLD_TRY(pld_head_detect(out, &lane->candidates, &session->head, lane->outputs,
                                &session->images->placements[image], session->images->first + image,
                                session->class_map, &session->decode));
    }
    return PLD_OK;
}

/* ---- a whole pass over the images ---- */

struct pass {
    const struct pld_detector *detector;
    const struct pld_program *program;
    struct pld_detector_lane **lanes;   /* [threads] */
    struct pld_detections *found;       /* [steps]: in order whatever the threads do */
    struct pld_detect_seconds *seconds; /* [threads] */
    struct pld_progress *progress;
};

static pld_status detect_step(void *context, size_t step, int worker)
{
    struct pass *pass = context;
    struct pld_detector_lane *lane = pass->lanes[worker];
    double start = pld_clock_now();
    PLD_TRY(pld_detector_feed(lane, (int)step));
    PLD_TRY(pld_lane_run(lane->lane, pass->program, NULL, NULL, 0));
    double forward = pld_clock_now();
    PLD_TRY(pld_detector_collect(&pass->found[step], lane, (int)step));
    pass->seconds[worker].forward += forward - start;
    pass->seconds[worker].post += pld_clock_now() - forward;
    pld_progress_add(pass->progress, pass->detector->batch, NULL);
    return PLD_OK;
}

static pld_status join(struct pld_detections *out, const struct pld_detections *parts, int n)
{
    for (int i = 0; i < n; i++)
        for (size_t k = 0; k < parts[i].count; k++)
            PLD_TRY(pld_detections_add(out, &parts[i].items[k]));
    return PLD_OK;
}

pld_status pld_detector_run(struct pld_detections *out, const struct pld_detector *detector,
                            struct pld_detect_seconds *seconds)
{
    const struct pld_session *session = detector->session;
    int threads = pld_pool_threads(session->pool);
    int steps = pld_detector_steps(detector, session->images->count);
    struct pld_program *program = NULL;
    struct pass pass = {.detector = detector};
    pass.lanes = calloc((size_t)threads, sizeof(struct pld_detector_lane *));
    pass.found = calloc((size_t)steps + 1, sizeof *pass.found);
    pass.seconds = calloc((size_t)threads, sizeof *pass.seconds);
    pld_status status = pass.lanes && pass.found && pass.seconds ? PLD_OK : pld_fail_memory("eval");
    if (status == PLD_OK) status = pld_program_new(&program, detector->engine, NULL);
    for (int t = 0; t < threads && status == PLD_OK; t++)
        status = pld_detector_lane_new(&pass.lanes[t], detector, pld_program_slab(program));
    if (status == PLD_OK) {
        pass.program = program;
        pass.progress = pld_progress_start("eval", session->images->count, session->options->quiet);
        status = pld_pool_run(session->pool, (size_t)steps, detect_step, &pass);
        pld_progress_stop(pass.progress);
    }
    if (status == PLD_OK) status = join(out, pass.found, steps);
    for (int t = 0; t < threads && pass.seconds && seconds; t++) {
        seconds->forward += pass.seconds[t].forward;
        seconds->post += pass.seconds[t].post;
    }
    for (int t = 0; pass.lanes && t < threads; t++)
        pld_detector_lane_free(pass.lanes[t]);
    for (int i = 0; pass.found && i < steps; i++)
        pld_detections_release(&pass.found[i]);
    free(pass.lanes);
    free(pass.found);
    free(pass.seconds);
    pld_program_free(program);
    return status;
}
