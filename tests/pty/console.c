/* The console under test, and the timing of its keys. */
#include "tests/pty/console.h"

#include "base/mem.h"

#include <math.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ARGS_MAX 40
#define ENV_MAX  40
#define QUIET_MS 3

#define DATA "(PRIMARY|STANDBY).*PG [0-9]+"
#define OLD  "(down|connecting) [0-9<]|not connected for|NOT FRESH|  (lost|timeout|failed): |not asked yet"

const char *console_program(void)
{
    static char path[4096];
    const char *given = getenv("PGVIGIL"), *build = getenv("BUILDDIR");
    if (given)
        snprintf(path, sizeof(path), "%s", given);
    else
        snprintf(path, sizeof(path), "%s/pgvigil", build ? build : ".");
    return path;
}

static char home[64], home_setting[80];

static void remove_home(void)
{
    char command[100];
    snprintf(command, sizeof(command), "rm -rf '%s'", home);
    if (home[0] && system(command) != 0)
        fprintf(stderr, "console: cannot remove %s\n", home);
}

/* One for the test program, removed when it ends. */
static const char *fresh_home(void)
{
    static pid_t owner;
    if (!home[0]) {
        snprintf(home, sizeof(home), "/tmp/console-home-XXXXXX");
        if (!mkdtemp(home)) {
            perror("console: mkdtemp");
            exit(99);
        }
        snprintf(home_setting, sizeof(home_setting), "HOME=%s", home);
        owner = getpid();
        atexit(remove_home);
    }
    return owner == getpid() ? home_setting : "HOME=/nonexistent";
}

struct pty *console_start(const struct console_start *how)
{
    static const char *const clean[] = {
        "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_RUNTIME_DIR", "PGVIGIL_CONFIG_DIR", "NO_COLOR", "COLORTERM",
        "PGHOST", "PGPORT", "PGUSER", "PGDATABASE", "PGPASSWORD", "PGPASSFILE", "PGSERVICE", "PGSERVICEFILE",
        "PGOPTIONS", "PGAPPNAME", "PGSSLMODE", "PGSSLROOTCERT", "PGREQUIREAUTH", "PGCHANNELBINDING", "PGHOSTADDR",
        "TMUX", "STY",
    };
    const char *argv[ARGS_MAX + 2] = {console_program()}, *env[ENV_MAX + 1] = {NULL};
    size_t n = 1, m = 0;
    for (size_t i = 0; how->args && how->args[i] && n < ARGS_MAX; i++)
        argv[n++] = how->args[i];
    for (size_t i = 0; i < COUNT_OF(clean); i++)
        env[m++] = clean[i];
    env[m++] = fresh_home();
    for (size_t i = 0; how->env && how->env[i] && m < ENV_MAX; i++)
        env[m++] = how->env[i];
    return pty_start(&(struct pty_start){.argv = argv, .rows = how->rows, .cols = how->cols, .env = env});
}

struct pty *console_on(const char *conninfo)
{
    return console_start(&(struct console_start){.args = (const char *const[]){conninfo, NULL}});
}

bool console_wait_data(struct pty *p, int ms)
{
    return pty_wait_regex(p, DATA, ms);
}

bool console_wait_lost(struct pty *p, int ms)
{
    return pty_wait_regex(p, "(down|connecting) [0-9<]|not connected for", ms);
}

/* Messages in the last row stay for a while: they begin after one blank, what is lost on a page after two. */
static bool fresh(struct pty *p, const regex_t *data, const regex_t *old)
{
    return !regexec(data, pty_text(p), 0, NULL, 0) && regexec(old, pty_text(p), 0, NULL, 0);
}

bool console_wait_fresh(struct pty *p, int ms)
{
    regex_t data, old;
    int64_t end = pty_now_us() + ms * 1000LL;
    if (regcomp(&data, DATA, REG_EXTENDED | REG_NEWLINE) ||
        regcomp(&old, OLD, REG_EXTENDED | REG_NEWLINE))
        exit(99);
    bool good;
    while (!(good = fresh(p, &data, &old)) && pty_now_us() < end && pty_running(p))
        pty_pump(p, 50);
    regfree(&data);
    regfree(&old);
    if (!good)
        pty_print(p, "waited for fresh data");
    return good;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

double sample_quantile(double *values, size_t n, double p)
{
    if (!n)
        return 0;
    qsort(values, n, sizeof(*values), ascending);
    size_t rank = (size_t)ceil(p * (double)n);
    return values[rank ? rank - 1 : 0];
}

struct console_times console_time_keys(struct pty *p, const char *const *keys, size_t nkeys, size_t n,
                                       int timeout_ms, const char *what)
{
    struct console_times t = {0};
    double *took = mem_array(n, sizeof(*took));
    for (size_t i = 0; i < n; i++) {
        struct pty_paint paint = pty_press(p, keys[i % nkeys], QUIET_MS, timeout_ms);
        took[i] = paint.painted ? paint.paint_ms : timeout_ms;
        t.lost += !paint.painted;
    }
    t.p50_ms = sample_quantile(took, n, 0.5);
    t.p99_ms = sample_quantile(took, n, 0.99);
    t.max_ms = sample_quantile(took, n, 1);
    printf("%s: %zu keys, p50 %.2f ms, p99 %.2f ms, max %.2f ms, %zu lost\n", what, n, t.p50_ms, t.p99_ms,
           t.max_ms, t.lost);
    free(took);
    return t;
}
