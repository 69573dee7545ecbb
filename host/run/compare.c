#include "run/compare.h"

#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "run/eval_report/compare_page.h"
#include "run/eval_report/worst.h"
#include "run/eval_source.h"

enum { A, B };

struct comparing {
    struct pld_compare_result *out;
    const struct pld_compare_options *options;
    struct pld_eval_options source;
    struct pld_dataset dataset;
    struct pld_detections found[2];
    struct pld_worst worst[2];
    struct pld_pool *pool;
    char no_pictures[512];
};

static bool is_list(const char *path)
{
    const char *dot = strrchr(path, '.');
    return dot && (strcmp(dot, ".json") == 0 || strcmp(dot, ".pldt") == 0);
}

static pld_status open_both(struct comparing *c)
{
    PLD_TRY(pld_pool_new(&c->pool, c->options->session->threads, NULL));
    PLD_TRY(pld_eval_open_data(&c->dataset, &c->source, c->no_pictures, sizeof c->no_pictures));
    for (int i = 0; i < 2; i++) {
        const char *path = c->options->sides[i];
        if (is_list(path))
            PLD_TRY(pld_eval_read_list(&c->found[i], path, &c->source, &c->dataset, c->pool));
        else
            PLD_TRY(pld_eval_detect(&c->found[i], path, &c->source));
    }
    return PLD_OK;
}

static pld_status measure(struct comparing *c)
{
    static const char *analyses[] = {"confusion", "errors"};
    struct pld_eval_request request = {.protocol = c->options->session->protocol,
                                       .analyze = {analyses, 2},
                                       .bootstrap = c->options->bootstrap,
                                       .seed = c->options->session->seed};
    for (int i = 0; i < 2; i++) {
        struct pld_eval_result *side = &c->out->side[i];
        side->device = side->head = side->preprocess = "";
        side->images = c->dataset.n_images;
        side->detections = c->found[i].count;
        side->measured = true;
        side->last_pixel_inside = c->dataset.last_pixel_inside;
        PLD_TRY(pld_eval_measure(&side->metrics, &request, &c->dataset, &c->found[i],
                                 i == B ? &c->found[A] : NULL, &side->arena, c->pool));
        PLD_TRY(pld_eval_name_classes(side, &c->dataset));
    }
    return PLD_OK;
}

static pld_status name_categories(struct comparing *c)
{
    struct pld_arena *arena = &c->out->side[A].arena;
    const char **names = pld_arena_array(arena, (size_t)c->dataset.n_categories + 1, sizeof *names);
    if (!names) return PLD_EDEVICE;
    for (int k = 0; k < c->dataset.n_categories; k++) {
        names[k] = pld_arena_strdup(arena, c->dataset.categories[k].name);
        if (!names[k]) return PLD_EDEVICE;
    }
    c->out->names = names;
    c->out->n_names = c->dataset.n_categories;
    return PLD_OK;
}

/* The ranges small, medium and large of COCO, each matched anew: boxes of other sizes are ignored.
 */
static pld_status measure_sizes(struct comparing *c)
{
    static const double ranges[3][2] = {{0, 1024}, {1024, 9216}, {9216, 1e10}};
    struct pld_bootstrap_options resamples = {c->options->bootstrap, c->options->session->seed};
    struct pld_truths truths;
    c->out->has_sizes = c->out->side[A].metrics.result.protocol == &pld_protocol_coco;
    if (!c->out->has_sizes) return PLD_OK;
    pld_status status = pld_truths_init(&truths, &c->dataset, false);
    for (int i = 0; i < 3 && status == PLD_OK; i++) {
        struct pld_matches a = {0}, b = {0};
        struct pld_comparison difference = {0};
        struct pld_rules rules = pld_protocol_coco.rules;
        memcpy(rules.area, ranges[i], sizeof rules.area);
        status = pld_match(&a, &truths, &c->found[A], &rules, c->pool);
        if (status == PLD_OK) status = pld_match(&b, &truths, &c->found[B], &rules, c->pool);
        if (status == PLD_OK) status = pld_compare(&difference, &b, &a, &resamples, c->pool);
        c->out->sizes[i] = difference.ap;
        pld_comparison_release(&difference);
        pld_matches_release(&a);
        pld_matches_release(&b);
    }
    pld_truths_release(&truths);
    return status;
}

/* ---- what changed ---- */

static uint32_t change_of(const struct pld_compare_pair *pair)
{
    return pair->count[A] > pair->count[B] ? pair->count[A] - pair->count[B]
                                           : pair->count[B] - pair->count[A];
}

