/* The console's promises in numbers: see bars.h. Without an argument the short size; "--full" is the table of
 * the README; a pattern with * and ? chooses tests by name. */
#include "tests/fault/network.h"
#include "tests/pty/bars.h"
#include "tests/pty/given.h"
#include "tests/pty/pty.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void say(struct bars *b, const char *what, bool good, const char *figure)
{
    printf("bar: %-52s %-34s %s\n", what, figure, good ? "pass" : "FAIL");
    fflush(stdout);
    b->failed += !good;
}

static bool PRINTF_LIKE(5, 0) judge_figure(struct bars *b, double figure, double most, const char *unit,
                                           const char *format, va_list args)
{
    char what[100], text[80];
    vsnprintf(what, sizeof(what), format, args);
    snprintf(text, sizeof(text), "%.4g %s (at most %.4g)", figure, unit, most);
    bool good = figure <= most; /* NaN is not */
    say(b, what, good, text);
    return good;
}

bool bar_most(struct bars *b, double figure, double most, const char *unit, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    bool good = judge_figure(b, figure, most, unit, format, args);
    va_end(args);
    return good;
}

bool bar_time(struct bars *b, double ms, double most_ms, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    bool good = judge_figure(b, ms, most_ms * b->slack, "ms", format, args);
    va_end(args);
    return good;
}

bool bar_true(struct bars *b, bool good, const char *what)
{
    say(b, what, good, "");
    return good;
}

static int forgive(void **state)
{
    ((struct bars *)*state)->failed = 0;
    return 0;
}

static int judge(void **state)
{
    return ((struct bars *)*state)->failed ? -1 : 0;
}

static const struct bars short_size = {
    .slack = 3,
    .keys = 200,
    .hostile_keys = 40,
    .starts = 5,
    .recoveries = 2,
    .refreshes = 3,
    .sessions = 50,
    .targets = 20,
};
static const struct bars full_size = {
    .full = true,
    .slack = 1,
    .keys = 2000,
    .hostile_keys = 2000,
    .starts = 40,
    .recoveries = 25,
    .refreshes = 15,
    .sessions = 300,
    .targets = 100,
};

static struct bars bars;

static int start_lab(void **state)
{
    char sessions[20];
    (void)state;
    snprintf(sessions, sizeof(sessions), "%d", bars.sessions);
    bars.lab = lab_start((const char *const[]){"--load", "light", "--sessions", sessions, NULL});
    return bars.lab ? 0 : -1;
}

static int stop_lab(void **state)
{
    (void)state;
    lab_stop(bars.lab);
    return 0;
}

#define BAR(test) cmocka_unit_test_prestate_setup_teardown(test, forgive, judge, &bars)

int main(int argc, char **argv)
{
    bars = argc > 1 && strcmp(argv[1], "--full") == 0 ? full_size : short_size;
    bars.network = network_enter();
    if (!bars.full && times_are_mild())
        bars.slack = 10;
    if (argc > 1 + bars.full)
        cmocka_set_test_filter(argv[1 + bars.full]);
    const struct CMUnitTest tests[] = {
        BAR(keys_healthy),
        BAR(keys_frozen),
        BAR(keys_black_hole),
        BAR(keys_hostile),
        BAR(pages_say_so),
        BAR(pooler_pages_say_so),
        BAR(first_data),
        BAR(recovery),
        BAR(our_sessions),
        BAR(no_session_stays),
        BAR(locks_and_transactions),
        BAR(bytes_written),
        BAR(nothing_new_writes_nothing),
        BAR(server_time),
        BAR(memory_used),
        BAR(many_tables),
        BAR(many_statements),
        BAR(many_servers),
    };
    return cmocka_run_group_tests(tests, start_lab, stop_lab);
}
