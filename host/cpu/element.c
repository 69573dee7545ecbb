#include "cpu/element.h"

#include <math.h>

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
    int exponent = 0;
    if (a > 0) frexp(a, &exponent);
    /* The last place of a normal number is 2^(exponent-11); subnormals share 2^-24. */
    int place = exponent - 11 < -24 ? -24 : exponent - 11;
    unsigned steps = (unsigned)nearbyint(ldexp(a, -place));
    /* A mantissa that rounds up to 2048 carries into the exponent by itself. */
    return (uint16_t)(sign | (unsigned)(((place + 24) << 10) + (int)steps));
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
    default:
        return (double)pld_load_int(dtype, base, i);
    }
}

static int64_t truncate_to(double value, double low, double high)
{
    if (isnan(value)) return 0;
    if (value <= low) return (int64_t)low;
    /* 2^63 is no int64, and the double nearest to its maximum is 2^63. */
    if (value >= high) return high >= 0x1p63 ? INT64_MAX : (int64_t)high;
    return (int64_t)value;
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
    case PLD_I64:
        ((int64_t *)base)[i] = truncate_to(value, -0x1p63, 0x1p63);
        break;
    case PLD_I32:
        ((int32_t *)base)[i] = (int32_t)truncate_to(value, INT32_MIN, INT32_MAX);
        break;
    case PLD_I8:
        ((int8_t *)base)[i] = (int8_t)truncate_to(value, INT8_MIN, INT8_MAX);
        break;
    case PLD_U8:
        ((uint8_t *)base)[i] = (uint8_t)truncate_to(value, 0, UINT8_MAX);
        break;
    case PLD_BOOL:
        ((uint8_t *)base)[i] = value != 0;
        break;
    case PLD_DTYPE_COUNT:
        break;
    }
}

int64_t pld_load_int(enum pld_dtype dtype, const void *base, int64_t i)
{
    switch (dtype) {
    case PLD_I64:
        return ((const int64_t *)base)[i];
    case PLD_I32:
        return ((const int32_t *)base)[i];
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
    switch (dtype) {
    case PLD_I64:
        ((int64_t *)base)[i] = value;
        break;
    case PLD_I32:
        ((int32_t *)base)[i] = (int32_t)(uint32_t)(uint64_t)value;
        break;
    case PLD_I8:
        ((int8_t *)base)[i] = (int8_t)(uint8_t)(uint64_t)value;
        break;
    case PLD_U8:
        ((uint8_t *)base)[i] = (uint8_t)(uint64_t)value;
        break;
    case PLD_BOOL:
        ((uint8_t *)base)[i] = value != 0;
        break;
    default:
        break;
    }
}
