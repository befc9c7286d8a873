/* Pools out of Prometheus' text format: name{label="value",...} number [time], a line each. The names are those of the
 * Go client's DBStats collector and of the package sqlstats; a pool is called as its label db_name says. */
#include "worker/app.h"

#include "base/attr.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct { const char *name; enum app_value value; } series[] = {
    {"go_sql_open_connections", APP_OPEN},
    {"go_sql_in_use_connections", APP_IN_USE},
    {"go_sql_idle_connections", APP_IDLE},
    {"go_sql_max_open_connections", APP_MAX_OPEN},
    {"go_sql_wait_count_total", APP_WAIT_COUNT},
    {"go_sql_wait_duration_seconds_total", APP_WAIT_DURATION_S},
    {"go_sql_max_idle_closed_total", APP_MAX_IDLE_CLOSED},
    {"go_sql_max_idle_time_closed_total", APP_MAX_IDLE_TIME_CLOSED},
    {"go_sql_max_lifetime_closed_total", APP_MAX_LIFETIME_CLOSED},
    {"go_sql_stats_connections_open", APP_OPEN},
    {"go_sql_stats_connections_in_use", APP_IN_USE},
    {"go_sql_stats_connections_idle", APP_IDLE},
    {"go_sql_stats_connections_max_open", APP_MAX_OPEN},
    {"go_sql_stats_connections_waited_for", APP_WAIT_COUNT},
    {"go_sql_stats_connections_blocked_seconds", APP_WAIT_DURATION_S},
    {"go_sql_stats_connections_closed_max_idle", APP_MAX_IDLE_CLOSED},
    {"go_sql_stats_connections_closed_max_idle_time", APP_MAX_IDLE_TIME_CLOSED},
    {"go_sql_stats_connections_closed_max_lifetime", APP_MAX_LIFETIME_CLOSED},
};

struct line {
    const char *at, *end;
};

static void skip_blanks(struct line *l)
{
    while (l->at < l->end && (*l->at == ' ' || *l->at == '\t'))
        l->at++;
}

static bool take(struct line *l, char c)
{
    skip_blanks(l);
    if (l->at >= l->end || *l->at != c)
        return false;
    l->at++;
    return true;
}

static size_t word_len(const struct line *l)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_:";
    size_t n = 0;
    while (l->at + n < l->end && l->at[n] && strchr(letters, l->at[n]))
        n++;
    return n;
}

/* What is between quotes, with \\ \" and \n resolved; what is longer than a name may be is read and left out. */
static bool take_quoted(struct line *l, char *out, size_t size)
{
    size_t n = 0;
    if (!take(l, '"'))
        return false;
    for (; l->at < l->end && *l->at != '"'; l->at++) {
        char c = *l->at;
        if (c == '\\') {
            if (++l->at >= l->end)
                return false;
            c = *l->at == 'n' ? '\n' : *l->at;
        }
        if (n + 1 < size)
            out[n++] = c;
    }
    out[n] = '\0';
    return take(l, '"');
}

/* The name that the labels give: db_name's, or else the first label's. */
static bool take_labels(struct line *l, char *name, size_t size)
{
    char value[2 * APP_NAME_MAX];
    bool first = true;
    if (!take(l, '{'))
        return true;
    while (!take(l, '}')) {
        skip_blanks(l);
        size_t n = word_len(l);
        bool named = n == 7 && memcmp(l->at, "db_name", 7) == 0;
        l->at += n;
        if (n == 0 || !take(l, '=') || !take_quoted(l, value, sizeof(value)))
            return false;
        if ((first || named) && value[0]) {
            snprintf(name, size, "%s", value);
        }
        first = false;
        take(l, ',');
    }
    return true;
}

static double number_of(struct line *l)
{
    char text[64], *end;
    skip_blanks(l);
    size_t n = 0;
    while (l->at + n < l->end && l->at[n] && !strchr(" \t\r", l->at[n]))
        n++;
    if (n == 0 || n >= sizeof(text))
        return NAN;
    memcpy(text, l->at, n);
    text[n] = '\0';
    double value = strtod(text, &end);
    return *end ? NAN : value;
}

static void read_line(struct app_answer *a, struct line l)
{
    char name[2 * APP_NAME_MAX] = "primary";
    skip_blanks(&l);
    size_t n = word_len(&l), i = 0;
    while (i < COUNT_OF(series) && (strlen(series[i].name) != n || memcmp(series[i].name, l.at, n) != 0))
        i++;
    l.at += n;
    if (i == COUNT_OF(series) || !take_labels(&l, name, sizeof(name)))
        return;
    double value = number_of(&l);
    struct app_pool *p = isnan(value) ? NULL : app_pool_named(a, name, strlen(name));
    if (p)
        app_set(p, series[i].value, value);
}

bool app_read_prometheus(struct app_answer *a, const char *bytes, size_t len)
{
    const char *end = bytes + len;
    while (bytes < end) {
        const char *newline = memchr(bytes, '\n', (size_t)(end - bytes)), *stop = newline ? newline : end;
        read_line(a, (struct line){bytes, stop});
        bytes = stop + 1;
    }
    return true;
}
