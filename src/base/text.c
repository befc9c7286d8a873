/* Untrusted text made safe: a strict UTF-8 decoder, a table of what may not be drawn, and one iterator, on
 * which all the rest stands. */
#include "base/text.h"

#include <langinfo.h>
#include <stdio.h>
#include <string.h>
#include <wchar.h>

enum { MARKS_MAX = 2, TAB_STOP = 4 };

/* Invisible or reordering characters, and those that no two terminals agree on. Sorted. */
static const struct range {
    uint32_t first, last;
} hidden[] = {
    {0x034f, 0x034f},   {0x061c, 0x061c},   {0x115f, 0x1160},   {0x17b4, 0x17b5},    {0x180b, 0x180f},
    {0x200b, 0x200f},   {0x2028, 0x202e},   {0x2060, 0x206f},   {0x3164, 0x3164},    {0xe000, 0xf8ff},
    {0xfdd0, 0xfdef},   {0xfe00, 0xfe0f},   {0xfeff, 0xfeff},   {0xffa0, 0xffa0},    {0xfff0, 0xfffb},
    {0x1bca0, 0x1bca3}, {0x1d173, 0x1d17a}, {0xe0000, 0xe0fff}, {0xf0000, 0x10ffff},
};

enum text_mode text_locale_mode(void)
{
    return strcmp(nl_langinfo(CODESET), "UTF-8") == 0 ? TEXT_UTF8 : TEXT_ASCII;
}

static bool is_tail(unsigned char c)
{
    return (c & 0xc0) == 0x80;
}

static size_t decode_two(const unsigned char *p, size_t len, uint32_t *code)
{
    if (len < 2 || p[0] < 0xc2 || !is_tail(p[1]))
        return 0;
    *code = (p[0] & 0x1fu) << 6 | (p[1] & 0x3fu);
    return 2;
}

static size_t decode_three(const unsigned char *p, size_t len, uint32_t *code)
{
    if (len < 3 || !is_tail(p[1]) || !is_tail(p[2]))
        return 0;
    *code = (p[0] & 0x0fu) << 12 | (p[1] & 0x3fu) << 6 | (p[2] & 0x3fu);
    return *code < 0x800 || (*code >= 0xd800 && *code <= 0xdfff) ? 0 : 3;
}

static size_t decode_four(const unsigned char *p, size_t len, uint32_t *code)
{
    if (len < 4 || !is_tail(p[1]) || !is_tail(p[2]) || !is_tail(p[3]))
        return 0;
    *code = (p[0] & 0x07u) << 18 | (p[1] & 0x3fu) << 12 | (p[2] & 0x3fu) << 6 | (p[3] & 0x3fu);
    return *code < 0x10000 || *code > 0x10ffff ? 0 : 4;
}

size_t text_decode(const char *bytes, size_t len, uint32_t *code)
{
    const unsigned char *p = (const unsigned char *)bytes;
    if (len == 0)
        return 0;
    if (p[0] < 0x80) {
        *code = p[0];
        return 1;
    }
    if (p[0] < 0xe0)
        return decode_two(p, len, code);
    if (p[0] < 0xf0)
        return decode_three(p, len, code);
    return p[0] < 0xf8 ? decode_four(p, len, code) : 0;
}

static bool is_hidden(uint32_t code)
{
    if (code < hidden[0].first)
        return false;
    if ((code & 0xfffe) == 0xfffe)
        return true;
    size_t low = 0, high = COUNT_OF(hidden);
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (code > hidden[middle].last)
            low = middle + 1;
        else
            high = middle;
    }
    return low < COUNT_OF(hidden) && code >= hidden[low].first;
}

/* Columns of a code point beyond ASCII; 0 for a mark; -1 for what must not be drawn. */
static int width_of(uint32_t code)
{
    int width = is_hidden(code) ? -1 : wcwidth((wchar_t)code);
    return width > 2 ? -1 : width;
}

static bool is_plain(unsigned char c)
{
    return c >= 0x20 && c <= 0x7e;
}

struct text_iter text_iter(const char *bytes, size_t len, enum text_mode mode)
{
    const char *start = len ? bytes : "";
    return (struct text_iter){.at = start, .end = start + len, .mode = mode};
}

static void set_pending(struct text_iter *it, int len)
{
    it->pending_at = 0;
    it->pending_len = (uint8_t)len;
}

