/* Two switches for the tests, from the environment. */
#include "tests/pty/given.h"

#include "base/compat.h"

#include <stdlib.h>
#include <string.h>

bool missing_is_meant(const char *missing)
{
    const char *at = getenv("FAULTS_LEFT_OUT");
    size_t n = strlen(missing);
    if (!LIMITS_FIT && strcmp(missing, "allocator") == 0)
        return true;            /* who builds with sanitizers knows */
    while (at && *at) {
        size_t len = strcspn(at, ",");
        if ((len == 5 && memcmp(at, "meant", 5) == 0) || (len == n && memcmp(at, missing, n) == 0))
            return true;
        at += len + (at[len] == ',');
    }
    return false;
}

bool times_are_mild(void)
{
    const char *times = getenv("PGVIGIL_TIMES");
    return !LIMITS_FIT || (times && strcmp(times, "mild") == 0);
}
