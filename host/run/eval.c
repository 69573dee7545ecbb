#include "run/eval.h"

#include <string.h>

#include "core/clock.h"
#include "run/detector.h"
#include "run/draw.h"
#include "run/eval_report/eval_report.h"
#include "run/eval_source.h"

enum { REPORT_RESAMPLES = 300 }; /* for the intervals of a page, where no number is given */

pld_status pld_eval_name_classes(struct pld_eval_result *out, const struct pld_dataset *dataset)
{
    bool agnostic = out->metrics.result.n_classes != dataset->n_categories;
    out->n_classes = out->metrics.result.n_classes;
    out->classes = pld_arena_array(&out->arena, (size_t)out->n_classes + 1, sizeof *out->classes);
    if (!out->classes) return PLD_EDEVICE;
    for (int c = 0; c < out->n_classes; c++) {
        struct pld_eval_class *row = &out->classes[c];
        row->id = agnostic ? -1 : dataset->categories[c].id;
        row->name = pld_arena_strdup(&out->arena, agnostic ? "all" : dataset->categories[c].name);
        if (!row->name) return PLD_EDEVICE;
    }
    for (int i = 0; i < dataset->n_annotations; i++)
        out->classes[agnostic ? 0 : dataset->annotations[i].category].labels++;
    return PLD_OK;
}

/* The request with what stands elsewhere on the command line. */
static struct pld_eval_request whole_request(const struct pld_eval_options *options)
{
    static const char *everything[] = {"all"};
    struct pld_eval_request request = options->request;
    request.protocol = options->session->protocol;
    request.seed = options->session->seed;
    if (options->report) {
        request.analyze = (struct pld_words){everything, 1};
        if (!request.bootstrap) request.bootstrap = REPORT_RESAMPLES;
    }
    return request;
}

static pld_status measure(struct pld_eval_result *out, const struct pld_eval_options *options,
                          const struct pld_dataset *dataset, const struct pld_detections *found,
                          struct pld_pool *pool)
{
    struct pld_detections other = {0};
    struct pld_eval_request request = whole_request(options);
    pld_status status = PLD_OK;
    if (options->against)
        status = pld_eval_read_list(&other, options->against, options, dataset, pool);
    double start = pld_clock_now();
    if (status == PLD_OK)
        status = pld_eval_measure(&out->metrics, &request, dataset, found,
                                  options->against ? &other : NULL, &out->arena, pool);
    if (status == PLD_OK) {
        out->images = dataset->n_images;
        out->detections = found->count;
        out->measured = true;
        out->last_pixel_inside = dataset->last_pixel_inside;
        status = pld_eval_name_classes(out, dataset);
    }
    pld_detections_release(&other);
    out->seconds.metrics = pld_clock_now() - start;
    return status;
}

static pld_status write_page(const struct pld_eval_result *result,
                             const struct pld_eval_options *options,
                             const struct pld_dataset *dataset, const struct pld_detections *found,
                             const char *no_pictures, struct pld_pool *pool)
{
    const struct pld_eval_page page = {.result = result,
                                       .dataset = dataset,
                                       .found = found,
                                       .model = options->model,
                                       .detections = options->detections,
                                       .against = options->against,
                                       .command_line = options->command_line,
                                       .no_pictures = no_pictures,
                                       .seed = options->session->seed};
    return options->report ? pld_eval_page_write(options->report, &page, pool) : PLD_OK;
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

static pld_status prepare(struct pld_session *session, const struct pld_eval_options *options)
{
    PLD_TRY(pld_session_open(session, options->session));
    PLD_TRY(pld_session_load_model(session, options->model));
    PLD_TRY(pld_session_bind_head(session));
    PLD_TRY(pld_session_open_data(session, options->data, !options->draw || options->report));
    return pld_session_load_images(session);
}

static pld_status draw(const struct pld_session *session, const struct pld_detections *found,
                       const struct pld_eval_options *options)
{
    const struct pld_draw_options how = {.dir = options->draw,
                                         .score = options->draw_score,
                                         .class_names = session->head.class_names,
                                         .classes = session->head.classes};
    return pld_draw_detections(&session->dataset, found, &how, session->pool);
}

static pld_status eval_model(struct pld_eval_result *out, const struct pld_eval_options *options)
{
    struct pld_session session = {0};
    struct pld_detections found = {0};
    pld_status status = prepare(&session, options);
    out->seconds.load = session.load_seconds;
    if (status == PLD_OK) status = describe(out, &session);
    if (status == PLD_OK) status = detect(&found, out, &session);
    out->images = session.dataset.n_images;
    out->detections = found.count;
    if (status == PLD_OK && session.dataset.has_labels)
        status = measure(out, options, &session.dataset, &found, session.pool);
    if (status == PLD_OK)
        status = write_page(out, options, &session.dataset, &found, NULL, session.pool);
    if (status == PLD_OK && options->draw) status = draw(&session, &found, options);
    if (status == PLD_OK && options->save_detections)
        status = pld_detections_write(options->save_detections, &found, &session.dataset);
    pld_detections_release(&found);
    pld_session_close(&session);
    return status;
}

static pld_status eval_file(struct pld_eval_result *out, const struct pld_eval_options *options)
{
    double start = pld_clock_now();
    struct pld_dataset dataset = {0};
    struct pld_detections found = {0};
    struct pld_pool *pool = NULL;
    pld_status status = pld_pool_new(&pool, options->session->threads, NULL);
    char no_pictures[512] = "";
    out->device = out->head = out->preprocess = "";
    if (status == PLD_OK)
        status = pld_eval_open_data(&dataset, options, no_pictures, sizeof no_pictures);
    if (status == PLD_OK)
        status = pld_eval_read_list(&found, options->detections, options, &dataset, pool);
    if (status == PLD_OK && options->strict && !found.count)
        status = pld_fail(PLD_EDATA, options->detections, "no detections (--strict)");
    out->seconds.load = pld_clock_now() - start;
    if (status == PLD_OK) status = measure(out, options, &dataset, &found, pool);
    if (status == PLD_OK)
        status =
            write_page(out, options, &dataset, &found, *no_pictures ? no_pictures : NULL, pool);
    if (status == PLD_OK && options->save_detections)
        status = pld_detections_write(options->save_detections, &found, &dataset);
    pld_pool_free(pool);
    pld_detections_release(&found);
    pld_dataset_release(&dataset);
    return status;
}

/* What can be known to fail is said before an hour of work, not after it. */
static pld_status check_options(const struct pld_eval_options *options)
{
    struct pld_eval_request request = whole_request(options);
    PLD_TRY(pld_eval_request_check(&request));
    if ((options->strict || options->lenient) && !options->detections)
        return pld_fail(PLD_EUSAGE, options->strict ? "--strict" : "--lenient",
                        "is for files of detections (--detections)");
    if (options->strict && options->lenient)
        return pld_fail(PLD_EUSAGE, "--strict", "does not go with --lenient");
    size_t limits = request.params.max_dets.count;
    if (options->strict && limits && limits < 3)
        return pld_fail(PLD_EUSAGE, "--max-dets",
                        "pycocotools' numbers need three limits (--strict)");
    PLD_TRY(pld_eval_check_writable(options->save_detections));
    return pld_eval_check_writable(options->report);
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
    pld_eval_metrics_release(&result->metrics);
    pld_arena_release(&result->arena);
    *result = (struct pld_eval_result){0};
}
