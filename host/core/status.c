#include "core/status.h"

#include <stdio.h>
#include <string.h>

static _Thread_local struct pld_error last_error;

pld_status pld_fail(pld_status code, const char *where, const char *fmt, ...)
{
    last_error.code = code;
    snprintf(last_error.where, sizeof last_error.where, "%s", where ? where : "");
    va_list args;
    va_start(args, fmt);
    vsnprintf(last_error.message, sizeof last_error.message, fmt, args);
    va_end(args);
    return code;
}

pld_status pld_fail_memory(const char *what)
{
    last_error.code = PLD_EDEVICE;
    last_error.where[0] = '\0';
    snprintf(last_error.message, sizeof last_error.message, "out of memory (%s)", what);
    return PLD_EDEVICE;
}

const struct pld_error *pld_error_last(void)
{
    return &last_error;
}

pld_status pld_error_set(const struct pld_error *error)
{
    last_error = *error;
    return error->code;
}
