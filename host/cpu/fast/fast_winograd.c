/* Conv of 3 x 3 windows, one group, stride 1, by Winograd's F(4x4, 3x3): a quarter of the products.
 *
 * Tiles of 4 x 4 outputs go through in blocks that stay in the cache: input transform, 36 gemms
 * (one a point), output transform. The largest error is about 5e-6 of the outputs' standard
 * deviation (64 channels of uniform numbers), some three times that of summing directly. */
#include <stdlib.h>
#include <string.h>

#include "cpu/fast/conv.h"
#include "cpu/fast/gemm.h"
#include "cpu/fast/winograd.h"

/* Floats of transformed tiles, in and out, that are worked on at once: 512 KiB. */
enum { BLOCK_FLOATS = 128 * 1024, OUT = PLD_WINO_OUT, IN = PLD_WINO_IN, POINTS = PLD_WINO_POINTS };

struct plan {
    struct pld_conv_geometry g;
    int64_t tiles_y, tiles_x; /* of one image */
    int64_t block;            /* tiles at once */
    size_t packed;            /* floats of one point's weights */
};

/* Costs in seconds at rates of one core: a core of any kind has about this balance between
 * arithmetic (1e11 floating-point operations), cache (4e10 bytes) and memory (1.5e10 bytes). */
static bool pays(const struct pld_conv_geometry *g)
{
    double in = (double)g->in.c, out = (double)g->out.c;
    double pixels = (double)(g->out.n * g->out.h * g->out.w);
    double tiles = (double)(g->out.n * ((g->out.h + OUT - 1) / OUT) * ((g->out.w + OUT - 1) / OUT));
    double direct = pixels * 9 * in * out * 2 / 1e11 + 9 * in * out * 4 / 1.5e10;
    double fast = tiles * POINTS * (in * out * 2 / 1e11 + 2 * (in + out) * 4 / 4e10) +
                  POINTS * in * out * 4 / 1.5e10;
    return fast < direct;
}

static bool supports(const struct pld_signature *sig)
{
    struct pld_conv_geometry g;
    if (!pld_conv_suits(sig, false)) return false;
    pld_conv_geometry_init(&g, sig);
    for (int i = 0; i < 2; i++)
        if (g.kernel[i] != 3 || g.stride[i] != 1 || g.dilation[i] != 1) return false;
    return g.in.c % 8 == 0 && g.out.c % 8 == 0 && pays(&g);
}

static pld_status plan_new(void **out, size_t *workspace, const struct pld_signature *sig)
{
    struct plan *plan = calloc(1, sizeof *plan);
    if (!plan) return pld_fail_memory("kernel plan");
    struct pld_conv_geometry *g = &plan->g;
    pld_conv_geometry_init(g, sig);
    plan->tiles_y = (g->out.h + OUT - 1) / OUT;
    plan->tiles_x = (g->out.w + OUT - 1) / OUT;
    plan->packed = pld_gemm_packed(g->in.c, g->out.c);
    int64_t each = POINTS * (g->in.c + g->out.c), all = g->out.n * plan->tiles_y * plan->tiles_x;
    plan->block = BLOCK_FLOATS / each / 14 * 14;
    if (plan->block < 14) plan->block = 14;
    if (plan->block > all) plan->block = all;
    *workspace = (size_t)(plan->block * each + IN * IN * g->in.c) * sizeof(float);
    *out = plan;
    return PLD_OK;
}

static size_t pack_size(const void *plan, int input)
{
    return input == 1 ? ((const struct plan *)plan)->packed * POINTS * sizeof(float) : 0;
}

static pld_status pack(const void *plan_, int input, void *packed, const void *plain)
{
    (void)input;
    const struct plan *plan = plan_;
    int64_t c = plan->g.in.c, m = plan->g.out.c;
    float *points = malloc((size_t)(POINTS * c * m) * sizeof *points);
    if (!points) return pld_fail_memory("weights");
    for (int64_t o = 0; o < m; o++)
        for (int64_t i = 0; i < c; i++) {
            double u[POINTS];
            pld_wino_weights(u, (const float *)plain + (o * c + i) * 9);
            for (int p = 0; p < POINTS; p++)
                points[(p * c + i) * m + o] = (float)u[p];
        }
    for (int p = 0; p < POINTS; p++)
        pld_gemm_pack((float *)packed + (size_t)p * plan->packed, points + p * c * m, c, m, m, 1);
    free(points);
    return PLD_OK;
}

struct job {
    const struct plan *plan;
    struct pld_conv_data data;
    int64_t first, last;          /* panels */
    float *inputs, *sums, *patch; /* in the workspace */
};

/* Where a tile begins. */
struct place {
    int64_t image, y, x;
};

static struct place place_of(const struct plan *plan, int64_t tile)
{
    int64_t each = plan->tiles_y * plan->tiles_x, in_image = tile % each;
    return (struct place){tile / each, in_image / plan->tiles_x * OUT,
                          in_image % plan->tiles_x * OUT};
}

