/* libFuzzer target: COCO annotations from a hostile file. */
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "core/json.h"
#include "core/log.h"
#include "eval/dataset.h"
#include "eval/dataset_internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct pld_dataset *d)
{
    for (int i = 1; i < d->n_images; i++)
        if (d->images[i].id <= d->images[i - 1].id) abort();
    for (int i = 1; i < d->n_categories; i++)
        if (d->categories[i].id <= d->categories[i - 1].id) abort();
    for (int i = 0; i < d->n_annotations; i++) {
        const struct pld_annotation *a = &d->annotations[i];
        if (a->image < 0 || a->image >= d->n_images) abort();
        if (a->category < 0 || a->category >= d->n_categories) abort();
        if (!isfinite(a->x) || !isfinite(a->y) || !(a->w >= 0) || !(a->h >= 0)) abort();
    }
}

static void read_with(yyjson_val *root, const struct pld_dataset_options *options)
{
    struct pld_dataset dataset = {.format = "coco", .source = "fuzz"};
    if (pld_dataset_parse_coco(&dataset, root, "fuzz", options) == PLD_OK) check(&dataset);
    pld_dataset_release(&dataset);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    pld_log_set_level(PLD_LOG_ERROR);
    yyjson_doc *doc = yyjson_read((const char *)data, size, 0);
    if (!doc) return 0;
    read_with(yyjson_doc_get_root(doc), &(struct pld_dataset_options){0});
    read_with(yyjson_doc_get_root(doc),
              &(struct pld_dataset_options){.max_images = 1, .drop_unknown = true});
    struct pld_findings *findings = calloc(1, sizeof *findings);
    read_with(yyjson_doc_get_root(doc), &(struct pld_dataset_options){.findings = findings});
    pld_findings_release(findings);
    free(findings);
    yyjson_doc_free(doc);
    return 0;
}
