/* Harness of the kernel tests: runs every fast kernel that takes a signature against the reference
 * kernel, on random data. Outputs, gaps between strided rows and the workspace are filled with NaN
 * beforehand; guards lie on both sides of every buffer; each run is done twice, the second time in
 * shares where the kernel has them, and must repeat. */
#ifndef PLD_TESTS_TEST_KERNELS_H
#define PLD_TESTS_TEST_KERNELS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/rng.h"
#include "cpu/cpu.h"
#include "backend/element.h"
#if defined PLD_TEST_GPU /* the same tests, on a GPU */
#include "run/device.h"
#elif defined PLD_TEST_CUDA /* ... on the kernels of cuda/, run by the CPU */
#include "cuda/emulation.h"
#endif

enum { MAX_TENSORS = 8, GUARD = 128, POISON = 0xff };

struct kernel_case {
    enum pld_op op;
    union pld_op_params params;
    int n_in, n_out;
    struct pld_desc in[MAX_TENSORS], out[MAX_TENSORS];
    float low, high;         /* range of random reals; both 0: -2..2 */
    double atol, rtol;       /* of float results; both 0: equal bits */
    const int64_t *integers; /* values of integer inputs, repeated; NULL: random small ones */
    int n_integers;
    uint64_t seed;
};

static struct pld_backend *test_backend, *test_reference;
static struct pld_rng test_rng;
static long fast_runs; /* kernels compared so far: a test that compares none proves nothing */

/* ---- random choices ---- */

static inline int64_t pick(int64_t low, int64_t high)
{
    return low + (int64_t)pld_rng_below(&test_rng, (uint64_t)(high - low + 1));
}

static inline bool coin(void)
{
    return pick(0, 1) == 1;
}

static inline struct pld_desc tensor(enum pld_dtype dtype, int rank, const int64_t *dims)
{
    return (struct pld_desc){.dtype = dtype, .shape = pld_shape_of(rank, dims)};
}

/* Row-major, channels-last, or a range of channels of a wider tensor. */
static inline void any_layout(struct pld_desc *desc)
{
    if (desc->shape.rank < 3 || coin()) return;
    desc->layout = PLD_CHANNELS_LAST;
    if (coin()) desc->pixel = desc->shape.dim[1] + pick(0, 9);
}

/* ---- guarded memory ---- */

struct buffer {
    unsigned char *base, *data;
    size_t size;
};

/* Memory that the tested backend computes on and the test reads. */
static inline struct buffer buffer_new(size_t size)
{
    struct buffer b = {.size = size};
    size_t whole = (size + 2 * GUARD + 63) / 64 * 64;
    if (test_backend && test_backend->alloc_pinned)
        b.base = test_backend->alloc_pinned(test_backend, whole);
    else
        b.base = aligned_alloc(64, whole);
    assert_non_null(b.base);
    memset(b.base, POISON, size + 2 * GUARD);
    b.data = b.base + GUARD;
    return b;
}

static inline void buffer_free(struct buffer *b)
{
    if (test_backend && test_backend->free_pinned && b->base)
        test_backend->free_pinned(test_backend, b->base);
    else
        free(b->base);
    b->base = NULL;
}

static inline bool guards_intact(const struct buffer *b)
{
    for (size_t i = 0; i < GUARD; i++)
        if (b->base[i] != POISON || b->data[b->size + i] != POISON) return false;
    return true;
}

/* ---- elements ---- */

static inline bool next_index(int64_t *at, const struct pld_shape *shape)
{
    for (int i = shape->rank - 1; i >= 0; i--) {
        if (++at[i] < shape->dim[i]) return true;
        at[i] = 0;
    }
    return false;
}

static inline size_t element_at(const int64_t *at, const struct pld_desc *desc)
{
    int64_t stride[PLD_MAX_RANK], offset = 0;
    pld_desc_strides(stride, desc);
    for (int i = 0; i < desc->shape.rank; i++)
        offset += at[i] * stride[i];
    return (size_t)offset * pld_dtype_size(desc->dtype);
}

