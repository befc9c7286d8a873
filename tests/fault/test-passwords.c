/* Passwords: asked for, refused, given up, and never seen anywhere. */
#include "tests/fault/fault.h"
#include "tests/pty/console.h"
#include "tests/pty/proc.h"
#include "tests/pty/visit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <cmocka.h>

#define WRONG "canary-of-a-wrong-word"
#define ASKS  "(nothing is shown while you type)"

static struct lab *lab;

/* In no command line of ours, not on the terminal, not in the server's log. */
static void assert_unseen(struct pty *p, const char *secret)
{
    size_t came;
    assert_int_equal(proc_family_has(pty_pid(p), "cmdline", secret), 0);
    const char *bytes = pty_bytes(p, 0, &came);
    assert_null(memmem(bytes, came, secret, strlen(secret)));
    assert_false(proc_file_has(lab_log(lab, "primary"), secret));
}

/* And in no environment of ours. */
static void assert_secret(struct pty *p, const char *secret)
{
    assert_unseen(p, secret);
    assert_int_equal(proc_family_has(pty_pid(p), "environ", secret), 0);
}

static struct pty *asked(void)
{
    struct pty *p = console_on(lab_conninfo(lab, "primary_password"));
    assert_true(pty_wait(p, ASKS, PATIENCE));
    return p;
}

static void type(struct pty *p, const char *secret)
{
    pty_write(p, secret, strlen(secret));
    pty_send(p, "<Enter>");
}

static void the_right_one_opens(void **state)
{
    (void)state;
    struct pty *p = asked();
    type(p, lab_password(lab));
    assert_true(console_wait_data(p, PATIENCE));
    pty_send(p, ":messages<Enter>");
    pty_settle(p, 200);
    assert_secret(p, lab_password(lab));
    assert_int_equal(visit_leave(p), 0);
}

/* One attempt a minute: a lock-out is worse than a wait. C-r asks again at once. */
static void a_wrong_one_is_said_and_asked_for_again(void **state)
{
    (void)state;
    struct pty *p = asked();
    const char *log = lab_log(lab, "primary");
    long from = log_end(log);
    type(p, WRONG);
    assert_true(pty_wait_regex(p, "password authentication failed", PATIENCE));
    pty_settle(p, fault_full() ? 3000 : 1000);
    assert_int_equal(log_count(log, from, "password authentication failed"), 1);
    assert_secret(p, WRONG);
    pty_send(p, "<C-r>");
    assert_true(pty_wait(p, ASKS, PATIENCE));
    type(p, lab_password(lab));
    assert_true(console_wait_data(p, PATIENCE));
    assert_secret(p, lab_password(lab));
    assert_int_equal(visit_leave(p), 0);
}

static void escape_gives_up_and_c_r_asks_again(void **state)
{
    (void)state;
    struct pty *p = asked();
    pty_send(p, "canary<Esc>");
    assert_true(pty_wait(p, "no password was given", PATIENCE));
    pty_settle(p, 1000);
    assert_false(pty_find(p, ASKS, NULL, NULL));
    assert_secret(p, "canary");
    pty_send(p, "<C-r>");
    assert_true(pty_wait(p, ASKS, PATIENCE));
    type(p, lab_password(lab));
    assert_true(console_wait_data(p, PATIENCE));
    assert_int_equal(visit_leave(p), 0);
}

static void none_is_asked_for_with_w(void **state)
{
    (void)state;
    struct pty *p = console_start(&(struct console_start){
        .args = (const char *const[]){"-w", lab_conninfo(lab, "primary_password"), NULL}});
    assert_true(pty_wait_regex(p, "no password", PATIENCE));
    assert_false(pty_find(p, ASKS, NULL, NULL));
    assert_int_equal(visit_leave(p), 0);
}

/* psql takes one too; it is wiped from the command line before anything else. */
static void one_in_a_conninfo_shows_nowhere(void **state)
{
    (void)state;
    char conninfo[700];
    for (int quoted = 0; quoted < 2; quoted++) {
        snprintf(conninfo, sizeof(conninfo), quoted ? "%s password='%s'" : "%s password=%s",
                 lab_conninfo(lab, "primary_password"), lab_password(lab));
        struct pty *p = console_on(conninfo);
        assert_true(console_wait_data(p, PATIENCE));
        pty_send(p, ":server<Enter>");
        pty_settle(p, 300);
        pty_send(p, ":messages<Enter>");
        pty_settle(p, 200);
        assert_secret(p, lab_password(lab));
        assert_int_equal(visit_leave(p), 0);
    }
}

