#include "run/calibrate.h"

#include <stdlib.h>

enum { HOLD_EVERY = 5 };

pld_status pld_calibrate_check(const struct pld_session *session)
{
    int n = session->images->count;
    if (n >= PLD_CALIBRATE_IMAGES) return PLD_OK;
    return pld_fail(PLD_EDATA, session->dataset.source,
                    "%d images are too few to calibrate with; %d are needed, 64 are good", n,
                    PLD_CALIBRATE_IMAGES);
}

bool pld_held_out(int image)
{
    return image % HOLD_EVERY == HOLD_EVERY - 1;
}

struct adding {
    struct pld_moments *moments;
    void **scratch; /* [threads] of pld_gram_add() */
};

static pld_status add(void *context, int p, int image, float *rows, int64_t count, int worker)
{
    struct adding *a = context;
    bool held = a->moments->hold && pld_held_out(image);
    pld_gram_add(held ? &a->moments->hold[p] : &a->moments->fit[p], rows, count,
                 a->scratch[worker]);
    return PLD_OK;
}

static pld_status finish(struct pld_moments *m, const struct pld_sites *sites, int images)
{
    for (int p = 0; p < sites->n_patches; p++) {
        const char *where = sites->compiled->nodes[sites->patches[p].taps[0].node].name;
        if (m->fit[p].n == 0) continue;
        PLD_TRY(pld_gram_finish(&m->fit[p], where));
        if (m->hold) PLD_TRY(pld_gram_finish(&m->hold[p], where));
    }
    m->images = images;
    m->held = m->hold ? images / HOLD_EVERY : 0;
    return PLD_OK;
}

pld_status pld_calibrate(struct pld_moments *moments, const struct pld_detector *detector,
                         const struct pld_sites *sites, uint64_t seed)
{
    int threads = pld_pool_threads(detector->session->pool);
    bool *wanted = calloc((size_t)sites->n_patches + 1, sizeof *wanted);
    struct adding adding = {moments, calloc((size_t)threads, sizeof(void *))};
    pld_status status = wanted && adding.scratch ? PLD_OK : pld_fail_memory("calibration");
    int64_t widest = 0;
    for (int p = 0; p < sites->n_patches && status == PLD_OK; p++) {
        wanted[p] = moments->fit[p].n > 0;
        if (moments->fit[p].n > widest) widest = moments->fit[p].n;
    }
    for (int t = 0; t < threads && status == PLD_OK; t++)
        if (!(adding.scratch[t] = malloc(pld_gram_scratch(widest) + 64)))
            status = pld_fail_memory("calibration");
    if (status == PLD_OK)
        status = pld_patch_pass(detector, sites, wanted, seed, add, &adding, "calibrate");
    if (status == PLD_OK) status = finish(moments, sites, detector->session->images->count);
    for (int t = 0; adding.scratch && t < threads; t++)
        free(adding.scratch[t]);
    free(adding.scratch);
    free(wanted);
    return status;
}
