/* The first look: one row for everything that is known, the marked ones seen at once, and below them, where
 * there is room, the tables that matter. */
#include "ui/views/overview_seen.h"

#include "base/clock.h"
#include "base/mem.h"
#include "ui/ui.h"
#include "ui/views/list.h"
#include "ui/views/probe_page.h"
#include "ui/views/verdict.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    ROWS_MAX = 40,
    MORE_FROM = 4,              /* rows: from here on one tells how many more there are, below that a corner */
    MORE_WIDTH = 4,
    BELOW_LEAST = 3             /* rows that what is below is worth */
};

struct view_state {
    struct overview_seen rows[ROWS_MAX];
    int nrows;
    struct verdict_lines verdict;       /* above the rows; of the last drawing */
    int found;                  /* the selected one of those; -1: a row is selected */
    struct verdict_id found_id; /* the same, wherever it stands by now */
    struct verdict_id ids[VERDICT_LINES];       /* of the lines of the last drawing */
    int selected;               /* of rows; -1: none yet */
    bool moved;                 /* by the user: until then the first one drawn is selected */
    int listed[ROWS_MAX];       /* rows in the order of the last drawing */
    int nlisted, nfine;         /* of them; left out, for they are fine */
    int top, ndrawn;            /* those of the list that had a line */
    int first;                  /* line of the first of them */
    int value_width;            /* the widest that was drawn: only grows, so that columns do not jump */
    enum view_kind kind;        /* whose rows these are */
    struct overview_parts *below;
};

/* ---- what the rows say ---- */

static void set_rows(struct view_state *s, const struct store *store, enum view_kind kind)
{
    static const struct overview_row *const rows[VIEW_KIND_COUNT_] = {
        [VIEW_SERVER] = overview_rows, [VIEW_POOLER] = overview_pooler_rows, [VIEW_APP] = overview_app_rows};
    s->kind = kind;
    s->nrows = 0;
    s->selected = -1;
    for (const struct overview_row *row = rows[kind]; row->label; row++) {
        int topic = store_find_topic(store, row->topic);
        if (topic >= 0 && s->nrows < ROWS_MAX)
            s->rows[s->nrows++] = (struct overview_seen){.is = row, .topic = topic};
    }
}

static void free_rows(struct view_state *s)
{
    for (int i = 0; i < s->nrows; i++) {
        frame_unref(s->rows[i].from);
        buf_free(&s->rows[i].line.words);
    }
}

static struct view_state *open_overview(const struct view_scene *scene)
{
    struct view_state *s = mem_new(sizeof(*s));
    set_rows(s, scene->store, VIEW_SERVER);
    s->below = overview_parts_open(scene);
    return s;
}

static void close_overview(struct view_state *s)
{
    free_rows(s);
    overview_parts_close(s->below);
    free(s);
}

/* What kind of server it is may come to light only after the page was opened. */
static void check_kind(struct view_state *s, const struct view_scene *scene)
{
    enum view_kind kind = view_kind_of(store_target(scene->store, scene->target));
    if (kind == s->kind)
        return;
    free_rows(s);
    set_rows(s, scene->store, kind);
}

/* A row may look at other topics than its own: one new answer works them all out again. */
static void take(struct view_state *s, const struct view_scene *scene, enum text_mode mode)
{
    struct overview_input in = {
        scene->store, store_target(scene->store, scene->target), scene->now_us, mode, NULL, NULL};
    bool changed = false;
    for (int i = 0; i < s->nrows; i++) {
        struct overview_seen *row = &s->rows[i];
        row->sight = store_sight(scene->store, scene->target, row->topic, scene->now_us);
        row->stale = row->sight.good && row->sight.state != SIGHT_FRESH;
        changed = changed || overview_seen_frame(row) != row->from;
    }
    for (int i = 0; changed && i < s->nrows; i++) {
        in.frame = overview_seen_frame(&s->rows[i]);
        in.rates = s->rows[i].sight.rates;
        overview_seen_work_out(&s->rows[i], &in);
    }
}

/* ---- drawing ---- */

/* Which rows there are to be seen: all of them, or those that matter when there is little room, the worst first. */
static void choose(struct view_state *s, const struct facts *facts, int rows, int columns)
{
    int rank[ROWS_MAX], there = 0, worst = 0;
    bool kept = false;
    for (int i = 0; i < s->nrows; i++) {
        rank[i] = overview_seen_absent(&s->rows[i], facts) ? -1 : overview_seen_severity(&s->rows[i]);
        there += rank[i] >= 0;
        worst = rank[i] > worst ? rank[i] : worst;
    }
    bool compact = columns < COMPACT_BELOW || rows < there;
    s->nlisted = 0;
    for (int of = compact ? worst : 0; of >= (worst > 0 && compact); of--)
        for (int i = 0; i < s->nrows; i++)
            if (rank[i] == of || (!compact && rank[i] >= 0))
                s->listed[s->nlisted++] = i;
    s->nfine = there - s->nlisted;
    for (int i = 0; i < s->nlisted; i++)
        kept = kept || s->listed[i] == s->selected;
    if (!s->moved || !kept)
        s->selected = s->nlisted > 0 ? s->listed[0] : -1;
}

