#include "run/demo.h"

#include "core/file.h"
#include "core/log.h"
#include "eval/synth/synth.h"

struct places {
    char data[4096], annotations[4096], model[4096], sweep[4096];
};

static pld_status name_places(struct places *p, const char *out)
{
    PLD_TRY(pld_path_join(p->data, sizeof p->data, out, "data"));
    PLD_TRY(pld_path_join(p->annotations, sizeof p->annotations, out, "data/annotations.json"));
    PLD_TRY(pld_path_join(p->model, sizeof p->model, out, "panels.onnx"));
    return pld_path_join(p->sweep, sizeof p->sweep, out, "sweep");
}

pld_status pld_demo_run(struct pld_sweep_summary *out, const struct pld_demo_options *options)
{
    static double ratios[] = {0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9};
    struct places p;
    PLD_TRY(name_places(&p, options->out));
    PLD_TRY(pld_dir_make(options->out));
    pld_log(PLD_LOG_INFO, "drawing %d pictures into %s", options->count, p.data);
    PLD_TRY(pld_synth_write_dataset(p.data, options->seed, options->first, options->count));
    PLD_TRY(pld_file_write(p.model, pld_demo_model, (size_t)(pld_demo_model_end - pld_demo_model)));
    struct pld_sweep_options sweep = {
        .session = options->session,
        .model = p.model,
        .data = p.annotations,
        .out = p.sweep,
        .ratios = {ratios, sizeof ratios / sizeof ratios[0]},
        .criterion = "l1",
        .metric = "map",
        .resume = true,
        .shard = 1,
        .shards = 1,
        .command_line = options->command_line,
    };
    pld_log(PLD_LOG_INFO, "sweeping %s", p.model);
    return pld_sweep_run(out, &sweep);
}
