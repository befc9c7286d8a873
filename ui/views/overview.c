/* The first look: one row for everything that is known, the marked ones seen at once, and below them, where
 * there is room, the tables that matter. */
#include "ui/views/overview.h"

#include "base/attr.h"
#include "base/clock.h"
#include "base/format.h"
#include "base/mem.h"
#include "ui/ui.h"
#include "ui/views/list.h"
#include "ui/views/probe_page.h"
#include "ui/views/verdict.h"
#include "ui/widgets/spark.h"
#include "ui/widgets/words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    ROWS_MAX = 40,
    AT_SELECTED = 0, AT_GLYPH = 1, AT_LABEL = 3, AT_VALUE = 13,
    VALUE_ROOM = 64, VALUE_WIDTH = 10,          /* at least; where there is room the column grows to what is in it */
    COMPACT_BELOW = 60,         /* columns: without sparklines, and marked rows alone */
    SCALE_FROM = 160,           /* columns: sparklines say what a full column is */
    SCALE_WIDTH = 12,
    BELOW_LEAST = 3             /* rows that what is below is worth */
};

/* What is not on the screen is asked every 10 s: its samples speak for as long. A failure cuts the line all the same:
 * the engine writes it into the series. */
#define HOLD_LEAST_US (12 * US_PER_S)

/* A row as it was worked out from an answer; kept until the next one. */
struct row {
    const struct overview_row *is;
    int topic;
    const struct frame *from;   /* NULL: nothing yet */
    int64_t made_us;
    struct overview_line line;
    struct sight sight;         /* of the drawing under way: borrowed from the store */
    bool stale;
};

