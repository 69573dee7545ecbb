/* Scores of the units of groups: a criterion, applied to the members of a group that vote. */
#ifndef PLD_PRUNE_SCORE_H
#define PLD_PRUNE_SCORE_H

#include "core/arena.h"
#include "prune/criterion.h"
#include "prune/group.h"

/* How the scores of the voting members become one. */
enum pld_reduction {
    PLD_REDUCE_SUM,
    PLD_REDUCE_MEAN,
    PLD_REDUCE_MAX,
    PLD_REDUCE_FIRST, /* the filters of the first producer alone */
};

/* As the command line gives them; NULL: the criterion's own. */
struct pld_score_options {
    const char *criterion;
    const char *reduction;  /* "sum", "mean", "max", "first" */
    const char *normalizer; /* "none", "sum", "mean", "max", "gaussian", "lamp" */
    const char *votes;      /* "out", "in", "norm", joined by '+' */
    const char *file;       /* scores from a file, instead of a criterion */
    uint64_t seed;
};

extern const char *const pld_reduction_names[], *const pld_normalizer_names[]; /* NULL-terminated */

struct pld_scorer {
    const struct pld_groups *groups;
    const struct pld_graph *graph; /* whose weights are read: the model, or a masked clone of it */
    const struct pld_criterion *criterion; /* NULL: from a file */
    enum pld_reduction reduction;
    enum pld_normalizer normalizer;
    unsigned votes;
    uint64_t seed;
    /* [n_groups][units], from images or a file; NULL for criteria over weights. A group without an
     * entry cannot be scored. */
    double **measured;
    /* [n_groups][units]: units that are gone already, in steps of a schedule. They score -inf and
     * do not count among the others. NULL: none. */
    const bool *const *gone;
    struct pld_arena arena; /* owns `measured` */
};

/* Reads the options, and the file of scores. PLD_EUSAGE names the option that is wrong. Release
 * with pld_scorer_release(), also after a failure. */
pld_status pld_scorer_init(struct pld_scorer *out, const struct pld_groups *groups,
                           const struct pld_score_options *options);
void pld_scorer_release(struct pld_scorer *scorer);

/* scores[units] of group g. PLD_EUSAGE when the criterion needs images that nobody has shown it, or
 * nothing in the group that votes (bn_scale without a BatchNormalization). Repeatable for an equal
 * seed. */
pld_status pld_score_group(double *scores, const struct pld_scorer *scorer, int g);

/* order[units] of group g, least important first. */
pld_status pld_score_order(int *order, const struct pld_scorer *scorer, int g);

/* True when group g has a member that the scorer's criterion can look at. */
bool pld_score_possible(const struct pld_scorer *scorer, int g);

/* Scales scores[n] in place; those of -inf stay and do not count. */
pld_status pld_normalize(double *scores, int n, enum pld_normalizer normalizer);

/* The weights of a member as doubles, unit by unit: *rows[units][*length], caller frees. `graph`
 * holds the data. PLD_EMODEL for weights that are not floating point. */
pld_status pld_member_rows(double **rows, int64_t *length, const struct pld_graph *graph,
                           const struct pld_member *member, int units);

#endif
