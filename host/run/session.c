#include "run/session.h"

#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/log.h"
#include "graph/passes.h"
#include "run/class_map.h"
#include "run/device.h"

pld_status pld_session_open(struct pld_session *out, const struct pld_session_options *options)
{
    *out = (struct pld_session){.options = options};
    const char *precision = options->precision ? options->precision : "auto";
    struct pld_backend_options backend = {.threads = options->threads,
                                          .reference = options->reference,
                                          .half = strcmp(precision, "fp32") != 0};
    PLD_TRY(pld_device_open(&out->device, options->device ? options->device : "auto", &backend));
    if (strcmp(out->device->api->name, "cpu") == 0)
        out->host = out->device;
    else
        PLD_TRY(pld_device_open(&out->host, "cpu", &backend));
    if (strcmp(precision, "fp16") == 0 && !out->device->half)
        return pld_fail(PLD_EUSAGE, "--precision", "%s computes in fp32 only",
                        out->device->api->name);
    if (out->host != out->device && !options->strict_device) out->device->fallback = out->host;
    pld_log(PLD_LOG_DEBUG, "device: %s", out->device->description);
    return pld_pool_new(&out->pool, out->device->lanes, out->device->thread_start);
}

/* Height and width from --imgsz; 0 where it was not given. */
static pld_status read_imgsz(int64_t size[2], const struct pld_ints *imgsz)
{
    size[0] = size[1] = 0;
    if (imgsz->count > 2)
        return pld_fail(PLD_EUSAGE, "--imgsz", "one number, or height,width, is expected");
    if (imgsz->count) size[0] = size[1] = imgsz->items[0];
    if (imgsz->count == 2) size[1] = imgsz->items[1];
    return PLD_OK;
}

/* A size that the model cannot take is an error, not something to pass over. */
static pld_status check_imgsz(const struct pld_graph *model, const int64_t size[2])
{
    for (int i = 0; i < model->n_inputs && size[0]; i++) {
        const struct pld_value *input = &model->values[model->inputs[i]];
        const struct pld_shape *shape = &input->desc.shape;
        if (shape->rank != 4) continue;
        if (shape->dim[2] == size[0] && shape->dim[3] == size[1]) continue;
        return pld_fail(PLD_EUSAGE, "--imgsz", "input '%s' of %s is fixed at %lld x %lld",
                        input->name, model->path, (long long)shape->dim[2],
                        (long long)shape->dim[3]);
    }
    return PLD_OK;
}

pld_status pld_session_load_model(struct pld_session *session, const char *path)
{
    int64_t size[2];
    PLD_TRY(read_imgsz(size, &session->options->imgsz));
    PLD_TRY(pld_graph_load(&session->model, path));
    PLD_TRY(pld_graph_check_supported(session->model));
    struct pld_infer_options infer = {.height = size[0], .width = size[1]};
    PLD_TRY(pld_pass_infer(session->model, session->host, &infer));
    return check_imgsz(session->model, size);
}

static pld_status find_preprocess(struct pld_session *session)
{
    const char *asked = session->options->preprocess;
    const char *told = pld_graph_metadata(session->model, PLD_META_PREPROCESS);
    const char *name = asked ? asked : told ? told : session->head.head->preprocess;
    session->preprocess = pld_preprocess_find(name);
    if (session->preprocess) return PLD_OK;
    enum { MOST = 64 };
    const char *names[MOST];
    int count;
    const struct pld_preprocess *rows = pld_preprocess_list(&count);
    if (count > MOST) count = MOST;
    struct pld_str all = {0};
    for (int i = 0; i < count; i++) {
        names[i] = rows[i].name;
        pld_str_printf(&all, "%s%s", i ? ", " : "", names[i]);
    }
    const char *near = pld_str_nearest(name, names, (size_t)count);
    pld_status status = pld_fail(PLD_EUSAGE, "--preprocess", "'%s' is not one of %s%s%s%s", name,
                                 all.data ? all.data : "", near ? "; did you mean " : "",
                                 near ? near : "", near ? "?" : "");
    pld_str_release(&all);
    return status;
}

/* One number for all channels, or three. */
static pld_status read_triple(double out[3], const struct pld_reals *given, const char *option)
{
    if (given->count != 0 && given->count != 1 && given->count != 3)
        return pld_fail(PLD_EUSAGE, option, "one number or three are expected, not %zu",
                        given->count);
    for (size_t c = 0; c < 3 && given->count; c++)
        out[c] = given->items[given->count == 3 ? c : 0];
    return PLD_OK;
}

