#include "eval/side_input.h"

#include <string.h>

/* What a name means; each is two numbers an image. */
static const struct side_input {
    const char *name;
    enum { SIZE_HW, SIZE_WH, ONES } meaning;
} table[] = {
    {"im_shape", SIZE_HW},          /* PaddleDetection: height, width of the network input */
    {"scale_factor", ONES},         /* PaddleDetection: input / original, y then x */
    {"orig_target_sizes", SIZE_WH}, /* RT-DETR, D-FINE, DEIM: width, height to scale boxes to */
};

static const struct side_input *find(const char *name)
{
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (strcmp(table[i].name, name) == 0) return &table[i];
    return NULL;
}

static bool put(void *data, enum pld_dtype type, int64_t at, int value)
{
    switch (type) {
    case PLD_F32:
        ((float *)data)[at] = (float)value;
        return true;
    case PLD_I64:
        ((int64_t *)data)[at] = value;
        return true;
    case PLD_I32:
        ((int32_t *)data)[at] = value;
        return true;
    default:
        return false;
    }
}

pld_status pld_side_input_fill(void *data, const struct pld_desc *desc, const char *name, int width,
                               int height)
{
    const struct side_input *input = find(name);
    if (!input)
        return pld_fail(PLD_EMODEL, name,
                        "an input beside the picture whose meaning is not known; known are "
                        "im_shape, scale_factor and orig_target_sizes");
    int64_t n = pld_shape_count(&desc->shape);
    int pair[2] = {1, 1};
    if (input->meaning == SIZE_HW) pair[0] = height, pair[1] = width;
    if (input->meaning == SIZE_WH) pair[0] = width, pair[1] = height;
    bool fits = n > 0 && n % 2 == 0;
    for (int64_t i = 0; i < n && fits; i++)
        fits = put(data, desc->dtype, i, pair[i % 2]);
    if (fits) return PLD_OK;
    char shape[96];
    return pld_fail(PLD_EMODEL, name, "input is %s %s, two numbers an image are expected",
                    pld_dtype_name(desc->dtype), pld_shape_text(shape, sizeof shape, &desc->shape));
}
