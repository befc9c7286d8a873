/* What a group of servers is by itself: a standby is promoted while the old primary goes on, the old one crashes and
 * comes back. All of it is seen within one interval, said in words that name both, and the same on every page. */
#include "tests/fault/fault.h"
#include "tests/pty/console.h"
#include "tests/pty/visit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define WITHIN_MS 14000     /* the interval of what is not on the screen, a deadline, and two judgements */

static struct lab *lab;

/* All of the lab, on a page of all servers. Names are made from the ports: their own here. */
static struct pty *all_of_it(const char *page)
{
    struct pty *p = console_start(&(struct console_start){
        .args = (const char *const[]){page, lab_conninfo(lab, "primary"), lab_conninfo(lab, "standby"),
                                      lab_conninfo(lab, "pooler"), NULL},
        .cols = 200, .rows = 30});
    return p;
}

static const char *port_of(const char *name)
{
    return strstr(lab_conninfo(lab, name), "port=") + 5;
}

/* A target that names both: it goes to the other one, keeps its name, and says so. */
static void a_target_with_two_hosts(void **state)
{
    (void)state;
    char conninfo[600];
    snprintf(conninfo, sizeof(conninfo), "host=%s,%s port=%.*s,%.*s user=postgres dbname=shop", lab_dir(lab), lab_dir(lab),
             (int)strcspn(port_of("primary"), " "), port_of("primary"), (int)strcspn(port_of("standby"), " "),
             port_of("standby"));
    struct pty *p = visit_conninfo(conninfo, 24, 200);
    fault_true("F11", "it is the first one", pty_wait(p, "PRIMARY", PATIENCE));
    assert_true(lab_command(lab, "kill9 primary"));
    int64_t start = pty_now_us();
    bool said = pty_wait_regex(p, "! *[^ ]+ is on [^ ]+ now, not on [^ ]+", PATIENCE);
    fault_most("F11", "it moved, and says so", said ? fault_since_ms(start) : 1e9, 4000, "ms");
    fault_true("F11", "as a standby", pty_wait(p, "STANDBY", PATIENCE));
    assert_int_equal(visit_leave(p), 0);
    assert_true(lab_command(lab, "restart primary"));
}

static void lead_to(const char *path, const char *name)
{
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fprintf(f, "[moves]\nhost=127.0.0.1\nport=%.*s\nuser=postgres\ndbname=shop\npassfile=%s\n", (int)strcspn(port_of(name), " "),
            port_of(name), strstr(lab_conninfo(lab, name), "passfile=") + 9);
    fclose(f);
}

/* The old primary hangs, and its kernel does not: two sessions of ours stay there. Then the name leads to another one. */
static void a_name_that_moves_away_from_what_hangs(void **state)
{
    (void)state;
    char path[300], setting[320];
    snprintf(path, sizeof(path), "%s/moves", lab_dir(lab));
    snprintf(setting, sizeof(setting), "PGSERVICEFILE=%s", path);
    lead_to(path, "primary_tcp");
    struct pty *p = console_start(&(struct console_start){.args = (const char *const[]){"service=moves", NULL},
                                                          .env = (const char *const[]){setting, NULL}, .cols = 200, .rows = 24});
    fault_true("F11", "it leads to the primary", pty_wait(p, "PRIMARY", PATIENCE));
    assert_true(lab_command(lab, "stop primary"));
    fault_true("F11", "that hangs, and there is no third session", pty_wait(p, "there will be no third", 2 * PATIENCE));
    lead_to(path, "standby_tcp");
    int64_t start = pty_now_us();
    bool moved = pty_wait(p, "STANDBY", 2 * PATIENCE);
    fault_most("F11", "its name leads elsewhere, and it follows", moved ? fault_since_ms(start) : 1e9, 7000, "ms");
    assert_int_equal(visit_leave(p), 0);
    assert_true(lab_command(lab, "cont primary"));
    fault_true("F11", "no session stays", witness_wait_sessions(lab_conninfo(lab, "primary"), 0, NULL, PATIENCE));
}

static void two_primaries(void **state)
{
    (void)state;
    struct pty *tree = all_of_it("--page=topology"), *fleet = all_of_it("--page=fleet"), *own = visit(lab, "primary");
    struct pty *all[] = {tree, fleet, own};
    fault_true("F11", "the tree has the standby below the primary", pty_wait_regex(tree, "↳ [^ ]+ +standby +1 +streaming", WITHIN_MS));
    fault_settle_all(all, 3, 2000);
    assert_true(lab_command(lab, "promote standby"));
    int64_t start = pty_now_us();
    bool said = pty_wait_regex(fleet, "‼ [^ ]+ +primary.*split brain: [^ ]+ \\(timeline 1\\) and [^ ]+ \\(timeline 2\\)", WITHIN_MS);
    fault_most("F11", "split brain in the fleet, both named", said ? fault_since_ms(start) : 1e9, WITHIN_MS, "ms");
    said = pty_wait_regex(tree, "SPLIT BRAIN: [^ ]+ \\(timeline 2\\) and [^ ]+ \\(timeline 1\\)|"
                                "SPLIT BRAIN: [^ ]+ \\(timeline 1\\) and [^ ]+ \\(timeline 2\\)", WITHIN_MS);
    fault_most("F11", "and in the tree", said ? fault_since_ms(start) : 1e9, WITHIN_MS, "ms");
    fault_true("F11", "both are worst", pty_wait_regex(fleet, " 2 ‼", 3000));
    assert_true(lab_command(lab, "kill9 primary"));
    fault_true("F11", "the old one is gone", pty_wait(fleet, "cannot be reached", WITHIN_MS));
    fault_true("F11", "the tree says what it was", pty_wait(tree, "was the primary; now it is", 5000));
    fault_true("F11", "and that there is one", pty_wait_gone(tree, "SPLIT", 5000));
    assert_true(lab_command(lab, "restart primary"));
    start = pty_now_us();
    said = pty_wait(tree, "SPLIT BRAIN", WITHIN_MS);
    fault_most("F11", "the old one is back and writes", said ? fault_since_ms(start) : 1e9, WITHIN_MS, "ms");
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        assert_int_equal(visit_leave(all[i]), 0);
}

int main(int argc, char **argv)
{
    static const struct fault_test tests[] = {FAULT(a_target_with_two_hosts),
                                              FAULT(a_name_that_moves_away_from_what_hangs), FAULT(two_primaries)};
    return fault_run_lab(argc, argv, tests, COUNT_OF(tests), &lab,
                         (const char *const[]){"--load", "off", NULL});
}
