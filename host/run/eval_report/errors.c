/* What the errors cost, by kind. */
#include <math.h>

#include "run/eval_report/sections.h"
#include "run/report/format.h"

/* Lengths of errors that are worth something; TIDE's gains do not add up to what is missing. */
static void error_row(struct pld_str *s, const char *name, const char *words, double gain,
                      double most, const size_t *count)
{
    pld_str_printf(s,
                   "<tr><th scope=\"row\">%s<br><small>%s</small></th><td><div class=\"bar wider\" "
                   "role=\"presentation\"><i style=\"width:%s%%\"></i></div></td>"
                   "<td class=\"n\">%s</td><td class=\"n\">",
                   name, words, pld_fmt_coord(most > 0 ? 100 * gain / most : 0).text,
                   pld_fmt_points(gain).text);
    if (count) pld_str_printf(s, "%zu", *count);
    pld_str_append(s, "</td></tr>\n");
}

void pld_eval_errors(struct pld_str *s, const struct pld_eval_page *page)
{
    static const char *const words[PLD_TIDE_ERRORS] = {
        [PLD_TIDE_CLS] = "right place, wrong class",
        [PLD_TIDE_LOC] = "right class, overlap of 0.1 to 0.5 only",
        [PLD_TIDE_BOTH] = "wrong class and such a place",
        [PLD_TIDE_DUPE] = "the box belongs to a surer detection",
        [PLD_TIDE_BKG] = "nothing there",
        [PLD_TIDE_MISS] = "a box that no detection is near"};
    const struct pld_tide *tide = &page->result->metrics.tide;
    if (!tide->errors) return;
    double most = fmax(tide->false_positive, tide->false_negative);
    for (int e = 0; e < PLD_TIDE_ERRORS; e++)
        most = fmax(most, tide->gain[e]);
    pld_html_section(s, "errors", "Errors by kind",
                     "How many points of AP50 would be won if all errors of a kind were mended and "
                     "nothing else (TIDE, Bolya et al. 2020). They do not add up: mending one kind "
                     "uncovers others.");
    pld_str_append(s, "<div class=\"scroll\"><table class=\"rows rank errors\"><thead><tr>"
                      "<th scope=\"col\">Kind</th><th scope=\"col\"></th><th scope=\"col\" "
                      "class=\"n\">Points</th>"
                      "<th scope=\"col\" class=\"n\">How many</th></tr></thead><tbody>\n");
    for (int e = 0; e < PLD_TIDE_ERRORS; e++)
        error_row(s, pld_tide_names[e], words[e], tide->gain[e], most, &tide->count[e]);
    error_row(s, "FalsePos", "all detections that find nothing", tide->false_positive, most, NULL);
    error_row(s, "FalseNeg", "all boxes that are not found", tide->false_negative, most, NULL);
    pld_str_append(s, "</tbody></table></div></section>\n");
}
