/* Private to groups: elements, ties and locks of a graph, and their union. */
#ifndef PLD_PRUNE_LATTICE_H
#define PLD_PRUNE_LATTICE_H

#include "graph/channel.h"
#include "prune/group.h"

/* a[a0 + i*a_step] ~ b[b0 + i*b_step], i < count; axes are numbered as below. */
struct pld_tie {
    int node;
    int a, b;
    int64_t a0, a_step, b0, b_step, count;
};

struct pld_lock {
    int node; /* PLD_NONE: input or output of the graph */
    int axis;
    const char *why;
};

/* A weight axis that a node contracts or fills. */
struct pld_port {
    int node, axis;
};

/* A constant that several nodes read, and that is nobody's weights (equal biases, ones and zeros,
 * which exporters store once): every node but the first has axes of its own for it, so that sharing
 * couples nothing. */
struct pld_copy {
    int value, node;
    int axis;  /* number of its first axis */
    bool same; /* as it turns out, it is cut as the first node's */
};

struct pld_lattice {
    const struct pld_graph *graph;
    struct pld_arena arena;
    int *axis_of_value; /* [n_values + 1] number of the value's first axis */
    int64_t *first;     /* [n_axes + 1] number of the axis's first element */
    int *value_of_axis; /* [n_axes] */
    int *position;      /* [n_axes] of the axis within its value */
    int n_axes;
    struct pld_copy *copies; /* by value */
    int *copy_first;         /* [n_values + 1] */
    int n_copies;
    int64_t n_elements;
    uint8_t *role;   /* [n_axes] enum pld_role, of constants that live nodes read */
    bool *read;      /* [n_values] read by a live node */
    int32_t *parent; /* [n_elements] union-find */
    int32_t *lock;   /* [n_elements] at roots: index into locks, or -1 */
    struct pld_tie *ties;
    int n_ties, cap_ties;
    struct pld_lock *locks;
    int n_locks, cap_locks;
    struct pld_port *consumes, *produces;
    int n_consumes, cap_consumes, n_produces, cap_produces;
    struct pld_port *contracts; /* pairs: axes of two activations that a node multiplies and sums */
    int n_contracts, cap_contracts;
};

/* Walks the channel rules of an inferred graph. Free with pld_lattice_free(). */
pld_status pld_lattice_new(struct pld_lattice **out, const struct pld_graph *graph);
void pld_lattice_free(struct pld_lattice *lattice);

/* Fills copies, copy_first and n_copies (not their axes). */
pld_status pld_copies_find(struct pld_lattice *lattice);

/* Makes groups->cost, and fills in what one unit of each group saves. */
pld_status pld_cost_model_new(struct pld_groups *groups);

/* Representative of an element: the smallest of those it is united with. */
static inline int32_t pld_lattice_root(const struct pld_lattice *lattice, int64_t element)
{
    return lattice->parent[element];
}

/* The axis that an element lies on. */
int pld_lattice_axis_of(const struct pld_lattice *lattice, int64_t element);

static inline int64_t pld_lattice_size(const struct pld_lattice *l, int axis)
{
    return l->first[axis + 1] - l->first[axis];
}

/* The axis's position inside its value. */
static inline int pld_lattice_position(const struct pld_lattice *l, int axis)
{
    return l->position[axis];
}

#endif
