/* Pools out of JSON. Programs write their own: a pool is any object that tells how many connections are open or in
 * use, and what it is called is told by the way to it. Names are compared without regard to case and underscores. */
#include "worker/app.h"

#include "base/attr.h"

#include <ctype.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEPTH_MAX 6
#define KEY_MAX   40

struct word {
    const char *key;
    enum app_value value;
    double unit;            /* what one of it is, in seconds or as a count; 0: a duration that says no unit */
};

static const struct word words[] = {
    {"open", APP_OPEN, 1}, {"openconnections", APP_OPEN, 1}, {"openconns", APP_OPEN, 1}, {"totalconns", APP_OPEN, 1},
    {"inuse", APP_IN_USE, 1}, {"inuseconnections", APP_IN_USE, 1}, {"inuseconns", APP_IN_USE, 1},
    {"acquiredconns", APP_IN_USE, 1},
    {"idle", APP_IDLE, 1}, {"idleconnections", APP_IDLE, 1}, {"idleconns", APP_IDLE, 1},
    {"maxopen", APP_MAX_OPEN, 1}, {"maxopenconnections", APP_MAX_OPEN, 1}, {"maxopenconns", APP_MAX_OPEN, 1},
    {"maxconns", APP_MAX_OPEN, 1}, {"maxconnections", APP_MAX_OPEN, 1}, {"max", APP_MAX_OPEN, 1},
    {"waitcount", APP_WAIT_COUNT, 1}, {"waits", APP_WAIT_COUNT, 1},
    {"waitduration", APP_WAIT_DURATION_S, 0}, {"waitdurationns", APP_WAIT_DURATION_S, 1e-9},
    {"waitdurationus", APP_WAIT_DURATION_S, 1e-6}, {"waitdurationms", APP_WAIT_DURATION_S, 1e-3},
    {"waitdurations", APP_WAIT_DURATION_S, 1}, {"waitdurationseconds", APP_WAIT_DURATION_S, 1},
    {"maxidleclosed", APP_MAX_IDLE_CLOSED, 1}, {"maxidletimeclosed", APP_MAX_IDLE_TIME_CLOSED, 1},
    {"maxlifetimeclosed", APP_MAX_LIFETIME_CLOSED, 1},
};

/* A key as it is compared. False: it is too long to be any of ours. */
static bool plain_key(const char *key, char out[KEY_MAX])
{
    size_t n = 0;
    for (; *key; key++) {
        if (!isalnum((unsigned char)*key))
            continue;
        if (n + 1 >= KEY_MAX)
            return false;
        out[n++] = (char)tolower((unsigned char)*key);
    }
    out[n] = '\0';
    return true;
}

static const struct word *word_of(const char *key)
{
    char plain[KEY_MAX];
    for (size_t i = 0; plain_key(key, plain) && i < COUNT_OF(words); i++)
        if (strcmp(plain, words[i].key) == 0)
            return &words[i];
    return NULL;
}

/* "1m2.5s", "350µs": a duration as Go prints it; NaN: it is none. */
static double go_duration(const char *text)
{
    static const struct { const char *unit; double s; } units[] = {
        {"ns", 1e-9}, {"us", 1e-6}, {"µs", 1e-6}, {"μs", 1e-6}, {"ms", 1e-3}, {"s", 1}, {"m", 60}, {"h", 3600}};
    double sum = 0;
    if (!*text)
        return NAN;
    while (*text) {
        char *end;
        size_t i = 0;
        double n = strspn(text, "0123456789.") > 0 ? strtod(text, &end) : NAN;
        if (isnan(n))
            return NAN;
        while (i < COUNT_OF(units) && strncmp(end, units[i].unit, strlen(units[i].unit)) != 0)
            i++;
        if (i == COUNT_OF(units))
            return strcmp(text, "0") == 0 ? 0 : NAN;
        sum += n * units[i].s;
        text = end + strlen(units[i].unit);
    }
    return sum;
}

/* A bare duration is Go's own, in nanoseconds; where connections are counted as InUseConns, the gateways that write
 * such pools count it in milliseconds. */
static double value_of(const struct word *word, const json_t *value, double bare)
{
    if (json_is_string(value))
        return word->value == APP_WAIT_DURATION_S ? go_duration(json_string_value(value)) : NAN;
    double n = json_is_number(value) ? json_number_value(value) : NAN;
    return n * (word->unit > 0 ? word->unit : bare);
}

/* One word alone may be about anything: a circuit breaker is open too. */
static bool is_pool(json_t *object)
{
    const char *key;
    json_t *value;
    bool counts = false;
    int known = 0;
    json_object_foreach(object, key, value) {
        const struct word *w = json_is_number(value) ? word_of(key) : NULL;
        known += w != NULL;
        counts |= w && (w->value == APP_OPEN || w->value == APP_IN_USE);
    }
    return counts && known > 1;
}

static void read_pool(struct app_answer *a, json_t *object, const char *name)
{
    const json_t *own = json_object_get(object, "name");
    const char *key, *called = json_is_string(own) && json_string_length(own) > 0 ? json_string_value(own) : name;
    struct app_pool *p = app_pool_named(a, called, strlen(called));
    double bare = 1e-9;
    char plain[KEY_MAX];
    json_t *value;
    json_object_foreach(object, key, value)
        if (plain_key(key, plain) && strcmp(plain, "inuseconns") == 0)
            bare = 1e-3;
    if (!p)
        return;
    json_object_foreach(object, key, value) {
        const struct word *w = word_of(key);
        if (w)
            app_set(p, w->value, value_of(w, value, bare));
    }
}

static bool is_among(const char *key, const char *const *list)
{
    char plain[KEY_MAX];
    if (!plain_key(key, plain))
        return false;
    for (; *list; list++)
        if (strcmp(plain, *list) == 0)
            return true;
    return false;
}

/* What the pools below a key are called, unless they say it themselves. */
static const char *name_below(const char *key, const char *name)
{
    static const char *const replicas[] = {"replica", "replicas", "readreplica", "readreplicas", NULL};
    static const char *const wrappers[] = {"database", "db", "data", "pool", "pools", "poolstats", "stats", "metrics",
                                           "connections", "connectionpool", NULL};
    return is_among(key, replicas) ? "replica" : is_among(key, wrappers) ? name : key;
}

static void walk(struct app_answer *a, json_t *node, const char *name, int depth)
{
    const char *key;
    json_t *value;
    size_t i;
    char numbered[APP_NAME_MAX + 1];
    if (depth > DEPTH_MAX)
        return;
    if (json_is_object(node)) {
        if (is_pool(node))
            read_pool(a, node, name);
        json_object_foreach(node, key, value)
            walk(a, value, name_below(key, name), depth + 1);
    } else if (json_is_array(node)) {
        json_array_foreach(node, i, value) {
            snprintf(numbered, sizeof(numbered), "%.40s-%zu", depth == 0 ? "pool" : name, i + 1);
            walk(a, value, numbered, depth + 1);
        }
    }
}

bool app_read_json(struct app_answer *a, const char *bytes, size_t len)
{
    json_error_t error;
    json_t *root = json_loadb(bytes, len, JSON_DECODE_INT_AS_REAL, &error);
    if (!root) {
        snprintf(a->fault, sizeof(a->fault), "the application's JSON is broken in line %d", error.line);
        return false;
    }
    walk(a, root, "primary", 0);
    json_decref(root);
    return true;
}
