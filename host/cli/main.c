/* The program: finds the command, reads its options, runs it, and turns its status into an exit
 * code. The only place that knows about exit codes; everything below returns a pld_status. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/output.h"
#include "core/log.h"
#include "core/stop.h"

/* Asked before the options are parsed, since an error in them must already be a document. */
static bool wants_json(int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (strcmp(argv[i], "--json") == 0 || strcmp(argv[i], "--json=true") == 0) return true;
    return false;
}

static pld_status unknown_command(const char *name)
{
    enum { MOST = 64 };
    const char *names[MOST];
    int count;
    const struct pld_command_row *rows = pld_command_list(&count);
    for (int i = 0; i < count && i < MOST; i++)
        names[i] = rows[i].name;
    const char *near = pld_str_nearest(name, names, (size_t)(count < MOST ? count : MOST));
    if (near)
        return pld_fail(PLD_EUSAGE, name,
                        "unknown command; did you mean %s? ('pollard help' lists them)", near);
    return pld_fail(PLD_EUSAGE, name, "unknown command ('pollard help' lists them)");
}

/* An option that was given but means nothing to the command deserves a word. */
static void warn_unused(const struct pld_options *options, const struct pld_command_row *row)
{
    if (row->command->uses_images) return;
    for (const struct pld_option *o = pld_image_options; o->name; o++)
        if (pld_options_given(options, o->name))
            pld_log(PLD_LOG_WARN, "--%s has no effect on %s", o->name, row->name);
}

static void set_log_level(const struct pld_common *common)
{
    if (common->quiet)
        pld_log_set_level(PLD_LOG_WARN);
    else if (common->verbose)
        pld_log_set_level(PLD_LOG_DEBUG);
}

static pld_status read_options(struct pld_options *options, struct pld_common *common, int argc,
                               char **argv)
{
    PLD_TRY(pld_options_init(options));
    /* Negative: as the head says. Not a default a user could write. */
    common->session.conf = common->session.iou = -1;
    PLD_TRY(pld_options_parse(options, argc - 2, argv + 2));
    if (options->help) return PLD_OK;
    if (common->config) PLD_TRY(pld_options_load(options, common->config));
    PLD_TRY(pld_options_check(options));
    common->session.quiet = common->quiet;
    return PLD_OK;
}

static pld_status run_command(const struct pld_command_row *row, int argc, char **argv, bool *json)
{
    struct pld_common common = {0};
    void *args = calloc(1, row->command->args_size + 1);
    if (!args) return pld_fail_memory("options");
    struct pld_options options;
    char name[64];
    pld_command_options(&options, row, args, &common, name, sizeof name);
    pld_status status = read_options(&options, &common, argc, argv);
    if (status == PLD_OK && options.help) {
        struct pld_str text = {0};
        status = pld_help_command(&text, row);
        if (status == PLD_OK) status = pld_output_text(&text);
    } else if (status == PLD_OK) {
        *json = common.json;
        set_log_level(&common);
        warn_unused(&options, row);
        struct pld_call call = {&common, args, &options, argc, argv};
        status = row->command->run(&call);
    }
    pld_options_release(&options);
    free(args);
    return status;
}

/* Called with nothing: the list of commands, but as an error. */
static int no_command(void)
{
    struct pld_str text = {0};
    pld_help_program(&text);
    if (!text.failed) fputs(text.data, stderr);
    pld_str_release(&text);
    return PLD_EUSAGE;
}

int main(int argc, char **argv)
{
    if (argc < 2) return no_command();
    pld_stop_install();
    bool json = wants_json(argc, argv);
    const char *name = argv[1];
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0) name = "help";
    if (strcmp(name, "--version") == 0 || strcmp(name, "-V") == 0) name = "version";
    const struct pld_command_row *row = pld_command_find(name);
    pld_status status = row ? run_command(row, argc, argv, &json) : unknown_command(name);
    if (status == PLD_OK) status = pld_output_flush();
    if (status == PLD_OK) return 0;
    return pld_output_error(status, json);
}
