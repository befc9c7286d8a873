/* Every misbehaviour of the hostile server, met by a real libpq in a process of its own that is killed at a
 * deadline, as a watcher is. */
#include "base/attr.h"
#include "tests/fault/client.h"
#include "tests/fault/hostile.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define PATIENCE 10000      /* for what must end by itself */

static const struct {
    const char *mode;
    const char *more[6];        /* options */
    int deadline_ms;            /* 0: it ends by itself */
    const char *report;         /* regular expression */
} cases[] = {
    {"healthy",
     {0},
     0,
     "^connected 150020; TUPLES_OK 1x1 TUPLES_OK 1x4; TUPLES_OK 1x4; notices 0 notifications 0$"},
    {"refuse", {0}, 0, "^failed: .*Connection refused"},
    {"black-hole", {0}, 500, "^hung$"},
    {"silent", {0}, 300, "^hung$"},
    {"accept-fin", {0}, 0, "^failed: .*server closed the connection"},
    {"accept-rst", {0}, 0, "^failed: "},
    {"accept-garbage", {0}, 0, "^failed: "},
    {"drip", {0}, 500, "^hung$"},
    {"stalled-auth", {0}, 300, "^hung$"},
    {"login-hold", {0}, 300, "^hung$"},
    {"scram-forever", {0}, 500, "^hung$"},
    {"scram-most", {0}, 500, "^hung$"},
    {"too-many", {0}, 0, "^failed: .*FATAL:  53300: sorry, too many clients already"},
    {"bad-password", {0}, 0, "^failed: .*FATAL:  28P01: password authentication failed"},
    {"starting", {0}, 0, "^failed: .*FATAL:  57P03: the database system is starting up"},
    {"no-database", {0}, 0, "^failed: .*FATAL:  3D000: "},
    {"parameter-flood", {0}, 0, "^connected 150020; TUPLES_OK 1x1 TUPLES_OK 1x4;"},
    {"odd-version", {0}, 0, "^connected -?[0-9]+; TUPLES_OK 1x1"},
    {"close",
     {"--after", "1"},
     0,
     "^connected 150020; TUPLES_OK 1x1 FATAL_ERROR 0x0 .*server closed the connection"},
    {"freeze", {"--after", "2"}, 500, "^hung$"},
    {"slow", {"--after", "1", "--count", "150"}, 0, "^connected .* TUPLES_OK 1x4; TUPLES_OK 1x4;"},
    {"slow", {"--after", "1", "--count", "10000"}, 300, "^hung$"},
    {"drip-answer", {"--after", "1"}, 500, "^hung$"},
    {"half-rst", {"--after", "1"}, 0, "FATAL_ERROR 0x0 .*(server closed|Connection reset)"},
    {"half-fin", {"--after", "1"}, 0, "FATAL_ERROR 0x0 .*server closed the connection unexpectedly"},
    {"half-hold", {"--after", "1"}, 300, "^hung$"},
    {"big-row-announced", {"--after", "1"}, 500, "^hung$"},
    {"big-row",
     {"--after", "1", "--count", "50000000"},
     0,
     "TUPLES_OK 1x4 50000000 bytes; TUPLES_OK 1x4 50000000 bytes;"},
    {"endless-rows", {"--after", "1", "--count", "100000"}, 0, "TUPLES_OK 100000x4; TUPLES_OK 100000x4;"},
    {"endless-rows", {"--after", "1"}, 300, "^hung$"},
    {"copy-out", {"--after", "1"}, 0, "COPY_OUT 0x0 COPY_OUT 0x0 .*too many results"},
    {"copy-in", {"--after", "1"}, 0, "COPY_IN 0x0 COPY_IN 0x0 .*too many results"},
    {"copy-both", {"--after", "1"}, 0, "COPY_BOTH 0x0 COPY_BOTH 0x0 .*too many results"},
    {"copy-three", {"--after", "1"}, 0, "COPY_OUT 0x0 COPY_OUT 0x0 .*too many results"},
    {"copy-loop", {"--after", "1"}, 0, "COPY_OUT 0x0 COPY_OUT 0x0 .*too many results"},
    {"endless-complete",
     {"--after", "1"},
     0,
     "TUPLES_OK 1x4 COMMAND_OK 0x0 COMMAND_OK 0x0 .*too many results"},
    {"endless-results", {"--after", "1"}, 0, "TUPLES_OK 1x4 COMMAND_OK 0x4 .*too many results"},
    {"notice-flood", {"--after", "1", "--count", "20000"}, 0, "TUPLES_OK 1x4; TUPLES_OK 1x4; notices 40000 "},
    {"notice-flood", {"--after", "1", "--count", "100000000"}, 300, "^hung$"},
    {"parameter-storm", {"--after", "1", "--count", "2000"}, 0, "TUPLES_OK 1x4; TUPLES_OK 1x4; notices 0"},
    {"notify-flood",
     {"--after", "1", "--count", "20000"},
     0,
     "TUPLES_OK 1x4; TUPLES_OK 1x4; notices 0 notifications 40000$"},
    {"garbage", {"--after", "1"}, 0, "TUPLES_OK 1x1 FATAL_ERROR 0x0 "},
    {"row-mismatch", {"--after", "1"}, 0, "FATAL_ERROR 0x0 .*unexpected field count"},
    {"bad-length", {"--after", "1"}, 0, "FATAL_ERROR 0x0 .*lost synchronization with server"},
    {"bad-cell-length", {"--after", "1"}, 0, "FATAL_ERROR 0x0 .*insufficient data in \"D\" message"},
    {"no-ready", {"--after", "1"}, 300, "^hung$"},
    {"more-columns", {"--after", "1"}, 0, "TUPLES_OK 1x5; TUPLES_OK 1x5;"},
    {"fewer-columns", {"--after", "1"}, 0, "TUPLES_OK 1x3; TUPLES_OK 1x3;"},
    {"wrong-types", {"--after", "1"}, 0, "TUPLES_OK 18x4; TUPLES_OK 18x4;"},
    {"type-lies", {"--after", "1"}, 0, "TUPLES_OK 1x4; TUPLES_OK 1x4;"},
    {"hostile-text", {"--after", "1"}, 0, "TUPLES_OK 23x4; TUPLES_OK 23x4;"},
    {"hostile-names", {"--after", "1"}, 0, "TUPLES_OK 1x4; TUPLES_OK 1x4;"},
    {"hostile-notices", {"--after", "1"}, 0, "TUPLES_OK 1x4; TUPLES_OK 1x4; notices 2 "},
    {"nulls", {"--after", "1"}, 0, "TUPLES_OK 1x4; TUPLES_OK 1x4;"},
    {"no-rows", {"--after", "1"}, 0, "TUPLES_OK 0x4; TUPLES_OK 0x4;"},
    {"error",
     {"--after", "1", "--sqlstate", "42501"},
     0,
     "FATAL_ERROR 0x0 \\[42501\\] .*FATAL_ERROR 0x0 \\[42501\\]"},
    {"error-storm", {"--after", "1"}, 0, "FATAL_ERROR 0x0 \\[0A000\\] .*FATAL_ERROR 0x0 \\[21000\\]"},
    {"alternate", {"--after", "1"}, 0, "1x1 FATAL_ERROR 0x0 \\[57P01\\] .*TUPLES_OK 1x4;"},
    {"fatal", {"--after", "1"}, 0, "FATAL_ERROR 0x0 \\[57P01\\] "},
    {"fatal-later", {"--after", "1"}, 0, "TUPLES_OK 1x4; (FATAL_ERROR 0x0|cannot send)"},
};

