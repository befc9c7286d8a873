/* Frames: what was put in comes out, and nothing else is known. */
#include "model/frame.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const struct column columns[] = {
    {"pid", "pid", TYPE_INT, ROLE_KEY, UNIT_NONE, 0, 0, "Process."},
    {"name", "name", TYPE_TEXT, ROLE_LABEL, UNIT_NONE, 0, 0, "Name."},
    {"age", "age", TYPE_REAL, ROLE_GAUGE, UNIT_SECONDS, 0, 0, "Age."},
};
static const struct schema schema = {"people", 3, columns};

static struct frame *two_rows(int64_t second_pid)
{
    struct frame_builder *b = frame_build(&schema);
    frame_build_row(b);
    frame_build_int(b, 0, 7);
    frame_build_text(b, 1, "ada\0x", 5);
    frame_build_real(b, 2, 1.5);
    frame_build_row(b);
    frame_build_int(b, 0, second_pid);
    frame_build_real(b, 2, NAN);
    return frame_seal(b, &(struct frame_head){.note = "hello", .nfound = 9, .sqlstate = "42501"});
}

static void cells_keep_their_values(void **state)
{
    (void)state;
    struct frame *f = two_rows(8);
    assert_int_equal(f->nrows, 2);
    assert_int_equal(f->nfound, 9);
    assert_string_equal(f->note, "hello");
    assert_string_equal(f->sqlstate, "42501");
    assert_int_equal(frame_cell(f, 0, 0)->i, 7);
    assert_int_equal(frame_text(f, 0, 1).len, 5);
    assert_memory_equal(frame_text(f, 0, 1).bytes, "ada\0x", 5);
    assert_true(frame_number(f, 0, 2) == 1.5);
    frame_unref(f);
}

static void what_was_not_set_is_unknown(void **state)
{
    (void)state;
    struct frame *f = two_rows(8);
    assert_false(frame_cell(f, 1, 1)->known);
    assert_int_equal(frame_text(f, 1, 1).len, 0);
    assert_false(frame_cell(f, 1, 2)->known);
    assert_true(isnan(frame_number(f, 1, 2)));
    frame_unref(f);
}

static void keys_tell_rows_apart(void **state)
{
    (void)state;
    struct frame *f = two_rows(8), *g = two_rows(9);
    assert_true(frame_same_key(f, 0, g, 0));
    assert_false(frame_same_key(f, 1, g, 1));
    assert_true(frame_key_hash(f, 0) == frame_key_hash(g, 0));
    assert_true(frame_key_hash(f, 1) != frame_key_hash(g, 1));
    frame_unref(f);
    frame_unref(g);
}

static void copied_rows_are_equal(void **state)
{
    (void)state;
    struct frame *f = two_rows(8);
    struct frame_builder *b = frame_build(&schema);
    frame_build_copy(b, f, 1);
    frame_build_copy(b, f, 0);
    struct frame *g = frame_seal(b, &(struct frame_head){.status = FRAME_OK});
    assert_true(frame_same_key(f, 0, g, 1));
    assert_memory_equal(frame_text(g, 1, 1).bytes, "ada\0x", 5);
    assert_false(frame_cell(g, 0, 1)->known);
    frame_unref(f);
    frame_unref(g);
}

static void cells_are_found_by_name(void **state)
{
    (void)state;
    struct frame *f = two_rows(8);
    assert_true(frame_named_number(f, 1, "pid") == 8 && frame_named_number(f, 0, "age") == 1.5);
    assert_int_equal(frame_named_text(f, 0, "name").len, 5);
    assert_true(isnan(frame_named_number(f, 1, "age")) && isnan(frame_named_number(f, 0, "name")));
    assert_true(isnan(frame_named_number(f, 2, "pid")) && isnan(frame_named_number(f, 0, "nosuch")));
    assert_true(isnan(frame_named_number(NULL, 0, "pid")) && isnan(frame_named_sum(NULL, "pid")));
    assert_int_equal(frame_named_text(f, 0, "pid").len + frame_named_text(f, 2, "name").len, 0);
    assert_false(frame_says(f, 0, "name", "ada"));
    assert_true(frame_says(f, 1, "name", "") && frame_says(NULL, 0, "name", ""));
    assert_true(frame_named_sum(f, "pid") == 15 && frame_named_sum(f, "age") == 1.5 && isnan(frame_named_sum(f, "name")));
    frame_unref(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cells_keep_their_values),
        cmocka_unit_test(cells_are_found_by_name),
        cmocka_unit_test(what_was_not_set_is_unknown),
        cmocka_unit_test(keys_tell_rows_apart),
        cmocka_unit_test(copied_rows_are_equal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
