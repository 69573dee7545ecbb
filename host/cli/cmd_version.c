/* pollard version. */
#include "backend/backend.h"
#include "cli/command.h"
#include "cli/output.h"

static pld_status run(const struct pld_call *call)
{
    if (!call->common->json) {
        struct pld_str text = {0};
        pld_str_printf(&text, "pollard %s (backend interface %d)\n", PLD_VERSION, PLD_BACKEND_API);
        return pld_output_text(&text);
    }
    yyjson_mut_doc *doc = yyjson_mut_doc_new(NULL);
    if (!doc) return pld_fail_memory("JSON");
    yyjson_mut_val *root = yyjson_mut_obj(doc);
    yyjson_mut_doc_set_root(doc, root);
    yyjson_mut_obj_add_str(doc, root, "version", PLD_VERSION);
    yyjson_mut_obj_add_int(doc, root, "backend_api", PLD_BACKEND_API);
    return pld_output_json(doc);
}

const struct pld_command pld_cmd_version = {.synopsis = "", .run = run};
