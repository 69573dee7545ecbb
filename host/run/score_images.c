#include "run/score_images.h"

#include <stdlib.h>

#include "core/progress.h"
#include "prune/group_axis.h"
#include "run/detector.h"

/* Feature maps of a group's channels: a value that one of its consumers reads. */
struct source {
    int group, value, axis;
    int *unit_of; /* [size of the axis] */
};

struct features {
    struct pld_scorer *scorer;
    struct pld_detector *detector;
    struct pld_program *program;
    struct pld_arena arena;
    struct source *sources;
    int n_sources;
    int *first;      /* [n_groups + 1] number of a group's first unit among all units */
    double *maps;    /* [units] feature maps that a unit has an image */
    double *results; /* [steps][units] sums, so that no order of threads changes a bit */
    size_t scratch;  /* doubles of the largest map */
    struct pld_detector_lane **lanes;
    double **buffers;
    struct pld_progress *progress;
};

/* What a consumer reads, seen through copies that do not run. */
static int data_input(const struct pld_graph *model, int node)
{
    int value = model->nodes[node].in[0];
    while (model->values[value].producer != PLD_NONE) {
        const struct pld_node *from = &model->nodes[model->values[value].producer];
        if (from->op != PLD_OP_IDENTITY && from->op != PLD_OP_DROPOUT) break;
        value = from->in[0];
    }
    return value;
}

static bool known(const struct features *f, int g, int value)
{
    for (int i = 0; i < f->n_sources; i++)
        if (f->sources[i].group == g && f->sources[i].value == value) return true;
    return false;
}

static pld_status add_source(struct features *f, int g, int node)
{
    const struct pld_groups *groups = f->scorer->groups;
    struct source s = {.group = g, .value = data_input(groups->graph, node)};
    if (known(f, g, s.value)) return PLD_OK;
    PLD_TRY(pld_group_axis(&s.axis, &s.unit_of, &f->arena, groups, g, s.value));
    const struct pld_graph *graph = f->detector->graph;
    const struct pld_value *value = &graph->values[s.value];
    bool there = value->producer != PLD_NONE && pld_node_live(&graph->nodes[value->producer]);
    if (s.axis < 1 || !there || value->desc.dtype != PLD_F32) return PLD_OK;
    int channels = (int)value->desc.shape.dim[s.axis];
    size_t map = (size_t)(pld_shape_count(&value->desc.shape) / channels);
    if (map > f->scratch) f->scratch = map;
    for (int c = 0; c < channels; c++)
        if (s.unit_of[c] >= 0) f->maps[f->first[g] + s.unit_of[c]]++;
    f->sources[f->n_sources++] = s;
    return PLD_OK;
}

static pld_status find_sources(struct features *f)
{
    const struct pld_groups *groups = f->scorer->groups;
    int consumers = 0;
    for (int g = 0; g < groups->n_groups; g++) {
        f->first[g + 1] = f->first[g] + groups->groups[g].units;
        consumers += groups->groups[g].n_consumers;
    }
    f->sources = pld_arena_array(&f->arena, (size_t)consumers + 1, sizeof *f->sources);
    f->maps = pld_arena_array(&f->arena, (size_t)f->first[groups->n_groups] + 1, sizeof *f->maps);
    if (!f->sources || !f->maps) return PLD_EDEVICE;
    for (int g = 0; g < groups->n_groups; g++) {
        const struct pld_group *group = &groups->groups[g];
        int before = f->n_sources;
        for (int i = 0; group->prunable && i < group->n_consumers; i++)
            PLD_TRY(add_source(f, g, group->consumers[i]));
        if (group->prunable && f->n_sources == before)
            return pld_fail(PLD_EUSAGE, "--criterion",
                            "%s sees no feature map of %s (%s) in the compiled graph",
                            f->scorer->criterion->name, group->id, group->name);
    }
    return PLD_OK;
}

/* Copies the map of one channel; returns its height (1 where it is no picture). */
static int copy_map(float *map, int *width, const float *data, const struct pld_desc *desc,
                    int axis, int image, int channel)
{
    const struct pld_shape *shape = &desc->shape;
    int64_t size = shape->dim[axis], outer = 1, inner = 1;
    for (int a = 1; a < axis; a++)
        outer *= shape->dim[a];
    for (int a = axis + 1; a < shape->rank; a++)
        inner *= shape->dim[a];
    const float *from = data + image * outer * size * inner;
    bool last = desc->layout == PLD_CHANNELS_LAST;
    for (int64_t o = 0; o < outer; o++)
        for (int64_t i = 0; i < inner; i++)
            map[o * inner + i] =
                last ? from[i * size + channel] : from[(o * size + channel) * inner + i];
    bool picture = shape->rank == 4 && axis == 1;
    *width = (int)(picture ? shape->dim[3] : outer * inner);
    return picture ? (int)shape->dim[2] : 1;
}

static void add_features(struct features *f, const struct source *s, const float *data, int image,
                         double *sums, double *buffer)
{
    const struct pld_desc *desc = &f->detector->graph->values[s->value].desc;
    float *map = (float *)(buffer + f->scratch);
    for (int c = 0; c < (int)desc->shape.dim[s->axis]; c++) {
        if (s->unit_of[c] < 0) continue;
        int width, height = copy_map(map, &width, data, desc, s->axis, image, c);
        sums[f->first[s->group] + s->unit_of[c]] +=
            f->scorer->criterion->feature(map, height, width, buffer);
    }
}

