/* What each probe costs the server: CPU of the backend that answers, as the kernel counts it, on a server with 300
 * sessions, 20,000 tables and 5,000 statements with 21 MB of text. Prints the table; fails where a median is more
 * than PATIENCE times its bar, because a machine that is busy counts more than the work.
 *
 *     costs [FOLDER]       FOLDER/bin has initdb and postgres; none: the newest PostgreSQL that is installed
 */
#include "tests/sql/inquiry.h"

#include "base/clock.h"
#include "base/mem.h"
#include "engine/variant.h"
#include "tests/lab/lab_client.h"
#include "tests/sql/table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TIMES        20
#define PATIENCE     3
#define SESSIONS     300
#define TABLES       20000
#define STATEMENTS   5000
#define VISIBLE_S    2.0        /* default interval of what is on the screen */
#define BAR_MS       5          /* of a probe that is not named here */
#define OVERVIEW_MS  200        /* a minute of those that the overview reads */

static const struct bar {
    const char *probe;
    double ms;                  /* of server time for one answer */
    bool overview;              /* sampled all the time: its price a minute counts */
} bars[] = {
    {"server", 1, true},    {"sessions", 2.5, true},       {"pools", 2.5, true},   {"replication", 2, true},
    {"statements", 10, false}, {"statement_texts", 250, false},
    {"tables", 15, false},  {"table_sizes", 20, false},   {"table_ranks", 100, false},
};

static const struct bar *bar_of(const char *probe)
{
    static const struct bar other = {"", BAR_MS, false};
    for (size_t i = 0; i < COUNT_OF(bars); i++)
        if (strcmp(bars[i].probe, probe) == 0)
            return &bars[i];
    return &other;
}

