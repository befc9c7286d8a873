/* What an application says of its connection pools: the JSON of a Go program's metrics, or the go_sql_ lines of
 * Prometheus' text format. Pure: bytes in, pools out. All of it is hostile. */
#ifndef WORKER_APP_H
#define WORKER_APP_H

#include "base/attr.h"

#include <stdbool.h>
#include <stddef.h>

#define APP_POOLS_MAX 64
#define APP_NAME_MAX  63    /* bytes; the rest is cut, at a letter */

enum app_value {
    APP_OPEN,
    APP_IN_USE,
    APP_IDLE,
    APP_MAX_OPEN,           /* 0: no limit */
    APP_WAIT_COUNT,         /* since the application began, as all that follow */
    APP_WAIT_DURATION_S,
    APP_MAX_IDLE_CLOSED,
    APP_MAX_IDLE_TIME_CLOSED,
    APP_MAX_LIFETIME_CLOSED,
    APP_VALUE_COUNT_
};

extern const char *const app_value_names[APP_VALUE_COUNT_];     /* columns of the probe app_pools */

struct app_pool {
    char name[APP_NAME_MAX + 1];        /* as it came: may hold anything but a zero byte */
    double values[APP_VALUE_COUNT_];    /* 0 to 2^53; NaN: not said */
};

enum app_form { APP_JSON, APP_PROMETHEUS };

struct app_answer {
    enum app_form form;
    struct app_pool pools[APP_POOLS_MAX];   /* no two have one name */
    unsigned n;
    unsigned found;                         /* n and those that had no place */
    char fault[160];                        /* why there is none: words of ours, safe; empty: there are some */
};

/* False: it says nothing of any pool, and fault says what is wrong with it. */
bool app_read(struct app_answer *answer, const char *bytes, size_t len);

/* ---- between the two forms ---- */

bool app_read_json(struct app_answer *answer, const char *bytes, size_t len);
bool app_read_prometheus(struct app_answer *answer, const char *bytes, size_t len);
/* The pool of this name, made if there is none yet; NULL: there is no place for it. */
struct app_pool *app_pool_named(struct app_answer *answer, const char *name, size_t len);
/* A number as it can be believed, else it stays unknown. */
void app_set(struct app_pool *pool, enum app_value value, double number);

#endif
