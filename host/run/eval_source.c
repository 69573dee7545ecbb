#include "run/eval_source.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/file.h"
#include "run/detector.h"

/* A file refers to all images of the dataset, wanted or not, so it is read with all of them. Images
 * are in order of id: the first N are the same in both, under the same index. */
pld_status pld_eval_read_list(struct pld_detections *found, const char *path,
                              const struct pld_eval_options *options,
                              const struct pld_dataset *dataset, struct pld_pool *pool)
{
    int wanted = options->session->max_images;
    struct pld_dataset_options data = {.need_labels = true, .drop_unknown = options->lenient};
    struct pld_dataset all = {0};
    if (wanted == 0) return pld_detections_open(found, path, dataset, pool);
    pld_status status = pld_dataset_open(&all, options->data, &data);
    if (status == PLD_OK) status = pld_detections_open(found, path, &all, pool);
    pld_dataset_release(&all);
    size_t kept = 0;
    for (size_t i = 0; i < found->count; i++)
        if (found->items[i].image < dataset->n_images) found->items[kept++] = found->items[i];
    found->count = kept;
    return status;
}

pld_status pld_eval_open_data(struct pld_dataset *dataset, const struct pld_eval_options *options,
                              char *why, size_t why_size)
{
    const char *folder = options->session->images_dir;
    struct pld_dataset_options data = {.need_labels = true,
                                       .drop_unknown = options->lenient,
                                       .strict = options->strict,
                                       .max_images = options->session->max_images,
                                       .images_dir = folder,
                                       .need_images = options->report != NULL};
    pld_status status = pld_dataset_open(dataset, options->data, &data);
    if (status != PLD_EDATA || !data.need_images || folder) return status;
    snprintf(why, why_size, "%s", pld_error_last()->message);
    pld_dataset_release(dataset);
    data.need_images = false;
    return pld_dataset_open(dataset, options->data, &data);
}

pld_status pld_eval_detect(struct pld_detections *found, const char *model,
                           const struct pld_eval_options *options)
{
    struct pld_session session;
    struct pld_detector *detector = NULL;
    struct pld_detect_seconds seconds = {0};
    pld_status status = pld_session_prepare(&session, options->session, model, options->data);
    if (status == PLD_OK) status = pld_detector_new(&detector, &session, session.model);
    if (status == PLD_OK) status = pld_detector_run(found, detector, &seconds);
    if (detector) pld_detector_free(detector);
    pld_session_close(&session);
    return status;
}

pld_status pld_eval_check_writable(const char *path)
{
    char dir[4096];
    if (!path) return PLD_OK;
    PLD_TRY(pld_path_dirname(dir, sizeof dir, path));
    if (access(dir, W_OK) != 0)
        return pld_fail(PLD_EFAIL, path, "cannot write: %s", strerror(errno));
    return PLD_OK;
}
