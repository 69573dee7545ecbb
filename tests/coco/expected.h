/* Made by make_expected.py from pycocotools; not for editing. */
/* clang-format off */
/* 2^-52 in the divisor: precision 1/1 is not 1 */
static const struct pld_annotation one_hit_notes[] = {
    {1, 0, 0, 10, 10, 50, 50, 2500, 0, 0},
};
static const struct pld_detection one_hit_dets[] = {
    {10, 10, 50, 50, 0x1.ccccccccccccdp-1, 0, 0},
};

/* an empty list is AP 0 */
static const struct pld_annotation no_detections_notes[] = {
    {1, 0, 0, 10, 10, 50, 50, 2500, 0, 0},
};
static const struct pld_detection no_detections_dets[] = {
    {0, 0, 0, 0, 0, 0, 0},
};

/* recall 0.7 is below 70 * 0.01 */
static const struct pld_annotation seven_of_ten_notes[] = {
    {1, 0, 0, 0, 0, 20, 20, 400, 0, 0}, {2, 0, 0, 40, 0, 20, 20, 400, 0, 0},
    {3, 0, 0, 80, 0, 20, 20, 400, 0, 0}, {4, 0, 0, 120, 0, 20, 20, 400, 0, 0},
    {5, 0, 0, 160, 0, 20, 20, 400, 0, 0}, {6, 0, 0, 200, 0, 20, 20, 400, 0, 0},
    {7, 0, 0, 240, 0, 20, 20, 400, 0, 0}, {8, 0, 0, 280, 0, 20, 20, 400, 0, 0},
    {9, 0, 0, 320, 0, 20, 20, 400, 0, 0}, {10, 0, 0, 360, 0, 20, 20, 400, 0, 0},
};
static const struct pld_detection seven_of_ten_dets[] = {
    {0, 0, 20, 20, 0x1.ccccccccccccdp-1, 0, 0}, {40, 0, 20, 20, 0x1.c7ae147ae147bp-1, 0, 0},
    {80, 0, 20, 20, 0x1.c28f5c28f5c29p-1, 0, 0}, {120, 0, 20, 20, 0x1.bd70a3d70a3d7p-1, 0, 0},
    {160, 0, 20, 20, 0x1.b851eb851eb85p-1, 0, 0}, {200, 0, 20, 20, 0x1.b333333333333p-1, 0, 0},
    {240, 0, 20, 20, 0x1.ae147ae147ae2p-1, 0, 0},
};

/* and 0.35 below 35 * 0.01 */
static const struct pld_annotation thirty_five_of_hundred_notes[] = {
    {1, 0, 0, 0, 0, 20, 20, 400, 0, 0}, {2, 0, 0, 40, 0, 20, 20, 400, 0, 0},
    {3, 0, 0, 80, 0, 20, 20, 400, 0, 0}, {4, 0, 0, 120, 0, 20, 20, 400, 0, 0},
    {5, 0, 0, 160, 0, 20, 20, 400, 0, 0}, {6, 0, 0, 200, 0, 20, 20, 400, 0, 0},
    {7, 0, 0, 240, 0, 20, 20, 400, 0, 0}, {8, 0, 0, 280, 0, 20, 20, 400, 0, 0},
    {9, 0, 0, 320, 0, 20, 20, 400, 0, 0}, {10, 0, 0, 360, 0, 20, 20, 400, 0, 0},
    {11, 0, 0, 400, 0, 20, 20, 400, 0, 0}, {12, 0, 0, 440, 0, 20, 20, 400, 0, 0},
    {13, 0, 0, 480, 0, 20, 20, 400, 0, 0}, {14, 0, 0, 520, 0, 20, 20, 400, 0, 0},
    {15, 0, 0, 560, 0, 20, 20, 400, 0, 0}, {16, 0, 0, 600, 0, 20, 20, 400, 0, 0},
    {17, 0, 0, 640, 0, 20, 20, 400, 0, 0}, {18, 0, 0, 680, 0, 20, 20, 400, 0, 0},
    {19, 0, 0, 720, 0, 20, 20, 400, 0, 0}, {20, 0, 0, 760, 0, 20, 20, 400, 0, 0},
    {21, 0, 0, 800, 0, 20, 20, 400, 0, 0}, {22, 0, 0, 840, 0, 20, 20, 400, 0, 0},
    {23, 0, 0, 880, 0, 20, 20, 400, 0, 0}, {24, 0, 0, 920, 0, 20, 20, 400, 0, 0},
    {25, 0, 0, 960, 0, 20, 20, 400, 0, 0}, {26, 0, 0, 1000, 0, 20, 20, 400, 0, 0},
    {27, 0, 0, 1040, 0, 20, 20, 400, 0, 0}, {28, 0, 0, 1080, 0, 20, 20, 400, 0, 0},
    {29, 0, 0, 1120, 0, 20, 20, 400, 0, 0}, {30, 0, 0, 1160, 0, 20, 20, 400, 0, 0},
    {31, 0, 0, 1200, 0, 20, 20, 400, 0, 0}, {32, 0, 0, 1240, 0, 20, 20, 400, 0, 0},
    {33, 0, 0, 1280, 0, 20, 20, 400, 0, 0}, {34, 0, 0, 1320, 0, 20, 20, 400, 0, 0},
    {35, 0, 0, 1360, 0, 20, 20, 400, 0, 0}, {36, 0, 0, 1400, 0, 20, 20, 400, 0, 0},
    {37, 0, 0, 1440, 0, 20, 20, 400, 0, 0}, {38, 0, 0, 1480, 0, 20, 20, 400, 0, 0},
    {39, 0, 0, 1520, 0, 20, 20, 400, 0, 0}, {40, 0, 0, 1560, 0, 20, 20, 400, 0, 0},
    {41, 0, 0, 1600, 0, 20, 20, 400, 0, 0}, {42, 0, 0, 1640, 0, 20, 20, 400, 0, 0},
    {43, 0, 0, 1680, 0, 20, 20, 400, 0, 0}, {44, 0, 0, 1720, 0, 20, 20, 400, 0, 0},
    {45, 0, 0, 1760, 0, 20, 20, 400, 0, 0}, {46, 0, 0, 1800, 0, 20, 20, 400, 0, 0},
    {47, 0, 0, 1840, 0, 20, 20, 400, 0, 0}, {48, 0, 0, 1880, 0, 20, 20, 400, 0, 0},
    {49, 0, 0, 1920, 0, 20, 20, 400, 0, 0}, {50, 0, 0, 1960, 0, 20, 20, 400, 0, 0},
    {51, 0, 0, 2000, 0, 20, 20, 400, 0, 0}, {52, 0, 0, 2040, 0, 20, 20, 400, 0, 0},
    {53, 0, 0, 2080, 0, 20, 20, 400, 0, 0}, {54, 0, 0, 2120, 0, 20, 20, 400, 0, 0},
    {55, 0, 0, 2160, 0, 20, 20, 400, 0, 0}, {56, 0, 0, 2200, 0, 20, 20, 400, 0, 0},
    {57, 0, 0, 2240, 0, 20, 20, 400, 0, 0}, {58, 0, 0, 2280, 0, 20, 20, 400, 0, 0},
    {59, 0, 0, 2320, 0, 20, 20, 400, 0, 0}, {60, 0, 0, 2360, 0, 20, 20, 400, 0, 0},
    {61, 0, 0, 2400, 0, 20, 20, 400, 0, 0}, {62, 0, 0, 2440, 0, 20, 20, 400, 0, 0},
    {63, 0, 0, 2480, 0, 20, 20, 400, 0, 0}, {64, 0, 0, 2520, 0, 20, 20, 400, 0, 0},
    {65, 0, 0, 2560, 0, 20, 20, 400, 0, 0}, {66, 0, 0, 2600, 0, 20, 20, 400, 0, 0},
    {67, 0, 0, 2640, 0, 20, 20, 400, 0, 0}, {68, 0, 0, 2680, 0, 20, 20, 400, 0, 0},
    {69, 0, 0, 2720, 0, 20, 20, 400, 0, 0}, {70, 0, 0, 2760, 0, 20, 20, 400, 0, 0},
    {71, 0, 0, 2800, 0, 20, 20, 400, 0, 0}, {72, 0, 0, 2840, 0, 20, 20, 400, 0, 0},
    {73, 0, 0, 2880, 0, 20, 20, 400, 0, 0}, {74, 0, 0, 2920, 0, 20, 20, 400, 0, 0},
    {75, 0, 0, 2960, 0, 20, 20, 400, 0, 0}, {76, 0, 0, 3000, 0, 20, 20, 400, 0, 0},
    {77, 0, 0, 3040, 0, 20, 20, 400, 0, 0}, {78, 0, 0, 3080, 0, 20, 20, 400, 0, 0},
    {79, 0, 0, 3120, 0, 20, 20, 400, 0, 0}, {80, 0, 0, 3160, 0, 20, 20, 400, 0, 0},
    {81, 0, 0, 3200, 0, 20, 20, 400, 0, 0}, {82, 0, 0, 3240, 0, 20, 20, 400, 0, 0},
    {83, 0, 0, 3280, 0, 20, 20, 400, 0, 0}, {84, 0, 0, 3320, 0, 20, 20, 400, 0, 0},
    {85, 0, 0, 3360, 0, 20, 20, 400, 0, 0}, {86, 0, 0, 3400, 0, 20, 20, 400, 0, 0},
    {87, 0, 0, 3440, 0, 20, 20, 400, 0, 0}, {88, 0, 0, 3480, 0, 20, 20, 400, 0, 0},
    {89, 0, 0, 3520, 0, 20, 20, 400, 0, 0}, {90, 0, 0, 3560, 0, 20, 20, 400, 0, 0},
    {91, 0, 0, 3600, 0, 20, 20, 400, 0, 0}, {92, 0, 0, 3640, 0, 20, 20, 400, 0, 0},
    {93, 0, 0, 3680, 0, 20, 20, 400, 0, 0}, {94, 0, 0, 3720, 0, 20, 20, 400, 0, 0},
    {95, 0, 0, 3760, 0, 20, 20, 400, 0, 0}, {96, 0, 0, 3800, 0, 20, 20, 400, 0, 0},
    {97, 0, 0, 3840, 0, 20, 20, 400, 0, 0}, {98, 0, 0, 3880, 0, 20, 20, 400, 0, 0},
    {99, 0, 0, 3920, 0, 20, 20, 400, 0, 0}, {100, 0, 0, 3960, 0, 20, 20, 400, 0, 0},
};
static const struct pld_detection thirty_five_of_hundred_dets[] = {
    {0, 0, 20, 20, 0x1.ccccccccccccdp-1, 0, 0}, {40, 0, 20, 20, 0x1.cc49ba5e353f8p-1, 0, 0},
    {80, 0, 20, 20, 0x1.cbc6a7ef9db23p-1, 0, 0}, {120, 0, 20, 20, 0x1.cb4395810624ep-1, 0, 0},
    {160, 0, 20, 20, 0x1.cac083126e979p-1, 0, 0}, {200, 0, 20, 20, 0x1.ca3d70a3d70a4p-1, 0, 0},
    {240, 0, 20, 20, 0x1.c9ba5e353f7cfp-1, 0, 0}, {280, 0, 20, 20, 0x1.c9374bc6a7efap-1, 0, 0},
    {320, 0, 20, 20, 0x1.c8b4395810625p-1, 0, 0}, {360, 0, 20, 20, 0x1.c83126e978d50p-1, 0, 0},
    {400, 0, 20, 20, 0x1.c7ae147ae147bp-1, 0, 0}, {440, 0, 20, 20, 0x1.c72b020c49ba6p-1, 0, 0},
    {480, 0, 20, 20, 0x1.c6a7ef9db22d1p-1, 0, 0}, {520, 0, 20, 20, 0x1.c624dd2f1a9fcp-1, 0, 0},
    {560, 0, 20, 20, 0x1.c5a1cac083127p-1, 0, 0}, {600, 0, 20, 20, 0x1.c51eb851eb852p-1, 0, 0},
    {640, 0, 20, 20, 0x1.c49ba5e353f7dp-1, 0, 0}, {680, 0, 20, 20, 0x1.c4189374bc6a8p-1, 0, 0},
    {720, 0, 20, 20, 0x1.c395810624dd3p-1, 0, 0}, {760, 0, 20, 20, 0x1.c3126e978d4fep-1, 0, 0},
    {800, 0, 20, 20, 0x1.c28f5c28f5c29p-1, 0, 0}, {840, 0, 20, 20, 0x1.c20c49ba5e354p-1, 0, 0},
    {880, 0, 20, 20, 0x1.c189374bc6a7fp-1, 0, 0}, {920, 0, 20, 20, 0x1.c10624dd2f1aap-1, 0, 0},
    {960, 0, 20, 20, 0x1.c083126e978d5p-1, 0, 0}, {1000, 0, 20, 20, 0x1.c000000000000p-1, 0, 0},
    {1040, 0, 20, 20, 0x1.bf7ced916872bp-1, 0, 0}, {1080, 0, 20, 20, 0x1.bef9db22d0e56p-1, 0, 0},
    {1120, 0, 20, 20, 0x1.be76c8b439581p-1, 0, 0}, {1160, 0, 20, 20, 0x1.bdf3b645a1cacp-1, 0, 0},
    {1200, 0, 20, 20, 0x1.bd70a3d70a3d7p-1, 0, 0}, {1240, 0, 20, 20, 0x1.bced916872b02p-1, 0, 0},
    {1280, 0, 20, 20, 0x1.bc6a7ef9db22dp-1, 0, 0}, {1320, 0, 20, 20, 0x1.bbe76c8b43958p-1, 0, 0},
    {1360, 0, 20, 20, 0x1.bb645a1cac083p-1, 0, 0},
};

