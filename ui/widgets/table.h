/* The one table of the program, over a sheet (ui/widgets/sheet.h). It sorts, filters, searches, marks, and
 * keeps the selection on its row by identity (the key columns), whatever the order and whoever comes and
 * goes.
 *
 * A table holds a reference to the sheet that it shows. Nothing is allocated for a cell; rows are arranged
 * when a sheet, the order or the filter changes, not when they are drawn. */
#ifndef UI_TABLE_H
#define UI_TABLE_H

#include "base/err.h"
#include "model/frame.h"
#include "ui/canvas.h"

#include <stdbool.h>
#include <stdint.h>

struct ui;

enum row_mark {
    ROW_PLAIN,
    ROW_DIM,        /* "·": of no concern, such as our own sessions */
    ROW_WARN,       /* "!" */
    ROW_CRIT,       /* "‼" */
    ROW_UNKNOWN,    /* "?": the server does not show us enough to say */
    ROW_FINE,       /* "·": nothing is wrong, on pages where a row may be */
    ROW_STALE,      /* "=": what it shows is of before */
    ROW_HEADING     /* not a row among the others, but the name of those below it */
};

#define TABLE_ROOT UINT32_MAX       /* a row without a parent */

/* What a page says about its table: const, one a page. The functions get the page's arg and may be NULL. */
struct table_form {
    /* Shown at first, in this order, NULL-terminated; NULL: all. The first is frozen: it is never dropped, stays when
     * the rest scrolls, and is cut only where nothing else would have a place. */
    const char *const *columns;
    const char *sort;               /* column of the first order; NULL: as the answer came */
    bool descending;
    int tail_least;                 /* columns that the last text column needs at least; 0: by the screen */
    int text_least;                 /* that any other needs on a screen of 120 columns or more; 0: 10 */
    /* The column that says why a row is marked; NULL: none. On a narrow screen it gives way first, and its words stand in
     * the free cells of such rows, and of headings. */
    const char *reason;
    const char *empty;              /* a sentence for an answer without rows; NULL: a general one */
    const char *branch;             /* the column that shows a row's place in the tree; NULL: no tree */
    int branch_from;                /* depth from which on a row shows it; 0: 1, for roots that are no headings */
    /* Fills in the row above each row in the tree, or TABLE_ROOT. Cycles are cut somewhere. */
    void (*parents)(void *arg, const struct frame *sheet, uint32_t *parent);
    bool (*hide)(void *arg, const struct frame *sheet, uint32_t row);
    enum row_mark (*mark)(void *arg, const struct frame *sheet, uint32_t row);
    /* Prints a cell in its own way: safe text appended to out. false: as usual. */
    bool (*cell)(void *arg, const struct frame *sheet, uint32_t row, int column, enum text_mode mode,
                 struct buf *out);
    /* The look of a cell in a row that has this one. */
    enum role_name (*look)(void *arg, const struct frame *sheet, uint32_t row, int column, enum role_name look);
    /* Draws over a cell that was printed, in its place on the canvas. */
    void (*draw)(void *arg, const struct frame *sheet, uint32_t row, int column, struct canvas *c, struct rect place,
                 enum role_name look);
};

struct table;

struct table *table_new(const struct table_form *form, const struct schema *schema, void *arg);
void table_free(struct table *t);

/* Takes references to the sheet and to the rates that it was made with (for filters such as calls>10/s; NULL:
 * none). A sheet that is shown already is not arranged again. */
void table_take(struct table *t, const struct frame *sheet, const struct frame *rates, int64_t now_us);
const struct frame *table_sheet(const struct table *t);     /* NULL: none yet */
/* While something lies on top of the page, rows keep their places through new sheets; new rows stand at the end.
 * Thawing arranges them again. */
void table_freeze(struct table *t, bool frozen);
/* The user has chosen the selected row, without having moved to it: the cursor stays on it from now on. */
void table_hold(struct table *t);
/* After the page's own switches (hide) changed. */
void table_rearrange(struct table *t);

