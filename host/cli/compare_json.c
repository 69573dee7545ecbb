/* The JSON document of `pollard compare`. */
#include "cli/compare_print.h"
#include "cli/output.h"

enum { A, B };

typedef yyjson_mut_doc doc_t;
typedef yyjson_mut_val val_t;

/* The comparison is of B with A: its `a` is B. */
static void add_difference(doc_t *doc, val_t *object, const struct pld_difference *d)
{
    pld_json_add_real(doc, object, "a", d->b);
    pld_json_add_real(doc, object, "b", d->a);
    pld_json_add_real(doc, object, "difference", d->d.estimate);
    val_t *ci = yyjson_mut_obj_add_arr(doc, object, "ci95");
    yyjson_mut_arr_append(ci, pld_json_real(doc, d->d.low));
    yyjson_mut_arr_append(ci, pld_json_real(doc, d->d.high));
    pld_json_add_real(doc, object, "standard_error", d->d.standard_error);
    pld_json_add_real(doc, object, "p", d->p);
}

static void add_numbers(doc_t *doc, val_t *root, const struct pld_compare_result *r)
{
    static const char *const sizes[] = {"APs", "APm", "APl"};
    const struct pld_comparison *c = &r->side[B].metrics.comparison;
    val_t *metrics = yyjson_mut_obj_add_obj(doc, root, "metrics");
    add_difference(doc, yyjson_mut_obj_add_obj(doc, metrics, "AP"), &c->ap);
    add_difference(doc, yyjson_mut_obj_add_obj(doc, metrics, "AP50"), &c->ap50);
    for (int i = 0; i < 3 && r->has_sizes; i++)
        add_difference(doc, yyjson_mut_obj_add_obj(doc, metrics, sizes[i]), &r->sizes[i]);
    val_t *list = yyjson_mut_obj_add_arr(doc, root, "per_class");
    for (int k = 0; k < c->n_classes; k++) {
        val_t *item = yyjson_mut_arr_add_obj(doc, list);
        yyjson_mut_obj_add_sint(doc, item, "id", r->side[B].classes[k].id);
        yyjson_mut_obj_add_str(doc, item, "name", r->side[B].classes[k].name);
        add_difference(doc, item, &c->classes[k]);
    }
}

static void add_errors(doc_t *doc, val_t *root, const struct pld_compare_result *r)
{
    val_t *errors = yyjson_mut_obj_add_obj(doc, root, "errors");
    for (int e = 0; e < PLD_TIDE_ERRORS; e++) {
        const struct pld_tide *a = &r->side[A].metrics.tide, *b = &r->side[B].metrics.tide;
        val_t *item = yyjson_mut_obj_add_obj(doc, errors, pld_tide_names[e]);
        pld_json_add_real(doc, item, "a", a->gain[e]);
        pld_json_add_real(doc, item, "b", b->gain[e]);
        yyjson_mut_obj_add_uint(doc, item, "count_a", a->count[e]);
        yyjson_mut_obj_add_uint(doc, item, "count_b", b->count[e]);
    }
}

static void add_changes(doc_t *doc, val_t *root, const struct pld_compare_result *r)
{
    val_t *pairs = yyjson_mut_obj_add_arr(doc, root, "confusion");
    for (int i = 0; i < r->n_pairs; i++) {
        val_t *item = yyjson_mut_arr_add_obj(doc, pairs);
        yyjson_mut_obj_add_str(doc, item, "class", r->names[r->pairs[i].truth]);
        yyjson_mut_obj_add_str(doc, item, "taken_for", r->names[r->pairs[i].found]);
        yyjson_mut_obj_add_uint(doc, item, "a", r->pairs[i].count[A]);
        yyjson_mut_obj_add_uint(doc, item, "b", r->pairs[i].count[B]);
    }
    yyjson_mut_obj_add_int(doc, root, "images_worse", r->images_worse);
    yyjson_mut_obj_add_int(doc, root, "images_better", r->images_better);
    val_t *worse = yyjson_mut_obj_add_arr(doc, root, "worst_images");
    for (int i = 0; i < r->n_worse; i++) {
        val_t *item = yyjson_mut_arr_add_obj(doc, worse);
        yyjson_mut_obj_add_sint(doc, item, "id", r->worse[i].id);
        yyjson_mut_obj_add_str(doc, item, "name", r->worse[i].name);
        pld_json_add_real(doc, item, "cost_a", r->worse[i].cost[A]);
        pld_json_add_real(doc, item, "cost_b", r->worse[i].cost[B]);
    }
}

pld_status pld_compare_print_json(const struct pld_compare_result *r,
                                  const struct pld_compare_options *options)
{
    doc_t *doc = yyjson_mut_doc_new(NULL);
    if (!doc) return pld_fail_memory("JSON");
    val_t *root = yyjson_mut_obj(doc);
    yyjson_mut_doc_set_root(doc, root);
    yyjson_mut_obj_add_str(doc, root, "a", options->sides[A]);
    yyjson_mut_obj_add_str(doc, root, "b", options->sides[B]);
    yyjson_mut_obj_add_str(doc, root, "protocol", r->side[A].metrics.result.protocol->name);
    yyjson_mut_obj_add_int(doc, root, "images", r->side[A].images);
    yyjson_mut_obj_add_int(doc, root, "samples", r->side[B].metrics.comparison.samples);
    add_numbers(doc, root, r);
    add_errors(doc, root, r);
    add_changes(doc, root, r);
    return pld_output_json(doc);
}
