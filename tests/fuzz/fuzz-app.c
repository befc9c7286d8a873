/* An application's pools: whatever comes, names end, numbers are in their range, and no two pools have one name. */
#include "fuzz.h"

#include "worker/app.h"

#include <math.h>
#include <string.h>

static void check_pool(const struct app_answer *a, unsigned i)
{
    const struct app_pool *p = &a->pools[i];
    FUZZ_CHECK(memchr(p->name, '\0', sizeof(p->name)) != NULL);
    for (int v = 0; v < APP_VALUE_COUNT_; v++)
        FUZZ_CHECK(isnan(p->values[v]) || (p->values[v] >= 0 && p->values[v] <= 9007199254740992.0));
    for (unsigned k = 0; k < i; k++)
        FUZZ_CHECK(strcmp(p->name, a->pools[k].name) != 0);
}

FUZZ_TARGET(app)
{
    static struct app_answer a;
    bool ok = app_read(&a, (const char *)bytes, len);
    FUZZ_CHECK(a.n <= APP_POOLS_MAX && a.n <= a.found);
    FUZZ_CHECK(ok == (a.n > 0) && ok == (a.fault[0] == '\0'));
    for (unsigned i = 0; i < a.n; i++)
        check_pool(&a, i);
}
