/* pollard doctor --probe: tries heads and preprocessings and says which to use. */
#include "cli/doctor.h"
#include "cli/output.h"

static void add_trial(yyjson_mut_doc *doc, yyjson_mut_val *to, const struct pld_probe_trial *t)
{
    yyjson_mut_obj_add_strcpy(doc, to, "head", t->head);
    yyjson_mut_obj_add_strcpy(doc, to, "preprocess", t->name);
    pld_json_add_real(doc, to, "AP", t->ap);
    pld_json_add_real(doc, to, "AP50", t->ap50);
}

static pld_status print_json(const struct pld_probe_result *r)
{
    yyjson_mut_doc *doc = yyjson_mut_doc_new(NULL);
    if (!doc) return pld_fail_memory("JSON");
    yyjson_mut_val *root = yyjson_mut_obj(doc);
    yyjson_mut_doc_set_root(doc, root);
    yyjson_mut_obj_add_str(doc, root, "protocol", "coco");
    yyjson_mut_obj_add_int(doc, root, "images", r->images);
    add_trial(doc, yyjson_mut_obj_add_obj(doc, root, "use"), &r->trials[r->chosen]);
    yyjson_mut_obj_add_strcpy(doc, root, "why", r->why);
    yyjson_mut_val *list = yyjson_mut_obj_add_arr(doc, root, "trials");
    for (int i = 0; i < r->n_trials; i++)
        add_trial(doc, yyjson_mut_arr_add_obj(doc, list), &r->trials[i]);
    return pld_output_json(doc);
}

static pld_status print_text(const struct pld_probe_result *r, const char *save)
{
    struct pld_str text = {0};
    const struct pld_probe_trial *use = &r->trials[r->chosen];
    pld_str_printf(&text, "    AP   AP50  head            preprocessing\n");
    for (int i = 0; i < r->n_trials; i++) {
        const struct pld_probe_trial *t = &r->trials[i];
        pld_str_printf(&text, " %.3f  %.3f  %-14s  %s%s\n", t->ap, t->ap50, t->head, t->name,
                       i == r->chosen ? "   <- use this" : "");
    }
    pld_str_printf(&text, "\nprotocol coco, %d images\nuse --head %s --preprocess %s", r->images,
                   use->head, use->preprocess);
    if (use->filter) pld_str_printf(&text, " --filter %s", use->filter);
    if (use->channels) pld_str_printf(&text, " --channels %s", use->channels);
    pld_str_printf(&text, ": %s\n", r->why);
    if (save) pld_str_printf(&text, "saved to %s: pollard eval MODEL --config %s\n", save, save);
    return pld_output_text(&text);
}

pld_status pld_doctor_probe(const struct pld_call *call, const struct pld_doctor_args *args)
{
    struct pld_probe_result result;
    pld_status status = pld_probe_run(&result, &call->common->session, args->probe, args->data);
    if (status == PLD_OK && args->save) status = pld_probe_save(&result, args->save);
    if (status == PLD_OK)
        status = call->common->json ? print_json(&result) : print_text(&result, args->save);
    pld_probe_release(&result);
    return status;
}
