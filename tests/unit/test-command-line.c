/* The command line from outside: how it ends, and what it says, on the right stream. Nothing here connects. */
#include "base/attr.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

struct row {
    const char *arguments;      /* for a shell */
    int status;
    const char *out, *err;      /* parts of what is said; NULL: nothing at all */
};

/* Names of targets, each in brackets. */
#define NAMES " | sed -n 's/^ *\"name\": \"\\(.*\\)\",$/[\\1]/p' | tr -d '\\n'"

/* Names that stand twice in the heading of a table. */
#define TWICE " | tr -d '\\r' | awk -F, '/^probe,/ { n++; for (i = 1; i <= NF; i++) if (++seen[n, $i] > 1) twice = $1 \".\" $i }" \
              " END { print (n >= 15 ? \"twice: \" twice : \"few\") }'"

static const struct row rows[] = {
    {"--help", 0, "usage: pgvigil [watch]", NULL},
    {"-?", 0, "usage: pgvigil [watch]", NULL},
    {"help", 0, "usage: pgvigil [watch]", NULL},
    {"watch --help", 0, "usage: pgvigil [watch]", NULL},
    {"--host=x --help", 0, "Connection, as in psql", NULL},
    {"report -?", 0, "usage: pgvigil report", NULL},
    {"report --hel", 0, "usage: pgvigil report", NULL},
    {"demo --help", 0, "--no-standby", NULL},
    {"probes --help", 0, "--sql", NULL},
    {"--version", 0, "pgvigil ", NULL},
    {"-V", 0, "pgvigil ", NULL},
    {"report -V", 0, "pgvigil ", NULL},
    {"probes", 0, "sessions", NULL},
    {"probes sessions", 0, "backend_start", NULL},
    {"probes --sql replication", 0, "pg_stat_replication", NULL},
    {"probes --sql", 0, "SHOW POOLS", NULL},

    {"config", 0, "no file, all defaults: fine", NULL},
    {"config --help", 0, "usage: pgvigil config [OPTION]... [check|show|init] [FILE]", NULL},
    {"config show", 0, "theme: dark", NULL},
    {"config init", 0, "format: 1", NULL},
    {"config init >pgvigil.yaml && \"$BUILDDIR/pgvigil\" config check pgvigil.yaml", 0, "pgvigil.yaml: fine", NULL},

    /* A fault in a queue definition stops nothing but that definition. */
    {"-V >/dev/null; mkdir queues; printf 'format: 1\nqueues:\n- id: mine\n  titel: Mine\n' >queues/mine.yaml;"
     " PGVIGIL_CONFIG_DIR=$PWD \"$BUILDDIR/pgvigil\" report --probe sessions host=\"$PWD/none\"", 3, "pgvigil report", "mine.yaml:4:3: "},
    {"report --probe sessions host=\"$PWD/none\"", 3, "pgvigil report", "Queue definitions with a fault are left out"},
    {"config check", 2, NULL, "mine.yaml:4:3: "},
    {"config show", 0, "theme: dark", NULL},
    {"-V >/dev/null; rm -r queues", 0, NULL, NULL},

    /* What libpq refuses to read is a slip of the user's, not a server that is away. */
    {"report 'host=x bogus=1'", 2, "\n\nx    disconnected", "x: this conninfo makes no sense: invalid connection option \"bogus\""},
    {"doctor host=\"$PWD/none\"", 3, NULL, "local: not reached: "},
    {"doctor 'host=x bogus=1'", 2, NULL, "x: this conninfo makes no sense: invalid connection option \"bogus\""},
    {"doctor --help", 0, "usage: pgvigil doctor", NULL},
    {"check --help", 0, "  3                       Nothing is known to be wrong", NULL},
    {"check --bogus", 3, NULL, "There is no option --bogus"},
    {"doctor --help", 0, "  1                       Something is hidden or late", NULL},
    {"report --help", 0, "  1                       An answer was late or an error", NULL},
    {"watch --help", 0, "  1                       Something went wrong while running", NULL},
    {"check --help | grep -c 'could not be reached'", 1, "0", NULL},
    {"check host=\"$PWD/none\"", 2, "critical: local: cannot be reached", NULL},
    {"report service=nosuch", 2, "nosuch", "definition of service \"nosuch\" not found"},
    {"report 'host=x port=abc'", 2, "pgvigil report", "invalid integer value \"abc\" for connection option \"port\""},
    {"report 'host=a,b,c port=1,2'", 2, "pgvigil report", "could not match 2 port numbers to 3 hosts"},
    {"report 'host=x,y port=1,70000'", 2, "pgvigil report", "invalid port number: \"70000\""},
    {"report 'host=x tcp_user_timeout=soon'", 2, "pgvigil report", "invalid integer value \"soon\""},
    {"report 'host=x sslmode=maybe'", 2, "pgvigil report", "invalid sslmode value: \"maybe\""},
    {"report host=/nonexistent 'host=y port=-1'", 2, "pgvigil report", "local: not reached: "},
    {"report 'postgresql://u:hush@[::1/d' 2>&1 | grep -c hush", 1, "0", NULL},

    /* Targets are named by what tells them apart, and not by the folder of a socket. */
    {"report --json host=/none/x-1 2>/dev/null" NAMES, 0, "[local]", NULL},
    {"report --json 'host=/none/x-1 dbname=shop' 'host=/none/y port=6432 dbname=pgbouncer' 2>/dev/null" NAMES, 0,
     "[shop][pgbouncer]", NULL},
    {"report --json 'host=/none/x port=51055 dbname=shop' 'host=/none/x port=51056 dbname=shop'"
     " 'host=/none/x port=6432 dbname=pgbouncer' 2>/dev/null" NAMES, 0, "[shop:51055][shop:51056][pgbouncer:6432]", NULL},
    {"report --json postgres://u:hush@127.0.0.1:1/a postgres://u:hush@127.0.0.1:1/b 2>/dev/null" NAMES, 0, "[a][b]", NULL},
    {"report --json postgres://127.0.0.1:1/a postgres://127.0.0.1:2/b 2>/dev/null" NAMES, 0,
     "[127.0.0.1:1][127.0.0.1:2]", NULL},
    {"report --json postgres://127.0.0.1:1/a postgres://127.0.0.1:1/b postgres://127.0.0.2:1/a 2>/dev/null" NAMES, 0,
     "[127.0.0.1/a][127.0.0.1/b][127.0.0.2/a]", NULL},
    {"report --json -h /none shop shop 2>/dev/null" NAMES, 0, "[shop][shop-2]", NULL},
    {"report --json 'service=a-service-of-a-name-that-is-long' 2>/dev/null" NAMES, 0, "[a-service-of-a-name-that]", NULL},

    /* All faults of one run, and those that only libpq can see. */
    {"-V >/dev/null; printf 'format: 1\ntheme: lite\ntheme: dark\ntargets:\n- name: a\n  conninfo: host=x port=abc\n"
     "- name: b\n  service: nosuch\n- name: c\n  conninfo: host=/none\n' >bad.yaml; printf 'format: 1\npages:\n- overview\n"
     "pages:\n- quues\n' >twice.yaml; :", 0, NULL, NULL},
    {"config check bad.yaml", 2, NULL, "bad.yaml:2:8: There is no theme \"lite\""},
    {"config check bad.yaml", 2, NULL, "bad.yaml:3:1: The key \"theme\" stands twice"},
    {"config check bad.yaml", 2, NULL, "bad.yaml:6:13: This conninfo makes no sense: invalid integer value \"abc\""},
    {"config check bad.yaml", 2, NULL, "bad.yaml:8:12: This conninfo makes no sense: definition of service"},
    {"config check bad.yaml 2>&1 | grep -c :10:", 1, "0", NULL},

    /* An application: its URL behind app+, without its secrets in what is shown. */
    {"report app+file:///etc/passwd", 2, NULL, "begins with http:// or https://"},
    {"report 'app+http://127.0.0.1:1/a b'", 2, NULL, "holds a blank"},
    {"report app+http://u:s3cret@127.0.0.1:1/x?k=s3cret 2>&1 | grep -c s3cret", 1, "0", NULL},
    {"report app+http://127.0.0.1:1/x", 3, "127.0.0.1  http://127.0.0.1:1/x  disconnected",
     "127.0.0.1: not reached: Couldn't connect to server"},
    {"-V >/dev/null; printf 'format: 1\ntargets:\n- name: a\n  kind: app\n  url: http://127.0.0.1:1/\n' >app.yaml; :", 0,
     NULL, NULL},
    {"config check app.yaml", 0, "fine: 1 targets", NULL},
    {"check --config app.yaml", 2, "PGVIGIL CRITICAL - a: cannot be reached", NULL},
    {"-V >/dev/null; rm app.yaml", 0, NULL, NULL},

    /* A runbook for all, another one for a group, and a rule that is off at one target. */
    {"-V >/dev/null; printf 'format: 1\ntargets:\n- name: a\n  service: nosuch\n- name: b\n  service: nosuch\n  group: g\n"
     "- name: c\n  service: nosuch\n  group: g\n  rules:\n    unreachable: off\nrules:\n  unreachable:\n"
     "    runbook: https://all.example/x\ngroups:\n  g:\n    rules:\n      unreachable:\n        runbook: call the owner\n'"
     " >run.yaml; :", 0, NULL, NULL},
    {"check --config run.yaml a", 2, "; runbook: https://all.example/x\n", NULL},
    {"check --config run.yaml b", 2, "; runbook: call the owner\n", NULL},
    {"check --config run.yaml c", 0, "nothing is found to be wrong", NULL},
    {"-V >/dev/null; rm run.yaml", 0, NULL, NULL},

    /* The keys of pages too; what a key means twice is told with its place, by the check and at the start. */
    {"-V >/dev/null; printf 'format: 1\nkeys:\n  idle: [x]\n  fold: [x, F]\n  follow: []\n  column-left: [F9]\n' >keys.yaml;"
     " printf 'format: 1\nkeys:\n  background: [x]\n  wide: [W]\n  idle: [x]\n' >clash.yaml; :", 0, NULL, NULL},
    {"config check keys.yaml", 0, "fine", NULL},
    {"config check clash.yaml", 2, NULL, "clash.yaml:5:3: The key x means both \"idle\" and \"background\" on the page sessions"},
    {"-V >/dev/null; TERM=xterm script -qec \"$BUILDDIR/pgvigil --config clash.yaml service=nosuch\" /dev/null </dev/null", 2,
     "clash.yaml:5:3: The key x means both", NULL},
    {"-V >/dev/null; rm keys.yaml clash.yaml", 0, NULL, NULL},
    {"config init | grep -c 'There are up, .*, fold, .*, column-left, .*, idle, background.'", 0, "1", NULL},
    /* Definitions lie beside the configuration, also where that is named without its folder. */
    {"-V >/dev/null; mkdir -p sub/queues; printf 'format: 1\nqueues:\n- id: mine\n  titel: Mine\n' >sub/queues/mine.yaml;"
     " echo 'format: 1' >sub/shop.yaml; (cd sub; \"$BUILDDIR/pgvigil\" report --probe sessions --config shop.yaml host=/none)", 3,
     "pgvigil report", "queues/mine.yaml:4:3: "},
    {"-V >/dev/null; (cd sub; \"$BUILDDIR/pgvigil\" config check shop.yaml)", 2, NULL, "queues/mine.yaml:4:3: "},
    {"-V >/dev/null; rm -r sub", 0, NULL, NULL},

    {"report --csv host=/none 2>/dev/null" TWICE, 0, "twice: \n", NULL},

    /* What stands for all targets is for those of the command line too. */
    {"-V >/dev/null; printf 'format: 1\nprobes:\n  sessions: false\n' >probes.yaml; :", 0, NULL, NULL},
    {"report --csv --probe sessions --probe server --config probes.yaml host=/none 2>/dev/null | grep -c ^server,", 0, "1", NULL},
    {"report --csv --probe sessions --probe server --config probes.yaml host=/none 2>/dev/null | grep -c ^sessions,", 1, "0", NULL},
    {"-V >/dev/null; rm probes.yaml", 0, NULL, NULL},

    {"config check twice.yaml", 2, NULL, "did you mean \"queues\"?"},
    {"-V >/dev/null; rm bad.yaml twice.yaml", 0, NULL, NULL},

    {"config chek", 2, NULL, "did you mean \"pgvigil config check\"?"},
    {"config zzzzzz", 2, NULL, "takes check, show or init, not \"zzzzzz\""},
    {"config check a b", 2, NULL, "\"b\" is one too many"},
    {"config check /nonexistent/x.yaml", 2, NULL, "/nonexistent/x.yaml"},
    {"--config /nonexistent/x.yaml", 2, NULL, "/nonexistent/x.yaml"},
    {"--jsn", 2, NULL, "There is no option --jsn: \"pgvigil watch --help\""},
    {"report --jsn", 2, NULL, "did you mean --json?"},
    {"--colour", 2, NULL, "did you mean --color?"},
    {"report --prboe x", 2, NULL, "did you mean --probe?"},
    {"-x", 2, NULL, "There is no option -x"},
    {"report -wx", 2, NULL, "There is no option -x"},
    {"--no", 2, NULL, "--no could be --no-mouse or --no-password"},
    {"report --probe", 2, NULL, "--probe needs a value: --probe=NAME."},
    {"-h", 2, NULL, "--host needs a value"},
    {"report --json=3", 2, NULL, "--json takes no value"},
    {"--color=blue", 2, NULL, "auto, never or always, not \"blue\""},
    {"--page sesions", 2, NULL, "did you mean \"sessions\"?"},
    {"--page zzzzzz", 2, NULL, "There is no page \"zzzzzz\""},
    {"-p 12x", 2, NULL, "a number from 1 to 65535, not \"12x\""},
    {"-p 0", 2, NULL, "a number from 1 to 65535"},
    {"-p 5432,70000", 2, NULL, "a number from 1 to 65535"},
    {"-d shop host=x", 2, NULL, "--dbname"},
    {"probes sesions", 2, NULL, "did you mean \"sessions\"?"},
    {"probes sessions zzzzzz", 2, NULL, "There is no probe \"zzzzzz\""},
    {"report --probe sesions", 2, NULL, "did you mean \"sessions\"?"},
    {"demo shop", 2, NULL, "pgvigil demo takes no \"shop\""},
    {"demo --sesions=3", 2, NULL, "did you mean --sessions?"},
    {"demo --load=huge", 2, NULL, "none, light or demo, not \"huge\""},
    {"</dev/null", 2, NULL, "needs a terminal"},
    {"\"--$(printf 'a\\033[31mb')\"", 2, NULL, "--a\\x1b[31mb"},
};

