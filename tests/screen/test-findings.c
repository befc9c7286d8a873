/* Findings on the screen: the overview that opens with them, and the page that says why. The real rules judge the
 * recorded frames. */
#include "rules/list.h"
#include "tests/screen/scene.h"
#include "ui/views/list.h"

#include "base/attr.h"
#include "base/clock.h"
#include "model/shape.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static bool is_known(const struct scene *s, const struct rule *rule, int target)
{
    for (int i = 0; rule->reads && rule->reads[i]; i++)
        if (!store_sight(s->store, target, store_find_topic(s->store, rule->reads[i]), s->now_us).good)
            return false;
    return !rule->kind || rule->kind == store_target(s->store, target)->facts.kind;
}

/* As the engine does. */
static void judge(struct scene *s, int target)
{
    struct verdict *v = store_verdict_book(s->store);
    struct cluster_shape shape = shape_look(s->store, s->now_us);
    for (int i = 0; rule_table[i]; i++) {
        struct rule_context c = {.store = s->store, .target = target, .is = store_target(s->store, target),
                                 .now_us = s->now_us, .shape = &shape, .rule = i, .verdict = v};
        if (store_rules(s->store) == i)
            store_add_rule(s->store, &rule_table[i]->is);
        verdict_begin(v, i, target);
        if (is_known(s, rule_table[i], target))
            rule_table[i]->judge(&c);
        verdict_end(v, c.steady, s->now_us);
    }
    cluster_shape_free(&shape);
    store_judged(s->store, target);
}

static struct scene *trouble(const char *page, int rows, int columns, enum text_mode mode)
{
    static const char *const topics[] = {"sessions-mixed", "server", "replication", "queues"};
    struct scene *s = scene_new(views, rows, columns, mode, page);
    for (size_t i = 0; i < COUNT_OF(topics); i++)
        scene_publish(s, 0, topics[i], 0.4);
    judge(s, 0);
    scene_wait(s, 1.5);
    return s;
}

static const struct {
    int rows, columns;
    enum text_mode mode;
    const char *name;
} sizes[] = {
    {24, 80, TEXT_UTF8, "80x24"},           {40, 120, TEXT_UTF8, "120x40"},
    {60, 200, TEXT_UTF8, "200x60"},         {12, 40, TEXT_UTF8, "40x12"},
    {24, 80, TEXT_ASCII, "80x24-ascii"},    {12, 40, TEXT_ASCII, "40x12-ascii"},
};

static void found_at_every_size(void **state)
{
    (void)state;
    static const char *const pages[] = {"overview", "why"};
    for (size_t page = 0; page < COUNT_OF(pages); page++)
        for (size_t i = 0; i < COUNT_OF(sizes); i++) {
            char name[80];
            struct scene *s = trouble(pages[page], sizes[i].rows, sizes[i].columns, sizes[i].mode);
            snprintf(name, sizeof(name), "found-%s-%s", pages[page], sizes[i].name);
            scene_golden(s, name);
            scene_free(s);
        }
}

/* ---- findings of our own choice ---- */

static int rule_of(const char *name)
{
    for (int i = 0; rule_table[i]; i++)
        if (strcmp(rule_table[i]->is.name, name) == 0)
            return i;
    fail_msg("there is no rule %s", name);
    return -1;
}

static void say(struct scene *s, const char *rule, enum level level, const char *words, const char *filter)
{
    struct judgement j = {.subject = 1, .level = level};
    struct verdict *v = store_verdict_book(s->store);
    while (store_rules(s->store) == 0)
        for (int i = 0; rule_table[i]; i++)
            store_add_rule(s->store, &rule_table[i]->is);
    buf_puts(&j.words, words);
    buf_puts(&j.filter, filter);
    verdict_begin(v, rule_of(rule), 0);
    verdict_say(v, &j, (struct steadiness){0}, s->now_us);
    verdict_end(v, (struct steadiness){0}, s->now_us);
    store_judged(s->store, 0);
    buf_free(&j.words);
    buf_free(&j.filter);
}

static struct scene *three(const char *page)
{
    struct scene *s = scene_new(views, 24, 80, TEXT_UTF8, page);
    scene_publish(s, 0, "sessions-mixed", 0.4);
    scene_publish(s, 0, "replication", 0.4);
    say(s, "blocked", LEVEL_CRIT, "sessions wait behind one", "pid=4711|blocked_by!=null");
    say(s, "lag", LEVEL_WARN, "a standby lags", "");
    say(s, "archiving", LEVEL_WARN, "nothing is archived", "");
    scene_expect(s, "nothing is archived");     /* drawn before the first key, as for people */
    return s;
}

