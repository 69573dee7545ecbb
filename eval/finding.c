#include "eval/finding.h"

#include <stdarg.h>
#include <stdio.h>

const struct pld_finding_row pld_finding_rows[PLD_FINDING_KINDS] = {
#define PLD_FINDING(id, name, level, help) {name, help, PLD_FINDING_##level},
#include "eval/finding.def"
#undef PLD_FINDING
};

void pld_findings_release(struct pld_findings *findings)
{
    pld_arena_release(&findings->arena);
    *findings = (struct pld_findings){0};
}

pld_status pld_findings_add(struct pld_findings *findings, enum pld_finding_kind kind,
                            const char *where, const char *fmt, ...)
{
    char message[1024];
    size_t n = findings->counts[kind]++;
    if (n >= PLD_FINDINGS_KEPT) return PLD_OK;
    va_list args;
    va_start(args, fmt);
    vsnprintf(message, sizeof message, fmt, args);
    va_end(args);
    struct pld_finding *item = &findings->items[kind][n];
    item->kind = kind;
    item->where = pld_arena_strdup(&findings->arena, where ? where : "");
    item->message = pld_arena_strdup(&findings->arena, message);
    return item->where && item->message ? PLD_OK : PLD_EDEVICE;
}

pld_status pld_findings_take(struct pld_findings *findings, enum pld_finding_kind kind,
                             pld_status status, bool *taken)
{
    bool take = findings && status == PLD_EDATA;
    if (taken) *taken = take;
    if (!take) return status;
    const struct pld_error *error = pld_error_last();
    return pld_findings_add(findings, kind, error->where, "%s", error->message);
}

size_t pld_findings_count(const struct pld_findings *findings, enum pld_finding_level level)
{
    size_t n = 0;
    for (int kind = 0; kind < PLD_FINDING_KINDS; kind++)
        if (pld_finding_rows[kind].level == level) n += findings->counts[kind];
    return n;
}
