/* Untrusted text: the vectors, then properties over generated strings (TEXT_STRINGS of the environment says how
 * many, a million by default). The properties are checked by code that shares nothing with base/text.c. */
#include "base/text.h"
#include "random.h"
#include "tsv.h"

#include <langinfo.h>
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include <cmocka.h>

static size_t from_hex(const char *hex, char *out)
{
    size_t n = 0;
    for (; hex[2 * n]; n++) {
        unsigned byte;
        assert_int_equal(sscanf(hex + 2 * n, "%2x", &byte), 1);
        out[n] = (char)byte;
    }
    return n;
}

static void vectors_hold(void **state)
{
    (void)state;
    struct tsv t = tsv_read("sanitize.tsv");
    for (size_t i = 0; i < t.nrows; i++) {
        char input[256], expected[256];
        size_t ninput = from_hex(tsv_text(&t, i, "input_hex"), input);
        size_t nexpected = from_hex(tsv_text(&t, i, "expected_hex"), expected);
        struct buf out = {0};
        size_t columns = text_safe(&out, input, ninput, TEXT_UTF8);
        if (out.len != nexpected || memcmp(out.data, expected, nexpected) != 0)
            fail_msg("%s gave %s", tsv_text(&t, i, "name"), buf_text(&out));
        assert_int_equal(columns, (int)tsv_number(&t, i, "columns"));
        assert_int_equal(text_columns(input, ninput, TEXT_UTF8), columns);
        buf_free(&out);
    }
    tsv_free(&t);
}

/* The ranges as the comments of sanitize.tsv give them, written down a second time. */
static bool may_be_drawn(wint_t c)
{
    static const wint_t bad[][2] = {
        {0x034f, 0x034f},   {0x061c, 0x061c}, {0x115f, 0x1160},   {0x17b4, 0x17b5},    {0x180b, 0x180f},
        {0x200b, 0x200f},   {0x2028, 0x202e}, {0x2060, 0x206f},   {0x3164, 0x3164},    {0xfe00, 0xfe0f},
        {0xfeff, 0xfeff},   {0xffa0, 0xffa0}, {0xfff0, 0xfffb},   {0xfdd0, 0xfdef},    {0x1bca0, 0x1bca3},
        {0x1d173, 0x1d17a}, {0xe000, 0xf8ff}, {0xe0000, 0xe0fff}, {0xf0000, 0x10ffff}, {0x80, 0x9f},
        {0xad, 0xad},       {0, 0x1f},        {0x7f, 0x7f},
    };
    if (c >= 0x20 && c < 0x7f)
        return true;
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        if (c >= bad[i][0] && c <= bad[i][1])
            return false;
    return (c & 0xffff) < 0xfffe && wcwidth((wchar_t)c) >= 0;
}

/* Checks safe text by the C library's own decoder. Returns its columns. */
static size_t check_drawable(const char *text, size_t len)
{
    mbstate_t shift = {0};
    size_t columns = 0, marks = 2;
    for (size_t at = 0; at < len;) {
        wchar_t c;
        size_t n = mbrtowc(&c, text + at, len - at, &shift);
        if (n == 0 || n > 4)
            fail_msg("not valid UTF-8: %s", text);
        if (!may_be_drawn((wint_t)c))
            fail_msg("U+%04X got through", (unsigned)c);
        int width = wcwidth(c);
        marks = width == 0 ? marks + 1 : 0;
        if (marks > 2)
            fail_msg("a third mark, or one on nothing, got through");
        columns += (size_t)width;
        at += n;
    }
    return columns;
}

static void check_ascii(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (text[i] < 0x20 || text[i] > 0x7e)
            fail_msg("byte %02x got through", (unsigned char)text[i]);
}