/* an IoU equal to the threshold matches */
static const struct pld_annotation iou_on_thresholds_notes[] = {
    {1, 0, 0, 0, 0, 100, 100, 10000, 0, 0}, {2, 0, 0, 0, 100, 100, 100, 10000, 0, 0},
    {3, 0, 0, 0, 200, 100, 100, 10000, 0, 0}, {4, 0, 0, 0, 300, 100, 100, 10000, 0, 0},
    {5, 0, 0, 0, 400, 100, 100, 10000, 0, 0}, {6, 0, 0, 0, 500, 100, 100, 10000, 0, 0},
    {7, 0, 0, 0, 600, 100, 100, 10000, 0, 0}, {8, 0, 0, 0, 700, 100, 100, 10000, 0, 0},
    {9, 0, 0, 0, 800, 100, 100, 10000, 0, 0}, {10, 0, 0, 0, 900, 100, 100, 10000, 0, 0},
};
static const struct pld_detection iou_on_thresholds_dets[] = {
    {0, 0, 100, 50, 0x1.ccccccccccccdp-1, 0, 0}, {0, 100, 100, 55, 0x1.ccccccccccccdp-1, 0, 0},
    {0, 200, 100, 60, 0x1.ccccccccccccdp-1, 0, 0}, {0, 300, 100, 65, 0x1.ccccccccccccdp-1, 0, 0},
    {0, 400, 100, 70, 0x1.ccccccccccccdp-1, 0, 0}, {0, 500, 100, 75, 0x1.ccccccccccccdp-1, 0, 0},
    {0, 600, 100, 80, 0x1.ccccccccccccdp-1, 0, 0}, {0, 700, 100, 85, 0x1.ccccccccccccdp-1, 0, 0},
    {0, 800, 100, 90, 0x1.ccccccccccccdp-1, 0, 0}, {0, 900, 100, 95, 0x1.ccccccccccccdp-1, 0, 0},
};

/* and so does one equal to linspace's own number, 0.9 - 2^-53 for one */
static const struct pld_annotation iou_on_the_grid_notes[] = {
    {1, 0, 0, 0, 0, 1, 1, 1, 0, 0}, {2, 0, 0, 0, 10, 1, 1, 1, 0, 0},
    {3, 0, 0, 0, 20, 1, 1, 1, 0, 0}, {4, 0, 0, 0, 30, 1, 1, 1, 0, 0},
    {5, 0, 0, 0, 40, 1, 1, 1, 0, 0}, {6, 0, 0, 0, 50, 1, 1, 1, 0, 0},
    {7, 0, 0, 0, 60, 1, 1, 1, 0, 0}, {8, 0, 0, 0, 70, 1, 1, 1, 0, 0},
    {9, 0, 0, 0, 80, 1, 1, 1, 0, 0}, {10, 0, 0, 0, 90, 1, 1, 1, 0, 0},
};
static const struct pld_detection iou_on_the_grid_dets[] = {
    {0, 0, 1, 0x1.0000000000000p-1, 0x1.ccccccccccccdp-1, 0, 0},
    {0, 10, 1, 0x1.199999999999ap-1, 0x1.c7ae147ae147bp-1, 0, 0},
    {0, 20, 1, 0x1.3333333333333p-1, 0x1.c28f5c28f5c29p-1, 0, 0},
    {0, 30, 1, 0x1.4cccccccccccdp-1, 0x1.bd70a3d70a3d7p-1, 0, 0},
    {0, 40, 1, 0x1.6666666666666p-1, 0x1.b851eb851eb85p-1, 0, 0},
    {0, 50, 1, 0x1.8000000000000p-1, 0x1.b333333333333p-1, 0, 0},
    {0, 60, 1, 0x1.999999999999ap-1, 0x1.ae147ae147ae2p-1, 0, 0},
    {0, 70, 1, 0x1.b333333333333p-1, 0x1.a8f5c28f5c290p-1, 0, 0},
    {0, 80, 1, 0x1.cccccccccccccp-1, 0x1.a3d70a3d70a3ep-1, 0, 0},
    {0, 90, 1, 0x1.e666666666666p-1, 0x1.9eb851eb851ecp-1, 0, 0},
};

/* but one that is less by a bit does not */
static const struct pld_annotation iou_below_the_grid_notes[] = {
    {1, 0, 0, 0, 0, 1, 1, 1, 0, 0}, {2, 0, 0, 0, 10, 1, 1, 1, 0, 0},
    {3, 0, 0, 0, 20, 1, 1, 1, 0, 0}, {4, 0, 0, 0, 30, 1, 1, 1, 0, 0},
    {5, 0, 0, 0, 40, 1, 1, 1, 0, 0}, {6, 0, 0, 0, 50, 1, 1, 1, 0, 0},
    {7, 0, 0, 0, 60, 1, 1, 1, 0, 0}, {8, 0, 0, 0, 70, 1, 1, 1, 0, 0},
    {9, 0, 0, 0, 80, 1, 1, 1, 0, 0}, {10, 0, 0, 0, 90, 1, 1, 1, 0, 0},
};
static const struct pld_detection iou_below_the_grid_dets[] = {
    {0, 0, 1, 0x1.fffffffffffffp-2, 0x1.ccccccccccccdp-1, 0, 0},
    {0, 10, 1, 0x1.1999999999999p-1, 0x1.c7ae147ae147bp-1, 0, 0},
    {0, 20, 1, 0x1.3333333333332p-1, 0x1.c28f5c28f5c29p-1, 0, 0},
    {0, 30, 1, 0x1.4ccccccccccccp-1, 0x1.bd70a3d70a3d7p-1, 0, 0},
    {0, 40, 1, 0x1.6666666666665p-1, 0x1.b851eb851eb85p-1, 0, 0},
    {0, 50, 1, 0x1.7ffffffffffffp-1, 0x1.b333333333333p-1, 0, 0},
    {0, 60, 1, 0x1.9999999999999p-1, 0x1.ae147ae147ae2p-1, 0, 0},
    {0, 70, 1, 0x1.b333333333332p-1, 0x1.a8f5c28f5c290p-1, 0, 0},
    {0, 80, 1, 0x1.ccccccccccccbp-1, 0x1.a3d70a3d70a3ep-1, 0, 0},
    {0, 90, 1, 0x1.e666666666665p-1, 0x1.9eb851eb851ecp-1, 0, 0},
};

/* of two truths with the same IoU the later one is taken */
static const struct pld_annotation later_of_equal_notes[] = {
    {1, 0, 0, 0, 0, 20, 10, 200, 0, 0}, {2, 0, 0, 10, 0, 20, 10, 200, 0, 0},
};
static const struct pld_detection later_of_equal_dets[] = {
    {5, 0, 20, 10, 0x1.ccccccccccccdp-1, 0, 0}, {0, 0, 20, 10, 0x1.999999999999ap-1, 0, 0},
};

/* a crowd takes any number of detections, and none of them counts */
static const struct pld_annotation crowd_takes_many_notes[] = {
    {1, 0, 0, 0, 0, 100, 100, 10000, 1, 0}, {2, 0, 0, 200, 0, 50, 50, 2500, 0, 0},
};
static const struct pld_detection crowd_takes_many_dets[] = {
    {0, 0, 30, 30, 0x1.ccccccccccccdp-1, 0, 0}, {10, 0, 30, 30, 0x1.999999999999ap-1, 0, 0},
    {20, 0, 30, 30, 0x1.6666666666666p-1, 0, 0}, {30, 0, 30, 30, 0x1.3333333333333p-1, 0, 0},
    {200, 0, 50, 50, 0x1.3333333333333p-2, 0, 0},
};

/* the overlap with a crowd is measured against the detection */
static const struct pld_annotation crowd_by_own_size_notes[] = {
    {1, 0, 0, 0, 0, 100, 100, 10000, 1, 0}, {2, 0, 0, 200, 0, 50, 50, 2500, 0, 0},
};
static const struct pld_detection crowd_by_own_size_dets[] = {
    {90, 0, 20, 20, 0x1.ccccccccccccdp-1, 0, 0}, {200, 0, 50, 50, 0x1.999999999999ap-1, 0, 0},
};

/* a class with crowds only is absent */
static const struct pld_annotation only_crowd_notes[] = {
    {1, 0, 0, 10, 10, 50, 50, 2500, 1, 0},
};
static const struct pld_detection only_crowd_dets[] = {
    {10, 10, 50, 50, 0x1.ccccccccccccdp-1, 0, 0},
};

/* a worse overlap with a truth that counts goes first */
static const struct pld_annotation counted_before_ignored_notes[] = {
    {1, 0, 0, 0, 0, 40, 40, 2000, 0, 0}, {2, 0, 0, 0, 0, 40, 30, 900, 0, 0},
};
static const struct pld_detection counted_before_ignored_dets[] = {
    {0, 0, 40, 40, 0x1.ccccccccccccdp-1, 0, 0}, {0, 0, 40, 38, 0x1.999999999999ap-1, 0, 0},
};

