/* COCO evaluation on a device (backend/evaluator.h): the device gives curves, and the averages are
 * taken here.
 *
 * Curves come in this order: [limit][area][category], the highest limit first and of the others all
 * areas only where arrays are kept; then [block][category] for the jackknife.
 */
#include <stdlib.h>
#include <string.h>

#include "backend/backend.h"
#include "backend/evaluator.h"
#include "eval/metrics/coco_impl.h"

_Static_assert((int)T == PLD_EVAL_IOUS && (int)R == PLD_EVAL_RECALLS && (int)A == PLD_EVAL_AREAS,
               "the device counts what COCO asks for");
#define SAME_PLACE(field)                                                                          \
    _Static_assert(offsetof(struct pld_detection, field) == offsetof(struct pld_eval_item, field), \
                   "lists are copied to the device as they are")
SAME_PLACE(x);
SAME_PLACE(y);
SAME_PLACE(w);
SAME_PLACE(h);
SAME_PLACE(score);
SAME_PLACE(image);
SAME_PLACE(category);
_Static_assert(sizeof(struct pld_detection) == sizeof(struct pld_eval_item),
               "lists are copied to the device as they are");

struct job {
    const struct pld_coco_gt *gt;
    const struct pld_coco_options *options;
    const struct pld_detections *detections;
    struct pld_coco_result *results;
    struct pld_pool *pool;
    struct coco_run *runs; /* one a worker; made by the first */
    struct pld_eval_task task;
    struct pld_eval_cell *cells;
    uint32_t (*need)[R]; /* [A][n_categories], then [blocks][n_categories] */
    struct pld_eval_curve *curves;
    uint32_t *positives; /* [n_categories][blocks] truths that count in its images */
    const struct pld_eval_result *curve_values; /* of the candidates that are here */
    size_t first;
};

/* ---- what to ask for ----------------------------------------------------------------------- */

static void add_curve(struct job *job, uint32_t k, int a, uint32_t limit, uint32_t need)
{
    job->curves[job->task.n_curves++] =
        (struct pld_eval_curve){.category = k, .area = (uint32_t)a, .limit = limit, .need = need};
}

static void add_limits(struct job *job, const struct coco_run *run)
{
    uint32_t n_categories = job->gt->n_categories;
    for (int m = M - 1; m >= 0; m--)
        for (int a = 0; a < A; a++)
            for (uint32_t k = 0; k < n_categories; k++)
                if (m == LIMIT_100 || a == AREA_ALL || run->keep_arrays)
                    add_curve(job, k, a, pld_coco_limit[m], (uint32_t)a * n_categories + k);
    for (int a = 0; a < A; a++)
        for (uint32_t k = 0; k < n_categories; k++)
            memcpy(job->need[(uint32_t)a * n_categories + k], job->gt->categories[k].need[a],
                   sizeof *job->need);
}

/* Block j is the images i with i * blocks / n_images = j. */
static uint32_t first_image(const struct coco_run *run, uint32_t block)
{
    return (uint32_t)(((uint64_t)block * run->gt->n_images + run->blocks - 1) / run->blocks);
}

static void add_blocks(struct job *job, const struct coco_run *run)
{
    uint32_t n_categories = job->gt->n_categories, row = A * n_categories;
    for (uint32_t k = 0; k < n_categories && run->blocks; k++)
        pld_coco_count_positives(job->positives + (size_t)k * run->blocks, run, k);
    for (uint32_t block = 0; block < run->blocks; block++) {
        for (uint32_t k = 0; k < n_categories; k++, row++) {
            uint32_t left = job->gt->categories[k].positives[AREA_ALL] -
                            job->positives[(size_t)k * run->blocks + block];
            if (left) pld_coco_need(job->need[row], left);
            add_curve(job, k, AREA_ALL, pld_coco_limit[LIMIT_100], row);
            struct pld_eval_curve *curve = &job->curves[job->task.n_curves - 1];
            curve->leave_first = first_image(run, block);
            curve->leave_last = first_image(run, block + 1);
        }
    }
}

