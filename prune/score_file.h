/* Scores that the user computed, one number a unit. */
#ifndef PLD_PRUNE_SCORE_FILE_H
#define PLD_PRUNE_SCORE_FILE_H

#include "core/arena.h"
#include "prune/group.h"

/* Reads {"model_sha256":"..","scores":{"g0":[s,..],..}}: as many numbers as the group has units,
 * smaller is removed earlier. Groups may be missing ((*out)[g] is NULL); model_sha256 may. Fails
 * with PLD_EUSAGE naming the entry. */
pld_status pld_score_file_read(double ***out, struct pld_arena *arena, const char *path,
                               const struct pld_groups *groups);

#endif
