#include "core/log.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>

static atomic_int current = PLD_LOG_INFO;

void pld_log_set_level(enum pld_log_level level)
{
    atomic_store(&current, (int)level);
}

enum pld_log_level pld_log_get_level(void)
{
    return (enum pld_log_level)atomic_load(&current);
}

void pld_log(enum pld_log_level level, const char *fmt, ...)
{
    static const char *const prefix[] = {"error: ", "warning: ", "", "debug: "};
    if ((int)level > atomic_load(&current)) return;
    char line[2048];
    va_list args;
    va_start(args, fmt);
    vsnprintf(line, sizeof line, fmt, args);
    va_end(args);
    fprintf(stderr, "%s%s\n", prefix[level], line);
}