static void slurp(const char *path, char *out, size_t size)
{
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    size_t n = fread(out, 1, size - 1, f);
    out[n] = '\0';
    fclose(f);
}

static bool says(const char *stream, const char *got, const char *want, const struct row *r)
{
    if (want ? strstr(got, want) != NULL : got[0] == '\0')
        return true;
    print_error("pgvigil %s: %s is \"%s\", wanted %s\n", r->arguments, stream, got, want ? want : "nothing");
    return false;
}

static void every_command_line_ends_as_it_should(void **state)
{
    (void)state;
    static char out[1 << 17], err[1 << 16];
    char command[4096], dir[] = "/tmp/pgvigil-test-XXXXXX";
    int wrong = 0;
    assert_non_null(getenv("BUILDDIR"));
    assert_non_null(mkdtemp(dir));
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        snprintf(command, sizeof(command), "cd %s && PGVIGIL_CONFIG_DIR=%s '%s/pgvigil' %s >out 2>err", dir, dir,
                 getenv("BUILDDIR"), rows[i].arguments);
        int status = system(command);
        snprintf(command, sizeof(command), "%s/out", dir);
        slurp(command, out, sizeof(out));
        snprintf(command, sizeof(command), "%s/err", dir);
        slurp(command, err, sizeof(err));
        if (!WIFEXITED(status) || WEXITSTATUS(status) != rows[i].status) {
            print_error("pgvigil %s: status %x, wanted %d: %s\n", rows[i].arguments, (unsigned)status, rows[i].status, err);
            wrong++;
        }
        wrong += !says("stdout", out, rows[i].out, &rows[i]) + !says("stderr", err, rows[i].err, &rows[i]);
    }
    snprintf(command, sizeof(command), "rm -r %s", dir);
    assert_int_equal(system(command), 0);
    assert_int_equal(wrong, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_command_line_ends_as_it_should)};
    setenv("LC_ALL", "C.UTF-8", 1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