static int place_of_selected(const struct view_state *s)
{
    for (int i = 0; s->found < 0 && i < s->nlisted; i++)
        if (s->listed[i] == s->selected)
            return i;
    return 0;
}

/* The part of them that is drawn goes along with the selection. */
static void keep_window(struct view_state *s, int rows)
{
    bool line = s->nlisted > rows && rows >= MORE_FROM;
    int most = rows - line > 0 ? rows - line : 0, place = place_of_selected(s);
    s->ndrawn = s->nlisted < most ? s->nlisted : most;
    if (place < s->top)
        s->top = place;
    else if (place >= s->top + s->ndrawn)
        s->top = place - s->ndrawn + 1;
    if (s->top > s->nlisted - s->ndrawn)
        s->top = s->nlisted - s->ndrawn;
}

static void choose_width(struct view_state *s, const struct canvas *c)
{
    if (c->clip.columns < COMPACT_BELOW || s->value_width < VALUE_WIDTH)
        s->value_width = VALUE_WIDTH;
    for (int i = 0; i < s->ndrawn && c->clip.columns >= COMPACT_BELOW; i++) {
        int width = overview_seen_width(&s->rows[s->listed[s->top + i]], c);
        s->value_width = width > s->value_width ? width : s->value_width;
    }
}

static void draw_row(const struct view_state *s, const struct view_scene *scene, struct canvas *c, int line, int number)
{
    overview_seen_draw(&s->rows[number], scene, c, line, s->value_width, number == s->selected && s->found < 0);
}

/* Findings are few, or the rows below them would not be seen. */
static int findings_most(const struct canvas *c)
{
    return c->clip.rows < 6 ? 1 : c->clip.rows < 15 ? 2 : c->clip.rows < 30 ? 3 : VERDICT_LINES;
}

/* The selection stays on its finding when the order changes; when that is gone, on its place. */
static void keep_found(struct view_state *s)
{
    if (!s->moved)
        s->found = s->verdict.n > 0 ? 0 : -1;
    else if (s->found >= 0) {
        int at = verdict_where(s->verdict.list, s->verdict.n, s->found_id);
        s->found = at >= 0 ? at : s->found < s->verdict.n ? s->found : s->verdict.n - 1;
    }
    if (s->found >= 0)
        s->found_id = verdict_id(s->verdict.list[s->found]);
}

static int draw_verdict(struct view_state *s, const struct view_scene *scene, struct canvas *c)
{
    verdict_lines_take(&s->verdict, scene, findings_most(c));
    keep_found(s);
    for (int i = 0; i < s->verdict.n; i++) {
        s->ids[i] = verdict_id(s->verdict.list[i]);
        verdict_lines_draw(&s->verdict, i, c, i, i == s->found);
    }
    if (s->found >= 0)
        canvas_cursor(c, s->found, AT_SELECTED);
    if (s->verdict.n == 0 || c->clip.rows < 10)
        return s->verdict.n;
    canvas_fill(c, s->verdict.n, 0, 1, c->clip.columns, LOOK_BORDER, "─");
    return s->verdict.n + 1;
}

/* How many rows that matter have no line: in one of their own, or in the corner of the last. */
static void draw_more(struct view_state *s, const struct view_scene *scene, struct canvas *c, int line)
{
    int columns = c->clip.columns, more = s->nlisted - s->ndrawn;
    char text[16];
    if (line < c->clip.rows) {
        canvas_textf(c, line, AT_LABEL, -1, LOOK_LABEL, "+%d more", more);
    } else if (s->ndrawn > 0) {
        snprintf(text, sizeof(text), " +%d", more);
        canvas_fill(c, --line, 0, 1, columns, LOOK_TEXT, " ");
        struct rect old = canvas_clip(c, (struct rect){0, 0, c->clip.rows, columns - MORE_WIDTH});
        draw_row(s, scene, c, line, s->listed[s->top + s->ndrawn - 1]);
        canvas_unclip(c, old);
        canvas_right(c, line, columns - MORE_WIDTH, MORE_WIDTH, LOOK_LABEL, text);
    }
}

