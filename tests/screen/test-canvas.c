/* Canvas: nothing outside, nothing half, nothing unsafe. */
#include "ui/canvas.h"
#include "ui/theme.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void expect_dump(const struct canvas *c, const char *wanted)
{
    struct buf out = {0};
    canvas_dump(c, &out);
    assert_string_equal(buf_text(&out), wanted);
    buf_free(&out);
}

static const struct text_row {
    const char *name;
    int row, column, width;
    const char *text, *dump;
    int used;
} texts[] = {
    {"plain", 0, 1, -1, "abc", " abc\n\n", 3},
    {"cut at the edge", 0, 3, -1, "abcdef", "   ab…\n\n", 3},
    {"cut at a width", 1, 0, 3, "abcdef", "\nab…\n", 3},
    {"just fits", 0, 0, 6, "abcdef", "abcdef\n\n", 6},
    {"no room", 0, 6, -1, "abc", "\n\n", 0},
    {"below", 2, 0, -1, "abc", "\n\n", 0},
    {"above", -1, 0, -1, "abc", "\n\n", 0},
    {"begins left of it", 0, -2, -1, "abcdef", "cdef\n\n", 6},
    {"wide", 0, 0, -1, "日本語", "日本語\n\n", 6},
    {"wide cut", 0, 0, 5, "日本語", "日本…\n\n", 5},
    {"wide cut, one blank column left", 0, 0, 4, "日本語", "日…\n\n", 3},
    {"wide cut at the left edge", 0, -1, -1, "日本", " 本\n\n", 4},
    {"marks stay with their letter", 0, 0, -1, "e\xcc\x81x", "e\xcc\x81x\n\n", 2},
    {"a third mark is dropped", 0, 0, -1, "e\xcc\x81\xcc\x82\xcc\x83x", "e\xcc\x81\xcc\x82x\n\n", 2},
    {"escape", 0, 0, -1, "a\033[m", "a\\x1b…\n\n", 6},
    {"width zero", 0, 0, 0, "abc", "\n\n", 0},
};

static void text_is_drawn_within_bounds(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        struct canvas *c = canvas_new(2, 6, TEXT_UTF8);
        int used = canvas_text(c, texts[i].row, texts[i].column, texts[i].width, LOOK_TEXT, texts[i].text);
        if (used != texts[i].used)
            fail_msg("%s: used %d", texts[i].name, used);
        expect_dump(c, texts[i].dump);
        canvas_free(c);
    }
}

static void half_a_wide_letter_is_blank(void **state)
{
    (void)state;
    struct canvas *c = canvas_new(1, 6, TEXT_UTF8);
    canvas_text(c, 0, 0, -1, LOOK_TEXT, "日本語");
    canvas_text(c, 0, 1, 1, LOOK_TEXT, "x");
    expect_dump(c, " x本語\n");
    canvas_text(c, 0, 4, 1, LOOK_TEXT, "y");
    expect_dump(c, " x本y\n");
    canvas_text(c, 0, 3, -1, LOOK_TEXT, "語");
    expect_dump(c, " x 語\n");
    canvas_free(c);
}

static void clips_nest_and_hold(void **state)
{
    (void)state;
    struct canvas *c = canvas_new(4, 8, TEXT_UTF8);
    struct rect all = canvas_clip(c, (struct rect){1, 2, 2, 4});
    canvas_fill(c, -5, -5, 50, 50, LOOK_TEXT, "·");
    struct rect outer = canvas_clip(c, (struct rect){1, 1, 9, 9});
    assert_int_equal(canvas_rows(c), 1);
    assert_int_equal(canvas_columns(c), 3);
    canvas_text(c, 0, 0, -1, LOOK_TEXT, "abcdef");
    canvas_cursor(c, 0, 2);
    assert_int_equal(c->cursor_row, 2);
    assert_int_equal(c->cursor_column, 5);
    canvas_cursor(c, 0, 3);
    assert_int_equal(c->cursor_row, -1);
    canvas_unclip(c, outer);
    canvas_unclip(c, all);
    expect_dump(c, "\n  ····\n  ·ab…\n\n");
    canvas_free(c);
}

