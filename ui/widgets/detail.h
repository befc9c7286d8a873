/* All that is known of one row: its texts whole and wrapped, then every column with its value, unit and
 * meaning. It follows its row by identity from sheet to sheet; when the row is gone it keeps the last values
 * and says so. */
#ifndef UI_DETAIL_H
#define UI_DETAIL_H

#include "model/frame.h"
#include "ui/canvas.h"

#include <stdbool.h>
#include <stdint.h>

struct detail;

/* Opens on a row of a sheet. `whole`: the column whose text comes first and may be long (the query); -1:
 * none. The sheet's schema must outlive the detail. */
struct detail *detail_new(const struct frame *sheet, uint32_t row, int whole);
void detail_free(struct detail *d);

/* A newer sheet of the same schema; the same one again changes nothing. */
void detail_take(struct detail *d, const struct frame *sheet);
bool detail_gone(const struct detail *d);
/* One row, the last that was seen of it. */
const struct frame *detail_row(const struct detail *d);

struct detail_look {
    int64_t now_us, wall_us;
    bool stale;
    /* Draws the row from line `top` on, and returns its lines; NULL: every column with its meaning. */
    int (*own)(const void *arg, const struct frame *row, struct canvas *c, int top, bool stale);
    const void *arg;
    /* Prints the text that comes first where the row has none yet, as the table does; NULL: nothing can. */
    bool (*cell)(void *arg, const struct frame *row, uint32_t number, int column, enum text_mode mode, struct buf *out);
    void *cell_arg;
};

/* Fills the clip. */
void detail_draw(struct detail *d, struct canvas *c, const struct detail_look *look);
/* Scrolling. false: not one of its requests. */
bool detail_handle(struct detail *d, int request);
/* Some of it is out of sight: scrolling does something. */
bool detail_scrolls(const struct detail *d);
/* "lines 1-20 of 64", safe. */
void detail_status(const struct detail *d, struct buf *out);

#endif