/* CPU time of a process in microseconds: exact where the kernel keeps schedstat, in ticks elsewhere. */
static double cpu_us(int pid)
{
    char path[64];
    unsigned long long ns = 0, user = 0, system = 0;
    snprintf(path, sizeof(path), "/proc/%d/schedstat", pid);
    FILE *f = fopen(path, "re");
    bool ok = f && fscanf(f, "%llu", &ns) == 1;
    if (f)
        fclose(f);
    if (ok)
        return (double)ns / 1000;
    snprintf(path, sizeof(path), "/proc/%d/stat", pid);
    f = fopen(path, "re");
    ok = f && fscanf(f, "%*d (%*[^)]) %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu", &user, &system) == 2;
    if (f)
        fclose(f);
    if (!ok) {
        fprintf(stderr, "Cannot read the CPU time of process %d.\n", pid);
        exit(1);
    }
    return (double)(user + system) * 1e6 / (double)sysconf(_SC_CLK_TCK);
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

struct cost {
    double median_ms, most_ms;
    uint32_t rows;
    size_t bytes;
    bool asked;
};

static struct cost measure(const struct inquiry *q)
{
    struct cost c = {0};
    double ms[TIMES];
    for (int i = -2; i < TIMES; i++) {      /* the first ones prepare, and fill the backend's caches */
        double before = cpu_us(q->session->facts.backend_pid);
        struct frame *f = inquiry_ask(q, NULL);
        if (!f)
            return c;
        faults_check(q->faults, f->status == FRAME_OK, "%s: %s", frame_status_word(f->status), f->note ? f->note : "");
        c.rows = f->nrows;
        c.bytes = f->bytes;
        if (i >= 0)
            ms[i] = (cpu_us(q->session->facts.backend_pid) - before) / 1000;
        inquiry_publish(q, f);
        frame_unref(f);
    }
    qsort(ms, TIMES, sizeof(*ms), by_size);
    c.median_ms = ms[TIMES / 2];
    c.most_ms = ms[TIMES - 1];
    c.asked = true;
    return c;
}

static double interval_of(const struct probe *pr)
{
    return pr->interval_s > 0 ? pr->interval_s : VISIBLE_S;
}

static double price_a_minute(const struct inquiry *q)
{
    const struct probe *pr = q->probe;
    const struct bar *bar = bar_of(pr->name);
    faults_at(q->faults, "%s", pr->name);
    struct cost c = measure(q);
    if (!c.asked) {
        printf("%-20s nothing to ask\n", pr->name);
        return 0;
    }
    double minute = c.median_ms * 60 / interval_of(pr);
    printf("%-20s %8.2f %8.2f %8.1f %6u %8zu %9.0f\n", pr->name, c.median_ms, c.most_ms, bar->ms, c.rows, c.bytes, minute);
    faults_check(q->faults, c.median_ms <= bar->ms * PATIENCE, "%.1f ms of server time, %d times its bar of %.1f ms",
                 c.median_ms, (int)(c.median_ms / bar->ms), bar->ms);
    return bar->overview ? minute : 0;
}

static bool no_spawn(struct pilot *p)
{
    (void)p;
    return false;
}

static struct engine *make_engine(struct session *s, const struct table *t)
{
    struct engine_target target = {.name = "costs", .conninfo = ""};
    struct err err;
    struct facts facts = s->facts;
    struct engine *e = engine_new(&(struct engine_setup){.probes = t->probes, .targets = &target, .ntargets = 1,
                                                         .watcher_fd = -1, .past_bytes = 1u << 20}, &err);
    if (!e)
        abort();
    e->spawn = no_spawn;
    e->pilots[0].epoch = 1;
    store_set_facts(e->store, 0, &facts);       /* lent: taken back before the engine ends */
    return e;
}

/* Asks the fixed probes, or the planned ones, on one database. Gives back what the overview's cost a minute. */
static double run(struct lab *lab, const char *way, bool planned, const struct table *t, struct faults *faults)
{
    struct session s;
    double overview = 0;
    unsigned errors = 0;
    if (!faults_check(faults, inquiry_open(&s, lab_conninfo(lab, way), NULL, NULL), "cannot connect"))
        return 0;
    struct engine *e = make_engine(&s, t);
    printf("PostgreSQL %s, database %s\n", s.facts.version_text, s.facts.database);
    for (int i = 0; t->probes[i]; i++) {
        struct inquiry q = {t->probes[i], i, &s, &e->pilots[0], true, faults, &errors};
        if (t->probes[i]->kind == TARGET_SERVER && (t->probes[i]->plan != NULL) == planned &&
            !t->probes[i]->of && !variant_absent(t->probes[i], &s.facts))
            overview += price_a_minute(&q);
    }
    ((struct target *)store_target(e->store, 0))->facts = (struct facts){0};
    engine_free(e);
    session_close(&s);
    return overview;
}

static void run_all(struct lab *lab, const struct table *t, struct faults *faults)
{
    printf("%d sessions, %d tables, %d statements; milliseconds of server CPU for one answer\n"
           "%-20s %8s %8s %8s %6s %8s %9s\n", SESSIONS, TABLES, STATEMENTS, "probe", "median", "most", "bar", "rows",
           "bytes", "a minute");
    double overview = run(lab, "primary", false, t, faults) + run(lab, "tasks", true, t, faults);
    printf("The overview's probes together: %.0f ms a minute, bar %d.\n", overview, OVERVIEW_MS);
    faults_at(faults, "overview");
    faults_check(faults, overview <= OVERVIEW_MS * PATIENCE, "%.0f ms of server time a minute", overview);
}

int main(int argc, char **argv)
{
    char bindir[600], sessions[16], tables[16], statements[16];
    struct faults faults = {.where = "costs"};
    snprintf(bindir, sizeof(bindir), "%s/bin", argc > 1 ? argv[1] : "");
    snprintf(sessions, sizeof(sessions), "%d", SESSIONS);
    snprintf(tables, sizeof(tables), "%d", TABLES);
    snprintf(statements, sizeof(statements), "%d", STATEMENTS);
    const char *args[] = {"--no-standby", "--no-pooler", "--no-tcp", "--sessions", sessions, "--tables", tables,
                          "--statements", statements, argc > 1 ? "--bindir" : NULL, bindir, NULL};
    struct lab *lab = lab_start(args);
    if (!lab)
        return 1;
    struct table *t = table_new();
    run_all(lab, t, &faults);
    table_free(t);
    lab_stop(lab);
    printf("%d checks, %d faults\n", faults.checks, faults.count);
    return faults.count == 0 && faults.checks > 20 ? 0 : 1;
}
