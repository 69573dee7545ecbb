/* From lists to cells (one image and class), through the matcher, and into order of score. */
#include "eval/metrics/match.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "eval/metrics/match_impl.h"

/* ---- ground truth -------------------------------------------------------------------------- */

static int compare_notes(const void *a, const void *b, void *context)
{
    const struct pld_truths *truths = context;
    uint32_t i = *(const uint32_t *)a, j = *(const uint32_t *)b;
    const struct pld_annotation *x = &truths->dataset->annotations[i];
    const struct pld_annotation *y = &truths->dataset->annotations[j];
    bool split = truths->n_classes > 1;
    if (split && x->category != y->category) return x->category < y->category ? -1 : 1;
    if (x->image != y->image) return x->image < y->image ? -1 : 1;
    if (x->category != y->category) return x->category < y->category ? -1 : 1;
    return i < j ? -1 : i > j;
}

pld_status pld_truths_init(struct pld_truths *out, const struct pld_dataset *dataset,
                           bool class_agnostic)
{
    *out = (struct pld_truths){.dataset = dataset};
    out->n_classes = class_agnostic ? 1 : dataset->n_categories;
    PLD_TRY(pld_coco_gt_new(&out->coco, dataset)); /* looks at every annotation */
    if (class_agnostic) {
        pld_coco_gt_free(out->coco);
        out->coco = NULL;
    }
    size_t n = (size_t)dataset->n_annotations;
    out->order = malloc((n + 1) * sizeof *out->order);
    out->first = calloc((size_t)out->n_classes + 1, sizeof *out->first);
    if (!out->order || !out->first) return pld_fail_memory("ground truth");
    for (uint32_t i = 0; i < n; i++) {
        out->order[i] = i;
        out->first[class_agnostic ? 1 : dataset->annotations[i].category + 1]++;
    }
    for (int k = 0; k < out->n_classes; k++)
        out->first[k + 1] += out->first[k];
    qsort_r(out->order, n, sizeof *out->order, compare_notes, out);
    return PLD_OK;
}

void pld_truths_release(struct pld_truths *truths)
{
    pld_coco_gt_free(truths->coco);
    free(truths->order);
    free(truths->first);
    *truths = (struct pld_truths){0};
}

/* ---- detections ---------------------------------------------------------------------------- */

struct matching {
    struct pld_matches *out;
    const struct pld_truths *truths;
    const struct pld_detections *list;
    const bool *dropped; /* [list->count] beyond the limit of its image; NULL without one */
    size_t *first;       /* [n_classes + 1] into out->items */
};

/* Falling scores; NaN last, as numpy sorts. */
static int compare_scores(double a, double b)
{
    if (a == b || (a != a && b != b)) return 0;
    if (a != a) return 1;
    if (b != b) return -1;
    return a > b ? -1 : 1;
}

/* By image, then score, category and place in the list: the cells of a class one after the other.
 * Without `items` categories do not break ties. */
static int compare_by_image(const void *a, const void *b, void *items)
{
    const struct pld_matched *x = a, *y = b;
    const struct pld_detection *list = items;
    if (x->image != y->image) return x->image < y->image ? -1 : 1;
    int order = compare_scores(x->score, y->score);
    if (order) return order;
    if (list && list[x->det].category != list[y->det].category)
        return list[x->det].category < list[y->det].category ? -1 : 1;
    return x->det < y->det ? -1 : x->det > y->det;
}

/* By score, then image: the order of a curve. */
static int compare_by_score(const void *a, const void *b)
{
    const struct pld_matched *x = a, *y = b;
    int order = compare_scores(x->score, y->score);
    if (order) return order;
    if (x->image != y->image) return x->image < y->image ? -1 : 1;
    return x->rank < y->rank ? -1 : x->rank > y->rank;
}

/* Marks the detections beyond `limit` of their image, all classes together: the lowest scores, of
 * equal ones the later in the list. */
