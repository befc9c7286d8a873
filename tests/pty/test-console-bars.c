/* The console's promises in numbers, measured from outside: how fast keys are painted, how much is written,
 * how soon a server is back, how many sessions it takes. Minutes long: for CI and `make bench`. */
#include "tests/fault/hostile.h"
#include "tests/lab/lab_client.h"
#include "tests/pty/console.h"
#include "tests/pty/proc.h"

#include <libpq-fe.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define PATIENCE 5000
#define KEYS     2000

static struct lab *lab;

static int start_lab(void **state)
{
    (void)state;
    lab = lab_start((const char *const[]){"--load", "light", "--sessions", "50", NULL});
    return lab ? 0 : -1;
}

static int stop_lab(void **state)
{
    (void)state;
    lab_stop(lab);
    return 0;
}

static struct pty *on_sessions(const char *conninfo, int rows, int cols)
{
    struct pty *p = console_start(
        &(struct console_start){.args = (const char *const[]){conninfo, NULL}, .rows = rows, .cols = cols});
    assert_true(console_wait_data(p, PATIENCE));
    pty_send(p, ":sessions<Enter>");
    assert_true(pty_wait_regex(p, "pid.*user", PATIENCE));
    return p;
}

static void leave_quickly(struct pty *p)
{
    int64_t start = pty_now_us();
    pty_send(p, "Q");
    assert_true(pty_wait_exit(p, PATIENCE, NULL));
    assert_true(pty_now_us() - start < 200000);
    pty_free(p);
}

/* Every key changes something: the selection goes down and up again; pages come and go. */
static const char *const moves[] = {"j", "j", "j", "k", "k", "k"};
static const char *const pages[] = {"<Tab>", "<Tab>", "<S-Tab>"};

static void keys_are_painted_at_once(void **state)
{
    (void)state;
    struct pty *p = on_sessions(lab_conninfo(lab, "primary"), 24, 80);
    struct console_times t = console_time_keys(p, moves, COUNT_OF(moves), KEYS, 1000, "healthy");
    assert_int_equal(t.lost, 0);
    assert_true(t.p99_ms < 20);
    leave_quickly(p);
}

static void keys_are_painted_while_the_server_is_frozen(void **state)
{
    (void)state;
    struct pty *p = on_sessions(lab_conninfo(lab, "primary"), 24, 80);
    assert_true(lab_command(lab, "stop primary"));
    struct console_times t = console_time_keys(p, moves, COUNT_OF(moves), KEYS, 1000, "frozen");
    int64_t start = pty_now_us();
    pty_send(p, "Q");
    bool left = pty_wait_exit(p, PATIENCE, NULL);
    int64_t took = pty_now_us() - start;
    assert_true(lab_command(lab, "cont primary"));
    pty_free(p);
    assert_int_equal(t.lost, 0);
    assert_true(t.p99_ms < 50 && t.max_ms < 100);
    assert_true(left && took < 200000);
}

/* Healthy until it has answered, then bad. Rows may change their order under the cursor, so that it meets an
 * end where a move paints nothing: pages are turned instead. */
static void keys_are_painted_whatever_the_server_does(void **state)
{
    (void)state;
    static const char *const modes[] = {"freeze",          "silent",       "black-hole",   "scram-forever",
                                        "drip-answer",     "big-row",      "endless-rows", "copy-loop",
                                        "endless-results", "notice-flood", "notify-flood", "hostile-text"};
    for (size_t i = 0; i < COUNT_OF(modes); i++) {
        struct hostile *h =
            hostile_start((const char *const[]){"--mode", modes[i], "--healthy", "--behind",
                                                lab_conninfo(lab, "primary"), "--password", "secret", NULL});
        char conninfo[300];
        snprintf(conninfo, sizeof(conninfo), "%s password=secret", hostile_conninfo(h));
        struct pty *p = on_sessions(conninfo, 24, 80);
        hostile_sick(h);
        struct console_times t = console_time_keys(p, pages, COUNT_OF(pages), KEYS, 1000, modes[i]);
        assert_int_equal(t.lost, 0);
        assert_true(t.p99_ms < 50);
        leave_quickly(p);
        hostile_stop(h);
    }
}

static void the_first_data_come_soon(void **state)
{
    (void)state;
    double took[40];
    assert_true(lab_command(lab, "load off"));
    for (size_t i = 0; i < COUNT_OF(took); i++) {
        int64_t start = pty_now_us();
        struct pty *p = console_on(lab_conninfo(lab, "primary"));
        assert_true(console_wait_data(p, PATIENCE));
        took[i] = (double)(pty_now_us() - start) / 1000;
        pty_free(p);
    }
    double p95 = sample_quantile(took, COUNT_OF(took), 0.95);
    printf("start to first data: p50 %.1f ms, p95 %.1f ms\n", sample_quantile(took, COUNT_OF(took), 0.5),
           p95);
    assert_true(p95 < 60);
    assert_true(lab_command(lab, "load light"));
}

/* A refresh is what comes in one interval of 2 s. */
static void few_bytes_are_written(void **state)
{
    (void)state;
    static const struct {
        int rows, cols;
        double most;
    } sizes[] = {{24, 80, 400}, {60, 200, 2000}};
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        struct pty *p = console_start(
            &(struct console_start){.args = (const char *const[]){lab_conninfo(lab, "primary"), NULL},
                                    .rows = sizes[i].rows,
                                    .cols = sizes[i].cols});
        assert_true(console_wait_data(p, PATIENCE));
        pty_settle(p, 4000);
        double bytes[15];
        for (size_t k = 0; k < COUNT_OF(bytes); k++) {
            size_t mark = pty_mark(p), n;
            pty_settle(p, 2000);
            pty_bytes(p, mark, &n);
            bytes[k] = (double)n;
        }
        double median = sample_quantile(bytes, COUNT_OF(bytes), 0.5);
        printf("bytes per refresh at %dx%d: median %.0f, max %.0f\n", sizes[i].cols, sizes[i].rows, median,
               sample_quantile(bytes, COUNT_OF(bytes), 1));
        assert_true(median <= sizes[i].most);
        leave_quickly(p);
    }
}

