/* The one place for #if: what the build was configured with. */
#ifndef BASE_COMPAT_H
#define BASE_COMPAT_H

#include "config.h"

#ifdef WITH_SANITIZERS
#define LIMITS_FIT 0    /* sanitizers reserve terabytes of address space */
#else
#define LIMITS_FIT 1
#endif

#endif