static void enter_opens_what_proves_it(void **state)
{
    (void)state;
    static const char *const pages[] = {"overview", "why"};
    for (size_t i = 0; i < COUNT_OF(pages); i++) {
        struct scene *s = three(pages[i]);
        scene_expect(s, "▸‼ sessions wait behind one");
        scene_keys(s, "Enter");
        scene_expect(s, "filter: pid=4711");
        scene_expect(s, "sessions ─");
        scene_expect(s, "▸ ‼ 4711");
        scene_keys(s, "Esc Esc");       /* the filter, then the page */
        scene_expect(s, "▸‼ sessions wait behind one");
        scene_keys(s, "Down Enter");
        scene_expect(s, "› replication");
        scene_free(s);
    }
}

/* What is of several servers is proved by the page of all of them, and Esc comes back. */
static void a_split_brain_opens_the_tree(void **state)
{
    (void)state;
    struct scene *s = scene_new(views, 24, 80, TEXT_UTF8, "overview");
    say(s, "split_brain", LEVEL_CRIT, "split brain: primary and other both take writes", "");
    scene_expect(s, "▸‼ split brain");
    scene_keys(s, "Enter");
    scene_expect(s, "› topology");
    scene_expect(s, "cluster of primary");
    scene_keys(s, "Esc");
    scene_expect(s, "▸‼ split brain");
    scene_free(s);
}

static void the_selection_stays_on_its_finding(void **state)
{
    (void)state;
    static const char *const pages[] = {"overview", "why"};
    for (size_t i = 0; i < COUNT_OF(pages); i++) {
        struct scene *s = three(pages[i]);
        scene_keys(s, "Down Down");
        scene_expect(s, "▸! nothing is archived");
        scene_wait(s, 11);
        say(s, "archiving", LEVEL_CRIT, "nothing at all is archived", "");
        say(s, "split_brain", LEVEL_CRIT, "two primaries", "");
        say(s, "lag", LEVEL_FINE, "", "");
        scene_expect(s, "▸‼ nothing at all is archived");
        scene_keys(s, "Up");
        scene_expect(s, "▸‼ sessions wait behind one");
        scene_free(s);
    }
}

/* When the selected one goes, another takes its place; when all go, the page says so. */
static void the_selection_survives_its_finding(void **state)
{
    (void)state;
    struct scene *s = three("overview");
    scene_keys(s, "Down");
    scene_expect(s, "▸! a standby lags");
    scene_wait(s, 11);
    say(s, "lag", LEVEL_FINE, "", "");
    scene_expect(s, "▸! nothing is archived");
    say(s, "archiving", LEVEL_FINE, "", "");
    scene_expect(s, "▸‼ sessions wait behind one");
    say(s, "blocked", LEVEL_FINE, "", "");
    scene_expect_not(s, "sessions wait behind one");
    scene_keys(s, ":");
    scene_type(s, "why");
    scene_keys(s, "Enter");
    scene_expect(s, "Nothing is found to be wrong here.");
    scene_free(s);
}

static void why_shows_what_is_old_and_what_follows(void **state)
{
    (void)state;
    struct scene *s = three("overview");
    struct verdict *v = store_verdict_book(s->store);
    store_choose_rule(s->store, -1, rule_of("lag"), false, "https://wiki.example/lag\x1b[2J");
    verdict_swallow(v, rule_of("lag"), 0, true);
    verdict_hold(v, rule_of("archiving"), 0);
    store_judged(s->store, 0);
    scene_expect_not(s, "a standby lags");
    scene_expect(s, " = nothing is archived");
    scene_keys(s, ":");
    scene_type(s, "why");
    scene_keys(s, "Enter Down");
    scene_expect(s, "▸! a standby lags");
    scene_expect(s, "it follows from what is above");
    scene_expect(s, "To do: Look at its disks");
    scene_expect(s, "Rule: lag");
    scene_expect(s, "Runbook: https://wiki.example/lag\\x1b[2J");
    scene_keys(s, "Down");
    scene_expect(s, "what proves it is too old");
    scene_expect_not(s, "Runbook");
    scene_keys(s, "Up Up");
    scene_expect(s, "critical for 0");
    scene_free(s);
}

static void hostile_words_stay_words(void **state)
{
    (void)state;
    struct scene *s = scene_new(views, 24, 80, TEXT_UTF8, "overview");
    say(s, "blocked", LEVEL_CRIT, "waits behind \x1b[2J\x9b\xe2\x80\xae", "");
    scene_expect(s, "waits behind \\x1b[2J");
    scene_keys(s, ":");
    scene_type(s, "why");
    scene_keys(s, "Enter");
    scene_expect(s, "waits behind \\x1b[2J");
    scene_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(found_at_every_size),
        cmocka_unit_test(enter_opens_what_proves_it),
        cmocka_unit_test(a_split_brain_opens_the_tree),
        cmocka_unit_test(the_selection_stays_on_its_finding),
        cmocka_unit_test(the_selection_survives_its_finding),
        cmocka_unit_test(why_shows_what_is_old_and_what_follows),
        cmocka_unit_test(hostile_words_stay_words),
    };
    if (!setlocale(LC_ALL, "C.UTF-8"))
        return 99;
    setenv("TZ", "UTC", 1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
