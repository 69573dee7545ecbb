#include "eval/metrics/protocols/voc.h"

pld_status pld_voc_evaluate(const struct pld_rules *rules, struct pld_metric_result *result,
                            const struct pld_truths *truths,
                            const struct pld_detections *detections, struct pld_pool *pool)
{
    struct pld_matches matches;
    struct pld_scores scores = {0};
    pld_status status = pld_match(&matches, truths, detections, rules, pool);
    if (status == PLD_OK) status = pld_scores_init(&scores, &matches);
    if (status == PLD_OK) status = pld_scores_fill(&scores, &matches, NULL, 0);
    if (status == PLD_OK) status = pld_metric_classes(result, matches.n_classes);
    if (status == PLD_OK) {
        pld_metric_add(result, "AP50", pld_scores_ap(&scores, -1, 0, 1));
        for (int k = 0; k < result->n_classes; k++)
            result->classes[k].ap = result->classes[k].ap50 = pld_scores_ap(&scores, k, 0, 1);
    }
    pld_scores_release(&scores);
    pld_matches_release(&matches);
    return status;
}
