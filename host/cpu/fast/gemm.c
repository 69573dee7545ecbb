#include "cpu/fast/gemm.h"

#include <string.h>

#include "cpu/fast/gemm_isa.h"

static const struct pld_gemm_isa *isa(void)
{
#if defined(__x86_64__)
    static const struct pld_gemm_isa *const known[] = {&pld_gemm_avx512, &pld_gemm_avx2};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (known[i]->available()) return known[i];
#endif
    return NULL;
}

bool pld_gemm_available(void)
{
    return isa() != NULL;
}

int64_t pld_gemm_panel(void)
{
    return 2 * isa()->vec;
}

int64_t pld_gemm_panels(int64_t n)
{
    int64_t panel = pld_gemm_panel();
    return (n + panel - 1) / panel;
}

/* Columns of panel p in memory: the last one is half as wide where that is enough. */
static int64_t panel_width(int64_t p, int64_t n)
{
    int64_t panel = pld_gemm_panel(), left = n - p * panel;
    return left > panel / 2 ? panel : panel / 2;
}

size_t pld_gemm_packed(int64_t k, int64_t n)
{
    int64_t last = pld_gemm_panels(n) - 1;
    return (size_t)(k * (last * pld_gemm_panel() + panel_width(last, n)));
}

void pld_gemm_pack(float *packed, const float *b, int64_t k, int64_t n, int64_t step_k,
                   int64_t step_n)
{
    int64_t panel = pld_gemm_panel();
    for (int64_t p = 0; p < pld_gemm_panels(n); p++) {
        int64_t width = panel_width(p, n);
        for (int64_t i = 0; i < k; i++)
            for (int64_t j = 0; j < width; j++) {
                int64_t column = p * panel + j;
                *packed++ = column < n ? b[i * step_k + column * step_n] : 0;
            }
    }
}

bool pld_gemm_activates(const struct pld_act *act)
{
    return act->op >= 0 && isa() && isa()->activate[act->op];
}

void pld_gemm_activate(const struct pld_act *act, float *out, int64_t step, int64_t rows, int64_t n)
{
    isa()->activate[act->op](out, step, rows, n, act->alpha, act->beta);
}

/* All rows of one panel, in tiles of about equal height. */
static void run_panel(const struct pld_gemm_isa *set, struct pld_gemm_tile t, int64_t rows,
                      const struct pld_act *act)
{
    int vectors = t.columns > set->vec ? 2 : 1;
    int64_t tiles = (rows + set->rows - 1) / set->rows;
    for (int64_t i = 0, done = 0; i < tiles; i++) {
        int64_t n = (rows - done) / (tiles - i);
        set->tiles[n][vectors - 1](&t);
        if (act) set->activate[act->op](t.out, t.out_step, n, t.columns, act->alpha, act->beta);
        done += n;
        t.left += n * t.left_step;
        t.out += n * t.out_step;
        if (t.add) t.add += n * t.add_step;
    }
}

void pld_gemm_run(const struct pld_gemm_out *out, const struct pld_gemm_left *left,
                  const struct pld_gemm_right *right, int64_t rows, int64_t first, int64_t last)
{
    const struct pld_gemm_isa *set = isa();
    int64_t panel = 2 * set->vec;
    for (int64_t p = first; p < last; p++) {
        int64_t at = p * panel;
        struct pld_gemm_tile t = {
            .left = left->data,
            .right = right->packed + at * right->k,
            .bias = right->bias ? right->bias + at : NULL,
            .add = out->add ? out->add + at : NULL,
            .out = out->data + at,
            .left_step = left->step,
            .out_step = out->step,
            .add_step = out->add_step,
            .length = left->length,
            .jump = left->jump,
            .columns = right->n - at < panel ? right->n - at : panel,
            .segments = left->segments,
        };
        run_panel(set, t, rows, out->act);
    }
}
