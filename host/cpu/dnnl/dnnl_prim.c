#include "cpu/dnnl/dnnl_prim.h"

#include <stdlib.h>
#include <string.h>

struct pld_prim_lane {
    dnnl_stream_t stream;
    dnnl_memory_t memory[PLD_PRIM_ARGS];
    const void *data[PLD_PRIM_ARGS]; /* what each memory points at now */
    dnnl_exec_arg_t args[PLD_PRIM_ARGS];
};

bool pld_prim_fast(const_dnnl_primitive_desc_t pd)
{
    const char *name = NULL;
    if (!pd || dnnl_primitive_desc_query(pd, dnnl_query_impl_info_str, 0, &name) != dnnl_success)
        return false;
    return strncmp(name, "ref", 3) != 0;
}

pld_status pld_prim_init(struct pld_prim *prim, dnnl_primitive_desc_t pd, const int *args, int n,
                         const char *node)
{
    memset(prim, 0, sizeof *prim);
    if (!pd) return pld_fail(PLD_EDEVICE, node, "oneDNN does not offer the operation");
    prim->pd = pd;
    int threads = pld_dnnl_single_begin();
    dnnl_status_t status = dnnl_primitive_create(&prim->primitive, pd);
    pld_dnnl_single_end(threads);
    if (status != dnnl_success) {
        pld_prim_release(prim);
        return pld_fail(PLD_EDEVICE, node, "oneDNN cannot make the primitive (status %d)",
                        (int)status);
    }
    memcpy(prim->arg, args, (size_t)n * sizeof args[0]);
    prim->arg[n] = DNNL_ARG_SCRATCHPAD;
    prim->n = n + 1;
    for (int i = 0; i < prim->n; i++)
        prim->md[i] = dnnl_primitive_desc_query_md(pd, dnnl_query_exec_arg_md, prim->arg[i]);
    prim->scratchpad = pld_md_bytes(prim->md[n]);
    return PLD_OK;
}

void pld_prim_release(struct pld_prim *prim)
{
    if (prim->primitive) dnnl_primitive_destroy(prim->primitive);
    if (prim->pd) dnnl_primitive_desc_destroy(prim->pd);
    memset(prim, 0, sizeof *prim);
}

pld_status pld_prim_lane_new(struct pld_prim_lane **out, const struct pld_prim *prim)
{
    *out = NULL;
    struct pld_prim_lane *lane = calloc(1, sizeof *lane);
    if (!lane) return pld_fail_memory("lane");
    bool good = dnnl_stream_create(&lane->stream, pld_dnnl_engine(), dnnl_stream_default_flags) ==
                dnnl_success;
    for (int i = 0; good && i < prim->n; i++) {
        good = dnnl_memory_create(&lane->memory[i], prim->md[i], pld_dnnl_engine(),
                                  DNNL_MEMORY_NONE) == dnnl_success;
        lane->args[i] = (dnnl_exec_arg_t){prim->arg[i], lane->memory[i]};
    }
    if (!good) {
        pld_prim_lane_free(lane);
        return pld_fail(PLD_EDEVICE, "", "oneDNN cannot make the lane's memory objects");
    }
    *out = lane;
    return PLD_OK;
}

void pld_prim_lane_free(struct pld_prim_lane *lane)
{
    if (!lane) return;
    for (int i = 0; i < PLD_PRIM_ARGS; i++)
        if (lane->memory[i]) dnnl_memory_destroy(lane->memory[i]);
    if (lane->stream) dnnl_stream_destroy(lane->stream);
    free(lane);
}

pld_status pld_prim_run(const struct pld_prim *prim, struct pld_prim_lane *lane,
                        const void *const *data)
{
    dnnl_status_t status = dnnl_success;
    for (int i = 0; i < prim->n && status == dnnl_success; i++) {
        /* Setting the pointer makes version 2 write zeros into the padding of blocked weights
         * (zeros that pack() put there already): worth avoiding when nothing changed. */
        if (lane->data[i] == data[i]) continue;
        status = dnnl_memory_set_data_handle(lane->memory[i], (void *)(uintptr_t)data[i]);
        lane->data[i] = data[i];
    }
    if (status == dnnl_success)
        status = dnnl_primitive_execute(prim->primitive, lane->stream, prim->n, lane->args);
    if (status == dnnl_success) status = dnnl_stream_wait(lane->stream);
    if (status != dnnl_success)
        return pld_fail(PLD_EDEVICE, "", "oneDNN failed with status %d", (int)status);
    return PLD_OK;
}
