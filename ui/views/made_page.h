/* A page over rows that it makes itself from what the store knows, of all targets or of one. A page is one of these and
 * the few functions that make and open its rows; the table is here. */
#ifndef UI_MADE_PAGE_H
#define UI_MADE_PAGE_H

#include "ui/views/probe_page.h"
#include "ui/view.h"
#include "ui/widgets/table.h"

/* What a page's functions are given as their arg. */
struct made_context {
    const struct store *store;
    int target;                     /* the page's target, -1 for pages of the whole fleet */
    int64_t now_us;
    struct table *table;
    void *own;                      /* what `start` gave */
};

struct made_page {
    const struct schema *schema;
    struct table_form table;
    void *(*start)(void);           /* NULL: the page keeps nothing */
    void (*end)(void *own);
    struct frame *(*make)(struct made_context *context);    /* its rows now; the caller's reference */
    /* Draws what matters more than any row on the one row of the canvas's clip; false: there is nothing. NULL: never. */
    bool (*head)(struct made_context *context, struct canvas *c);
    /* Enter on a row, and the page's own requests. False: not mine. */
    bool (*handle)(struct made_context *context, const struct view_scene *scene, int request, uint32_t row);
};

struct view_state *made_page_open(const struct made_page *page, const struct view_scene *scene);

/* The other methods of a view: MADE_PAGE_METHODS in its row. Its keys end with PROBE_PAGE_KEYS. */
void made_page_close(struct view_state *state);
void made_page_draw(struct view_state *state, const struct view_scene *scene, struct canvas *body);
bool made_page_handle(struct view_state *state, const struct view_scene *scene, int request);
bool made_page_click(struct view_state *state, const struct view_scene *scene, int row, int column, bool twice);
void made_page_status(struct view_state *state, const struct view_scene *scene, struct buf *out);
const char *made_page_disabled(struct view_state *state, const struct view_scene *scene, int request);

#define MADE_PAGE_METHODS                                                                                     \
    .close = made_page_close, .draw = made_page_draw, .handle = made_page_handle, .click = made_page_click,  \
    .status = made_page_status, .disabled = made_page_disabled

#endif
