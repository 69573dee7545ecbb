/* Options of a command: one typed table serves the command line, the configuration file and the
 * help text.
 *
 * A row says name, type, default, range, help, and where in a struct the value goes. Rows come in
 * groups (those of one command, those all commands share), each with a struct of its own.
 */
#ifndef PLD_CORE_OPTION_H
#define PLD_CORE_OPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/arena.h"
#include "core/status.h"
#include "core/str.h"

enum pld_option_type {
    PLD_OPT_FLAG,   /* bool: --name, --no-name, --name=true|false */
    PLD_OPT_INT,    /* int */
    PLD_OPT_U64,    /* uint64_t */
    PLD_OPT_SIZE,   /* uint64_t of bytes: 4096, 512K, 64M, 2G */
    PLD_OPT_REAL,   /* double */
    PLD_OPT_STRING, /* const char * */
    PLD_OPT_CHOICE, /* const char *, one of `choices` */
    PLD_OPT_WORDS,  /* struct pld_words: a,b,c; repeating the option adds */
    PLD_OPT_EACH,   /* struct pld_words: one word each time the option is given, commas kept */
    PLD_OPT_INTS,   /* struct pld_ints: 1,2,3 */
    PLD_OPT_REALS,  /* struct pld_reals: 0.2,0.5 or first:last:step, both ends included */
};

struct pld_words {
    const char **items;
    size_t count;
};

struct pld_ints {
    int *items;
    size_t count;
};

struct pld_reals {
    double *items;
    size_t count;
};

struct pld_option {
    const char *name; /* without dashes, words joined by '-'; NULL ends a table */
    char letter;      /* -q; 0 for none */
    enum pld_option_type type;
    size_t offset;       /* of the target field in the group's struct */
    const char *initial; /* default as a user would write it; NULL leaves the field as it was */
    double min, max;     /* of numbers, inclusive; both 0: any */
    const char *const *choices; /* NULL-terminated */
    const char *value;          /* placeholder in the help text, such as "N" */
    bool required;
    const char *help;
};

/* What comes without a dash. The last one may take several (struct pld_words), the others are
 * const char *. */
struct pld_positional {
    const char *name; /* as in the help text, such as "MODEL"; NULL ends a table */
    size_t offset;
    bool optional, many;
    const char *help;
};

struct pld_option_group {
    const char *title; /* heading in the help text */
    const struct pld_option *rows;
    void *target;
};

enum { PLD_OPTION_GROUPS = 4, PLD_OPTION_ROWS = 96 };

/* The options of one command. Fill the first four members; zero the rest. */
struct pld_options {
    struct pld_option_group groups[PLD_OPTION_GROUPS]; /* rows = NULL ends the list */
    const struct pld_positional *positionals;          /* may be NULL */
    void *positional_target;
    const char *command; /* for messages: "pollard eval" */

    struct pld_arena arena; /* owns values that were split or came from a file */
    unsigned char given[PLD_OPTION_GROUPS][PLD_OPTION_ROWS]; /* enum pld_option_source */
    unsigned char positional_given;                          /* how many */
    bool help;                                               /* --help or -h was there */
};

enum pld_option_source { PLD_FROM_DEFAULT, PLD_FROM_FILE, PLD_FROM_FLAG };

/* Writes the defaults into the targets. A default that does not parse is a fault of the table and
 * fails with PLD_EUSAGE. */
pld_status pld_options_init(struct pld_options *options);

/* Reads argv[0..argc-1] (behind the command's name). Fails with PLD_EUSAGE: unknown option (the
 * nearest name is suggested), missing value, value of the wrong type or out of its range, too many
 * arguments. Stops at --help or -h with options->help set. */
pld_status pld_options_parse(struct pld_options *options, int argc, char **argv);

/* Reads keys of a YAML file: names of options, and of positionals in lower case. What a flag has
 * set stays. Fails with PLD_EUSAGE naming file:line. */
pld_status pld_options_load(struct pld_options *options, const char *path);

/* Fails with PLD_EUSAGE when a required option or argument is missing. */
pld_status pld_options_check(const struct pld_options *options);

/* Where the value of an option came from; false when there is no such option or it is a default. */
bool pld_options_given(const struct pld_options *options, const char *name);

/* The help text of all groups and positionals, 80 to 100 columns. */
void pld_options_help(struct pld_str *out, const struct pld_options *options);

void pld_options_release(struct pld_options *options);

/* ---- shared by the parts of this module ---- */

/* Finds a row by name; group and row index by pointer. NULL when there is none. */
const struct pld_option *pld_option_find(const struct pld_options *options, const char *name,
                                         int *group, int *row);

/* Stores `text` into the row's field. `where` is how the user wrote the option ("--conf", or
 * "sweep.yaml:3: conf"). `append` keeps what a list holds. */
pld_status pld_option_store(struct pld_options *options, int group, const struct pld_option *row,
                            const char *text, const char *where, bool append);

/* "; did you mean X?" for an unknown name, or "". `prefix` is put before X. */
void pld_option_suggest(char *out, size_t size, const struct pld_options *options, const char *name,
                        const char *prefix);

#endif
