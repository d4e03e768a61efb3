#pragma once
/* rng.h: the generator of chance of the simulated authority: splitmix64 (public domain, Sebastiano Vigna).
 * Its own, so that one seed gives one story on every machine and C library. Not for secrets. */

#include <stdbool.h>
#include <stdint.h>

typedef struct dw_rng {
    uint64_t state;
} dw_rng;

static inline uint64_t dw_rng_mix(uint64_t z)
{
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}
static inline uint64_t dw_rng_next(dw_rng *rng)
{
    rng->state += 0x9e3779b97f4a7c15u;
    return dw_rng_mix(rng->state);
}
/* A generator of its own for (seed, stream): stories of two streams do not touch each other. */
static inline dw_rng dw_rng_for(uint64_t seed, uint64_t stream)
{
    return (dw_rng){dw_rng_mix(seed + 0x9e3779b97f4a7c15u) ^ dw_rng_mix(stream * 0xd1342543de82ef95u + 1)};
}
/* 0 <= result < n; n >= 1. The bias of the multiplication is below 2^-32 and of no interest here. */
static inline uint32_t dw_rng_below(dw_rng *rng, uint32_t n)
{
    return (uint32_t)(((dw_rng_next(rng) >> 32) * n) >> 32);
}
/* lo <= result <= hi */
static inline int dw_rng_between(dw_rng *rng, int lo, int hi)
{
    return hi <= lo ? lo : lo + (int)dw_rng_below(rng, (uint32_t)(hi - lo) + 1);
}
/* True `permille` times in a thousand. */
static inline bool dw_rng_chance(dw_rng *rng, int permille)
{
    return (int)dw_rng_below(rng, 1000) < permille;
}
/* 0 <= result < 1 */
static inline double dw_rng_unit(dw_rng *rng)
{
    return (double)(dw_rng_next(rng) >> 11) * 0x1.0p-53;
}
