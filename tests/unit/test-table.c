/* The table: order, identity, marks and drawing, by seeded random rows that come, go and change. */
#include "base/clock.h"
#include "tests/unit/random.h"
#include "ui/widgets/table.h"

#include <locale.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { ID, NAME, COUNT, AGE, PARENT, COLUMNS };

static const struct column columns[] = {
    [ID] = {"id", "id", TYPE_INT, ROLE_KEY, UNIT_NONE, 5, 0, "Id."},
    [NAME] = {"name", "name", TYPE_TEXT, ROLE_LABEL, UNIT_NONE, 0, 20, "Name."},
    [COUNT] = {"n", "n", TYPE_INT, ROLE_GAUGE, UNIT_COUNT, 0, 30, "Count."},
    [AGE] = {"age_s", "age", TYPE_REAL, ROLE_GAUGE, UNIT_SECONDS, 0, 40, "Age."},
    [PARENT] = {"parent", "parent", TYPE_INT, ROLE_LABEL, UNIT_NONE, 0, 50, "Parent."},
};
static const struct schema schema = {"things", COLUMNS, columns};

static const struct table_form flat = {.sort = "n", .descending = true};

/* ---- a small world of rows ---- */

enum { MOST = 60 };

struct thing {
    int64_t id, n, parent;
    double age;
    char name[24];
    bool has_n, has_age;
};

struct world {
    struct random random;
    struct thing things[MOST];
    int count;
    int64_t next_id;
};

static unsigned rnd(struct world *w, unsigned below)
{
    return random_below(&w->random, below);
}

/* Names as a hostile client would choose them. */
static void hostile_name(struct world *w, char *out, size_t size)
{
    static const char *const parts[] = {"\x1b[31m", "\xe2\x80\xae",
                                        "中",       "e\xcc\x81\xcc\x81\xcc\x81\xcc\x81",
                                        "\xff",     "a",
                                        "B",        " ",
                                        "\n",       "\t",
                                        "\xc2\x9b", "%s",
                                        "|"};
    out[0] = '\0';
    for (unsigned i = 0, n = rnd(w, 4); i < n; i++) {
        const char *part = parts[rnd(w, sizeof(parts) / sizeof(parts[0]))];
        if (strlen(out) + strlen(part) + 1 < size)
            strcat(out, part);
    }
}

static void change(struct world *w, struct thing *t)
{
    t->n = rnd(w, 8);
    t->has_n = rnd(w, 5) > 0;
    t->age = rnd(w, 100000) / 7.0;
    t->has_age = rnd(w, 5) > 0;
    t->parent = w->next_id > 0 ? (int64_t)rnd(w, (unsigned)w->next_id + 2) : 0;
    hostile_name(w, t->name, sizeof(t->name));
}

static void insert(struct world *w)
{
    if (w->count == MOST)
        return;
    struct thing *t = &w->things[w->count++];
    t->id = w->next_id++;
    change(w, t);
}

static void drop(struct world *w, int at)
{
    w->count--;
    w->things[at] = w->things[w->count];
}

static void shuffle(struct world *w)
{
    for (int i = w->count - 1; i > 0; i--) {
        int k = (int)rnd(w, (unsigned)i + 1);
        struct thing swap = w->things[i];
        w->things[i] = w->things[k];
        w->things[k] = swap;
    }
}

static void turn(struct world *w)
{
    for (unsigned i = rnd(w, 3); i > 0; i--)
        insert(w);
    for (unsigned i = rnd(w, 3); i > 0 && w->count > 0; i--)
        drop(w, (int)rnd(w, (unsigned)w->count));
    for (unsigned i = rnd(w, 6); i > 0 && w->count > 0; i--)
        change(w, &w->things[rnd(w, (unsigned)w->count)]);
    if (rnd(w, 40) == 0)
        w->count = 0;
    shuffle(w);
}

static struct frame *frame_of(const struct world *w)
{
    struct frame_builder *b = frame_build(&schema);
    for (int i = 0; i < w->count; i++) {
        const struct thing *t = &w->things[i];
        frame_build_row(b);
        frame_build_int(b, ID, t->id);
        frame_build_text(b, NAME, t->name, strlen(t->name));
        frame_build_int(b, PARENT, t->parent);
        if (t->has_n)
            frame_build_int(b, COUNT, t->n);
        if (t->has_age)
            frame_build_real(b, AGE, t->age);
    }
    return frame_seal(b, &(struct frame_head){.status = FRAME_OK, .taken_us = 1});
}

