/* The audit on streams that are known to be good or bad, whole and in pieces, and on a real curses program.
 */
#include "tests/pty/audit.h"
#include "tests/pty/pty.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct audit_rules xterm = {.term = "xterm-256color"};

static const struct {
    const char *name, *bytes;
    struct audit_rules rules;
    const char *finding;        /* NULL: clean */
    uint64_t offset;
} cases[] = {
    {"text", "plain text ~", {"xterm-256color"}, NULL, 0},
    {"utf-8", "\xc3\xa9\xe4\xb8\xad\xf0\x9f\x98\x80\xe2\x96\x81\xe2\xa3\xbf", {"xterm-256color"}, NULL, 0},
    {"two marks", "e\xcc\x81\xcc\x81", {"xterm-256color"}, NULL, 0},
    {"replacement character", "\xef\xbf\xbd", {"xterm-256color"}, NULL, 0},
    {"curses controls", "a\r\n\tb\b", {"xterm-256color"}, NULL, 0},
    {"cursor", "\x1b[5;9H\x1b[H\x1b[3d\x1b[7G\x1b[C\x1b[2A", {"xterm-256color"}, NULL, 0},
    {"erase", "\x1b[H\x1b[2J\x1b[K\x1b[1K\x1b[12X\x1b[J", {"xterm-256color"}, NULL, 0},
    {"colours",
     "\x1b[0;1;7m\x1b[38;5;200m\x1b[31m\x1b[48;5;21m\x1b[39;49m\x1b(B\x1b[m",
     {"xterm-256color"},
     NULL,
     0},
    {"editing",
     "\x1b[4h\x1b[4l\x1b[2P\x1b[3@\x1b[L\x1b[M\x1b[1;24r\x1b[2S\x1b[2T\x1bM",
     {"xterm-256color"},
     NULL,
     0},
    {"repeat", "=\x1b[39b", {"xterm-256color"}, NULL, 0},
    {"start and end",
     "\x1b[?1049h\x1b[22;0;0t\x1b[?1h\x1b=\x1b[?12l\x1b[?25h\x1b[?25l\x1b[?1049l\x1b[23;0;0t\x1b>",
     {"xterm-256color"},
     NULL,
     0},
    {"mouse and paste",
     "\x1b[?1006;1000h\x1b[?1002h\x1b[?2004h\x1b[?1004h\x1b[?1006;1000l",
     {"xterm-256color"},
     NULL,
     0},
    {"synchronized", "\x1b[?2026hx\x1b[?2026l", {"xterm-256color"}, NULL, 0},
    {"vt100 graphics", "\x1b(B\x1b)0\x0eqqq\x0f", {"vt100"}, NULL, 0},
    {"title when asked",
     "\x1b]2;pgvigil\x07\x1b]0;x\x1b\\\x1b[22;2t",
     {"xterm-256color", .title = true},
     NULL,
     0},
    {"clipboard when asked", "\x1b]52;c;aGk=\x07", {"xterm-256color", .clipboard = true}, NULL, 0},
    {"bell", "ab\x07", {"xterm-256color"}, "control byte 0x07", 2},
    {"null byte", "a\x01", {"xterm-256color"}, "control byte 0x01", 1},
    {"shift out on xterm", "\x0e", {"xterm-256color"}, "control byte 0x0e", 0},
    {"DEL", "a\x7f", {"xterm-256color"}, "character U+007F", 1},
    {"C1 encoded", "ab\xc2\x9b", {"xterm-256color"}, "character U+009B", 2},
    {"C1 raw", "ab\x9b", {"xterm-256color"}, "invalid UTF-8, byte 0x9b", 2},
    {"override", "x\xe2\x80\xae", {"xterm-256color"}, "character U+202E", 1},
    {"isolate", "\xe2\x81\xa6", {"xterm-256color"}, "character U+2066", 0},
    {"zero width space", "\xe2\x80\x8b", {"xterm-256color"}, "character U+200B", 0},
    {"soft hyphen", "\xc2\xad", {"xterm-256color"}, "character U+00AD", 0},
    {"byte order mark", "\xef\xbb\xbf", {"xterm-256color"}, "character U+FEFF", 0},
    {"tag", "\xf3\xa0\x81\x81", {"xterm-256color"}, "character U+E0041", 0},
    {"variation selector", "\xef\xb8\x8f", {"xterm-256color"}, "character U+FE0F", 0},
    {"noncharacter", "\xef\xbf\xbf", {"xterm-256color"}, "character U+FFFF", 0},
    {"three marks", "e\xcc\x81\xcc\x81\xcc\x81", {"xterm-256color"}, "more than 2 combining marks", 5},
    {"overlong", "a\xc0\xaf", {"xterm-256color"}, "invalid UTF-8, byte 0xc0", 1},
    {"surrogate", "\xed\xa0\x80", {"xterm-256color"}, "invalid UTF-8, byte 0xed", 0},
    {"too large", "\xf4\x90\x80\x80", {"xterm-256color"}, "invalid UTF-8, byte 0xf4", 0},
    {"broken by text", "\xe4\xb8z", {"xterm-256color"}, "invalid UTF-8, byte 0xe4", 0},
    {"broken by escape", "\xe4\x1b[m", {"xterm-256color"}, "invalid UTF-8, byte 0xe4", 0},
    {"cut character", "ab\xe4\xb8", {"xterm-256color"}, "character cut short", 2},
    {"cut sequence", "ab\x1b[3", {"xterm-256color"}, "sequence cut short", 2},
    {"title", "\x1b]0;owned\x07", {"xterm-256color"}, "string sequence ESC ]0;owned", 0},
    {"bad title",
     "\x1b]2;a\xe2\x80\xae\x07",
     {"xterm-256color", .title = true},
     "string sequence ESC ]..",
     0},
    {"clipboard", "abc\x1b]52;c;aGk=\x07", {"xterm-256color"}, "string sequence ESC ]52;c;aGk=", 3},
    {"clipboard, title allowed",
     "\x1b]52;c;x\x1b\\",
     {"xterm-256color", .title = true},
     "string sequence ESC ]52;c;x",
     0},
    {"DCS", "\x1bPq\x1b\\", {"xterm-256color"}, "string sequence ESC P..", 0},
    {"APC", "\x1b_Gx\x1b\\", {"xterm-256color"}, "string sequence ESC _..", 0},
    {"hyperlink", "\x1b]8;;http://x\x1b\\", {"xterm-256color"}, "string sequence ESC ]8;;http://x", 0},
    {"report",
     "\x1b[6n",
     {"xterm-256color"},
     "sequence ESC [6n is not in the terminfo entry of xterm-256color",
     0},
    {"attributes",
     "\x1b[c",
     {"xterm-256color"},
     "sequence ESC [c is not in the terminfo entry of xterm-256color",
     0},
    {"title report",
     "\x1b[21t",
     {"xterm-256color"},
     "sequence ESC [21t is not in the terminfo entry of xterm-256color",
     0},
    {"hard reset",
     "\x1b"
     "c",
     {"xterm-256color"},
     "sequence ESC c is not in the terminfo entry of xterm-256color",
     0},
    {"mode 1003",
     "\x1b[?1003h",
     {"xterm-256color"},
     "sequence ESC [?1003h is not in the terminfo entry of xterm-256color",
     0},
    {"one of two modes",
     "\x1b[?1000;69h",
     {"xterm-256color"},
     "sequence ESC [?69h is not in the terminfo entry of xterm-256color",
     0},
    {"key modes",
     "\x1b[>4;2m",
     {"xterm-256color"},
     "sequence ESC [>4;2m is not in the terminfo entry of xterm-256color",
     0},
    {"cursor shape",
     "\x1b[2 q",
     {"xterm-256color"},
     "sequence ESC [2 q is not in the terminfo entry of xterm-256color",
     0},
    {"256 colours on a vt100",
     "\x1b[?1049h",
     {"vt100"},
     "sequence ESC [?1049h is not in the terminfo entry of vt100",
     0},
    {"broken sequence", "\x1b[3\x01", {"xterm-256color"}, "sequence broken by byte 0x01", 0},
    {"escape escape", "\x1b\x1b[m", {"xterm-256color"}, "sequence broken by byte 0x1b", 0},
    {"ascii",
     "caf\xc3\xa9",
     {"xterm-256color", .ascii_only = true},
     "character U+00E9 where only ASCII is understood",
     3},
};

