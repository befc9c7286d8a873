/* "Did you mean": distances, and what is near enough. */
#include "base/attr.h"
#include "base/suggest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void distances_count_changes(void **state)
{
    (void)state;
    static const struct {
        const char *a, *b;
        unsigned distance;
    } rows[] = {
        {"", "", 0},           {"abc", "abc", 0},        {"abc", "ABC", 0},
        {"", "abc", 3},        {"abc", "ab", 1},         {"abc", "axc", 1},
        {"abc", "acb", 1},     {"kitten", "sitting", 3}, {"interval", "intreval", 1},
        {"state", "query", 5},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        assert_int_equal(suggest_distance(rows[i].a, rows[i].b), rows[i].distance);
        assert_int_equal(suggest_distance(rows[i].b, rows[i].a), rows[i].distance);
    }
}

static void the_nearest_name_is_meant(void **state)
{
    (void)state;
    static const char *const names[] = {"pid",        "state",           "query",
                                        "wait_event", "wait_event_type", "application_name"};
    static const struct {
        const char *wrong, *meant;
    } rows[] = {
        {"stat", "state"},
        {"stte", "state"},
        {"qurey", "query"},
        {"appl", "application_name"},
        {"wait_evnet", "wait_event"},
        {"pdi", "pid"},
        {"zebra", NULL},
        {"x", NULL},
        {"", NULL},
        {"a very long name that is nothing that anybody could have meant", NULL},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct suggest s = suggest_start(rows[i].wrong);
        for (size_t k = 0; k < COUNT_OF(names); k++)
            suggest_offer(&s, names[k]);
        if (!rows[i].meant)
            assert_null(s.best);
        else
            assert_string_equal(s.best, rows[i].meant);
    }
}

static void long_names_are_no_danger(void **state)
{
    (void)state;
    char name[4096];
    memset(name, 'x', sizeof(name) - 1);
    name[sizeof(name) - 1] = '\0';
    struct suggest s = suggest_start(name);
    suggest_offer(&s, name);
    assert_null(s.best);
    s = suggest_start("xxx");
    suggest_offer(&s, name);
    assert_null(s.best);
    assert_int_equal(suggest_distance(name, name), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(distances_count_changes),
        cmocka_unit_test(the_nearest_name_is_meant),
        cmocka_unit_test(long_names_are_no_danger),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