static void escape_byte(struct text_iter *it, unsigned byte)
{
    static const char digits[] = "0123456789abcdef";
    memcpy(it->pending, (char[]){'\\', 'x', digits[byte >> 4 & 15], digits[byte & 15]}, 4);
    set_pending(it, 4);
}

static void escape_code(struct text_iter *it, uint32_t code)
{
    set_pending(it, snprintf(it->pending, sizeof(it->pending), "<U+%04X>", (unsigned)code));
}

static void set_glyph(struct text_glyph *glyph, const char *bytes, size_t len, int columns)
{
    memcpy(glyph->bytes, bytes, len);
    glyph->bytes[len] = '\0';
    glyph->len = (uint8_t)len;
    glyph->columns = (uint8_t)columns;
}

static void next_pending(struct text_iter *it, struct text_glyph *glyph)
{
    set_glyph(glyph, &it->pending[it->pending_at++], 1, 1);
}

static bool has_pending(const struct text_iter *it)
{
    return it->pending_at < it->pending_len;
}

/* Adds the marks that follow a letter. All are consumed, also those that are one too many. */
static void take_marks(struct text_iter *it, struct text_glyph *glyph)
{
    for (int n = 0; it->at < it->end && (unsigned char)*it->at >= 0x80; n++) {
        uint32_t code;
        size_t len = text_decode(it->at, (size_t)(it->end - it->at), &code);
        if (len == 0 || code < 0x300 || width_of(code) != 0)
            return;
        if (n < MARKS_MAX) {
            memcpy(glyph->bytes + glyph->len, it->at, len);
            glyph->len += (uint8_t)len;
            glyph->bytes[glyph->len] = '\0';
        }
        it->at += len;
    }
}

/* Puts the letter at it->at into glyph, or fills in an escape and returns false. */
static bool take_letter(struct text_iter *it, struct text_glyph *glyph)
{
    unsigned char c = (unsigned char)*it->at;
    if (is_plain(c)) {
        set_glyph(glyph, it->at++, 1, 1);
        return true;
    }
    if (c == '\n' || c == '\r' || c == '\t') {
        it->at++;
        set_glyph(glyph, " ", 1, 1);
        return true;
    }
    uint32_t code = 0;
    size_t len = it->mode == TEXT_ASCII ? 0 : text_decode(it->at, (size_t)(it->end - it->at), &code);
    if (len == 0 || code < 0xa0 || code == 0xad) {
        escape_byte(it, len == 0 ? c : code);
        it->at += len ? len : 1;
        return false;
    }
    int columns = width_of(code);
    if (columns > 0)
        set_glyph(glyph, it->at, len, columns);
    else
        escape_code(it, code);
    it->at += len;
    return columns > 0;
}

bool text_next(struct text_iter *it, struct text_glyph *glyph)
{
    if (has_pending(it)) {
        next_pending(it, glyph);
        return true;
    }
    if (it->at == it->end)
        return false;
    if (!take_letter(it, glyph))
        next_pending(it, glyph);
    else if (it->mode == TEXT_UTF8)
        take_marks(it, glyph);
    return true;
}

/* How many bytes from here on are drawn as they are, one column each. The last one before a byte beyond ASCII
 * is left out: a mark may follow it. */
static size_t plain_run(const struct text_iter *it)
{
    if (has_pending(it))
        return 0;
    const char *p = it->at;
    while (p < it->end && is_plain((unsigned char)*p))
        p++;
    if (p > it->at && p < it->end && (unsigned char)*p >= 0x80)
        p--;
    return (size_t)(p - it->at);
}

/* Appends to out unless it is NULL. Returns the columns. */
static size_t walk(struct buf *out, const char *bytes, size_t len, enum text_mode mode)
{
    struct text_iter it = text_iter(bytes, len, mode);
    size_t columns = 0;
    for (;;) {
        size_t run = plain_run(&it);
        if (out)
            buf_add(out, it.at, run);
        it.at += run;
        columns += run;
        struct text_glyph glyph;
        if (!text_next(&it, &glyph))
            return columns;
        if (out)
            buf_add(out, glyph.bytes, glyph.len);
        columns += glyph.columns;
    }
}

size_t text_safe(struct buf *out, const char *bytes, size_t len, enum text_mode mode)
{
    return walk(out, bytes, len, mode);
}

size_t text_safe_string(struct buf *out, const char *string, enum text_mode mode)
{
    return string ? text_safe(out, string, strlen(string), mode) : 0;
}

