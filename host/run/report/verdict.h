/* The result of a sweep in sentences, for the page and the terminal. Plain text. */
#ifndef PLD_RUN_REPORT_VERDICT_H
#define PLD_RUN_REPORT_VERDICT_H

#include "core/str.h"
#include "run/report/data.h"

/* How many groups tolerate the focus ratio. */
void pld_verdict_headline(struct pld_str *s, const struct pld_report *report);
/* How sure that is, and which group is the most sensitive. */
void pld_verdict_detail(struct pld_str *s, const struct pld_report *report);
/* What the numbers do not say: drops do not add up. */
void pld_verdict_caution(struct pld_str *s, const struct pld_report *report);
/* "incomplete: N of M points", or nothing. */
void pld_verdict_incomplete(struct pld_str *s, const struct pld_report *report);
/* "mAP" or "AP50" with the protocol: "mAP (coco)". */
void pld_verdict_metric(struct pld_str *s, const struct pld_report *report);

#endif
