#include "eval/metrics/uncertainty.h"

#include <math.h>
#include <stdbool.h>
#include <stddef.h>

/* P(|t| <= x) for n degrees of freedom: the finite sums of Abramowitz and Stegun 26.7.3 and 26.7.4,
 * in theta = atan(x / sqrt(n)). */
static double inside(double x, int n)
{
    double theta = atan2(x, sqrt(n)), c = cos(theta), c2 = c * c, term = 1, sum = 0;
    if (n % 2 == 0) {
        for (int k = 1; k < n; k += 2) {
            sum += term;
            term *= c2 * k / (k + 1);
        }
        return sin(theta) * sum;
    }
    term = c;
    for (int k = 2; k < n; k += 2) {
        sum += term;
        term *= c2 * k / (k + 1);
    }
    return 2 / M_PI * (theta + sin(theta) * sum);
}

/* Cornish-Fisher expansion around the normal quantile (Abramowitz and Stegun 26.7.5). Above a
 * thousand degrees of freedom its error is below 1e-15. */
static double expansion(double n)
{
    const double x = 1.9599639845400542, x2 = x * x;
    double g1 = x * (x2 + 1) / 4;
    double g2 = x * ((5 * x2 + 16) * x2 + 3) / 96;
    double g3 = x * (((3 * x2 + 19) * x2 + 17) * x2 - 15) / 384;
    double g4 = x * ((((79 * x2 + 776) * x2 + 1482) * x2 - 1920) * x2 - 945) / 92160;
    return x + (g1 + (g2 + (g3 + g4 / n) / n) / n) / n;
}

double pld_student_t975(int dof)
{
    if (dof < 1) return INFINITY;
    if (dof > 1000) return expansion(dof);
    double low = 1.9, high = 13;
    while (true) {
        double middle = low + (high - low) / 2;
        if (middle <= low || middle >= high) return middle;
        if (inside(middle, dof) < 0.95)
            low = middle;
        else
            high = middle;
    }
}

/* Half the width of the interval, from the statistics without each block; b may be NULL. */
static double half_width(const double *a, const double *b, int blocks)
{
    double mean = 0, sum = 0;
    if (blocks < 2) return INFINITY;
    for (int j = 0; j < blocks; j++) {
        /* -1 is "no ground truth left": the block holds all there is, and nothing is known. */
        if (!(a[j] >= 0) || (b && !(b[j] >= 0))) return INFINITY;
        mean += (b ? a[j] - b[j] : a[j]) / blocks;
    }
    for (int j = 0; j < blocks; j++) {
        double off = (b ? a[j] - b[j] : a[j]) - mean;
        sum += off * off;
    }
    return pld_student_t975(blocks - 1) * sqrt(sum * (blocks - 1) / blocks);
}

void pld_jackknife_interval(double out[2], double estimate, const double *theta, int blocks)
{
    double half = half_width(theta, NULL, blocks);
    out[0] = estimate - half;
    out[1] = estimate + half;
}

void pld_jackknife_paired(double out[2], double a, const double *theta_a, double b,
                          const double *theta_b, int blocks)
{
    double half = half_width(theta_a, theta_b, blocks);
    out[0] = (a - b) - half;
    out[1] = (a - b) + half;
}