/* ---- what must hold ---- */

static int64_t id_of(const struct table *t, uint32_t row)
{
    return frame_cell(table_sheet(t), row, ID)->i;
}

static int64_t selected_id(const struct table *t)
{
    uint32_t row;
    return table_selected(t, &row) ? id_of(t, row) : -1;
}

static void check_order(const struct table *t, int column, bool descending)
{
    for (uint32_t i = 1; i < table_shown(t); i++) {
        uint32_t a = table_row_at(t, i - 1), b = table_row_at(t, i);
        double x = frame_number(table_sheet(t), a, column), y = frame_number(table_sheet(t), b, column);
        assert_false(isnan(x) && !isnan(y));
        if (isnan(y) || x == y) {
            if (isnan(x) == isnan(y))
                assert_true(id_of(t, a) < id_of(t, b));
            continue;
        }
        assert_true(descending ? x > y : x < y);
    }
}

struct places {
    int64_t ids[MOST];
    uint32_t n, at;
};

static struct places remember(const struct table *t)
{
    struct places p = {.n = table_shown(t), .at = table_place(t)};
    for (uint32_t i = 0; i < p.n; i++)
        p.ids[i] = id_of(t, table_row_at(t, i));
    return p;
}

static bool shows(const struct table *t, int64_t id)
{
    for (uint32_t i = 0; i < table_shown(t); i++)
        if (id_of(t, table_row_at(t, i)) == id)
            return true;
    return false;
}

/* Whom the selection should be on: the same row, else the nearest below, else the nearest above, else the
 * first. */
static int64_t expected(const struct table *t, const struct places *was, int64_t looked_for)
{
    if (looked_for >= 0 && shows(t, looked_for))
        return looked_for;
    if (table_shown(t) == 0)
        return -1;
    if (was->at != UINT32_MAX) {
        for (uint32_t i = was->at + 1; i < was->n; i++)
            if (shows(t, was->ids[i]))
                return was->ids[i];
        for (uint32_t i = was->at; i-- > 0;)
            if (shows(t, was->ids[i]))
                return was->ids[i];
    }
    return id_of(t, table_row_at(t, 0));
}

static const char *const filters[] = {"",   "n>3",    "n<2",    "age>1h",           "a",
                                      "!B", "n=null", "nosuch", "age<1h n>0|name~a"};

/* Draws in a window of a canvas whose rim must stay as it was. */
static void draw_somewhere(struct world *w, struct table *t)
{
    struct canvas *c =
        canvas_new(3 + (int)rnd(w, 30), 3 + (int)rnd(w, 120), rnd(w, 2) ? TEXT_UTF8 : TEXT_ASCII);
    struct rect inside = {1, 1, c->rows - 2, c->columns - 2};
    canvas_fill(c, 0, 0, c->rows, c->columns, LOOK_TEXT, "x");
    struct rect old = canvas_clip(c, inside);
    canvas_fill(c, 0, 0, inside.rows, inside.columns, LOOK_TEXT, " ");
    table_draw(t, c, &(struct table_look){.now_us = rnd(w, 10) * US_PER_S, .stale = rnd(w, 4) == 0});
    canvas_unclip(c, old);
    for (int row = 0; row < c->rows; row++) {
        for (int column = 0; column < c->columns; column++) {
            const char *cell = c->cells[row * c->columns + column].utf8;
            bool rim = row == 0 || column == 0 || row == c->rows - 1 || column == c->columns - 1;
            assert_true(!rim || strcmp(cell, "x") == 0);
            for (const unsigned char *p = (const unsigned char *)cell; *p; p++)
                assert_true(*p >= 0x20 && *p != 0x7f && (c->mode == TEXT_UTF8 || *p < 0x80));
        }
    }
    uint32_t row;
    if (table_selected(t, &row) && table_follows(t))
        assert_true(c->cursor_row >= 1 && c->cursor_row < c->rows - 1);
    canvas_free(c);
}

