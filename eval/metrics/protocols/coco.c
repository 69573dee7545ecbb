/* COCO: by the fast evaluator, whose numbers the rules below give too. */
#include "eval/metrics/coco.h"
#include "eval/metrics/protocol.h"

static pld_status evaluate(struct pld_metric_result *result, const struct pld_truths *truths,
                           const struct pld_detections *detections, struct pld_pool *pool)
{
    struct pld_coco_result found = {0};
    pld_status status = pld_coco_evaluate(&found, truths->coco, detections, NULL, pool);
    if (status == PLD_OK) status = pld_metric_classes(result, truths->n_classes);
    for (int i = 0; status == PLD_OK && i < PLD_COCO_STATS; i++)
        pld_metric_add(result, pld_coco_stat_names[i], found.stats[i]);
    for (int k = 0; status == PLD_OK && k < result->n_classes; k++) {
        const struct pld_coco_class *class = &found.classes[k];
        result->classes[k] = (struct pld_metric_class){
            class->ap, class->ap50, {class->size[0], class->size[1], class->size[2]}};
    }
    pld_coco_result_release(&found);
    return status;
}

const struct pld_protocol pld_protocol_coco = {
    .name = "coco",
    .version = "pycocotools 2.0",
    .headline = "AP",
    .rules =
        {
            .iou = PLD_IOUS_COCO,
            .n_iou = 10,
            .overlap = PLD_OVERLAP_EDGES,
            .crowd = PLD_SPECIAL_REGION,
            .difficult = PLD_SPECIAL_COUNT,
            .zero_id = true,
            .choice = PLD_CHOICE_FREE,
            .area = {0, 1e10},
            .min_score = -1,
            .limit_cell = 100,
            .average = PLD_AVERAGE_101,
        },
    .evaluate = evaluate,
};
