/* Darknet models: a .cfg with the layers and a .weights with the numbers, read into the same graph
 * as ONNX. Private to darknet*.c and load.c, but for pld_darknet_parse(). */
#ifndef PLD_GRAPH_DARKNET_H
#define PLD_GRAPH_DARKNET_H

#include "core/arena.h"
#include "graph/graph.h"

/* One [section] and its key=value lines. */
struct pld_darknet_section {
    const char *kind;
    int line; /* of the file, for messages */
    int n_keys;
    const char **keys, **values;
};

struct pld_darknet_cfg {
    const char *path;
    struct pld_darknet_section *sections;
    int n_sections;
};

/* darknet_cfg.c */

/* Sections in order, from the arena. PLD_EMODEL names file and line. */
pld_status pld_darknet_read_cfg(struct pld_darknet_cfg *out, struct pld_arena *arena,
                                const void *text, size_t size, const char *path);
/* The value of a key (the last one given), or `fallback`. */
const char *pld_darknet_text(const struct pld_darknet_section *s, const char *key,
                             const char *fallback);
/* A whole number within low..high; the fallback where the key is missing. */
pld_status pld_darknet_int(int *out, const struct pld_darknet_cfg *cfg,
                           const struct pld_darknet_section *s, const char *key, int fallback,
                           int low, int high);
pld_status pld_darknet_float(float *out, const struct pld_darknet_cfg *cfg,
                             const struct pld_darknet_section *s, const char *key, float fallback);
/* Numbers with commas between them, at most `most`; *n = 0 where the key is missing. */
pld_status pld_darknet_floats(float *out, int *n, int most, const struct pld_darknet_cfg *cfg,
                              const struct pld_darknet_section *s, const char *key);
/* PLD_EMODEL: "line N, [kind]: what". */
pld_status pld_darknet_fail(const struct pld_darknet_cfg *cfg, const struct pld_darknet_section *s,
                            const char *format, ...) __attribute__((format(printf, 3, 4)));

/* darknet_layers.c */

/* Where the weights are read from, front to back. */
struct pld_darknet_weights {
    const unsigned char *data;
    size_t size, at;
};

/* What a layer gives to those after it. */
struct pld_darknet_layer {
    int value; /* of the graph; PLD_NONE for one that gives nothing */
    int channels, height, width;
};

struct pld_darknet_reader {
    struct pld_graph *graph;
    struct pld_darknet_cfg cfg;
    struct pld_darknet_weights weights;
    struct pld_darknet_layer *layers; /* [0] is the input, [i + 1] layer i */
    int n_layers;
    int width, height; /* of the network's input */
};

/* Adds the nodes of one section. *out starts as what the layer before gives. PLD_EMODEL for a kind
 * of layer that is not supported, naming it. */
pld_status pld_darknet_add_layer(struct pld_darknet_layer *out, struct pld_darknet_reader *r,
                                 const struct pld_darknet_section *section);

/* darknet.c */

/* Reads a model from memory: text of the .cfg, bytes of the .weights. [yolo] layers end the graph
 * with their raw maps; anchors, scale_x_y and the head are told in the metadata. `path` (of the
 * .cfg) is for messages. PLD_EMODEL for anything malformed, too short or not supported. */
pld_status pld_darknet_parse(struct pld_graph **out, const void *cfg, size_t cfg_size,
                             const void *weights, size_t weights_size, const char *path);

/* The same from files: `path` is the .cfg or the .weights, the other lies beside it under the same
 * name. */
pld_status pld_darknet_load(struct pld_graph **out, const char *path);
bool pld_darknet_is_path(const char *path);

#endif
