/* When a finding comes up, changes and goes. */
#include "model/verdict.h"
#include "random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define S 1000000LL

static const struct steadiness calm = {2, 2};

static void judge(struct verdict *v, int rule, int target, uint64_t subject, enum level level, const char *words,
                  struct steadiness steady, int64_t now_us)
{
    struct judgement j = {.subject = subject, .level = level};
    buf_puts(&j.words, words);
    verdict_begin(v, rule, target);
    if (level != LEVEL_FINE)
        verdict_say(v, &j, steady, now_us);
    verdict_end(v, steady, now_us);
    buf_free(&j.words);
}

static enum level shown(const struct verdict *v)
{
    const struct finding *f = verdict_find(v, 0, 0, 7);
    return f ? f->level : LEVEL_FINE;
}

static void it_takes_judgements_in_a_row(void **state)
{
    (void)state;
    struct verdict *v = verdict_new();
    judge(v, 0, 0, 7, LEVEL_WARN, "a", calm, 1 * S);
    assert_int_equal(shown(v), LEVEL_FINE);
    judge(v, 0, 0, 7, LEVEL_FINE, "", calm, 2 * S);
    judge(v, 0, 0, 7, LEVEL_WARN, "a", calm, 3 * S);
    assert_int_equal(shown(v), LEVEL_FINE);
    judge(v, 0, 0, 7, LEVEL_WARN, "b", calm, 4 * S);
    assert_int_equal(shown(v), LEVEL_WARN);
    assert_true(verdict_changed(v));
    assert_false(verdict_changed(v));
    assert_string_equal(verdict_find(v, 0, 0, 7)->words, "b");
    assert_int_equal(verdict_find(v, 0, 0, 7)->since_us, 4 * S);
    /* One that is better does not end it, and its last words stay. */
    judge(v, 0, 0, 7, LEVEL_FINE, "", calm, 20 * S);
    assert_int_equal(shown(v), LEVEL_WARN);
    assert_string_equal(verdict_find(v, 0, 0, 7)->words, "b");
    judge(v, 0, 0, 7, LEVEL_FINE, "", calm, 22 * S);
    assert_int_equal(shown(v), LEVEL_FINE);
    verdict_free(v);
}

static void nothing_changes_twice_in_ten_seconds(void **state)
{
    (void)state;
    struct verdict *v = verdict_new();
    judge(v, 0, 0, 7, LEVEL_WARN, "a", (struct steadiness){0}, 1 * S);
    assert_int_equal(shown(v), LEVEL_WARN);
    judge(v, 0, 0, 7, LEVEL_CRIT, "c", (struct steadiness){0}, 2 * S);
    assert_int_equal(shown(v), LEVEL_WARN);
    assert_string_equal(verdict_find(v, 0, 0, 7)->words, "c");
    judge(v, 0, 0, 7, LEVEL_CRIT, "c", (struct steadiness){0}, 11 * S);
    assert_int_equal(shown(v), LEVEL_CRIT);
    judge(v, 0, 0, 7, LEVEL_FINE, "", (struct steadiness){0}, 12 * S);
    assert_int_equal(shown(v), LEVEL_CRIT);
    judge(v, 0, 0, 7, LEVEL_FINE, "", (struct steadiness){0}, 21 * S);
    assert_int_equal(shown(v), LEVEL_FINE);
    judge(v, 0, 0, 7, LEVEL_CRIT, "d", (struct steadiness){0}, 22 * S);        /* it flickers */
    assert_int_equal(shown(v), LEVEL_FINE);
    judge(v, 0, 0, 7, LEVEL_CRIT, "d", (struct steadiness){0}, 31 * S);
    assert_int_equal(shown(v), LEVEL_CRIT);
    verdict_free(v);
}

static void old_evidence_holds_what_was_found(void **state)
{
    (void)state;
    struct verdict *v = verdict_new();
    judge(v, 0, 0, 7, LEVEL_CRIT, "a", (struct steadiness){0}, 1 * S);
    verdict_hold(v, 0, 0);
    verdict_changed(v);
    assert_true(verdict_find(v, 0, 0, 7)->held);
    judge(v, 0, 0, 7, LEVEL_CRIT, "a", (struct steadiness){0}, 60 * S);
    assert_false(verdict_find(v, 0, 0, 7)->held);
    assert_true(verdict_changed(v));
    verdict_free(v);
}