static void an_empty_clip_takes_nothing(void **state)
{
    (void)state;
    struct canvas *c = canvas_new(2, 4, TEXT_UTF8);
    canvas_clip(c, (struct rect){5, 5, 3, 3});
    assert_int_equal(canvas_text(c, 0, 0, -1, LOOK_TEXT, "abc"), 0);
    canvas_fill(c, 0, 0, 9, 9, LOOK_TEXT, "x");
    canvas_look(c, 0, 0, 9, LOOK_CRIT);
    canvas_box(c, (struct rect){0, 0, 3, 3}, LOOK_BORDER, "t");
    expect_dump(c, "\n\n");
    canvas_free(c);
}

static void no_number_is_cut_in_two(void **state)
{
    (void)state;
    static const struct {
        int columns;
        const char *words, *drawn;
    } cases[] = {
        {20, "behind 4711 for 12:04", "behind 4711 for…\n"},
        {19, "behind 4711 billing", "behind 4711 billing\n"},
        {15, "behind 4711 billing", "behind 4711 bi…\n"},
        {9, "behind 4711 billing", "behind…\n"},
        {11, "held 1.2 M xids", "held 1.2 M…\n"},
        {9, "held 1.2 M xids", "held…\n"},
        {10, "by ≥1,204 later", "by ≥1,204…\n"},
        {8, "by ≥1,204 later", "by…\n"},
        {4, "1234567", "123…\n"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct canvas *c = canvas_new(1, cases[i].columns, TEXT_UTF8);
        canvas_sentence(c, 0, 0, -1, LOOK_TEXT, cases[i].words, strlen(cases[i].words));
        expect_dump(c, cases[i].drawn);
        canvas_free(c);
    }
}

static void ascii_has_stand_ins(void **state)
{
    (void)state;
    struct canvas *c = canvas_new(1, 16, TEXT_ASCII);
    canvas_text(c, 0, 0, -1, LOOK_TEXT, "▸‼·│─é日–");
    expect_dump(c, ">#.|-?" "?-\n");
    canvas_clear(c);
    canvas_raw(c, 0, 0, -1, LOOK_TEXT, "a\xc3\xa9", 3);
    expect_dump(c, "a\\xc3\\xa9\n");
    canvas_clear(c);
    canvas_text(c, 0, 0, 4, LOOK_TEXT, "abcdef");
    expect_dump(c, "abc~\n");
    canvas_free(c);
}

static void plain_fonts_still_show_letters(void **state)
{
    (void)state;
    struct canvas *c = canvas_new(1, 8, TEXT_UTF8);
    c->glyphs = GLYPHS_ASCII;
    canvas_text(c, 0, 0, -1, LOOK_TEXT, "▸é▅");
    expect_dump(c, ">é+\n");
    canvas_free(c);
}

static void looks_lie_over_what_is_there(void **state)
{
    (void)state;
    struct canvas *c = canvas_new(1, 4, TEXT_UTF8);
    struct theme theme;
    struct buf out = {0};
    theme_builtin(&theme);
    canvas_text(c, 0, 0, -1, LOOK_TEXT, "abcd");
    canvas_look(c, 0, 1, 2, LOOK_CRIT);
    canvas_attrs(c, 0, 2, 9, ATTR_UNDERLINE);
    canvas_dump_sgr(c, &theme, 0, &out);
    assert_string_equal(buf_text(&out), "\033[0ma\033[0;1;7mb\033[0;1;7;4mc\033[0;4md\033[0m\n");
    buf_clear(&out);
    canvas_dump_sgr(c, &theme, 16, &out);
    assert_string_equal(buf_text(&out), "\033[0ma\033[0;1;91mb\033[0;1;4;91mc\033[0;4md\033[0m\n");
    buf_free(&out);
    canvas_free(c);
}

static void boxes_have_titles(void **state)
{
    (void)state;
    struct canvas *c = canvas_new(3, 12, TEXT_UTF8);
    canvas_box(c, (struct rect){0, 0, 3, 12}, LOOK_BORDER, "sort");
    expect_dump(c, "┌─ sort ───┐\n│          │\n└──────────┘\n");
    canvas_free(c);
}

static void numbers_stand_at_the_right(void **state)
{
    (void)state;
    struct canvas *c = canvas_new(2, 8, TEXT_UTF8);
    canvas_right(c, 0, 1, 5, LOOK_TEXT, "42");
    canvas_right(c, 1, 1, 3, LOOK_TEXT, "12345");
    expect_dump(c, "    42\n 12…\n");
    canvas_free(c);
}

static void colours_come_down(void **state)
{
    (void)state;
    static const struct {
        int32_t rgb;
        int c256, c16;
    } rows[] = {
        {0x000000, 16, 0}, {0xffffff, 231, 15}, {0xff0000, 196, 9}, {0x00ff00, 46, 10}, {0x0000ff, 21, 4},
        {0x808080, 244, 8}, {0x5f87af, 67, 8}, {0x121212, 233, 0}, {0xeeeeee, 255, 7},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        assert_int_equal(theme_nearest_256(rows[i].rgb), rows[i].c256);
        assert_int_equal(theme_nearest_16(rows[i].rgb), rows[i].c16);
    }
}

static void the_builtin_theme_is_complete(void **state)
{
    (void)state;
    struct theme t;
    theme_builtin(&t);
    for (int i = 0; i < LOOK_COUNT_; i++) {
        assert_true(t.looks[i].fg.c256 >= COLOUR_DEFAULT && t.looks[i].fg.c256 <= 255);
        assert_true(t.looks[i].fg.c16 >= COLOUR_DEFAULT && t.looks[i].fg.c16 <= 15);
        assert_true(t.looks[i].bg.c256 >= COLOUR_DEFAULT && t.looks[i].bg.c256 <= 255);
    }
    assert_true(t.looks[LOOK_CURSOR].mono_attrs & ATTR_REVERSE);
}

/* Blanks between two words of one look take it; all others keep their own, and so does what has a ground. */
static void blanks_join_words_of_one_look(void **state)
{
    static const char want[] = "wwwwwtttttcccttttttttttttttt";
    bool plain[LOOK_COUNT_];
    (void)state;
    for (int i = 0; i < LOOK_COUNT_; i++)
        plain[i] = i != LOOK_CURSOR;
    struct canvas *c = canvas_new(1, 28, TEXT_UTF8);
    canvas_text(c, 0, 0, -1, LOOK_WARN, "a");
    canvas_text(c, 0, 4, -1, LOOK_WARN, "b");
    canvas_text(c, 0, 7, -1, LOOK_TEXT, "c");
    canvas_text(c, 0, 10, -1, LOOK_CURSOR, "d e");
    canvas_text(c, 0, 26, -1, LOOK_TEXT, "f");
    for (int x = 0; x < 28; x++) {
        enum role_name look = canvas_joined_look(c, 0, x, plain);
        assert_int_equal(look == LOOK_WARN ? 'w' : look == LOOK_CURSOR ? 'c' : 't', want[x]);
    }
    canvas_free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_is_drawn_within_bounds),
        cmocka_unit_test(half_a_wide_letter_is_blank),
        cmocka_unit_test(clips_nest_and_hold),
        cmocka_unit_test(an_empty_clip_takes_nothing),
        cmocka_unit_test(no_number_is_cut_in_two),
        cmocka_unit_test(ascii_has_stand_ins),
        cmocka_unit_test(plain_fonts_still_show_letters),
        cmocka_unit_test(looks_lie_over_what_is_there),
        cmocka_unit_test(boxes_have_titles),
        cmocka_unit_test(numbers_stand_at_the_right),
        cmocka_unit_test(colours_come_down),
        cmocka_unit_test(the_builtin_theme_is_complete),
        cmocka_unit_test(blanks_join_words_of_one_look),
    };
    if (!setlocale(LC_CTYPE, "C.UTF-8"))
        return 99;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
