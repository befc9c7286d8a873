/* The line of hints tells the truth: what it offers works on the page, and a key that does nothing says why. */
#include "base/attr.h"
#include "tests/screen/scene.h"
#include "ui/views/list.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct scene *scene_of(const char *page, int rows, int columns, enum text_mode mode)
{
    struct scene *s = scene_new(views, rows, columns, mode, page);
    scene_publish(s, 0, "sessions-mixed", 0.4);
    scene_publish(s, 0, "server", 0.4);
    return s;
}

/* The last line of the screen. */
static const char *hints(struct scene *s)
{
    static char line[512];
    const char *text = scene_text(s), *last = text;
    for (const char *at = text; (at = strchr(at, '\n')) && at[1]; at++)
        last = at + 1;
    snprintf(line, sizeof(line), "%.*s", (int)strcspn(last, "\n"), last);
    return line;
}

static void expect_hint(struct scene *s, const char *hint)
{
    if (!strstr(hints(s), hint))
        fail_msg("\"%s\" is no hint:\n%s", hint, scene_text(s));
}

static void expect_no_hint(struct scene *s, const char *hint)
{
    if (strstr(hints(s), hint))
        fail_msg("\"%s\" is a hint:\n%s", hint, scene_text(s));
}

static void dead_keys_say_so(void **state)
{
    (void)state;
    static const char *const keys[] = {"/", "s", "c", "y", "m", "v", "I", "<", ">", "n", "N", "F", "w", "z",
                                       "C-\\", "\\", "l", "h", "("};
    for (size_t i = 0; i < COUNT_OF(keys); i++) {
        struct scene *s = scene_of("overview", 24, 80, TEXT_UTF8);
        scene_keys(s, keys[i]);
        scene_expect(s, "means nothing");
        scene_free(s);
    }
}

static void no_page_hints_at_what_it_has_not(void **state)
{
    (void)state;
    struct scene *s = scene_of("overview", 24, 120, TEXT_UTF8);
    expect_hint(s, "⏎ open");
    expect_no_hint(s, "filter");
    expect_no_hint(s, "sort");
    expect_no_hint(s, "columns");
    scene_keys(s, ":");
    scene_type(s, "sort");
    scene_expect_not(s, "Chooses the column that sorts the rows.");
    scene_keys(s, "Esc 2 } } }");       /* the pooler has no sessions: a sentence is drawn instead */
    scene_keys(s, ":");
    scene_type(s, "sessions @pooler");
    scene_keys(s, "Enter");
    scene_expect(s, "The page sessions is of PostgreSQL servers");
    expect_no_hint(s, "filter");
    scene_keys(s, "/");
    scene_expect(s, "means nothing");
    scene_free(s);
}

static void the_way_out_of_nowhere_is_said(void **state)
{
    (void)state;
    struct scene *s = scene_of("overview", 24, 80, TEXT_UTF8);
    scene_keys(s, "Esc");
    scene_expect(s, "This is the first page: q leaves the program.");
    scene_keys(s, "L L");
    scene_expect(s, "This page is open already");
    scene_free(s);
}

static void a_row_in_full_has_its_own_hints(void **state)
{
    (void)state;
    struct scene *s = scene_of("sessions", 24, 120, TEXT_UTF8);
    expect_hint(s, "⏎ open");
    expect_hint(s, "i idle");
    scene_keys(s, "Enter");
    static const char *const of_lists[] = {"open", "idle", "background", "filter", "sort", "columns"};
    for (size_t i = 0; i < COUNT_OF(of_lists); i++)
        expect_no_hint(s, of_lists[i]);
    expect_hint(s, "Esc back");
    expect_hint(s, "j down");
    expect_hint(s, "y copy");
    scene_keys(s, "s");
    scene_expect(s, "This is one row in full: Esc goes back to the table.");
    scene_keys(s, "Esc");
    expect_hint(s, "⏎ open");
    scene_free(s);
}

static void the_smallest_screen_tells_how_to_leave(void **state)
{
    (void)state;
    for (int i = 0; views[i]; i++)
        for (int ascii = 0; ascii < 2; ascii++) {
            struct scene *s = scene_of(views[i]->name, 5, 20, ascii ? TEXT_ASCII : TEXT_UTF8);
            expect_hint(s, i == 0 || views[i]->home ? "q quit" : "q back");
            scene_free(s);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dead_keys_say_so),
        cmocka_unit_test(no_page_hints_at_what_it_has_not),
        cmocka_unit_test(the_way_out_of_nowhere_is_said),
        cmocka_unit_test(a_row_in_full_has_its_own_hints),
        cmocka_unit_test(the_smallest_screen_tells_how_to_leave),
    };
    if (!setlocale(LC_CTYPE, "C.UTF-8"))
        return 99;
    setenv("TZ", "UTC", 1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
