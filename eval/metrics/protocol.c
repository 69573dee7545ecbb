#include "eval/metrics/protocol.h"

#include <stdlib.h>
#include <string.h>

static const struct pld_protocol *const rows[] = {
#define PLD_PROTOCOL(id) &pld_protocol_##id,
#include "eval/metrics/protocol.def"
#undef PLD_PROTOCOL
};

const struct pld_protocol *const *pld_protocol_list(int *count)
{
    *count = sizeof rows / sizeof *rows;
    return rows;
}

const struct pld_protocol *pld_protocol_find(const char *name)
{
    if (strcmp(name, "ultralytics") == 0) return &pld_protocol_ultralytics83;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (strcmp(rows[i]->name, name) == 0) return rows[i];
    return NULL;
}

void pld_metric_add(struct pld_metric_result *result, const char *name, double value)
{
    result->metrics[result->n_metrics++] = (struct pld_metric){name, value};
}

pld_status pld_metric_classes(struct pld_metric_result *result, int n_classes)
{
    result->classes = malloc(((size_t)n_classes + 1) * sizeof *result->classes);
    if (!result->classes) return pld_fail_memory("result of the evaluation");
    result->n_classes = n_classes;
    for (int k = 0; k < n_classes; k++)
        result->classes[k] = (struct pld_metric_class){-1, -1, {-1, -1, -1}};
    return PLD_OK;
}

void pld_metric_result_release(struct pld_metric_result *result)
{
    free(result->classes);
    *result = (struct pld_metric_result){0};
}

pld_status pld_protocol_evaluate(struct pld_metric_result *out, const struct pld_protocol *protocol,
                                 const struct pld_truths *truths,
                                 const struct pld_detections *detections, struct pld_pool *pool)
{
    *out = (struct pld_metric_result){.protocol = protocol};
    pld_status status = protocol->evaluate(out, truths, detections, pool);
    if (status != PLD_OK) pld_metric_result_release(out);
    return status;
}

struct batch {
    struct pld_metric_result *results;
    const struct pld_protocol *protocol;
    const struct pld_truths *truths;
    const struct pld_detections *detections;
};

static pld_status list_task(void *context, size_t index, int worker)
{
    (void)worker;
    struct batch *batch = context;
    return pld_protocol_evaluate(&batch->results[index], batch->protocol, batch->truths,
                                 &batch->detections[index], NULL);
}

pld_status pld_protocol_evaluate_many(struct pld_metric_result *results,
                                      const struct pld_protocol *protocol,
                                      const struct pld_truths *truths,
                                      const struct pld_detections *detections, size_t count,
                                      struct pld_pool *pool)
{
    struct batch batch = {results, protocol, truths, detections};
    pld_status status = PLD_OK;
    memset(results, 0, count * sizeof *results);
    if (pool) status = pld_pool_run(pool, count, list_task, &batch);
    for (size_t i = 0; !pool && i < count && status == PLD_OK; i++)
        status = list_task(&batch, i, 0);
    for (size_t i = 0; i < count && status != PLD_OK; i++)
        pld_metric_result_release(&results[i]);
    return status;
}
