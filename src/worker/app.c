/* What the two forms of an application's answer have in common, and which of them it is. */
#include "worker/app.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define NUMBER_MAX 9007199254740992.0       /* whole numbers are exact up to here */

const char *const app_value_names[APP_VALUE_COUNT_] = {
    "open", "in_use", "idle", "max_open", "wait_count", "wait_duration_s", "max_idle_closed", "max_idle_time_closed",
    "max_lifetime_closed"};

/* A name may be cut between two letters of UTF-8, not within one. */
static size_t fitting(const char *name, size_t len)
{
    if (len <= APP_NAME_MAX)
        return len;
    len = APP_NAME_MAX;
    while (len > APP_NAME_MAX - 4 && ((unsigned char)name[len] & 0xc0) == 0x80)
        len--;
    return len;
}

struct app_pool *app_pool_named(struct app_answer *a, const char *name, size_t len)
{
    const char *zero = memchr(name, '\0', len);
    len = fitting(name, zero ? (size_t)(zero - name) : len);
    for (unsigned i = 0; i < a->n; i++)
        if (strlen(a->pools[i].name) == len && memcmp(a->pools[i].name, name, len) == 0)
            return &a->pools[i];
    a->found++;
    if (a->n == APP_POOLS_MAX)
        return NULL;
    struct app_pool *p = &a->pools[a->n++];
    *p = (struct app_pool){.name = ""};
    memcpy(p->name, name, len);
    for (int i = 0; i < APP_VALUE_COUNT_; i++)
        p->values[i] = NAN;
    return p;
}

void app_set(struct app_pool *p, enum app_value value, double number)
{
    if (number >= 0 && number <= NUMBER_MAX)
        p->values[value] = number;
}

/* Of open = in use + idle two are enough. */
static void complete(struct app_pool *p)
{
    double *v = p->values;
    if (isnan(v[APP_OPEN]))
        app_set(p, APP_OPEN, v[APP_IN_USE] + v[APP_IDLE]);
    if (isnan(v[APP_IN_USE]))
        app_set(p, APP_IN_USE, v[APP_OPEN] - v[APP_IDLE]);
    if (isnan(v[APP_IDLE]))
        app_set(p, APP_IDLE, v[APP_OPEN] - v[APP_IN_USE]);
}

bool app_read(struct app_answer *a, const char *bytes, size_t len)
{
    size_t at = 0;
    *a = (struct app_answer){.n = 0};
    while (at < len && strchr(" \t\r\n", bytes[at]) && bytes[at])
        at++;
    a->form = at < len && (bytes[at] == '{' || bytes[at] == '[') ? APP_JSON : APP_PROMETHEUS;
    bool ok = a->form == APP_JSON ? app_read_json(a, bytes, len) : app_read_prometheus(a, bytes, len);
    for (unsigned i = 0; i < a->n; i++)
        complete(&a->pools[i]);
    if (ok && a->n == 0)
        snprintf(a->fault, sizeof(a->fault), at == len ? "the application's answer is empty"
                 : a->form == APP_JSON ? "the application's JSON names no pool with open or in_use connections"
                                       : "the application's answer is neither JSON nor go_sql_ lines of Prometheus");
    return ok && a->n > 0;
}