static void every_mode_does_what_it_says(void **state)
{
    (void)state;
    int wrong = 0;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const char *args[10] = {"--mode", cases[i].mode};
        for (size_t k = 0; k < COUNT_OF(cases[i].more) && cases[i].more[k]; k++)
            args[2 + k] = cases[i].more[k];
        struct hostile *h = hostile_start(args);
        char conninfo[300];
        snprintf(conninfo, sizeof(conninfo), "%s password=secret", hostile_conninfo(h));
        char *report = run_client(conninfo, cases[i].deadline_ms ? cases[i].deadline_ms : PATIENCE);
        if (!matches(report, cases[i].report)) {
            print_error("mode %s: the client saw \"%s\", not %s\n", cases[i].mode, report, cases[i].report);
            wrong++;
        }
        free(report);
        hostile_stop(h);
    }
    assert_int_equal(wrong, 0);
}

static void every_mode_is_tested(void **state)
{
    (void)state;
    char command[4200], line[300], name[64];
    snprintf(command, sizeof(command), "%s/tests/fault/hostile-server --list",
             getenv("BUILDDIR") ? getenv("BUILDDIR") : ".");
    FILE *f = popen(command, "r");
    int n = 0;
    while (fgets(line, sizeof(line), f)) {
        assert_int_equal(sscanf(line, "%63s", name), 1);
        bool known = false;
        for (size_t i = 0; i < COUNT_OF(cases); i++)
            known = known || strcmp(cases[i].mode, name) == 0;
        if (!known)
            fail_msg("mode %s has no test", name);
        n++;
    }
    assert_int_equal(pclose(f), 0);
    assert_true(n > 40);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_mode_does_what_it_says),
        cmocka_unit_test(every_mode_is_tested),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
