/* What the files of `pollard doctor` share. */
#ifndef PLD_CLI_DOCTOR_H
#define PLD_CLI_DOCTOR_H

#include "cli/command.h"
#include "run/probe.h"

struct pld_doctor_args {
    const char *probe, *data, *save;
};

pld_status pld_doctor_probe(const struct pld_call *call, const struct pld_doctor_args *args);

#endif
