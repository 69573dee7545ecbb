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

/* Positions that image `image` is read at by patches `p`: at most `most`, ascending, in
 * positions[most]. Equal for equal shapes, whatever the weights. */
int64_t pld_calibrate_positions(int64_t *positions, const struct pld_sites *sites, int p,
                                int images, int image, uint64_t seed);
/* The most that pld_calibrate_positions() gives. */
int64_t pld_calibrate_rows(const struct pld_sites *sites, int p, int images);

#endif
