#include "run/dataset.h"

static struct pld_dataset_options options_of(const struct pld_dataset_run *run)
{
    return (struct pld_dataset_options){.images_dir = run->images_dir,
                                        .max_images = run->max_images};
}

pld_status pld_dataset_run_convert(struct pld_dataset *dataset, const struct pld_dataset_run *run,
                                   const char *out, const char *format,
                                   enum pld_image_placing placing)
{
    struct pld_dataset_options options = options_of(run);
    options.need_images = placing != PLD_IMAGES_NONE;
    options.need_labels = true;
    PLD_TRY(pld_dataset_open(dataset, run->data, &options));
    return pld_dataset_write(out, format, dataset, placing);
}

pld_status pld_dataset_run_stats(struct pld_dataset_stats *stats, struct pld_dataset *dataset,
                                 const struct pld_dataset_run *run)
{
    struct pld_dataset_options options = options_of(run);
    *stats = (struct pld_dataset_stats){0};
    PLD_TRY(pld_dataset_open(dataset, run->data, &options));
    return pld_dataset_stats(stats, dataset);
}

/* `session` holds the model that the class names belong to. */
static pld_status load_classes(struct pld_dataset_check_options *check, struct pld_session *session,
                               const char *model)
{
    PLD_TRY(pld_session_load_model(session, model));
    PLD_TRY(pld_session_bind_head(session));
    check->model = model;
    check->class_names = session->head.class_names;
    check->n_classes = session->head.classes;
    return PLD_OK;
}

pld_status pld_dataset_run_check(struct pld_findings *findings, struct pld_dataset *dataset,
                                 const struct pld_dataset_run *run,
                                 const struct pld_dataset_run_check *what)
{
    struct pld_dataset_options options = options_of(run);
    struct pld_session session;
    *dataset = (struct pld_dataset){0};
    options.need_images = what->images;
    options.findings = findings;
    pld_status status = pld_session_open(&session, run->session);
    struct pld_dataset_check_options check = {.decode = what->decode, .pool = session.pool};
    if (status == PLD_OK && what->model) status = load_classes(&check, &session, what->model);
    if (status == PLD_OK) status = pld_dataset_open(dataset, run->data, &options);
    if (status == PLD_OK) status = pld_dataset_check(findings, dataset, &check);
    pld_session_close(&session);
    return status;
}
