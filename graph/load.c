/* Model files by their format: Darknet by the ending of the name, everything else is ONNX. */
#include "graph/darknet.h"
#include "graph/onnx.h"

pld_status pld_graph_load(struct pld_graph **out, const char *path)
{
    return pld_darknet_is_path(path) ? pld_darknet_load(out, path) : pld_onnx_load(out, path);
}
