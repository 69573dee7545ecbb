/* Conv of one group as a gemm whose rows are the pixels under the window.
 *
 * Channels-last, one row of the window is one run of memory, so nothing is unfolded: the gemm walks
 * the runs. Where the window reaches over the edge, or channels lie in a wider tensor, rows of the
 * input are copied into the workspace first, with their padding. */
#include <stdlib.h>
#include <string.h>

#include "cpu/fast/conv.h"
#include "cpu/fast/gemm.h"

/* Floats of the left side that are worked on at once: half of a second-level cache of 1 MiB. */
enum { BLOCK_FLOATS = 128 * 1024 };

struct plan {
    struct pld_conv_geometry g;
    int64_t k;
    bool flat;           /* 1 x 1 over pixels at even distances: the image is one long row */
    bool stage;          /* input rows are copied */
    int64_t pitch;       /* floats from row to row of what the gemm reads */
    int64_t block;       /* output rows (flat: pixels) at once */
    int64_t staged_rows; /* input rows under them */
};

static bool supports(const struct pld_signature *sig)
{
    const int64_t *dilation = sig->params->conv.window.dilation;
    return pld_conv_suits(sig, false) &&
           (dilation[1] == 1 || sig->in[1].shape.dim[sig->in[1].shape.rank - 1] == 1);
}

static bool even_rows(const struct pld_cpu_image *image)
{
    return (image->h == 1 || image->sh == image->w * image->sw) &&
           (image->n == 1 || image->sn == image->h * image->w * image->sw);
}

static bool is_flat(const struct pld_conv_geometry *g)
{
    bool even = even_rows(&g->in) && even_rows(&g->out);
    if (g->finish.add) even = even && even_rows(&g->add);
    return even && g->kernel[0] * g->kernel[1] == 1 && g->stride[0] * g->stride[1] == 1 &&
           g->in.h == g->out.h && g->in.w == g->out.w && g->pad[0] == 0 && g->pad[1] == 0;
}

/* Input positions that `n` output positions read along an axis. */
static int64_t reach(const struct pld_conv_geometry *g, int axis, int64_t n)
{
    return (n - 1) * g->stride[axis] + (g->kernel[axis] - 1) * g->dilation[axis] + 1;
}

static bool must_stage(const struct pld_conv_geometry *g)
{
    bool inside = g->pad[0] == 0 && g->pad[1] == 0 && reach(g, 0, g->out.h) <= g->in.h &&
                  reach(g, 1, g->out.w) <= g->in.w;
    return !inside || (g->kernel[1] > 1 && g->in.sw != g->in.c);
}

static pld_status plan_new(void **out, size_t *workspace, const struct pld_signature *sig)
{
    struct plan *plan = calloc(1, sizeof *plan);
    if (!plan) return pld_fail_memory("kernel plan");
    struct pld_conv_geometry *g = &plan->g;
    pld_conv_geometry_init(g, sig);
    plan->k = g->kernel[0] * g->kernel[1] * g->in.c;
    plan->flat = is_flat(g);
    plan->stage = !plan->flat && must_stage(g);
    plan->pitch = plan->stage ? reach(g, 1, g->out.w) * g->in.c : g->in.sh;
    int64_t unit = plan->flat ? g->in.c : g->stride[0] * reach(g, 1, g->out.w) * g->in.c;
    int64_t most = plan->flat ? g->out.n * g->out.h * g->out.w : g->out.h;
    plan->block = BLOCK_FLOATS / (unit > g->out.c ? unit : g->out.c);
    if (plan->flat) plan->block = plan->block / 84 * 84; /* whole tiles of 14, or of 6 */
    if (plan->block < 1) plan->block = plan->flat ? 14 : 1;
    if (plan->block > most) plan->block = most;
    plan->staged_rows = reach(g, 0, plan->block);
    *workspace = plan->stage ? (size_t)(plan->staged_rows * plan->pitch) * sizeof(float) : 0;
    *out = plan;
    return PLD_OK;
}

