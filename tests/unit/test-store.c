/* The store's manners: what it keeps when there is too much. */
#include "model/store.h"

#include "base/mem.h"
#include "model/series.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define US_PER_S 1000000LL

static void several_that_are_down_do_not_push_all_else_out(void **state)
{
    (void)state;
    struct store *s = store_new(1000);
    store_say(s, 0, SEV_CRIT, 0, "read me");
    for (int i = 0; i < 2000; i++) {
        store_say(s, i * 100000LL, SEV_WARN, i % 3, "cannot connect");
        store_say(s, i * 100000LL, SEV_INFO, i % 3, "connected again");
    }
    assert_int_equal(store_messages_total(s), 7);
    assert_string_equal(store_message(s, 6)->text, "read me");
    assert_string_equal(store_message(s, 0)->text, "connected again");
    assert_int_equal(store_message(s, 0)->target, 1999 % 3);
    int64_t last = INT64_MAX;
    unsigned times = 0;
    for (unsigned i = 0; store_message(s, i); i++) {
        assert_true(store_message(s, i)->wall_us <= last);
        last = store_message(s, i)->wall_us;
        times += store_message(s, i)->repeats + 1;
    }
    assert_int_equal(times, 4001);
    store_say(s, 1000000000LL, SEV_INFO, 0, "connected again");     /* much later: news */
    assert_int_equal(store_messages_total(s), 8);
    store_free(s);
}

static void more_keys_than_rings_leave_some_with_a_past(void **state)
{
    (void)state;
    struct store *s = store_new(1000);
    store_add_target(s, "t", NULL, NULL);
    for (int64_t second = 0; second < 600; second += 2)
        for (uint64_t key = 1; key <= 100; key++)
            store_add_point(s, 0, 0, "m", key, second * US_PER_S, 1);
    unsigned kept = 0;
    for (uint64_t key = 1; key <= 100; key++) {
        const struct series *one = store_series(s, 0, 0, "m", key);
        kept += one && series_count(one) == 300;
    }
    assert_int_equal(kept, 64);
    for (uint64_t key = 200; key < 210; key++)
        store_add_point(s, 0, 0, "m", key, 1000 * US_PER_S, 1);     /* the old ones are gone by now */
    assert_non_null(store_series(s, 0, 0, "m", 205));
    store_free(s);
}

static void count_changes(void *arg, enum change change, int target, int topic)
{
    (void)change;
    (void)target;
    (void)topic;
    ++*(int *)arg;
}

/* A screen that is gone hears no last words; the others do. */
static void who_stops_listening_hears_no_more(void **state)
{
    (void)state;
    struct store *s = store_new(1000);
    int screen = 0, other = 0;
    store_listen(s, count_changes, &screen);
    store_listen(s, count_changes, &other);
    store_say(s, 0, SEV_INFO, 0, "to both");
    store_unlisten(s, count_changes, &screen);
    store_say(s, 0, SEV_INFO, 0, "last words");
    assert_int_equal(screen, 1);
    assert_int_equal(other, 2);
    store_free(s);
}

/* ---- the past ---- */

static const struct column columns[] = {{"query", "query", TYPE_TEXT, ROLE_LABEL, UNIT_NONE, 0, 0, "Text."}};
static const struct schema schema = {"t", 1, columns};

static void answer(struct store *s, int topic, int64_t at_us, size_t bytes)
{
    char *text = mem_array(bytes, 1);
    struct frame_builder *b = frame_build(&schema);
    frame_build_row(b);
    frame_build_text(b, 0, text, bytes);
    store_publish(s, 0, topic, frame_seal(b, &(struct frame_head){.status = FRAME_OK, .taken_us = at_us}), NULL, NULL);
    free(text);
}

/* Of what only a rate looks back at nothing more is kept, so that it does not push out what a rule looks back at. */
static void large_answers_leave_small_ones_their_past(void **state)
{
    (void)state;
    struct store *s = store_new(1 << 20);
    int large = store_add_topic(s, &(struct topic){.name = "large", .schema = &schema});
    int small = store_add_topic(s, &(struct topic){.name = "small", .schema = &schema, .past = 60});
    store_add_target(s, "t", NULL, NULL);
    for (int64_t i = 0; i < 200; i++) {
        answer(s, large, i * 2 * US_PER_S, 150000);
        answer(s, small, i * 2 * US_PER_S, 1000);
    }
    assert_int_equal(store_past(s, 0, large, 1)->taken_us, 198 * 2 * US_PER_S);
    assert_null(store_past(s, 0, large, 2));
    assert_int_equal(store_past(s, 0, small, 60)->taken_us, 139 * 2 * US_PER_S);
    assert_null(store_past(s, 0, small, 61));
    store_forget(s, 0);
    assert_null(store_past(s, 0, small, 0));
    store_free(s);
}

/* However fast it is asked, and when that changes. */
static void a_rate_has_what_it_is_counted_from(void **state)
{
    (void)state;
    static const int64_t steps_us[] = {2 * US_PER_S, US_PER_S / 4, 3 * US_PER_S, US_PER_S / 10};
    struct store *s = store_new(1 << 20);
    int64_t at_us = 0;
    int topic = store_add_topic(s, &(struct topic){.name = "large", .schema = &schema});
    store_add_target(s, "t", NULL, NULL);
    answer(s, topic, at_us, 10000);
    for (int i = 0; i < 200; i++) {
        at_us += i == 0 ? US_PER_S : steps_us[i / 10 % 4];
        const struct frame *base = store_rate_base(s, 0, topic, at_us);
        assert_non_null(base);
        assert_in_range(at_us - base->taken_us, US_PER_S, 4 * US_PER_S);
        answer(s, topic, at_us, 10000);
    }
    store_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(several_that_are_down_do_not_push_all_else_out),
        cmocka_unit_test(more_keys_than_rings_leave_some_with_a_past),
        cmocka_unit_test(large_answers_leave_small_ones_their_past),
        cmocka_unit_test(a_rate_has_what_it_is_counted_from),
        cmocka_unit_test(who_stops_listening_hears_no_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
