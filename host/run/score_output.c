#include <stdlib.h>

#include "core/progress.h"
#include "eval/metrics/agreement.h"
#include "run/score_images.h"
#include "run/suffix.h"

struct outputs {
    struct pld_scorer *scorer;
    const struct pld_session *session;
    struct pld_detector *detector;
    struct pld_detections base;
    struct pld_arena arena;
    struct pld_suffix *items;
    int n_items;
    struct pld_progress *progress;
};

/* One candidate a unit. */
static pld_status list_items(struct outputs *o)
{
    const struct pld_groups *groups = o->scorer->groups;
    o->items = pld_arena_array(&o->arena, (size_t)groups->n_groups + 1, sizeof *o->items);
    if (!o->items) return PLD_EDEVICE;
    for (int g = 0; g < groups->n_groups; g++) {
        if (!groups->groups[g].prunable) continue;
        int units = groups->groups[g].units;
        int *order = pld_arena_array(&o->arena, (size_t)units, sizeof *order);
        int *from = pld_arena_array(&o->arena, (size_t)units, sizeof *from);
        int *removed = pld_arena_array(&o->arena, (size_t)units, sizeof *removed);
        if (!order || !from || !removed) return PLD_EDEVICE;
        for (int u = 0; u < units; u++) {
            order[u] = from[u] = u;
            removed[u] = u + 1;
        }
        o->items[o->n_items++] = (struct pld_suffix){
            .group = g, .removed = removed, .from = from, .n_candidates = units, .order = order};
    }
    return PLD_OK;
}

static pld_status score_chunk(struct outputs *o, const struct pld_chunk *chunk,
                              const struct pld_detections *found)
{
    for (int i = chunk->first; i < chunk->first + chunk->count; i++) {
        const struct pld_suffix *item = &o->items[i];
        double *scores =
            pld_arena_array(&o->scorer->arena, (size_t)item->n_candidates, sizeof *scores);
        if (!scores) return PLD_EDEVICE;
        for (int u = 0; u < item->n_candidates; u++) {
            double agreement;
            PLD_TRY(
                pld_agreement(&agreement, NULL, 0, &o->base, found++, o->session->images->count));
            scores[u] = 1 - agreement;
        }
        o->scorer->measured[item->group] = scores;
    }
    return PLD_OK;
}

static void on_cost(void *context, int64_t macs)
{
    pld_progress_add(context, (double)macs, NULL);
}

static pld_status run_chunk(struct outputs *o, const struct pld_suffixes *suffixes,
                            const struct pld_chunk *chunk)
{
    struct pld_detections *found = calloc((size_t)chunk->candidates + 1, sizeof *found);
    if (!found) return pld_fail_memory("criterion");
    pld_status status = pld_suffixes_run(found, suffixes, chunk, on_cost, o->progress);
    if (status == PLD_OK) status = score_chunk(o, chunk, found);
    for (int i = 0; i < chunk->candidates; i++)
        pld_detections_release(&found[i]);
    free(found);
    return status;
}

pld_status pld_scorer_measure_outputs(struct pld_scorer *scorer, const struct pld_session *session,
                                      const struct pld_graph *model)
{
    struct outputs o = {.scorer = scorer, .session = session};
    struct pld_suffixes *suffixes = NULL;
    pld_status status = pld_detector_new(&o.detector, session, model);
    if (status == PLD_OK) status = pld_detector_run(&o.base, o.detector, NULL);
    if (status == PLD_OK) status = list_items(&o);
    if (status == PLD_OK)
        status = pld_suffixes_new(&suffixes, o.detector, scorer->groups, o.items, o.n_items);
    if (status == PLD_OK) {
        int steps = pld_detector_steps(o.detector, session->images->count);
        o.progress = pld_progress_start("criterion", (double)suffixes->macs * steps,
                                        session->options->quiet);
        for (int c = 0; c < suffixes->n_chunks && status == PLD_OK; c++)
            status = run_chunk(&o, suffixes, &suffixes->chunks[c]);
        pld_progress_stop(o.progress);
    }
    pld_suffixes_free(suffixes);
    pld_detections_release(&o.base);
    pld_detector_free(o.detector);
    pld_arena_release(&o.arena);
    return status;
}
