#include "backend/element.h"

#include <math.h>
#include <string.h>

double pld_half_to_double(uint16_t half)
{
    int sign = half >> 15, exponent = (half >> 10) & 31, mantissa = half & 1023;
    double value;
    if (exponent == 31)
        value = mantissa ? NAN : INFINITY;
    else if (exponent == 0)
        value = ldexp(mantissa, -24);
    else
        value = ldexp(mantissa + 1024, exponent - 25);
    return sign ? -value : value;
}

uint16_t pld_half_from_double(double value)
{
    uint16_t sign = signbit(value) ? 0x8000 : 0;
    double a = fabs(value);
    if (isnan(value)) return 0x7e00;
    if (a >= 65520.0) return sign | 0x7c00; /* rounds to infinity */
    if (a == 0) return sign;
    int exponent;
    frexp(a, &exponent);
    /* The last place of a normal number is 2^(exponent-11); subnormals share 2^-24. */
    int place = exponent - 11 < -24 ? -24 : exponent - 11;
    unsigned steps = (unsigned)nearbyint(ldexp(a, -place));
    /* A mantissa that rounds up to 2048 carries into the exponent by itself. */
    return (uint16_t)(sign | (unsigned)(((place + 24) << 10) + (int)steps));
}

/* bfloat16 is the upper half of a float32. */
static double bfloat_to_double(uint16_t bits)
{
    uint32_t wide = (uint32_t)bits << 16;
    float value;
    memcpy(&value, &wide, sizeof value);
    return (double)value;
}

static uint16_t bfloat_from_double(double value)
{
    float narrow = (float)value;
    uint32_t bits;
    memcpy(&bits, &narrow, sizeof bits);
    if (isnan(value)) return 0x7fc0;
    bits += 0x7fff + (bits >> 16 & 1); /* to nearest, ties to even */
    return (uint16_t)(bits >> 16);
}

double pld_load_slow(enum pld_dtype dtype, const void *base, int64_t i)
{
    switch (dtype) {
    case PLD_F32:
        return ((const float *)base)[i];
    case PLD_F64:
        return ((const double *)base)[i];
    case PLD_F16:
        return pld_half_to_double(((const uint16_t *)base)[i]);
    case PLD_BF16:
        return bfloat_to_double(((const uint16_t *)base)[i]);
    case PLD_U64:
        return (double)((const uint64_t *)base)[i];
    default:
        return (double)pld_load_int(dtype, base, i);
    }
}

/* The integer nearest towards zero that the type can hold; of NaN 0. */
static int64_t truncate_to(enum pld_dtype dtype, double value)
{
    static const struct {
        double low, high;
    } range[PLD_DTYPE_COUNT] = {
        [PLD_I8] = {INT8_MIN, INT8_MAX},    [PLD_U8] = {0, UINT8_MAX},
        [PLD_I16] = {INT16_MIN, INT16_MAX}, [PLD_U16] = {0, UINT16_MAX},
        [PLD_I32] = {INT32_MIN, INT32_MAX}, [PLD_U32] = {0, UINT32_MAX},
        [PLD_I64] = {-0x1p63, 0x1p63},      [PLD_U64] = {0, 0x1p64},
    };
    if (isnan(value)) return 0;
    if (value <= range[dtype].low) return (int64_t)range[dtype].low;
    /* The double nearest to the largest 64-bit integer is one above it. */
    if (value >= range[dtype].high && dtype == PLD_I64) return INT64_MAX;
    if (value >= range[dtype].high && dtype == PLD_U64) return -1;
    if (value >= range[dtype].high) return (int64_t)range[dtype].high;
    return value >= 0x1p63 ? (int64_t)(uint64_t)value : (int64_t)value;
}

void pld_store(enum pld_dtype dtype, void *base, int64_t i, double value)
{
    switch (dtype) {
    case PLD_F32:
        ((float *)base)[i] = (float)value;
        break;
    case PLD_F64:
        ((double *)base)[i] = value;
        break;
    case PLD_F16:
        ((uint16_t *)base)[i] = pld_half_from_double(value);
        break;
    case PLD_BF16:
        ((uint16_t *)base)[i] = bfloat_from_double(value);
        break;
    case PLD_BOOL:
        ((uint8_t *)base)[i] = value != 0;
        break;
    default:
        pld_store_int(dtype, base, i, truncate_to(dtype, value));
        break;
    }
}

int64_t pld_load_int(enum pld_dtype dtype, const void *base, int64_t i)
{
    switch (dtype) {
    case PLD_I64:
    case PLD_U64:
        return ((const int64_t *)base)[i];
    case PLD_I32:
        return ((const int32_t *)base)[i];
    case PLD_U32:
        return ((const uint32_t *)base)[i];
    case PLD_I16:
        return ((const int16_t *)base)[i];
    case PLD_U16:
        return ((const uint16_t *)base)[i];
    case PLD_I8:
        return ((const int8_t *)base)[i];
    case PLD_U8:
        return ((const uint8_t *)base)[i];
    case PLD_BOOL:
        return ((const uint8_t *)base)[i] != 0;
    default:
        return 0;
    }
}

void pld_store_int(enum pld_dtype dtype, void *base, int64_t i, int64_t value)
{
    uint64_t bits = (uint64_t)value;
    switch (dtype) {
    case PLD_I64:
    case PLD_U64:
        ((uint64_t *)base)[i] = bits;
        break;
    case PLD_I32:
    case PLD_U32:
        ((uint32_t *)base)[i] = (uint32_t)bits;
        break;
    case PLD_I16:
    case PLD_U16:
        ((uint16_t *)base)[i] = (uint16_t)bits;
        break;
    case PLD_I8:
    case PLD_U8:
        ((uint8_t *)base)[i] = (uint8_t)bits;
        break;
    case PLD_BOOL:
        ((uint8_t *)base)[i] = value != 0;
        break;
    default:
        break;
    }
}