static void input_tile(const struct job *job, int64_t tile, float *to, int64_t step)
{
    const struct pld_cpu_image *in = &job->plan->g.in;
    struct place at = place_of(job->plan, tile);
    int64_t y0 = at.y - job->plan->g.pad[0], x0 = at.x - job->plan->g.pad[1];
    const float *image = job->data.in + at.image * in->sn;
    if (y0 >= 0 && x0 >= 0 && y0 + IN <= in->h && x0 + IN <= in->w) {
        pld_wino_input(to, step, image + y0 * in->sh + x0 * in->sw, in->sh, in->sw, in->c);
        return;
    }
    float *pixel = job->patch;
    for (int64_t y = y0; y < y0 + IN; y++)
        for (int64_t x = x0; x < x0 + IN; x++, pixel += in->c) {
            if (y >= 0 && x >= 0 && y < in->h && x < in->w)
                memcpy(pixel, image + y * in->sh + x * in->sw, (size_t)in->c * sizeof *pixel);
            else
                memset(pixel, 0, (size_t)in->c * sizeof *pixel);
        }
    pld_wino_input(to, step, job->patch, IN * in->c, in->c, in->c);
}

static void output_tile(const struct job *job, int64_t tile, const float *from, int64_t step)
{
    const struct pld_conv_geometry *g = &job->plan->g;
    struct place at = place_of(job->plan, tile);
    int64_t begin = job->first * pld_gemm_panel(), end = job->last * pld_gemm_panel();
    if (end > g->out.c) end = g->out.c;
    int64_t n = end - begin;
    int64_t rows = g->out.h - at.y < OUT ? g->out.h - at.y : OUT;
    int64_t columns = g->out.w - at.x < OUT ? g->out.w - at.x : OUT;
    float *to = job->data.out + at.image * g->out.sn + at.y * g->out.sh + at.x * g->out.sw + begin;
    const float *add = NULL;
    if (job->data.add)
        add = job->data.add + at.image * g->add.sn + at.y * g->add.sh + at.x * g->add.sw + begin;
    pld_wino_output(to, g->out.sh, g->out.sw, rows, columns, from + begin, step,
                    job->data.bias ? job->data.bias + begin : NULL, n);
    for (int64_t y = 0; y < rows; y++)
        pld_conv_finish_rows(&g->finish, to + y * g->out.sh, g->out.sw,
                             add ? add + y * g->add.sh : NULL, g->add.sw, columns, n, false);
}

static void run_block(const struct job *job, int64_t first, int64_t n)
{
    const struct plan *plan = job->plan;
    int64_t in_c = plan->g.in.c, out_c = plan->g.out.c;
    for (int64_t t = 0; t < n; t++)
        input_tile(job, first + t, job->inputs + t * in_c, n * in_c);
    for (int p = 0; p < POINTS; p++) {
        struct pld_gemm_left left = {job->inputs + p * n * in_c, in_c, in_c, 0, 1};
        struct pld_gemm_out out = {.data = job->sums + p * n * out_c, .step = out_c};
        struct pld_gemm_right right = {job->data.weights + (size_t)p * plan->packed, in_c, out_c,
                                       NULL};
        pld_gemm_run(&out, &left, &right, n, job->first, job->last);
    }
    for (int64_t t = 0; t < n; t++)
        output_tile(job, first + t, job->sums + t * out_c, n * out_c);
}

static pld_status run_share(const void *plan_, void *lane, const void *const *in, void *const *out,
                            void *workspace, int share, int shares)
{
    (void)lane;
    const struct plan *plan = plan_;
    const struct pld_conv_geometry *g = &plan->g;
    struct job job = {.plan = plan, .data = pld_conv_data_of(g, in, out), .inputs = workspace};
    job.sums = job.inputs + plan->block * POINTS * g->in.c;
    job.patch = job.sums + plan->block * POINTS * g->out.c;
    struct pld_span tiles = {0, g->out.n * plan->tiles_y * plan->tiles_x};
    job.last = pld_gemm_panels(g->out.c);
    /* Few tiles: each share reads its part of the weights only. */
    if (tiles.last < 28 * shares && job.last >= shares) {
        struct pld_span panels = pld_span_of(job.last, share, shares);
        job.first = panels.first;
        job.last = panels.last;
    } else {
        tiles = pld_span_of(tiles.last, share, shares);
    }
    for (int64_t t = tiles.first; t < tiles.last; t += plan->block)
        run_block(&job, t, tiles.last - t < plan->block ? tiles.last - t : plan->block);
    return PLD_OK;
}

static pld_status run(const void *plan, void *lane, const void *const *in, void *const *out,
                      void *workspace)
{
    return run_share(plan, lane, in, out, workspace, 0, 1);
}

extern const struct pld_kernel pld_fast_winograd;
const struct pld_kernel pld_fast_winograd = {
    .name = "fast.winograd",
    .supports = supports,
    .plan_new = plan_new,
    .plan_free = free,
    .pack_size = pack_size,
    .pack = pack,
    .run = run,
    .run_share = run_share,
};