/* Puts a pair in its place among those kept; equal changes stay in order of classes. */
static void keep_pair(struct pld_compare_result *out, const struct pld_compare_pair *pair)
{
    int at = out->n_pairs;
    while (at && change_of(&out->pairs[at - 1]) < change_of(pair))
        at--;
    if (at == PLD_COMPARE_PAIRS) return;
    int last = out->n_pairs < PLD_COMPARE_PAIRS ? out->n_pairs++ : PLD_COMPARE_PAIRS - 1;
    memmove(&out->pairs[at + 1], &out->pairs[at], (size_t)(last - at) * sizeof *pair);
    out->pairs[at] = *pair;
}

static void compare_confusion(struct pld_compare_result *out)
{
    const struct pld_confusion *a = &out->side[A].metrics.confusion;
    const struct pld_confusion *b = &out->side[B].metrics.confusion;
    for (int t = 0; t < a->n; t++)
        for (int f = 0; f < a->n; f++) {
            struct pld_compare_pair pair = {
                t, f, {pld_confusion_at(a, t, f), pld_confusion_at(b, t, f)}};
            if (t != f && change_of(&pair)) keep_pair(out, &pair);
        }
}

static int by_loss(const void *a, const void *b)
{
    const struct pld_compare_image *x = a, *y = b;
    double dx = x->cost[B] - x->cost[A], dy = y->cost[B] - y->cost[A];
    if (dx != dy) return dx > dy ? -1 : 1;
    return x->image < y->image ? -1 : x->image > y->image;
}

static pld_status compare_images(struct comparing *c)
{
    struct pld_compare_result *out = c->out;
    size_t n = (size_t)c->dataset.n_images;
    struct pld_compare_image *images = calloc(n + 1, sizeof *images);
    if (!images) return pld_fail_memory("images");
    for (int side = 0; side < 2; side++)
        for (int i = 0; i < c->worst[side].n_images; i++)
            images[c->worst[side].images[i].image].cost[side] = c->worst[side].images[i].cost;
    for (size_t i = 0; i < n; i++) {
        images[i].image = (int)i;
        out->images_worse += images[i].cost[B] > images[i].cost[A];
        out->images_better += images[i].cost[B] < images[i].cost[A];
    }
    qsort(images, n, sizeof *images, by_loss);
    pld_status status = PLD_OK;
    for (int i = 0; i < PLD_COMPARE_IMAGES && i < out->images_worse && status == PLD_OK; i++) {
        struct pld_compare_image *image = &out->worse[out->n_worse++];
        *image = images[i];
        image->id = c->dataset.images[image->image].id;
        image->name = pld_arena_strdup(&out->side[A].arena, c->dataset.images[image->image].name);
        if (!image->name) status = PLD_EDEVICE;
    }
    free(images);
    return status;
}

static pld_status find_worst(struct comparing *c)
{
    const struct pld_confusion *at = &c->out->side[A].metrics.confusion;
    const struct pld_rules *rules = &c->out->side[A].metrics.result.protocol->rules;
    for (int i = 0; i < 2; i++)
        PLD_TRY(pld_worst_find(&c->worst[i], &c->dataset, &c->found[i], rules, at->score, at->iou,
                               c->pool));
    return compare_images(c);
}

static pld_status check_request(const struct pld_compare_options *options)
{
    struct pld_eval_request request = {.protocol = options->session->protocol};
    PLD_TRY(pld_eval_request_check(&request));
    return pld_eval_check_writable(options->report);
}

static pld_status write_page(struct comparing *c)
{
    if (!c->options->report) return PLD_OK;
    const struct pld_compare_page page = {.result = c->out,
                                          .options = c->options,
                                          .dataset = &c->dataset,
                                          .found = c->found,
                                          .worst = c->worst,
                                          .no_pictures = *c->no_pictures ? c->no_pictures : NULL};
    return pld_compare_page_write(c->options->report, &page);
}

pld_status pld_compare_run(struct pld_compare_result *out,
                           const struct pld_compare_options *options)
{
    struct comparing c = {.out = out, .options = options};
    *out = (struct pld_compare_result){0};
    c.source = (struct pld_eval_options){
        .session = options->session, .data = options->data, .report = options->report};
    pld_status status = check_request(options);
    if (status == PLD_OK) status = open_both(&c);
    if (status == PLD_OK) status = measure(&c);
    if (status == PLD_OK) status = name_categories(&c);
    if (status == PLD_OK) status = measure_sizes(&c);
    if (status == PLD_OK) {
        compare_confusion(out);
        status = find_worst(&c);
    }
    if (status == PLD_OK) status = write_page(&c);
    for (int i = 0; i < 2; i++) {
        pld_worst_release(&c.worst[i]);
        pld_detections_release(&c.found[i]);
    }
    pld_dataset_release(&c.dataset);
    pld_pool_free(c.pool);
    return status;
}

void pld_compare_result_release(struct pld_compare_result *result)
{
    for (int i = 0; i < 2; i++)
        pld_eval_result_release(&result->side[i]);
    *result = (struct pld_compare_result){0};
}
