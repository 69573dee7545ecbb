#include "eval/synth/draw.h"

#include <math.h>

static uint64_t scramble(uint64_t z)
{
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

void pld_synth_rng_init(struct synth_rng *rng, uint64_t seed, uint64_t index)
{
    /* Scrambled twice: neighbouring indices must not start on one another's sequence. */
    rng->state = scramble(scramble(seed + 0x632be59bd9b4e019u) + index * 0xd1342543de82ef95u);
}

uint32_t pld_synth_rng_u32(struct synth_rng *rng)
{
    return (uint32_t)(scramble(rng->state += 0x9e3779b97f4a7c15u) >> 32);
}

float pld_synth_rng_range(struct synth_rng *rng, float lo, float hi)
{
    return lo + (hi - lo) * ((float)(pld_synth_rng_u32(rng) >> 8) * (1.0f / 16777216.0f));
}

int pld_synth_rng_int(struct synth_rng *rng, int lo, int hi)
{
    uint64_t span = (uint64_t)(hi - lo) + 1;
    return lo + (int)((pld_synth_rng_u32(rng) * span) >> 32);
}

bool pld_synth_rng_chance(struct synth_rng *rng, float p)
{
    return pld_synth_rng_range(rng, 0.0f, 1.0f) < p;
}

struct synth_vec pld_synth_rng_direction(struct synth_rng *rng)
{
    for (;;) {
        struct synth_vec v;
        v.x = pld_synth_rng_range(rng, -1.0f, 1.0f);
        v.y = pld_synth_rng_range(rng, -1.0f, 1.0f);
        float square = v.x * v.x + v.y * v.y;
        if (square > 0.01f && square < 1.0f) {
            float length = sqrtf(square);
            v.x /= length;
            v.y /= length;
            return v;
        }
    }
}

struct synth_vec pld_synth_turn(struct synth_vec v, float t)
{
    float c = (1.0f - t * t) / (1.0f + t * t);
    float s = 2.0f * t / (1.0f + t * t);
    return (struct synth_vec){c * v.x - s * v.y, s * v.x + c * v.y};
}

static uint32_t lattice(int x, int y, uint32_t salt)
{
    uint32_t h = (uint32_t)x * 0x9e3779b1u ^ (uint32_t)y * 0x85ebca77u ^ salt * 0xc2b2ae3du;
    h ^= h >> 15;
    h *= 0x2c1b3c6du;
    h ^= h >> 12;
    h *= 0x297a2d39u;
    h ^= h >> 15;
    return h;
}

float pld_synth_hash(int x, int y, uint32_t salt)
{
    return (float)(lattice(x, y, salt) >> 8) * (1.0f / 16777216.0f);
}

float pld_synth_noise(float x, float y, uint32_t salt)
{
    float fx = floorf(x), fy = floorf(y);
    int ix = (int)fx, iy = (int)fy;
    float tx = x - fx, ty = y - fy;
    tx = tx * tx * (3.0f - 2.0f * tx);
    ty = ty * ty * (3.0f - 2.0f * ty);
    float a = pld_synth_hash(ix, iy, salt), b = pld_synth_hash(ix + 1, iy, salt);
    float c = pld_synth_hash(ix, iy + 1, salt), d = pld_synth_hash(ix + 1, iy + 1, salt);
    float top = a + (b - a) * tx, bottom = c + (d - c) * tx;
    return top + (bottom - top) * ty;
}

float pld_synth_fbm(float x, float y, uint32_t salt)
{
    return 0.57f * pld_synth_noise(x, y, salt) +
           0.29f * pld_synth_noise(2.03f * x + 7.1f, 2.03f * y + 3.7f, salt + 1) +
           0.14f * pld_synth_noise(4.11f * x + 1.3f, 4.11f * y + 9.2f, salt + 2);
}

float pld_synth_patches(float x, float y, uint32_t salt)
{
    int ix = (int)floorf(x), iy = (int)floorf(y), best_x = ix, best_y = iy;
    float best = 1e9f;
    for (int dy = -1; dy <= 1; dy++) {
        for (int dx = -1; dx <= 1; dx++) {
            float px = (float)(ix + dx) + pld_synth_hash(ix + dx, iy + dy, salt) - x;
            float py = (float)(iy + dy) + pld_synth_hash(ix + dx, iy + dy, salt + 1) - y;
            float square = px * px + py * py;
            if (square < best) {
                best = square;
                best_x = ix + dx;
                best_y = iy + dy;
            }
        }
    }
    return pld_synth_hash(best_x, best_y, salt + 2);
}

float pld_synth_path_distance(const struct synth_path *path, float x, float y, float *along)
{
    float best = 1e9f;
    *along = 0.0f;
    for (int i = 0; i + 1 < path->count; i++) {
        struct synth_vec a = path->at[i], b = path->at[i + 1];
        float dx = b.x - a.x, dy = b.y - a.y;
        float square = dx * dx + dy * dy;
        float t = square > 0.0f ? ((x - a.x) * dx + (y - a.y) * dy) / square : 0.0f;
        t = pld_synth_clamp(t, 0.0f, 1.0f);
        float ex = a.x + t * dx - x, ey = a.y + t * dy - y;
        float half = path->half_width[i] + t * (path->half_width[i + 1] - path->half_width[i]);
        float d = sqrtf(ex * ex + ey * ey) - half;
        if (d < best) {
            best = d;
            *along = (float)i + t;
        }
    }
    return best;
}

float pld_synth_clamp(float x, float lo, float hi)
{
    return x < lo ? lo : x > hi ? hi : x;
}

float pld_synth_cover(float d)
{
    return pld_synth_clamp(0.5f - d, 0.0f, 1.0f);
}

float pld_synth_ramp(float lo, float hi, float x)
{
    float t = pld_synth_clamp((x - lo) / (hi - lo), 0.0f, 1.0f);
    return t * t * (3.0f - 2.0f * t);
}

void pld_synth_mix(float rgb[3], const float to[3], float t)
{
    for (int c = 0; c < 3; c++)
        rgb[c] += (to[c] - rgb[c]) * t;
}

void pld_synth_scale(float rgb[3], float k)
{
    for (int c = 0; c < 3; c++)
        rgb[c] *= k;
}