static void the_worst_is_first_and_the_swallowed_is_silent(void **state)
{
    (void)state;
    struct verdict *v = verdict_new();
    const struct finding *list[8];
    judge(v, 0, 0, 7, LEVEL_WARN, "old", (struct steadiness){0}, 1 * S);
    judge(v, 1, 0, 0, LEVEL_UNKNOWN, "blind", (struct steadiness){0}, 2 * S);
    judge(v, 2, 0, 0, LEVEL_CRIT, "down", (struct steadiness){0}, 3 * S);
    judge(v, 3, 1, 0, LEVEL_WARN, "other", (struct steadiness){0}, 4 * S);
    assert_int_equal(verdict_list(v, 0, false, list, 8), 3);
    assert_string_equal(list[0]->words, "down");
    assert_string_equal(list[1]->words, "old");
    assert_string_equal(list[2]->words, "blind");
    assert_int_equal(verdict_list(v, -1, false, list, 1), 4);
    verdict_swallow(v, 0, 0, true);
    verdict_swallow(v, 1, 0, true);
    assert_int_equal(verdict_list(v, 0, false, list, 8), 1);
    assert_int_equal(verdict_list(v, 0, true, list, 8), 3);
    assert_int_equal(verdict_worst(v, 1), LEVEL_WARN);
    verdict_free(v);
}

static void subjects_are_limited(void **state)
{
    (void)state;
    struct verdict *v = verdict_new();
    verdict_begin(v, 0, 0);
    for (uint64_t i = 1; i <= 1000; i++)
        verdict_say(v, &(struct judgement){.subject = i, .level = LEVEL_WARN}, (struct steadiness){0}, S);
    verdict_end(v, (struct steadiness){0}, S);
    assert_int_equal(verdict_list(v, 0, true, NULL, 0), VERDICT_SUBJECTS);
    for (int s = 20; s < 60; s += 10)
        judge(v, 0, 0, 0, LEVEL_FINE, "", (struct steadiness){0}, s * S);
    assert_int_equal(verdict_list(v, 0, true, NULL, 0), 0);
    verdict_free(v);
}

/* Whatever is judged, and when: what is shown changes at most once in ten seconds, comes up only after `rise` worse
 * ones in a row, and is there at last when it stays bad. */
static void random_judgements_never_flicker(void **state)
{
    (void)state;
    struct random r = random_start("verdict");
    for (int run = 0; run < 3000; run++) {
        struct verdict *v = verdict_new();
        struct steadiness steady = {random_below(&r, 4), random_below(&r, 4)};
        enum level before = LEVEL_FINE;
        int64_t now = S, changed = -100 * S;
        unsigned worse = 0;
        for (int i = 0; i < 60; i++) {
            enum level level = (enum level)random_below(&r, LEVEL_COUNT_);
            now += (int64_t)random_below(&r, 5000) * 1000;
            worse = level > before ? worse + 1 : 0;
            judge(v, 0, 0, 7, level, "w", steady, now);
            if (random_below(&r, 10) == 0)
                worse = 0, verdict_hold(v, 0, 0);
            if (shown(v) != before) {
                assert_true(now - changed >= VERDICT_QUIET_US);
                assert_true(shown(v) < before || worse >= steady.rise || worse == 0);
                changed = now;
                worse = 0;
            }
            before = shown(v);
        }
        for (int i = 0; i < 8; i++)
            judge(v, 0, 0, 7, LEVEL_CRIT, "w", steady, now += 5 * S);
        assert_int_equal(shown(v), LEVEL_CRIT);
        verdict_free(v);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_takes_judgements_in_a_row),
        cmocka_unit_test(nothing_changes_twice_in_ten_seconds),
        cmocka_unit_test(old_evidence_holds_what_was_found),
        cmocka_unit_test(the_worst_is_first_and_the_swallowed_is_silent),
        cmocka_unit_test(subjects_are_limited),
        cmocka_unit_test(random_judgements_never_flicker),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
