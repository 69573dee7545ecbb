/* Questions about signatures, for the supports() of kernels. */
#ifndef PLD_BACKEND_SIGNATURE_H
#define PLD_BACKEND_SIGNATURE_H

#include "backend/backend.h"

bool pld_sig_has(const struct pld_signature *sig, int input);
/* There is one output; others, if the operator has them, are absent. */
bool pld_sig_single(const struct pld_signature *sig);
/* Every present input and output has this dtype. */
bool pld_sig_is(const struct pld_signature *sig, enum pld_dtype dtype);
/* Every present input and output has one and the same dtype ... */
bool pld_sig_same(const struct pld_signature *sig);
/* ... which is a floating one. */
bool pld_sig_float(const struct pld_signature *sig);

#endif