static void do_something(struct world *w, struct table *t, int *sort, bool *descending)
{
    struct err err;
    switch (rnd(w, 12)) {
    case 0:
        *sort = (int)rnd(w, 2) ? COUNT : AGE;
        *descending = rnd(w, 2);
        table_sort(t, *sort, *descending);
        break;
    case 1:
        table_invert(t);
        *descending = !*descending;
        break;
    case 2:
        assert_true(table_filter(t, filters[rnd(w, sizeof(filters) / sizeof(filters[0]))], &err));
        break;
    case 3:
        table_move(t, (int64_t)rnd(w, 9) - 4);
        break;
    case 4:
        table_move_to(t, rnd(w, MOST));
        break;
    case 5:
        table_mark(t);
        break;
    case 6:
        table_mark_range(t);
        break;
    case 7:
        table_follow(t, rnd(w, 2));
        break;
    case 8:
        table_scroll(t, (int)rnd(w, 3) - 1);
        break;
    case 9:
        table_column_show(t, (int)rnd(w, COLUMNS), rnd(w, 3) > 0);
        break;
    case 10:
        table_wide(t, rnd(w, 2));
        break;
    default:
        table_column_move(t, (int)rnd(w, COLUMNS), rnd(w, 2) ? 1 : -1);
    }
}

static void selection_stays_on_its_row(void **state)
{
    (void)state;
    struct world w = {.random = random_start(__func__)};
    struct table *t = table_new(&flat, &schema, NULL);
    int sort = COUNT;
    bool descending = true;
    int64_t looked_for = -1;
    table_hold(t);      /* as after a move: before that the first row is the selected one */
    for (int i = 0; i < 10000; i++) {
        turn(&w);
        struct frame *f = frame_of(&w);
        struct places was = table_sheet(t) ? remember(t) : (struct places){.at = UINT32_MAX};
        table_take(t, f, NULL, i * US_PER_MS);
        frame_unref(f);
        int64_t want = expected(t, &was, looked_for);
        assert_int_equal(selected_id(t), want);
        looked_for = want >= 0 ? want : looked_for;
        check_order(t, sort, descending);
        if (rnd(&w, 3) == 0) {
            was = remember(t);
            do_something(&w, t, &sort, &descending);
            check_order(t, sort, descending);
            if (selected_id(t) >= 0)
                looked_for = selected_id(t);
        }
        if (i % 10 == 0)
            draw_somewhere(&w, t);
    }
    table_free(t);
}

static void marks_follow_their_rows(void **state)
{
    (void)state;
    struct world w = {.random = random_start(__func__)};
    struct table *t = table_new(&flat, &schema, NULL);
    bool marked[20000] = {false};
    for (int i = 0; i < 3000; i++) {
        turn(&w);
        struct frame *f = frame_of(&w);
        table_take(t, f, NULL, i);
        frame_unref(f);
        for (uint32_t row = 0; row < table_sheet(t)->nrows; row++)
            assert_int_equal(table_marked(t, row), marked[id_of(t, row)]);
        if (selected_id(t) >= 0 && rnd(&w, 2)) {
            table_move_to(t, rnd(&w, MOST));
            table_mark(t);
            marked[selected_id(t)] = !marked[selected_id(t)];
        }
    }
    assert_true(table_marks(t) > 0);
    table_mark_none(t);
    assert_int_equal(table_marks(t), 0);
    table_free(t);
}

/* ---- trees ---- */

static void parents_by_id(void *arg, const struct frame *sheet, uint32_t *parent)
{
    (void)arg;
    for (uint32_t row = 0; row < sheet->nrows; row++)
        for (uint32_t up = 0; up < sheet->nrows; up++)
            if (frame_cell(sheet, up, ID)->i == frame_cell(sheet, row, PARENT)->i)
                parent[row] = up;
}

static void every_row_has_one_place_in_a_tree(void **state)
{
    (void)state;
    static const struct table_form tree = {.sort = "n", .branch = "name", .parents = parents_by_id};
    struct world w = {.random = random_start(__func__)};
    struct table *t = table_new(&tree, &schema, NULL);
    struct err err;
    for (int i = 0; i < 2000; i++) {
        bool seen[MOST] = {false};
        turn(&w);
        struct frame *f = frame_of(&w);
        table_take(t, f, NULL, i);
        frame_unref(f);
        assert_true(table_filter(t, filters[rnd(&w, 3)], &err));
        for (uint32_t k = 0; k < table_shown(t); k++) {
            uint32_t row = table_row_at(t, k);
            assert_false(seen[row]);
            seen[row] = true;
        }
        if (!table_filter_text(t)[0])
            assert_int_equal(table_shown(t), table_sheet(t)->nrows);
        draw_somewhere(&w, t);
    }
    table_free(t);
}

/* ---- odd answers ---- */

