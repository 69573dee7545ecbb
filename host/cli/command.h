/* Commands of the program: what each one brings, and what main.c hands to it. */
#ifndef PLD_CLI_COMMAND_H
#define PLD_CLI_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

#include "core/option.h"
#include "core/status.h"
#include "run/session.h"

/* Values of the options that every command accepts. */
struct pld_common {
    struct pld_session_options session;
    const char *config;
    bool json, quiet, verbose, help;
};

/* One call of a command. */
struct pld_call {
    const struct pld_common *common;
    const void *args;                  /* the command's own struct, filled from its tables */
    const struct pld_options *options; /* to ask what was given */
    int argc;                          /* the whole command line, for manifests */
    char **argv;
};

struct pld_command {
    const char *synopsis;                     /* behind "pollard NAME " */
    const char *about;                        /* a paragraph; may be NULL */
    const struct pld_option *options;         /* its own rows, or NULL */
    const struct pld_positional *positionals; /* or NULL */
    size_t args_size;                         /* of its struct; fields start as zeroes */
    bool uses_images; /* preprocessing, head and metric options mean something to it */
    pld_status (*run)(const struct pld_call *call);
};

struct pld_command_row {
    const char *name, *help;
    const struct pld_command *command;
};

/* All rows of command.def, in order. */
const struct pld_command_row *pld_command_list(int *count);
/* NULL when there is no such command. */
const struct pld_command_row *pld_command_find(const char *name);

/* Fills `options` with the tables of a command; `args` and `common` are what they write to. */
void pld_command_options(struct pld_options *options, const struct pld_command_row *row, void *args,
                         struct pld_common *common, char *name, size_t name_size);

/* The command line as one line, quoted where a shell needs it. */
void pld_command_line(struct pld_str *out, const struct pld_call *call);

/* Rows of struct pld_common: those that concern images and metrics, and the rest. */
extern const struct pld_option pld_image_options[], pld_common_options[];

/* Help on the program and on one command, for the terminal. */
void pld_help_program(struct pld_str *out);
pld_status pld_help_command(struct pld_str *out, const struct pld_command_row *row);

#endif
