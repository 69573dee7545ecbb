/* pollard help: from the tables. */
#include "cli/command.h"
#include "cli/output.h"

struct args {
    const char *command;
};

static const struct pld_positional positionals[] = {
    {.name = "COMMAND",
     .offset = offsetof(struct args, command),
     .optional = true,
     .help = "whose options to list"},
    {.name = NULL},
};

/* {"commands":[{"name","help","synopsis"}]} */
static pld_status print_json(void)
{
    yyjson_mut_doc *doc = yyjson_mut_doc_new(NULL);
    if (!doc) return pld_fail_memory("JSON");
    yyjson_mut_val *root = yyjson_mut_obj(doc);
    yyjson_mut_doc_set_root(doc, root);
    yyjson_mut_val *list = yyjson_mut_obj_add_arr(doc, root, "commands");
    int count;
    const struct pld_command_row *rows = pld_command_list(&count);
    for (int i = 0; i < count; i++) {
        yyjson_mut_val *item = yyjson_mut_arr_add_obj(doc, list);
        yyjson_mut_obj_add_str(doc, item, "name", rows[i].name);
        yyjson_mut_obj_add_str(doc, item, "help", rows[i].help);
        yyjson_mut_obj_add_str(doc, item, "synopsis", rows[i].command->synopsis);
    }
    return pld_output_json(doc);
}

static pld_status run(const struct pld_call *call)
{
    const struct args *args = call->args;
    struct pld_str text = {0};
    const struct pld_command_row *row = args->command ? pld_command_find(args->command) : NULL;
    if (args->command && !row)
        return pld_fail(PLD_EUSAGE, args->command, "unknown command ('pollard help' lists them)");
    if (call->common->json) return print_json();
    if (row)
        PLD_TRY(pld_help_command(&text, row));
    else
        pld_help_program(&text);
    return pld_output_text(&text);
}

const struct pld_command pld_cmd_help = {
    .synopsis = "[COMMAND]",
    .positionals = positionals,
    .args_size = sizeof(struct args),
    .run = run,
};
