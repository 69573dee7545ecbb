#include "run/prune.h"

#include <string.h>

#include "core/file.h"
#include "prune/mask.h"
#include "prune/planfile.h"

static pld_status check_offered(const struct pld_prune_options *o)
{
    if (o->compensate)
        return pld_fail(PLD_EUSAGE, "--compensate", "'%s' is not available in this version",
                        o->compensate);
    if (!o->mask)
        return pld_fail(PLD_EUSAGE, "prune",
                        "removing channels from the file is not available in this version; "
                        "--mask writes the model with them zeroed");
    return PLD_OK;
}

static pld_status mask_and_save(struct pld_prune_summary *out, const struct pld_graph *model,
                                const struct pld_groups *groups, const struct pld_plan *plan,
                                const char *path)
{
    struct pld_graph *masked;
    PLD_TRY(pld_graph_clone(&masked, model));
    pld_status status = PLD_OK;
    for (int g = 0; g < groups->n_groups && status == PLD_OK; g++) {
        if (!plan->removed[g]) continue;
        out->groups++;
        out->units += plan->removed[g];
        status = pld_mask_model(masked, groups, g, plan->units[g], plan->removed[g]);
    }
    if (status == PLD_OK) status = pld_graph_save(masked, path);
    pld_graph_free(masked);
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
    return mask_and_save(out, session->model, *groups, plan, o->out);
}

pld_status pld_prune_run(struct pld_prune_summary *out, const struct pld_prune_options *options)
{
    struct pld_session session = {0};
    struct pld_groups *groups = NULL;
    struct pld_plan plan = {0};
    *out = (struct pld_prune_summary){0};
    PLD_TRY(check_offered(options));
    pld_status status = work(out, &session, &plan, &groups, options);
    pld_plan_release(&plan);
    pld_groups_free(groups);
    pld_session_close(&session);
    return status;
}