/* a truth with id 0 is used up, and its detection counts as a miss */
static const struct pld_annotation zero_id_notes[] = {
    {0, 0, 0, 10, 10, 50, 50, 2500, 0, 0}, {1, 0, 0, 100, 10, 50, 50, 2500, 0, 0},
};
static const struct pld_detection zero_id_dets[] = {
    {10, 10, 50, 50, 0x1.ccccccccccccdp-1, 0, 0}, {100, 10, 50, 50, 0x1.999999999999ap-1, 0, 0},
    {10, 10, 50, 50, 0x1.6666666666666p-1, 0, 0},
};

/* the last annotation of an id stands for all of them */
static const struct pld_annotation repeated_id_notes[] = {
    {3, 0, 0, 10, 10, 50, 50, 2500, 0, 0}, {3, 0, 0, 100, 10, 50, 50, 2500, 0, 0},
    {4, 0, 0, 200, 10, 50, 50, 2500, 0, 0},
};
static const struct pld_detection repeated_id_dets[] = {
    {10, 10, 50, 50, 0x1.ccccccccccccdp-1, 0, 0}, {100, 10, 50, 50, 0x1.999999999999ap-1, 0, 0},
    {200, 10, 50, 50, 0x1.6666666666666p-1, 0, 0},
};

/* both ends of an area range belong to it */
static const struct pld_annotation area_ends_notes[] = {
    {1, 0, 0, 0, 0, 32, 32, 1024, 0, 0}, {2, 0, 0, 100, 0, 96, 96, 9216, 0, 0},
    {3, 0, 0, 300, 0, 50, 50, 2500, 0, 0},
};
static const struct pld_detection area_ends_dets[] = {
    {0, 0, 32, 32, 0x1.ccccccccccccdp-1, 0, 0}, {100, 0, 96, 96, 0x1.999999999999ap-1, 0, 0},
    {300, 0, 50, 50, 0x1.6666666666666p-1, 0, 0}, {0, 300, 32, 32, 0x1.e666666666666p-1, 0, 0},
    {100, 300, 96, 96, 0x1.b333333333333p-1, 0, 0},
};

/* a truth's range is from its annotated area, a miss's from its box */
static const struct pld_annotation area_of_annotation_notes[] = {
    {1, 0, 0, 0, 0, 100, 100, 1000, 0, 0}, {2, 0, 0, 200, 0, 20, 20, 0x1.e848000000000p+19, 0, 0},
};
static const struct pld_detection area_of_annotation_dets[] = {
    {0, 0, 100, 100, 0x1.ccccccccccccdp-1, 0, 0}, {200, 0, 20, 20, 0x1.999999999999ap-1, 0, 0},
    {400, 0, 20, 20, 0x1.b333333333333p-1, 0, 0},
};

/* equal scores keep the order of the list */
static const struct pld_annotation ties_in_list_order_notes[] = {
    {1, 0, 0, 0, 0, 50, 50, 2500, 0, 0}, {2, 0, 0, 60, 0, 50, 50, 2500, 0, 0},
    {3, 0, 0, 120, 0, 50, 50, 2500, 0, 0}, {4, 0, 0, 180, 0, 50, 50, 2500, 0, 0},
};
static const struct pld_detection ties_in_list_order_dets[] = {
    {0, 200, 50, 50, 0x1.0000000000000p-1, 0, 0}, {60, 0, 50, 50, 0x1.0000000000000p-1, 0, 0},
    {120, 200, 50, 50, 0x1.0000000000000p-1, 0, 0}, {180, 0, 50, 50, 0x1.0000000000000p-1, 0, 0},
    {0, 0, 50, 50, 0x1.0000000000000p-1, 0, 0}, {120, 0, 50, 50, 0x1.0000000000000p-1, 0, 0},
};

/* and of several images, the order of the images */
static const struct pld_annotation ties_by_image_notes[] = {
    {1, 0, 0, 10, 10, 50, 50, 2500, 0, 0}, {2, 1, 0, 10, 10, 50, 50, 2500, 0, 0},
    {3, 2, 0, 10, 10, 50, 50, 2500, 0, 0},
};
static const struct pld_detection ties_by_image_dets[] = {
    {10, 10, 50, 50, 0x1.0000000000000p-1, 2, 0}, {300, 0, 9, 9, 0x1.0000000000000p-1, 0, 0},
    {10, 10, 50, 50, 0x1.0000000000000p-1, 0, 0}, {300, 0, 9, 9, 0x1.0000000000000p-1, 2, 0},
    {10, 10, 50, 50, 0x1.0000000000000p-1, 1, 0},
};