static void flatten_cells(struct job *job)
{
    const struct pld_coco_gt *gt = job->gt;
    for (uint32_t k = 0; k < gt->n_categories; k++) {
        const struct coco_category *category = &gt->categories[k];
        for (uint32_t c = 0; c < category->n_cells; c++)
            job->cells[job->task.n_cells++] = (struct pld_eval_cell){
                .image = category->cells[c].image,
                .category = k,
                .first = (uint32_t)(category->truths - gt->truths) + category->cells[c].first,
                .count = category->cells[c].count,
            };
        job->task.n_truths += category->n_truths;
    }
}

static pld_status describe(struct job *job, const struct coco_run *run)
{
    const struct pld_coco_gt *gt = job->gt;
    size_t cells = 0, rows = ((size_t)A + run->blocks) * gt->n_categories;
    for (uint32_t k = 0; k < gt->n_categories; k++)
        cells += gt->categories[k].n_cells;
    job->cells = calloc(cells + 1, sizeof *job->cells);
    job->need = calloc(rows + 1, sizeof *job->need);
    job->curves = calloc(rows + (size_t)(M - 1) * A * gt->n_categories + 1, sizeof *job->curves);
    job->positives = calloc((size_t)run->blocks * gt->n_categories + 1, sizeof *job->positives);
    if (!job->cells || !job->need || !job->curves || !job->positives)
        return pld_fail_memory("evaluation");
    job->task = (struct pld_eval_task){
        .n_images = gt->n_images,
        .n_categories = gt->n_categories,
        .n_need = (uint32_t)rows,
        .truths = gt->truths,
        .cells = job->cells,
        .need = (const uint32_t(*)[R])job->need,
        .curves = job->curves,
        .most = pld_coco_limit[LIMIT_100],
        .scores = run->keep_arrays,
    };
    memcpy(job->task.iou, pld_coco_iou, sizeof pld_coco_iou);
    memcpy(job->task.area, pld_coco_area, sizeof pld_coco_area);
    flatten_cells(job);
    add_limits(job, run);
    add_blocks(job, run);
    return PLD_OK;
}

/* ---- what comes back ----------------------------------------------------------------------- */

/* A curve's place in the arrays of the result, which begin with T and R. */
static void keep_arrays(struct pld_coco_result *out, const struct coco_run *run, size_t curve,
                        const struct job *job, size_t cell)
{
    size_t cells = (size_t)run->gt->n_categories * A * M;
    const double *precision = job->curve_values->precision + curve * T * R;
    const double *scores = job->curve_values->scores + curve * T * R;
    for (size_t i = 0; i < (size_t)T * R; i++) {
        out->precision[i * cells + cell] = precision[i];
        out->scores[i * cells + cell] = scores[i];
    }
}

/* Curves from number `curve` on to where the run has them; the number behind. */
static size_t unpack(struct coco_run *run, const struct job *job, size_t curve)
{
    const struct pld_eval_result *values = job->curve_values;
    for (int m = M - 1; m >= 0; m--) {
        for (int a = 0; a < A; a++) {
            if (m != LIMIT_100 && a != AREA_ALL && !run->keep_arrays) continue;
            for (uint32_t k = 0; k < run->gt->n_categories; k++, curve++) {
                uint32_t positives = run->gt->categories[k].positives[a];
                if (!positives || !run->gt->categories[k].positives[AREA_ALL]) continue;
                size_t cell = ((size_t)k * A + (size_t)a) * M + (size_t)m;
                double *recall = pld_coco_recall_row(run, m, a, k);
                for (size_t t = 0; t < T; t++)
                    recall[t] = (double)values->hits[curve * T + t] / positives;
                if (m == LIMIT_100)
                    memcpy(pld_coco_precision_row(run, a, k), values->precision + curve * T * R,
                           (size_t)T * R * sizeof(double));
                if (!run->keep_arrays) continue;
                keep_arrays(run->result, run, curve, job, cell);
                for (size_t t = 0; t < T; t++)
                    run->result->recall[t * run->gt->n_categories * A * M + cell] = recall[t];
            }
        }
    }
    return curve;
}

