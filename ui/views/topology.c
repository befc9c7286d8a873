/* The page of replication between all servers: a tree for each cluster, with the lag on each edge. */
#include "ui/views/topology.h"

#include "ui/ui.h"
#include "ui/views/list.h"
#include "ui/views/made_page.h"

#include <string.h>

static struct frame *make(struct made_context *c)
{
    return topology_rows_make(c->store, c->now_us);
}

static enum row_mark mark(void *arg, const struct frame *f, uint32_t row)
{
    (void)arg;
    return (enum row_mark)frame_cell(f, row, T_MARK)->i;
}

static void parents(void *arg, const struct frame *f, uint32_t *parent)
{
    (void)arg;
    for (uint32_t row = 0; row < f->nrows; row++) {
        int64_t up = frame_cell(f, row, T_PARENT)->i;
        parent[row] = up < 0 ? TABLE_ROOT : (uint32_t)up;
    }
}

static bool is_edge(int column)
{
    return column == T_LAG || column == T_BEHIND || column == T_STATE;
}

/* What a row cannot have is left out: only an edge is worth a sign for what is not known of it. */
static bool cell(void *arg, const struct frame *f, uint32_t row, int column, enum text_mode mode, struct buf *out)
{
    struct frame_text role = frame_text(f, row, T_ROLE);
    bool edge = role.len == 7 && role.bytes[0] == 's';
    (void)arg;
    (void)mode;
    if (frame_cell(f, row, column)->known) {
        if (is_edge(column) && frame_cell(f, row, T_OLD)->i)
            buf_putc(out, '=');
        return false;
    }
    if (edge && is_edge(column))
        buf_puts(out, "?");
    return true;
}

static enum role_name look(void *arg, const struct frame *f, uint32_t row, int column, enum role_name look)
{
    (void)arg;
    return is_edge(column) && frame_cell(f, row, T_OLD)->i ? LOOK_STALE : look;
}

static bool replicates(const struct store *s, int target)
{
    const struct target *t = store_target(s, target);
    return !t->application && !(t->facts.known && t->facts.kind == TARGET_POOLER);
}

/* A watched server's own page says more; of one that is not, its sender's does. */
static bool handle(struct made_context *c, const struct view_scene *scene, int request, uint32_t row)
{
    const struct frame *f = table_sheet(c->table);
    int64_t target = frame_cell(f, row, T_TARGET)->i, up = frame_cell(f, row, T_PARENT)->i;
    if (target < 0 && up >= 0)
        target = frame_cell(f, (uint32_t)up, T_TARGET)->i;
    if (request != REQ_ENTER)
        return false;
    table_hold(c->table);
    if (target >= 0)
        ui_open(scene->ui, replicates(c->store, (int)target) ? "replication" : "overview", (int)target, NULL, NULL);
    else
        ui_say(scene->ui, SEV_INFO, "This is a cluster: the servers below it have pages.");
    return true;
}

/* In full width what nobody should overlook: the first cluster or server of which it is told in capitals. */
static bool head(struct made_context *c, struct canvas *canvas)
{
    const struct frame *f = table_sheet(c->table);
    for (uint32_t row = 0; row < f->nrows; row++) {
        struct frame_text note = frame_text(f, row, T_NOTE), name = frame_text(f, row, T_NAME);
        bool split = note.len > 5 && memcmp(note.bytes, "SPLIT", 5) == 0;
        if (!split && !(note.len > 8 && memcmp(note.bytes, "DIVERGED", 8) == 0))
            continue;
        int at = 1 + canvas_text(canvas, 0, 1, -1, LOOK_CRIT, "‼ ");
        at += split ? 0 : canvas_raw(canvas, 0, at, -1, LOOK_CRIT, name.bytes, name.len);
        at += split ? 0 : canvas_text(canvas, 0, at, -1, LOOK_CRIT, ": ");
        canvas_sentence(canvas, 0, at, -1, LOOK_CRIT, note.bytes, note.len);
        return true;
    }
    return false;
}

static const char *const shown[] = {"server", "role", "timeline", "state", "lag_s", "lag_bytes", "reads", "sync", "note", NULL};

static const struct made_page page = {
    .schema = &topology_schema,
    .table = {.columns = shown, .tail_least = 28, .reason = "note", .branch = "server", .branch_from = 2,
              .empty = "No server is watched that replicates.", .parents = parents, .mark = mark, .cell = cell,
              .look = look},
    .make = make,
    .head = head,
    .handle = handle,
};

static struct view_state *open_page(const struct view_scene *scene)
{
    return made_page_open(&page, scene);
}

static const char *const reads[] = {"replication", "server", "bouncer_databases", "sessions", NULL};
static const struct key_row keys[] = {PROBE_PAGE_KEYS, {.name = NULL}};

const struct view topology_view = {
    .name = "topology",
    .title = "topology",
    .help = "Who receives from whom: a tree for each cluster, by system identifier, with the lag of each standby. Dim rows "
            "are standbys that only their sender shows. ‼ is a split brain, a diverged timeline or far behind, ! lags, "
            "receives nothing, stayed on an older timeline, or is a slot that nobody uses, but for a standby's spare ones. "
            "PgBouncer and applications stand below the server that they use, when that can be told. Reads tells whether a "
            "standby answers heavy questions for its primary. Enter opens the replication of that server.",
    .fleet = true,
    .reads = reads,
    .keys = keys,
    .open = open_page,
    MADE_PAGE_METHODS,
};
