/* YAML: what is read, what is refused and with which words, and that no file is dear. */
#include "conf/yaml.h"

#include "base/clock.h"
#include "base/mem.h"
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#ifdef WITH_SANITIZERS
enum { SLOW = 10, FAT = 40 }; /* shadow memory, red zones and a quarantine */
#else
enum { SLOW = 1, FAT = 1 };
#endif

static void a_tree_knows_kinds_and_places(void **state)
{
    (void)state;
    const char *text = "a: 1\nb:\n- x\n- 'true'\nc:\n  d: |-\n    two\n    lines\n  e:\n";
    struct tree tree = {0};
    struct conf_errors errors = {0};
    assert_true(tree_parse(&tree, "f", text, strlen(text), CONFIG_BYTES_MAX, &errors));
    assert_int_equal(errors.n, 0);
    assert_int_equal(tree.root->kind, NODE_MAP);
    assert_int_equal(tree.root->n, 3);
    assert_string_equal(node_get(tree.root, "a")->text, "1");
    assert_false(node_get(tree.root, "a")->quoted);
    const struct node *b = node_get(tree.root, "b");
    assert_int_equal(b->kind, NODE_LIST);
    assert_int_equal(b->n, 2);
    assert_true(b->first->next->quoted);
    assert_int_equal(b->first->next->at.line, 4);
    assert_int_equal(b->first->next->at.column, 3);
    const struct node *d = node_get(node_get(tree.root, "c"), "d");
    assert_string_equal(d->text, "two\nlines");
    assert_int_equal(d->key_at.line, 6);
    assert_int_equal(d->key_at.column, 3);
    assert_true(node_is_empty(node_get(node_get(tree.root, "c"), "e")));
    assert_null(node_get(tree.root, "z"));
    tree_free(&tree);
    conf_errors_free(&errors);
}

struct refusal {
    const char *text;
    const char *errors; /* all of the report */
};

static const struct refusal refusals[] = {
    {"a: 1\na: 2\n", "f:2:1: The key \"a\" stands twice: it is first on line 1; remove one.\n"},
    {"a: &x 1\nb: *x\n",
     "f:1:4: Anchors (&name) are not allowed: write the value where it is needed.\n"
     "f:2:4: Aliases (*name) are not allowed: write the value where it is needed, or put it in quotes.\n"},
    {"a: !!int 1\n", "f:1:4: Tags (!name) are not allowed: write the value alone; put it in quotes if it "
                     "begins with \"!\".\n"},
    {"%YAML 1.1\n---\na: 1\n",
     "f:1:1: YAML directives (a line that begins with %) are not allowed: remove the line.\n"},
    {"a: 1\n---\nb: 2\n", "f:2:1: A second document begins here: one file holds one document.\n"},
    {"a: \"\\e[31m\"\n", "f:1:4: Control characters are not allowed, written with a backslash neither.\n"},
    {"a: \"\\0\"\n", "f:1:4: Control characters are not allowed, written with a backslash neither.\n"},
    {"a: \x1b[31m\n", "f:1:4: The character U+001B cannot be seen and may not be in this file: remove it.\n"},
    {"a: \xe2\x80\xae\n",
     "f:1:4: The character U+202E cannot be seen and may not be in this file: remove it.\n"},
    {"a: \xff\n", "f:1:4: This byte, 0xff, is not UTF-8: save the file as UTF-8.\n"},
    {"a: \xed\xa0\x80\n", "f:1:4: This byte, 0xed, is not UTF-8: save the file as UTF-8.\n"},
    {"a: \xc0\x80\n", "f:1:4: This byte, 0xc0, is not UTF-8: save the file as UTF-8.\n"},
    {"\xff\xfe"
     "a\0",
     "f:1:1: This byte, 0xff, is not UTF-8: save the file as UTF-8.\n"},
    {"a:\n\tb: 1\n", "f:2:1: This line is indented with a tab: use spaces.\n"},
    {"a: [1, 2\n", "f:2:1: This is not YAML: did not find expected ',' or ']' (while parsing a flow sequence "
                   "that began on line 1).\n"},
    {"? [a]\n: b\n", "f:1:3: A key must be plain text, not a list or a map.\n"},
    {"[[[[[[[[[[[[[[[[[a]]]]]]]]]]]]]]]]]\n", "f:1:17: This is nested too deeply: 16 levels are allowed.\n"},
};

static void what_we_do_not_read_is_refused_in_words(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(refusals); i++) {
        struct tree tree = {0};
        struct conf_errors errors = {0};
        struct buf out = {0};
        bool usable =
            tree_parse(&tree, "f", refusals[i].text, strlen(refusals[i].text), CONFIG_BYTES_MAX, &errors);
        assert_true(errors.n > 0 && usable == (tree.root != NULL));
        conf_errors_print(&errors, &out);
        assert_string_equal(buf_text(&out), refusals[i].errors);
        buf_free(&out);
        conf_errors_free(&errors);
        tree_free(&tree);
    }
}

