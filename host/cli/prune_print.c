#include "cli/prune_print.h"

#include <math.h>

#include "cli/output.h"

static double per_second(const struct pld_prune_table *t, const struct pld_prune_side *side)
{
    return (double)t->batch / side->time.median;
}

/* ---- JSON ---- */

static void add_recovery(yyjson_mut_doc *doc, yyjson_mut_val *root,
                         const struct pld_recovery_summary *r)
{
    yyjson_mut_val *o = yyjson_mut_obj_add_obj(doc, root, "compensation");
    yyjson_mut_obj_add_int(doc, o, "layers", r->layers);
    yyjson_mut_obj_add_int(doc, o, "images", r->images);
    yyjson_mut_obj_add_int(doc, o, "refused", r->refused);
    yyjson_mut_obj_add_int(doc, o, "scarce", r->scarce);
    pld_json_add_real(doc, o, "error_before", r->error_before);
    pld_json_add_real(doc, o, "error_after", r->error_after);
    pld_json_add_real(doc, o, "seconds", r->seconds);
}

static void add_time(yyjson_mut_doc *doc, yyjson_mut_val *object, const char *key,
                     const struct pld_prune_table *t, const struct pld_prune_side *side)
{
    yyjson_mut_val *o = yyjson_mut_obj_add_obj(doc, object, key);
    yyjson_mut_obj_add_int(doc, o, "runs", side->time.runs);
    pld_json_add_real(doc, o, "median_ms", side->time.median * 1e3);
    pld_json_add_real(doc, o, "p25_ms", side->time.p25 * 1e3);
    pld_json_add_real(doc, o, "p75_ms", side->time.p75 * 1e3);
    pld_json_add_real(doc, o, "images_per_second", per_second(t, side));
}

static void add_latency(yyjson_mut_doc *doc, yyjson_mut_val *root, const struct pld_prune_table *t)
{
    yyjson_mut_val *o = yyjson_mut_obj_add_obj(doc, root, "latency");
    yyjson_mut_obj_add_strcpy(doc, o, "device", t->device);
    yyjson_mut_obj_add_int(doc, o, "threads", t->threads);
    yyjson_mut_obj_add_int(doc, o, "batch", t->batch);
    add_time(doc, o, "before", t, &t->before);
    add_time(doc, o, "after", t, &t->after);
    pld_json_add_real(doc, o, "speedup", t->before.time.median / t->after.time.median);
    pld_json_add_real(doc, o, "predicted_ms", t->predicted_ms);
}

static void add_map(yyjson_mut_doc *doc, yyjson_mut_val *root, const struct pld_prune_table *t)
{
    yyjson_mut_val *o = yyjson_mut_obj_add_obj(doc, root, "map");
    yyjson_mut_obj_add_str(doc, o, "protocol", "coco");
    yyjson_mut_obj_add_int(doc, o, "images", t->images);
    pld_json_add_real(doc, o, "before", t->before.map);
    pld_json_add_real(doc, o, "after", t->after.map);
    pld_json_add_real(doc, o, "drop", t->drop);
    yyjson_mut_val *ci = yyjson_mut_obj_add_arr(doc, o, "ci95");
    for (int k = 0; k < 2; k++)
        yyjson_mut_arr_add_val(ci, pld_json_real(doc, t->ci[k]));
}

static void add_gains(yyjson_mut_doc *doc, yyjson_mut_val *root, const struct pld_prune_summary *s)
{
    yyjson_mut_val *list = yyjson_mut_obj_add_arr(doc, root, "top_groups");
    for (int i = 0; i < s->table.n_gains; i++) {
        const struct pld_prune_gain *gain = &s->table.gains[i];
        yyjson_mut_val *o = yyjson_mut_arr_add_obj(doc, list);
        yyjson_mut_obj_add_strcpy(doc, o, "group", gain->id);
        yyjson_mut_obj_add_strcpy(doc, o, "name", gain->name);
        yyjson_mut_obj_add_int(doc, o, "units", gain->units);
        yyjson_mut_obj_add_int(doc, o, "removed", gain->removed);
        pld_json_add_real(doc, o, "macs_saved", gain->macs);
        pld_json_add_real(doc, o, "share", gain->macs / (double)(s->macs - s->new_macs));
    }
}

pld_status pld_prune_print_json(const struct pld_prune_options *options,
                                const struct pld_prune_summary *s)
{
    yyjson_mut_doc *doc = yyjson_mut_doc_new(NULL);
    if (!doc) return pld_fail_memory("JSON");
    yyjson_mut_val *root = yyjson_mut_obj(doc);
    yyjson_mut_doc_set_root(doc, root);
    yyjson_mut_obj_add_strcpy(doc, root, "out", options->out);
    yyjson_mut_obj_add_int(doc, root, "groups", s->groups);
    yyjson_mut_obj_add_int(doc, root, "units", s->units);
    yyjson_mut_obj_add_int(doc, root, "macs", s->new_macs);
    yyjson_mut_obj_add_int(doc, root, "params", s->new_params);
    yyjson_mut_obj_add_int(doc, root, "macs_before", s->macs);
    yyjson_mut_obj_add_int(doc, root, "params_before", s->params);
    if (s->recovery.layers) add_recovery(doc, root, &s->recovery);
    if (options->mask) return pld_output_json(doc);
    yyjson_mut_obj_add_int(doc, root, "bytes", s->table.after.bytes);
    yyjson_mut_obj_add_int(doc, root, "bytes_before", s->table.before.bytes);
    if (s->table.device) add_latency(doc, root, &s->table);
    if (options->data) add_map(doc, root, &s->table);
    add_gains(doc, root, s);
    return pld_output_json(doc);
}

