#include "run/eval.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/file.h"
#include "run/detector.h"

static pld_status fill_classes(struct pld_eval_result *out, const struct pld_dataset *dataset,
                               const struct pld_coco_result *result)
{
    out->n_classes = dataset->n_categories;
    out->classes = pld_arena_array(&out->arena, (size_t)out->n_classes + 1, sizeof *out->classes);
    if (!out->classes) return PLD_EDEVICE;
    for (int c = 0; c < out->n_classes; c++) {
        struct pld_eval_class *row = &out->classes[c];
        row->id = dataset->categories[c].id;
        row->name = pld_arena_strdup(&out->arena, dataset->categories[c].name);
        row->ap = result->classes[c].ap;
        row->ap50 = result->classes[c].ap50;
        if (!row->name) return PLD_EDEVICE;
    }
    for (int i = 0; i < dataset->n_annotations; i++)
        out->classes[dataset->annotations[i].category].labels++;
    return PLD_OK;
}

static pld_status measure(struct pld_eval_result *out, const struct pld_dataset *dataset,
                          const struct pld_detections *found, struct pld_pool *pool)
{
    double start = pld_clock_now();
    struct pld_coco_gt *gt = NULL;
    struct pld_coco_result result = {0};
    pld_status status = pld_coco_gt_new(&gt, dataset);
    if (status == PLD_OK) status = pld_coco_evaluate(&result, gt, found, NULL, pool);
    if (status == PLD_OK) {
        memcpy(out->stats, result.stats, sizeof out->stats);
        out->images = dataset->n_images;
        out->detections = found->count;
        status = fill_classes(out, dataset, &result);
    }
    pld_coco_result_release(&result);
    pld_coco_gt_free(gt);
    out->seconds.metrics = pld_clock_now() - start;
    return status;
}

static pld_status describe(struct pld_eval_result *out, const struct pld_session *session)
{
    out->device = pld_arena_strdup(&out->arena, session->device->description);
    out->head = pld_arena_strdup(&out->arena, session->head.head->name);
    out->preprocess = pld_arena_strdup(&out->arena, session->preprocess->name);
    return out->device && out->head && out->preprocess ? PLD_OK : PLD_EDEVICE;
}

static pld_status detect(struct pld_detections *found, struct pld_eval_result *out,
                         const struct pld_session *session)
{
    struct pld_detector *detector;
    struct pld_detect_seconds seconds = {0};
    PLD_TRY(pld_detector_new(&detector, session, session->model));
    pld_status status = pld_detector_run(found, detector, &seconds);
    pld_detector_free(detector);
    out->seconds.forward = seconds.forward;
    out->seconds.post = seconds.post;
    return status;
}

static pld_status eval_model(struct pld_eval_result *out, const struct pld_eval_options *options)
{
    struct pld_session session;
    struct pld_detections found = {0};
    pld_status status =
        pld_session_prepare(&session, options->session, options->model, options->data);
    out->seconds.load = session.load_seconds;
    if (status == PLD_OK) status = describe(out, &session);
    if (status == PLD_OK) status = detect(&found, out, &session);
    if (status == PLD_OK) status = measure(out, &session.dataset, &found, session.pool);
    if (status == PLD_OK && options->save_detections)
        status = pld_detections_write(options->save_detections, &found, &session.dataset);
    pld_detections_release(&found);
    pld_session_close(&session);
    return status;
}

/* Detections refer to all images of the dataset, wanted or not, so they are read with all of them.
 * Images are in order of id: the first N are the same in both, under the same index. */
static pld_status read_file(struct pld_detections *found, struct pld_dataset *dataset,
                            const struct pld_eval_options *options, struct pld_pool *pool)
{
    struct pld_dataset_options data = {.need_labels = true};
    PLD_TRY(pld_dataset_open(dataset, options->data, &data));
    PLD_TRY(pld_detections_open(found, options->detections, dataset, pool));
    data.max_images = options->session->max_images;
    if (data.max_images == 0 || data.max_images >= dataset->n_images) return PLD_OK;
    pld_dataset_release(dataset);
    PLD_TRY(pld_dataset_open(dataset, options->data, &data));
    size_t kept = 0;
    for (size_t i = 0; i < found->count; i++)
        if (found->items[i].image < dataset->n_images) found->items[kept++] = found->items[i];
    found->count = kept;
    return PLD_OK;
}

static pld_status eval_file(struct pld_eval_result *out, const struct pld_eval_options *options)
{
    double start = pld_clock_now();
    struct pld_dataset dataset = {0};
    struct pld_detections found = {0};
    struct pld_pool *pool = NULL;
    pld_status status = pld_pool_new(&pool, options->session->threads, NULL);
    if (status == PLD_OK) status = read_file(&found, &dataset, options, pool);
    out->seconds.load = pld_clock_now() - start;
    if (status == PLD_OK) status = measure(out, &dataset, &found, pool);
    if (status == PLD_OK && options->save_detections)
        status = pld_detections_write(options->save_detections, &found, &dataset);
    out->device = out->head = out->preprocess = "";
    pld_pool_free(pool);
    pld_detections_release(&found);
    pld_dataset_release(&dataset);
    return status;
}

/* What can be known to fail is said before an hour of work, not after it. */
static pld_status check_options(const struct pld_eval_options *options)
{
    char dir[4096];
    const char *out = options->save_detections;
    if (options->session->protocol && strcmp(options->session->protocol, "coco") != 0)
        return pld_fail(PLD_EUSAGE, "--protocol",
                        "this version evaluates by the rules of coco, not %s",
                        options->session->protocol);
    if (!out) return PLD_OK;
    PLD_TRY(pld_path_dirname(dir, sizeof dir, out));
    if (access(dir, W_OK) != 0)
        return pld_fail(PLD_EFAIL, out, "cannot write: %s", strerror(errno));
    return PLD_OK;
}

pld_status pld_eval_run(struct pld_eval_result *out, const struct pld_eval_options *options)
{
    *out = (struct pld_eval_result){0};
    double start = pld_clock_now();
    PLD_TRY(check_options(options));
    pld_status status = options->detections ? eval_file(out, options) : eval_model(out, options);
    out->seconds.total = pld_clock_now() - start;
    return status;
}

void pld_eval_result_release(struct pld_eval_result *result)
{
    pld_arena_release(&result->arena);
    *result = (struct pld_eval_result){0};
}
