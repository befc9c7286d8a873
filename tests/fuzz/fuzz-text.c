/* Server text to safe text: drawable, idempotent, and as wide as it says. */
#include "fuzz.h"

#include "base/text.h"

#include <string.h>
#include <wchar.h>

/* Decoded by the C library, not by ours. Returns the columns. */
static size_t check_drawable(const struct buf *b)
{
    mbstate_t shift = {0};
    size_t columns = 0;
    for (size_t at = 0; at < b->len;) {
        wchar_t c;
        size_t n = mbrtowc(&c, b->data + at, b->len - at, &shift);
        FUZZ_CHECK(n > 0 && n <= 4);
        FUZZ_CHECK(c >= 0x20 && c != 0x7f && (c < 0x80 || c > 0x9f) && c != 0xad);
        FUZZ_CHECK(c < 0x200b || c > 0x200f);
        FUZZ_CHECK(c < 0x2028 || c > 0x202e);
        FUZZ_CHECK(c < 0x2060 || c > 0x206f);
        FUZZ_CHECK(c < 0xe000 || (c > 0xf8ff && c < 0xe0000));
        int width = wcwidth(c);
        FUZZ_CHECK(width >= 0);
        columns += (size_t)width;
        at += n;
    }
    return columns;
}

static void check_wrap(const char *text, size_t len, size_t room, enum text_mode mode)
{
    struct text_wrap w = text_wrap(text, len, room, mode);
    struct buf line = {0};
    size_t columns, lines = 0;
    for (; text_wrap_next(&w, &line, &columns); lines++) {
        FUZZ_CHECK(columns <= (room < 2 ? 2 : room));
        FUZZ_CHECK(check_drawable(&line) == columns);
        FUZZ_CHECK(lines <= len * 11);
    }
    FUZZ_CHECK(text_wrap_lines(text, len, room, mode) == lines);
    buf_free(&line);
}

/* The first byte is a width, the second the mode; the rest is the text. */
FUZZ_TARGET(text)
{
    if (len < 2)
        return;
    const char *text = (const char *)bytes + 2;
    size_t room = bytes[0];
    enum text_mode mode = bytes[1] & 1 ? TEXT_ASCII : TEXT_UTF8;
    len -= 2;
    struct buf safe = {0}, again = {0}, cut = {0};
    size_t columns = text_safe(&safe, text, len, mode);
    FUZZ_CHECK(check_drawable(&safe) == columns);
    FUZZ_CHECK(text_columns(text, len, mode) == columns);
    FUZZ_CHECK(text_safe(&again, safe.data, safe.len, mode) == columns);
    FUZZ_CHECK(again.len == safe.len && (safe.len == 0 || memcmp(again.data, safe.data, safe.len) == 0));
    size_t used = text_cut(&cut, text, len, room, mode);
    FUZZ_CHECK(used <= room && used <= columns && check_drawable(&cut) == used);
    check_wrap(text, len, room, mode);
    char copy[64];
    text_copy(copy, 1 + room % 64, text, len, mode);
    FUZZ_CHECK(strlen(copy) <= room % 64);
    buf_free(&safe);
    buf_free(&again);
    buf_free(&cut);
}
