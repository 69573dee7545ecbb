/* Help on the program and its commands, made from the tables. */
#include <stdlib.h>

#include "cli/command.h"

void pld_help_program(struct pld_str *out)
{
    pld_str_append(out, "pollard: which channels of a trained detector can go, and at what cost\n"
                        "\nusage: pollard COMMAND [arguments] [--options]\n\nCommands:\n");
    int count;
    const struct pld_command_row *rows = pld_command_list(&count);
    for (int i = 0; i < count; i++)
        pld_str_printf(out, "  %-10s %s\n", rows[i].name, rows[i].help);
    pld_str_append(out, "\n'pollard help COMMAND' lists the options of a command.\n"
                        "\nExit codes: 0 done, 1 failed, 2 usage or configuration, 3 gate not met,"
                        " 4 model,\n5 dataset, 6 device or memory, 75 incomplete and resumable,"
                        " 130 or 143 interrupted.\n");
}

pld_status pld_help_command(struct pld_str *out, const struct pld_command_row *row)
{
    struct pld_common common = {0};
    void *args = calloc(1, row->command->args_size + 1);
    if (!args) return pld_fail_memory("help");
    struct pld_options options;
    char name[64];
    pld_command_options(&options, row, args, &common, name, sizeof name);
    /* A group that means nothing to the command is accepted, but not advertised. */
    if (!row->command->uses_images) {
        options.groups[1] = options.groups[2];
        options.groups[2] = (struct pld_option_group){0};
    }
    pld_str_printf(out, "usage: %s %s\n\n%s.\n", name, row->command->synopsis, row->help);
    if (row->command->about) pld_str_printf(out, "\n%s\n", row->command->about);
    pld_options_help(out, &options);
    pld_options_release(&options);
    free(args);
    return PLD_OK;
}
