/* One entry of a COCO results list: {image_id, category_id, bbox, score}. */
#include "eval/detections_internal.h"

/* The fields of an entry; those that are missing are NULL. */
struct fields {
    yyjson_val *image_id, *category_id, *bbox, *score;
};

static pld_status wrong(const struct pld_entry_reader *reader, const char *what)
{
    return pld_fail(PLD_EDATA, reader->path, "detection %zu (from 0): %s", reader->index, what);
}

static struct fields find_fields(yyjson_val *entry)
{
    struct fields fields = {0};
    yyjson_obj_iter it = yyjson_obj_iter_with(entry);
    for (yyjson_val *key; (key = yyjson_obj_iter_next(&it));) {
        yyjson_val *value = yyjson_obj_iter_get_val(key);
        if (yyjson_equals_str(key, "image_id"))
            fields.image_id = value;
        else if (yyjson_equals_str(key, "category_id"))
            fields.category_id = value;
        else if (yyjson_equals_str(key, "bbox"))
            fields.bbox = value;
        else if (yyjson_equals_str(key, "score"))
            fields.score = value;
    }
    return fields;
}

static pld_status read_id(int64_t *out, const struct pld_entry_reader *reader, yyjson_val *value,
                          const char *name)
{
    if (!value)
        return pld_fail(PLD_EDATA, reader->path, "detection %zu (from 0): no \"%s\"", reader->index,
                        name);
    if (!yyjson_is_int(value) || (yyjson_is_uint(value) && yyjson_get_uint(value) > INT64_MAX))
        return pld_fail(PLD_EDATA, reader->path, "detection %zu (from 0): \"%s\" is not an integer",
                        reader->index, name);
    *out = yyjson_get_sint(value);
    return PLD_OK;
}

static pld_status read_image(int32_t *out, struct pld_entry_reader *reader, yyjson_val *value)
{
    int64_t id;
    PLD_TRY(read_id(&id, reader, value, "image_id"));
    if (reader->last_image < 0 || reader->last_image_id != id) {
        int image = pld_dataset_image(reader->dataset, id);
        if (image < 0 && reader->dataset->drop_unknown) {
            *out = -1;
            return PLD_OK;
        }
        if (image < 0)
            return pld_fail(PLD_EDATA, reader->path,
                            "detection %zu (from 0): image_id %lld is not in the dataset",
                            reader->index, (long long)id);
        reader->last_image = image;
        reader->last_image_id = id;
    }
    *out = reader->last_image;
    return PLD_OK;
}

static pld_status read_category(int32_t *out, struct pld_entry_reader *reader, yyjson_val *value)
{
    int64_t id;
    PLD_TRY(read_id(&id, reader, value, "category_id"));
    if (reader->last_category < 0 || reader->last_category_id != id) {
        int category = pld_dataset_category(reader->dataset, id);
        if (category < 0 && reader->dataset->drop_unknown) {
            *out = -1;
            return PLD_OK;
        }
        if (category < 0)
            return pld_fail(PLD_EDATA, reader->path,
                            "detection %zu (from 0): category_id %lld is not in the dataset",
                            reader->index, (long long)id);
        reader->last_category = category;
        reader->last_category_id = id;
    }
    *out = reader->last_category;
    return PLD_OK;
}

pld_status pld_entry_read(struct pld_detection *out, struct pld_entry_reader *reader,
                          yyjson_val *entry)
{
    if (!yyjson_is_obj(entry)) return wrong(reader, "not an object");
    struct fields fields = find_fields(entry);
    PLD_TRY(read_image(&out->image, reader, fields.image_id));
    PLD_TRY(read_category(&out->category, reader, fields.category_id));
    if (!fields.bbox) return wrong(reader, "no \"bbox\"");
    if (!yyjson_is_arr(fields.bbox) || yyjson_arr_size(fields.bbox) != 4)
        return wrong(reader, "\"bbox\" is not [x, y, width, height]");
    double box[4];
    yyjson_arr_iter it = yyjson_arr_iter_with(fields.bbox);
    for (int i = 0; i < 4; i++) {
        yyjson_val *number = yyjson_arr_iter_next(&it);
        if (!yyjson_is_num(number)) return wrong(reader, "\"bbox\" has an entry that is no number");
        box[i] = yyjson_get_num(number);
    }
    if (!fields.score) return wrong(reader, "no \"score\"");
    if (!yyjson_is_num(fields.score)) return wrong(reader, "\"score\" is not a number");
    out->x = box[0];
    out->y = box[1];
    out->w = box[2];
    out->h = box[3];
    out->score = yyjson_get_num(fields.score);
    return PLD_OK;
}
