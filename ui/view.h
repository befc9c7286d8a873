/* A page. It states which topics it reads, draws from the store, and turns requests into intents. One row of
 * ui/views/table.c and one file each. Handlers only change the view's own state and ask the engine; drawing
 * comes last, once a turn. Any function but draw may be NULL; open may return NULL when there is nothing to
 * keep. */
#ifndef UI_VIEW_H
#define UI_VIEW_H

#include "engine/engine.h"
#include "ui/canvas.h"
#include "ui/keymap.h"

struct ui;              /* ui/ui.h */
struct view_state;      /* each view's own */

/* While answers cannot be older than this without being stale, a bound says enough of their age. */
#define VIEW_BOUND_US    5000000LL

/* From this size on a page may read its `wide` topics too. */
enum { VIEW_WIDE_ROWS = 45, VIEW_WIDE_COLUMNS = 160 };

/* What a view is given each time. */
struct view_scene {
    struct ui *ui;
    struct store *store;        /* read only for views */
    struct engine *engine;      /* for intents; NULL in screen tests */
    int target;                 /* the page's target, -1 for pages of the whole fleet */
    int64_t now_us;             /* boot time */
    int64_t wall_us;            /* by the clock of the page's target, where it is known, else by ours */
    const char *argument;       /* what the page was opened with (a pid, a queue); NULL: nothing */
    const char *filter;         /* to begin with, as typed in ":sessions /text"; NULL: none. Only for open */
};

/* Of what kind of target a page tells. On another one it says so instead of drawing, and its number belongs to
 * another page. */
enum view_kind { VIEW_ANY, VIEW_SERVER, VIEW_POOLER, VIEW_APP, VIEW_KIND_COUNT_ };
/* What the pages of a target are; what is not known yet, or no target at all, is taken for a server. */
enum view_kind view_kind_of(const struct target *t);

struct view {
    const char *name;               /* for :palette and YAML, one word */
    const char *title;              /* in breadcrumbs */
    const char *help;               /* what the page shows, in one or two sentences, for ? */
    char digit; /* '1'..'9': its place among the pages of its kind, unless the user orders them; 0: reached by name
                   or from a row */
    enum view_kind kind;
    bool fleet;                     /* of all targets at once: opened with target -1 */
    bool home;                      /* the one page that all others are reached from: nothing lies below it */
    const char *argument;           /* the number that may follow the name in the palette, in a word: it chooses a row;
                                       NULL: what follows is a filter */
    const char *const *reads;       /* topics, NULL-terminated; the engine samples these faster. The header shows the
                                       age of the oldest */
    const char *const *also;        /* the same for slow topics whose age the page itself tells; NULL: none */
    const char *const *wide;        /* topics that only a large screen (VIEW_WIDE) has room for; NULL: none */
    const struct key_row *keys;     /* the view's own requests beside the common ones; NULL: none */
    struct view_state *(*open)(const struct view_scene *scene);
    void (*close)(struct view_state *state);
    /* body is clipped to the page's place: canvas_rows and canvas_columns, down to 1x1, say how large that
     * is. */
    void (*draw)(struct view_state *state, const struct view_scene *scene, struct canvas *body);
    /* request is an enum request or REQ_VIEW + n of the view's own rows. false: not mine, the common handler
     * may have it. REQ_BACK comes here first: a page with a filter clears it and returns true. */
    bool (*handle)(struct view_state *state, const struct view_scene *scene, int request);
    /* Row and column within body. twice: the second click on the same row, with no key in between: open it.
     */
    bool (*click)(struct view_state *state, const struct view_scene *scene, int row, int column, bool twice);
    /* One line for the right of the breadcrumb (filter chip, "12/340", sort column); safe text. Where there is no
     * room, what stands before a tab is cut, and the rest stays. */
    void (*status)(struct view_state *state, const struct view_scene *scene, struct buf *out);
    /* Which request is disabled now, and why, in a sentence; NULL: enabled; "": it means nothing on this page
     * and is not shown in the hints. */
    const char *(*disabled)(struct view_state *state, const struct view_scene *scene, int request);
    /* The hint that a request has now; NULL: that of its row, or none; "": none. */
    const char *(*hint)(struct view_state *state, const struct view_scene *scene, int request);
};

/* `disabled` of pages of text: what moves in a table means nothing there. */
const char *view_no_table(struct view_state *state, const struct view_scene *scene, int request);
/* Whether a request is about the rows of a table, or finds some: for pages that have none. */
bool view_wants_rows(const struct view_scene *scene, int request);

#endif
