/* A one-line editor, and the history of what was typed. */
#include "ui/line.h"

#include "base/mem.h"
#include "base/text.h"
#include "spec/keymap.h"

#include <stdlib.h>
#include <string.h>
#include <wchar.h>

enum {
    CTRL_A = 1,
    CTRL_B = 2,
    CTRL_D = 4,
    CTRL_E = 5,
    CTRL_F = 6,
    CTRL_H = 8,
    CTRL_K = 11,
    CTRL_U = 21,
    CTRL_W = 23
};

void line_set(struct line *l, const char *text)
{
    l->len = l->at = 0;
    l->text[0] = '\0';
    if (text)
        line_insert(l, text, strlen(text));
}

void line_wipe(struct line *l)
{
    mem_wipe(l, sizeof(*l));
}

static void remove_bytes(struct line *l, size_t from, size_t to)
{
    memmove(l->text + from, l->text + to, l->len - to + 1);
    l->len -= to - from;
    mem_wipe(l->text + l->len, to - from);
    l->at = from;
}

/* True when text.h draws these bytes as they are after `letter`. */
static bool is_drawn(char letter, const char *bytes, size_t n)
{
    char text[5] = {letter};
    size_t first = letter ? 1 : 0;
    memcpy(text + first, bytes, n);
    struct text_iter it = text_iter(text, first + n, TEXT_UTF8);
    struct text_glyph glyph;
    return text_next(&it, &glyph) && glyph.len == first + n;
}

/* Bytes at the front that may go in as they are: one code point, a letter or a mark. */
static size_t good_letter(const char *bytes, size_t len)
{
    uint32_t code;
    size_t n = text_decode(bytes, len, &code);
    if (n <= 1)
        return n == 1 && code >= 0x20 && code != 0x7f ? 1 : 0;
    return is_drawn('\0', bytes, n) || is_drawn('a', bytes, n) ? n : 0;
}

static bool insert_bytes(struct line *l, const char *bytes, size_t len)
{
    if (len > LINE_MAX_BYTES - l->len)
        return false;
    memmove(l->text + l->at + len, l->text + l->at, l->len - l->at + 1);
    memcpy(l->text + l->at, bytes, len);
    l->len += len;
    l->at += len;
    return true;
}

bool line_insert(struct line *l, const char *bytes, size_t len)
{
    bool any = false;
    for (size_t i = 0; i < len;) {
        bool blank = bytes[i] == '\n' || bytes[i] == '\r' || bytes[i] == '\t';
        size_t n = blank ? 1 : good_letter(bytes + i, len - i);
        if (n > 0)
            any |= insert_bytes(l, blank ? " " : bytes + i, n);
        i += n > 0 ? n : 1;
    }
    return any;
}

/* Marks belong to the letter before them. */
static bool is_mark(const struct line *l, size_t at)
{
    uint32_t code;
    size_t n = text_decode(l->text + at, l->len - at, &code);
    return n > 1 && code >= 0x300 && wcwidth((wchar_t)code) == 0;
}

static size_t letter_start(const struct line *l, size_t at)
{
    while (at > 0 && (l->text[at] & 0xc0) == 0x80)
        at--;
    return at;
}

static size_t before(const struct line *l, size_t at)
{
    do {
        if (at > 0)
            at = letter_start(l, at - 1);
    } while (at > 0 && is_mark(l, at));
    return at;
}

static size_t after(const struct line *l, size_t at)
{
    do {
        if (at < l->len)
            at++;
        while (at < l->len && (l->text[at] & 0xc0) == 0x80)
            at++;
    } while (at < l->len && is_mark(l, at));
    return at;
}

static size_t word_start(const struct line *l, size_t at)
{
    while (at > 0 && l->text[at - 1] == ' ')
        at--;
    while (at > 0 && l->text[at - 1] != ' ')
        at--;
    return at;
}

static bool insert_key(struct line *l, uint32_t key)
{
    char bytes[4];
    size_t n = 0;
    if (key < 0x20 || key >= K_SPECIAL_)
        return false;
    if (key < 0x80) {
        bytes[n++] = (char)key;
    } else {
        int tail = key < 0x800 ? 1 : key < 0x10000 ? 2 : 3;
        static const unsigned char lead[] = {0, 0xc0, 0xe0, 0xf0};
        bytes[n++] = (char)(lead[tail] | key >> (6 * tail));
        while (tail-- > 0)
            bytes[n++] = (char)(0x80 | (key >> (6 * tail) & 0x3f));
    }
    line_insert(l, bytes, n);
    return true;
}

bool line_key(struct line *l, uint32_t key)
{
    switch (key) {
    case K_LEFT: case CTRL_B:
        l->at = before(l, l->at);
        return true;
    case K_RIGHT: case CTRL_F:
        l->at = after(l, l->at);
        return true;
    case K_HOME: case CTRL_A:
        l->at = 0;
        return true;
    case K_END: case CTRL_E:
        l->at = l->len;
        return true;
    case K_BACKSPACE: case CTRL_H: case 0x7f:
        remove_bytes(l, before(l, l->at), l->at);
        return true;
    case K_DELETE: case CTRL_D:
        remove_bytes(l, l->at, after(l, l->at));
        return true;
    case CTRL_K:
        remove_bytes(l, l->at, l->len);
        return true;
    case CTRL_U:
        remove_bytes(l, 0, l->at);
        return true;
    case CTRL_W:
        remove_bytes(l, word_start(l, l->at), l->at);
        return true;
    default:
        return insert_key(l, key);
    }
}

/* ---- history ---- */

void line_history_add(struct line_history *h, const char *text)
{
    if (text[0] == '\0' || (h->n > 0 && strcmp(h->entries[h->n - 1], text) == 0))
        return;
    if (h->n == LINE_HISTORY_MAX) {
        free(h->entries[0]);
        memmove(h->entries, h->entries + 1, sizeof(h->entries[0]) * (LINE_HISTORY_MAX - 1));
        h->n--;
    }
    h->entries[h->n++] = mem_string(text);
}

void line_history_rewind(struct line_history *h)
{
    h->at = h->n;
    free(h->kept);
    h->kept = NULL;
}

bool line_history_walk(struct line_history *h, struct line *l, int step)
{
    int to = h->at + step;
    if (to < 0 || to > h->n)
        return false;
    if (h->at == h->n) {
        free(h->kept);
        h->kept = mem_string(l->text);
    }
    h->at = to;
    line_set(l, to == h->n ? h->kept : h->entries[to]);
    return true;
}

void line_history_free(struct line_history *h)
{
    for (int i = 0; i < h->n; i++)
        free(h->entries[i]);
    free(h->kept);
    *h = (struct line_history){0};
}
