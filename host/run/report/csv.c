#include <math.h>
#include <string.h>

#include "core/file.h"
#include "core/json.h"
#include "core/str.h"
#include "run/report/data.h"
#include "run/report/report.h"

/* RFC 4180: quoted where a comma, quote or line break is inside. */
static void put_field(struct pld_str *s, const char *text)
{
    if (!strpbrk(text, ",\"\r\n")) {
        pld_str_append(s, text);
        return;
    }
    pld_str_append(s, "\"");
    for (; *text; text++) {
        if (*text == '"') pld_str_append(s, "\"");
        pld_str_append_n(s, text, 1);
    }
    pld_str_append(s, "\"");
}

/* 17 digits read back as the same double; an absent number is an empty field. */
static void put_number(struct pld_str *s, double value)
{
    pld_str_append(s, ",");
    if (isfinite(value)) pld_str_printf(s, "%.17g", value);
}

static void put_point(struct pld_str *s, const struct pld_report *report,
                      const struct pld_report_group *g, const struct pld_report_point *p)
{
    put_field(s, g->id);
    pld_str_append(s, ",");
    put_field(s, g->name);
    char ratio[32];
    pld_str_printf(s, ",%s", pld_real_text(ratio, p->ratio));
    pld_str_printf(s, ",%lld", (long long)p->removed);
    put_number(s, p->metrics[report->metric]);
    put_number(s, p->drop);
    put_number(s, p->ci_lo);
    put_number(s, p->ci_hi);
    put_number(s, p->macs);
    put_number(s, p->params);
    pld_str_printf(s, ",%s\n", pld_point_status_name(p->status));
}

pld_status pld_report_write_csv(const struct pld_report *report, const char *path)
{
    struct pld_str s = {0};
    pld_str_append(&s, "group,name,ratio,removed,AP,drop,ci_lo,ci_hi,macs,params,status\n");
    for (int i = 0; i < report->n_groups; i++)
        for (int k = 0; k < report->groups[i].n_points; k++)
            put_point(&s, report, &report->groups[i], &report->groups[i].points[k]);
    pld_status status = s.failed ? PLD_EDEVICE : pld_file_write(path, s.data, s.len);
    pld_str_release(&s);
    return status;
}
