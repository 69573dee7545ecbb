#include "run/report/plots.h"

#include "core/file.h"
#include "run/report/report.h"

static void heatmap(struct pld_str *s, const struct pld_report *report)
{
    pld_plot_heatmap(s, report);
}

static void curves(struct pld_str *s, const struct pld_report *report)
{
    pld_plot_curves(s, report);
}

static void extremes(struct pld_str *s, const struct pld_report *report)
{
    pld_plot_extremes(s, report, true, true);
}

static void tradeoff(struct pld_str *s, const struct pld_report *report)
{
    pld_plot_tradeoff(s, report, true);
}

static pld_status write_plot(const struct pld_report *report, const char *dir, const char *name,
                             void (*plot)(struct pld_str *, const struct pld_report *))
{
    char path[4096];
    struct pld_str s = {0};
    PLD_TRY(pld_path_join(path, sizeof path, dir, name));
    plot(&s, report);
    pld_status status = s.failed ? PLD_EDEVICE : pld_file_write(path, s.data, s.len);
    pld_str_release(&s);
    return status;
}

pld_status pld_report_write_plots(const struct pld_report *report, const char *dir)
{
    PLD_TRY(pld_dir_make(dir));
    PLD_TRY(write_plot(report, dir, "heatmap.svg", heatmap));
    PLD_TRY(write_plot(report, dir, "curves.svg", curves));
    PLD_TRY(write_plot(report, dir, "extremes.svg", extremes));
    return write_plot(report, dir, "tradeoff.svg", tradeoff);
}
