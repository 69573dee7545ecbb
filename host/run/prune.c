#include "run/prune.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "prune/mask.h"
#include "prune/planfile.h"
#include "prune/surgery.h"
#include "run/keep_index.h"
#include "run/plan_record.h"

static pld_status mask(struct pld_graph **out, const struct pld_groups *groups,
                       const struct pld_plan *plan)
{
    PLD_TRY(pld_graph_clone(out, groups->graph));
    pld_status status = PLD_OK;
    for (int g = 0; g < groups->n_groups && status == PLD_OK; g++)
        if (plan->removed[g])
            status = pld_mask_model(*out, groups, g, plan->units[g], plan->removed[g]);
    if (status == PLD_OK) return pld_graph_drop_unread(*out);
    pld_graph_free(*out);
    *out = NULL;
    return status;
}

/* A model that is pruned again keeps its earlier plans, as "pollard.plan.1" and so on. */
static pld_status record_plan(struct pld_graph *model, const struct pld_groups *groups,
                              const struct pld_plan *plan)
{
    const char *before = pld_graph_metadata(model, "pollard.plan");
    char key[32];
    for (int i = 1; before; i++) {
        snprintf(key, sizeof key, "pollard.plan.%d", i);
        if (pld_graph_metadata(model, key)) continue;
        PLD_TRY(pld_graph_set_metadata(model, key, before));
        break;
    }
    char *text;
    PLD_TRY(pld_plan_record(&text, groups, plan));
    pld_status status = pld_graph_set_metadata(model, "pollard.plan", text);
    free(text);
    return status;
}

static pld_status carry_out(const struct pld_session *session, const struct pld_groups *groups,
                            const struct pld_plan *plan, const struct pld_prune_options *o)
{
    struct pld_graph *result;
    if (o->mask)
        PLD_TRY(mask(&result, groups, plan));
    else
        PLD_TRY(pld_surgery(&result, groups, plan->units, plan->removed, session->host));
    pld_status status = record_plan(result, groups, plan);
    if (status == PLD_OK) status = pld_graph_save(result, o->out);
    if (status == PLD_OK && o->keep_index)
        status = pld_keep_index_write(o->keep_index, groups, plan);
    pld_graph_free(result);
    return status;
}

static pld_status compensate_and_carry_out(struct pld_prune_summary *out,
                                           const struct pld_session *session,
                                           const struct pld_plan *plan,
                                           const struct pld_prune_options *o)
{
    const struct pld_recover_options options = {o->session, o->model, o->calibrate, o->compensate};
    struct pld_recovered recovered;
    pld_status status = pld_recover(&recovered, plan, &options);
    if (status == PLD_OK) status = carry_out(session, recovered.groups, plan, o);
    if (status == PLD_OK) pld_recovered_summary(&out->recovery, &recovered);
    pld_recovered_release(&recovered);
    return status;
}

static pld_status work(struct pld_prune_summary *out, struct pld_session *session,
                       struct pld_plan *plan, struct pld_groups **groups,
                       const struct pld_prune_options *o)
{
    PLD_TRY(pld_session_open(session, o->session));
    PLD_TRY(pld_session_load_model(session, o->model));
    PLD_TRY(pld_groups_new(groups, session->model));
    PLD_TRY(pld_plan_read(plan, o->plan, *groups, o->session->seed));
    int *nothing = pld_arena_array(&plan->arena, (size_t)plan->n_groups + 1, sizeof(int));
    if (!nothing) return PLD_EDEVICE;
    PLD_TRY(pld_groups_cost(&out->macs, &out->params, *groups, nothing));
    PLD_TRY(pld_groups_cost(&out->new_macs, &out->new_params, *groups, plan->removed));
    for (int g = 0; g < plan->n_groups; g++) {
        out->groups += plan->removed[g] > 0;
        out->units += plan->removed[g];
    }
    PLD_TRY(o->compensate ? compensate_and_carry_out(out, session, plan, o)
                          : carry_out(session, *groups, plan, o));
    if (o->mask) return PLD_OK;
    const struct pld_prune_table_options table = {.session = o->session,
                                                  .model = o->model,
                                                  .pruned = o->out,
                                                  .data = o->data,
                                                  .bench = o->bench};
    return pld_prune_table_new(&out->table, &table, *groups, plan);
}

pld_status pld_prune_run(struct pld_prune_summary *out, const struct pld_prune_options *options)
{
    struct pld_session session = {0};
    struct pld_groups *groups = NULL;
    struct pld_plan plan = {0};
    *out = (struct pld_prune_summary){0};
    pld_status status = work(out, &session, &plan, &groups, options);
    pld_plan_release(&plan);
    pld_groups_free(groups);
    pld_session_close(&session);
    return status;
}

void pld_prune_summary_release(struct pld_prune_summary *summary)
{
    pld_prune_table_release(&summary->table);
}
