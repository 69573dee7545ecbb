/* Drawing tools of the synthetic pictures: random numbers, noise, geometry, colours. */
#ifndef PLD_EVAL_SYNTH_DRAW_H
#define PLD_EVAL_SYNTH_DRAW_H

#include <stdbool.h>
#include <stdint.h>

struct synth_rng {
    uint64_t state;
};

struct synth_vec {
    float x, y;
};

/* A polyline with a half width at each point, in panel units. */
enum { SYNTH_PATH_MAX = 32 };
struct synth_path {
    int count;
    struct synth_vec at[SYNTH_PATH_MAX];
    float half_width[SYNTH_PATH_MAX];
};

/* Seeds a generator for picture `index` of series `seed` (splitmix64). */
void pld_synth_rng_init(struct synth_rng *rng, uint64_t seed, uint64_t index);
uint32_t pld_synth_rng_u32(struct synth_rng *rng);
/* Uniform in [lo, hi). */
float pld_synth_rng_range(struct synth_rng *rng, float lo, float hi);
/* Uniform in lo..hi, both included. */
int pld_synth_rng_int(struct synth_rng *rng, int lo, int hi);
/* True with probability p. */
bool pld_synth_rng_chance(struct synth_rng *rng, float p);
/* A direction of length 1. */
struct synth_vec pld_synth_rng_direction(struct synth_rng *rng);

/* Rotates v by twice the angle whose tangent is t: exact arithmetic, no sine. */
struct synth_vec pld_synth_turn(struct synth_vec v, float t);

/* Hash of a lattice point, uniform in [0, 1). */
float pld_synth_hash(int x, int y, uint32_t salt);
/* Smooth value noise in [0, 1] with lattice spacing 1. */
float pld_synth_noise(float x, float y, uint32_t salt);
/* Three octaves of it, in [0, 1]. */
float pld_synth_fbm(float x, float y, uint32_t salt);
/* Patches with straight borders (nearest of jittered points, spacing 1): a value in [0, 1) a patch.
 */
float pld_synth_patches(float x, float y, uint32_t salt);

/* Distance from (x, y) to the path less its half width there: < 0 inside. `along` gets the position
 * on the path, in segments. */
float pld_synth_path_distance(const struct synth_path *path, float x, float y, float *along);

float pld_synth_clamp(float x, float lo, float hi);
/* Share of a pixel covered by an edge at signed distance d (< 0 inside). */
float pld_synth_cover(float d);
/* 0 below lo, 1 above hi, smooth between; lo > hi turns it round. */
float pld_synth_ramp(float lo, float hi, float x);
/* rgb moved towards `to` by t. */
void pld_synth_mix(float rgb[3], const float to[3], float t);
/* rgb multiplied by k. */
void pld_synth_scale(float rgb[3], float k);

#endif