static size_t put_code(char *out, uint32_t c)
{
    if (c < 0x80)
        return out[0] = (char)c, 1;
    if (c < 0x800)
        return out[0] = (char)(0xc0 | c >> 6), out[1] = (char)(0x80 | (c & 63)), 2;
    if (c < 0x10000)
        return out[0] = (char)(0xe0 | c >> 12), out[1] = (char)(0x80 | (c >> 6 & 63)),
               out[2] = (char)(0x80 | (c & 63)), 3;
    return out[0] = (char)(0xf0 | c >> 18), out[1] = (char)(0x80 | (c >> 12 & 63)),
           out[2] = (char)(0x80 | (c >> 6 & 63)), out[3] = (char)(0x80 | (c & 63)), 4;
}

/* A mixture of plain text, escapes, marks, wide letters, code points from everywhere and plain rubbish. */
static size_t generate(struct random *r, char *out, size_t most)
{
    static const uint32_t spicy[] = {0x1b,    0x9b,   0x7f,    0x85,   0xad,     0x301,  0x30a,
                                     0x20e3,  0x200d, 0x202e,  0x2066, 0xfeff,   0xfe0f, 0x4e2d,
                                     0x1f600, 0x3164, 0xe0041, 0xfffe, 0x1160,   0x1161, '\n',
                                     '\r',    '\t',   ' ',     0,      0x10ffff, 0xd800};
    size_t n = 0, goal = random_below(r, (uint32_t)most - 8);
    unsigned kind = random_below(r, 4);
    while (n < goal) {
        uint64_t x = random_next(r);
        unsigned draw = kind == 3 ? 3 : (unsigned)(x >> 60) & (kind == 0 ? 7 : 3);
        x &= 0xffffffff;
        if (draw == 1)
            n += put_code(out + n, spicy[x % COUNT_OF(spicy)]);
        else if (draw == 2)
            n += put_code(out + n, (uint32_t)(x & 1 ? x % 0x3100 : x % 0x120000));
        else if (draw == 3)
            out[n++] = (char)x;
        else
            out[n++] = (char)(' ' + x % 95);
    }
    return n;
}

struct scratch {
    struct buf safe, again, ascii, cut;
};

static void check_cut(struct scratch *s, const char *text, size_t len, size_t columns, size_t room)
{
    buf_clear(&s->cut);
    size_t used = text_cut(&s->cut, text, len, room, TEXT_UTF8);
    assert_true(used <= room);
    assert_int_equal(check_drawable(buf_text(&s->cut), s->cut.len), used);
    if (columns <= room) {
        assert_int_equal(s->cut.len, s->safe.len);
        assert_memory_equal(buf_text(&s->cut), buf_text(&s->safe), s->safe.len);
    } else if (room > 0) {
        assert_true(used + 1 >= room);
        assert_string_equal(s->cut.data + s->cut.len - 3, "…");
        assert_memory_equal(s->cut.data, s->safe.data, s->cut.len - 3);
    }
}

static void check_string(struct scratch *s, const char *text, size_t len, size_t room)
{
    buf_clear(&s->safe);
    buf_clear(&s->again);
    buf_clear(&s->ascii);
    size_t columns = text_safe(&s->safe, text, len, TEXT_UTF8);
    assert_int_equal(check_drawable(buf_text(&s->safe), s->safe.len), columns);
    assert_int_equal(text_safe(&s->again, s->safe.data, s->safe.len, TEXT_UTF8), columns);
    assert_int_equal(s->again.len, s->safe.len);
    assert_memory_equal(buf_text(&s->again), buf_text(&s->safe), s->safe.len);

    size_t ascii_columns = text_safe(&s->ascii, text, len, TEXT_ASCII);
    assert_int_equal(ascii_columns, s->ascii.len);
    check_ascii(buf_text(&s->ascii), s->ascii.len);
    assert_int_equal(text_columns(s->ascii.data, s->ascii.len, TEXT_ASCII), s->ascii.len);
    check_cut(s, text, len, columns, room);
}