static inline void random_element(unsigned char *to, const struct kernel_case *c,
                                  enum pld_dtype dtype, int64_t index)
{
    float low = c->low, high = c->high;
    if (low == 0 && high == 0) low = -2, high = 2;
    float real = low + (high - low) * (float)pld_rng_unit(&test_rng);
    int64_t whole = c->n_integers ? c->integers[index % c->n_integers] : pick(-5, 5);
    switch (dtype) {
    case PLD_F32:
        memcpy(to, &real, 4);
        break;
    case PLD_F64:
        memcpy(to, &(double){real}, 8);
        break;
    case PLD_F16:
        memcpy(to, &(uint16_t){(uint16_t)pick(0x3000, 0x4400)}, 2);
        break;
    case PLD_I64:
        memcpy(to, &whole, 8);
        break;
    case PLD_I32:
        memcpy(to, &(int32_t){(int32_t)whole}, 4);
        break;
    case PLD_BOOL:
        *to = (unsigned char)pick(0, 1);
        break;
    default:
        *to = (unsigned char)pick(0, 255);
        break;
    }
}

static inline struct buffer random_tensor(const struct kernel_case *c, const struct pld_desc *desc)
{
    struct buffer b = buffer_new(pld_desc_bytes(desc));
    int64_t at[PLD_MAX_RANK] = {0}, n = 0;
    if (pld_shape_count(&desc->shape) == 0) return b;
    do {
        random_element(b.data + element_at(at, desc), c, desc->dtype, n++);
    } while (next_index(at, &desc->shape));
    return b;
}

/* ---- running one kernel ---- */

static inline void run_kernel(const struct pld_kernel *kernel, const struct pld_signature *sig,
                              const struct buffer *in, struct buffer *out, int shares)
{
    void *plan = NULL, *lane = NULL;
    size_t workspace_size = 0;
    const void *inputs[MAX_TENSORS] = {0};
    void *outputs[MAX_TENSORS] = {0};
    struct buffer packed[MAX_TENSORS] = {0};
    if (kernel->plan_new(&plan, &workspace_size, sig) != PLD_OK)
        fail_msg("%s: %s", kernel->name, pld_error_last()->message);
    for (int i = 0; i < sig->n_in; i++) {
        inputs[i] = sig->in[i].dtype < PLD_DTYPE_COUNT ? in[i].data : NULL;
        size_t size = kernel->pack_size ? kernel->pack_size(plan, i) : 0;
        if (!size) continue;
        packed[i] = buffer_new(size);
        assert_int_equal(kernel->pack(plan, i, packed[i].data, in[i].data), PLD_OK);
        assert_true(guards_intact(&packed[i]));
        inputs[i] = packed[i].data;
    }
    for (int i = 0; i < sig->n_out; i++)
        outputs[i] = sig->out[i].dtype < PLD_DTYPE_COUNT ? out[i].data : NULL;
    if (kernel->lane_new) assert_int_equal(kernel->lane_new(&lane, plan), PLD_OK);
    struct buffer workspace = buffer_new(workspace_size);
    pld_status status = PLD_OK;
    if (!kernel->run_share) shares = 1;
    if (shares == 1) status = kernel->run(plan, lane, inputs, outputs, workspace.data);
    for (int i = 0; shares > 1 && i < shares && status == PLD_OK; i++)
        status = kernel->run_share(plan, lane, inputs, outputs, workspace.data, i, shares);
    unsigned char last = 0; /* a download waits for the kernel */
    if (status == PLD_OK)
        status =
            test_backend->download(test_backend, &last, workspace.data, workspace_size ? 1 : 0);
    if (status != PLD_OK) fail_msg("%s: %s", kernel->name, pld_error_last()->message);
    assert_true(guards_intact(&workspace));
    buffer_free(&workspace);
    if (kernel->lane_free) kernel->lane_free(lane);
    for (int i = 0; i < sig->n_in; i++)
        buffer_free(&packed[i]);
    kernel->plan_free(plan);
}

/* ---- comparing ---- */