/* The row of preprocess.def, and what the options change of it. */
static pld_status choose_preprocess(struct pld_session *session)
{
    const struct pld_session_options *o = session->options;
    double mean[3], std[3];
    PLD_TRY(find_preprocess(session));
    PLD_TRY(read_triple(mean, &o->mean, "--mean"));
    PLD_TRY(read_triple(std, &o->std, "--std"));
    for (int c = 0; c < 3 && o->std.count; c++)
        if (!(std[c] > 0)) return pld_fail(PLD_EUSAGE, "--std", "must be above 0");
    if (o->pad.count > 1) return pld_fail(PLD_EUSAGE, "--pad", "one number is expected");
    int pad = o->pad.count ? o->pad.items[0] : -1;
    const struct pld_preprocess_changes changes = {.fit = o->fit,
                                                   .filter = o->filter,
                                                   .channels = o->channels,
                                                   .pad = pad,
                                                   .mean = o->mean.count ? mean : NULL,
                                                   .std = o->std.count ? std : NULL};
    if (pld_preprocess_change(&session->changed, session->preprocess_name,
                              sizeof session->preprocess_name, session->preprocess, &changes))
        session->preprocess = &session->changed;
    return PLD_OK;
}

/* Anchors given by hand go where the head looks for them, so that a saved model keeps them. */
static pld_status set_anchors(struct pld_session *session)
{
    const struct pld_reals *anchors = &session->options->anchors;
    if (anchors->count == 0) return PLD_OK;
    struct pld_str text = {0};
    for (size_t i = 0; i < anchors->count; i++)
        pld_str_printf(&text, "%s%.9g", i ? "," : "", anchors->items[i]);
    pld_status status = text.data && !text.failed ? PLD_OK : pld_fail_memory("anchors");
    if (status == PLD_OK)
        status = pld_graph_set_metadata(session->model, PLD_META_ANCHORS, text.data);
    pld_str_release(&text);
    return status;
}

pld_status pld_session_bind_head(struct pld_session *session)
{
    const struct pld_session_options *o = session->options;
    PLD_TRY(set_anchors(session));
    PLD_TRY(pld_head_bind(&session->head, session->model, o->head, session->head_why,
                          sizeof session->head_why));
    PLD_TRY(choose_preprocess(session));
    session->decode = session->head.defaults;
    if (o->conf >= 0) session->decode.conf = (float)o->conf;
    if (o->iou >= 0) session->decode.iou = (float)o->iou;
    if (o->max_det > 0) session->decode.max_det = o->max_det;
    pld_log(PLD_LOG_DEBUG, "head %s (%s), preprocessing %s, conf %g, iou %g, max-det %d",
            session->head.head->name, session->head_why, session->preprocess->name,
            (double)session->decode.conf, (double)session->decode.iou, session->decode.max_det);
    return PLD_OK;
}

pld_status pld_session_open_data(struct pld_session *session, const char *path, bool need_labels)
{
    struct pld_dataset_options options = {
        .images_dir = session->options->images_dir,
        .max_images = session->options->max_images,
        .need_images = true,
        .need_labels = need_labels,
    };
    PLD_TRY(pld_dataset_open(&session->dataset, path, &options));
    if (!session->dataset.has_labels) return PLD_OK;
    return pld_class_map_new(&session->class_map, &session->head, &session->dataset);
}

pld_status pld_session_load_images(struct pld_session *session)
{
    double start = pld_clock_now();
    PLD_TRY(pld_loaded_set_new(&session->images, &session->dataset, 0, session->dataset.n_images,
                               session->head.input_width, session->head.input_height,
                               session->preprocess, session->pool));
    session->load_seconds = pld_clock_now() - start;
    return PLD_OK;
}

pld_status pld_session_prepare(struct pld_session *out, const struct pld_session_options *options,
                               const char *model, const char *data)
{
    PLD_TRY(pld_session_open(out, options));
    PLD_TRY(pld_session_load_model(out, model));
    PLD_TRY(pld_session_bind_head(out));
    PLD_TRY(pld_session_open_data(out, data, true));
    return pld_session_load_images(out);
}

void pld_session_close(struct pld_session *session)
{
    pld_loaded_set_free(session->images);
    free(session->class_map);
    pld_dataset_release(&session->dataset);
    pld_graph_free(session->model);
    pld_pool_free(session->pool);
    if (session->host != session->device) pld_backend_close(session->host);
    pld_backend_close(session->device);
    *session = (struct pld_session){0};
}
