/* pollard doctor: what this machine offers, and what a model wants (doctor_probe.c). */
#include <stdio.h>
#include <unistd.h>

#include "cli/doctor.h"
#include "cli/output.h"
#include "run/device.h"

/* One device: its description, or why it cannot be used. */
static void probe(const char *name, const struct pld_session_options *session, char *text,
                  size_t size, bool *usable)
{
    struct pld_backend_options options = {.threads = session->threads};
    struct pld_backend *backend;
    *usable = pld_device_open(&backend, name, &options) == PLD_OK;
    snprintf(text, size, "%s", *usable ? backend->description : pld_error_last()->message);
    if (*usable) pld_backend_close(backend);
}

static pld_status print_machine(const struct pld_call *call)
{
    yyjson_mut_doc *doc = yyjson_mut_doc_new(NULL);
    if (!doc) return pld_fail_memory("JSON");
    yyjson_mut_val *root = yyjson_mut_obj(doc);
    yyjson_mut_doc_set_root(doc, root);
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    double memory = (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGE_SIZE) / (1 << 30);
    yyjson_mut_obj_add_str(doc, root, "version", PLD_VERSION);
    yyjson_mut_obj_add_int(doc, root, "processors", processors);
    pld_json_add_real(doc, root, "memory_gib", memory);
    yyjson_mut_val *list = yyjson_mut_obj_add_arr(doc, root, "devices");
    struct pld_str text = {0};
    pld_str_printf(&text, "pollard %s\nprocessors  %ld\nmemory      %.1f GiB\n", PLD_VERSION,
                   processors, memory);
    for (int i = 0; pld_device_name(i); i++) {
        char words[512];
        bool usable;
        probe(pld_device_name(i), &call->common->session, words, sizeof words, &usable);
        yyjson_mut_val *item = yyjson_mut_arr_add_obj(doc, list);
        yyjson_mut_obj_add_str(doc, item, "name", pld_device_name(i));
        yyjson_mut_obj_add_bool(doc, item, "usable", usable);
        yyjson_mut_obj_add_strcpy(doc, item, "description", words);
        pld_str_printf(&text, "device      %-5s %s%s\n", pld_device_name(i),
                       usable ? "" : "not usable: ", words);
    }
    if (call->common->json) {
        pld_str_release(&text);
        return pld_output_json(doc);
    }
    yyjson_mut_doc_free(doc);
    return pld_output_text(&text);
}

#define DOCTOR(field) offsetof(struct pld_doctor_args, field)

static const struct pld_option options[] = {
    {.name = "probe",
     .type = PLD_OPT_STRING,
     .offset = DOCTOR(probe),
     .value = "MODEL",
     .help = "try heads and preprocessing on labelled images and say which to use"},
    {.name = "data",
     .type = PLD_OPT_STRING,
     .offset = DOCTOR(data),
     .value = "DATA",
     .help = "the labelled images of --probe; the first 32 unless --max-images says otherwise"},
    {.name = "save",
     .type = PLD_OPT_STRING,
     .offset = DOCTOR(save),
     .value = "F.yaml",
     .help = "write what --probe found as a file for --config"},
    {.name = NULL},
};

static pld_status run(const struct pld_call *call)
{
    const struct pld_doctor_args *args = call->args;
    if (!args->probe && (args->data || args->save))
        return pld_fail(PLD_EUSAGE, args->data ? "--data" : "--save", "goes with --probe MODEL");
    if (args->probe && !args->data)
        return pld_fail(PLD_EUSAGE, "--probe", "labelled images are needed: --data DATA");
    return args->probe ? pld_doctor_probe(call, args) : print_machine(call);
}

const struct pld_command pld_cmd_doctor = {
    .synopsis = "[--probe MODEL --data DATA]",
    .options = options,
    .args_size = sizeof(struct pld_doctor_args),
    .uses_images = true,
    .run = run,
};
