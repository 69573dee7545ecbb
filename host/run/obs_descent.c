#include "run/obs_descent.h"

#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/log.h"
#include "graph/passes.h"
#include "run/calibrate.h"
#include "run/sensitivity.h"

/* Covariances and their inverses of all layers are held together. */
static const size_t MOST_BYTES = (size_t)3 << 30;

struct planner {
    const struct pld_session *session;
    const struct pld_groups *groups;
    const struct pld_obs_descent_options *options;
    struct pld_graph **models; /* compensated step by step; each borrows from those before it */
    int n_models;
    bool *gone;    /* [units] */
    int64_t whole; /* MACs */
};

static const struct pld_graph *newest(const struct planner *p)
{
    return p->n_models ? p->models[p->n_models - 1] : p->session->model;
}

/* What one measurement of the network as it is now consists of. */
struct measured {
    struct pld_detector *detector;
    struct pld_sites *sites;
    struct pld_moments moments;
    double *omega;
};

static void measured_release(struct measured *m)
{
    free(m->omega);
    pld_moments_release(&m->moments);
    pld_sites_free(m->sites);
    pld_detector_free(m->detector);
}

static pld_status check_memory(const struct measured *m)
{
    size_t bytes = 2 * pld_moments_bytes(m->sites, 0, m->sites->n_patches, false);
    if (bytes <= MOST_BYTES) return PLD_OK;
    return pld_fail(PLD_EDEVICE, "obs",
                    "the covariances of %d layers need %.1f GB, more than the %.1f GB allowed",
                    m->sites->n_patches, (double)bytes / 1e9, (double)MOST_BYTES / 1e9);
}

static pld_status measure(struct measured *m, const struct planner *p)
{
    uint64_t seed = p->session->options->seed;
    int images = p->options->images > 0 ? p->options->images : 16;
    PLD_TRY(pld_detector_new(&m->detector, p->session, newest(p)));
    PLD_TRY(pld_sites_new(&m->sites, p->groups, m->detector->graph));
    PLD_TRY(check_memory(m));
    PLD_TRY(pld_moments_init(&m->moments, m->sites, 0, m->sites->n_patches, false));
    PLD_TRY(pld_calibrate(&m->moments, m->detector, m->sites, seed));
    m->omega = calloc((size_t)m->sites->count + 1, sizeof *m->omega);
    if (!m->omega) return pld_fail_memory("obs");
    return pld_sensitivity(m->omega, m->detector, m->sites, &m->moments, p->gone, images, seed);
}

/* The model without what is gone, its consumers refitted, becomes the newest. */
static pld_status shrink(struct planner *p, struct measured *m)
{
    const struct pld_compensate_options options = {.rung = PLD_RUNG_LS,
                                                   .ridge = p->options->obs.ridge};
    const struct pld_infer_options infer = {0};
    struct pld_compensation report = {0};
    struct pld_graph *next;
    PLD_TRY(pld_graph_clone(&next, newest(p)));
    p->models[p->n_models++] = next;
    pld_status status = pld_compensate_prepare(NULL, next, m->sites, p->gone);
    if (status == PLD_OK)
        status = pld_compensate(&report, next, m->sites, &m->moments, p->gone, &options);
    if (status == PLD_OK) status = pld_pass_infer(next, p->session->host, &infer);
    pld_compensation_release(&report);
    return status;
}

/* Goes on to `share` of the MACs from the state that was measured. */
static pld_status advance(struct planner *p, const struct measured *m, double share)
{
    struct pld_obs *obs;
    int count;
    PLD_TRY(pld_obs_new(&obs, m->sites, &m->moments, m->omega, p->gone, &p->options->obs,
                        p->session->pool));
    pld_status status = pld_obs_run(obs, (int64_t)((double)p->whole * share));
    const struct pld_obs_step *trace = pld_obs_trace(obs, &count);
    for (int i = 0; i < count; i++)
        p->gone[trace[i].unit] = true;
    pld_obs_free(obs);
    return status;
}

/* Budgets are met on the way: each is a stop, and so is every step. */
static pld_status descend(struct planner *p)
{
    const struct pld_obs_descent_options *o = p->options;
    double step = o->step > 0 ? o->step : 0.05, share = 1;
    for (int b = 0; b < o->n_budgets;) {
        bool stop = share - step <= o->budgets[b] + 1e-9;
        double start = pld_clock_now();
        struct measured m = {0};
        share = stop ? o->budgets[b] : share - step;
        pld_status status = measure(&m, p);
        double seconds = pld_clock_now() - start;
        if (status == PLD_OK) status = advance(p, &m, share);
        if (status == PLD_OK && stop) status = o->at_budget(o->context, b++, p->gone);
        if (status == PLD_OK && b < o->n_budgets) status = shrink(p, &m);
        pld_log(PLD_LOG_INFO, "obs: %.2f of the MACs, %.1f s (%.1f s of them to measure)", share,
                pld_clock_now() - start, seconds);
        measured_release(&m);
        PLD_TRY(status);
    }
    return PLD_OK;
}

/* More stops than there can be: steps, and budgets in between. */
static size_t most_stops(const struct pld_obs_descent_options *o)
{
    return (size_t)(1 / (o->step > 0 ? o->step : 0.05)) + (size_t)o->n_budgets + 2;
}

pld_status pld_obs_descend(const struct pld_session *session, const struct pld_groups *groups,
                           const struct pld_obs_descent_options *options)
{
    struct planner p = {.session = session, .groups = groups, .options = options};
    size_t units = 1;
    int64_t params;
    PLD_TRY(pld_calibrate_check(session));
    for (int g = 0; g < groups->n_groups; g++)
        units += (size_t)groups->groups[g].units;
    p.gone = calloc(units, sizeof *p.gone);
    p.models = calloc(most_stops(options), sizeof(struct pld_graph *));
    int *nothing = calloc((size_t)groups->n_groups + 1, sizeof *nothing);
    pld_status status = p.gone && p.models && nothing ? PLD_OK : pld_fail_memory("obs");
    if (status == PLD_OK) status = pld_groups_cost(&p.whole, &params, groups, nothing);
    if (status == PLD_OK) status = descend(&p);
    for (int i = p.n_models - 1; i >= 0; i--)
        pld_graph_free(p.models[i]);
    free(p.models);
    free(p.gone);
    free(nothing);
    return status;
}
