/* A pass over unlabelled images that measures the moments of layers' inputs. */
#ifndef PLD_RUN_CALIBRATE_H
#define PLD_RUN_CALIBRATE_H

#include "prune/recover/compensate.h"
#include "run/detector.h"

enum { PLD_CALIBRATE_IMAGES = 8 }; /* fewer are refused */

/* PLD_EDATA with numbers when the session has too few images to measure anything by. */
pld_status pld_calibrate_check(const struct pld_session *session);

/* Runs the detector over the session's images and fills the moments, which were initialised for
 * `sites` (of the detector's graph). From each image a layer reads at most
 * 16 columns / images patches, at least 256 and at most 1024, drawn by `seed`. Every fifth image is
 * held out where the moments hold any. Results do not depend on the number of threads. */
pld_status pld_calibrate(struct pld_moments *moments, const struct pld_detector *detector,
                         const struct pld_sites *sites, uint64_t seed);

/* Receives the patches that one image gave: rows[count][columns of patches p], which it may
 * overwrite. Called in the order of images for each p, and at the same time for different ones;
 * `worker` is below the number of threads. */
typedef pld_status (*pld_patch_fn)(void *context, int p, int image, float *rows, int64_t count,
                                   int worker);

/* Runs the detector over the session's images as far as is needed, and hands over the patches
 * `wanted` [n_patches]. Which positions are drawn depends on shapes and `seed`, not on weights: two
 * models of equal shapes give patches of the same places. */
pld_status pld_patch_pass(const struct pld_detector *detector, const struct pld_sites *sites,
                          const bool *wanted, uint64_t seed, pld_patch_fn fn, void *context,
                          const char *title);
/* The most rows of one image. */
int64_t pld_patch_rows(const struct pld_sites *sites, int p, int images);
/* Is the image held out, where any are? */
bool pld_held_out(int image);

#endif
