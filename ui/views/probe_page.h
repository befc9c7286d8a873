/* A page over one topic: a line of sums, a table, a detail page. A page of a probe is one of these rows and
 * the few functions that know what its columns mean; everything else is here. */
#ifndef UI_PROBE_PAGE_H
#define UI_PROBE_PAGE_H

#include "ui/view.h"
#include "ui/widgets/sheet.h"
#include "ui/widgets/table.h"

#define PAGE_NAMES_MAX 24

/* What a page's functions are given as their arg. */
struct page_context {
    int at[PAGE_NAMES_MAX];         /* where the page's named columns are in the sheet, -1: it has no such */
    int base_at[PAGE_NAMES_MAX];    /* the same in the answer that the sheet is made from */
    unsigned switches;              /* bits, by number of the page's own request */
    const struct ui *ui;            /* for its keys; NULL: none */
    const struct target *target;    /* NULL for none */
    const struct store *store;      /* for limits, and for what other topics say */
    int64_t now_us;
    enum text_mode mode;
};

/* Looks the names up, once for all rows. at: one of the context's two. */
void page_find_names(const char *const *names, const struct schema *schema, int *at);

/* Of the page's target. */
struct limit page_limit(const struct page_context *context, enum limit_name name);
/* The one judgement of a value on every page; unknown is plain. */
static inline enum row_mark page_mark(struct limit limit, double value)
{
    return value >= limit.crit ? ROW_CRIT : value >= limit.warn ? ROW_WARN : ROW_PLAIN;
}

struct probe_page {
    const char *topic;
    const char *const *names;       /* columns that the page's functions read, by number; ends with NULL */
    bool raw;                       /* show the answer itself, although something is derived from it */
    struct table_form table;
    const struct sheet_extra *extras;   /* NULL: none */
    const char *whole;              /* the column that a detail page opens with; NULL: none */
    bool single;                    /* one row: shown in full at once */
    unsigned switches;              /* those that are on at first */
    int nswitches;                  /* REQ_VIEW to REQ_VIEW + nswitches - 1 turn them */
    /* Draws a single row in full in the page's own way, from line `top` of it on; returns its lines. NULL: as the
     * detail of any row. context is a struct page_context. */
    int (*whole_row)(const void *context, const struct frame *row, struct canvas *c, int top, bool stale);
    /* Draws sums on the one row of the canvas's clip; NULL: no such row. */
    void (*head)(const struct page_context *context, const struct frame *sheet, struct canvas *c);
};

/* Every such page has these two keys beside its own; they end its table. */
#define REQ_COLUMN_LEFT  (REQ_VIEW + 100)
#define REQ_COLUMN_RIGHT (REQ_VIEW + 101)
#define PROBE_PAGE_KEYS                                                                                       \
    {REQ_COLUMN_LEFT, "column-left", GROUP_TABLE, "(", NULL, "Moves the column of the order to the left."},   \
    {REQ_COLUMN_RIGHT, "column-right", GROUP_TABLE, ")", NULL, "Moves the column of the order to the right."}

/* From now on it is a part of another page: without sums, and no row is selected. */
void probe_page_part(struct view_state *state);
/* How many rows its table would show now; -1: there is no answer. For a page that is part of another one. */
int probe_page_rows(struct view_state *state, const struct view_scene *scene);

struct view_state *probe_page_open(const struct probe_page *page, const struct view_scene *scene);

/* The other methods of a view: PROBE_PAGE_METHODS in its row. */
void probe_page_close(struct view_state *state);
void probe_page_draw(struct view_state *state, const struct view_scene *scene, struct canvas *body);
bool probe_page_handle(struct view_state *state, const struct view_scene *scene, int request);
bool probe_page_click(struct view_state *state, const struct view_scene *scene, int row, int column,
                      bool twice);
void probe_page_status(struct view_state *state, const struct view_scene *scene, struct buf *out);
const char *probe_page_disabled(struct view_state *state, const struct view_scene *scene, int request);
const char *probe_page_hint(struct view_state *state, const struct view_scene *scene, int request);

#define PROBE_PAGE_METHODS                                                                                    \
    .close = probe_page_close, .draw = probe_page_draw, .handle = probe_page_handle,                          \
    .click = probe_page_click, .status = probe_page_status, .disabled = probe_page_disabled,                  \
    .hint = probe_page_hint

#endif