/* Tells when the server takes a connection again; the lab restarts it meanwhile, and the screen is read. */
static pid_t watch_for_the_server(int out)
{
    fflush(NULL);
    pid_t pid = fork();
    if (pid != 0)
        return pid;
    PGconn *c = NULL;
    do {
        PQfinish(c);
        usleep(2000);
        c = PQconnectdb(lab_conninfo(lab, "primary"));
    } while (PQstatus(c) != CONNECTION_OK);
    int64_t now = pty_now_us();
    _exit(write(out, &now, sizeof(now)) != sizeof(now));
}

static pid_t restart_meanwhile(void)
{
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0)
        _exit(!lab_command(lab, "restart primary"));
    return pid;
}

/* ms from the moment when the server takes connections again until nothing on the page is old. */
static double recover(struct pty *p)
{
    int ends[2], status = -1;
    int64_t up = 0;
    assert_int_equal(pipe(ends), 0);
    pid_t watcher = watch_for_the_server(ends[1]), restart = restart_meanwhile();
    assert_true(console_wait_fresh(p, 20000));
    int64_t came = pty_byte_us(p);
    assert_int_equal(waitpid(restart, &status, 0), restart);
    assert_int_equal(status, 0);
    assert_int_equal(read(ends[0], &up, sizeof(up)), sizeof(up));
    waitpid(watcher, NULL, 0);
    close(ends[0]);
    close(ends[1]);
    return came > up ? (double)(came - up) / 1000 : 0;
}

static void a_killed_server_is_back_soon(void **state)
{
    (void)state;
    double took[15];
    struct pty *p = console_on(lab_conninfo(lab, "primary"));
    for (size_t i = 0; i < COUNT_OF(took); i++) {
        assert_true(console_wait_fresh(p, PATIENCE));
        assert_true(lab_command(lab, "kill9 primary"));
        assert_true(console_wait_lost(p, PATIENCE));
        pty_settle(p, 500 + 300 * (int)(i % 5));
        took[i] = recover(p);
    }
    leave_quickly(p);
    double median = sample_quantile(took, COUNT_OF(took), 0.5),
           worst = sample_quantile(took, COUNT_OF(took), 1);
    printf("recovery after kill -9: median %.0f ms, max %.0f ms\n", median, worst);
    assert_true(worst > 0);
    assert_true(median <= 600 && worst <= 1500);
}

static int our_sessions(void)
{
    PGconn *c = PQconnectdb(lab_conninfo(lab, "primary"));
    PGresult *r = PQexec(c, "select count(*) from pg_stat_activity where application_name like 'pgvigil%'");
    int n = PQntuples(r) ? atoi(PQgetvalue(r, 0, 0)) : -1;
    PQclear(r);
    PQfinish(c);
    return n;
}

static void stop_our_backends(int sig)
{
    PGconn *c = PQconnectdb(lab_conninfo(lab, "primary"));
    PGresult *r = PQexec(c, "select pid from pg_stat_activity where application_name like 'pgvigil%'");
    for (int i = 0; i < PQntuples(r); i++)
        kill(atoi(PQgetvalue(r, i, 0)), sig);
    PQclear(r);
    PQfinish(c);
}

/* Its backends are stopped again and again, so that every watcher is killed at its deadline. */
static void never_more_than_two_sessions(void **state)
{
    (void)state;
    struct pty *p = console_on(lab_conninfo(lab, "primary"));
    assert_true(console_wait_data(p, PATIENCE));
    pty_settle(p, 2000);
    assert_int_equal(our_sessions(), 1);
    for (int i = 0; i < 40; i++) {
        stop_our_backends(SIGSTOP);
        pty_settle(p, 1000);
        int n = our_sessions();
        if (n > 2)
            stop_our_backends(SIGCONT);
        assert_in_range(n, 0, 2);
    }
    stop_our_backends(SIGCONT);
    leave_quickly(p);
}

static void little_memory_is_used(void **state)
{
    (void)state;
    struct pty *p = on_sessions(lab_conninfo(lab, "primary"), 60, 200);
    pty_settle(p, 10000);
    long screen = proc_memory_kb(pty_pid(p), "RssAnon");
    struct proc family[16];
    size_t n = proc_descendants(pty_pid(p), family, COUNT_OF(family));
    printf("RssAnon: screen %ld kB", screen);
    for (size_t i = 0; i < n; i++)
        printf(", child %ld kB", proc_memory_kb(family[i].pid, "RssAnon"));
    printf("\n");
    assert_true(screen > 0 && screen <= 8 * 1024);
    for (size_t i = 0; i < n; i++)
        assert_true(proc_memory_kb(family[i].pid, "RssAnon") <= 4 * 1024);
    leave_quickly(p);
}

/* An argument chooses tests by name, with * and ?. */
int main(int argc, char **argv)
{
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_are_painted_at_once),
        cmocka_unit_test(keys_are_painted_while_the_server_is_frozen),
        cmocka_unit_test(keys_are_painted_whatever_the_server_does),
        cmocka_unit_test(the_first_data_come_soon),
        cmocka_unit_test(few_bytes_are_written),
        cmocka_unit_test(a_killed_server_is_back_soon),
        cmocka_unit_test(never_more_than_two_sessions),
        cmocka_unit_test(little_memory_is_used),
    };
    return cmocka_run_group_tests(tests, start_lab, stop_lab);
}