/* detection 101 of an image and class is not seen */
static const struct pld_annotation hundred_at_most_notes[] = {
    {1, 0, 0, 10, 10, 50, 50, 2500, 0, 0}, {2, 0, 1, 100, 10, 50, 50, 2500, 0, 0},
};
static const struct pld_detection hundred_at_most_dets[] = {
    {300, 0, 5, 5, 0x1.ccccccccccccdp-1, 0, 0}, {300, 1, 5, 5, 0x1.ccccccccccccdp-1, 0, 0},
    {300, 2, 5, 5, 0x1.ccccccccccccdp-1, 0, 0}, {300, 3, 5, 5, 0x1.ccccccccccccdp-1, 0, 0},
    {300, 4, 5, 5, 0x1.ccccccccccccdp-1, 0, 0}, {300, 5, 5, 5, 0x1.ccccccccccccdp-1, 0, 0},
    {300, 6, 5, 5, 0x1.ccccccccccccdp-1, 0, 0}, {300, 7, 5, 5, 0x1.ccccccccccccdp-1, 0, 0},
    {300, 8, 5, 5, 0x1.ccccccccccccdp-1, 0, 0}, {300, 9, 5, 5, 0x1.ccccccccccccdp-1, 0, 0},
    {300, 10, 5, 5, 0x1.ccccccccccccdp-1, 0, 0}, {300, 11, 5, 5, 0x1.ccccccccccccdp-1, 0, 0},
    {300, 12, 5, 5, 0x1.ccccccccccccdp-1, 0, 0}, {300, 13, 5, 5, 0x1.ccccccccccccdp-1, 0, 0},
    {300, 14, 5, 5, 0x1.ccccccccccccdp-1, 0, 0}, {300, 15, 5, 5, 0x1.ccccccccccccdp-1, 0, 0},
    {300, 16, 5, 5, 0x1.ccccccccccccdp-1, 0, 0}, {300, 17, 5, 5, 0x1.ccccccccccccdp-1, 0, 0},
    {300, 18, 5, 5, 0x1.ccccccccccccdp-1, 0, 0}, {300, 19, 5, 5, 0x1.ccccccccccccdp-1, 0, 0},
    {300, 20, 5, 5, 0x1.ccccccccccccdp-1, 0, 0}, {300, 21, 5, 5, 0x1.ccccccccccccdp-1, 0, 0},
    {300, 22, 5, 5, 0x1.ccccccccccccdp-1, 0, 0}, {300, 23, 5, 5, 0x1.ccccccccccccdp-1, 0, 0},
    {300, 24, 5, 5, 0x1.ccccccccccccdp-1, 0, 0}, {300, 25, 5, 5, 0x1.ccccccccccccdp-1, 0, 0},
    {300, 26, 5, 5, 0x1.ccccccccccccdp-1, 0, 0}, {300, 27, 5, 5, 0x1.ccccccccccccdp-1, 0, 0},
    {300, 28, 5, 5, 0x1.ccccccccccccdp-1, 0, 0}, {300, 29, 5, 5, 0x1.ccccccccccccdp-1, 0, 0},
    {300, 30, 5, 5, 0x1.ccccccccccccdp-1, 0, 0}, {300, 31, 5, 5, 0x1.ccccccccccccdp-1, 0, 0},
    {300, 32, 5, 5, 0x1.ccccccccccccdp-1, 0, 0}, {300, 33, 5, 5, 0x1.ccccccccccccdp-1, 0, 0},
    {300, 34, 5, 5, 0x1.ccccccccccccdp-1, 0, 0}, {300, 35, 5, 5, 0x1.ccccccccccccdp-1, 0, 0},
    {300, 36, 5, 5, 0x1.ccccccccccccdp-1, 0, 0}, {300, 37, 5, 5, 0x1.ccccccccccccdp-1, 0, 0},
    {300, 38, 5, 5, 0x1.ccccccccccccdp-1, 0, 0}, {300, 39, 5, 5, 0x1.ccccccccccccdp-1, 0, 0},
    {300, 40, 5, 5, 0x1.ccccccccccccdp-1, 0, 0}, {300, 41, 5, 5, 0x1.ccccccccccccdp-1, 0, 0},
    {300, 42, 5, 5, 0x1.ccccccccccccdp-1, 0, 0}, {300, 43, 5, 5, 0x1.ccccccccccccdp-1, 0, 0},
    {300, 44, 5, 5, 0x1.ccccccccccccdp-1, 0, 0}, {300, 45, 5, 5, 0x1.ccccccccccccdp-1, 0, 0},
    {300, 46, 5, 5, 0x1.ccccccccccccdp-1, 0, 0}, {300, 47, 5, 5, 0x1.ccccccccccccdp-1, 0, 0},
    {300, 48, 5, 5, 0x1.ccccccccccccdp-1, 0, 0}, {300, 49, 5, 5, 0x1.ccccccccccccdp-1, 0, 0},
    {300, 50, 5, 5, 0x1.ccccccccccccdp-1, 0, 0}, {300, 51, 5, 5, 0x1.ccccccccccccdp-1, 0, 0},
    {300, 52, 5, 5, 0x1.ccccccccccccdp-1, 0, 0}, {300, 53, 5, 5, 0x1.ccccccccccccdp-1, 0, 0},
    {300, 54, 5, 5, 0x1.ccccccccccccdp-1, 0, 0}, {300, 55, 5, 5, 0x1.ccccccccccccdp-1, 0, 0},
    {300, 56, 5, 5, 0x1.ccccccccccccdp-1, 0, 0}, {300, 57, 5, 5, 0x1.ccccccccccccdp-1, 0, 0},
    {300, 58, 5, 5, 0x1.ccccccccccccdp-1, 0, 0}, {300, 59, 5, 5, 0x1.ccccccccccccdp-1, 0, 0},
    {300, 60, 5, 5, 0x1.ccccccccccccdp-1, 0, 0}, {300, 61, 5, 5, 0x1.ccccccccccccdp-1, 0, 0},
    {300, 62, 5, 5, 0x1.ccccccccccccdp-1, 0, 0}, {300, 63, 5, 5, 0x1.ccccccccccccdp-1, 0, 0},
    {300, 64, 5, 5, 0x1.ccccccccccccdp-1, 0, 0}, {300, 65, 5, 5, 0x1.ccccccccccccdp-1, 0, 0},
    {300, 66, 5, 5, 0x1.ccccccccccccdp-1, 0, 0}, {300, 67, 5, 5, 0x1.ccccccccccccdp-1, 0, 0},
    {300, 68, 5, 5, 0x1.ccccccccccccdp-1, 0, 0}, {300, 69, 5, 5, 0x1.ccccccccccccdp-1, 0, 0},
    {300, 70, 5, 5, 0x1.ccccccccccccdp-1, 0, 0}, {300, 71, 5, 5, 0x1.ccccccccccccdp-1, 0, 0},
    {300, 72, 5, 5, 0x1.ccccccccccccdp-1, 0, 0}, {300, 73, 5, 5, 0x1.ccccccccccccdp-1, 0, 0},
    {300, 74, 5, 5, 0x1.ccccccccccccdp-1, 0, 0}, {300, 75, 5, 5, 0x1.ccccccccccccdp-1, 0, 0},
    {300, 76, 5, 5, 0x1.ccccccccccccdp-1, 0, 0}, {300, 77, 5, 5, 0x1.ccccccccccccdp-1, 0, 0},
    {300, 78, 5, 5, 0x1.ccccccccccccdp-1, 0, 0}, {300, 79, 5, 5, 0x1.ccccccccccccdp-1, 0, 0},
    {300, 80, 5, 5, 0x1.ccccccccccccdp-1, 0, 0}, {300, 81, 5, 5, 0x1.ccccccccccccdp-1, 0, 0},
    {300, 82, 5, 5, 0x1.ccccccccccccdp-1, 0, 0}, {300, 83, 5, 5, 0x1.ccccccccccccdp-1, 0, 0},
    {300, 84, 5, 5, 0x1.ccccccccccccdp-1, 0, 0}, {300, 85, 5, 5, 0x1.ccccccccccccdp-1, 0, 0},
    {300, 86, 5, 5, 0x1.ccccccccccccdp-1, 0, 0}, {300, 87, 5, 5, 0x1.ccccccccccccdp-1, 0, 0},
    {300, 88, 5, 5, 0x1.ccccccccccccdp-1, 0, 0}, {300, 89, 5, 5, 0x1.ccccccccccccdp-1, 0, 0},
    {300, 90, 5, 5, 0x1.ccccccccccccdp-1, 0, 0}, {300, 91, 5, 5, 0x1.ccccccccccccdp-1, 0, 0},
    {300, 92, 5, 5, 0x1.ccccccccccccdp-1, 0, 0}, {300, 93, 5, 5, 0x1.ccccccccccccdp-1, 0, 0},
    {300, 94, 5, 5, 0x1.ccccccccccccdp-1, 0, 0}, {300, 95, 5, 5, 0x1.ccccccccccccdp-1, 0, 0},
    {300, 96, 5, 5, 0x1.ccccccccccccdp-1, 0, 0}, {300, 97, 5, 5, 0x1.ccccccccccccdp-1, 0, 0},
    {300, 98, 5, 5, 0x1.ccccccccccccdp-1, 0, 0}, {300, 99, 5, 5, 0x1.ccccccccccccdp-1, 0, 0},
    {10, 10, 50, 50, 0x1.999999999999ap-1, 0, 0}, {300, 0, 5, 5, 0x1.ccccccccccccdp-1, 0, 1},
    {300, 1, 5, 5, 0x1.ccccccccccccdp-1, 0, 1}, {300, 2, 5, 5, 0x1.ccccccccccccdp-1, 0, 1},
    {300, 3, 5, 5, 0x1.ccccccccccccdp-1, 0, 1}, {300, 4, 5, 5, 0x1.ccccccccccccdp-1, 0, 1},
    {300, 5, 5, 5, 0x1.ccccccccccccdp-1, 0, 1}, {300, 6, 5, 5, 0x1.ccccccccccccdp-1, 0, 1},
    {300, 7, 5, 5, 0x1.ccccccccccccdp-1, 0, 1}, {300, 8, 5, 5, 0x1.ccccccccccccdp-1, 0, 1},
    {300, 9, 5, 5, 0x1.ccccccccccccdp-1, 0, 1}, {300, 10, 5, 5, 0x1.ccccccccccccdp-1, 0, 1},
    {300, 11, 5, 5, 0x1.ccccccccccccdp-1, 0, 1}, {300, 12, 5, 5, 0x1.ccccccccccccdp-1, 0, 1},
    {300, 13, 5, 5, 0x1.ccccccccccccdp-1, 0, 1}, {300, 14, 5, 5, 0x1.ccccccccccccdp-1, 0, 1},
    {300, 15, 5, 5, 0x1.ccccccccccccdp-1, 0, 1}, {300, 16, 5, 5, 0x1.ccccccccccccdp-1, 0, 1},
    {300, 17, 5, 5, 0x1.ccccccccccccdp-1, 0, 1}, {300, 18, 5, 5, 0x1.ccccccccccccdp-1, 0, 1},
    {300, 19, 5, 5, 0x1.ccccccccccccdp-1, 0, 1}, {300, 20, 5, 5, 0x1.ccccccccccccdp-1, 0, 1},
    {300, 21, 5, 5, 0x1.ccccccccccccdp-1, 0, 1}, {300, 22, 5, 5, 0x1.ccccccccccccdp-1, 0, 1},
    {300, 23, 5, 5, 0x1.ccccccccccccdp-1, 0, 1}, {300, 24, 5, 5, 0x1.ccccccccccccdp-1, 0, 1},
    {300, 25, 5, 5, 0x1.ccccccccccccdp-1, 0, 1}, {300, 26, 5, 5, 0x1.ccccccccccccdp-1, 0, 1},
    {300, 27, 5, 5, 0x1.ccccccccccccdp-1, 0, 1}, {300, 28, 5, 5, 0x1.ccccccccccccdp-1, 0, 1},
    {300, 29, 5, 5, 0x1.ccccccccccccdp-1, 0, 1}, {300, 30, 5, 5, 0x1.ccccccccccccdp-1, 0, 1},
    {300, 31, 5, 5, 0x1.ccccccccccccdp-1, 0, 1}, {300, 32, 5, 5, 0x1.ccccccccccccdp-1, 0, 1},
    {300, 33, 5, 5, 0x1.ccccccccccccdp-1, 0, 1}, {300, 34, 5, 5, 0x1.ccccccccccccdp-1, 0, 1},
    {300, 35, 5, 5, 0x1.ccccccccccccdp-1, 0, 1}, {300, 36, 5, 5, 0x1.ccccccccccccdp-1, 0, 1},
    {300, 37, 5, 5, 0x1.ccccccccccccdp-1, 0, 1}, {300, 38, 5, 5, 0x1.ccccccccccccdp-1, 0, 1},
    {300, 39, 5, 5, 0x1.ccccccccccccdp-1, 0, 1}, {300, 40, 5, 5, 0x1.ccccccccccccdp-1, 0, 1},
    {300, 41, 5, 5, 0x1.ccccccccccccdp-1, 0, 1}, {300, 42, 5, 5, 0x1.ccccccccccccdp-1, 0, 1},
    {300, 43, 5, 5, 0x1.ccccccccccccdp-1, 0, 1}, {300, 44, 5, 5, 0x1.ccccccccccccdp-1, 0, 1},
    {300, 45, 5, 5, 0x1.ccccccccccccdp-1, 0, 1}, {300, 46, 5, 5, 0x1.ccccccccccccdp-1, 0, 1},
    {300, 47, 5, 5, 0x1.ccccccccccccdp-1, 0, 1}, {300, 48, 5, 5, 0x1.ccccccccccccdp-1, 0, 1},
    {300, 49, 5, 5, 0x1.ccccccccccccdp-1, 0, 1}, {300, 50, 5, 5, 0x1.ccccccccccccdp-1, 0, 1},
    {300, 51, 5, 5, 0x1.ccccccccccccdp-1, 0, 1}, {300, 52, 5, 5, 0x1.ccccccccccccdp-1, 0, 1},
    {300, 53, 5, 5, 0x1.ccccccccccccdp-1, 0, 1}, {300, 54, 5, 5, 0x1.ccccccccccccdp-1, 0, 1},
    {300, 55, 5, 5, 0x1.ccccccccccccdp-1, 0, 1}, {300, 56, 5, 5, 0x1.ccccccccccccdp-1, 0, 1},
    {300, 57, 5, 5, 0x1.ccccccccccccdp-1, 0, 1}, {300, 58, 5, 5, 0x1.ccccccccccccdp-1, 0, 1},
    {300, 59, 5, 5, 0x1.ccccccccccccdp-1, 0, 1}, {300, 60, 5, 5, 0x1.ccccccccccccdp-1, 0, 1},
    {300, 61, 5, 5, 0x1.ccccccccccccdp-1, 0, 1}, {300, 62, 5, 5, 0x1.ccccccccccccdp-1, 0, 1},
    {300, 63, 5, 5, 0x1.ccccccccccccdp-1, 0, 1}, {300, 64, 5, 5, 0x1.ccccccccccccdp-1, 0, 1},
    {300, 65, 5, 5, 0x1.ccccccccccccdp-1, 0, 1}, {300, 66, 5, 5, 0x1.ccccccccccccdp-1, 0, 1},
    {300, 67, 5, 5, 0x1.ccccccccccccdp-1, 0, 1}, {300, 68, 5, 5, 0x1.ccccccccccccdp-1, 0, 1},
    {300, 69, 5, 5, 0x1.ccccccccccccdp-1, 0, 1}, {300, 70, 5, 5, 0x1.ccccccccccccdp-1, 0, 1},
    {300, 71, 5, 5, 0x1.ccccccccccccdp-1, 0, 1}, {300, 72, 5, 5, 0x1.ccccccccccccdp-1, 0, 1},
    {300, 73, 5, 5, 0x1.ccccccccccccdp-1, 0, 1}, {300, 74, 5, 5, 0x1.ccccccccccccdp-1, 0, 1},
    {300, 75, 5, 5, 0x1.ccccccccccccdp-1, 0, 1}, {300, 76, 5, 5, 0x1.ccccccccccccdp-1, 0, 1},
    {300, 77, 5, 5, 0x1.ccccccccccccdp-1, 0, 1}, {300, 78, 5, 5, 0x1.ccccccccccccdp-1, 0, 1},
    {300, 79, 5, 5, 0x1.ccccccccccccdp-1, 0, 1}, {300, 80, 5, 5, 0x1.ccccccccccccdp-1, 0, 1},
    {300, 81, 5, 5, 0x1.ccccccccccccdp-1, 0, 1}, {300, 82, 5, 5, 0x1.ccccccccccccdp-1, 0, 1},
    {300, 83, 5, 5, 0x1.ccccccccccccdp-1, 0, 1}, {300, 84, 5, 5, 0x1.ccccccccccccdp-1, 0, 1},
    {300, 85, 5, 5, 0x1.ccccccccccccdp-1, 0, 1}, {300, 86, 5, 5, 0x1.ccccccccccccdp-1, 0, 1},
    {300, 87, 5, 5, 0x1.ccccccccccccdp-1, 0, 1}, {300, 88, 5, 5, 0x1.ccccccccccccdp-1, 0, 1},
    {300, 89, 5, 5, 0x1.ccccccccccccdp-1, 0, 1}, {300, 90, 5, 5, 0x1.ccccccccccccdp-1, 0, 1},
    {300, 91, 5, 5, 0x1.ccccccccccccdp-1, 0, 1}, {300, 92, 5, 5, 0x1.ccccccccccccdp-1, 0, 1},
    {300, 93, 5, 5, 0x1.ccccccccccccdp-1, 0, 1}, {300, 94, 5, 5, 0x1.ccccccccccccdp-1, 0, 1},
    {300, 95, 5, 5, 0x1.ccccccccccccdp-1, 0, 1}, {300, 96, 5, 5, 0x1.ccccccccccccdp-1, 0, 1},
    {300, 97, 5, 5, 0x1.ccccccccccccdp-1, 0, 1}, {300, 98, 5, 5, 0x1.ccccccccccccdp-1, 0, 1},
    {100, 10, 50, 50, 0x1.999999999999ap-1, 0, 1},
};