static void rows_without_keys_are_told_apart(void **state)
{
    (void)state;
    static const struct column plain[] = {{"n", "n", TYPE_INT, ROLE_GAUGE, UNIT_COUNT, 0, 0, "Count."}};
    static const struct schema keyless = {"keyless", 1, plain};
    static const struct table_form form = {.columns = NULL};
    struct table *t = table_new(&form, &keyless, NULL);
    uint32_t row;
    for (int turns = 0; turns < 2; turns++) {
        struct frame_builder *b = frame_build(&keyless);
        for (int i = 0; i < 5000; i++) {
            frame_build_row(b);
            frame_build_int(b, 0, i);
        }
        struct frame *f = frame_seal(b, &(struct frame_head){.status = FRAME_OK, .nfound = 20000});
        table_take(t, f, NULL, turns);
        frame_unref(f);
        table_move(t, turns ? 1 : 3);
        assert_true(table_selected(t, &row));
        assert_int_equal(row, turns ? 4 : 3);
    }
    struct buf status = {0};
    table_status(t, &status);
    assert_string_equal(buf_text(&status), "5,000 of 20,000");
    buf_free(&status);
    table_free(t);
}

static void a_gone_row_is_said(void **state)
{
    (void)state;
    struct world w = {.random = {1}};
    struct table *t = table_new(&flat, &schema, NULL);
    for (int i = 0; i < 5; i++)
        insert(&w);
    struct frame *f = frame_of(&w);
    table_take(t, f, NULL, 1);
    frame_unref(f);
    assert_string_equal(table_notice(t, 1), "");
    table_move(t, 1);
    int64_t gone = selected_id(t);
    for (int i = 0; i < w.count; i++)
        if (w.things[i].id == gone)
            drop(&w, i--);
    f = frame_of(&w);
    table_take(t, f, NULL, 2);
    frame_unref(f);
    char want[64];
    snprintf(want, sizeof(want), "id %d is gone; this is its neighbour", (int)gone);
    assert_string_equal(table_notice(t, 3), want);
    assert_string_equal(table_notice(t, 3 + 60 * US_PER_S), "");
    table_free(t);
}

/* ---- speed ---- */

static double ms_since(int64_t start)
{
    return (double)(clock_boot_us() - start) / US_PER_MS;
}

static struct frame *large_frame(uint32_t rows, unsigned seed)
{
    struct world w = {.random = {seed}};
    struct frame_builder *b = frame_build(&schema);
    for (uint32_t i = 0; i < rows; i++) {
        frame_build_row(b);
        frame_build_int(b, ID, i);
        frame_build_int(b, COUNT, rnd(&w, 1000));
        frame_build_real(b, AGE, rnd(&w, 1000000) / 3.0);
        frame_build_text(b, NAME, "select o.* from orders o join items i using (id)", 48);
    }
    return frame_seal(b, &(struct frame_head){.status = FRAME_OK});
}

/* Printed for people; the bound only catches what has become another algorithm. */
static void five_thousand_rows_are_quick(void **state)
{
    (void)state;
    enum { TIMES = 20 };
    struct table *t = table_new(&flat, &schema, NULL);
    struct canvas *c = canvas_new(60, 200, TEXT_UTF8);
    double take = 0, sort = 0, draw = 0;
    for (int i = 0; i < TIMES; i++) {
        struct frame *f = large_frame(5000, (unsigned)i);
        int64_t start = clock_boot_us();
        table_take(t, f, NULL, i);
        take += ms_since(start);
        frame_unref(f);
        start = clock_boot_us();
        table_sort(t, i % 2 ? COUNT : AGE, true);
        sort += ms_since(start);
        start = clock_boot_us();
        canvas_clear(c);
        table_draw(t, c, &(struct table_look){.now_us = i});
        draw += ms_since(start);
    }
    print_message("5,000 rows: take and sort %.2f ms, sort anew %.2f ms, draw 200x60 %.2f ms\n", take / TIMES,
                  sort / TIMES, draw / TIMES);
    assert_true((take + sort + draw) / TIMES < 500);
    canvas_free(c);
    table_free(t);
}

int main(void)
{
    setlocale(LC_ALL, "C.UTF-8");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(selection_stays_on_its_row),
        cmocka_unit_test(marks_follow_their_rows),
        cmocka_unit_test(every_row_has_one_place_in_a_tree),
        cmocka_unit_test(rows_without_keys_are_told_apart),
        cmocka_unit_test(a_gone_row_is_said),
        cmocka_unit_test(five_thousand_rows_are_quick),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