static size_t pack_size(const void *plan_, int input)
{
    const struct plan *plan = plan_;
    return input == 1 ? pld_gemm_packed(plan->k, plan->g.out.c) * sizeof(float) : 0;
}

/* M C kh kw -> k = (kh, kw, C) times M, in panels. */
static pld_status pack(const void *plan_, int input, void *packed, const void *plain)
{
    (void)input;
    const struct plan *plan = plan_;
    int64_t c = plan->g.in.c, taps = plan->g.kernel[0] * plan->g.kernel[1], m = plan->g.out.c;
    float *turned = malloc((size_t)(plan->k * m) * sizeof *turned);
    if (!turned) return pld_fail_memory("weights");
    for (int64_t o = 0; o < m; o++)
        for (int64_t i = 0; i < c; i++)
            for (int64_t t = 0; t < taps; t++)
                turned[(t * c + i) * m + o] = ((const float *)plain)[(o * c + i) * taps + t];
    pld_gemm_pack(packed, turned, plan->k, m, m, 1);
    free(turned);
    return PLD_OK;
}

/* One run: what it works on, and the panels it does. */
struct job {
    const struct plan *plan;
    struct pld_conv_data data;
    struct pld_gemm_right right;
    int64_t first, last; /* panels */
    float *staged;
    const struct pld_act *act; /* what the gemm applies, or NULL */
};

static void finish(const struct job *job, float *out, const float *add, int64_t pixels)
{
    const struct pld_conv_geometry *g = &job->plan->g;
    int64_t from = job->first * pld_gemm_panel(), to = job->last * pld_gemm_panel();
    if (to > g->out.c) to = g->out.c;
    pld_conv_finish_rows(&g->finish, out + from, g->out.sw, add ? add + from : NULL, g->add.sw,
                         pixels, to - from, true);
}

static void run_flat(const struct job *job, struct pld_span pixels)
{
    const struct plan *plan = job->plan;
    const struct pld_conv_geometry *g = &plan->g;
    for (int64_t p = pixels.first; p < pixels.last; p += plan->block) {
        int64_t n = pixels.last - p < plan->block ? pixels.last - p : plan->block;
        const float *add = job->data.add ? job->data.add + p * g->add.sw : NULL;
        float *to = job->data.out + p * g->out.sw;
        struct pld_gemm_left left = {job->data.in + p * g->in.sw, g->in.sw, g->in.c, 0, 1};
        struct pld_gemm_out out = {to, g->out.sw, g->finish.add == PLD_CONV_ADD_EARLY ? add : NULL,
                                   g->add.sw, job->act};
        pld_gemm_run(&out, &left, &job->right, n, job->first, job->last);
        finish(job, to, add, n);
    }
}

/* Copies one input row of an image with its padding; rows outside are zeroes. */
static void stage_row(float *to, const struct plan *plan, const float *image, int64_t y)
{
    const struct pld_conv_geometry *g = &plan->g;
    int64_t c = g->in.c, width = plan->pitch / c, pad = g->pad[1], n = g->in.w;
    if (y < 0 || y >= g->in.h) {
        memset(to, 0, (size_t)plan->pitch * sizeof *to);
        return;
    }
    if (n > width - pad) n = width - pad;
    memset(to, 0, (size_t)(pad * c) * sizeof *to);
    to += pad * c;
    if (g->in.sw == c)
        memcpy(to, image + y * g->in.sh, (size_t)(n * c) * sizeof *to);
    else
        for (int64_t x = 0; x < n; x++)
            memcpy(to + x * c, image + y * g->in.sh + x * g->in.sw, (size_t)c * sizeof *to);
    memset(to + n * c, 0, (size_t)((width - pad - n) * c) * sizeof *to);
}