size_t text_columns(const char *bytes, size_t len, enum text_mode mode)
{
    return walk(NULL, bytes, len, mode);
}

static void shorten(struct buf *b, size_t len)
{
    b->len = len;
    if (b->data)
        b->data[len] = '\0';
}

size_t text_cut(struct buf *out, const char *bytes, size_t len, size_t columns, enum text_mode mode)
{
    struct text_iter it = text_iter(bytes, len, mode);
    struct text_glyph glyph;
    size_t used = 0, kept = out->len, kept_columns = 0;
    while (text_next(&it, &glyph)) {
        if (used + glyph.columns > columns) {
            if (columns == 0)
                return 0;
            shorten(out, kept);
            buf_puts(out, mode == TEXT_UTF8 ? "…" : "~");
            return kept_columns + 1;
        }
        buf_add(out, glyph.bytes, glyph.len);
        used += glyph.columns;
        if (used < columns) {
            kept = out->len;
            kept_columns = used;
        }
    }
    return used;
}

char *text_copy(char *out, size_t size, const char *bytes, size_t len, enum text_mode mode)
{
    struct text_iter it = text_iter(bytes, len, mode);
    struct text_glyph glyph;
    size_t used = 0;
    while (text_next(&it, &glyph) && used + glyph.len < size) {
        memcpy(out + used, glyph.bytes, glyph.len);
        used += glyph.len;
    }
    out[used] = '\0';
    return out;
}

struct text_wrap text_wrap(const char *bytes, size_t len, size_t columns, enum text_mode mode)
{
    return (struct text_wrap){text_iter(bytes, len, mode), columns < 2 ? 2 : columns};
}

/* Steps over a line feed, alone or after a carriage return. */
static bool take_line_end(struct text_iter *it)
{
    if (has_pending(it) || it->at == it->end)
        return false;
    size_t len = *it->at == '\r' && it->end - it->at > 1 ? 2 : 1;
    if (it->at[len - 1] != '\n')
        return false;
    it->at += len;
    return true;
}

static bool next_in_line(struct text_iter *it, size_t used, struct text_glyph *glyph)
{
    if (!has_pending(it) && it->at < it->end && *it->at == '\t') {
        it->at++;
        memset(it->pending, ' ', TAB_STOP);
        set_pending(it, (int)(TAB_STOP - used % TAB_STOP));
    }
    return text_next(it, glyph);
}

static bool is_space(const struct text_glyph *glyph)
{
    return glyph->bytes[0] == ' ' && glyph->len == 1;
}

/* After a soft break: the spaces there are not drawn, nor a line end behind them. */
static void skip_break(struct text_iter *it)
{
    struct text_iter ahead = *it;
    struct text_glyph glyph;
    while (!take_line_end(it) && text_next(&ahead, &glyph) && is_space(&glyph))
        *it = ahead;
}

bool text_wrap_next(struct text_wrap *w, struct buf *line, size_t *columns)
{
    buf_clear(line);
    *columns = 0;
    if (!has_pending(&w->it) && w->it.at == w->it.end)
        return false;

    /* Where the line may be broken: at the spaces seen last, but not in its indentation. */
    struct text_iter after_space = w->it, before = w->it;
    size_t break_len = 0, break_columns = 0;
    bool word_seen = false, in_spaces = false;
    struct text_glyph glyph;
    while (!take_line_end(&w->it) && next_in_line(&w->it, *columns, &glyph)) {
        bool space = is_space(&glyph);
        if (space && word_seen)
            after_space = w->it;
        if (space && word_seen && !in_spaces) {
            break_len = line->len;
            break_columns = *columns;
        }
        in_spaces = space;
        word_seen |= !space;
        if (*columns + glyph.columns > w->columns) {
            w->it = before;
            if (break_len) {
                w->it = after_space;
                skip_break(&w->it);
                shorten(line, break_len);
                *columns = break_columns;
            }
            return true;
        }
        buf_add(line, glyph.bytes, glyph.len);
        *columns += glyph.columns;
        before = w->it;
    }
    return true;
}

size_t text_wrap_lines(const char *bytes, size_t len, size_t columns, enum text_mode mode)
{
    struct text_wrap w = text_wrap(bytes, len, columns, mode);
    struct buf line = {0};
    size_t n = 0, used;
    while (text_wrap_next(&w, &line, &used))
        n++;
    buf_free(&line);
    return n;
}
