#include "core/progress.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/clock.h"

static const double DELAY = 2.0, TERMINAL_PERIOD = 0.2, PLAIN_PERIOD = 10.0; /* seconds */

struct pld_progress {
    pthread_mutex_t lock;
    const char *title;
    double total, done, start, shown;
    int terminal, quiet, drawn;
    char note[96];
};

struct pld_progress *pld_progress_start(const char *title, double total, int quiet)
{
    struct pld_progress *p = calloc(1, sizeof *p);
    if (!p) return NULL;
    pthread_mutex_init(&p->lock, NULL);
    p->title = title;
    p->total = total > 0 ? total : 1;
    p->start = p->shown = pld_clock_now();
    p->terminal = isatty(STDERR_FILENO) && !getenv("NO_PROGRESS");
    p->quiet = quiet;
    return p;
}

static void format_seconds(char *out, size_t size, double seconds)
{
    long s = (long)(seconds + 0.5);
    if (s >= 3600)
        snprintf(out, size, "%ld:%02ld:%02ld", s / 3600, s / 60 % 60, s % 60);
    else
        snprintf(out, size, "%ld:%02ld", s / 60, s % 60);
}

static void draw(struct pld_progress *p, double now)
{
    enum { WIDTH = 24 };
    double part = p->done / p->total, spent = now - p->start;
    if (part > 1) part = 1;
    char eta[32] = "--:--", bar[WIDTH + 1];
    if (part > 0.005) format_seconds(eta, sizeof eta, spent * (1 - part) / part);
    for (int i = 0; i < WIDTH; i++)
        bar[i] = i < (int)(part * WIDTH) ? '=' : ' ';
    bar[WIDTH] = '\0';
    if (p->terminal)
        fprintf(stderr, "\r%s [%s] %3.0f%%  ETA %s  %s\033[K", p->title, bar, 100 * part, eta,
                p->note);
    else
        fprintf(stderr, "%s %3.0f%%  ETA %s  %s\n", p->title, 100 * part, eta, p->note);
    fflush(stderr);
    p->shown = now;
    p->drawn = 1;
}

void pld_progress_add(struct pld_progress *p, double cost, const char *note)
{
    if (!p || p->quiet) return;
    pthread_mutex_lock(&p->lock);
    p->done += cost;
    if (note) snprintf(p->note, sizeof p->note, "%s", note);
    double now = pld_clock_now(), period = p->terminal ? TERMINAL_PERIOD : PLAIN_PERIOD;
    if (now - p->start >= DELAY && now - p->shown >= period) draw(p, now);
    pthread_mutex_unlock(&p->lock);
}

void pld_progress_stop(struct pld_progress *p)
{
    if (!p) return;
    if (p->drawn && p->terminal) fprintf(stderr, "\r\033[K");
    pthread_mutex_destroy(&p->lock);
    free(p);
}