static void each_case_is_judged(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        for (size_t piece = 1; piece <= 64; piece *= 8) {
            struct audit *a = audit_new(&cases[i].rules);
            size_t n = strlen(cases[i].bytes);
            for (size_t at = 0; at < n; at += piece)
                audit_feed(a, cases[i].bytes + at, n - at < piece ? n - at : piece);
            bool clean = audit_end(a);
            if (clean != !cases[i].finding) {
                audit_print(a);
                fail_msg("case \"%s\" in pieces of %zu", cases[i].name, piece);
            }
            if (cases[i].finding) {
                assert_string_equal(audit_at(a, 0)->what, cases[i].finding);
                assert_int_equal(audit_at(a, 0)->offset, cases[i].offset);
            }
            audit_free(a);
        }
    }
}

static void a_null_byte_is_a_finding(void **state)
{
    (void)state;
    struct audit *a = audit_new(&xterm);
    audit_feed(a, "a\0b", 3);
    assert_false(audit_end(a));
    assert_string_equal(audit_at(a, 0)->what, "control byte 0x00");
    audit_free(a);
}

static void many_findings_are_counted(void **state)
{
    (void)state;
    struct audit *a = audit_new(&xterm);
    for (int i = 0; i < 1000; i++)
        audit_feed(a, "\x07", 1);
    assert_false(audit_end(a));
    assert_int_equal(audit_count(a), 1000);
    assert_non_null(audit_at(a, AUDIT_KEPT - 1));
    assert_null(audit_at(a, AUDIT_KEPT));
    audit_free(a);
}

