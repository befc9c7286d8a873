/* Below the rows of the overview: the sessions, statements, queues and pools that matter, where there is room. */
#include "ui/views/overview.h"

#include "base/mem.h"
#include "ui/views/list.h"
#include "ui/views/sessions.h"
#include "ui/widgets/words.h"

#include <stdlib.h>
#include <string.h>

enum {
    PARTS_MAX = 8,
    PART_LEAST = 4,             /* rows that a part is worth: its title, headings, two rows */
    PART_FAIR = 12,             /* rows that each gets before the first ones get more */
    PART_MOST = 202,
    AT_TITLE = 1,
    BESIDE_FROM = 180,          /* columns: two narrow parts stand beside each other */
    COLUMNS_LEAST = 60,
    QUEUES_FROM = 30            /* rows of the screen: on a small one they would cost more bytes than they are worth */
};

/* ---- which rows matter ---- */

static bool hide_unimportant(void *arg, const struct frame *sheet, uint32_t row)
{
    const struct page_context *context = arg;
    if (session_mark(arg, sheet, row) == ROW_CRIT)
        return false;
    enum session_kind kind = session_kind(context->at, sheet, row);
    return kind == SESSION_IDLE || kind == SESSION_BACKGROUND || session_is_ours(context, sheet, row);
}

static const char *const session_shown[] = {"pid", "user", "database", "application", "state", "age_s", "wait",
                                            "blocked_by", "query", NULL};

static const struct probe_page session_part = {
    .topic = "sessions",
    .names = session_names,
    .table = {.columns = session_shown,
              .sort = "age_s",
              .descending = true,
              .branch = "user",
              .parents = session_parents,
              .hide = hide_unimportant,
              .mark = session_mark,
              .cell = session_cell},
    .extras = session_extras,
};

/* The others are those of the pages, a row selected in none. */
struct part_form {
    const char *title;
    enum view_kind kind;
    const struct view *page;
    const struct probe_page *own;   /* NULL: the page's own table */
    const char *none;               /* what no rows mean; NULL: the part is left out then */
    bool narrow;
};

static const struct part_form forms[] = {
    {"sessions that matter", VIEW_SERVER, &sessions_view, &session_part,
     "none: no session runs, waits or holds a transaction open, but our own", false},
    {"statements by time, last interval", VIEW_SERVER, &statements_view, NULL, NULL, false},
    {"queues", VIEW_SERVER, &queues_view, NULL, NULL, true},
    {"connections by application", VIEW_SERVER, &pools_view, NULL, NULL, true},
    {"pools", VIEW_POOLER, &bouncer_pools_view, NULL, NULL, false},
    {"traffic", VIEW_POOLER, &bouncer_stats_view, NULL, NULL, false},
    {"databases", VIEW_POOLER, &bouncer_databases_view, NULL, NULL, false},
    {"pools", VIEW_APP, &app_pools_view, NULL, NULL, false},
    {NULL, VIEW_ANY, NULL, NULL, NULL, false},
};

struct part {
    const struct part_form *is;
    struct view_state *state;
    int rows;                   /* of its table; -1: there is no answer, or nothing to draw */
    struct rect drawn;          /* in the clip; no rows: not drawn */
};

struct overview_parts {
    struct part list[PARTS_MAX];
    int n;
};

struct overview_parts *overview_parts_open(const struct view_scene *scene)
{
    struct overview_parts *p = mem_new(sizeof(*p));
    struct view_scene plain = *scene;
    plain.argument = plain.filter = NULL;
    for (const struct part_form *form = forms; form->title; form++)
        p->list[p->n++] = (struct part){
            .is = form,
            .state = form->own ? probe_page_open(form->own, &plain) : form->page->open(&plain),
        };
    for (int i = 0; i < p->n; i++)
        probe_page_part(p->list[i].state);
    return p;
}

void overview_parts_close(struct overview_parts *p)
{
    for (int i = 0; i < p->n; i++)
        probe_page_close(p->list[i].state);
    free(p);
}

/* ---- who gets how much ---- */

static int wants(const struct part *part)
{
    if (part->rows == 0)
        return part->is->none ? 2 : 0;
    int rows = 2 + (part->rows < PART_MOST ? part->rows : PART_MOST);
    return part->rows < 0 ? 0 : rows > PART_LEAST ? rows : PART_LEAST;
}

/* Parts in their order get a fair share, then the first ones what is left. heights: of those that stand alone, or
 * at the left of another. One blank line goes before each. */
