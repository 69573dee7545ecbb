#include "backend/signature.h"

bool pld_sig_has(const struct pld_signature *sig, int input)
{
    return input < sig->n_in && sig->in[input].dtype < PLD_DTYPE_COUNT;
}

bool pld_sig_single(const struct pld_signature *sig)
{
    for (int i = 1; i < sig->n_out; i++)
        if (sig->out[i].dtype < PLD_DTYPE_COUNT) return false;
    return sig->n_out > 0 && sig->out[0].dtype < PLD_DTYPE_COUNT;
}

bool pld_sig_is(const struct pld_signature *sig, enum pld_dtype dtype)
{
    for (int i = 0; i < sig->n_in; i++)
        if (pld_sig_has(sig, i) && sig->in[i].dtype != dtype) return false;
    for (int i = 0; i < sig->n_out; i++)
        if (sig->out[i].dtype < PLD_DTYPE_COUNT && sig->out[i].dtype != dtype) return false;
    return true;
}

bool pld_sig_same(const struct pld_signature *sig)
{
    return sig->n_in > 0 && sig->in[0].dtype < PLD_DTYPE_COUNT && pld_sig_is(sig, sig->in[0].dtype);
}

bool pld_sig_float(const struct pld_signature *sig)
{
    return pld_sig_same(sig) && pld_dtype_is_float(sig->in[0].dtype);
}