static pld_status jackknife(struct coco_run *run, const struct job *job, size_t curve)
{
    uint32_t n_categories = run->gt->n_categories;
    const double **rows = malloc(((size_t)n_categories + 1) * sizeof *rows);
    if (!rows) return pld_fail_memory("jackknife");
    for (uint32_t block = 0; block < run->blocks; block++) {
        uint32_t n = 0;
        for (uint32_t k = 0; k < n_categories; k++, curve++)
            if (run->gt->categories[k].positives[AREA_ALL] >
                job->positives[(size_t)k * run->blocks + block])
                rows[n++] = job->curve_values->precision + curve * T * R;
        run->result->jackknife[block] =
            pld_coco_mean_precision(rows, n, 0, T, run->scratch->curves);
    }
    free(rows);
    return PLD_OK;
}

static pld_status finish_candidate(void *context, size_t index, int worker)
{
    struct job *job = context;
    struct coco_run *run = &job->runs[worker];
    if (!run->gt) PLD_TRY(pld_coco_run_init(run, job->gt, job->options, 1));
    run->result = &job->results[job->first + index];
    PLD_TRY(pld_coco_result_init(run->result, run));
    size_t curve = unpack(run, job, index * job->task.n_curves);
    PLD_TRY(pld_coco_summarize(run));
    return run->blocks ? jackknife(run, job, curve) : PLD_OK;
}

static pld_status for_each(struct job *job, size_t count, pld_task_fn task)
{
    if (job->pool) return pld_pool_run(job->pool, count, task, job);
    for (size_t i = 0; i < count; i++)
        PLD_TRY(task(job, i, 0));
    return PLD_OK;
}

static pld_status finish(void *context, size_t first, size_t count,
                         const struct pld_eval_result *result)
{
    struct job *job = context;
    job->first = first;
    job->curve_values = result;
    return for_each(job, count, finish_candidate);
}

static pld_status check_list(void *context, size_t index, int worker)
{
    (void)worker;
    const struct job *job = context;
    return pld_coco_check_list(&job->detections[index], job->gt);
}

static pld_status evaluate(struct job *job, struct pld_backend *device, size_t count)
{
    struct pld_eval_list *lists = calloc(count + 1, sizeof *lists);
    if (!lists) return pld_fail_memory("evaluation");
    for (size_t i = 0; i < count; i++)
        lists[i] = (struct pld_eval_list){job->detections[i].items, job->detections[i].count};
    pld_status status = pld_coco_run_init(job->runs, job->gt, job->options, 1);
    if (status == PLD_OK) status = for_each(job, count, check_list);
    if (status == PLD_OK) status = describe(job, job->runs);
    if (status == PLD_OK)
        status = device->evaluator->run(device, &job->task, lists, count, finish, job);
    free(lists);
    return status;
}

pld_status pld_coco_evaluate_on(struct pld_backend *device, struct pld_coco_result *results,
                                const struct pld_coco_gt *gt,
                                const struct pld_detections *detections, size_t count,
                                const struct pld_coco_options *options, struct pld_pool *pool)
{
    if (!device || !device->evaluator)
        return pld_coco_evaluate_many(results, gt, detections, count, options, pool);
    for (size_t i = 0; i < count; i++)
        results[i] = (struct pld_coco_result){0};
    int threads = pool ? pld_pool_threads(pool) : 1;
    struct job job = {.gt = gt, .options = options, .detections = detections, .results = results};
    job.pool = pool;
    job.runs = calloc((size_t)threads, sizeof *job.runs);
    pld_status status = job.runs ? evaluate(&job, device, count) : pld_fail_memory("evaluation");
    for (int w = 0; job.runs && w < threads; w++)
        pld_coco_run_release(&job.runs[w]);
    free(job.runs);
    free(job.cells);
    free(job.need);
    free(job.curves);
    free(job.positives);
    for (size_t i = 0; i < count && status != PLD_OK; i++)
        pld_coco_result_release(&results[i]);
    return status;
}
