/* A receiver of channel rules that only remembers, for tests. */
#ifndef PLD_TESTS_CHANNELS_FIXTURE_H
#define PLD_TESTS_CHANNELS_FIXTURE_H

#include "ops_fixture.h"

#include <stdlib.h>

#include "graph/channel.h"

enum { REC_MAX = 256 };

struct record {
    const struct pld_graph *graph;
    int *first;  /* [n_values * PLD_MAX_RANK] number of the axis's first index */
    int *parent; /* union-find over all indices */
    int n;
    struct pld_axis locks[REC_MAX], consumes[REC_MAX], produces[REC_MAX];
    const char *why[REC_MAX];
    struct pld_axis contracts[REC_MAX]; /* pairs */
    int n_locks, n_consumes, n_produces, n_contracts, n_ties;
};

static inline int rec_root(const struct record *r, int e)
{
    while (r->parent[e] != e)
        e = r->parent[e];
    return e;
}

static inline int64_t rec_size(const struct record *r, struct pld_axis axis)
{
    const struct pld_shape *shape = &r->graph->values[axis.value].desc.shape;
    assert_in_range(axis.axis, 0, shape->rank - 1);
    return shape->dim[axis.axis];
}

static inline int rec_element(const struct record *r, int value, int axis, int64_t index)
{
    assert_true(index >= 0 && index < rec_size(r, (struct pld_axis){value, axis}));
    return r->first[value * PLD_MAX_RANK + axis] + (int)index;
}

static inline pld_status rec_tie(void *self, int node, struct pld_axis a, int64_t a0,
                                 int64_t a_step, struct pld_axis b, int64_t b0, int64_t b_step,
                                 int64_t count)
{
    struct record *r = self;
    (void)node;
    r->n_ties++;
    assert_true(count > 0);
    for (int64_t i = 0; i < count; i++) {
        int x = rec_root(r, rec_element(r, a.value, a.axis, a0 + i * a_step));
        int y = rec_root(r, rec_element(r, b.value, b.axis, b0 + i * b_step));
        r->parent[x > y ? x : y] = x > y ? y : x;
    }
    return PLD_OK;
}

static inline void rec_keep(const struct record *r, struct pld_axis *list, int *n,
                            struct pld_axis axis)
{
    rec_size(r, axis);
    assert_true(*n < REC_MAX);
    list[(*n)++] = axis;
}

static inline pld_status rec_lock(void *self, int node, struct pld_axis axis, const char *why)
{
    struct record *r = self;
    (void)node;
    r->why[r->n_locks] = why;
    rec_keep(r, r->locks, &r->n_locks, axis);
    return PLD_OK;
}

static inline pld_status rec_consume(void *self, int node, struct pld_axis weight)
{
    struct record *r = self;
    (void)node;
    rec_keep(r, r->consumes, &r->n_consumes, weight);
    return PLD_OK;
}

static inline pld_status rec_produce(void *self, int node, struct pld_axis weight)
{
    struct record *r = self;
    (void)node;
    rec_keep(r, r->produces, &r->n_produces, weight);
    return PLD_OK;
}

static inline pld_status rec_contract(void *self, int node, struct pld_axis a, struct pld_axis b)
{
    struct record *r = self;
    (void)node;
    rec_keep(r, r->contracts, &r->n_contracts, a);
    rec_keep(r, r->contracts, &r->n_contracts, b);
    return PLD_OK;
}

/* Asks the rules of all nodes, which must be inferred. */
static inline void rec_walk(struct record *r, const struct pld_graph *graph)
{
    static const struct pld_channel_sink sink = {rec_tie, rec_lock, rec_consume, rec_produce,
                                                 rec_contract};
    *r = (struct record){.graph = graph};
    r->first = calloc((size_t)graph->n_values * PLD_MAX_RANK, sizeof *r->first);
    assert_non_null(r->first);
    for (int v = 0; v < graph->n_values; v++)
        for (int a = 0; a < graph->values[v].desc.shape.rank; a++) {
            r->first[v * PLD_MAX_RANK + a] = r->n;
            r->n += (int)graph->values[v].desc.shape.dim[a];
        }
    r->parent = calloc((size_t)r->n + 1, sizeof *r->parent);
    assert_non_null(r->parent);
    for (int e = 0; e < r->n; e++)
        r->parent[e] = e;
    struct pld_channels c = {.sink = &sink, .self = r};
    assert_int_equal(pld_channels_walk(&c, graph), PLD_OK);
}

static inline void rec_release(struct record *r)
{
    free(r->first);
    free(r->parent);
}

static inline bool rec_tied(const struct record *r, int va, int aa, int64_t ia, int vb, int ab,
                            int64_t ib)
{
    return rec_root(r, rec_element(r, va, aa, ia)) == rec_root(r, rec_element(r, vb, ab, ib));
}

static inline bool rec_among(const struct pld_axis *list, int n, int value, int axis)
{
    for (int i = 0; i < n; i++)
        if (list[i].value == value && list[i].axis == axis) return true;
    return false;
}

static inline bool rec_consumed(const struct record *r, int value, int axis)
{
    return rec_among(r->consumes, r->n_consumes, value, axis);
}

static inline bool rec_produced(const struct record *r, int value, int axis)
{
    return rec_among(r->produces, r->n_produces, value, axis);
}

/* Is the axis itself named by a lock, with this reason (NULL: any)? */
static inline bool rec_locked(const struct record *r, int value, int axis, const char *why)
{
    for (int i = 0; i < r->n_locks; i++)
        if (r->locks[i].value == value && r->locks[i].axis == axis &&
            (!why || strcmp(r->why[i], why) == 0))
            return true;
    return false;
}

/* Does a lock reach the index, through whatever it is tied to? */
static inline bool rec_stuck(const struct record *r, int value, int axis, int64_t index)
{
    int root = rec_root(r, rec_element(r, value, axis, index));
    for (int i = 0; i < r->n_locks; i++)
        for (int64_t k = 0; k < rec_size(r, r->locks[i]); k++)
            if (rec_root(r, rec_element(r, r->locks[i].value, r->locks[i].axis, k)) == root)
                return true;
    return false;
}

/* How many indices of the axis are in the unit of the given index of another one. */
static inline int rec_count(const struct record *r, int value, int axis, int of_value, int of_axis,
                            int64_t of_index)
{
    int n = 0;
    for (int64_t i = 0; i < rec_size(r, (struct pld_axis){value, axis}); i++)
        n += rec_tied(r, value, axis, i, of_value, of_axis, of_index);
    return n;
}

/* All indices of two axes of one size are tied one to one. */
static inline void rec_assert_parallel(const struct record *r, int va, int aa, int vb, int ab)
{
    int64_t n = rec_size(r, (struct pld_axis){va, aa});
    assert_int_equal(n, rec_size(r, (struct pld_axis){vb, ab}));
    for (int64_t i = 0; i < n; i++)
        assert_true(rec_tied(r, va, aa, i, vb, ab, i));
    if (n > 1) assert_false(rec_tied(r, va, aa, 0, vb, ab, 1));
}

#endif
