/* The first line of the screen, where there is little room for what it has to say. */
#include "tests/screen/pages.h"

#include "base/attr.h"
#include "base/clock.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* However long a name is, the header says what the server is. */
static void a_long_name_leaves_the_role(void **state)
{
    (void)state;
    struct scene *s = pages_start(24, 80);
    store_add_target(s->store, "the-warehouse-of-all-warehouses-in-the-northern-region-number-7", NULL, "prod");
    scene_keys(s, "{");
    scene_expect(s, " the-warehouse-of");
    scene_expect(s, "… · ?");
    scene_expect(s, "PROD");
    scene_expect(s, "VIEW");
    pages_end(s);
}

/* However short the line is, it says that nobody knows who is at its other end, and how old all is. */
static void a_short_line_keeps_its_alarm_and_age(void **state)
{
    (void)state;
    struct scene *s = pages_start(5, 20);
    struct facts facts = {.known = true, .trust = TRUST_UNVERIFIED, .version_text = strdup("15.20")};
    int target = store_add_target(s->store, "shop-primary-01", NULL, "prod");
    store_set_timing(s->store, target, store_find_topic(s->store, "sessions"),
                     &(struct timing){.interval_us = 2 * US_PER_S, .deadline_us = 250 * US_PER_MS});
    store_set_facts(s->store, target, &facts);
    scene_link(s, target, LINK_UP, 60, "");
    scene_publish(s, target, "sessions", 0);
    scene_keys(s, "{");
    for (int age = 0; age < 2; age++) {
        ui_resize(s->ui, 5, 20);
        scene_golden(s, age ? "unverified-stale-20x5" : "unverified-20x5");
        for (int columns = 20; columns <= 80; columns++) {
            ui_resize(s->ui, 5, columns);
            scene_expect(s, age ? " STALE 12 s\n" : " age <3 s\n");
            scene_expect(s, columns < (age ? 23 : 21) ? "!TLS  " : "unverified  ");
        }
        scene_wait(s, 12);
    }
    ui_resize(s->ui, 5, 20);
    scene_keys(s, "Space");
    scene_wait(s, 3600);
    scene_expect(s, "!   PAUSED 1 h 00");
    pages_end(s);
}

/* With two sessions hanging there nothing is tried until one has ended: the words say so, and nothing else may. */
static void who_may_not_try_does_not_say_so(void **state)
{
    (void)state;
    struct scene *s = pages_start(24, 160);
    int target = store_add_target(s->store, "frozen", NULL, NULL);
    struct link link = {.state = LINK_WAITING, .since_us = s->now_us - 30 * US_PER_S, .next_us = s->now_us - 20 * US_PER_S,
                        .failures = 2, .lingering = 2, .words = "there will be no third"};
    store_set_link(s->store, target, &link);
    scene_keys(s, "{");
    scene_expect(s, "not connected for 30 s: there will be no third");
    link.lingering = 1;
    store_set_link(s->store, target, &link);
    scene_expect(s, "not connected for 30 s, trying now: there will be no third");
    pages_end(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_long_name_leaves_the_role),
        cmocka_unit_test(a_short_line_keeps_its_alarm_and_age),
        cmocka_unit_test(who_may_not_try_does_not_say_so),
    };
    if (!setlocale(LC_CTYPE, "C.UTF-8"))
        return 99;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
