/* Mean rank of the feature map (Lin et al., "HRank", CVPR 2020, equation 4). */
#include <float.h>
#include <math.h>

#include "prune/criterion.h"

static void swap_columns(double *m, int height, int width, int a, int b)
{
    for (int r = 0; r < height && a != b; r++) {
        double t = m[r * width + a];
        m[r * width + a] = m[r * width + b];
        m[r * width + b] = t;
    }
}

static double column_norm(const double *m, int height, int width, int from, int c)
{
    double sum = 0;
    for (int r = from; r < height; r++)
        sum += m[r * width + c] * m[r * width + c];
    return sqrt(sum);
}

/* Reflects the rows from `k` on so that column k becomes (+-norm, 0, ..., 0). */
static void reflect(double *m, int height, int width, int k, double norm)
{
    double alpha = m[k * width + k] > 0 ? -norm : norm;
    m[k * width + k] -= alpha; /* column k now holds the reflection's vector */
    double vv = 2 * norm * (norm + fabs(m[k * width + k] + alpha));
    for (int c = k + 1; c < width; c++) {
        double vm = 0;
        for (int r = k; r < height; r++)
            vm += m[r * width + k] * m[r * width + c];
        for (int r = k; r < height; r++)
            m[r * width + c] -= 2 * vm / vv * m[r * width + k];
    }
}

/* By QR with column pivoting (Golub and Van Loan, "Matrix Computations", section 5.4.2): the number
 * of pivots above max(height, width) * float epsilon * the first one. */
static double feature(const float *map, int height, int width, double *scratch)
{
    int most = height < width ? height : width;
    double first = 0;
    for (int i = 0; i < height * width; i++)
        scratch[i] = (double)map[i];
    for (int k = 0; k < most; k++) {
        int best = k;
        double norm = -1;
        for (int c = k; c < width; c++) {
            double n = column_norm(scratch, height, width, k, c);
            if (n > norm) {
                norm = n;
                best = c;
            }
        }
        if (k == 0) first = norm;
        if (norm <= first * FLT_EPSILON * (height > width ? height : width)) return k;
        swap_columns(scratch, height, width, k, best);
        reflect(scratch, height, width, k, norm);
    }
    return most;
}

const struct pld_criterion pld_criterion_hrank = {
    .name = "hrank",
    .help = "mean rank of the feature map, on images",
    .feature = feature,
};
