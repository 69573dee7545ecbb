/* A pool of worker threads that runs numbered tasks. */
#ifndef PLD_CORE_POOL_H
#define PLD_CORE_POOL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "core/status.h"

struct pld_pool;

/* Starts `threads` workers (0: one for each processor this process may use). The calling thread is
 * worker 0. `on_start` (may be NULL) runs once on every worker, the caller included, before any
 * task: backends set per-thread state there. */
pld_status pld_pool_new(struct pld_pool **out, int threads, void (*on_start)(void));
void pld_pool_free(struct pld_pool *pool);
int pld_pool_threads(const struct pld_pool *pool);

/* One task: `index` in 0..count-1, `worker` in 0..threads-1. Two tasks on one worker never overlap,
 * so per-worker scratch needs no lock. */
typedef pld_status (*pld_task_fn)(void *context, size_t index, int worker);

/* Runs all tasks, in index order of starting, and waits. The first failing task (lowest index
 * among those that ran) ends the run: no further task starts and its error becomes the caller's.
 * A raised stop flag (see core/stop.h) ends it with PLD_EINTERRUPT. Not reentrant. */
pld_status pld_pool_run(struct pld_pool *pool, size_t count, pld_task_fn task, void *context);

#endif
