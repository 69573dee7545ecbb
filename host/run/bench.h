/* Latency and throughput of models, and where the time goes. */
#ifndef PLD_RUN_BENCH_H
#define PLD_RUN_BENCH_H

#include "core/option.h"
#include "run/session.h"

struct pld_bench_options {
    const struct pld_session_options *session;
    struct pld_words models;
    double seconds; /* measured for each model */
    int runs;       /* forwards measured of each model; 0: as many as fit into `seconds` */
    int warmup;     /* forwards before anything is measured */
    bool layers;
};

/* Of the seconds of single forwards. Percentiles are interpolated between neighbours. */
struct pld_bench_stats {
    int runs;
    double mean, min, max, median, p5, p25, p75, p95, p99;
    double cv; /* standard deviation (n - 1) over mean; 0 for one run */
};

struct pld_bench_layer {
    const char *node, *op, *kernel, *shape; /* shape of output 0 */
    double seconds;                         /* median, of one piece on one lane */
    int64_t macs;                           /* of one piece */
};

struct pld_bench_model {
    const char *model;
    struct pld_bench_stats stats;
    int64_t batch, macs; /* images a forward; multiply-accumulates of one image */
    double load_seconds; /* reading, compiling and packing */
    struct pld_bench_layer *layers;
    int n_layers;
};

struct pld_bench_result {
    struct pld_arena arena; /* owns the below */
    struct pld_bench_model *models;
    int n_models;
    char device[160];
    int threads;
};

/* Statistics of `n` > 0 numbers, which are sorted. */
void pld_bench_stats_of(struct pld_bench_stats *out, double *seconds, int n);

/* Measures all models in turns of short rounds, so that a change of the machine meets all of them.
 * A forward is from row-major inputs in host memory to row-major outputs there. */
pld_status pld_bench_run(struct pld_bench_result *out, const struct pld_bench_options *options);
void pld_bench_result_release(struct pld_bench_result *result);

#endif