static void draw_overview(struct view_state *s, const struct view_scene *scene, struct canvas *c)
{
    if (scene->target < 0) {
        canvas_text(c, 0, 1, -1, LOOK_UNKNOWN, "? There is no server to show.");
        return;
    }
    check_kind(s, scene);
    take(s, scene, c->mode);
    s->first = draw_verdict(s, scene, c);
    choose(s, &store_target(scene->store, scene->target)->facts, c->clip.rows - s->first, c->clip.columns);
    keep_window(s, c->clip.rows - s->first);
    choose_width(s, c);
    for (int i = 0; i < s->ndrawn; i++)
        draw_row(s, scene, c, s->first + i, s->listed[s->top + i]);
    int next = s->first + s->ndrawn;
    if (s->nlisted > s->ndrawn)
        draw_more(s, scene, c, next++);
    else if (s->nfine > 0 && next < c->clip.rows)
        canvas_textf(c, next++, AT_GLYPH, -1, LOOK_LABEL, "· %d more %s fine", s->nfine,
                     s->nfine == 1 ? "is" : "are");
    if (c->clip.rows - next >= BELOW_LEAST)
        overview_parts_draw(s->below, scene, c, next);
    if (s->found < 0 && s->ndrawn > 0)
        canvas_cursor(c, s->first + place_of_selected(s) - s->top, AT_SELECTED);
}

/* ---- keys ---- */

/* Findings and rows are one list under the keys: first the findings. */
static void move_to(struct view_state *s, int line)
{
    int last = s->verdict.n + s->nlisted - 1;
    line = line < 0 ? 0 : line > last ? last : line;
    s->moved = true;
    s->found = line < s->verdict.n ? line : -1;
    if (s->found >= 0)
        s->found_id = s->ids[s->found];
    if (s->found < 0 && s->nlisted > 0)
        s->selected = s->listed[line - s->verdict.n];
}

static int line_of_selected(const struct view_state *s)
{
    return s->found >= 0 ? s->found : s->verdict.n + place_of_selected(s);
}

/* The selected finding as it is now; NULL: a row is selected, or it has gone since it was drawn. */
static const struct finding *found_of(struct view_state *s, const struct view_scene *scene)
{
    if (s->found < 0)
        return NULL;
    return verdict_find(store_verdict(scene->store), s->found_id.rule, scene->target, s->found_id.subject);
}

static bool open_selected(struct view_state *s, const struct view_scene *scene)
{
    const struct finding *found = found_of(s, scene);
    if (found)
        return verdict_open(scene, found);
    if (s->found >= 0 || s->selected < 0 || !s->rows[s->selected].is->page)
        return true;
    const struct overview_seen *row = &s->rows[s->selected];
    bool filter = row->is->filter && overview_seen_severity(row) > 0;
    ui_open(scene->ui, row->is->page, -1, NULL, filter ? row->is->filter : NULL);
    return true;
}

static bool handle_overview(struct view_state *s, const struct view_scene *scene, int request)
{
    switch (request) {
    case REQ_UP:
        move_to(s, line_of_selected(s) - 1);
        return true;
    case REQ_DOWN:
        move_to(s, line_of_selected(s) + 1);
        return true;
    case REQ_TOP: case REQ_PAGE_UP: case REQ_HALF_UP:
        move_to(s, 0);
        return true;
    case REQ_END: case REQ_PAGE_DOWN: case REQ_HALF_DOWN:
        move_to(s, s->verdict.n + s->nlisted - 1);
        return true;
    case REQ_ENTER:
        return open_selected(s, scene);
    default:
        return false;
    }
}

static bool click_overview(struct view_state *s, const struct view_scene *scene, int row, int column,
                           bool twice)
{
    const char *page = overview_parts_at(s->below, row, column);
    if (page)
        return twice ? ui_open(scene->ui, page, -1, NULL, NULL) : true;
    int line = row < s->verdict.n ? row : row - s->first + s->verdict.n + s->top;
    if (row < 0 || (row >= s->verdict.n && row < s->first) || row >= s->first + s->ndrawn)
        return false;
    move_to(s, line);
    return twice ? open_selected(s, scene) : true;
}

static const char *disabled_overview(struct view_state *s, const struct view_scene *scene, int request)
{
    if (request == REQ_ENTER && s->found < 0 && (s->selected < 0 || !s->rows[s->selected].is->page))
        return "Nothing lies behind this row.";
    return view_wants_rows(scene, request) ? "" : NULL;
}

static const char *const reads[] = {"server", "sessions", "replication", "queues",
                                    "bouncer_pools", "bouncer_stats", "bouncer_databases", "app_pools", NULL};
static const char *const wide[] = {"statements", "statement_texts", "pools", NULL};

const struct view overview_view = {
    .name = "overview",
    .title = "overview",
    .help = "One row for everything that is known of the server. ‼ is critical, ! a warning, ? not known, = "
            "stale; a row without a sign is fine; of what a server does not have there is no row. Sparklines show the last "
            "five minutes, the newest at the right; · is a gap. On a small screen only rows that are not fine are there, the "
            "worst first; +3 more are below or above. On a large screen the tables that matter stand "
            "below.",
    .digit = '1',
    .reads = reads,
    .wide = wide,
    .open = open_overview,
    .close = close_overview,
    .draw = draw_overview,
    .handle = handle_overview,
    .click = click_overview,
    .disabled = disabled_overview,
};
