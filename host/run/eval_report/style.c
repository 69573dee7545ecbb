/* What this page needs beside the style of all reports. */
#include "run/eval_report/sections.h"

void pld_eval_style(struct pld_str *s)
{
    pld_str_append(
        s,
        "<style>"
        "h3.next,p.next{margin-top:26px}.lead.next{margin-bottom:8px}p{max-width:82ch}"
        ".bar.slim{width:90px;display:inline-block;margin:0 8px 0 0;vertical-align:middle}"
        ".bar.wider{width:min(34vw,420px)}@media(max-width:760px){.bar.wider{width:46px}}"
        ".rows tbody th.g{min-width:92px}.errors small{white-space:normal}.rank "
        "td{white-space:nowrap}"
        ".line.thin{stroke-width:1.1}.line.dash{stroke-dasharray:5 3;stroke-width:1.4}"
        ".line.bold{stroke-width:2.6}"
        ".matrix{width:auto;font-size:12px}"
        ".matrix td{min-width:26px;padding:3px 4px}.matrix td.right{font-weight:650}"
        ".matrix tbody th{min-width:84px;max-width:190px;overflow-wrap:anywhere}"
        ".matrix tbody tr>*{border-bottom:1px solid var(--rule)}"
        ".matrix thead th{vertical-align:bottom;padding:2px}"
        ".matrix thead th span{writing-mode:vertical-rl;transform:rotate(180deg);"
        "max-height:150px;overflow:hidden;white-space:nowrap;display:inline-block;"
        "text-overflow:ellipsis}"
        ".worst{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,340px),1fr));"
        "gap:22px 18px}"
        ".worst.both{grid-template-columns:1fr 1fr;margin-bottom:22px;gap:8px}.worst "
        "svg{border-radius:8px;background:#3a4148}"
        ".worst figcaption{margin-top:6px;color:var(--soft)}.worst figcaption b{color:var(--ink)}"
        ".worst figure{break-inside:avoid}"
        /* Colours on pictures do not follow the page: the ground is the photograph. */
        ".box{fill:none;stroke-width:2}.box.under{stroke:#000;stroke-opacity:.55;stroke-width:4}"
        ".box.found{stroke:#7fd1ff;stroke-width:1.2;stroke-opacity:.9}"
        ".box.missed{stroke:#ffd84d;stroke-dasharray:7 4;stroke-width:2.6}"
        ".box.wrong{stroke:#ff6a4d;stroke-width:2.4}"
        ".worst svg text{font-size:12px;font-weight:600;fill:#fff;paint-order:stroke;"
        "stroke:#000;stroke-width:3.5px;stroke-linejoin:round}"
        ".worst svg text.missed{fill:#ffe68a}.worst svg text.wrong{fill:#ffc2b3}"
        ".legend{display:flex;flex-wrap:wrap;gap:6px 22px;list-style:none;padding:0;"
        "margin:0 0 16px;font-size:13.5px}"
        ".legend svg{display:inline-block;width:44px;height:20px;vertical-align:middle;"
        "margin-right:8px;background:#3a4148;border-radius:4px}"
        "@media(max-width:760px){.matrix tbody th{min-width:76px;max-width:96px}.errors td,.errors "
        "th{padding-right:8px}.bar.slim{width:56px}}"
        "</style>\n");
}
