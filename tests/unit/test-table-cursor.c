/* Where the cursor stands before anybody has moved it, what rows do under a prompt, and how names are sorted. */
#include "base/attr.h"
#include "ui/widgets/table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const struct column columns[] = {
    {"id", "id", TYPE_INT, ROLE_KEY, UNIT_NONE, 0, 0, "Which."},
    {"n", "n", TYPE_INT, ROLE_GAUGE, UNIT_COUNT, 0, 1, "How many."},
};
static const struct schema schema = {"things", COUNT_OF(columns), columns};
static const struct table_form form = {.sort = "n", .descending = true};

/* One row for each letter: "a5 b3" is a with 5 and b with 3. */
static void take(struct table *t, const char *rows)
{
    struct frame_builder *b = frame_build(&schema);
    for (const char *at = rows; *at; at += at[2] ? 3 : 2) {
        frame_build_row(b);
        frame_build_int(b, 0, at[0]);
        frame_build_int(b, 1, at[1] - '0');
    }
    struct frame *f = frame_seal(b, &(struct frame_head){.status = FRAME_OK});
    table_take(t, f, NULL, 0);
    frame_unref(f);
}

/* The letters in their order, the selected one in brackets. */
static const char *order_of(const struct table *t)
{
    static char text[64];
    char *out = text;
    for (uint32_t i = 0; i < table_shown(t); i++) {
        char id = (char)frame_cell(table_sheet(t), table_row_at(t, i), 0)->i;
        out += sprintf(out, i == table_place(t) ? "[%c]" : "%c", id);
    }
    *out = '\0';
    return text;
}

static void the_cursor_waits_on_the_first_row(void **state)
{
    (void)state;
    struct table *t = table_new(&form, &schema, NULL);
    take(t, "a5 b3 c1");
    assert_string_equal(order_of(t), "[a]bc");
    take(t, "a1 b3 c5");
    assert_string_equal(order_of(t), "[c]ba");
    take(t, "d9 a1 b3");
    assert_string_equal(order_of(t), "[d]ba");
    table_sort(t, 1, false);
    assert_string_equal(order_of(t), "[a]bd");
    table_free(t);
}

static void once_moved_it_follows_its_row(void **state)
{
    (void)state;
    struct table *t = table_new(&form, &schema, NULL);
    take(t, "a5 b3 c1");
    table_move(t, 1);
    take(t, "a5 b9 c1");
    assert_string_equal(order_of(t), "[b]ac");
    take(t, "a5 b0 c1");
    assert_string_equal(order_of(t), "ac[b]");
    table_free(t);
    t = table_new(&form, &schema, NULL);
    take(t, "a5 b3 c1");
    table_hold(t);                  /* opened, without a move */
    take(t, "a2 b3 c1");
    assert_string_equal(order_of(t), "b[a]c");
    table_free(t);
}

static void rows_keep_their_places_under_a_prompt(void **state)
{
    (void)state;
    struct table *t = table_new(&form, &schema, NULL);
    take(t, "a5 b3 c1");
    table_freeze(t, true);
    take(t, "a1 b3 c5");
    assert_string_equal(order_of(t), "[a]bc");
    take(t, "e7 c5 d9 a1");         /* b is gone; the new ones stand behind, in their own order */
    assert_string_equal(order_of(t), "[a]cde");
    table_freeze(t, false);
    assert_string_equal(order_of(t), "[d]eca");
    table_move_to(t, 2);
    table_freeze(t, true);
    take(t, "e1 c2 d3 a4");
    assert_string_equal(order_of(t), "de[c]a");
    table_freeze(t, false);
    assert_string_equal(order_of(t), "ad[c]e");
    table_free(t);
}

static const struct column name_columns[] = {
    {"name", "name", TYPE_TEXT, ROLE_KEY, UNIT_NONE, 0, 0, "Name."},
};
static const struct schema name_schema = {"names", COUNT_OF(name_columns), name_columns};
static const struct table_form by_name = {.sort = "name"};

/* Names in the order of the table, each with a blank behind it. */
static const char *names_in_order(const char *const *names, size_t n)
{
    static char text[200];
    struct frame_builder *b = frame_build(&name_schema);
    for (size_t i = 0; i < n; i++) {
        frame_build_row(b);
        frame_build_text(b, 0, names[i], strlen(names[i]));
    }
    struct frame *f = frame_seal(b, &(struct frame_head){.status = FRAME_OK});
    struct table *t = table_new(&by_name, &name_schema, NULL);
    table_take(t, f, NULL, 0);
    text[0] = '\0';
    for (uint32_t i = 0; i < table_shown(t); i++) {
        strcat(text, frame_text(f, table_row_at(t, i), 0).bytes);
        strcat(text, " ");
    }
    table_free(t);
    frame_unref(f);
    return text;
}

static void numbers_in_names_count(void **state)
{
    static const char *const names[] = {"g10", "g9", "G1", "g", "10", "9", "a2b10", "a2b9", "a02b1", "x-000", "x-0", "x-00a"};
    (void)state;
    assert_string_equal(names_in_order(names, COUNT_OF(names)), "9 10 a02b1 a2b9 a2b10 g G1 g9 g10 x-000 x-0 x-00a ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_cursor_waits_on_the_first_row),
        cmocka_unit_test(once_moved_it_follows_its_row),
        cmocka_unit_test(rows_keep_their_places_under_a_prompt),
        cmocka_unit_test(numbers_in_names_count),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
