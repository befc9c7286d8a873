/* The console as a person meets it: the real program, in a real terminal, on real servers. Pages and keys. */
#include "tests/pty/console.h"
#include "tests/pty/visit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct lab *lab;

static int start_lab(void **state)
{
    (void)state;
    lab = lab_start((const char *const[]){"--sessions", "20", NULL});
    return lab ? 0 : -1;
}

static int stop_lab(void **state)
{
    (void)state;
    lab_stop(lab);
    return 0;
}

static void the_first_screen_has_data(void **state)
{
    (void)state;
    struct pty *p = visit(lab, "primary");
    assert_true(pty_find(p, "PRIMARY", NULL, NULL));
    assert_true(pty_mode(p, 1049));
    assert_int_equal(visit_leave(p), 0);
}

static void pages_are_reached_by_name_number_and_tab(void **state)
{
    (void)state;
    static const char *const ways[] = {":sessions<Enter>", "2", "<Tab>"};
    for (size_t i = 0; i < COUNT_OF(ways); i++) {
        struct pty *p = visit(lab, "primary");
        pty_send(p, ways[i]);
        assert_true(pty_wait_regex(p, "pid.*user", PATIENCE));
        assert_int_equal(visit_leave(p), 0);
    }
}

static void escape_goes_back_and_never_quits(void **state)
{
    (void)state;
    struct pty *p = visit_sessions(lab);
    pty_send(p, "?");
    assert_true(pty_wait(p, "Moving", PATIENCE));
    pty_send(p, "<Esc>");
    assert_true(pty_wait_gone(p, "Moving", PATIENCE));
    for (int i = 0; i < 5; i++) {
        pty_send(p, "<Esc>");
        pty_settle(p, 60);
    }
    assert_true(pty_running(p));
    assert_true(pty_find(p, "PRIMARY", NULL, NULL));
    assert_int_equal(visit_leave(p), 0);
}

static void q_leaves_from_the_first_page(void **state)
{
    (void)state;
    struct pty *p = visit_sessions(lab);
    int status;
    pty_send(p, "q");
    pty_settle(p, 200);
    assert_true(pty_running(p));
    pty_send(p, "q");
    assert_true(pty_wait_exit(p, 1000, &status));
    assert_int_equal(status, 0);
    assert_true(pty_restored(p));
    pty_free(p);
}

static void a_filter_narrows_and_is_cleared(void **state)
{
    (void)state;
    struct pty *p = visit_sessions(lab);
    pty_send(p, "/nobody-is-called-this<Enter>");
    assert_true(pty_wait_regex(p, "(^|[^0-9])0/[0-9]+", PATIENCE));
    pty_send(p, "<Esc>");
    assert_true(pty_wait_gone(p, "0/", PATIENCE));
    assert_int_equal(visit_leave(p), 0);
}

static int cursor_row(struct pty *p)
{
    int row, col;
    pty_cursor(p, &row, &col);
    return row;
}

static void the_cursor_sits_on_the_selected_row(void **state)
{
    (void)state;
    struct pty *p = visit_sessions(lab);
    pty_send(p, "<Home>");
    assert_true(pty_wait_quiet(p, 50, PATIENCE));
    int first = cursor_row(p);
    assert_true(pty_cursor_shown(p));
    pty_send(p, "jj");
    assert_true(pty_wait_quiet(p, 50, PATIENCE));
    assert_int_equal(cursor_row(p), first + 2);
    pty_send(p, "<Up>");
    assert_true(pty_wait_quiet(p, 50, PATIENCE));
    assert_int_equal(cursor_row(p), first + 1);
    assert_int_equal(visit_leave(p), 0);
}

static void the_mouse_selects_and_can_be_given_back(void **state)
{
    (void)state;
    struct pty *p = visit_sessions(lab);
    pty_send(p, "<Home>");
    assert_true(pty_wait_quiet(p, 50, PATIENCE));
    int first = cursor_row(p);
    char click[40];
    snprintf(click, sizeof(click), "<Click:%d,10>", first + 4);
    pty_send(p, click);
    assert_true(pty_wait_quiet(p, 50, PATIENCE));
    assert_int_equal(cursor_row(p), first + 4);
    assert_true(pty_mode(p, 1000) || pty_mode(p, 1002));
    pty_send(p, "M");
    pty_settle(p, 200);
    assert_false(pty_mode(p, 1000) || pty_mode(p, 1002));
    assert_int_equal(visit_leave(p), 0);
}

static void pause_stops_the_bytes(void **state)
{
    (void)state;
    struct pty *p = visit_sessions(lab);
    pty_send(p, "<Space>");
    assert_true(pty_wait_regex(p, "[Pp][Aa][Uu][Ss][Ee]", PATIENCE));
    assert_true(pty_wait_quiet(p, 300, PATIENCE));
    size_t mark = pty_mark(p), n;
    pty_settle(p, 500);
    pty_bytes(p, mark, &n);
    assert_in_range(n, 0, 64); /* no more than a clock */
    assert_int_equal(visit_leave(p), 0);
}

static void a_paste_is_no_command(void **state)
{
    (void)state;
    struct pty *p = visit_sessions(lab);
    pty_send(p, "<Paste>qQq:q<Enter>y<C-c></Paste>");
    pty_settle(p, 500);
    assert_true(pty_running(p));
    assert_int_equal(visit_leave(p), 0);
}

static void a_password_is_asked_for_without_echo(void **state)
{
    (void)state;
    struct pty *p = console_on(lab_conninfo(lab, "primary_password"));
    assert_true(pty_wait_regex(p, "[Pp]assword", PATIENCE));
    pty_send(p, lab_password(lab));
    pty_settle(p, 200);
    assert_false(pty_find(p, lab_password(lab), NULL, NULL));
    pty_send(p, "<Enter>");
    assert_true(console_wait_data(p, PATIENCE));
    size_t n;
    const char *bytes = pty_bytes(p, 0, &n);
    assert_null(memmem(bytes, n, lab_password(lab), strlen(lab_password(lab))));
    assert_int_equal(visit_leave(p), 0);
}

/* An argument chooses tests by name, with * and ?. */
int main(int argc, char **argv)
{
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_screen_has_data),
        cmocka_unit_test(pages_are_reached_by_name_number_and_tab),
        cmocka_unit_test(escape_goes_back_and_never_quits),
        cmocka_unit_test(q_leaves_from_the_first_page),
        cmocka_unit_test(a_filter_narrows_and_is_cleared),
        cmocka_unit_test(the_cursor_sits_on_the_selected_row),
        cmocka_unit_test(the_mouse_selects_and_can_be_given_back),
        cmocka_unit_test(pause_stops_the_bytes),
        cmocka_unit_test(a_paste_is_no_command),
        cmocka_unit_test(a_password_is_asked_for_without_echo),
    };
    return cmocka_run_group_tests(tests, start_lab, stop_lab);
}