/* It is taken out of the environment: what is started later has it not, and a core is not written. */
static void one_in_the_environment_goes_no_further(void **state)
{
    (void)state;
    char setting[100];
    snprintf(setting, sizeof(setting), "PGPASSWORD=%s", lab_password(lab));
    setrlimit(RLIMIT_CORE, &(struct rlimit){1 << 20, 1 << 20});
    struct pty *p = console_start(&(struct console_start){
        .args = (const char *const[]){lab_conninfo(lab, "primary_password"), NULL},
        .env = (const char *const[]){setting, NULL}});
    assert_true(console_wait_data(p, PATIENCE));
    pty_send(p, ":server<Enter>");
    pty_settle(p, 300);
    pty_send(p, ":messages<Enter>");
    pty_settle(p, 200);
    assert_secret(p, lab_password(lab));
    assert_int_equal(proc_family_has(pty_pid(p), "limits", "Max core file size        0                    0 "), 2);
    assert_int_equal(visit_leave(p), 0);
}

/* The one that was typed opens no more: it is forgotten, and asked for again. */
static void a_changed_one_is_asked_for_again(void **state)
{
    (void)state;
    char sql[200];
    struct pty *p = asked();
    type(p, lab_password(lab));
    assert_true(console_wait_data(p, PATIENCE));
    assert_true(witness_do(lab_conninfo(lab, "primary"), "alter role secret password 'canary-of-a-new-word'"));
    assert_true(witness_do(lab_conninfo(lab, "primary"),
                           "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'secret'"));
    assert_true(pty_wait_regex(p, "password authentication failed", PATIENCE));
    pty_send(p, "<C-r>");
    assert_true(pty_wait(p, ASKS, PATIENCE));
    type(p, "canary-of-a-new-word");
    bool fresh = console_wait_fresh(p, PATIENCE);
    snprintf(sql, sizeof(sql), "alter role secret password '%s'", lab_password(lab));
    assert_true(witness_do(lab_conninfo(lab, "primary"), sql));
    assert_true(fresh);
    assert_int_equal(proc_family_has(pty_pid(p), "cmdline", "canary"), 0);
    assert_int_equal(visit_leave(p), 0);
}

/* The report, which prints whatever went wrong too. */
static void a_report_prints_none(void **state)
{
    (void)state;
    static const char *const forms[] = {"--text", "--json", "--csv"};
    for (size_t i = 0; i < 2 * COUNT_OF(forms); i++) {
        const char *secret = i % 2 ? WRONG : lab_password(lab);
        char conninfo[700];
        snprintf(conninfo, sizeof(conninfo), "%s password=%s", lab_conninfo(lab, "primary_password"), secret);
        struct pty *p = console_start(
            &(struct console_start){.args = (const char *const[]){"report", forms[i / 2], conninfo, NULL}});
        int status;
        size_t n;
        assert_true(pty_wait_exit(p, 2 * PATIENCE, &status));
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), i % 2 ? 4 : 0);
        const char *bytes = pty_bytes(p, 0, &n);
        assert_null(memmem(bytes, n, secret, strlen(secret)));
        pty_free(p);
    }
}

int main(int argc, char **argv)
{
    static const struct fault_test tests[] = {
        FAULT(the_right_one_opens),
        FAULT(a_wrong_one_is_said_and_asked_for_again),
        FAULT(escape_gives_up_and_c_r_asks_again),
        FAULT(a_changed_one_is_asked_for_again),
        FAULT(none_is_asked_for_with_w),
        FAULT(one_in_a_conninfo_shows_nowhere),
        FAULT(one_in_the_environment_goes_no_further),
        FAULT(a_report_prints_none),
    };
    return fault_run_lab(argc, argv, tests, COUNT_OF(tests), &lab,
                         (const char *const[]){"--no-standby", "--no-pooler", NULL});
}
