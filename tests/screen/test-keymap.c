/* Keys: names there and back, no key with two meanings, and sentences for what is wrong. */
#include "ui/keymap.h"
#include "ui/views/list.h"
#include "ui/ui.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const struct key_row page_rows[] = {
    {REQ_VIEW, "blockers", GROUP_PAGE, "b", "blockers", "Shows only sessions that hold others up."},
    {REQ_VIEW + 1, "idle", GROUP_PAGE, "i", "idle", "Shows idle sessions too, or hides them."},
    {0},
};

static const struct key_row other_rows[] = {
    {REQ_VIEW, "fold", GROUP_PAGE, "z", "fold", "Folds the group."},
    {0},
};

static void names_come_back(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint32_t key;
        const char *back;
    } rows[] = {
        {"k", 'k', "k"},
        {"K", 'K', "K"},
        {"<", '<', "<"},
        {"<lt>", '<', "<"},
        {"é", 0xe9, "é"},
        {"日", 0x65e5, "日"},
        {"C-r", 18, "C-r"},
        {"<C-r>", 18, "C-r"},
        {"<c-R>", 18, "C-r"},
        {"C-\\", 28, "C-\\"},
        {"F1", K_F1, "F1"},
        {"<f12>", K_F12, "F12"},
        {"PgUp", K_PAGE_UP, "PgUp"},
        {"pageup", K_PAGE_UP, "PgUp"},
        {"Enter", 13, "Enter"},
        {"C-m", 13, "Enter"},
        {"C-i", 9, "Tab"},
        {"Tab", 9, "Tab"},
        {"S-Tab", K_BACK_TAB, "S-Tab"},
        {"Esc", 27, "Esc"},
        {"Space", 32, "Space"},
        {"<Space>", 32, "Space"},
        {"Up", K_UP, "Up"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char back[16];
        assert_int_equal(keymap_parse_key(rows[i].text), rows[i].key);
        keymap_key_text(rows[i].key, back);
        assert_string_equal(back, rows[i].back);
    }
}

static void nonsense_is_no_key(void **state)
{
    (void)state;
    static const char *const rows[] = {"",     "F0", "F13",  "C-", "C-rr", "<C-r",
                                       "Uup",  "kk", "\x01", " ",  "\x7f", "<averyveryverylongname>",
                                       "\xff", "C-1"};
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_int_equal(keymap_parse_key(rows[i]), K_NONE);
}

static void defaults_do_not_conflict(void **state)
{
    (void)state;
    struct err err = {{0}};
    struct keymap *m = ui_keys(views);
    if (!keymap_check(m, NULL, &err))
        fail_msg("%s", err.text);
    keymap_free(m);
}

/* pgvigil.yaml names a request once for all pages: a name of all pages is no page's own. */
static void names_are_of_one_kind(void **state)
{
    (void)state;
    for (int i = 0; views[i]; i++)
        for (const struct key_row *row = views[i]->keys; row && row->name; row++)
            for (const struct key_row *common = common_keys; common->name; common++)
                if (strcmp(row->name, common->name) == 0)
                    fail_msg("%s is a key of all pages and one of %s", row->name, views[i]->name);
}

static void every_default_key_is_one_and_every_row_helps(void **state)
{
    (void)state;
    struct buf keys = {0};
    struct keymap *m = ui_keys(views);
    const struct key_row *row;
    for (int i = 0; (row = keymap_each(m, NULL, i)); i++) {
        buf_clear(&keys);
        keymap_keys_text(m, NULL, row->request, 0, &keys);
        assert_string_equal(buf_text(&keys), row->keys);
        assert_int_equal(row->help[strlen(row->help) - 1], '.');
    }
    buf_free(&keys);
    keymap_free(m);
}

static void a_page_has_its_own_keys(void **state)
{
    (void)state;
    struct keymap *m = keymap_new();
    keymap_add(m, "sessions", page_rows);
    assert_int_equal(keymap_request(m, "sessions", 'b'), REQ_VIEW);
    assert_int_equal(keymap_request(m, "locks", 'b'), REQ_NONE);
    assert_int_equal(keymap_request(m, "sessions", 'j'), REQ_DOWN);
    assert_int_equal(keymap_request(m, NULL, 'j'), REQ_DOWN);
    assert_string_equal(keymap_each(m, "sessions", 0)->name, "blockers");
    assert_string_equal(keymap_each(m, "locks", 0)->name, "up");
    assert_string_equal(keymap_row(m, "sessions", REQ_VIEW + 1)->name, "idle");
    assert_null(keymap_row(m, "locks", REQ_VIEW + 1));
    keymap_free(m);
}

