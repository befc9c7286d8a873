/* The page of all servers: a line each, worst first, in groups that fold. */
#include "ui/views/fleet.h"

#include "base/format.h"
#include "base/mem.h"
#include "model/series.h"
#include "ui/ui.h"
#include "ui/views/list.h"
#include "ui/views/made_page.h"
#include "ui/widgets/spark.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { REQ_FOLD = REQ_VIEW, REQ_FOLD_ALL, PAST_COLUMNS = 8 };

struct own {
    struct fleet_rows *rows;
    char **folded;              /* names of groups */
    size_t n;
};

static void *start(void)
{
    struct own *own = mem_new(sizeof(*own));
    own->rows = fleet_rows_new();
    return own;
}

static void unfold_all(struct own *own)
{
    for (size_t i = 0; i < own->n; i++)
        free(own->folded[i]);
    free(own->folded);
    own->folded = NULL;
    own->n = 0;
}

static void end(void *arg)
{
    struct own *own = arg;
    unfold_all(own);
    fleet_rows_free(own->rows);
    free(own);
}

static struct frame *make(struct made_context *c)
{
    return fleet_rows_make(((struct own *)c->own)->rows, c->store, c->now_us);
}

/* ---- folding ---- */

static bool is_heading(const struct frame *f, uint32_t row)
{
    return frame_cell(f, row, F_TARGET)->i < 0;
}

/* The group of a row, which is known or is none: "" then. */
static bool is_of(const struct frame *f, uint32_t row, const char *group)
{
    struct frame_text t = frame_text(f, row, F_GROUP);
    return t.len == strlen(group) && memcmp(t.bytes, group, t.len) == 0;
}

static bool is_folded(const struct made_context *c, const struct frame *f, uint32_t row)
{
    const struct own *own = c->own;
    for (size_t i = 0; i < own->n; i++)
        if (is_of(f, row, own->folded[i]))
            return true;
    return false;
}

/* Who looks for something finds it in folded groups too. */
static bool hide(void *arg, const struct frame *f, uint32_t row)
{
    const struct made_context *c = arg;
    return !is_heading(f, row) && !table_filter_text(c->table)[0] && is_folded(c, f, row);
}

static void fold(struct own *own, const struct frame *f, uint32_t row)
{
    struct frame_text t = frame_text(f, row, F_GROUP);
    own->folded = mem_resize(own->folded, own->n + 1, sizeof(*own->folded));
    own->folded[own->n++] = mem_bytes(t.bytes, t.len);
}

static void unfold(struct own *own, const struct frame *f, uint32_t row)
{
    for (size_t i = 0; i < own->n; i++) {
        if (!is_of(f, row, own->folded[i]))
            continue;
        free(own->folded[i]);
        own->folded[i] = own->folded[--own->n];
        return;
    }
}

static uint32_t heading_of(const struct frame *f, uint32_t row)
{
    while (!is_heading(f, row) && frame_cell(f, row, F_PARENT)->i >= 0)
        row = (uint32_t)frame_cell(f, row, F_PARENT)->i;
    return row;
}

static void select_row(struct table *t, uint32_t row)
{
    for (uint32_t place = 0; place < table_shown(t); place++)
        if (table_row_at(t, place) == row)
            table_move_to(t, place);
}

/* The group of a row, and back. What it hides gives the cursor to its heading. */
static void fold_row(struct made_context *c, uint32_t row)
{
    const struct frame *f = table_sheet(c->table);
    uint32_t heading = heading_of(f, row);
    if (!is_heading(f, heading))
        return;
    select_row(c->table, heading);
    if (is_folded(c, f, heading))
        unfold(c->own, f, heading);
    else
        fold(c->own, f, heading);
    table_rearrange(c->table);
}

