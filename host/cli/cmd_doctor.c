/* pollard doctor: what this machine offers. */
#include <stdio.h>
#include <unistd.h>

#include "cli/command.h"
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

static pld_status run(const struct pld_call *call)
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

const struct pld_command pld_cmd_doctor = {.synopsis = "", .run = run};
