#include "run/report/html.h"

#include "run/report/svg.h"

/* Colours by name; the dark form only gives other values. */
static const char light[] =
    "--bg:#fbfbfa;--card:#fff;--ink:#1b2026;--soft:#5b6570;--rule:#e3e5e8;--blue:#1f6cc9;"
    "--orange:#b9520b;--tint:#eef4fb;--warn:#fff3da;--warnink:#6b4700;--code:#f2f3f5;"
    "--shadow:0 1px 2px rgba(20,30,40,.05),0 4px 16px rgba(20,30,40,.04);";
static const char dark[] =
    "--bg:#101418;--card:#171c22;--ink:#e6eaee;--soft:#98a3ae;--rule:#2a323a;--blue:#69aef5;"
    "--orange:#f2a254;--tint:#16222f;--warn:#35290f;--warnink:#f5d894;--code:#1e252c;"
    "--shadow:none;";

static const char page[] =
    "*{box-sizing:border-box}"
    "html{color-scheme:light dark;-webkit-text-size-adjust:100%;scroll-behavior:smooth}"
    "body{margin:0;background:var(--bg);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"
    "\"Segoe UI\",Roboto,\"Helvetica Neue\",sans-serif;font-variant-numeric:tabular-nums}"
    "main,.top{max-width:1180px;margin:0 auto;padding:0 28px}"
    ".top{padding-top:44px}"
    ".over-title{color:var(--soft);font-size:13px;letter-spacing:.07em;text-transform:uppercase;"
    "margin:0}"
    "h1{font-size:33px;line-height:1.2;margin:6px 0 8px;letter-spacing:-.015em;"
    "overflow-wrap:anywhere}"
    "h2{font-size:22px;letter-spacing:-.01em;margin:0 0 6px}"
    "h3{font-size:16px;margin:0 0 8px}"
    ".meta{color:var(--soft);margin:0;overflow-wrap:anywhere}.meta span{white-space:nowrap}"
    ".meta span:not(:last-child)::after{content:\"\\b7\";margin:0 .1em 0 .45em}"
    "nav{margin:20px 0 0;display:flex;flex-wrap:wrap;gap:4px 18px;font-size:14px}"
    "a{color:var(--blue);text-underline-offset:3px;text-decoration-thickness:1px}"
    "nav a{text-decoration:none}a:hover{text-decoration:underline}"
    "a:focus-visible,summary:focus-visible{outline:2px solid var(--blue);outline-offset:2px}"
    "section{margin:52px 0}.lead{color:var(--soft);margin:0 0 "
    "18px;max-width:76ch}.note{font-size:13px;margin-top:-6px}"
    ".banner{background:var(--warn);color:var(--warnink);border-radius:10px;padding:12px 18px;"
    "margin:26px 0 0;font-weight:600}.banner p{margin:2px 0 0;font-weight:400}"
    ".verdict{background:var(--card);border:1px solid var(--rule);border-left:5px solid "
    "var(--blue);border-radius:10px;padding:22px 26px;margin:28px 0 18px;"
    "box-shadow:var(--shadow)}"
    ".verdict p{margin:0;max-width:82ch}.verdict .say{font-size:23px;line-height:1.35;"
    "font-weight:600;letter-spacing:-.01em;margin-bottom:10px}"
    ".verdict .caution{color:var(--soft);margin-top:8px}"
    ".cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(165px,1fr));gap:12px;"
    "margin:0}"
    ".card{background:var(--card);border:1px solid var(--rule);border-radius:10px;"
    "padding:14px 16px;box-shadow:var(--shadow)}"
    ".card dt{font-size:13px;color:var(--soft)}"
    ".card dd{margin:2px 0 0}.card .big{font-size:24px;line-height:1.3;font-weight:650;"
    "letter-spacing:-.02em;white-space:nowrap}.card "
    ".sub{font-size:13px;color:var(--soft);overflow-wrap:anywhere}";

