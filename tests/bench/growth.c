/* How pgvigil grows with the number of its servers: a row for each number, on clusters of its own.
 *
 * BENCH_TARGETS ("1 10 50 100"), BENCH_SECONDS (60) of steady run, BENCH_KEYS (200). */
#include "base/attr.h"
#include "tests/pty/console.h"
#include "tests/pty/many.h"
#include "tests/pty/visit.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROWS_MAX  12
#define WARM_MS   15000         /* until every background question was asked */
#define START_MS  30000

struct row {
    int targets;
    double start_ms;            /* until every one of them is connected and shown so */
    double fleet_p99, server_p99;       /* key to paint, ms */
    struct many_cost cost;
};

static int setting(const char *name, int usual)
{
    const char *text = getenv(name);
    return text && atoi(text) > 0 ? atoi(text) : usual;
}

/* On the fleet nobody is unknown any more; a single server has no fleet. */
static bool all_there(struct pty *p, int targets)
{
    char words[60];
    if (targets == 1)
        return console_wait_data(p, START_MS);
    snprintf(words, sizeof(words), "fleet %d servers[^?‼]*$", targets);
    return pty_wait_regex(p, words, START_MS);
}

static double keys_p99(struct pty *p, const char *const *keys, size_t nkeys, int n, const char *what)
{
    return console_time_keys(p, keys, nkeys, (size_t)n, 1000, what).p99_ms;
}

static bool measure(struct many *m, struct row *r)
{
    static const char *const moves[] = {"j", "j", "j", "k", "k", "k"}, *const pages[] = {"<Tab>", "<Tab>", "<S-Tab>"};
    int keys = setting("BENCH_KEYS", 200);
    int64_t start = pty_now_us();
    struct pty *p = console_start(&(struct console_start){
        .args = (const char *const[]){"--config", many_config(m, r->targets), NULL}});
    bool good = all_there(p, r->targets);
    r->start_ms = (double)(pty_byte_us(p) - start) / 1000;
    if (good) {
        pty_settle(p, WARM_MS);
        r->cost = many_watch(p, setting("BENCH_SECONDS", 60));
        if (r->targets > 1) {
            r->fleet_p99 = keys_p99(p, moves, COUNT_OF(moves), keys, "fleet");
            pty_send(p, "<End><Enter>");
        }
        good = console_wait_data(p, PATIENCE);
        pty_settle(p, 2500);
        r->server_p99 = keys_p99(p, pages, COUNT_OF(pages), keys, "server");
    }
    pty_free(p);
    return good;
}

static void print_row(const struct row *r)
{
    char fleet[20] = "-";
    if (r->targets > 1)
        snprintf(fleet, sizeof(fleet), "%.1f ms", r->fleet_p99);
    printf("| %7d | %8.0f ms | %11.2f %% | %8.1f MB | %7.2f MB | %11s | %6.1f ms |\n", r->targets, r->start_ms,
           100 * r->cost.cpu, r->cost.screen_kb / 1024, r->cost.worker_kb / 1024, fleet, r->server_p99);
}

static void print_table(const struct row *rows, int n)
{
    printf("\n| servers | all reached | CPU of a core |  the screen |  a watcher | keys, fleet | keys, one |\n"
           "|--------:|------------:|--------------:|------------:|-----------:|------------:|----------:|\n");
    for (int i = 0; i < n; i++)
        print_row(&rows[i]);
    printf("\nCPU: all processes together. The screen, a watcher: anonymous memory, of the watchers the median one. Keys: from\n"
           "key to painted screen, p99, on the page of all servers and on the pages of one.\n");
}

static int read_numbers(struct row *rows)
{
    const char *text = getenv("BENCH_TARGETS");
    int n = 0, most = 0, at = 0;
    for (text = text && text[0] ? text : "1 10 50 100"; n < ROWS_MAX && sscanf(text, "%d%n", &most, &at) == 1; text += at)
        rows[n++].targets = most;
    return n;
}

int main(void)
{
    struct row rows[ROWS_MAX] = {{0}};
    int n = read_numbers(rows), most = 1;
    for (int i = 0; i < n; i++)
        most = rows[i].targets > most ? rows[i].targets : most;
    struct many *m = many_start(most);
    bool good = m != NULL;
    for (int i = 0; good && i < n; i++) {
        fprintf(stderr, "bench: %d servers\n", rows[i].targets);
        good = measure(m, &rows[i]);
    }
    many_stop(m);
    if (good)
        print_table(rows, n);
    return good ? 0 : 1;
}
