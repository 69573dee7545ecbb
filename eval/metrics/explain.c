#include "eval/metrics/explain.h"

pld_status pld_explain(struct pld_explain *out, const struct pld_protocol *from,
                       const struct pld_protocol *to, const struct pld_truths *truths,
                       const struct pld_detections *detections, struct pld_pool *pool)
{
    struct pld_rules rules = pld_rules_for(&from->rules, truths->dataset);
    struct pld_rules target = pld_rules_for(&to->rules, truths->dataset);
    *out = (struct pld_explain){.from = from, .to = to};
    PLD_TRY(pld_rules_ap(&out->start, &rules, truths, detections, pool));
    out->end = out->start;
    for (int i = 0; i < pld_rule_count; i++) {
        const struct pld_rule *rule = &pld_rule_list[i];
        if (pld_rule_same(rule, &rules, &target)) continue;
        struct pld_explain_step *step = &out->steps[out->n_steps++];
        *step = (struct pld_explain_step){.rule = rule->name, .before = out->end};
        rule->describe(step->from, sizeof step->from, &rules);
        rule->take(&rules, &target);
        rule->describe(step->to, sizeof step->to, &rules);
        PLD_TRY(pld_rules_ap(&step->after, &rules, truths, detections, pool));
        out->end = step->after;
    }
    return PLD_OK;
}