/* AR1 and AR10 see the first detections of every image and class */
static const struct pld_annotation one_and_ten_notes[] = {
    {1, 0, 0, 0, 0, 20, 20, 400, 0, 0}, {2, 0, 0, 40, 0, 20, 20, 400, 0, 0},
    {3, 0, 0, 80, 0, 20, 20, 400, 0, 0}, {4, 0, 0, 120, 0, 20, 20, 400, 0, 0},
    {5, 0, 0, 160, 0, 20, 20, 400, 0, 0}, {6, 0, 0, 200, 0, 20, 20, 400, 0, 0},
    {7, 0, 0, 240, 0, 20, 20, 400, 0, 0}, {8, 0, 0, 280, 0, 20, 20, 400, 0, 0},
    {9, 0, 0, 320, 0, 20, 20, 400, 0, 0}, {10, 0, 0, 360, 0, 20, 20, 400, 0, 0},
    {11, 0, 0, 400, 0, 20, 20, 400, 0, 0}, {12, 0, 0, 440, 0, 20, 20, 400, 0, 0},
};
static const struct pld_detection one_and_ten_dets[] = {
    {0, 0, 20, 20, 0x1.ccccccccccccdp-1, 0, 0}, {40, 0, 20, 20, 0x1.c7ae147ae147bp-1, 0, 0},
    {80, 0, 20, 20, 0x1.c28f5c28f5c29p-1, 0, 0}, {120, 0, 20, 20, 0x1.bd70a3d70a3d7p-1, 0, 0},
    {160, 0, 20, 20, 0x1.b851eb851eb85p-1, 0, 0}, {200, 0, 20, 20, 0x1.b333333333333p-1, 0, 0},
    {240, 0, 20, 20, 0x1.ae147ae147ae2p-1, 0, 0}, {280, 0, 20, 20, 0x1.a8f5c28f5c290p-1, 0, 0},
    {320, 0, 20, 20, 0x1.a3d70a3d70a3ep-1, 0, 0}, {360, 0, 20, 20, 0x1.9eb851eb851ecp-1, 0, 0},
    {400, 0, 20, 20, 0x1.999999999999ap-1, 0, 0}, {440, 0, 20, 20, 0x1.947ae147ae148p-1, 0, 0},
};

/* an unmatched detection outside of the range counts nowhere */
static const struct pld_annotation miss_outside_range_notes[] = {
    {1, 0, 0, 0, 0, 20, 20, 400, 0, 0},
};
static const struct pld_detection miss_outside_range_dets[] = {
    {100, 100, 200, 200, 0x1.ccccccccccccdp-1, 0, 0}, {0, 0, 20, 20, 0x1.999999999999ap-1, 0, 0},
};

/* -0.0 and 0.0 are equal scores */
static const struct pld_annotation minus_zero_notes[] = {
    {1, 0, 0, 10, 10, 50, 50, 2500, 0, 0},
};
static const struct pld_detection minus_zero_dets[] = {
    {300, 300, 5, 5, -0x0.0p+0, 0, 0}, {10, 10, 50, 50, 0, 0, 0}, {10, 10, 50, 50, -0x0.0p+0, 0, 0},
};

/* scores that differ in their last bits only are different */
static const struct pld_annotation close_scores_notes[] = {
    {1, 0, 0, 0, 0, 20, 20, 400, 0, 0}, {2, 0, 0, 40, 0, 20, 20, 400, 0, 0},
    {3, 0, 0, 80, 0, 20, 20, 400, 0, 0}, {4, 0, 0, 120, 0, 20, 20, 400, 0, 0},
    {5, 0, 0, 160, 0, 20, 20, 400, 0, 0}, {6, 0, 0, 200, 0, 20, 20, 400, 0, 0},
    {7, 0, 0, 240, 0, 20, 20, 400, 0, 0}, {8, 0, 0, 280, 0, 20, 20, 400, 0, 0},
    {9, 0, 0, 320, 0, 20, 20, 400, 0, 0}, {10, 0, 0, 360, 0, 20, 20, 400, 0, 0},
    {11, 0, 0, 400, 0, 20, 20, 400, 0, 0}, {12, 0, 0, 440, 0, 20, 20, 400, 0, 0},
    {13, 0, 0, 480, 0, 20, 20, 400, 0, 0}, {14, 0, 0, 520, 0, 20, 20, 400, 0, 0},
    {15, 0, 0, 560, 0, 20, 20, 400, 0, 0}, {16, 0, 0, 600, 0, 20, 20, 400, 0, 0},
    {17, 0, 0, 640, 0, 20, 20, 400, 0, 0}, {18, 0, 0, 680, 0, 20, 20, 400, 0, 0},
    {19, 0, 0, 720, 0, 20, 20, 400, 0, 0}, {20, 0, 0, 760, 0, 20, 20, 400, 0, 0},
};
static const struct pld_detection close_scores_dets[] = {
    {0, 0, 20, 20, 0x1.0000000000000p-1, 0, 0}, {0, 100, 20, 20, 0x1.0000000000038p-1, 0, 0},
    {40, 0, 20, 20, 0x1.0000000000070p-1, 0, 0}, {40, 100, 20, 20, 0x1.00000000000a8p-1, 0, 0},
    {80, 0, 20, 20, 0x1.00000000000e0p-1, 0, 0}, {80, 100, 20, 20, 0x1.0000000000118p-1, 0, 0},
    {120, 0, 20, 20, 0x1.0000000000010p-1, 0, 0}, {120, 100, 20, 20, 0x1.0000000000048p-1, 0, 0},
    {160, 0, 20, 20, 0x1.0000000000080p-1, 0, 0}, {160, 100, 20, 20, 0x1.00000000000b8p-1, 0, 0},
    {200, 0, 20, 20, 0x1.00000000000f0p-1, 0, 0}, {200, 100, 20, 20, 0x1.0000000000128p-1, 0, 0},
    {240, 0, 20, 20, 0x1.0000000000020p-1, 0, 0}, {240, 100, 20, 20, 0x1.0000000000058p-1, 0, 0},
    {280, 0, 20, 20, 0x1.0000000000090p-1, 0, 0}, {280, 100, 20, 20, 0x1.00000000000c8p-1, 0, 0},
    {320, 0, 20, 20, 0x1.0000000000100p-1, 0, 0}, {320, 100, 20, 20, 0x1.0000000000138p-1, 0, 0},
    {360, 0, 20, 20, 0x1.0000000000030p-1, 0, 0}, {360, 100, 20, 20, 0x1.0000000000068p-1, 0, 0},
    {400, 0, 20, 20, 0x1.00000000000a0p-1, 0, 0}, {400, 100, 20, 20, 0x1.00000000000d8p-1, 0, 0},
    {440, 0, 20, 20, 0x1.0000000000110p-1, 0, 0}, {440, 100, 20, 20, 0x1.0000000000008p-1, 0, 0},
    {480, 0, 20, 20, 0x1.0000000000040p-1, 0, 0}, {480, 100, 20, 20, 0x1.0000000000078p-1, 0, 0},
    {520, 0, 20, 20, 0x1.00000000000b0p-1, 0, 0}, {520, 100, 20, 20, 0x1.00000000000e8p-1, 0, 0},
    {560, 0, 20, 20, 0x1.0000000000120p-1, 0, 0}, {560, 100, 20, 20, 0x1.0000000000018p-1, 0, 0},
    {600, 0, 20, 20, 0x1.0000000000050p-1, 0, 0}, {600, 100, 20, 20, 0x1.0000000000088p-1, 0, 0},
    {640, 0, 20, 20, 0x1.00000000000c0p-1, 0, 0}, {640, 100, 20, 20, 0x1.00000000000f8p-1, 0, 0},
    {680, 0, 20, 20, 0x1.0000000000130p-1, 0, 0}, {680, 100, 20, 20, 0x1.0000000000028p-1, 0, 0},
    {720, 0, 20, 20, 0x1.0000000000060p-1, 0, 0}, {720, 100, 20, 20, 0x1.0000000000098p-1, 0, 0},
    {760, 0, 20, 20, 0x1.00000000000d0p-1, 0, 0}, {760, 100, 20, 20, 0x1.0000000000108p-1, 0, 0},
    {0, 200, 20, 20, 0x1.0000000000000p-2, 0, 0},
};

/* 0 / 0: a NaN overlap passes every threshold */
static const struct pld_annotation not_a_number_notes[] = {
    {1, 0, 0, 0, 0, 0x1.3529ba7d19eafp-565, 0x1.3529ba7d19eafp-565, 50, 0, 0},
    {2, 0, 0, 10, 10, 50, 50, 2500, 0, 0},
};
static const struct pld_detection not_a_number_dets[] = {
    {10, 10, 50, 50, 0x1.999999999999ap-1, 0, 0},
    {0, 0, 0x1.3529ba7d19eafp-565, 0x1.3529ba7d19eafp-565, 0x1.ccccccccccccdp-1, 0, 0},
    {10, 10, 50, 50, 0x1.6666666666666p-1, 0, 0},
};