/* ---- order, filter, search ---- */

void table_sort(struct table *t, int column, bool descending);     /* -1: as the answer came */
int table_sort_column(const struct table *t);
void table_sort_step(struct table *t, int step);    /* by the next column to the left or right that was drawn */
void table_invert(struct table *t);

/* NULL or "": no filter. When the text is wrong the old filter stays. */
bool table_filter(struct table *t, const char *text, struct err *err) MUST_CHECK;
const char *table_filter_text(const struct table *t);       /* "" without one */
/* Goes to the first match, and shows where it is. Same grammar. */
bool table_search(struct table *t, const char *text, struct err *err) MUST_CHECK;
const char *table_search_text(const struct table *t);
bool table_search_step(struct table *t, int step);          /* false: no match */

uint32_t table_shown(const struct table *t);                /* rows that the filter lets through */
uint32_t table_total(const struct table *t);                /* rows that the page does not hide */
uint32_t table_row_at(const struct table *t, uint32_t place);   /* the sheet's row at a place of the order */

/* ---- columns ---- */

int table_columns(const struct table *t);
int table_column_at(const struct table *t, int place);      /* the schema's column at a place of the order */
bool table_column_shown(const struct table *t, int place);
void table_column_show(struct table *t, int place, bool shown);     /* the frozen one stays */
void table_column_move(struct table *t, int place, int step);       /* not into the frozen one's place */
int table_columns_left_out(const struct table *t); /* shown ones that the last drawing had no room for */
void table_scroll(struct table *t, int step);               /* sideways, by columns */
void table_wide(struct table *t, bool wide);
bool table_is_wide(const struct table *t);

/* ---- selection and marks ---- */

bool table_selected(const struct table *t, uint32_t *row);  /* row of the sheet; false: there is no row */
uint32_t table_place(const struct table *t);                /* of the selected row; UINT32_MAX: none */
void table_move(struct table *t, int64_t by);
void table_move_to(struct table *t, uint32_t place);        /* the last one when there are fewer */
uint32_t table_find(const struct table *t, int column, int64_t value);  /* the first row of the sheet with this number,
                                                                            hidden or not; UINT32_MAX: none */
bool table_select_row(struct table *t, uint32_t row);       /* of the sheet; false: it is hidden */
int table_lines(const struct table *t);                     /* rows that the last drawing had room for */
void table_follow(struct table *t, bool follow);            /* the window goes along with the selected row */
bool table_follows(const struct table *t);

void table_mark(struct table *t);                           /* the selected row, or takes the mark away */
void table_mark_range(struct table *t);                     /* from the last marked row to the selected one */
void table_mark_none(struct table *t);
uint32_t table_marks(const struct table *t);                /* also of rows that are gone or hidden */
bool table_marked(const struct table *t, uint32_t row);

/* What happened to the selected row ("pid 4711 is gone; this is the next row"), for a few seconds; "" else.
 */
const char *table_notice(const struct table *t, int64_t now_us);

/* ---- drawing and keys ---- */

struct table_look {
    int64_t now_us, wall_us;
    bool stale;                     /* nothing may look fresh */
    bool unselected;                /* no selected row is drawn: the table is a part of another page */
};

/* Fills the canvas's clip: headings, rows, or why there are none. */
void table_draw(struct table *t, struct canvas *c, const struct table_look *look);
enum table_spot { SPOT_NONE, SPOT_ROW, SPOT_HEADING };
/* A click at a place of the last drawing: selects the row, or sorts by the column. */
enum table_spot table_click(struct table *t, int row, int column);
/* "filter: state:active", a tab, "12/340  ↓age  +3 cols"; safe. */
void table_status(const struct table *t, struct buf *out);
/* All requests that a table knows, with their prompts and lists. false: not one of them. */
bool table_handle(struct table *t, struct ui *ui, int request);

#endif
