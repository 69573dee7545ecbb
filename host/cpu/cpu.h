/* The CPU backend: a reference kernel for every operator, overridden by fast ones where we have
 * them (oneDNN, or loops of our own). */
#ifndef PLD_CPU_CPU_H
#define PLD_CPU_CPU_H

#include "backend/backend.h"

extern const struct pld_backend_api pld_cpu_backend_api;

#endif
