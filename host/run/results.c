#include "run/results.h"

#include "core/file.h"
#include "run/report/report.h"

pld_status pld_results_write(const char *dir)
{
    char path[4096];
    struct pld_report *report;
    PLD_TRY(pld_report_load(&report, dir));
    pld_status status = pld_path_join(path, sizeof path, dir, "sensitivity.csv");
    if (status == PLD_OK) status = pld_report_write_csv(report, path);
    if (status == PLD_OK) status = pld_path_join(path, sizeof path, dir, "plots");
    if (status == PLD_OK) status = pld_report_write_plots(report, path);
    if (status == PLD_OK) status = pld_path_join(path, sizeof path, dir, "report.html");
    if (status == PLD_OK) status = pld_report_write_html(report, path);
    pld_report_free(report);
    return status;
}