static const struct expected_named {
    const char *name;
    int n_images, n_categories;
    const struct pld_annotation *notes;
    int n_notes;
    const struct pld_detection *dets;
    size_t n_dets;
    double stats[12];
    const char *arrays; /* SHA-256, see digest() */
} expected_named[] = {
    {"one_hit", 1, 1, one_hit_notes, 1, one_hit_dets, 1,
     {0x1.ffffffffffffep-1, 0x1.fffffffffffffp-1, 0x1.fffffffffffffp-1, -1, 0x1.ffffffffffffep-1, -1, 1, 1, 1, -1, 1, -1},
     "a88fff41eabefc5b07e9d46987e36778b435c0143d20b55799381133df69cdd2"},
    {"no_detections", 1, 1, no_detections_notes, 1, no_detections_dets, 0,
     {0, 0, 0, -1, 0, -1, 0, 0, 0, -1, 0, -1},
     "027a9ed70291cc2b4f6206500eaeab1913b0efd1789ce7eac760561707f06fde"},
    {"seven_of_ten", 1, 1, seven_of_ten_notes, 10, seven_of_ten_dets, 7,
     {0x1.62d9faee41e6ap-1, 0x1.62d9faee41e6ap-1, 0x1.62d9faee41e6ap-1, 0x1.62d9faee41e6ap-1, -1, -1, 0x1.999999999999ap-4, 0x1.6666666666666p-1, 0x1.6666666666666p-1, 0x1.6666666666666p-1, -1, -1},
     "905a87a440405a5691de6d492ccc90f29022480bd73878d12501146efdbf107a"},
    {"thirty_five_of_hundred", 1, 1, thirty_five_of_hundred_notes, 100, thirty_five_of_hundred_dets, 35,
     {0x1.62d9faee41e6ap-2, 0x1.62d9faee41e6ap-2, 0x1.62d9faee41e6ap-2, 0x1.62d9faee41e6ap-2, -1, -1, 0x1.47ae147ae147ap-7, 0x1.999999999999ap-4, 0x1.6666666666666p-2, 0x1.6666666666666p-2, -1, -1},
     "d6986438d1b747ca77afb593f30bff1f49440acba1319b4ce5dc654da74ad7f0"},
    {"iou_on_thresholds", 1, 1, iou_on_thresholds_notes, 10, iou_on_thresholds_dets, 10,
     {0x1.8b3402d6bc603p-2, 1, 0x1.0288df0cac5b4p-2, -1, -1, 0x1.1b5fcf55abd98p-1, 0x1.47ae147ae147bp-7, 0x1.199999999999ap-1, 0x1.199999999999ap-1, -1, -1, 0x1.199999999999ap-1},
     "18c64bedfeb2aaf297922e732207a3acf985a52b36987ef771253bd536713715"},
    {"iou_on_the_grid", 1, 1, iou_on_the_grid_notes, 10, iou_on_the_grid_dets, 10,
     {0x1.72431e1c9744bp-2, 1, 0x1.0288df0cac5b4p-2, 0x1.72431e1c9744bp-2, -1, -1, 0x1.47ae147ae147bp-7, 0x1.0a3d70a3d70a4p-1, 0x1.0a3d70a3d70a4p-1, 0x1.0a3d70a3d70a4p-1, -1, -1},
     "fb19d10272be9e4eadaf6b18a52b1896aa4ac33826ab310620a4074b17f01344"},
    {"iou_below_the_grid", 1, 1, iou_below_the_grid_notes, 10, iou_below_the_grid_dets, 10,
     {0x1.5ee5bdb186f20p-2, 0x1.9f2d1de8ae627p-1, 0x1.0288df0cac5b4p-2, 0x1.5ee5bdb186f20p-2, -1, -1, 0, 0x1.051eb851eb852p-1, 0x1.051eb851eb852p-1, 0x1.051eb851eb852p-1, -1, -1},
     "8270d98bb6111a6979de8096cd8452d92201630a5af672977dd403956c35132b"},
    {"later_of_equal", 1, 1, later_of_equal_notes, 2, later_of_equal_dets, 2,
     {0x1.e82c9c2278a64p-2, 1, 0x1.0288df0cac5b4p-2, 0x1.e82c9c2278a64p-2, -1, -1, 0x1.3333333333333p-3, 0x1.4cccccccccccdp-1, 0x1.4cccccccccccdp-1, 0x1.4cccccccccccdp-1, -1, -1},
     "82237f2469dadb1d2f3ec1460cca4d281d6a5d4aa3d8051871c0de3426b6a48a"},
    {"crowd_takes_many", 1, 1, crowd_takes_many_notes, 2, crowd_takes_many_dets, 5,
     {0x1.ffffffffffffep-1, 0x1.fffffffffffffp-1, 0x1.fffffffffffffp-1, -1, 0x1.ffffffffffffep-1, -1, 0, 1, 1, -1, 1, -1},
     "e1d2cf3979020e098f0b8f171518e161da55033e68ee6061a315206b6862c65c"},
    {"crowd_by_own_size", 1, 1, crowd_by_own_size_notes, 2, crowd_by_own_size_dets, 2,
     {0x1.199999999999ap-1, 0x1.fffffffffffffp-1, 0x1.0000000000000p-1, -1, 0x1.ffffffffffffep-1, -1, 0, 1, 1, -1, 1, -1},
     "48deaf9560dad4bba789f012920760f3a8d49d765261f8ba57c83e3deda32845"},
    {"only_crowd", 1, 1, only_crowd_notes, 1, only_crowd_dets, 1,
     {-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1},
     "491467c29f710aee6bf71de9547334eb8e31f44ac5650edfcb570d435e1fc73c"},
    {"counted_before_ignored", 1, 1, counted_before_ignored_notes, 2, counted_before_ignored_dets, 2,
     {0x1.9a9d260511be2p-1, 1, 1, 0x1.3333333333332p-1, 0x1.ffffffffffffep-1, -1, 0x1.0000000000000p-1, 0x1.999999999999ap-1, 0x1.999999999999ap-1, 0x1.3333333333333p-1, 1, -1},
     "7c47571ac73cd99f90aaf3284974b332afa35a313963242db15ebd0e7686c56c"},
    {"zero_id", 1, 1, zero_id_notes, 2, zero_id_dets, 3,
     {0x1.0288df0cac5b4p-2, 0x1.0288df0cac5b4p-2, 0x1.0288df0cac5b4p-2, -1, 0x1.0288df0cac5b4p-2, -1, 0, 0x1.0000000000000p-1, 0x1.0000000000000p-1, -1, 0x1.0000000000000p-1, -1},
     "06e42b38047de4a0c4350ecb8f3c8149c12963748d4f79f57372e5b6f5e8053e"},
    {"repeated_id", 1, 1, repeated_id_notes, 3, repeated_id_dets, 3,
     {0x1.c4dbab82f5044p-2, 0x1.c4dbab82f5043p-2, 0x1.c4dbab82f5043p-2, -1, 0x1.c4dbab82f5044p-2, -1, 0, 0x1.5555555555556p-1, 0x1.5555555555556p-1, -1, 0x1.5555555555556p-1, -1},
     "d3c2a3c6a42402b1856d9a97edbc6b629292523150091b2900bc31fab7151d01"},
    {"area_ends", 1, 1, area_ends_notes, 3, area_ends_dets, 5,
     {0x1.3333333333331p-1, 0x1.3333333333333p-1, 0x1.3333333333333p-1, 0x1.0000000000000p-1, 0x1.3333333333331p-1, 0x1.0000000000000p-1, 0, 1, 1, 1, 1, 1},
     "57c4a45f160b8f92470e39be99a1e3017ce84b795860fdc0a9ac6d893ef3e45e"},
    {"area_of_annotation", 1, 1, area_of_annotation_notes, 2, area_of_annotation_dets, 3,
     {0x1.ab82f5043973ap-1, 0x1.ab82f5043973cp-1, 0x1.ab82f5043973cp-1, 0x1.ffffffffffffep-1, -1, 0x1.ffffffffffffep-1, 0x1.0000000000000p-1, 1, 1, 1, -1, 1},
     "a2f8d3b4d97822405831d801a359070a53c31ab9d23670ba15d808e6b0e8f5a4"},
    {"ties_in_list_order", 1, 1, ties_in_list_order_notes, 4, ties_in_list_order_dets, 6,
     {0x1.5555555555555p-1, 0x1.5555555555557p-1, 0x1.5555555555557p-1, -1, 0x1.5555555555555p-1, -1, 0, 1, 1, -1, 1, -1},
     "eb9e31043dddf8e46112f1c475873f6fe561eb1f4bf4b56d51298cdf227a3bd7"},
    {"ties_by_image", 3, 1, ties_by_image_notes, 3, ties_by_image_dets, 5,
     {0x1.8000000000000p-1, 0x1.8000000000000p-1, 0x1.8000000000000p-1, -1, 1, -1, 0x1.5555555555556p-1, 1, 1, -1, 1, -1},
     "84cdc30a5105da9741dfe9f1d96feb568219ad99b9b932dae06be3b4e0d99168"},
    {"hundred_at_most", 1, 2, hundred_at_most_notes, 2, hundred_at_most_dets, 201,
     {0x1.47ae147ae147cp-8, 0x1.47ae147ae147ap-8, 0x1.47ae147ae147ap-8, -1, 0x1.ffffffffffffep-2, -1, 0, 0, 0x1.0000000000000p-1, -1, 0x1.0000000000000p-1, -1},
     "e8a3670d34fdca9fd6b0219fe4c39468cd8798c6e19f363f4bc288bd9cd184dc"},
    {"one_and_ten", 1, 1, one_and_ten_notes, 12, one_and_ten_dets, 12,
     {1, 1, 1, 1, -1, -1, 0x1.5555555555556p-4, 0x1.aaaaaaaaaaaabp-1, 1, 1, -1, -1},
     "00fff5a67d97c896c8db73ab9fea6ca02623c8f9e52523499469e104a293a467"},
    {"miss_outside_range", 1, 1, miss_outside_range_notes, 1, miss_outside_range_dets, 2,
     {0x1.0000000000000p-1, 0x1.0000000000000p-1, 0x1.0000000000000p-1, 0x1.ffffffffffffep-1, -1, -1, 0, 1, 1, 1, -1, -1},
     "3425fef915cbe8a8e8ec07ac9275b0ec6540cc39e6cbf45ec336288c9d08a09a"},
    {"minus_zero", 1, 1, minus_zero_notes, 1, minus_zero_dets, 3,
     {0x1.0000000000000p-1, 0x1.0000000000000p-1, 0x1.0000000000000p-1, -1, 0x1.ffffffffffffep-1, -1, 0, 1, 1, -1, 1, -1},
     "5f0bec8f6b79b02d59d7a001952fe440f0a49c842a3839e25cff5af218ce6b77"},
    {"close_scores", 1, 1, close_scores_notes, 20, close_scores_dets, 41,
     {0x1.0000000000000p-1, 0x1.0000000000000p-1, 0x1.0000000000000p-1, 0x1.0000000000000p-1, -1, -1, 0, 0x1.0000000000000p-2, 1, 1, -1, -1},
     "22f63731cc1249e4aece22244bc0158d9229ec658e76310237b271055dfc1021"},
    {"not_a_number", 1, 1, not_a_number_notes, 2, not_a_number_dets, 3,
     {0x1.0288df0cac5b3p-1, 0x1.0288df0cac5b3p-1, 0x1.0288df0cac5b3p-1, 0x1.ffffffffffffep-1, 0x1.ffffffffffffep-1, -1, 0x1.0000000000000p-1, 0x1.0000000000000p-1, 0x1.0000000000000p-1, 1, 1, -1},
     "1c9b66dc8e3265648a21019b52fbf85490f3e6e4c196dd2f47d18a8578e5f676"},
};

