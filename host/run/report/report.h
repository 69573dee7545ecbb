/* The report of a sweep: what can be pruned, at what cost, for people.
 *
 * It reads a sweep's folder (manifest.json, results.jsonl, groups.json, examples/) and nothing
 * else, so it can be made again at any time, also of a sweep that still runs or was killed. Only
 * results.jsonl is indispensable. manifest.points_total does not count the baseline.
 *
 * mAP is printed in 0..1 with three decimals; a drop is the baseline's mAP less the pruned one's,
 * in points (1 point = 0.01), positive when it got worse.
 */
#ifndef PLD_RUN_REPORT_REPORT_H
#define PLD_RUN_REPORT_REPORT_H

#include <stdio.h>

#include "core/status.h"

struct pld_report;

/* Reads the folder of a sweep. Unreadable lines of the journal (a kill may tear the last one) are
 * left out and counted. Fails with PLD_EDATA where a file is missing or broken, and with
 * PLD_EINCOMPLETE where not even the baseline was measured. Free with pld_report_free(). */
pld_status pld_report_load(struct pld_report **out, const char *dir);
void pld_report_free(struct pld_report *report);

/* The drop that is called tolerable, in mAP (default 0.005 = half a point). Positive. */
void pld_report_set_tolerance(struct pld_report *report, double drop);

/* One HTML file that needs nothing else: no scripts, no network, pictures inside. Atomic. */
pld_status pld_report_write_html(const struct pld_report *report, const char *path);

/* sensitivity.csv: one row a point, groups in network order, numbers with 17 digits. Atomic. */
pld_status pld_report_write_csv(const struct pld_report *report, const char *path);

/* heatmap.svg, curves.svg, extremes.svg and tradeoff.svg into `dir`, which is created. */
pld_status pld_report_write_plots(const struct pld_report *report, const char *dir);

/* The verdict and one line a group with a sparkline over the ratios. Colours only where `out` is a
 * terminal that wants them (NO_COLOR, TERM=dumb). */
pld_status pld_report_print(const struct pld_report *report, FILE *out);

#endif
