/* The shipped detector, configs/demo/panels.onnx, as bytes of the program: the demo needs no file
 * besides the binary. */
#include "run/demo.h"

__asm__(".section .rodata\n"
        ".balign 64\n"
        ".global pld_demo_model\n"
        "pld_demo_model:\n"
        ".incbin \"" PLD_DEMO_MODEL_FILE "\"\n"
        ".global pld_demo_model_end\n"
        "pld_demo_model_end:\n"
        ".byte 0\n"
        ".previous\n");
