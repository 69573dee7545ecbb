#include "prune/cut.h"

#include <string.h>

#include "prune/lattice.h"

static int64_t first_of(const struct pld_cut *cut, int value, int axis)
{
    const struct pld_lattice *l = cut->groups->lattice;
    return l->first[l->axis_of_value[value] + axis];
}

/* Marks the representatives of the removed units; any element of a unit leads there. */
static void mark_roots(struct pld_cut *cut, bool *root_gone, int *const *units, const int *removed)
{
    const struct pld_groups *groups = cut->groups;
    for (int g = 0; g < groups->n_groups; g++) {
        const struct pld_member *member = &groups->groups[g].members[0];
        for (int i = 0; i < removed[g]; i++) {
            int64_t first = first_of(cut, member->value, member->axis);
            int index = member->indices[units[g][i] * member->per_unit];
            root_gone[pld_lattice_root(groups->lattice, first + index)] = true;
        }
    }
}

pld_status pld_cut_init(struct pld_cut *out, const struct pld_groups *groups, int *const *units,
                        const int *removed)
{
    const struct pld_lattice *l = groups->lattice;
    *out = (struct pld_cut){.groups = groups};
    size_t n = (size_t)l->n_elements + 1;
    bool *root_gone = pld_arena_array(&out->arena, n, sizeof *root_gone);
    out->gone = pld_arena_array(&out->arena, n, sizeof *out->gone);
    out->kept = pld_arena_array(&out->arena, (size_t)l->n_axes + 1, sizeof *out->kept);
    if (!root_gone || !out->gone || !out->kept) return PLD_EDEVICE;
    mark_roots(out, root_gone, units, removed);
    for (int a = 0; a < l->n_axes; a++)
        for (int64_t e = l->first[a]; e < l->first[a + 1]; e++) {
            out->gone[e] = root_gone[pld_lattice_root(l, e)];
            out->kept[a] += !out->gone[e];
        }
    return PLD_OK;
}

void pld_cut_release(struct pld_cut *cut)
{
    pld_arena_release(&cut->arena);
    *cut = (struct pld_cut){0};
}

int64_t pld_cut_kept(const struct pld_cut *cut, int value, int axis)
{
    return cut->kept[cut->groups->lattice->axis_of_value[value] + axis];
}

int64_t pld_cut_kept_below(const struct pld_cut *cut, int value, int axis, int64_t end)
{
    int64_t first = first_of(cut, value, axis), n = 0;
    for (int64_t i = 0; i < end; i++)
        n += !cut->gone[first + i];
    return n;
}

bool pld_cut_keeps(const struct pld_cut *cut, int value, int axis, int64_t index)
{
    return !cut->gone[first_of(cut, value, axis) + index];
}

/* What stays of a value whose axes are numbered from `axis`. */
static struct pld_shape shape_left(const struct pld_cut *cut, int value, int axis)
{
    struct pld_shape shape = cut->groups->graph->values[value].desc.shape;
    for (int a = 0; a < shape.rank; a++)
        shape.dim[a] = cut->kept[axis + a];
    return shape;
}

struct pld_shape pld_cut_shape(const struct pld_cut *cut, int value)
{
    return shape_left(cut, value, cut->groups->lattice->axis_of_value[value]);
}

bool pld_cut_matters(const struct pld_cut *cut, int value)
{
    return cut->groups->lattice->read[value] || pld_graph_is_output(cut->groups->graph, value);
}

bool pld_cut_touches(const struct pld_cut *cut, int value)
{
    const struct pld_value *v = &cut->groups->graph->values[value];
    if (!v->inferred) return false;
    struct pld_shape shape = pld_cut_shape(cut, value);
    return !pld_shape_equal(&shape, &v->desc.shape);
}

/* One axis after the other, outermost first: `at` is the row of the axes in front, `axis` the
 * number of the next one, `rank` how many are left. */
static char *copy_axis(char *out, const struct pld_cut *cut, int axis, int rank, size_t element,
                       const char *at)
{
    const struct pld_lattice *l = cut->groups->lattice;
    size_t inner = element;
    bool whole = true; /* nothing is lost behind this axis */
    for (int a = axis + 1; a < axis + rank; a++) {
        inner *= (size_t)pld_lattice_size(l, a);
        whole &= cut->kept[a] == pld_lattice_size(l, a);
    }
    for (int64_t i = 0; i < pld_lattice_size(l, axis); i++) {
        if (cut->gone[l->first[axis] + i]) continue;
        if (whole) {
            memcpy(out, at + (size_t)i * inner, inner);
            out += inner;
        } else {
            out = copy_axis(out, cut, axis + 1, rank - 1, element, at + (size_t)i * inner);
        }
    }
    return out;
}

static void copy_left(void *out, const struct pld_cut *cut, int value, int axis, const void *data)
{
    const struct pld_desc *desc = &cut->groups->graph->values[value].desc;
    if (desc->shape.rank > 0)
        copy_axis(out, cut, axis, desc->shape.rank, pld_dtype_size(desc->dtype), data);
    else
        memcpy(out, data, pld_desc_bytes(desc));
}

void pld_cut_copy(void *out, const struct pld_cut *cut, int value, const void *data)
{
    copy_left(out, cut, value, cut->groups->lattice->axis_of_value[value], data);
}

bool pld_cut_use_differs(const struct pld_cut *cut, int copy)
{
    const struct pld_copy *c = &cut->groups->lattice->copies[copy];
    struct pld_shape first = pld_cut_shape(cut, c->value), use = pld_cut_use_shape(cut, copy);
    const struct pld_shape *all = &cut->groups->graph->values[c->value].desc.shape;
    return !c->same && !(pld_shape_equal(&first, all) && pld_shape_equal(&use, all));
}

struct pld_shape pld_cut_use_shape(const struct pld_cut *cut, int copy)
{
    const struct pld_copy *c = &cut->groups->lattice->copies[copy];
    return shape_left(cut, c->value, c->axis);
}

void pld_cut_use_copy(void *out, const struct pld_cut *cut, int copy)
{
    const struct pld_copy *c = &cut->groups->lattice->copies[copy];
    copy_left(out, cut, c->value, c->axis, cut->groups->graph->values[c->value].data);
}
