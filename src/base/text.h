/* Untrusted text made safe. Every byte that a server, a file, a pipe or another user had a hand in passes
 * through here before it reaches a terminal, a log, a window title, an exit text, or a CSV or text report:
 * nothing else may put such text out.
 *
 * What comes out is printable: no byte below 0x20, no 0x7f, no C1 control, nothing that reorders or hides
 * text, and always valid UTF-8 (TEXT_UTF8) or ASCII (TEXT_ASCII). Making it safe twice changes nothing.
 *   \n \r \t                                     one space
 *   other control bytes, U+0080-009F, U+00AD,
 *   every byte that is not strict UTF-8          \xNN
 *   invisible, reordering, private, unassigned   <U+XXXX>
 *   marks on a letter                            two stay, more are dropped
 *   a mark on nothing (it would land on the
 *   neighbour's cell)                            <U+XXXX>
 * Columns are terminal cells by wcwidth(), which follows LC_CTYPE: call setlocale() first. In a locale that
 * is not UTF-8, wcwidth() refuses all but ASCII; then TEXT_UTF8 is still safe but shows <U+XXXX> for every
 * letter beyond ASCII, so take the mode from text_locale_mode().
 *
 * Text is a pointer and a length; it may hold zero bytes (\x00). All functions borrow. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include "base/attr.h"
#include "base/buf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum text_mode {
    TEXT_UTF8,
    TEXT_ASCII      /* 0x20 to 0x7e and \xNN only: for other locales, --ascii and shared screens */
};

/* TEXT_UTF8 if setlocale() has chosen a UTF-8 locale. */
enum text_mode text_locale_mode(void);

/* Appends the safe form to out. Returns its columns. */
size_t text_safe(struct buf *out, const char *bytes, size_t len, enum text_mode mode);
/* The same for a zero-terminated string; NULL adds nothing. */
size_t text_safe_string(struct buf *out, const char *string, enum text_mode mode);
/* Columns of the safe form. */
size_t text_columns(const char *bytes, size_t len, enum text_mode mode);
/* Appends the safe form, at most `columns` wide: what is longer ends in an ellipsis (one column, "~" in
 * ASCII). Never splits a letter from its marks, nor a wide one. Reads no further than it must. Returns the
 * columns. */
size_t text_cut(struct buf *out, const char *bytes, size_t len, size_t columns, enum text_mode mode);
/* Writes the safe form into out, zero-terminated; what does not fit into size (>= 1) is left off, whole
 * letters at a time. For error sentences. Returns out. */
char *text_copy(char *out, size_t size, const char *bytes, size_t len, enum text_mode mode);

/* ---- one letter at a time ---- */

struct text_glyph {
    char bytes[13];     /* a letter and at most two marks, safe, zero-terminated */
    uint8_t len;        /* 1 to 12 bytes */
    uint8_t columns;    /* 1 or 2 */
};

/* May be copied to remember a place. The text must outlive it. */
struct text_iter {
    const char *at, *end;
    enum text_mode mode;
    uint8_t pending_at, pending_len;
    char pending[14];   /* the rest of an escape such as \x1b: its characters come one by one */
};

struct text_iter text_iter(const char *bytes, size_t len, enum text_mode mode);
/* False at the end. */
bool text_next(struct text_iter *it, struct text_glyph *glyph);

/* ---- wrapping, for detail pages ---- */

/* Breaks at spaces, inside words only when one is longer than the line. A line feed ends a line (CR LF is
 * one), a tab goes to the next multiple of 4 columns. Nothing else differs from text_safe. */
struct text_wrap {
    struct text_iter it;
    size_t columns;
};

/* Fewer than 2 columns means 2. */
struct text_wrap text_wrap(const char *bytes, size_t len, size_t columns, enum text_mode mode);
/* Replaces what is in line by the next line, and gives its columns. False when there is none left. */
bool text_wrap_next(struct text_wrap *w, struct buf *line, size_t *columns);
/* How many lines there are. Reads all of the text. */
size_t text_wrap_lines(const char *bytes, size_t len, size_t columns, enum text_mode mode);

/* ---- underneath ---- */

/* Strict UTF-8: the length of the code point at bytes (1 to 4), or 0 when there is none. */
size_t text_decode(const char *bytes, size_t len, uint32_t *code);

#endif