/* random_case(i) */
static const struct expected_random {
    double stats[12];
    const char *arrays;
} expected_random[] = {
    {{-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1}, "491467c29f710aee6bf71de9547334eb8e31f44ac5650edfcb570d435e1fc73c"},
    {{0x1.2f9e20eaacd45p-4, 0x1.1fefc739487dbp-3, 0x1.958b67ebb907ap-4, 0x1.1d66e82c9c228p-3, 0, 0, 0x1.5f15f15f15f16p-5, 0x1.f15f15f15f15ep-4, 0x1.f15f15f15f15ep-4, 0x1.3c8253c8253c7p-3, 0, 0}, "da1f259d94cf6e43154bd45bb3918c27251c18a1cb42a3f89d9848a7bddca4eb"},
    {{0x1.6548e589c8a4ap-3, 0x1.9ba0b27089e29p-2, 0x1.13c5322fa6c7cp-3, 0x1.1979280c2a951p-2, -1, -1, 0x1.3333333333332p-4, 0x1.ddddddddddddep-2, 0x1.ddddddddddddep-2, 0x1.ddddddddddddep-2, -1, -1}, "bd73452f1ee870675c85964dc57fa8b5c36ddd9a5fb72b2fc00d4cbdf2c4c52b"},
    {{0x1.e7b89e1f8883dp-3, 0x1.6356d0cd34fd5p-2, 0x1.820fb82c6f277p-3, 0x1.9a03b308a281bp-2, 0x1.03022b39fe928p-2, 0x1.b44408f0f8809p-2, 0x1.315f15f15f160p-3, 0x1.32be2be2be2bep-1, 0x1.724924924924ap-1, 0x1.8ea0ea0ea0ea1p-1, 0x1.77390d2a6c405p-1, 0x1.e666666666666p-1}, "e504b2bb60da0d775574d25cfe2bb91ed732c4421dba716b89319f00b93f32f9"},
    {{0x1.86702210d4815p-2, 0x1.ef457312c1a5bp-2, 0x1.9ba0b27089e29p-2, 0x1.a030aa542686dp-2, -1, -1, 0x1.ccccccccccccep-2, 0x1.0888888888888p-1, 0x1.0888888888888p-1, 0x1.0888888888888p-1, -1, -1}, "498b6c258cf1bf155fd5a76e65d65f9a23c2f2593ccefa63505e73a2868dfb67"},
    {{0x1.c39962cb1be75p-3, 0x1.76e8cfd6e027fp-2, 0x1.8296a2ac0cf3bp-3, 0x1.020c037625ec6p-2, 0x1.cd06f545979a2p-2, 0, 0x1.16c16c16c16c1p-3, 0x1.96c16c16c16c1p-1, 0x1.96c16c16c16c1p-1, 0x1.c28f5c28f5c2bp-1, 0x1.ccccccccccccdp-1, 0}, "a9a39f2325932012fafd4d2de5a2c7ef9f8e39d599cdb3c2ec1c42db83a2494f"},
    {{0x1.079a9d260511bp-3, 0x1.079a9d260511bp-2, 0, 0x1.fffffffffffffp-2, 0, -1, 0x1.0000000000000p-3, 0x1.0000000000000p-3, 0x1.0000000000000p-3, 0x1.0000000000000p-1, 0, -1}, "2dbcaf74e97008f1af676822800b7a65da79f99637b7a9755ed2eb066151df26"},
    {{0x1.7f27ea6242c87p-4, 0x1.3c44b79f1eb29p-3, 0x1.958b67ebb907ap-4, 0x1.ff6fce6ef6249p-5, 0x1.b4a2e4cb72bc4p-4, 0x1.c635bc123fdf9p-4, 0x1.b8a15b8a15b89p-4, 0x1.1e4e673a3bc8fp-3, 0x1.1e4e673a3bc8fp-3, 0x1.01e573ac901e5p-3, 0x1.b05b05b05b05ap-4, 0x1.c71c71c71c71cp-4}, "b7636ff3ab97021d2206110ddabecda81c6ae5e6cd9d6e8e984b943591f63832"},
    {{0x1.3af1d1ec492e5p-2, 0x1.ba4cbf72f209bp-2, 0x1.49c2dcd9da365p-2, 0x1.7b44ed97572d6p-2, 0x1.82733e03b7ad8p-3, 0x1.ffffffffffffep-2, 0x1.3456789abcdefp-3, 0x1.1c71c71c71c72p-1, 0x1.1c71c71c71c72p-1, 0x1.20c761cb720c6p-1, 0x1.3bbbbbbbbbbbcp-1, 0x1.0000000000000p-1}, "5f6587257dea30d3f454729f1dc4f187baf2490c4501ac195b481168f9f759e9"},
    {{0x1.dddddddddddddp-1, 0x1.fffffffffffffp-1, 0x1.fffffffffffffp-1, 0x1.ffffffffffffep-1, 0x1.bbbbbbbbbbbbbp-1, -1, 0x1.ccccccccccccdp-1, 1, 1, 1, 1, -1}, "7cb2f28381410355c0150fef108c2ebd3085e39f9c42140c36336964bc2a1ebe"},
    {{0x1.ffffffffffffep-2, 0x1.fffffffffffffp-2, 0x1.fffffffffffffp-2, 0x1.ffffffffffffep-1, -1, 0, 0x1.0000000000000p-1, 0x1.0000000000000p-1, 0x1.0000000000000p-1, 1, -1, 0}, "a93d0ac6ac0ec0990cef2a459f2a03801e41f6c4ec02df689dd927b3cfd58362"},
    {{0x1.3b1e88e8bb7fep-2, 0x1.851a9ed3f685dp-2, 0x1.41af5b964192fp-2, 0x1.a31ae1a191227p-2, 0x1.2c982ee5c8577p-2, 0x1.ccccccccccccdp-2, 0x1.f15f15f15f15ep-3, 0x1.7dddddddddddep-1, 0x1.9111111111111p-1, 0x1.947ae147ae147p-1, 0x1.799999999999ap-1, 0x1.ccccccccccccdp-1}, "d78b4efac5d195f0854b803dd5aea22066b11022bdd2435531f0dc63bc14be0e"},
    {{0x1.b1702791b46e8p-3, 0x1.6d31ef008593cp-2, 0x1.3e347cfeb74f2p-3, 0x1.4bc54afa089acp-3, 0x1.b05b05b05b05bp-2, 0x1.5555555555554p-1, 0x1.2740da740da74p-3, 0x1.2c962fc962fcap-1, 0x1.37ae147ae147bp-1, 0x1.e8f5c28f5c290p-2, 0x1.ddddddddddddep-1, 0x1.aaaaaaaaaaaabp-1}, "d07e2ce3065d08bba55bab307ba475d750241a3b373d83e2e2a8905ef014bc53"},
    {{-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1}, "491467c29f710aee6bf71de9547334eb8e31f44ac5650edfcb570d435e1fc73c"},
    {{0x1.e666666666666p-1, 0x1.fffffffffffffp-1, 0x1.fffffffffffffp-1, -1, -1, 0x1.e666666666666p-1, 0x1.ccccccccccccdp-1, 1, 1, -1, -1, 1}, "135e42a8b1d4ab33658066454457f038f7567180da586eff30aa1c0975e62e01"},
    {{0x1.53b3764bfe4dap-2, 0x1.3aa14aaf831b4p-1, 0x1.5a6c21cddd44fp-2, 0x1.a0fb79053761fp-2, 0x1.81cedc8c741f0p-2, 0x1.66e82c9c2278ap-1, 0x1.3d27d27d27d29p-2, 0x1.127d27d27d27dp-1, 0x1.127d27d27d27dp-1, 0x1.6a3d70a3d70a4p-1, 0x1.c1d41d41d41d5p-2, 0x1.6666666666666p-1}, "6230e997b1e906ea6ca644ecc7ddac5d9870d4ce1fea607822b56df4f8428211"},
    {{0x1.b951c2bbdaa1cp-5, 0x1.5b6471d797233p-4, 0x1.cfb88c0269f90p-5, 0x1.ba0b27089e298p-5, 0x1.06f86562d9fafp-3, 0x1.ddddddddddddbp-3, 0x1.0e9282c1c5b5fp-4, 0x1.dad8e0c13f473p-4, 0x1.dad8e0c13f473p-4, 0x1.5649c1b361079p-4, 0x1.f777777777776p-3, 0x1.ddddddddddddep-3}, "c21266240896987daeb8243e471282428ff7dd1c8b3abb3bc516a1488828df00"},
    {{0x1.6af65e4a030aap-4, 0x1.8b67ebb9079aap-3, 0x1.446f86562d9fap-4, 0x1.8c14f400ad085p-4, 0, -1, 0x1.3b13b13b13b14p-4, 0x1.d89d89d89d89dp-4, 0x1.d89d89d89d89dp-4, 0x1.ffffffffffffep-4, 0, -1}, "9ca0dc42679d8a296d07b5b2754f7ca0b107f58d6e7fcdb9fa3887086d4c9f40"},
    {{0x1.1a8784fc1d106p-3, 0x1.a5369c3a110d2p-3, 0x1.4a11760090319p-3, 0x1.e1fdf5eb6e726p-4, 0x1.3c0c11dcff657p-3, 0x1.1745d1745d173p-3, 0x1.d6820fb1458d6p-4, 0x1.23548910b647fp-3, 0x1.23548910b647fp-3, 0x1.f8b3d8ec580a6p-4, 0x1.4444444444445p-3, 0x1.1745d1745d174p-3}, "6e4cea43a8375a4c1f07d325322bb4b2515766d458124b65e221c64feb54b226"},
    {{0, 0, 0, 0, -1, -1, 0, 0, 0, 0, -1, -1}, "eff65bd7c9df1f8901af495a2b678abf16d83ca36d9db200cd097f3dbb29e46d"},
    {{0x1.4d41b327ded94p-2, 0x1.ac5b3f5dc83cdp-2, 0x1.66dfef4363bcap-2, 0x1.97e325fda7548p-2, 0x1.d9ba0b27089e3p-2, 0, 0x1.9999999999999p-3, 0x1.3333333333334p-1, 0x1.3333333333334p-1, 0x1.5333333333333p-1, 0x1.e666666666666p-1, 0}, "c7121962fbcecff6e9ac486dbd52b9536a0409d1d3aee168f4c3b77d5c74c5c0"},
    {{0x1.b9ec34ffaeea1p-2, 0x1.c4b79f1eb28d5p-2, 0x1.c4b79f1eb28d5p-2, 0x1.1111111111111p-2, 0x1.937ffbac97cf0p-1, 0x1.ffffffffffffep-1, 0x1.3333333333333p-1, 0x1.d333333333333p-1, 0x1.d333333333333p-1, 0x1.4444444444444p-1, 1, 1}, "af8e934803b645484477c681bcd8ea5f373cc7a77426e41359e953d82bd4f07c"},
    {{0x1.9d17db598f50bp-3, 0x1.47bdef27673b3p-2, 0x1.676a2684fc50ap-3, 0x1.c3c412a47fd37p-3, 0x1.23704d52e66abp-2, 0x1.363dd8759ba0bp-3, 0x1.01b4e81b4e81cp-3, 0x1.f333333333333p-2, 0x1.0eeeeeeeeeeeep-1, 0x1.ff15f15f15f16p-2, 0x1.199999999999ap-1, 0x1.ccccccccccccdp-2}, "71e559f03a6b145af9f7c3c39bc6deb60e5fef3fd3f38a121b249b0796e33e86"},
    {{0x1.a2d37dd1f87f4p-3, 0x1.2777da57a0684p-2, 0x1.215005cb22661p-2, 0x1.e29917d363dd6p-4, 0x1.0841776b1b725p-2, 0x1.3333333333332p-1, 0x1.dddddddddddddp-4, 0x1.4444444444445p-2, 0x1.4444444444445p-2, 0x1.dddddddddddddp-4, 0x1.3333333333332p-1, 0x1.3333333333333p-1}, "5f5082c1ba5001de12763a46fc1ebe672a5306f49b1bebc5ebaf1968f24eff3d"},
    {{0x1.6fa04a9ec54c1p-5, 0x1.22fa6c7bb0eb3p-4, 0x1.7b2f250185529p-5, 0x1.5ecbc9406154bp-5, 0x1.477a2b98960d1p-4, 0, 0x1.6666666666666p-5, 0x1.0888888888888p-4, 0x1.0888888888888p-4, 0x1.b05b05b05b05bp-5, 0x1.5555555555555p-4, 0}, "4a80e95a5dbdfbefc069c6bb29c4553622f16bcb99a3b217bd026e8181a0c38c"},
    {{0x1.6c0120632213bp-1, 1, 1, 0x1.6666666666666p-1, -1, 0x1.b333333333333p-1, 0x1.3333333333333p-2, 0x1.ccccccccccccdp-1, 1, 1, -1, 1}, "3aa1c323cbd9b693b87be67ba752fa4431b80b1912e6e43059742a0af9409e7b"},
    {{0x1.3fb2bd2f59ca6p-2, 0x1.1dba8cd17d2f6p-1, 0x1.39ef73be455d0p-2, 0x1.72a38577b5439p-2, 0x1.91e69ab3f5131p-3, 0x1.e666666666665p-1, 0x1.f18f18f18f18ep-3, 0x1.120d20d20d20dp-1, 0x1.342f42f42f42ep-1, 0x1.3bbbbbbbbbbbbp-1, 0x1.1729729729729p-1, 0x1.e666666666666p-1}, "6605f0c29e5ed46a96257ea286bbd60bad5e218813c5b2b9dc72f67d5b053dfa"},
    {{0x1.bb9079a9d2605p-4, 0x1.6a74981446f86p-3, 0x1.0000000000000p-3, 0x1.9da7cb477a2b9p-3, 0x1.6666666666666p-3, -1, 0x1.47ae147ae147bp-5, 0x1.8f5c28f5c28f6p-2, 0x1.8f5c28f5c28f6p-2, 0x1.999999999999ap-3, 0x1.6666666666666p-2, -1}, "814e0c3669baacb473474f34ba346efc65ab4af75262592842498dcc34767e5d"},
    {{0x1.917bebd391c3fp-2, 0x1.3aa4c62df86adp-1, 0x1.cff32cd27c0c1p-2, 0x1.261f062f3ef5fp-1, 0x1.291cb1391494dp-2, -1, 0x1.5555555555555p-3, 0x1.8000000000000p-1, 0x1.8000000000000p-1, 0x1.aaaaaaaaaaaaap-1, 0x1.5555555555555p-1, -1}, "d29dad5fedd9b6085b83c23bf753dba85abee1e74536464ff5cc17ea96ec77a3"},
    {{0x1.45a6fba3f0feap-3, 0x1.1038c6b78247fp-2, 0x1.3f890a4ebe449p-3, 0x1.177cdfb9b4a2ep-3, 0x1.304564a76657ep-2, 0x1.9da7cb477a2b9p-5, 0x1.fec7ec7ec7ec8p-4, 0x1.71fb1fb1fb1fbp-3, 0x1.71fb1fb1fb1fbp-3, 0x1.54e81b4e81b4ep-3, 0x1.2c5f92c5f92c5p-2, 0x1.999999999999ap-5}, "b62eb1a843e2f8da76ce19cfd2d678635e7340ba327a3186e7838c4eab2cb0a7"},
    {{0x1.d03bafd0394cdp-3, 0x1.7fcfc72673257p-2, 0x1.dd607fa609561p-3, 0x1.e1a0824f50709p-3, 0x1.0fd1a665d0b44p-2, 0x1.11250c3b7932cp-1, 0x1.6ad97e4c11cc6p-3, 0x1.cc2cf2db30b3dp-2, 0x1.cc2cf2db30b3dp-2, 0x1.9ef0556bbd225p-2, 0x1.0070b1b5c6071p-1, 0x1.471c71c71c71cp-1}, "b592dbe16b71c44b8abf3b8a661066b28461cc347dfa7ffd1055e39f320d22c1"},
    {{0x1.53e5a262ef9a8p-2, 0x1.b55ae9896bcf7p-2, 0x1.35853efb3934ep-2, 0x1.9b1080df80072p-3, 0x1.95c934054f8a4p-2, 0x1.ffffffffffffep-1, 0x1.bbbbbbbbbbbbcp-2, 0x1.5b05b05b05b05p-1, 0x1.5b05b05b05b05p-1, 0x1.1555555555555p-1, 0x1.4444444444444p-1, 1}, "f4d8eba8afbda10f25bd314e5d3396f583b77d338da410240018d2524d1ad722"},
    {{0, 0, 0, -1, -1, 0, 0, 0, 0, -1, -1, 0}, "ae21530e1379825ecf875113fbc1ec5ccb3817fb60d7b94be327478046e797d8"},
    {{0x1.00d84a598ec91p-4, 0x1.58b67ebb9079bp-4, 0x1.22a3e857de346p-4, 0x1.00ef5c853e715p-4, 0x1.49d7c893590d0p-4, 0x1.192d746cd234fp-4, 0x1.1111111111111p-4, 0x1.09ed7bb498266p-3, 0x1.09ed7bb498266p-3, 0x1.e31e31e31e320p-4, 0x1.60b60b60b60b5p-3, 0x1.1111111111111p-4}, "8fa73f7ec80f1dc19168f6fc9f5e0ed5433544cd99b4f98010097d8c387128a7"},
    {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, "05727098860c172e75866a342babfd13d68c5812380a28e8cb8e6e7e67828f01"},
    {{0x1.f91ca4dd8bfbep-2, 0x1.50ac4a9ff4081p-1, 0x1.ec5ec50f6c858p-2, 0x1.62bf3a7e20bf0p-2, 0x1.199b7ccdcf495p-1, 0x1.5f4d8f761d66fp-1, 0x1.40da740da740ep-2, 0x1.9e26af37c048dp-1, 0x1.c28f5c28f5c29p-1, 0x1.8666666666667p-1, 0x1.e7d27d27d27d2p-1, 0x1.6666666666666p-1}, "fb79051a69e1eb5d65650aab80aa78e1fcaeec38516ff77aa91fb0ac787c9dda"},
    {{0x1.5d4d61ee99837p-4, 0x1.ab471de37e489p-4, 0x1.75960ebf3d205p-4, 0x1.09af732d53c81p-3, 0x1.8c9187651d1b4p-4, 0x1.fecff51bb5170p-4, 0x1.7e2be2be2be2cp-3, 0x1.5507507507507p-1, 0x1.683a83a83a83ap-1, 0x1.741d41d41d41dp-1, 0x1.7507507507507p-1, 0x1.ccccccccccccdp-2}, "f6898a964742352901aa87cd7b7ce703f200bfa0183865419a2cadd7f8db6ee3"},
    {{0x1.660c476bc03d4p-3, 0x1.1410e5ceff27cp-2, 0x1.84edb1b5163fbp-3, 0x1.f4b3e3527c203p-3, 0x1.06d7f3d56af66p-3, 0x1.9da7cb477a2b8p-2, 0x1.41d41d41d41d3p-3, 0x1.7297297297296p-2, 0x1.7297297297296p-2, 0x1.3333333333333p-2, 0x1.5ddddddddddddp-2, 0x1.999999999999ap-2}, "262a364c33c359345a016095d3c30b7aeae1bd729b7371590008e6ec8121fc2e"},
    {{0x1.b65e2fa521dc8p-2, 0x1.21311fbe5724dp-1, 0x1.e0608ee7fb2c1p-2, 0x1.d93e2b0b03a40p-2, 0x1.3d2b6d53fb44dp-2, 0x1.6666666666665p-1, 0x1.c71c71c71c71dp-3, 0x1.3e93e93e93e93p-1, 0x1.3e93e93e93e93p-1, 0x1.3333333333332p-1, 0x1.4444444444444p-1, 0x1.6666666666666p-1}, "573d6367cc83e31ad797f857b6ff92927e8c6f57a275b90cb63edf67ed0fa936"},
    {{0x1.8bd727e71685bp-2, 0x1.ba7a6336ad14ap-2, 0x1.ba7a6336ad14ap-2, 0x1.920e6f79fa289p-2, 0x1.b374164e113c5p-1, -1, 0x1.5c28f5c28f5c3p-3, 0x1.e147ae147ae15p-2, 0x1.e147ae147ae15p-2, 0x1.e147ae147ae15p-2, 0x1.ccccccccccccdp-1, -1}, "1f1eeddbfde8754d7df45cede92afd533400bd8d1cff1d37da3daedfba454365"},
    {{0x1.4c3f48c56754ep-4, 0x1.1757cbaa5a548p-3, 0x1.322fa6c7bb0ebp-4, 0x1.671ddfbb32801p-4, 0x1.7b08b163608f7p-4, 0x1.485b1cc286b53p-3, 0x1.4e81b4e81b4e8p-4, 0x1.96ffd663cca33p-4, 0x1.96ffd663cca33p-4, 0x1.64a26d764a26dp-4, 0x1.a8c536fe1a8c5p-4, 0x1.47ae147ae147bp-3}, "5c1ad7498b7f3e70dc00bd8d88e860f5ca96976ccba27bb7e08751028971fbf5"},
    {{0x1.4214b3d02f5b5p-5, 0x1.101b78ed70966p-4, 0x1.2509e4b0ef66dp-5, 0x1.56d2012627acep-5, 0x1.77cdfb9b4a2e3p-5, 0x1.7dd5f6b82200bp-7, 0x1.35f53afdcd978p-5, 0x1.35f53afdcd978p-5, 0x1.35f53afdcd978p-5, 0x1.4cf34204076d7p-5, 0x1.767dce434a9b2p-5, 0x1.7a17a17a17a18p-7}, "b1456e72f6e85980106e73883aeb9dd93da88b1f70989950b9958f8f56c0cc3f"},
    {{-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1}, "03108611915ebf355b482b255da0aa458f7581d9cb1e378fc5595c704f03b764"},
    {{0x1.58759ba0b2709p-4, 0x1.d4e930288df0dp-4, 0x1.353a4c0a237c3p-4, 0x1.62d9faee41e68p-5, 0x1.322fa6c7bb0ebp-4, 0x1.1be1958b67ebcp-2, 0x1.00bb3ee721a55p-4, 0x1.8e2415748a7bep-4, 0x1.8e2415748a7bep-4, 0x1.4c77b03531dedp-5, 0x1.7ae147ae147aep-4, 0x1.199999999999ap-2}, "491b2fb30d6dda35f6db6528e5fd4ac61ba97d5a3b31745843ec0962b1d5fe2c"},
    {{0x1.27aa393759e13p-7, 0x1.c4fc514cda446p-7, 0x1.011995ed59497p-7, 0x1.702397adfc0d5p-6, 0x1.3655de3ea7433p-8, 0, 0x1.745d1745d1746p-3, 0x1.1745d1745d174p-2, 0x1.1745d1745d174p-2, 0x1.b333333333333p-2, 0x1.7c57c57c57c57p-3, 0}, "d1a8c836bb2e59e931bd4beb61002c78f0988279927140aaca12f304eb9dd1e8"},
    {{0x1.ce3b0d42515b4p-5, 0x1.3fedf9cddec49p-4, 0x1.b997cc2e2fe07p-5, 0x1.7a821cb9dfe4fp-5, 0x1.c71c71c71c71ap-5, 0x1.1be1958b67ebap-4, 0x1.cfc7a7251cfc7p-5, 0x1.3788cde233787p-4, 0x1.3788cde233787p-4, 0x1.af459f049af45p-5, 0x1.2baa00717b74dp-4, 0x1.1111111111111p-4}, "7095e77975149c8ed0f13b6f5661eac3d4a0bbddd667a3f548afeabe355baed9"},
    {{0, 0, 0, 0, -1, -1, 0, 0, 0, 0, -1, -1}, "7ab46eb9d34cf27b0a8d8d33bfd11b4511f6dcd1982e505afce2a0b96b5558b4"},
    {{0x1.aa62f8a57c7cap-3, 0x1.7006f2ea890fap-2, 0x1.6cfd7720f3539p-3, 0x1.c740496f8d572p-3, 0x1.829e8015a108dp-2, 0x1.62d9faee41e69p-4, 0x1.6cd6bacd6bacfp-3, 0x1.477c6e77c6e79p-2, 0x1.477c6e77c6e79p-2, 0x1.5c0e7b163d06dp-2, 0x1.9c71c71c71c72p-2, 0x1.999999999999ap-3}, "783e086f121bf96454ca6229ba8ed7621e5ce3490775e1849bc0411cb03dce98"},
};
