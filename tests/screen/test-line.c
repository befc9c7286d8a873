/* The line editor, its history, and fuzzy matching. */
#include "spec/keymap.h"
#include "ui/fuzzy.h"
#include "ui/keymap.h"
#include "ui/line.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void press(struct line *l, const char *keys)
{
    char word[16];
    int used = 0;
    for (const char *at = keys; sscanf(at, "%15s%n", word, &used) == 1; at += used)
        assert_true(line_key(l, keymap_parse_key(word)));
}

static const struct edit {
    const char *start, *keys, *text;
    size_t at;
} edits[] = {
    {"", "a b c", "abc", 3},
    {"abc", "Left Left x", "axbc", 2},
    {"abc", "C-a x", "xabc", 1},
    {"abc", "C-a C-f C-f C-b x", "axbc", 2},
    {"abc", "C-a C-e x", "abcx", 4},
    {"abc", "Home Del Del", "c", 0},
    {"abc", "BS BS", "a", 1},
    {"abc", "C-h", "ab", 2},
    {"abc", "C-a C-d", "bc", 0},
    {"one two three", "C-w C-w", "one ", 4},
    {"one two  ", "C-w", "one ", 4},
    {"one two", "Left Left C-k", "one t", 5},
    {"one two", "Left Left C-u", "wo", 0},
    {"", "BS Del C-w C-u C-k Left Right", "", 0},
    {"é日", "BS", "é", 2},
    {"é日", "Left Left x", "xé日", 1},
    {"e\xcc\x81x", "Left BS", "x", 0},          /* a mark goes with its letter */
    {"e\xcc\x81x", "Home Right y", "e\xcc\x81yx", 4},
    {"", "é 日", "é日", 5},
};

static void keys_edit(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(edits); i++) {
        struct line l = {{0}};
        line_set(&l, edits[i].start);
        press(&l, edits[i].keys);
        assert_string_equal(l.text, edits[i].text);
        assert_int_equal(l.at, edits[i].at);
        assert_int_equal(l.len, strlen(l.text));
    }
}

static void pasted_text_is_cleaned(void **state)
{
    (void)state;
    struct line l = {{0}};
    static const char bytes[] = "a\nb\tc\033[31m\x01\xff\xc3\xa9\xe2\x80\xae" "d\x7f";
    assert_true(line_insert(&l, bytes, sizeof(bytes) - 1));
    assert_string_equal(l.text, "a b c[31m\xc3\xa9" "d");
    assert_false(line_insert(&l, "\x01\x02", 2));
}

static void a_line_ends_somewhere(void **state)
{
    (void)state;
    struct line l = {{0}};
    for (int i = 0; i < LINE_MAX_BYTES + 100; i++)
        line_key(&l, 'x');
    assert_int_equal(l.len, LINE_MAX_BYTES);
    assert_int_equal(l.text[l.len], '\0');
}

static void a_wiped_line_is_gone(void **state)
{
    (void)state;
    struct line l = {{0}};
    line_set(&l, "secret");
    press(&l, "BS BS");
    assert_null(memmem(&l, sizeof(l), "et", 2));
    line_wipe(&l);
    assert_null(memmem(&l, sizeof(l), "sec", 3));
}

static void history_walks_and_comes_back(void **state)
{
    (void)state;
    struct line l = {{0}};
    struct line_history h = {{0}};
    line_history_add(&h, "one");
    line_history_add(&h, "two");
    line_history_add(&h, "two");
    line_history_add(&h, "");
    assert_int_equal(h.n, 2);
    line_history_rewind(&h);
    line_set(&l, "new");
    assert_true(line_history_walk(&h, &l, -1));
    assert_string_equal(l.text, "two");
    assert_true(line_history_walk(&h, &l, -1));
    assert_string_equal(l.text, "one");
    assert_false(line_history_walk(&h, &l, -1));
    assert_true(line_history_walk(&h, &l, 1));
    assert_true(line_history_walk(&h, &l, 1));
    assert_string_equal(l.text, "new");
    assert_false(line_history_walk(&h, &l, 1));
    for (int i = 0; i < 2 * LINE_HISTORY_MAX; i++) {
        char text[16];
        snprintf(text, sizeof(text), "%d", i);
        line_history_add(&h, text);
    }
    assert_int_equal(h.n, LINE_HISTORY_MAX);
    assert_string_equal(h.entries[LINE_HISTORY_MAX - 1], "99");
    line_history_free(&h);
}

static void better_fits_score_higher(void **state)
{
    (void)state;
    static const struct {
        const char *pattern, *better, *worse;
    } rows[] = {
        {"sessions", "sessions", "sessions-x"}, {"ses", "sessions", "processes"},
        {"sd", "save-display", "sessionsd"},    {"rep", "replication", "private-p"},
        {"SES", "sessions", "messages"},        {"sort", "sort", "sort-left"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_true(fuzzy_score(rows[i].pattern, rows[i].better) >
                    fuzzy_score(rows[i].pattern, rows[i].worse));
    assert_int_equal(fuzzy_score("xyz", "sessions"), -1);
    assert_int_equal(fuzzy_score("ssn", "sessions") >= 0, 1);
    assert_true(fuzzy_score("", "a") == fuzzy_score("", "bbbb"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_edit),           cmocka_unit_test(pasted_text_is_cleaned),
        cmocka_unit_test(a_line_ends_somewhere), cmocka_unit_test(a_wiped_line_is_gone),
        cmocka_unit_test(history_walks_and_comes_back), cmocka_unit_test(better_fits_score_higher),
    };
    if (!setlocale(LC_CTYPE, "C.UTF-8"))
        return 99;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