static void generated_strings_come_out_safe(void **state)
{
    (void)state;
    struct random r = random_start("generated strings");
    const char *wanted = getenv("TEXT_STRINGS");
    long n = wanted ? atol(wanted) : 1000000;
    assert_true(n > 0);
    struct scratch s = {0};
    for (long i = 0; i < n; i++) {
        char text[64];
        size_t len = generate(&r, text, sizeof(text));
        check_string(&s, text, len, random_below(&r, 80));
    }
    printf("%ld strings\n", n);
    buf_free(&s.safe);
    buf_free(&s.again);
    buf_free(&s.ascii);
    buf_free(&s.cut);
}

static void cutting_never_splits_a_letter(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t columns;
        enum text_mode mode;
        const char *expected;
        size_t used;
    } rows[] = {
        {"select 1", 8, TEXT_UTF8, "select 1", 8},
        {"select 12", 8, TEXT_UTF8, "select …", 8},
        {"select 12", 8, TEXT_ASCII, "select ~", 8},
        {"中中中", 6, TEXT_UTF8, "中中中", 6},
        {"中中中", 5, TEXT_UTF8, "中中…", 5},
        {"中中中", 4, TEXT_UTF8, "中…", 3},
        {"中", 1, TEXT_UTF8, "…", 1},
        {"e\u0301e\u0301e\u0301", 2, TEXT_UTF8, "e\u0301…", 2},
        {"abc", 1, TEXT_UTF8, "…", 1},
        {"abc", 0, TEXT_UTF8, "", 0},
        {"", 3, TEXT_UTF8, "", 0},
        {"a\033[m", 5, TEXT_UTF8, "a\\x1…", 5},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct buf out = {0};
        buf_puts(&out, "|");
        assert_int_equal(text_cut(&out, rows[i].text, strlen(rows[i].text), rows[i].columns, rows[i].mode),
                         rows[i].used);
        assert_string_equal(buf_text(&out) + 1, rows[i].expected);
        buf_free(&out);
    }
}

static void a_mark_on_nothing_is_named(void **state)
{
    (void)state;
    struct buf out = {0};
    text_safe_string(&out, "\u0301a\033\u0301", TEXT_UTF8);
    assert_string_equal(buf_text(&out), "<U+0301>a\\x1b<U+0301>");
    assert_int_equal(text_safe_string(&out, NULL, TEXT_UTF8), 0);
    buf_free(&out);
}

static void copies_fit(void **state)
{
    (void)state;
    char out[6];
    assert_string_equal(text_copy(out, sizeof(out), "abcdefg", 7, TEXT_UTF8), "abcde");
    assert_string_equal(text_copy(out, sizeof(out), "ab中中", 8, TEXT_UTF8), "ab中");
    assert_string_equal(text_copy(out, 1, "abc", 3, TEXT_UTF8), "");
    assert_string_equal(text_copy(out, sizeof(out), "a\nb", 3, TEXT_UTF8), "a b");
}