static const char tables[] =
    ".scroll{overflow-x:auto;-webkit-overflow-scrolling:touch}"
    "table{border-collapse:collapse;font-size:14.5px}"
    "caption{text-align:left;color:var(--soft);font-size:13px;padding:0 0 6px}"
    "th{font-weight:600;text-align:left}thead th{font-size:13px;color:var(--soft);"
    "font-weight:500;vertical-align:bottom;border-bottom:1px solid var(--rule)}"
    "small{white-space:nowrap}th,td{padding:7px 12px 7px 0;vertical-align:top}"
    "tbody th{font-weight:500}"
    ".rows tbody tr+tr>*{border-top:1px solid var(--rule)}"
    ".n{text-align:right;white-space:nowrap}"
    ".wide{width:100%}.two{display:grid;grid-template-columns:1fr 1fr;gap:8px 44px}"
    ".id{color:var(--soft);font-size:12.5px;white-space:nowrap}"
    ".g{overflow-wrap:anywhere}"
    ".soft{color:var(--soft)}small{font-size:12.5px;color:var(--soft)}"
    ".bar{position:relative;height:10px;width:150px;border-radius:5px;background:var(--rule);"
    "overflow:hidden;margin:6px 0 3px}"
    ".bar i{position:absolute;left:0;top:0;bottom:0;background:var(--blue)}"
    ".bar i.maybe{opacity:.38}"
    ".rank td,.rank th{vertical-align:middle}.rank tbody th{min-width:118px}.rank "
    ".pos{color:var(--soft);width:2.2em}"
    ".heat{width:100%;border-collapse:separate;border-spacing:2px;font-size:13px}"
    ".heat th,.heat td{padding:3px 6px;vertical-align:middle}"
    ".heat thead th{text-align:center;border:0}.heat thead th:first-child{text-align:left}"
    ".heat td{text-align:center;border-radius:3px;min-width:42px;white-space:nowrap}"
    ".heat tbody th{padding-right:12px;min-width:130px;max-width:260px;line-height:1.25}"
    ".heat .share{min-width:96px;text-align:left;font-size:12.5px;color:var(--soft)}"
    ".heat .share i{display:inline-block;height:8px;background:var(--soft);opacity:.55;"
    "border-radius:2px;margin-right:6px;vertical-align:middle}"
    ".heat td.none{background:repeating-linear-gradient(135deg,transparent 0 4px,var(--rule) 4px "
    "5px)}"
    ".heat td.unsure{font-style:italic}"
    ".heat td sup{font-size:9px;line-height:0}"
    ".key{display:flex;flex-wrap:wrap;gap:4px 3px;margin:0 0 14px;font-size:12.5px;padding:0;"
    "list-style:none}.key li{padding:3px 9px;border-radius:3px}";

static const char figures[] =
    "svg{display:block;width:100%;height:auto}"
    "svg text{font-size:12px;font-family:inherit;fill:var(--ink)}svg .m{fill:var(--soft)}"
    "svg .s{font-size:11px}.pair svg text{font-size:13.5px}svg .e{text-anchor:end}svg "
    ".c{text-anchor:middle}"
    ".grid{stroke:var(--rule)}.axis{stroke:var(--soft);opacity:.6}"
    ".tol{stroke:var(--orange);stroke-dasharray:4 3;opacity:.8}"
    ".band{fill:var(--blue);opacity:.18}"
    ".line{fill:none;stroke:var(--blue);stroke-width:1.8;stroke-linejoin:round}"
    ".dot{fill:var(--blue)}.hollow{fill:var(--card);stroke:var(--blue);stroke-width:1.5}"
    ".see{opacity:.72}.whisker{stroke:var(--blue);stroke-width:2.4;opacity:.55}"
    ".over .band{fill:var(--orange)}.over .line,.over .hollow,.over.whisker{"
    "stroke:var(--orange)}.over .dot,.over.dot{fill:var(--orange)}"
    ".halo{font-weight:600;paint-order:stroke;stroke:var(--card);stroke-width:4px}"
    ".panel{background:var(--card);border:1px solid var(--rule);border-radius:10px;"
    "padding:16px 18px;box-shadow:var(--shadow)}"
    ".panel>svg{min-width:640px}.pair{display:grid;grid-template-columns:1fr 1fr;gap:14px;"
    "margin-top:14px}.pair .panel>svg{min-width:0}"
    ".curves{display:grid;grid-template-columns:repeat(auto-fill,minmax(212px,1fr));gap:12px}"
    "figure{margin:0}.curves small{display:block}.curves figure{background:var(--card);border:1px "
    "solid var(--rule);"
    "border-radius:8px;padding:9px 10px 4px;break-inside:avoid}"
    "figcaption{font-size:13px;line-height:1.3;margin:0 0 4px;overflow-wrap:anywhere}"
    ".shots{display:grid;grid-template-columns:repeat(auto-fill,minmax(260px,1fr));gap:16px}"
    ".shots img{width:100%;height:auto;border-radius:8px;display:block}"
    ".shots figcaption{margin-top:6px;color:var(--soft)}"
    "pre{background:var(--code);border-radius:8px;padding:14px 16px;overflow-x:auto;"
    "font-size:13.5px;line-height:1.5;margin:0 0 18px}"
    "code{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:.92em}"
    "summary{cursor:pointer;color:var(--blue);font-size:14.5px;padding:8px 0}"
    ".facts td{overflow-wrap:anywhere;font-size:13.5px}.facts th{color:var(--soft);"
    "white-space:nowrap;padding-right:22px}"
    "ul.notes{padding-left:1.2em;margin:0;max-width:78ch}ul.notes li{margin:5px 0}"
    "footer{color:var(--soft);font-size:13px;border-top:1px solid var(--rule);margin:60px 0 0;"
    "padding:18px 0 48px}";

