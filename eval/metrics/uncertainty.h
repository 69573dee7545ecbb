/* Intervals for mean average precision over images, which is no mean of per-image numbers. */
#ifndef PLD_EVAL_METRICS_UNCERTAINTY_H
#define PLD_EVAL_METRICS_UNCERTAINTY_H

/* 95 % interval of a statistic by the delete-a-block jackknife (Kunsch 1989; Shao and Tu, "The
 * Jackknife and Bootstrap", 1995, section 2.3): variance = (G-1)/G * sum_j (theta_j - mean)^2, and
 * Student's t with G-1 degrees of freedom. theta[j] is the statistic without block j.
 * The interval is -inf .. inf where nothing can be said: fewer than two blocks, or a theta of -1
 * (no ground truth without that block). */
void pld_jackknife_interval(double out[2], double estimate, const double *theta, int blocks);

/* The same for the paired difference a - b: both left out the same blocks. */
void pld_jackknife_paired(double out[2], double a, const double *theta_a, double b,
                          const double *theta_b, int blocks);

/* Two-sided 97.5 % quantile of Student's t with `dof` >= 1 degrees of freedom. */
double pld_student_t975(int dof);

#endif
