#include "run/class_map.h"

#include <stdlib.h>
#include <strings.h>

#include "core/log.h"
#include "core/str.h"

enum { NAMES_SHOWN = 5 };

/* "a, b, c and 7 more" */
struct listing {
    struct pld_str text;
    int count;
};

static void list_name(struct listing *listing, const char *name)
{
    if (listing->count < NAMES_SHOWN)
        pld_str_printf(&listing->text, "%s%s", listing->count ? ", " : "", name);
    listing->count++;
}

static void list_warn(struct listing *listing, const char *source, const char *what)
{
    if (listing->count && listing->text.data) {
        if (listing->count > NAMES_SHOWN)
            pld_str_printf(&listing->text, " and %d more", listing->count - NAMES_SHOWN);
        pld_log(PLD_LOG_WARN, "%s: %d %s: %s", source, listing->count, what, listing->text.data);
    }
    pld_str_release(&listing->text);
}

/* The category of a name that no class has taken yet, or -1. */
static int find_category(const struct pld_dataset *dataset, const bool *taken, const char *name)
{
    for (int c = 0; c < dataset->n_categories; c++)
        if (!taken[c] && strcasecmp(dataset->categories[c].name, name) == 0) return c;
    return -1;
}

static pld_status map_names(int32_t *map, bool *taken, const struct pld_head_model *model,
                            const struct pld_dataset *dataset)
{
    struct listing missing = {0};
    for (int i = 0; i < model->classes; i++) {
        map[i] = find_category(dataset, taken, model->class_names[i]);
        if (map[i] >= 0)
            taken[map[i]] = true;
        else
            list_name(&missing, model->class_names[i]);
    }
    if (missing.count == model->classes) {
        pld_str_release(&missing.text);
        return pld_fail(PLD_EDATA, dataset->source,
                        "none of the model's %d classes ('%s', ...) is a category of the dataset "
                        "('%s', ...)",
                        model->classes, model->class_names[0], dataset->categories[0].name);
    }
    list_warn(&missing, dataset->source, "classes of the model have no category here");
    return PLD_OK;
}

static pld_status map_order(int32_t *map, bool *taken, const struct pld_head_model *model,
                            const struct pld_dataset *dataset)
{
    if (dataset->n_categories > model->classes)
        return pld_fail(PLD_EDATA, dataset->source,
                        "has %d categories, but the model has %d classes and carries no names",
                        dataset->n_categories, model->classes);
    for (int i = 0; i < model->classes; i++) {
        map[i] = i < dataset->n_categories ? i : -1;
        if (map[i] >= 0) taken[map[i]] = true;
    }
    if (dataset->n_categories < model->classes)
        pld_log(
            PLD_LOG_WARN,
            "%s: %d categories for %d classes of a model without names: matched by ascending id, "
            "the last %d classes are dropped",
            dataset->source, dataset->n_categories, model->classes,
            model->classes - dataset->n_categories);
    return PLD_OK;
}

/* Categories with labels that the model cannot find count as 0 in the mean: worth a word. */
static void warn_unfindable(const bool *taken, const struct pld_dataset *dataset)
{
    bool *labelled = calloc((size_t)dataset->n_categories + 1, sizeof *labelled);
    if (!labelled) return;
    for (int i = 0; i < dataset->n_annotations; i++)
        labelled[dataset->annotations[i].category] = true;
    struct listing missing = {0};
    for (int c = 0; c < dataset->n_categories; c++)
        if (!taken[c] && labelled[c]) list_name(&missing, dataset->categories[c].name);
    list_warn(&missing, dataset->source, "labelled categories are no class of the model");
    free(labelled);
}

pld_status pld_class_map_new(int32_t **map, const struct pld_head_model *model,
                             const struct pld_dataset *dataset)
{
    *map = NULL;
    if (model->classes < 1 || dataset->n_categories < 1)
        return pld_fail(PLD_EDATA, dataset->source,
                        "has no categories to match with the model's %d classes", model->classes);
    int32_t *m = calloc((size_t)model->classes, sizeof *m);
    bool *taken = calloc((size_t)dataset->n_categories, sizeof *taken);
    pld_status status = m && taken ? PLD_OK : pld_fail_memory("class map");
    if (status == PLD_OK)
        status = model->class_names ? map_names(m, taken, model, dataset)
                                    : map_order(m, taken, model, dataset);
    if (status == PLD_OK) warn_unfindable(taken, dataset);
    free(taken);
    if (status == PLD_OK)
        *map = m;
    else
        free(m);
    return status;
}