static const char media[] =
    "@media(max-width:760px){main,.top{padding-left:16px;padding-right:16px}"
    ".top{padding-top:26px}h1{font-size:26px}section{margin:40px 0}"
    ".verdict{padding:16px 18px}.verdict .say{font-size:19px}.two,.pair{grid-template-columns:"
    "minmax(0,1fr)}.cards{grid-template-columns:1fr 1fr}.card{padding:12px 13px}"
    ".card .big{font-size:22px}.heat td{min-width:0;padding:3px 2px;font-size:11px}"
    ".heat tbody th{min-width:96px;max-width:112px;font-size:11.5px;padding:3px 4px 3px 0}"
    ".heat thead th{padding:2px 0;font-size:10.5px}.heat{border-spacing:1px}"
    ".heat .share,.heat .id,.only-wide{display:none}"
    ".curves{grid-template-columns:repeat(auto-fill,minmax(158px,1fr));gap:8px}"
    ".bar{width:110px}th,td{padding-right:10px}.facts th{white-space:normal}}"
    "@media print{:root{--bg:#fff;--shadow:none}html{color-scheme:light}body{font-size:11pt}"
    "nav{display:none}section{margin:24px 0}main,.top{max-width:none;padding:0}"
    "tr,.card,.panel,.verdict,figure{break-inside:avoid}h2{break-after:avoid}"
    ".scroll{overflow:visible}.panel>svg{min-width:0}"
    "*{-webkit-print-color-adjust:exact;print-color-adjust:exact}}";

void pld_html_style(struct pld_str *s)
{
    pld_str_append(s, "<style>:root{");
    pld_str_append(s, light);
    for (int i = 0; i < PLD_REPORT_BINS; i++)
        pld_str_printf(s, "--b%d:%s;--i%d:%s;", i, pld_bin_colours[i].light, i,
                       pld_bin_colours[i].light_ink);
    pld_str_append(s, "}@media screen and (prefers-color-scheme:dark){:root{");
    pld_str_append(s, dark);
    for (int i = 0; i < PLD_REPORT_BINS; i++)
        pld_str_printf(s, "--b%d:%s;--i%d:%s;", i, pld_bin_colours[i].dark, i,
                       pld_bin_colours[i].dark_ink);
    pld_str_append(s, "}}");
    pld_str_append(s, page);
    pld_str_append(s, tables);
    pld_str_append(s, figures);
    for (int i = 0; i < PLD_REPORT_BINS; i++)
        pld_str_printf(s, ".b%d{background:var(--b%d);color:var(--i%d)}", i, i, i);
    pld_str_append(s, media);
    pld_str_append(s, "</style>\n");
}