static void sixteen_levels_and_a_mark_of_byte_order_are_fine(void **state)
{
    (void)state;
    static const char *const fine[] = {"[[[[[[[[[[[[[[[[a]]]]]]]]]]]]]]]]\n",
                                       ("\xef\xbb\xbf"
                                        "a: 1\n"),
                                       "a: 1\r\nb: 2\r\n", "# only this\na: 'caf\xc3\xa9'\n"};
    for (size_t i = 0; i < COUNT_OF(fine); i++) {
        struct tree tree = {0};
        struct conf_errors errors = {0};
        assert_true(tree_parse(&tree, "f", fine[i], strlen(fine[i]), CONFIG_BYTES_MAX, &errors));
        assert_int_equal(errors.n, 0);
        tree_free(&tree);
    }
}

static void errors_cannot_steer_a_terminal_and_are_sorted(void **state)
{
    (void)state;
    struct conf_errors errors = {0};
    conf_error(&errors, "f\x1b", (struct mark){9, 1}, "b \x1b]0;x\x07 \xff \xe2\x80\xae end");
    conf_error(&errors, "f\x1b", (struct mark){2, 5}, "a");
    conf_errors_sort(&errors);
    struct buf out = {0};
    conf_errors_print(&errors, &out);
    assert_string_equal(buf_text(&out), "f?:2:5: a\nf?:9:1: b ?]0;x? ? ? end\n");
    buf_free(&out);
    for (int i = 0; i < 1000; i++)
        conf_error(&errors, "f", (struct mark){1, 1}, "x");
    assert_int_equal(errors.n, CONF_ERRORS_MAX);
    conf_errors_free(&errors);
}

/* A hostile file: a head, a piece again and again, up to a size. */
struct shape {
    const char *name, *head, *piece;
};

static const struct shape shapes[] = {
    {"open lists", "", "["},          {"open maps", "", "{"},
    {"maps of lists", "", "{a: ["},   {"dashes", "", "- "},
    {"question marks", "", "? "},     {"directives", "", "%TAG !a! x\n"},
    {"anchors", "a: [", "&a b,"},     {"aliases", "a: [", "*a,"},
    {"one list", "[", "a,"},          {"one map", "{", "a: b,"},
    {"same key", "", "a: 1\n"},       {"quotes", "a: [", "'',"},
    {"one text", "a: ", "x"},         {"one quoted text", "a: \"", "\\x41"},
    {"one block", "a: |\n", "  x\n"}, {"empty lines", "a: |\n", "\n"},
    {"comments", "", "#\n"},          {"spaces", "a:", " "},
    {"documents", "", "---\n"},       {"tags", "", "!a "},
    {"colons", "", "a:\n"},           {"words", "a: ", "b c\n "},
    {"accents", "a: ", "\xc3\xa9"},   {"list of lists", "", "- []\n"},
    {"faults", "", "a: &x 1\n"},
};

static void judge_hostile(const struct shape *shape, size_t size)
{
    struct buf text = {0};
    buf_puts(&text, shape->head);
    while (text.len + strlen(shape->piece) <= size)
        buf_puts(&text, shape->piece);
    struct rusage before, after;
    getrusage(RUSAGE_SELF, &before);
    int64_t start = clock_boot_us();
    struct tree tree = {0};
    struct conf_errors errors = {0};
    bool usable = tree_parse(&tree, "f", text.data, text.len, size, &errors);
    int64_t took_us = clock_boot_us() - start;
    getrusage(RUSAGE_SELF, &after);
    struct timeval *u = &after.ru_utime, *v = &before.ru_utime;
    int64_t cpu_us = (u->tv_sec - v->tv_sec) * US_PER_S + (u->tv_usec - v->tv_usec);
    long kb = after.ru_maxrss - before.ru_maxrss;
    if (usable != (tree.root != NULL) || (cpu_us < took_us ? cpu_us : took_us) > 100 * US_PER_MS * SLOW ||
        kb > 16384 * FAT) {
        fprintf(stderr, "%s: %lld us, %ld kB\n", shape->name, (long long)took_us, kb);
        _exit(1);
    }
    tree_free(&tree);
    conf_errors_free(&errors);
    buf_free(&text);
    _exit(0);
}

/* Each in a process of its own, so that its memory can be told. */
static void no_file_is_dear(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(shapes); i++) {
        pid_t pid = fork();
        assert_true(pid >= 0);
        if (!pid)
            judge_hostile(&shapes[i], 1024u * 1024);
        int status;
        assert_int_equal(waitpid(pid, &status, 0), pid);
        if (status)
            fprintf(stderr, "shape: %s\n", shapes[i].name);
        assert_int_equal(status, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tree_knows_kinds_and_places),
        cmocka_unit_test(what_we_do_not_read_is_refused_in_words),
        cmocka_unit_test(sixteen_levels_and_a_mark_of_byte_order_are_fine),
        cmocka_unit_test(errors_cannot_steer_a_terminal_and_are_sorted),
        cmocka_unit_test(no_file_is_dear),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