static pld_status drop_beyond(bool **out, const struct pld_detections *list, uint32_t limit)
{
    struct pld_matched *items = calloc(list->count + 1, sizeof *items);
    *out = calloc(list->count + 1, sizeof **out);
    if (!items || !*out) {
        free(items);
        return pld_fail_memory("limit of detections");
    }
    for (size_t i = 0; i < list->count; i++)
        items[i] = (struct pld_matched){
            .det = (uint32_t)i, .image = list->items[i].image, .score = list->items[i].score};
    qsort_r(items, list->count, sizeof *items, compare_by_image, NULL);
    uint32_t rank = 0;
    for (size_t i = 0; i < list->count; i++) {
        rank = i && items[i].image == items[i - 1].image ? rank + 1 : 0;
        (*out)[items[i].det] = rank >= limit;
    }
    free(items);
    return PLD_OK;
}

static pld_status check_list(const struct pld_detections *list, const struct pld_dataset *dataset)
{
    if (list->count >= UINT32_MAX)
        return pld_fail(PLD_EFAIL, NULL, "too many detections (%zu)", list->count);
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i].image < 0 || list->items[i].image >= dataset->n_images ||
            list->items[i].category < 0 || list->items[i].category >= dataset->n_categories)
            return pld_fail(PLD_EFAIL, NULL,
                            "detection %zu is of an image or category outside of the dataset", i);
    return PLD_OK;
}

static bool takes_part(const struct matching *m, size_t i)
{
    double least = m->out->rules.min_score;
    if (m->dropped && m->dropped[i]) return false;
    return least < 0 || m->list->items[i].score > least;
}

static int class_of(const struct matching *m, int32_t category)
{
    return m->truths->n_classes == 1 ? 0 : category;
}

static void distribute(struct matching *m)
{
    int n = m->out->n_classes;
    for (size_t i = 0; i < m->list->count; i++)
        if (takes_part(m, i)) m->first[class_of(m, m->list->items[i].category) + 1]++;
    for (int k = 0; k < n; k++)
        m->first[k + 1] += m->first[k];
    for (int k = 0; k < n; k++)
        m->out->classes[k].items = m->out->items + m->first[k];
    for (size_t i = 0; i < m->list->count; i++) {
        if (!takes_part(m, i)) continue;
        const struct pld_detection *det = &m->list->items[i];
        struct pld_matched_class *class = &m->out->classes[class_of(m, det->category)];
        class->items[class->count++] = (struct pld_matched){
            .det = (uint32_t)i, .image = det->image, .truth = -1, .score = det->score};
    }
}

/* ---- one class ----------------------------------------------------------------------------- */

static struct match_truth prepare_truth(const struct pld_rules *rules,
                                        const struct pld_dataset *dataset, uint32_t index)
{
    const struct pld_annotation *note = &dataset->annotations[index];
    enum pld_special crowd = note->crowd ? rules->crowd : PLD_SPECIAL_COUNT;
    enum pld_special kind =
        note->difficult && crowd == PLD_SPECIAL_COUNT ? rules->difficult : crowd;
    bool special = kind != PLD_SPECIAL_COUNT;
    return (struct match_truth){
        .note = kind == PLD_SPECIAL_DROP ? NULL : note,
        .index = (int32_t)index,
        .ignored = special || pld_rules_outside(rules, note->area),
        .many = special,
        .region = kind == PLD_SPECIAL_REGION,
    };
}

/* Keeps the limit's first detections of every image, and numbers them. */
static void limit_cells(struct pld_matched_class *class, uint32_t limit)
{
    size_t kept = 0;
    uint32_t rank = 0;
    int32_t image = -1;
    for (size_t i = 0; i < class->count; i++) {
        rank = class->items[i].image == image ? rank + 1 : 0;
        image = class->items[i].image;
        if (limit && rank >= limit) continue;
        class->items[kept] = class->items[i];
        class->items[kept++].rank = rank;
    }
    class->count = kept;
}