/* Output rows y..y+rows-1 of one image. */
static void run_block(const struct job *job, int64_t image, int64_t y, int64_t rows)
{
    const struct plan *plan = job->plan;
    const struct pld_conv_geometry *g = &plan->g;
    const float *in = job->data.in + image * g->in.sn, *from = in + y * g->stride[0] * g->in.sh;
    if (plan->stage) {
        for (int64_t r = 0; r < reach(g, 0, rows); r++)
            stage_row(job->staged + r * plan->pitch, plan, in, y * g->stride[0] - g->pad[0] + r);
        from = job->staged;
    }
    int64_t pixel = plan->stage ? g->in.c : g->in.sw;
    for (int64_t p = job->first; p < job->last; p++)
        for (int64_t r = 0; r < rows; r++) {
            struct pld_gemm_left left = {from + r * g->stride[0] * plan->pitch,
                                         g->stride[1] * pixel, g->kernel[1] * g->in.c,
                                         g->dilation[0] * plan->pitch, (int)g->kernel[0]};
            struct pld_gemm_out out = {job->data.out + image * g->out.sn + (y + r) * g->out.sh,
                                       g->out.sw, NULL, 0, job->act};
            if (g->finish.add == PLD_CONV_ADD_EARLY) {
                out.add = job->data.add + image * g->add.sn + (y + r) * g->add.sh;
                out.add_step = g->add.sw;
            }
            pld_gemm_run(&out, &left, &job->right, g->out.w, p, p + 1);
        }
    for (int64_t r = 0; r < rows; r++) {
        const float *add =
            job->data.add ? job->data.add + image * g->add.sn + (y + r) * g->add.sh : NULL;
        finish(job, job->data.out + image * g->out.sn + (y + r) * g->out.sh, add, g->out.w);
    }
}

static void run_rows(const struct job *job, struct pld_span rows)
{
    const struct pld_conv_geometry *g = &job->plan->g;
    for (int64_t r = rows.first; r < rows.last;) {
        int64_t y = r % g->out.h, n = g->out.h - y; /* up to the end of the image */
        if (n > job->plan->block) n = job->plan->block;
        if (n > rows.last - r) n = rows.last - r;
        run_block(job, r / g->out.h, y, n);
        r += n;
    }
}

static pld_status run_share(const void *plan_, void *lane, const void *const *in, void *const *out,
                            void *workspace, int share, int shares)
{
    (void)lane;
    const struct plan *plan = plan_;
    const struct pld_conv_geometry *g = &plan->g;
    struct job job = {.plan = plan, .data = pld_conv_data_of(g, in, out), .staged = workspace};
    int64_t panels = pld_gemm_panels(g->out.c);
    int64_t pixels = g->out.n * g->out.h * g->out.w;
    struct pld_span all = {0, plan->flat ? pixels : g->out.n * g->out.h};
    job.right = (struct pld_gemm_right){job.data.weights, plan->k, g->out.c, job.data.bias};
    job.last = panels;
    job.act = g->finish.gemm_activates ? &g->finish.act : NULL;
    /* Deep layers have few pixels and many channels: then each share reads its part of the weights
     * only. */
    if (pixels < g->out.c && panels >= shares) {
        struct pld_span part = pld_span_of(panels, share, shares);
        job.first = part.first;
        job.last = part.last;
    } else {
        all = pld_span_of(all.last, share, shares);
    }
    if (plan->flat)
        run_flat(&job, all);
    else
        run_rows(&job, all);
    return PLD_OK;
}

static pld_status run(const void *plan, void *lane, const void *const *in, void *const *out,
                      void *workspace)
{
    return run_share(plan, lane, in, out, workspace, 0, 1);
}

extern const struct pld_kernel pld_fast_conv;
const struct pld_kernel pld_fast_conv = {
    .name = "fast.conv",
    .supports = supports,
    .plan_new = plan_new,
    .plan_free = free,
    .pack_size = pack_size,
    .pack = pack,
    .run = run,
    .run_share = run_share,
};
