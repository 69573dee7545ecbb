#include "run/recover.h"

#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/log.h"
#include "graph/passes.h"
#include "run/calibrate.h"
#include "run/sequential.h"

/* Covariances that are held at a time; layers beyond that wait for another pass over the images. */
static const size_t MOMENT_BYTES = (size_t)2 << 30;

static pld_status find_rung(enum pld_rung *out, const char *name)
{
    for (int r = PLD_RUNG_AFFINE; r < PLD_RUNGS; r++) {
        *out = (enum pld_rung)r;
        if (strcmp(pld_rung_names[r], name) == 0) return PLD_OK;
    }
    return pld_fail(PLD_EUSAGE, "--compensate", "no such compensation: '%s'", name);
}

static pld_status open_session(struct pld_recovered *out, const struct pld_recover_options *o)
{
    out->options = *o->session;
    out->options.device = "cpu";
    out->options.batch = 1;
    PLD_TRY(pld_session_open(&out->session, &out->options));
    PLD_TRY(pld_session_load_model(&out->session, o->model));
    PLD_TRY(pld_session_bind_head(&out->session));
    PLD_TRY(pld_session_open_data(&out->session, o->calibrate, false));
    PLD_TRY(pld_session_load_images(&out->session));
    out->images = out->session.images->count;
    return pld_calibrate_check(&out->session);
}

/* Where a chunk of patches that begins at `first` ends. */
static int chunk_end(const struct pld_sites *sites, int first)
{
    int end = first + 1;
    while (end < sites->n_patches && pld_moments_bytes(sites, first, end + 1, true) <= MOMENT_BYTES)
        end++;
    return end;
}

static pld_status refit_chunk(struct pld_recovered *out, const struct pld_detector *detector,
                              const struct pld_sites *sites, const bool *gone, int first, int end,
                              const struct pld_compensate_options *options)
{
    struct pld_moments moments;
    pld_status status = pld_moments_init(&moments, sites, first, end, true);
    if (status == PLD_OK) status = pld_calibrate(&moments, detector, sites, out->options.seed);
    if (status == PLD_OK)
        status = pld_compensate(&out->report, out->model, sites, &moments, gone, options);
    pld_moments_release(&moments);
    return status;
}

static void warn(const struct pld_recovered *out, const struct pld_sites *sites,
                 const struct pld_plan *plan)
{
    const struct pld_compensation *c = &out->report;
    const struct pld_compensated *worst = NULL;
    for (int i = 0; i < c->count; i++)
        if (c->layers[i].patches < c->layers[i].kept &&
            (!worst || c->layers[i].patches * worst->kept < worst->patches * c->layers[i].kept))
            worst = &c->layers[i];
    if (worst)
        pld_log(PLD_LOG_WARN,
                "%d layers are fitted to fewer patches than they have columns (%s: %lld for %lld); "
                "%d images are few for them",
                c->scarce, worst->layer, (long long)worst->patches, (long long)worst->kept,
                out->images);
    for (int g = 0; g < plan->n_groups; g++)
        if (plan->removed[g] && sites->unseen[g])
            pld_log(PLD_LOG_WARN, "%s: a consumer is not of a form that can be refitted (%s)",
                    sites->groups->groups[g].id, sites->unseen[g]);
}

static pld_status refit(struct pld_recovered *out, const struct pld_detector *detector,
                        const struct pld_sites *sites, const struct pld_plan *plan,
                        enum pld_rung rung)
{
    const struct pld_compensate_options options = {.rung = rung < PLD_RUNG_LS ? rung : PLD_RUNG_LS};
    bool *gone = calloc((size_t)sites->first_unit[plan->n_groups] + 1, sizeof *gone);
    if (!gone) return pld_fail_memory("recovery");
    for (int g = 0; g < plan->n_groups; g++)
        for (int i = 0; i < plan->removed[g]; i++)
            gone[sites->first_unit[g] + plan->units[g][i]] = true;
    pld_status status = pld_graph_clone(&out->model, out->session.model);
    if (status == PLD_OK) status = pld_compensate_prepare(NULL, out->model, sites, gone);
    for (int p = 0; p < sites->n_patches && status == PLD_OK;) {
        int end = chunk_end(sites, p);
        status = refit_chunk(out, detector, sites, gone, p, end, &options);
        p = end;
    }
    if (status == PLD_OK && rung == PLD_RUNG_SEQUENTIAL)
        status = pld_sequential(&out->report, out->model, detector, sites, gone, out->options.seed);
    if (status == PLD_OK) warn(out, sites, plan);
    free(gone);
    return status;
}

static pld_status recover(struct pld_recovered *out, struct pld_groups **groups,
                          struct pld_detector **detector, struct pld_sites **sites,
                          const struct pld_plan *plan, enum pld_rung rung)
{
    struct pld_session *session = &out->session;
    struct pld_infer_options infer = {0};
    PLD_TRY(pld_groups_new(groups, session->model));
    PLD_TRY(pld_detector_new(detector, session, session->model));
    PLD_TRY(pld_sites_new(sites, *groups, (*detector)->graph));
    PLD_TRY(refit(out, *detector, *sites, plan, rung));
    PLD_TRY(pld_pass_infer(out->model, session->host, &infer));
    return pld_groups_new(&out->groups, out->model);
}

pld_status pld_recover(struct pld_recovered *out, const struct pld_plan *plan,
                       const struct pld_recover_options *options)
{
    double start = pld_clock_now();
    struct pld_groups *groups = NULL;
    struct pld_detector *detector = NULL;
    struct pld_sites *sites = NULL;
    enum pld_rung rung;
    *out = (struct pld_recovered){0};
    PLD_TRY(find_rung(&rung, options->compensate));
    pld_status status = open_session(out, options);
    if (status == PLD_OK) status = recover(out, &groups, &detector, &sites, plan, rung);
    pld_sites_free(sites);
    pld_detector_free(detector);
    pld_groups_free(groups);
    out->seconds = pld_clock_now() - start;
    return status;
}

void pld_recovered_release(struct pld_recovered *r)
{
    pld_compensation_release(&r->report);
    pld_groups_free(r->groups);
    pld_graph_free(r->model);
    pld_session_close(&r->session);
}

void pld_recovered_summary(struct pld_recovery_summary *out, const struct pld_recovered *r)
{
    const struct pld_compensation *c = &r->report;
    *out = (struct pld_recovery_summary){.layers = c->count,
                                         .images = r->images,
                                         .refused = c->refused,
                                         .scarce = c->scarce,
                                         .seconds = r->seconds};
    for (int i = 0; i < c->count; i++) {
        out->error_before += c->layers[i].error[PLD_RUNG_PLAIN] / c->count;
        out->error_after += c->layers[i].error[c->layers[i].used] / c->count;
    }
}
