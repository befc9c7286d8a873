/* What applications say of their pools, in both forms, and what is not believed. */
#include "base/attr.h"
#include "worker/app.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct {
    const char *text;
    const char *pools;          /* "name open in_use idle max waits duration;", - for unknown */
} cases[] = {
    /* the struct of Go's database/sql as it stands, whose durations are nanoseconds */
    {"{\"MaxOpenConnections\":10,\"OpenConnections\":7,\"InUse\":5,\"Idle\":2,\"WaitCount\":3,\"WaitDuration\":1500000000}",
     "primary 7 5 2 10 3 1.5;"},
    {"{\"primary\":{\"open\":10,\"in_use\":10,\"idle\":0,\"max_open\":10,\"wait_count\":14,\"wait_duration_ms\":2500},"
     "\"replicas\":[{\"open\":4,\"in_use\":1,\"idle\":3},{\"name\":\"far\",\"open\":2,\"in_use\":2}]}",
     "primary 10 10 0 10 14 2.5;replica-1 4 1 3 - - -;far 2 2 0 - - -;"},
    {"{\"database\":{\"pool\":{\"open_connections\":3,\"idle\":1,\"wait_duration\":\"1m2.5s\"}}}", "primary 3 2 1 - - 62.5;"},
    {"{\"OpenConns\":5,\"InUseConns\":4,\"IdleConns\":1,\"WaitCount\":2,\"WaitDuration\":700}", "primary 5 4 1 - 2 0.7;"},
    {"{\"replicas\":{\"east\":{\"total_conns\":8,\"acquired_conns\":6,\"idle_conns\":2,\"max_conns\":8}}}", "east 8 6 2 8 - -;"},
    {"[{\"open\":1,\"in_use\":1},{\"open\":2,\"in_use\":0}]", "pool-1 1 1 0 - - -;pool-2 2 0 2 - - -;"},
    {"{\"wait_duration\":\"350\\u00b5s\",\"open\":1,\"in_use\":0}", "primary 1 0 1 - - 0.00035;"},
    {"{\"wait_duration\":\"soon\",\"open\":1,\"in_use\":0}", "primary 1 0 1 - - -;"},
    /* numbers that cannot be are not known */
    {"{\"open\":-1,\"in_use\":5,\"idle\":\"3\",\"max_open\":1e300}", "primary - 5 - - - -;"},
    {"{\"open\":99999999999999999999,\"in_use\":5}", "primary - 5 - - - -;"},
    /* no pool: one word alone, or none */
    {"{\"breaker\":{\"open\":1}}", ""},
    {"{}", ""},
    {"[]", ""},
    {"{\"open\":", ""},
    {"{\"open\":1e999,\"in_use\":1}", ""},
    {"", ""},
    {"<html>go_sql</html>", ""},
    {"# HELP go_sql_open_connections x\n# TYPE go_sql_open_connections gauge\n"
     "go_sql_max_open_connections{db_name=\"shop\"} 10\ngo_sql_open_connections{db_name=\"shop\"} 6\r\n"
     "go_sql_in_use_connections{db_name=\"shop\"} 4 1700000000000\ngo_sql_wait_count_total{db_name=\"shop\"} 1.2e+01\n"
     "go_sql_wait_duration_seconds_total{db_name=\"shop\"} 0.25\nhttp_requests_total 9\n", "shop 6 4 2 10 12 0.25;"},
    {"go_sql_stats_connections_open{host=\"a\",db_name=\"main\"} 2\ngo_sql_stats_connections_in_use{db_name=\"main\",} 1",
     "main 2 1 1 - - -;"},
    {"go_sql_open_connections 2", "primary 2 - - - - -;"},
    {"go_sql_open_connections{db_name=\"a\\\"b\\\\c\\nd\"} 2", "a\"b\\c\nd 2 - - - - -;"},
    {"go_sql_open_connections{db_name=\"x} 2\ngo_sql_open_connections{db_name} 2\ngo_sql_open_connections{} x", ""},
    {"go_sql_open_connections NaN\ngo_sql_in_use_connections +Inf", "primary - - - - - -;"},
};

static void show(const struct app_answer *a, char *out, size_t size)
{
    size_t n = 0;
    out[0] = '\0';
    for (unsigned i = 0; i < a->n && n < size; i++) {
        n += (size_t)snprintf(out + n, size - n, "%s", a->pools[i].name);
        for (int v = APP_OPEN; v <= APP_WAIT_DURATION_S && n < size; v++)
            n += (size_t)(isnan(a->pools[i].values[v]) ? snprintf(out + n, size - n, " -")
                                                       : snprintf(out + n, size - n, " %g", a->pools[i].values[v]));
        n += n < size ? (size_t)snprintf(out + n, size - n, ";") : 0;
    }
}

static void both_forms_are_read(void **state)
{
    (void)state;
    static struct app_answer a;
    char shown[4096];
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        bool ok = app_read(&a, cases[i].text, strlen(cases[i].text));
        show(&a, shown, sizeof(shown));
        if (strcmp(shown, cases[i].pools) != 0)
            fail_msg("%s: wanted \"%s\", got \"%s\"", cases[i].text, cases[i].pools, shown);
        assert_int_equal(ok, cases[i].pools[0] != '\0');
        assert_int_equal(a.fault[0] == '\0', ok);
    }
}

/* Of more pools than there is room for it is known how many there were; names are cut between letters. */
static void there_is_an_end_to_it(void **state)
{
    (void)state;
    static struct app_answer a;
    char text[16384], name[200];
    size_t n = 0;
    for (int i = 0; i < 100; i++)
        n += (size_t)snprintf(text + n, sizeof(text) - n, "go_sql_open_connections{db_name=\"p%d\"} 1\n", i);
    assert_true(app_read(&a, text, n));
    assert_int_equal(a.n, APP_POOLS_MAX);
    assert_int_equal(a.found, 100);
    memset(name, 'x', sizeof(name));
    memcpy(name + APP_NAME_MAX - 1, "\xc3\xa4", 2);
    a = (struct app_answer){.n = 0};
    assert_int_equal(strlen(app_pool_named(&a, name, sizeof(name))->name), APP_NAME_MAX - 1);
}

static void depth_has_an_end(void **state)
{
    (void)state;
    static struct app_answer a;
    size_t n = 200000;
    char *text = test_malloc(n);
    memset(text, '[', n);
    assert_false(app_read(&a, text, n));
    assert_true(a.fault[0] != '\0');
    test_free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_forms_are_read),
        cmocka_unit_test(there_is_an_end_to_it),
        cmocka_unit_test(depth_has_an_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