static void fold_all(struct made_context *c, uint32_t row)
{
    const struct frame *f = table_sheet(c->table);
    struct own *own = c->own;
    bool any = own->n > 0;
    select_row(c->table, heading_of(f, row));
    unfold_all(own);
    for (uint32_t i = 0; !any && i < f->nrows; i++)
        if (is_heading(f, i))
            fold(own, f, i);
    table_rearrange(c->table);
}

/* ---- the table ---- */

static enum row_mark mark(void *arg, const struct frame *f, uint32_t row)
{
    (void)arg;
    return (enum row_mark)frame_cell(f, row, F_MARK)->i;
}

static void parents(void *arg, const struct frame *f, uint32_t *parent)
{
    (void)arg;
    for (uint32_t row = 0; row < f->nrows; row++) {
        int64_t up = frame_cell(f, row, F_PARENT)->i;
        parent[row] = up < 0 ? TABLE_ROOT : (uint32_t)up;
    }
}

static bool has_bit(const struct frame *f, uint32_t row, int bits, int column)
{
    return frame_cell(f, row, bits)->i >> column & 1;
}

static bool is_database(const struct frame *f, uint32_t row)
{
    int64_t up = frame_cell(f, row, F_PARENT)->i;
    return up >= 0 && !is_heading(f, (uint32_t)up);
}

static void print_name(const struct made_context *c, const struct frame *f, uint32_t row, enum text_mode mode,
                       struct buf *out)
{
    struct frame_text t = frame_text(f, row, F_SERVER);
    bool shut = is_heading(f, row) && !table_filter_text(c->table)[0] && is_folded(c, f, row);
    buf_puts(out, is_database(f, row) ? "↳ " : !is_heading(f, row) ? "" : shut ? "▸ " : "▾ ");
    text_safe(out, t.bytes, t.len, mode);
}

static void print_number(const struct frame *f, uint32_t row, int column, enum text_mode mode, struct buf *out)
{
    char used[FORMAT_ROOM], most[FORMAT_ROOM];
    if (column != F_CONN) {
        double n = frame_number(f, row, column);
        bool time = column == F_LAG || column == F_OLDEST;
        buf_puts(out, time ? format_duration(used, n, mode) : format_count(used, n, mode));
        return;
    }
    buf_puts(out, format_count(used, frame_number(f, row, F_USED), mode));
    if (frame_cell(f, row, F_MOST)->known)
        buf_printf(out, "/%s", format_count(most, frame_number(f, row, F_MOST), mode));
}

/* A standby has a lag: where it is not known, that is worth a sign. */
static bool is_question(const struct frame *f, uint32_t row, int column)
{
    struct frame_text role = frame_text(f, row, F_ROLE);
    bool standby = role.len == 7 && memcmp(role.bytes, "standby", 7) == 0;
    bool up = !has_bit(f, row, F_OLD, F_ROLE);
    return column == F_ROLE || (column == F_LAG && standby && up) ||
           ((column == F_BLOCKED || column == F_OLDEST) && has_bit(f, row, F_PART, column));
}

/* What is printed as in every table. */
static bool is_plain(int column)
{
    return column == F_WHY || column == F_LEVEL || column == F_GROUP || column == F_RANK || column == F_USED ||
           column == F_MOST;
}

static bool cell(void *arg, const struct frame *f, uint32_t row, int column, enum text_mode mode, struct buf *out)
{
    bool known = frame_cell(f, row, column == F_CONN ? F_USED : column)->known;
    if (column == F_SERVER) {
        print_name(arg, f, row, mode, out);
        return true;
    }
    if (column == F_PAST)
        buf_printf(out, "%*s", PAST_COLUMNS, "");
    if (column == F_WHY && known && is_heading(f, row)) {      /* our own words, with our own glyphs */
        struct frame_text t = frame_text(f, row, column);
        buf_add(out, t.bytes, t.len);
        return true;
    }
    if (column == F_WHY && !known)
        return true;
    if (is_plain(column))
        return false;
    if (column == F_PAST || is_heading(f, row))
        return true;
    if (!known && is_database(f, row))
        return true;
    if (!known && is_question(f, row, column)) {
        buf_puts(out, "?");
        return true;
    }
    if (!known)
        return false;
    buf_puts(out, has_bit(f, row, F_OLD, column) ? "=" : has_bit(f, row, F_PART, column) ? "≥" : "");
    if (column != F_ROLE && column != F_VERSION) {
        print_number(f, row, column, mode, out);
        return true;
    }
    struct frame_text t = frame_text(f, row, column);
    text_safe(out, t.bytes, t.len, mode);
    return true;
}

