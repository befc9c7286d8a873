/* What a page shows of one answer: its columns, with counters as rates per second, and with what the page
 * works out itself. A sheet is made once an answer, as a frame of its own, so that sorting, filters and the
 * detail page need to know nothing of where a value came from.
 *
 * Columns: the base schema's in its order (a counter's is TYPE_REAL and ROLE_COUNTER, its rate), then the
 * page's extras, then each counter's total as NAME_total. Epochs are left out. */
#ifndef UI_SHEET_H
#define UI_SHEET_H

#include "model/frame.h"

struct sheet_extra {
    struct column column;       /* any type but TYPE_TEXT */
    /* Sets this column of the builder's newest row from a row of the answer, or leaves it unknown. rates: the
     * same row's counters per second, NULL: unknown. */
    void (*fill)(void *arg, struct frame_builder *b, int column, const struct frame *f,
                 const struct frame *rates, uint32_t row);
};

struct sheet;

/* rates: schema of the rates frame, whose columns have the counters' names; NULL: none. Extras end with a
 * NULL name (NULL: none); their functions get arg. All are borrowed for the sheet's life. */
struct sheet *sheet_new(const struct schema *base, const struct schema *rates,
                        const struct sheet_extra *extras, void *arg);
void sheet_free(struct sheet *s);

/* Of the frames that sheet_make gives; lives as long as the sheet, which must outlive them. */
const struct schema *sheet_schema(const struct sheet *s);

/* The caller owns the reference. The frame borrows the text of base, which must outlive it: megabytes of
 * queries are not copied for every answer. rates may be NULL: then no rate is known. NULL when the answer has
 * other columns. */
struct frame *sheet_make(const struct sheet *s, const struct frame *base, const struct frame *rates);

#endif