static inline bool close_enough(const struct kernel_case *c, float got, float want)
{
    if (isnan(want) || isnan(got)) return isnan(want) && isnan(got);
    if (got == want) return true;
    return fabs((double)got - (double)want) <= c->atol + c->rtol * fabs((double)want);
}

/* Elements agree, and every byte that is no element was left alone. */
static inline const char *compare(const struct kernel_case *c, const struct pld_desc *desc,
                                  const struct buffer *got, const struct buffer *want)
{
    static char text[256];
    size_t size = pld_dtype_size(desc->dtype);
    unsigned char *seen = calloc(got->size + 1, 1);
    int64_t at[PLD_MAX_RANK] = {0};
    text[0] = 0;
    if (!guards_intact(got)) snprintf(text, sizeof text, "wrote outside the tensor");
    if (pld_shape_count(&desc->shape) > 0) do {
            size_t e = element_at(at, desc);
            memset(seen + e, 1, size);
            float a = 0, b = 0;
            bool same = memcmp(got->data + e, want->data + e, size) == 0;
            if (desc->dtype == PLD_F32 || desc->dtype == PLD_F16) {
                a = (float)pld_load(desc->dtype, got->data + e, 0);
                b = (float)pld_load(desc->dtype, want->data + e, 0);
                same = same || close_enough(c, a, b);
            }
            if (!same && !text[0])
                snprintf(text, sizeof text, "element %lld,%lld,%lld,%lld: %.9g instead of %.9g",
                         (long long)at[0], (long long)at[1], (long long)at[2], (long long)at[3],
                         (double)a, (double)b);
        } while (next_index(at, &desc->shape));
    for (size_t i = 0; i < got->size && !text[0]; i++)
        if (!seen[i] && got->data[i] != POISON)
            snprintf(text, sizeof text, "wrote into the gap at byte %zu", i);
    free(seen);
    return text[0] ? text : NULL;
}

static inline void describe_case(const struct kernel_case *c)
{
    fprintf(stderr, "seed %llu, %s:", (unsigned long long)c->seed, pld_op_name(c->op));
    for (int i = 0; i < c->n_in + c->n_out; i++) {
        const struct pld_desc *d = i < c->n_in ? &c->in[i] : &c->out[i - c->n_in];
        char shape[96];
        if (i == c->n_in) fprintf(stderr, " ->");
        if (d->dtype >= PLD_DTYPE_COUNT) continue;
        fprintf(stderr, " %s[%s]%s/%lld", pld_dtype_name(d->dtype),
                pld_shape_text(shape, sizeof shape, &d->shape),
                d->layout == PLD_CHANNELS_LAST ? " last" : "", (long long)d->pixel);
    }
    fprintf(stderr, "\n");
}

static inline struct pld_signature signature_of(const struct kernel_case *c)
{
    return (struct pld_signature){.op = c->op,
                                  .params = &c->params,
                                  .in = c->in,
                                  .out = c->out,
                                  .n_in = c->n_in,
                                  .n_out = c->n_out,
                                  .node = "test"};
}