static void pages_wrap_at_words(void **state)
{
    (void)state;
    static const struct {
        size_t columns;
        const char *text, *expected; /* lines joined by "|", each ended by one */
    } rows[] = {
        {10, "", ""},
        {10, "short", "short|"},
        {10, "select a from b", "select a|from b|"},
        {8, "select a from b", "select a|from b|"},
        {9, "select a  from b", "select a|from b|"},
        {3, "abcdefgh", "abc|def|gh|"},
        {3, "ab cdefgh", "ab|cde|fgh|"},
        {10, "a\nb\r\nc\rd\n", "a|b|c d|"},
        {10, "a\n\nb", "a||b|"},
        {3, "foo  \nbar", "foo|bar|"},
        {8, "a\n\tb\n  \tc", "a|    b|    c|"},
        {6, "    abc def", "    ab|c def|"},
        {5, "中中中中", "中中|中中|"},
        {1, "中中", "中|中|"},
        {6, "ab\033[31m", "ab\\x1b|[31m|"},
        {4, "\u202e", "<U+2|02E>|"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        size_t len = strlen(rows[i].text), columns, lines = 0;
        struct text_wrap w = text_wrap(rows[i].text, len, rows[i].columns, TEXT_UTF8);
        struct buf line = {0}, all = {0};
        for (; text_wrap_next(&w, &line, &columns); lines++) {
            assert_int_equal(columns, text_columns(line.data, line.len, TEXT_UTF8));
            buf_add(&all, buf_text(&line), line.len);
            buf_puts(&all, "|");
        }
        assert_string_equal(buf_text(&all), rows[i].expected);
        assert_int_equal(text_wrap_lines(rows[i].text, len, rows[i].columns, TEXT_UTF8), lines);
        buf_free(&line);
        buf_free(&all);
    }
}

static void drop_spaces(struct buf *b)
{
    size_t n = 0;
    for (size_t i = 0; i < b->len; i++)
        if (b->data[i] != ' ')
            b->data[n++] = b->data[i];
    b->len = n;
}

/* A line end or a tab takes a mark with it on one line, but not where it is one: there the mark is named. */
static bool space_may_have_a_mark(const char *text, size_t len)
{
    for (size_t i = 0; i + 1 < len; i++)
        if ((text[i] == '\n' || text[i] == '\t') && (unsigned char)text[i + 1] >= 0x80)
            return true;
    return false;
}

static void wrapping_loses_nothing(void **state)
{
    (void)state;
    struct random r = random_start("wrapping");
    struct buf line = {0}, all = {0}, safe = {0};
    int compared = 0;
    for (int i = 0; i < 100000; i++) {
        char text[128];
        size_t len = generate(&r, text, sizeof(text)), room = 2 + random_below(&r, 40), columns;
        struct text_wrap w = text_wrap(text, len, room, TEXT_UTF8);
        buf_clear(&all);
        buf_clear(&safe);
        while (text_wrap_next(&w, &line, &columns)) {
            assert_true(columns <= room);
            assert_int_equal(columns, check_drawable(buf_text(&line), line.len));
            buf_add(&all, buf_text(&line), line.len);
        }
        text_safe(&safe, text, len, TEXT_UTF8);
        if (space_may_have_a_mark(text, len))
            continue;
        compared++;
        drop_spaces(&all);
        drop_spaces(&safe);
        assert_int_equal(all.len, safe.len);
        assert_memory_equal(buf_text(&all), buf_text(&safe), safe.len);
    }
    assert_true(compared > 50000);
    buf_free(&line);
    buf_free(&all);
    buf_free(&safe);
}

static void other_locales_are_safe_too(void **state)
{
    (void)state;
    assert_int_equal(text_locale_mode(), TEXT_UTF8);
    assert_non_null(setlocale(LC_CTYPE, "C"));
    assert_int_equal(text_locale_mode(), TEXT_ASCII);
    struct buf out = {0};
    assert_int_equal(text_safe_string(&out, "é\033", TEXT_ASCII), 12);
    assert_string_equal(buf_text(&out), "\\xc3\\xa9\\x1b");
    buf_clear(&out);
    text_safe_string(&out, "é中", TEXT_UTF8);
    assert_string_equal(buf_text(&out), "<U+00E9><U+4E2D>");
    buf_free(&out);
    assert_non_null(setlocale(LC_CTYPE, "C.UTF-8"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vectors_hold),
        cmocka_unit_test(cutting_never_splits_a_letter),
        cmocka_unit_test(a_mark_on_nothing_is_named),
        cmocka_unit_test(copies_fit),
        cmocka_unit_test(pages_wrap_at_words),
        cmocka_unit_test(wrapping_loses_nothing),
        cmocka_unit_test(other_locales_are_safe_too),
        cmocka_unit_test(generated_strings_come_out_safe),
    };
    if (!setlocale(LC_CTYPE, "C.UTF-8")) {
        fputs("this test needs the locale C.UTF-8\n", stderr);
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
