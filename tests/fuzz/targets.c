/* The table of fuzz targets. */
#include "fuzz.h"

const struct fuzz_target fuzz_targets[] = {
#define X(name) {#name, fuzz_##name},
#include "list.h"
#undef X
    {NULL, NULL},
};