static pld_status feature_step(void *context, size_t step, int worker)
{
    struct features *f = context;
    struct pld_detector_lane *lane = f->lanes[worker];
    int batch = f->detector->batch, images = f->detector->session->images->count;
    double *sums = f->results + step * (size_t)f->first[f->scorer->groups->n_groups];
    PLD_TRY(pld_detector_feed(lane, (int)step));
    PLD_TRY(pld_lane_run(lane->lane, f->program, NULL, NULL, 0));
    for (int s = 0; s < f->n_sources; s++)
        for (int i = 0; i < batch && (int)step * batch + i < images; i++)
            add_features(f, &f->sources[s], pld_lane_value(lane->lane, f->sources[s].value), i,
                         sums, f->buffers[worker]);
    pld_progress_add(f->progress, batch, NULL);
    return PLD_OK;
}

static pld_status collect(struct features *f, int steps, int images)
{
    struct pld_scorer *scorer = f->scorer;
    const struct pld_groups *groups = scorer->groups;
    int units = f->first[groups->n_groups];
    for (int g = 0; g < groups->n_groups; g++) {
        if (!groups->groups[g].prunable) continue;
        double *scores =
            pld_arena_array(&scorer->arena, (size_t)groups->groups[g].units, sizeof *scores);
        if (!scores) return PLD_EDEVICE;
        for (int u = f->first[g]; u < f->first[g + 1]; u++) {
            double sum = 0;
            for (int s = 0; s < steps; s++)
                sum += f->results[(size_t)s * (size_t)units + (size_t)u];
            scores[u - f->first[g]] = f->maps[u] ? sum / (f->maps[u] * images) : 0;
        }
        scorer->measured[g] = scores;
    }
    return PLD_OK;
}

static pld_status prepare(struct features *f, int steps, int threads)
{
    const struct pld_graph *graph = f->detector->graph;
    f->first = pld_arena_array(&f->arena, (size_t)f->scorer->groups->n_groups + 1, sizeof(int));
    bool *keep = pld_arena_array(&f->arena, (size_t)graph->n_values + 1, sizeof *keep);
    f->lanes = pld_arena_array(&f->arena, (size_t)threads, sizeof(void *));
    f->buffers = pld_arena_array(&f->arena, (size_t)threads, sizeof(void *));
    if (!f->first || !keep || !f->lanes || !f->buffers) return PLD_EDEVICE;
    PLD_TRY(find_sources(f));
    for (int s = 0; s < f->n_sources; s++)
        keep[f->sources[s].value] = true;
    struct pld_program_options options = {.keep = keep};
    PLD_TRY(pld_program_new(&f->program, f->detector->engine, &options));
    size_t units = (size_t)f->first[f->scorer->groups->n_groups];
    f->results = pld_arena_array(&f->arena, (size_t)steps * units + 1, sizeof *f->results);
    if (!f->results) return PLD_EDEVICE;
    for (int t = 0; t < threads; t++) {
        f->buffers[t] = pld_arena_array(&f->arena, f->scratch + 1, sizeof(double) + sizeof(float));
        if (!f->buffers[t]) return PLD_EDEVICE;
        PLD_TRY(pld_detector_lane_new(&f->lanes[t], f->detector, pld_program_slab(f->program)));
    }
    return PLD_OK;
}

static pld_status measure_features(struct pld_scorer *scorer, const struct pld_session *session,
                                   const struct pld_graph *model)
{
    struct features f = {.scorer = scorer};
    PLD_TRY(pld_detector_new(&f.detector, session, model));
    int images = session->images->count, threads = pld_pool_threads(session->pool);
    int steps = pld_detector_steps(f.detector, images);
    pld_status status = prepare(&f, steps, threads);
    if (status == PLD_OK) {
        f.progress = pld_progress_start("criterion", images, session->options->quiet);
        status = pld_pool_run(session->pool, (size_t)steps, feature_step, &f);
        pld_progress_stop(f.progress);
    }
    if (status == PLD_OK) status = collect(&f, steps, images);
    for (int t = 0; f.lanes && t < threads; t++)
        pld_detector_lane_free(f.lanes[t]);
    pld_program_free(f.program);
    pld_detector_free(f.detector);
    pld_arena_release(&f.arena);
    return status;
}

pld_status pld_scorer_measure(struct pld_scorer *scorer, const struct pld_session *session,
                              const struct pld_graph *model)
{
    if (!scorer->criterion || !pld_criterion_needs_images(scorer->criterion)) return PLD_OK;
    if (!session->images)
        return pld_fail(PLD_EUSAGE, "--criterion", "%s needs images: --calibrate DATA",
                        scorer->criterion->name);
    if (!scorer->criterion->output && !session->device->host_memory)
        return pld_fail(PLD_EUSAGE, "--device",
                        "criterion %s reads activations on the CPU: use --device cpu",
                        scorer->criterion->name);
    scorer->measured = pld_arena_array(&scorer->arena, (size_t)scorer->groups->n_groups + 1,
                                       sizeof *scorer->measured);
    if (!scorer->measured) return PLD_EDEVICE;
    return scorer->criterion->output ? pld_scorer_measure_outputs(scorer, session, model)
                                     : measure_features(scorer, session, model);
}