/* Every fast kernel that takes the case, against the reference. Returns how many there were. */
static inline int check_as_is(const struct kernel_case *c)
{
    static const struct pld_kernel *const none[] = {NULL};
    struct pld_signature sig = signature_of(c);
    const struct pld_kernel *const *list = test_backend->kernels(test_backend, c->op);
    if (!list) list = none;
    const struct pld_kernel *reference = *test_reference->kernels(test_reference, c->op);
    if (!reference->supports(&sig)) {
        describe_case(c);
        fail_msg("the reference declines the case");
    }
    struct buffer in[MAX_TENSORS] = {0}, want[MAX_TENSORS] = {0};
    struct buffer got[MAX_TENSORS], again[MAX_TENSORS];
    for (int i = 0; i < c->n_in; i++)
        if (c->in[i].dtype < PLD_DTYPE_COUNT) in[i] = random_tensor(c, &c->in[i]);
    for (int i = 0; i < c->n_out; i++)
        want[i] = buffer_new(c->out[i].dtype < PLD_DTYPE_COUNT ? pld_desc_bytes(&c->out[i]) : 0);
    run_kernel(reference, &sig, in, want, 1);
    int compared = 0;
    for (; *list && *list != reference; list++) {
        if (!(*list)->supports(&sig)) continue;
        for (int i = 0; i < c->n_out; i++) {
            got[i] = buffer_new(want[i].size);
            again[i] = buffer_new(want[i].size);
        }
        run_kernel(*list, &sig, in, got, 1);
        run_kernel(*list, &sig, in, again, (int)pick(2, 5));
        for (int i = 0; i < c->n_out; i++) {
            const char *wrong = NULL;
            if (c->out[i].dtype < PLD_DTYPE_COUNT)
                wrong = compare(c, &c->out[i], &got[i], &want[i]);
            if (!wrong && memcmp(got[i].data, again[i].data, got[i].size) != 0)
                wrong = "a second run differs";
            if (wrong) {
                describe_case(c);
                fail_msg("%s, output %d: %s", (*list)->name, i, wrong);
            }
            buffer_free(&got[i]);
            buffer_free(&again[i]);
        }
        compared++;
        fast_runs++;
    }
    for (int i = 0; i < MAX_TENSORS; i++) {
        buffer_free(&in[i]);
        buffer_free(&want[i]);
    }
    return compared;
}

#ifdef PLD_TEST_CUDA
/* The same case in half precision, where the rounding of results decides how close they can be. */
static inline void check_in_half(struct kernel_case c)
{
    bool reals = false;
    for (int i = 0; i < c.n_in + c.n_out; i++) {
        struct pld_desc *desc = i < c.n_in ? &c.in[i] : &c.out[i - c.n_in];
        if (desc->dtype != PLD_F32) continue;
        desc->dtype = PLD_F16;
        reals = true;
    }
    c.rtol += 2e-3;
    c.atol += 1e-3;
    struct pld_signature sig = signature_of(&c);
    const struct pld_kernel *reference = *test_reference->kernels(test_reference, c.op);
    long counted = fast_runs;
    if (reals && reference->supports(&sig)) check_as_is(&c);
    fast_runs = counted;
}
#endif

static inline int check_case(const struct kernel_case *c)
{
#ifdef PLD_TEST_CUDA
    check_in_half(*c);
#endif
    return check_as_is(c);
}

/* How many of `cases` must have found a fast kernel, when `share` of them should. */
static inline double runs_wanted(enum pld_op op, double share, uint64_t cases)
{
#ifdef PLD_TEST_CUDA
    if (!test_backend->kernels(test_backend, op)) return 0; /* left to the CPU */
#endif
    (void)op;
    return share * (double)cases;
}

static inline void start_case(struct kernel_case *c, enum pld_op op, uint64_t seed)
{
    *c = (struct kernel_case){.op = op, .seed = seed};
    pld_rng_init(&test_rng, seed);
}

/* The number of random cases a test tries; PLD_TEST_CASES overrides. */
static inline uint64_t test_cases(uint64_t usual)
{
    const char *text = getenv("PLD_TEST_CASES");
    return text ? strtoull(text, NULL, 10) : usual;
}

static inline int open_backends(void **state)
{
    (void)state;
    struct pld_backend_options options = {.threads = 1};
#if defined PLD_TEST_GPU
    if (pld_device_open(&test_backend, "cuda", &options) != PLD_OK) {
        printf("SKIPPED: %s\n", pld_error_last()->message);
        exit(77);
    }
#elif defined PLD_TEST_CUDA
    test_backend = pld_emulation_new();
    if (!test_backend) return -1;
#else
    if (pld_cpu_backend_api.open(&test_backend, &options) != PLD_OK) return -1;
#endif
    options.reference = true;
    return pld_cpu_backend_api.open(&test_reference, &options) == PLD_OK ? 0 : -1;
}

static inline int close_backends(void **state)
{
    (void)state;
    pld_backend_close(test_backend);
    pld_backend_close(test_reference);
    return 0;
}

#endif
