#include "run/report/svg.h"

#include "run/report/format.h"

/* Blue for better, grey for unchanged, cream within the tolerance, then orange to brown: brightness
 * falls (in the dark form rises) from step to step, so that the order is seen without hues. */
const struct pld_bin_colour pld_bin_colours[PLD_REPORT_BINS] = {
    {"#a9cdec", "#12395c", "#1d4e79", "#d6e9fb"}, {"#f1f3f5", "#68717b", "#20272f", "#8f9aa6"},
    {"#fff4d3", "#6b5a1e", "#2f2c20", "#c9bd8f"}, {"#ffe6a3", "#654f0c", "#453b1c", "#e2cf8d"},
    {"#fdbb62", "#4d2a00", "#7b4f16", "#fff0d6"}, {"#f6934b", "#431c00", "#a5641c", "#fff4e4"},
    {"#e06a2b", "#fffaf5", "#cd7f2c", "#231300"}, {"#bd4719", "#fff4ec", "#e89d52", "#2a1600"},
    {"#8c2e11", "#ffeee6", "#fbbf80", "#331a00"}, {"#571a0a", "#ffe6dc", "#fde2c4", "#3d2000"},
};

/* Viewers of plain SVG files often know neither custom properties nor media queries: one light
 * style with literal colours. */
static const char style[] =
    "<style>text{font:12px system-ui,-apple-system,\"Segoe UI\",Roboto,sans-serif;fill:#1d2329}"
    ".m{fill:#66707b}.s{font-size:10.5px}.h{font-size:16px;font-weight:600}.e{text-anchor:end}"
    ".c{text-anchor:middle}"
    ".grid{stroke:#e4e7eb}.axis{stroke:#98a2ad}.tol{stroke:#b35309;stroke-dasharray:4 3}"
    ".band{fill:#1f6cc9;opacity:.17}.line{fill:none;stroke:#1f6cc9;stroke-width:1.8}"
    ".dot{fill:#1f6cc9}.hollow{fill:#fff;stroke:#1f6cc9;stroke-width:1.4}"
    ".whisker{stroke:#1f6cc9;stroke-width:2.4}"
    ".over .band{fill:#c2570c}.over .line,.over .hollow,.over.whisker{stroke:#c2570c}"
    ".over .dot,.over.dot{fill:#c2570c}.bg{fill:#fff}.cell{stroke:#fff}";

void pld_svg_begin(struct pld_str *s, double width, double height, const char *label,
                   bool standalone)
{
    if (standalone)
        pld_str_printf(s,
                       "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                       "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%s\" height=\"%s\" ",
                       pld_fmt_coord(width).text, pld_fmt_coord(height).text);
    else
        pld_str_append(s, "<svg ");
    pld_str_printf(s, "viewBox=\"0 0 %s %s\" role=\"img\" aria-label=\"", pld_fmt_coord(width).text,
                   pld_fmt_coord(height).text);
    pld_put_text(s, label);
    pld_str_append(s, "\">");
    if (!standalone) return;
    pld_str_append(s, "\n<title>");
    pld_put_text(s, label);
    pld_str_append(s, "</title>\n");
    pld_str_append(s, style);
    for (int i = 0; i < PLD_REPORT_BINS; i++)
        pld_str_printf(s, ".b%d{fill:%s}.i%d{fill:%s}", i, pld_bin_colours[i].light, i,
                       pld_bin_colours[i].light_ink);
    pld_str_append(s, "</style>\n");
    pld_svg_rect(s, "bg", 0, 0, width, height, NULL);
}

void pld_svg_end(struct pld_str *s)
{
    pld_str_append(s, "</svg>\n");
}

void pld_svg_line(struct pld_str *s, const char *cls, double x1, double y1, double x2, double y2)
{
    pld_str_printf(s, "<line class=\"%s\" x1=\"%s\" y1=\"%s\" x2=\"%s\" y2=\"%s\"/>", cls,
                   pld_fmt_coord(x1).text, pld_fmt_coord(y1).text, pld_fmt_coord(x2).text,
                   pld_fmt_coord(y2).text);
}

/* Closes an element that was left open before its '>', with a title inside if there is one. */
static void finish(struct pld_str *s, const char *element, const char *title)
{
    if (!title) {
        pld_str_append(s, "/>");
        return;
    }
    pld_str_append(s, "><title>");
    pld_put_text(s, title);
    pld_str_printf(s, "</title></%s>", element);
}

void pld_svg_rect(struct pld_str *s, const char *cls, double x, double y, double w, double h,
                  const char *title)
{
    pld_str_printf(s, "<rect class=\"%s\" x=\"%s\" y=\"%s\" width=\"%s\" height=\"%s\"", cls,
                   pld_fmt_coord(x).text, pld_fmt_coord(y).text, pld_fmt_coord(w > 0 ? w : 0).text,
                   pld_fmt_coord(h > 0 ? h : 0).text);
    finish(s, "rect", title);
}

void pld_svg_dot(struct pld_str *s, const char *cls, double x, double y, double r,
                 const char *title)
{
    pld_str_printf(s, "<circle class=\"%s\" cx=\"%s\" cy=\"%s\" r=\"%s\"", cls,
                   pld_fmt_coord(x).text, pld_fmt_coord(y).text, pld_fmt_coord(r).text);
    finish(s, "circle", title);
}

void pld_svg_triangle(struct pld_str *s, const char *cls, double x, double y, double r,
                      const char *title)
{
    pld_str_printf(s, "<path class=\"%s\" d=\"M%s,%sh%sl%s,%sz\"", cls, pld_fmt_coord(x - r).text,
                   pld_fmt_coord(y - r * 0.8).text, pld_fmt_coord(2 * r).text,
                   pld_fmt_coord(-r).text, pld_fmt_coord(r * 1.8).text);
    finish(s, "path", title);
}

void pld_svg_text(struct pld_str *s, const char *cls, double x, double y, const char *text)
{
    pld_str_printf(s, "<text class=\"%s\" x=\"%s\" y=\"%s\">", cls, pld_fmt_coord(x).text,
                   pld_fmt_coord(y).text);
    pld_put_text(s, text);
    pld_str_append(s, "</text>");
}

void pld_svg_path(struct pld_str *s, const char *cls)
{
    pld_str_printf(s, "<path class=\"%s\" d=\"M", cls);
}

void pld_svg_to(struct pld_str *s, double x, double y)
{
    bool first = s->len && s->data[s->len - 1] == 'M';
    pld_str_printf(s, "%s%s,%s", first ? "" : " ", pld_fmt_coord(x).text, pld_fmt_coord(y).text);
}

void pld_svg_path_end(struct pld_str *s, bool close)
{
    pld_str_printf(s, "%s\"/>", close ? "z" : "");
}
