/* Pascal VOC 2010 to 2012: the area under the curve made falling (Everingham et al., "The Pascal
 * Visual Object Classes Challenge: A Retrospective", IJCV 2015, section 3.4.1). */
#include "eval/metrics/protocols/voc.h"

static pld_status evaluate(struct pld_metric_result *result, const struct pld_truths *truths,
                           const struct pld_detections *detections, struct pld_pool *pool)
{
    return pld_voc_evaluate(&pld_protocol_voc12.rules, result, truths, detections, pool);
}

const struct pld_protocol pld_protocol_voc12 = {
    .name = "voc12",
    .version = "VOC 2010 to 2012, area",
    .headline = "mAP",
    .rules = PLD_RULES_VOC(PLD_AVERAGE_AREA),
    .evaluate = evaluate,
};
