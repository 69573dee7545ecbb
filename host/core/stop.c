#include "core/stop.h"

#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>

static atomic_int requested;

static void on_signal(int number)
{
    atomic_store(&requested, number);
}

void pld_stop_install(void)
{
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

int pld_stop_signal(void)
{
    return atomic_load(&requested);
}

pld_status pld_stop_check(void)
{
    int number = atomic_load(&requested);
    if (!number) return PLD_OK;
    return pld_fail(PLD_EINTERRUPT, NULL, "stopped by %s",
                    number == SIGTERM ? "SIGTERM" : "SIGINT");
}