static void keys_can_be_changed(void **state)
{
    (void)state;
    struct err err = {{0}};
    struct buf text = {0};
    struct keymap *m = keymap_new();
    keymap_add(m, "sessions", page_rows);
    keymap_add(m, "locks", page_rows);
    assert_true(keymap_bind(m, "filter", (const char *const[]){"f", "C-s"}, 2, &err));
    assert_true(keymap_bind(m, "idle", (const char *const[]){"F5"}, 1, &err));
    assert_true(keymap_bind(m, "follow", NULL, 0, &err));
    assert_true(keymap_check(m, NULL, &err));
    assert_int_equal(keymap_request(m, NULL, 'f'), REQ_FILTER);
    assert_int_equal(keymap_request(m, NULL, '/'), REQ_NONE);
    assert_int_equal(keymap_request(m, NULL, 'F'), REQ_NONE);
    assert_int_equal(keymap_request(m, "sessions", K_F5), REQ_VIEW + 1);
    assert_int_equal(keymap_request(m, "locks", K_F5), REQ_VIEW + 1);
    assert_int_equal(keymap_request(m, "sessions", 'i'), REQ_NONE);
    assert_int_equal(keymap_request(m, NULL, K_F5), REQ_NONE);
    keymap_keys_text(m, NULL, REQ_FILTER, 0, &text);
    assert_string_equal(buf_text(&text), "f C-s");
    buf_free(&text);
    keymap_free(m);
}

static const struct mistake {
    const char *name, *key, *sentence;
} mistakes[] = {
    {"fliter", "x", "There is no request \"fliter\" to bind a key to: did you mean \"filter\"?"},
    {"xyzzyplugh", "x",
     "There is no request \"xyzzyplugh\" to bind a key to: the help page (?) lists them all."},
    {"bloqers", "x", "There is no request \"bloqers\" to bind a key to: did you mean \"blockers\"?"},
    {"filter", "C-", "\"C-\" is not a key: write k, C-r, F1, PgUp, Enter, Esc, Tab or Space."},
    {"fil\033ter", "x",
     "There is no request \"fil\\x1bter\" to bind a key to: did you mean \"filter\"?"},
};

static void mistakes_get_a_sentence(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(mistakes); i++) {
        struct err err = {{0}};
        struct keymap *m = keymap_new();
        keymap_add(m, "sessions", page_rows);
        assert_false(keymap_bind(m, mistakes[i].name, &mistakes[i].key, 1, &err));
        assert_string_equal(err.text, mistakes[i].sentence);
        keymap_free(m);
    }
}

static const struct conflict {
    const char *name, *key, *sentence;      /* NULL: there is none */
} conflicts[] = {
    {"filter", "j", "The key j means both \"down\" and \"filter\": give one of them another key."},
    {"filter", "b",
     "The key b means both \"filter\" and \"blockers\" on the page sessions: give one of them another key."},
    {"idle", "b",
     "The key b means both \"blockers\" and \"idle\" on the page sessions: give one of them another key."},
    {"idle", "j", "The key j means both \"down\" and \"idle\" on the page sessions: give one of them another key."},
    {"fold", "i", NULL},        /* of another page */
    {"fold", "b", NULL},
    {"quit", "x", NULL},
};

static void conflicts_get_a_sentence(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(conflicts); i++) {
        struct err err = {{0}};
        struct keymap *m = keymap_new();
        keymap_add(m, "sessions", page_rows);
        keymap_add(m, "fleet", other_rows);
        assert_true(keymap_bind(m, conflicts[i].name, &conflicts[i].key, 1, &err));
        assert_int_equal(keymap_check(m, NULL, &err), conflicts[i].sentence == NULL);
        assert_string_equal(err.text, conflicts[i].sentence ? conflicts[i].sentence : "");
        keymap_free(m);
    }
}

static void a_program_that_cannot_be_left_is_refused(void **state)
{
    (void)state;
    struct err err = {{0}};
    struct keymap *m = keymap_new();
    static const char *const names[] = {"quit", "close", "interrupt"};
    for (size_t i = 0; i < COUNT_OF(names); i++)
        assert_true(keymap_bind(m, names[i], NULL, 0, &err));
    assert_false(keymap_check(m, NULL, &err));
    assert_non_null(strstr(err.text, "No key leaves the program"));
    keymap_free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_come_back),
        cmocka_unit_test(nonsense_is_no_key),
        cmocka_unit_test(defaults_do_not_conflict),
        cmocka_unit_test(names_are_of_one_kind),
        cmocka_unit_test(every_default_key_is_one_and_every_row_helps),
        cmocka_unit_test(a_page_has_its_own_keys),
        cmocka_unit_test(keys_can_be_changed),
        cmocka_unit_test(mistakes_get_a_sentence),
        cmocka_unit_test(conflicts_get_a_sentence),
        cmocka_unit_test(a_program_that_cannot_be_left_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
