/* How one value is printed: short and aligned for tables, in full for detail pages. By type, role and unit of
 * its column; all of it is safe text. */
#ifndef UI_CELL_H
#define UI_CELL_H

#include "base/buf.h"
#include "base/text.h"
#include "model/frame.h"
#include "spec/theme.h"

#include <stdbool.h>
#include <stdint.h>

struct cell_print {
    enum text_mode mode;
    int64_t wall_us;        /* now; a time of today is printed without its date */
    int most;               /* columns of text that are wanted; 0: all */
};

/* Appends the short form. Returns LOOK_NULL for what is unknown, LOOK_LABEL for a zero, else LOOK_TEXT. */
enum role_name cell_short(struct buf *out, const struct frame *f, uint32_t row, int column,
                          const struct cell_print *print);
/* Appends the long form with its unit: "212 MB (222,298,112 bytes)". Text is not wrapped here. */
enum role_name cell_long(struct buf *out, const struct frame *f, uint32_t row, int column,
                         const struct cell_print *print);

/* Numbers and times stand at the right, under their heading. */
bool cell_at_right(const struct column *column);
/* What the unit is called on a detail page; "" for none. A counter's is per second. */
const char *cell_unit(const struct column *column);

#endif
