#include "backend/op.h"

#include <string.h>

static const char *const names[PLD_OP_COUNT] = {
#define PLD_OP(id, onnx, file) [PLD_OP_##id] = onnx,
#include "backend/op.def"
#undef PLD_OP
};

const char *pld_op_name(enum pld_op op)
{
    return names[op];
}

int pld_op_find(const char *onnx_name)
{
    for (int i = 0; i < PLD_OP_COUNT; i++)
        if (strcmp(names[i], onnx_name) == 0) return i;
    return -1;
}
