#include "graph/team.h"

#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "core/stop.h"
#include "graph/engine.h"

/* Members wait for each other after every step. A step takes some microseconds, so they look often
 * before they let other threads run. */
enum { SPINS = 20000 };

struct pld_team {
    const struct pld_program *program;
    struct pld_engine *engine;
    struct pld_pool *pool;
    struct pld_lane **members;
    int count;
    void *slab;
    atomic_int arrived;
    atomic_uint round;
    atomic_bool failed; /* a member left: nobody may wait for it */
};

/* False when a member has failed. */
static bool meet(struct pld_team *team)
{
    unsigned round = atomic_load(&team->round);
    if (atomic_fetch_add(&team->arrived, 1) + 1 == team->count) {
        atomic_store(&team->arrived, 0);
        atomic_fetch_add(&team->round, 1);
    }
    for (int i = 0; atomic_load_explicit(&team->round, memory_order_acquire) == round; i++) {
        if (atomic_load_explicit(&team->failed, memory_order_relaxed)) return false;
#if defined(__x86_64__)
        __builtin_ia32_pause();
#endif
        if (i < SPINS) continue;
        if (pld_stop_signal()) return false; /* the pool may not have started the others */
        sched_yield();
    }
    return true;
}

/* Where each member's part of a step ends. */
static bool step_done(void *context)
{
    return meet(context);
}

static pld_status run_member(void *context, size_t index, int worker)
{
    (void)worker;
    struct pld_team *team = context;
    struct pld_shared_run run = {
        .share = (int)index, .shares = team->count, .step_done = step_done, .context = team};
    pld_status status = pld_lane_run_share(team->members[index], team->program, team->slab, &run);
    if (status != PLD_OK) atomic_store(&team->failed, true);
    return status;
}

pld_status pld_team_run(struct pld_team *team)
{
    atomic_store(&team->arrived, 0);
    atomic_store(&team->failed, false);
    return pld_pool_run(team->pool, (size_t)team->count, run_member, team);
}

pld_status pld_team_new(struct pld_team **out, struct pld_engine *engine,
                        const struct pld_program *program, struct pld_pool *pool)
{
    *out = NULL;
    struct pld_team *team = calloc(1, sizeof *team);
    if (!team) return pld_fail_memory("team");
    team->engine = engine;
    team->program = program;
    team->pool = pool;
    team->count = pld_pool_threads(pool);
    size_t slab = pld_program_slab(program);
    team->members = calloc((size_t)team->count, sizeof(struct pld_lane *));
    team->slab = engine->backend->alloc(engine->backend, slab ? slab : 64);
    pld_status status = team->members && team->slab ? PLD_OK : pld_fail_memory("team");
    for (int i = 0; i < team->count && status == PLD_OK; i++)
        status = pld_lane_new(&team->members[i], engine, 0);
    if (status != PLD_OK) {
        pld_team_free(team);
        return status;
    }
    *out = team;
    return PLD_OK;
}

void pld_team_free(struct pld_team *team)
{
    if (!team) return;
    for (int i = 0; team->members && i < team->count; i++)
        pld_lane_free(team->members[i]);
    if (team->slab) team->engine->backend->free(team->engine->backend, team->slab);
    free(team->members);
    free(team);
}

void pld_team_bind(struct pld_team *team, int value, const void *data)
{
    for (int i = 0; i < team->count; i++)
        pld_lane_bind(team->members[i], value, data);
}

const void *pld_team_value(const struct pld_team *team, int value)
{
    return pld_lane_value(team->members[0], value);
}

void pld_team_set_timer(struct pld_team *team, pld_step_timer timer, void *context)
{
    pld_lane_set_timer(team->members[0], timer, context);
}
