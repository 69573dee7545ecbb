/* Order of scores and overlap of boxes in COCO evaluation: one text for the CPU and for devices, so
 * that the two round alike. Contraction of products and sums must be off where it is compiled. */
#ifndef PLD_BACKEND_COCO_MATH_H
#define PLD_BACKEND_COCO_MATH_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#ifdef __CUDACC__
#define PLD_COCO_FN static __host__ __device__ __forceinline__
#else
#define PLD_COCO_FN static inline
#endif

/* A number whose ascending order is the falling order of scores. NaN comes last, and -0 is 0. */
PLD_COCO_FN uint64_t pld_order_of_score(double score)
{
    if (score != score) return UINT64_MAX;
    uint64_t bits;
    score += 0.0;
    memcpy(&bits, &score, sizeof bits);
    return bits >> 63 ? bits : ~bits & INT64_MAX;
}

struct pld_box {
    double left, top, right, bottom;
    double size; /* w * h of the box; not the annotated area, which is only for the ranges */
};

/* A box of the ground truth. */
struct pld_truth {
    struct pld_box box;
    uint64_t ignored; /* 16 bits for each area range, the same in all: 1 at each threshold where the
                         truth is outside of the range; all for a crowd */
    bool crowd;
    bool zero_id; /* a detection that takes it stays unmatched: see docs/coco.md */
};

PLD_COCO_FN struct pld_box pld_box_of(double x, double y, double w, double h)
{
    struct pld_box box = {x, y, w + x, h + y, w * h};
    return box;
}

/* Intersection over union, over the detection's size for a crowd. Sums and products in the order of
 * the reference (bbIou of maskApi.c in pycocotools). NaN is possible: 0 / 0 of boxes that
 * underflow, infinity over itself. `coarse` allows 0 for anything below 0.5, which spares most
 * divisions. */
PLD_COCO_FN double pld_overlap(const struct pld_box *det, const struct pld_truth *truth,
                               bool coarse)
{
    const struct pld_box *box = &truth->box;
    double right = det->right < box->right ? det->right : box->right;
    double left = det->left > box->left ? det->left : box->left;
    double w = right - left;
    if (w <= 0) return 0;
    double bottom = det->bottom < box->bottom ? det->bottom : box->bottom;
    double top = det->top > box->top ? det->top : box->top;
    double h = bottom - top;
    if (h <= 0) return 0;
    double i = w * h, u = truth->crowd ? det->size : (det->size + box->size) - i;
    if (coarse && 2.001 * i < u) return 0;
    return i / u;
}

#endif