/* ---- text ---- */

static void write_change(struct pld_str *text, const char *name, double before, double after,
                         const char *unit)
{
    pld_str_printf(text, "%-10s %12.3f %-3s %12.3f %-3s %8.1f %%", name, before, unit, after, unit,
                   before > 0 ? 100 * after / before : 100);
}

/* Half of the runs differ by more than a tenth: something else was at work. */
static bool unsteady(const struct pld_bench_stats *time)
{
    return time->p75 - time->p25 > 0.1 * time->median;
}

static void write_times(struct pld_str *text, const struct pld_prune_table *t)
{
    const struct pld_bench_stats *before = &t->before.time, *after = &t->after.time;
    write_change(text, "latency", before->median * 1e3, after->median * 1e3, "ms");
    pld_str_printf(text, "  half of the runs in %.3f to %.3f, %.3f to %.3f\n", before->p25 * 1e3,
                   before->p75 * 1e3, after->p25 * 1e3, after->p75 * 1e3);
    if (unsteady(before) || unsteady(after))
        pld_str_printf(text,
                       "%-10s inconclusive: times varied by more than 10 %%, as on a machine "
                       "that has other work\n",
                       "");
    if (isfinite(t->predicted_ms))
        pld_str_printf(text, "%-10s %16s %12.3f ms  %+8.1f %%  of what was measured\n", "predicted",
                       "", t->predicted_ms, 100 * (t->predicted_ms / after->median / 1e3 - 1));
    write_change(text, "throughput", per_second(t, &t->before), per_second(t, &t->after), "/s");
    pld_str_printf(text, "  images; %s, batch %lld, %d runs and %d\n", t->device,
                   (long long)t->batch, before->runs, after->runs);
}

static void write_map(struct pld_str *text, const struct pld_prune_table *t)
{
    pld_str_printf(text, "%-10s %12.4f %-3s %12.4f %-3s   drop %.4f", "mAP (coco)", t->before.map,
                   "", t->after.map, "", t->drop);
    if (isfinite(t->ci[0]) && isfinite(t->ci[1]))
        pld_str_printf(text, " (%.4f to %.4f)", t->ci[0], t->ci[1]);
    pld_str_printf(text, ", %d images\n", t->images);
}

static void write_gains(struct pld_str *text, const struct pld_prune_summary *s)
{
    if (!s->table.n_gains) return;
    pld_str_printf(text, "\n%-6s %9s %7s %14s %7s  %s\n", "group", "removed", "ratio", "MACs saved",
                   "share", "first layer");
    for (int i = 0; i < s->table.n_gains; i++) {
        const struct pld_prune_gain *gain = &s->table.gains[i];
        char removed[32];
        snprintf(removed, sizeof removed, "%d/%d", gain->removed, gain->units);
        pld_str_printf(text, "%-6s %9s %7.2f %12.3f M %5.1f %%  %s\n", gain->id, removed,
                       (double)gain->removed / gain->units, gain->macs / 1e6,
                       100 * gain->macs / (double)(s->macs - s->new_macs), gain->name);
    }
}

static void write_recovery(struct pld_str *text, const struct pld_recovery_summary *r)
{
    pld_str_printf(text,
                   "%d layers refitted on %d images in %.1f s; error of a layer's output %.4f -> "
                   "%.4f of its variance\n",
                   r->layers, r->images, r->seconds, r->error_before, r->error_after);
    if (r->refused)
        pld_str_printf(text, "%d of them got a simpler fit: it is better on images held out\n",
                       r->refused);
}

pld_status pld_prune_print_text(const struct pld_prune_options *options,
                                const struct pld_prune_summary *s)
{
    struct pld_str text = {0};
    const struct pld_prune_table *t = &s->table;
    pld_str_printf(&text, "%d units of %d groups %s\n", s->units, s->groups,
                   options->mask ? "masked" : "removed");
    pld_str_printf(&text, "%-10s %16s %16s %10s\n", "", "before", "after", "left");
    write_change(&text, "MACs", (double)s->macs / 1e6, (double)s->new_macs / 1e6, "M");
    pld_str_append(&text, "\n");
    write_change(&text, "params", (double)s->params / 1e6, (double)s->new_params / 1e6, "M");
    pld_str_append(&text, "\n");
    if (!options->mask) {
        write_change(&text, "file", (double)t->before.bytes / 1e6, (double)t->after.bytes / 1e6,
                     "MB");
        pld_str_append(&text, "\n");
    }
    if (t->device) write_times(&text, t);
    if (options->data) write_map(&text, t);
    write_gains(&text, s);
    if (s->recovery.layers) write_recovery(&text, &s->recovery);
    pld_str_printf(&text, "written to %s\n", options->out);
    return pld_output_text(&text);
}