struct view_state {
    struct row rows[ROWS_MAX];
    int nrows;
    struct verdict_lines verdict;       /* above the rows; of the last drawing */
    int found;                  /* the selected one of those; -1: a row is selected */
    struct verdict_id found_id; /* the same, wherever it stands by now */
    struct verdict_id ids[VERDICT_LINES];       /* of the lines of the last drawing */
    int selected;               /* of rows; -1: none yet */
    bool moved;                 /* by the user: until then the first one drawn is selected */
    int drawn[ROWS_MAX];        /* rows by line of the last drawing */
    int ndrawn, nfine;          /* drawn; left out, for they are fine */
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
            s->rows[s->nrows++] = (struct row){.is = row, .topic = topic};
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

static void work_out(struct row *row, const struct overview_input *in)
{
    buf_clear(&row->line.words);
    row->line = (struct overview_line){.words = row->line.words};
    frame_unref(row->from);
    row->from = frame_ref(in->frame);
    if (in->frame)
        row->is->fill(in, &row->line);
}

static const struct frame *frame_of(const struct row *row)
{
    return row->sight.derived ? row->sight.derived : row->sight.good;
}

/* A row may look at other topics than its own: one new answer works them all out again. */
static void take(struct view_state *s, const struct view_scene *scene, enum text_mode mode)
{
    struct overview_input in = {
        scene->store, store_target(scene->store, scene->target), scene->now_us, mode, NULL, NULL};
    bool changed = false;
    for (int i = 0; i < s->nrows; i++) {
        struct row *row = &s->rows[i];
        row->sight = store_sight(scene->store, scene->target, row->topic, scene->now_us);
        row->stale = row->sight.good && row->sight.state != SIGHT_FRESH;
        changed = changed || frame_of(row) != row->from;
    }
    for (int i = 0; changed && i < s->nrows; i++) {
        in.frame = frame_of(&s->rows[i]);
        in.rates = s->rows[i].sight.rates;
        work_out(&s->rows[i], &in);
    }
}

static enum row_mark mark_of(const struct row *row)
{
    return row->from ? row->line.mark : ROW_UNKNOWN;
}

/* What the server does not have is no trouble; what could not be asked is. */
static bool absent(const struct row *row, const struct facts *facts)
{
    const struct frame *newest = row->sight.newest;
    if (!row->from && row->is->standby && !(facts->known && facts->standby))
        return true;
    return (newest && newest->status == FRAME_ABSENT) || (row->from && row->line.none);
}

/* A row that is fine can be left out where there is no room. */
static bool matters(const struct row *row)
{
    return row->stale || mark_of(row) == ROW_WARN || mark_of(row) == ROW_CRIT || mark_of(row) == ROW_UNKNOWN;
}

/* ---- drawing ---- */

static int spark_columns(int columns)
{
    return columns < COMPACT_BELOW ? 0 : columns < 100 ? 10 : columns < 160 ? 20 : 60;
}

static const char *glyph_of(const struct row *row)
{
    static const char *const glyphs[] = {
        [ROW_PLAIN] = " ", [ROW_DIM] = "·", [ROW_WARN] = "!", [ROW_CRIT] = "‼", [ROW_UNKNOWN] = "?"};
    return row->stale ? "=" : glyphs[mark_of(row)];
}

static enum role_name look_of(const struct row *row)
{
    static const enum role_name looks[] = {
        [ROW_PLAIN] = LOOK_TEXT, [ROW_DIM] = LOOK_LABEL, [ROW_WARN] = LOOK_WARN,
        [ROW_CRIT] = LOOK_CRIT, [ROW_UNKNOWN] = LOOK_UNKNOWN};
    return row->stale ? LOOK_STALE : looks[mark_of(row)];
}

static void draw_scale(const struct row *row, struct canvas *c, int line, int at, double full)
{
    char text[FORMAT_ROOM];
    switch (row->is->unit) {
    case UNIT_BYTES:
        row->is->rate ? format_bytes_rate(text, full, c->mode) : format_bytes(text, full, c->mode);
        break;
    case UNIT_SECONDS:
        format_duration(text, full, c->mode);
        break;
    default:
        row->is->rate ? format_rate(text, full, c->mode) : format_count(text, full, c->mode);
    }
    canvas_textf(c, line, at, SCALE_WIDTH, row->stale ? LOOK_STALE : LOOK_LABEL, "≤ %s", text);
}

static void draw_graph(const struct row *row, const struct view_scene *scene, struct canvas *c, int line,
                       int at, int columns)
{
    const struct series *series = row->is->metric
        ? store_series(scene->store, scene->target, row->topic, row->is->metric, 0) : NULL;
    if (columns == 0 || !series)
        return;
    int64_t hold = row->sight.interval_us + row->sight.deadline_us;
    struct spark spark = {
        .series = series,
        .now_us = scene->now_us,
        .span_us = SPARK_SPAN_US,
        .hold_us = hold > HOLD_LEAST_US ? hold : HOLD_LEAST_US,
        .top = row->line.top,
        .least = row->is->least,
        .unit = row->is->unit,
        .look = row->stale ? LOOK_STALE : LOOK_GRAPH,
    };
    double full = spark_draw(c, line, at, columns, &spark);
    if (c->clip.columns >= SCALE_FROM && full > 0)
        draw_scale(row, c, line, at + columns + 1, full);
}

static void draw_words(const struct row *row, const struct view_scene *scene, struct canvas *c, int line,
                       int at)
{
    const struct target *target = store_target(scene->store, scene->target);
    struct buf words = {0};
    /* Of a lost connection the banner speaks once; the rows keep what was known last, which is worth more. */
    if (!row->from || (row->stale && target->link.state == LINK_UP)) {
        words_short(&words, &row->sight, target, c->mode);
        buf_puts(&words, row->from ? "  " : "");
    }
    buf_add(&words, buf_text(&row->line.words), row->line.words.len);
    canvas_sentence(c, line, at, -1, row->line.mark == ROW_PLAIN && !row->stale ? LOOK_TEXT : look_of(row),
               buf_text(&words), words.len);
    buf_free(&words);
}

static void print_value(const struct row *row, const struct canvas *c, char value[VALUE_ROOM])
{
    struct buf own = {0};
    canvas_spell(c, &own, row->from ? row->line.value : "?");
    snprintf(value, VALUE_ROOM, "%s", buf_text(&own));
    buf_free(&own);
}

static int width_of(const char *value)
{
    return canvas_width(value, VALUE_ROOM);
}

/* A number that is cut reads as another one. What stands behind it gives way: first its blanks, then all of it. */
static void draw_value(const struct row *row, struct canvas *c, int line, int room)
{
    static const char *const between[][2] = {{" of ", "/"}, {" > ", ">"}};
    char value[VALUE_ROOM];
    int at = AT_VALUE;
    print_value(row, c, value);
    if (at + width_of(value) > c->clip.columns)
        at = AT_LABEL + canvas_width(row->is->label, AT_VALUE) + 1;
    room = room < c->clip.columns - at ? room : c->clip.columns - at;
    for (size_t i = 0; i < COUNT_OF(between) && width_of(value) > room; i++) {
        char *sign = strstr(value, between[i][0]), *rest = sign ? sign + strlen(between[i][0]) : NULL;
        if (!sign)
            continue;
        *sign++ = between[i][1][0];
        memmove(sign, rest, strlen(rest) + 1);
        if (width_of(value) > room)
            sign[-1] = '\0';
    }
    canvas_text(c, line, at, room, look_of(row), width_of(value) > room ? "…" : value);
}

static void draw_row(struct view_state *s, const struct view_scene *scene, struct canvas *c, int line,
                     int number)
{
    const struct row *row = &s->rows[number];
    int graph = spark_columns(c->clip.columns), at = AT_VALUE + s->value_width + 1;
    canvas_text(c, line, AT_LABEL, AT_VALUE - AT_LABEL - 1, row->stale ? LOOK_STALE : LOOK_LABEL,
                row->is->label);
    draw_value(row, c, line, s->value_width);
    draw_graph(row, scene, c, line, at, graph);
    int scale = c->clip.columns >= SCALE_FROM ? SCALE_WIDTH : 0;
    int gap = c->clip.columns < 100 ? 1 : 2;
    draw_words(row, scene, c, line, graph > 0 ? at + graph + scale + gap : at);
    if (number == s->selected && s->found < 0) {
        canvas_look(c, line, 0, c->clip.columns, LOOK_CURSOR);
        canvas_text(c, line, AT_SELECTED, 1, LOOK_CURSOR, "▸");
    }
    canvas_text(c, line, AT_GLYPH, 1, look_of(row), glyph_of(row));
}

/* Which rows have a place: all of them, or those that matter when there is little. */
static void choose(struct view_state *s, const struct facts *facts, int rows, int columns)
{
    int there = 0;
    bool any = false, kept = false;
    for (int i = 0; i < s->nrows; i++) {
        there += !absent(&s->rows[i], facts);
        any = any || (!absent(&s->rows[i], facts) && matters(&s->rows[i]));
    }
    bool compact = columns < COMPACT_BELOW || rows < there;
    s->ndrawn = 0;
    for (int i = 0; i < s->nrows && s->ndrawn < rows; i++)
        if (!absent(&s->rows[i], facts) && (!compact || !any || matters(&s->rows[i])))
            s->drawn[s->ndrawn++] = i;
    s->nfine = there - s->ndrawn;
    for (int i = 0; i < s->ndrawn; i++)
        kept = kept || s->drawn[i] == s->selected;
    if (!s->moved || !kept)
        s->selected = s->ndrawn > 0 ? s->drawn[0] : -1;
}

static void choose_width(struct view_state *s, const struct canvas *c)
{
    char value[VALUE_ROOM];
    if (c->clip.columns < COMPACT_BELOW || s->value_width < VALUE_WIDTH)
        s->value_width = VALUE_WIDTH;
    for (int i = 0; i < s->ndrawn && c->clip.columns >= COMPACT_BELOW; i++) {
        print_value(&s->rows[s->drawn[i]], c, value);
        s->value_width = width_of(value) > s->value_width ? width_of(value) : s->value_width;
    }
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
    choose_width(s, c);
    for (int i = 0; i < s->ndrawn; i++)
        draw_row(s, scene, c, s->first + i, s->drawn[i]);
    int next = s->first + s->ndrawn;
    if (s->nfine > 0 && next < c->clip.rows)
        canvas_textf(c, next++, AT_GLYPH, -1, LOOK_LABEL, "· %d more %s fine", s->nfine,
                     s->nfine == 1 ? "is" : "are");
    if (c->clip.rows - next >= BELOW_LEAST)
        overview_parts_draw(s->below, scene, c, next);
    for (int i = 0; i < s->ndrawn && s->found < 0; i++)
        if (s->drawn[i] == s->selected)
            canvas_cursor(c, s->first + i, AT_SELECTED);
}

/* ---- keys ---- */

/* Findings and rows are one list under the keys: first the findings. */
static void move_to(struct view_state *s, int line)
{
    int last = s->verdict.n + s->ndrawn - 1;
    line = line < 0 ? 0 : line > last ? last : line;
    s->moved = true;
    s->found = line < s->verdict.n ? line : -1;
    if (s->found >= 0)
        s->found_id = s->ids[s->found];
    if (s->found < 0 && s->ndrawn > 0)
        s->selected = s->drawn[line - s->verdict.n];
}

static int line_of_selected(const struct view_state *s)
{
    if (s->found >= 0)
        return s->found;
    for (int i = 0; i < s->ndrawn; i++)
        if (s->drawn[i] == s->selected)
            return s->verdict.n + i;
    return 0;
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
    const struct row *row = &s->rows[s->selected];
    bool filter = row->is->filter && matters(row);
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
        move_to(s, s->verdict.n + s->ndrawn - 1);
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
    int line = row < s->verdict.n ? row : row - s->first + s->verdict.n;
    if (row < 0 || (row >= s->verdict.n && row < s->first) || line >= s->verdict.n + s->ndrawn)
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
            "five minutes, the newest at the right; · is a gap. On a large screen the tables that matter stand "
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
