#include "run/report_cmd.h"

#include "run/report/report.h"

pld_status pld_report_run(const struct pld_words *dirs, const char *out)
{
    if (dirs->count != 1)
        return pld_fail(PLD_EUSAGE, "report",
                        "one folder a report in this version; 'pollard merge' joins shards");
    struct pld_report *report;
    PLD_TRY(pld_report_load(&report, dirs->items[0]));
    pld_status status = pld_report_write_html(report, out);
    if (status == PLD_OK) status = pld_report_print(report, stderr);
    pld_report_free(report);
    return status;
}