static enum role_name look(void *arg, const struct frame *f, uint32_t row, int column, enum role_name look)
{
    (void)arg;
    return has_bit(f, row, F_OLD, column) ? LOOK_STALE : look;
}

/* Of a target that is not reached the line goes on as a gap. */
static void draw(void *arg, const struct frame *f, uint32_t row, int column, struct canvas *canvas, struct rect place,
                 enum role_name look)
{
    const struct made_context *c = arg;
    int target = (int)frame_cell(f, row, F_TARGET)->i, topic = store_find_topic(c->store, "server");
    if (column != F_PAST || target < 0 || topic < 0 || is_database(f, row))
        return;
    const struct facts *facts = &store_target(c->store, target)->facts;
    if (facts->known && facts->kind == TARGET_POOLER)
        return;
    struct sight s = store_sight(c->store, target, topic, c->now_us);
    struct spark spark = {.series = store_series(c->store, target, topic, "commits", 0), .now_us = c->now_us,
                          .span_us = SPARK_SPAN_US, .hold_us = s.interval_us + s.deadline_us, .least = 10,
                          .unit = UNIT_COUNT, .look = look == LOOK_STALE ? look : LOOK_GRAPH};
    spark_draw(canvas, place.row, place.column, place.columns, &spark);
}

static bool handle(struct made_context *c, const struct view_scene *scene, int request, uint32_t row)
{
    const struct frame *f = table_sheet(c->table);
    if (request == REQ_FOLD_ALL)
        fold_all(c, row);
    else if (request == REQ_FOLD || is_heading(f, row))
        fold_row(c, row);
    else {
        table_hold(c->table);
        ui_open(scene->ui, "overview", (int)frame_cell(f, row, F_TARGET)->i, NULL, NULL);
    }
    return true;
}

static const char *const shown[] = {"server", "role", "version", "tps", "past", "conn", "lag", "oldest", "blocked",
                                    "queues", "why", NULL};

static const struct made_page page = {
    .schema = &fleet_schema,
    .table = {.columns = shown, .sort = "worst", .descending = true, .tail_least = 24, .reason = "why", .branch = "server",
              .branch_from = 9, .empty = "No server is watched.", .parents = parents, .hide = hide, .mark = mark,
              .cell = cell, .look = look, .draw = draw},
    .start = start,
    .end = end,
    .make = make,
    .handle = handle,
};

static struct view_state *open_page(const struct view_scene *scene)
{
    return made_page_open(&page, scene);
}

static const char *const reads[] = {"server", "sessions", "replication", "queues", "bouncer_pools", NULL};
static const struct key_row keys[] = {
    {REQ_FOLD, "fold", GROUP_PAGE, "z", "fold", "Folds the group of the row, or unfolds it; so does Enter on its heading."},
    {REQ_FOLD_ALL, "fold-all", GROUP_PAGE, "Z", NULL, "Folds all groups, or unfolds them."},
    PROBE_PAGE_KEYS,
    {.name = NULL},
};

const struct view fleet_view = {
    .name = "fleet",
    .title = "fleet",
    .help = "All servers, a line each, worst first; Enter goes to one, Esc comes back. ‼ is critical, ! a warning, ? "
            "cannot be known, = is of before, · is fine. – is unknown, or means nothing there; ≥ is what can be seen of it.",
    .fleet = true,
    .home = true,
    .reads = reads,
    .keys = keys,
    .open = open_page,
    MADE_PAGE_METHODS,
};
