/* Pascal VOC 2007: the mean of precisions at 11 recalls (Everingham et al., "The Pascal Visual
 * Object Classes (VOC) Challenge", IJCV 2010, section 4.2). */
#include "eval/metrics/protocols/voc.h"

static pld_status evaluate(struct pld_metric_result *result, const struct pld_truths *truths,
                           const struct pld_detections *detections, struct pld_pool *pool)
{
    return pld_voc_evaluate(&pld_protocol_voc07.rules, result, truths, detections, pool);
}

const struct pld_protocol pld_protocol_voc07 = {
    .name = "voc07",
    .version = "VOC 2007, 11 points",
    .headline = "mAP",
    .rules = PLD_RULES_VOC(PLD_AVERAGE_11),
    .evaluate = evaluate,
};