static void share(const int *wanted, int *heights, int n, int rows)
{
    for (int i = 0; i < n; i++) {
        int most = wanted[i] < PART_FAIR ? wanted[i] : PART_FAIR;
        heights[i] = most < rows - 1 ? most : rows - 1;
        if (heights[i] < (wanted[i] < PART_LEAST ? wanted[i] : PART_LEAST) || heights[i] < 1)
            heights[i] = 0;
        rows -= heights[i] ? heights[i] + 1 : 0;
    }
    for (int i = 0; i < n; i++) {
        int more = wanted[i] - heights[i] < rows ? wanted[i] - heights[i] : rows;
        if (heights[i] == 0 || more <= 0)
            continue;
        heights[i] += more;
        rows -= more;
    }
}

/* "statements by time, last interval, 8 s ago". The age in the header is that of what comes with every interval; what is
 * asked less often, and only while a screen has room for it, says its own. */
static void say_title(const struct part *part, const struct view_scene *scene, struct buf *out)
{
    const char *name = part->is->own ? part->is->own->topic : part->is->page->reads[0];
    int topic = store_find_topic(scene->store, name);
    bool ours = false;
    buf_puts(out, part->is->title);
    for (int i = 0; overview_view.reads[i]; i++)
        ours = ours || strcmp(overview_view.reads[i], name) == 0;
    struct sight s = {0};
    if (!ours && topic >= 0)
        s = store_sight(scene->store, scene->target, topic, scene->now_us);
    if (!s.good || (s.state == SIGHT_FRESH && s.interval_us + s.deadline_us <= VIEW_BOUND_US))
        return;
    buf_puts(out, ", ");
    words_age(out, s.age_us, TEXT_UTF8);
    buf_puts(out, " ago");
}

static void draw_part(struct part *part, const struct view_scene *scene, struct canvas *c, struct rect r)
{
    part->drawn = r;
    struct buf title = {0};
    say_title(part, scene, &title);
    canvas_text(c, r.row, r.column + AT_TITLE, r.columns - AT_TITLE, LOOK_TITLE, buf_text(&title));
    buf_free(&title);
    if (part->rows == 0) {
        canvas_text(c, r.row + 1, r.column + AT_TITLE + 2, r.columns - AT_TITLE - 2, LOOK_LABEL, part->is->none);
        return;
    }
    struct rect old = canvas_clip(c, (struct rect){r.row + 1, r.column, r.rows - 1, r.columns});
    probe_page_draw(part->state, scene, c);
    canvas_unclip(c, old);
}

static bool shows(const struct part *part, const struct view_scene *scene, const struct canvas *c)
{
    enum view_kind kind = view_kind_of(store_target(scene->store, scene->target));
    bool wide = c->rows >= VIEW_WIDE_ROWS && c->columns >= VIEW_WIDE_COLUMNS;
    if (part->is->kind != kind)
        return false;
    bool room = c->rows >= QUEUES_FROM && part->is->page == &queues_view;
    return wide || part->is->own || kind != VIEW_SERVER || room;
}

void overview_parts_draw(struct overview_parts *p, const struct view_scene *scene, struct canvas *c, int from)
{
    int first[PARTS_MAX], second[PARTS_MAX], wanted[PARTS_MAX], heights[PARTS_MAX], n = 0, row = from;
    int columns = c->clip.columns;
    for (int i = 0; i < p->n; i++) {
        struct part *part = &p->list[i];
        part->drawn = (struct rect){0};
        part->rows = columns >= COLUMNS_LEAST && shows(part, scene, c) ? probe_page_rows(part->state, scene) : -1;
        if (wants(part) == 0)
            continue;
        bool beside = n > 0 && columns >= BESIDE_FROM && part->is->narrow && second[n - 1] < 0 &&
                      p->list[first[n - 1]].is->narrow;
        if (beside) {
            second[n - 1] = i;
            wanted[n - 1] = wants(part) > wanted[n - 1] ? wants(part) : wanted[n - 1];
            continue;
        }
        first[n] = i;
        second[n] = -1;
        wanted[n++] = wants(part);
    }
    share(wanted, heights, n, c->clip.rows - from);
    for (int i = 0; i < n; i++) {
        int left = second[i] < 0 ? columns : columns / 2;
        if (heights[i] == 0)
            continue;
        draw_part(&p->list[first[i]], scene, c, (struct rect){row + 1, 0, heights[i], left});
        if (second[i] >= 0)
            draw_part(&p->list[second[i]], scene, c, (struct rect){row + 1, left + 1, heights[i], columns - left - 1});
        row += heights[i] + 1;
    }
}

const char *overview_parts_at(const struct overview_parts *p, int row, int column)
{
    for (int i = 0; i < p->n; i++) {
        const struct rect *r = &p->list[i].drawn;
        if (row >= r->row && row < r->row + r->rows && column >= r->column && column < r->column + r->columns)
            return p->list[i].is->page->name;
    }
    return NULL;
}
