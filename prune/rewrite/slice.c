/* Slice: the bounds, counted among what stays. */
#include "prune/rewrite.h"

/* Where the elements that the slice takes along an axis lie afterwards: start and step, if they are
 * still evenly spaced. */
static bool respace(int64_t *start, int64_t *step, int64_t *count, const struct pld_rewrite *r,
                    const struct pld_node *node, int axis)
{
    const struct pld_slice_params *slice = &node->params.slice;
    int64_t n = r->before->values[node->out[0]].desc.shape.dim[axis], last = 0;
    *count = 0;
    *step = slice->step[axis] > 0 ? 1 : -1;
    for (int64_t i = 0; i < n; i++) {
        int64_t index = slice->start[axis] + i * slice->step[axis];
        if (!pld_cut_keeps(r->cut, node->in[0], axis, index)) continue;
        int64_t at = pld_cut_kept_below(r->cut, node->in[0], axis, index);
        if (*count == 0) *start = at;
        if (*count == 1) *step = at - last;
        if (*count > 1 && at - last != *step) return false;
        last = at;
        ++*count;
    }
    return *count > 0;
}

/* The bound behind the last element that is taken; one in front of index 0 has no number of its
 * own, since -1 counts from the end. */
static int64_t end_of(int64_t start, int64_t step, int64_t count)
{
    int64_t end = start + step * (count - 1) + (step > 0 ? 1 : -1);
    return end < 0 ? -INT32_MAX : end;
}

static bool cut_along(const struct pld_rewrite *r, const struct pld_node *node, int axis)
{
    return pld_cut_kept(r->cut, node->in[0], axis) !=
           r->before->values[node->in[0]].desc.shape.dim[axis];
}

pld_status pld_rewrite_slice(const struct pld_rewrite *r, int index);

pld_status pld_rewrite_slice(const struct pld_rewrite *r, int index)
{
    const struct pld_node *node = &r->before->nodes[index];
    enum { STARTS, ENDS, AXES, STEPS, LISTS };
    static const char *const attr[LISTS] = {"starts", "ends", "axes", NULL};
    int64_t list[LISTS][PLD_MAX_RANK];
    int n[LISTS], rank = r->before->values[node->in[0]].desc.shape.rank;
    bool new_steps = false;
    for (int k = 0; k < LISTS; k++)
        PLD_TRY(pld_rewrite_read(list[k], &n[k], PLD_MAX_RANK, r, index, k + 1, attr[k]));
    for (int i = 0; i < n[STARTS]; i++) {
        int64_t axis = n[AXES] < 0 ? i : list[AXES][i], start, step, count;
        if (axis < 0) axis += rank;
        if (n[STEPS] < 0) list[STEPS][i] = 1;
        if (!cut_along(r, node, (int)axis)) continue;
        if (!respace(&start, &step, &count, r, node, (int)axis))
            return pld_fail(PLD_EMODEL, node->name,
                            "Slice with a step along axis %lld takes channels that are no longer "
                            "evenly spaced",
                            (long long)axis);
        new_steps |= step != list[STEPS][i];
        list[STARTS][i] = start;
        list[ENDS][i] = end_of(start, step, count);
        list[STEPS][i] = step;
    }
    PLD_TRY(pld_rewrite_ints(r, index, 1, attr[STARTS], list[STARTS], n[STARTS]));
    PLD_TRY(pld_rewrite_ints(r, index, 2, attr[ENDS], list[ENDS], n[STARTS]));
    if (!new_steps) return PLD_OK;
    return pld_rewrite_ints(r, index, 4, NULL, list[STEPS], n[STARTS]);
}
