/* pgvigil beside pg_activity and pg_top: the same server, the same terminal, one table of medians. */
#include "base/attr.h"
#include "tests/bench/measure.h"

#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct results {
    double start;
    struct steady steady;
    struct latency latency;
    double recovery;
};

struct row {
    const char *what, *unit;
    size_t offset;          /* of the double in struct results */
    int digits;
};
#define ROW(what, unit, field, digits) {what, unit, offsetof(struct results, field), digits}

static const struct row rows[] = {
    ROW("start to first data", "ms", start, 0),
    ROW("key to paint, healthy, median", "ms", latency.healthy_p50, 1),
    ROW("key to paint, healthy, p99", "ms", latency.healthy_p99, 1),
    ROW("key to paint, server frozen, median", "ms", latency.frozen_p50, 1),
    ROW("key to paint, server frozen, p99", "ms", latency.frozen_p99, 1),
    ROW("quit, server frozen", "ms", latency.quit_frozen, 0),
    ROW("fresh data after kill -9 and restart", "ms", recovery, 0),
    ROW("written per refresh, 80x24", "bytes", steady.bytes_80x24, 0),
    ROW("written per refresh, 200x60", "bytes", steady.bytes_200x60, 0),
    ROW("anonymous memory", "MB", steady.anon_mb, 1),
    ROW("resident memory", "MB", steady.rss_mb, 1),
    ROW("client CPU per minute", "ms", steady.client_ms, 0),
    ROW("server time per minute", "ms", steady.server_ms, 0),
    ROW("statements per minute", "", steady.statements, 0),
    ROW("connections per minute", "", steady.sessions, 1),
};

static void cell(char *out, size_t size, const struct row *row, const struct results *r)
{
    double value;
    memcpy(&value, (const char *)r + row->offset, sizeof(value));
    if (isnan(value))
        snprintf(out, size, "-");
    else
        snprintf(out, size, "%.*f%s%s", row->digits, value, row->unit[0] ? " " : "", row->unit);
}

static void print_table(const struct results *r)
{
    printf("\n| %-37s |", "every 2 s, medians");
    for (size_t i = 0; i < TOOLS; i++)
        printf(" %12s |", tools[i].name);
    printf("\n|:%.37s |", "----------------------------------------");
    for (size_t i = 0; i < TOOLS; i++)
        printf("-------------:|");
    printf("\n");
    for (size_t k = 0; k < COUNT_OF(rows); k++) {
        printf("| %-37s |", rows[k].what);
        for (size_t i = 0; i < TOOLS; i++) {
            char text[40];
            cell(text, sizeof(text), &rows[k], &r[i]);
            printf(" %12s |", text);
        }
        printf("\n");
    }
    printf("\n-: it could not be measured; with a frozen server: no key was followed, or it did not quit in "
           "3 s.\n");
}

static int setting(const char *name, int usual)
{
    const char *text = getenv(name);
    return text && atoi(text) > 0 ? atoi(text) : usual;
}

static void say(const char *tool, const char *what)
{
    fprintf(stderr, "bench: %s, %s\n", tool, what);
}

/* One after the other with nothing else running, each phase for all tools under the same load. */
static bool measure_all(struct bench *b, struct results *r, const bool *there)
{
    for (size_t i = 0; i < TOOLS; i++)
        if (there[i]) {
            say(tools[i].name, "start");
            r[i].start = measure_start(b, &tools[i]);
        }
    char line[40];
    snprintf(line, sizeof(line), "sessions %d", setting("BENCH_SESSIONS", 300));
    if (!lab_command(b->lab, line) || !lab_command(b->lab, "load light")) {
        fprintf(stderr, "bench: the lab says %s\n", lab_answer(b->lab));
        return false;
    }
    for (size_t i = 0; i < TOOLS; i++)
        if (there[i]) {
            say(tools[i].name, "steady run");
            r[i].steady = measure_steady(b, &tools[i]);
            say(tools[i].name, "keys");
            r[i].latency = measure_latency(b, &tools[i]);
        }
    if (!lab_command(b->lab, "load off") || !lab_command(b->lab, "sessions 5"))
        return false;
    for (size_t i = 0; i < TOOLS; i++)
        if (there[i]) {
            say(tools[i].name, "recovery");
            r[i].recovery = measure_recovery(b, &tools[i]);
        }
    return true;
}

int main(void)
{
    const double no = NAN;
    struct results r[TOOLS];
    bool there[TOOLS];
    for (size_t i = 0; i < TOOLS; i++) {
        for (size_t k = 0; k < sizeof(r[i]) / sizeof(no); k++)
            memcpy((char *)&r[i] + k * sizeof(no), &no, sizeof(no));
        there[i] = tool_installed(&tools[i]);
        if (!there[i])
            fprintf(stderr, "bench: %s is not installed: its column stays empty\n", tools[i].name);
    }
    struct bench b = {.seconds = setting("BENCH_SECONDS", 30), .starts = setting("BENCH_STARTS", 20),
                      .recoveries = setting("BENCH_RECOVERIES", 5), .keys = setting("BENCH_KEYS", 200)};
    b.lab = lab_start((const char *const[]){"--no-standby", "--no-pooler", NULL});
    if (!b.lab)
        return 1;
    b.where = place_of(lab_conninfo(b.lab, "primary"));
    bool good = bench_prepare(&b) && measure_all(&b, r, there);
    lab_stop(b.lab);
    if (good)
        print_table(r);
    return good ? 0 : 1;
}