/* Walks detections and boxes, both by image, side by side. */
static pld_status match_images(struct matching *m, int k)
{
    const struct pld_rules *rules = &m->out->rules;
    const struct pld_annotation *notes = m->truths->dataset->annotations;
    struct pld_matched_class *class = &m->out->classes[k];
    const uint32_t *order = m->truths->order + m->truths->first[k];
    size_t n_notes = m->truths->first[k + 1] - m->truths->first[k], i = 0;
    int32_t *positives = m->out->positives + m->truths->first[k];
    struct match_truth *truths = malloc((n_notes + 1) * sizeof *truths);
    double *overlap = malloc((n_notes + 1) * sizeof *overlap);
    class->positives = positives;
    for (size_t g = 0; truths && overlap && (g < n_notes || i < class->count);) {
        int32_t image = g < n_notes ? notes[order[g]].image : INT32_MAX;
        if (i < class->count && class->items[i].image < image) image = class->items[i].image;
        size_t n = 0, last = i;
        for (; g < n_notes && notes[order[g]].image == image; g++) {
            truths[n] = prepare_truth(rules, m->truths->dataset, order[g]);
            if (!truths[n].note) continue;
            if (!truths[n].ignored) positives[class->n_positives++] = image;
            n++;
        }
        while (last < class->count && class->items[last].image == image)
            last++;
        pld_match_cell(class->items + i, last - i, truths, n, m->list, rules, overlap);
        i = last;
    }
    pld_status status = truths && overlap ? PLD_OK : pld_fail_memory("matching");
    free(truths);
    free(overlap);
    return status;
}

static pld_status class_task(void *context, size_t index, int worker)
{
    (void)worker;
    struct matching *m = context;
    struct pld_matched_class *class = &m->out->classes[index];
    qsort_r(class->items, class->count, sizeof *class->items, compare_by_image, m->list->items);
    limit_cells(class, (uint32_t)m->out->rules.limit_cell);
    PLD_TRY(match_images(m, (int)index));
    qsort(class->items, class->count, sizeof *class->items, compare_by_score);
    return PLD_OK;
}

pld_status pld_match(struct pld_matches *out, const struct pld_truths *truths,
                     const struct pld_detections *detections, const struct pld_rules *rules,
                     struct pld_pool *pool)
{
    size_t n_classes = (size_t)truths->n_classes, n_notes = (size_t)truths->dataset->n_annotations;
    *out = (struct pld_matches){.rules = pld_rules_for(rules, truths->dataset),
                                .n_images = truths->dataset->n_images,
                                .n_classes = truths->n_classes};
    PLD_TRY(check_list(detections, truths->dataset));
    bool *dropped = NULL;
    out->classes = calloc(n_classes + 1, sizeof *out->classes);
    out->items = malloc((detections->count + 1) * sizeof *out->items);
    out->positives = malloc((n_notes + 1) * sizeof *out->positives);
    struct matching m = {.out = out, .truths = truths, .list = detections};
    m.first = calloc(n_classes + 1, sizeof *m.first);
    pld_status status = out->classes && out->items && out->positives && m.first
                            ? PLD_OK
                            : pld_fail_memory("matching");
    if (status == PLD_OK && rules->limit_image)
        status = drop_beyond(&dropped, detections, (uint32_t)rules->limit_image);
    m.dropped = dropped;
    if (status == PLD_OK) {
        distribute(&m);
        if (pool) status = pld_pool_run(pool, n_classes, class_task, &m);
        for (size_t k = 0; !pool && k < n_classes && status == PLD_OK; k++)
            status = class_task(&m, k, 0);
    }
    free(dropped);
    free(m.first);
    return status;
}

void pld_matches_release(struct pld_matches *matches)
{
    free(matches->classes);
    free(matches->items);
    free(matches->positives);
    *matches = (struct pld_matches){0};
}