/* Random bytes end in no crash, and the same findings whether they come in one piece or one by one. */
static void random_streams_are_judged_alike_in_pieces(void **state)
{
    (void)state;
    unsigned seed = 20261120;
    print_message("seed %u\n", seed);
    srand(seed);
    static const char likely[] = "\x1b\x1b[[?;0123456789hlmHtqc]P\\\x07\xc2\x9b\xe4\xb8\xad" "abc";
    for (int round = 0; round < 2000; round++) {
        char bytes[64];
        for (size_t i = 0; i < sizeof(bytes); i++)
            bytes[i] = rand() % 8 ? likely[(size_t)rand() % (sizeof(likely) - 1)] : (char)rand();
        struct audit *whole = audit_new(&xterm), *pieces = audit_new(&xterm);
        audit_feed(whole, bytes, sizeof(bytes));
        for (size_t i = 0; i < sizeof(bytes); i++)
            audit_feed(pieces, bytes + i, 1);
        audit_end(whole);
        audit_end(pieces);
        assert_int_equal(audit_count(whole), audit_count(pieces));
        const struct audit_finding *f;
        for (size_t i = 0; (f = audit_at(whole, i)); i++)
            assert_string_equal(f->what, audit_at(pieces, i)->what);
        audit_free(whole);
        audit_free(pieces);
    }
}

/* Everything that curses writes on these terminals is clean, and a character that slips through is not. */
static void a_curses_program_is_clean_on_every_terminal(void **state)
{
    (void)state;
    static const char *const terms[] = {"xterm-256color",  "xterm", "tmux-256color", "screen",
                                        "screen-256color", "linux", "vt100"};
    char path[4096];
    snprintf(path, sizeof(path), "%s/tests/pty/puppet", getenv("BUILDDIR") ? getenv("BUILDDIR") : ".");
    const char *argv[] = {path, NULL};
    for (size_t i = 0; i < sizeof(terms) / sizeof(terms[0]); i++) {
        char set[64];
        snprintf(set, sizeof(set), "TERM=%s", terms[i]);
        const char *env[] = {set, NULL};
        struct pty *p = pty_start(&(struct pty_start){.argv = argv, .env = env});
        assert_true(pty_wait(p, "ready", 5000));
        pty_send(p, "jjjkj<Down>hx");
        assert_true(pty_wait(p, "key x", 5000));
        pty_resize(p, 30, 100);
        assert_true(pty_wait(p, "100x30", 5000));
        size_t n;
        const char *raw = pty_bytes(p, 0, &n);
        const struct audit_rules rules = {.term = terms[i]};
        if (!audit_bytes(&rules, raw, n))
            fail_msg("curses on %s", terms[i]);
        pty_send(p, "e");
        assert_true(pty_wait(p, "reversed", 5000));
        raw = pty_bytes(p, 0, &n);
        struct audit *a = audit_new(&rules);
        audit_feed(a, raw, n);
        assert_false(audit_end(a));
        assert_string_equal(audit_at(a, 0)->what, "character U+202E");
        audit_free(a);
        pty_free(p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_case_is_judged),
        cmocka_unit_test(a_null_byte_is_a_finding),
        cmocka_unit_test(many_findings_are_counted),
        cmocka_unit_test(random_streams_are_judged_alike_in_pieces),
        cmocka_unit_test(a_curses_program_is_clean_on_every_terminal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
