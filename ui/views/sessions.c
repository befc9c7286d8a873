/* The page of sessions: who is connected, what each one does, for how long, and who holds whom up. */
#include "ui/views/sessions.h"

#include "base/mem.h"
#include "ui/keymap.h"
#include "ui/ui.h"
#include "ui/views/list.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const session_names[] = {
    [S_PID] = "pid",
    [S_USER] = "user",
    [S_DATABASE] = "database",
    [S_APPLICATION] = "application",
    [S_STATE] = "state",
    [S_STATE_AGE] = "state_age_s",
    [S_XACT_AGE] = "xact_age_s",
    [S_QUERY_AGE] = "query_age_s",
    [S_WAIT] = "wait",
    [S_BLOCKED_BY] = "blocked_by",
    [S_BLOCKS] = "blocks",
    [S_XMIN_AGE] = "xmin_age",
    [S_TYPE] = "backend_type",
    [S_LEADER] = "leader_pid",
    [S_QUERY] = "query",
    [S_AGE] = "age_s",
    NULL,
};

enum { SWITCH_IDLE, SWITCH_BACKGROUND, SWITCHES };

/* ---- reading a row ---- */

static bool begins(const struct frame *f, uint32_t row, int column, const char *word)
{
    size_t n = strlen(word);
    if (column < 0)
        return false;
    struct frame_text t = frame_text(f, row, column);
    return t.len >= n && memcmp(t.bytes, word, n) == 0;
}

static bool is(const struct frame *f, uint32_t row, int column, const char *word)
{
    return begins(f, row, column, word) && frame_text(f, row, column).len == strlen(word);
}

static bool known(const struct frame *f, uint32_t row, int column)
{
    return column >= 0 && frame_cell(f, row, column)->known;
}

static double number(const struct frame *f, uint32_t row, int column)
{
    return known(f, row, column) ? frame_number(f, row, column) : 0;
}

enum session_kind session_kind(const int *at, const struct frame *f, uint32_t row)
{
    if (!known(f, row, at[S_TYPE]))     /* a process of the server's own has no database, or nobody's role */
        return known(f, row, at[S_DATABASE]) && known(f, row, at[S_USER]) ? SESSION_HIDDEN : SESSION_BACKGROUND;
    if (!is(f, row, at[S_TYPE], "client backend") && !is(f, row, at[S_TYPE], "parallel worker"))
        return SESSION_BACKGROUND;
    if (is(f, row, at[S_STATE], "active"))
        return SESSION_ACTIVE;
    if (is(f, row, at[S_STATE], "idle"))
        return SESSION_IDLE;
    return begins(f, row, at[S_STATE], "idle in transaction") ? SESSION_IN_TX : SESSION_OTHER;
}

bool session_is_ours(const struct page_context *context, const struct frame *sheet, uint32_t row)
{
    const struct target *target = context->target;
    int pid = target && target->facts.known ? target->facts.backend_pid : 0;
    if (pid > 0 && number(sheet, row, context->at[S_PID]) == pid)
        return true;
    return is(sheet, row, context->at[S_APPLICATION], "pgvigil");
}

struct session_sums session_count(const int *at, const struct frame *f)
{
    struct session_sums sums = {0};
    for (uint32_t row = 0; row < f->nrows; row++) {
        enum session_kind kind = session_kind(at, f, row);
        bool worker = known(f, row, at[S_LEADER]);      /* its leader is counted */
        sums.kinds[kind] += !worker;
        sums.clients += kind != SESSION_BACKGROUND && !worker;
        sums.waiting += known(f, row, at[S_BLOCKED_BY]) && frame_text(f, row, at[S_BLOCKED_BY]).len > 0;
    }
    return sums;
}

/* ---- the table ---- */

static void fill_age(void *arg, struct frame_builder *b, int column, const struct frame *f,
                     const struct frame *rates, uint32_t row)
{
    (void)rates;
    const int *at = ((struct page_context *)arg)->base_at;
    int from = -1;
    switch (session_kind(at, f, row)) {
    case SESSION_IN_TX:
        from = at[S_STATE_AGE];
        break;
    case SESSION_ACTIVE: case SESSION_OTHER:
        from = at[S_QUERY_AGE];
        break;
    case SESSION_BACKGROUND:
        from = at[S_XACT_AGE];
        break;
    default:
        break;
    }
    if (known(f, row, from))
        frame_build_real(b, column, frame_number(f, row, from));
}

const struct sheet_extra session_extras[] = {
    {{"age_s", "age", TYPE_REAL, ROLE_GAUGE, UNIT_SECONDS, 0, 4,
      "The time that matters: since the query began when it is active, since it went idle when it is idle in "
      "transaction; nothing for the idle."}, fill_age},
    {{NULL}, NULL},
};

enum row_mark session_mark(void *arg, const struct frame *sheet, uint32_t row)
{
    const struct page_context *context = arg;
    const int *at = context->at;
    if (number(sheet, row, at[S_BLOCKS]) > 0)
        return ROW_CRIT;
    if (known(sheet, row, at[S_BLOCKED_BY]) && frame_text(sheet, row, at[S_BLOCKED_BY]).len > 0)
        return ROW_WARN;
    if (session_is_ours(context, sheet, row))
        return ROW_DIM;
    enum session_kind kind = session_kind(at, sheet, row);
    if (kind == SESSION_IN_TX && number(sheet, row, at[S_STATE_AGE]) >= SESSION_IDLE_IN_TX_WARN_S)
        return ROW_WARN;
    return kind == SESSION_HIDDEN ? ROW_UNKNOWN : ROW_PLAIN;
}

struct pid_row {
    int64_t pid;
    uint32_t row;
};

static int by_pid(const void *a, const void *b)
{
    int64_t x = ((const struct pid_row *)a)->pid, y = ((const struct pid_row *)b)->pid;
    return (x > y) - (x < y);
}

static struct pid_row *pids_of(const int *at, const struct frame *sheet)
{
    struct pid_row *pids = mem_array(sheet->nrows, sizeof(*pids));
    for (uint32_t row = 0; row < sheet->nrows; row++)
        pids[row] = (struct pid_row){frame_cell(sheet, row, at[S_PID])->i, row};
    qsort(pids, sheet->nrows, sizeof(*pids), by_pid);
    return pids;
}

/* Parallel workers stand under their leaders. */
void session_parents(void *arg, const struct frame *sheet, uint32_t *parent)
{
    const int *at = ((struct page_context *)arg)->at;
    struct pid_row *pids = NULL;
    for (uint32_t row = 0; row < sheet->nrows; row++) {
        if (!known(sheet, row, at[S_LEADER]))
            continue;
        if (!pids)
            pids = pids_of(at, sheet);
        struct pid_row key = {frame_cell(sheet, row, at[S_LEADER])->i, 0};
        const struct pid_row *leader = bsearch(&key, pids, sheet->nrows, sizeof(key), by_pid);
        if (leader && leader->row != row)
            parent[row] = leader->row;
    }
    free(pids);
}

/* "Client:ClientRead" says Client once too often. */
static bool shorten_wait(const struct frame *sheet, uint32_t row, int column, enum text_mode mode, struct buf *out)
{
    struct frame_text t = frame_text(sheet, row, column);
    const char *colon = known(sheet, row, column) ? memchr(t.bytes, ':', t.len) : NULL;
    size_t type = colon ? (size_t)(colon - t.bytes) : 0;
    if (!colon || t.len <= 2 * type + 1 || memcmp(t.bytes, colon + 1, type) != 0)
        return false;
    text_safe(out, t.bytes, type + 1, mode);
    text_safe(out, colon + 1 + type, t.len - 2 * type - 1, mode);
    return true;
}

bool session_cell(void *arg, const struct frame *sheet, uint32_t row, int column, enum text_mode mode,
                  struct buf *out)
{
    const int *at = ((struct page_context *)arg)->at;
    if (column == at[S_STATE] && is(sheet, row, column, "idle in transaction"))
        buf_puts(out, "idle in tx");
    else if (column == at[S_STATE] && is(sheet, row, column, "idle in transaction (aborted)"))
        buf_puts(out, "aborted tx");
    else if (column == at[S_WAIT])
        return shorten_wait(sheet, row, column, mode, out);
    else if (column == at[S_USER] && known(sheet, row, at[S_LEADER]))
        buf_puts(out, "worker");
    else
        return false;
    return true;
}

/* What holds others up is always shown. */
static bool hide(void *arg, const struct frame *sheet, uint32_t row)
{
    const struct page_context *context = arg;
    enum session_kind kind = session_kind(context->at, sheet, row);
    if (number(sheet, row, context->at[S_BLOCKS]) > 0)
        return false;
    if (kind == SESSION_BACKGROUND)
        return !(context->switches & 1u << SWITCH_BACKGROUND);
    return kind == SESSION_IDLE && !(context->switches & 1u << SWITCH_IDLE);
}

/* ---- the line of sums ---- */

struct sums_pen {
    struct canvas *c;
    int at;                     /* -1: there was no room for one, so none may follow */
};

static void add_sum(struct sums_pen *pen, const char *word, unsigned n, enum role_name look, const char *note)
{
    struct buf text = {0};
    buf_printf(&text, "%s %u%s", word, n, note);
    int width = canvas_width(buf_text(&text), 80);
    if (pen->at >= 0 && pen->at + width <= pen->c->clip.columns) {
        int at = pen->at +
                 canvas_textf(pen->c, 0, pen->at, -1, look == LOOK_TEXT ? LOOK_LABEL : look, "%s ", word);
        at += canvas_textf(pen->c, 0, at, -1, look, "%u", n);
        canvas_text(pen->c, 0, at, -1, LOOK_HINT, note);
        pen->at += width + 2;
    } else {
        pen->at = -1;
    }
    buf_free(&text);
}

/* " hidden (i)", by the key that shows them, if one does. */
static const char *hidden_note(const struct page_context *context, int number, char *out, size_t size)
{
    struct buf key = {0};
    if (context->switches & 1u << number)
        return "";
    if (context->ui)
        keymap_keys_text(ui_keymap(context->ui), sessions_view.name, REQ_VIEW + number, 1, &key);
    snprintf(out, size, key.len > 0 ? " hidden (%s)" : " hidden", buf_text(&key));
    buf_free(&key);
    return out;
}

/* What is wrong comes first: on a narrow screen the rest is cut. */
static void head(const struct page_context *context, const struct frame *sheet, struct canvas *c)
{
    struct session_sums sums = session_count(context->at, sheet);
    char note[40];
    struct sums_pen pen = {c, 1};
    add_sum(&pen, "sessions", sums.clients, LOOK_TEXT, "");
    if (sums.waiting > 0)
        add_sum(&pen, "! waiting", sums.waiting, LOOK_WARN, "");
    add_sum(&pen, "active", sums.kinds[SESSION_ACTIVE], LOOK_TEXT, "");
    add_sum(&pen, "in tx", sums.kinds[SESSION_IN_TX], LOOK_TEXT, "");
    add_sum(&pen, "idle", sums.kinds[SESSION_IDLE], LOOK_TEXT,
            hidden_note(context, SWITCH_IDLE, note, sizeof(note)));
    if (sums.kinds[SESSION_HIDDEN] > 0)
        add_sum(&pen, "? not visible", sums.kinds[SESSION_HIDDEN], LOOK_UNKNOWN, "");
    add_sum(&pen, "background", sums.kinds[SESSION_BACKGROUND], LOOK_TEXT,
            hidden_note(context, SWITCH_BACKGROUND, note, sizeof(note)));
}

/* ---- the page ---- */

static const char *const shown[] = {"pid", "user", "database", "application", "client", "state", "age_s",
                                    "xact_age_s", "wait", "blocked_by", "blocks", "xmin_age", "query", NULL};

static const struct probe_page page = {
    .topic = "sessions",
    .names = session_names,
    .table = {.columns = shown,
              .sort = "age_s",
              .descending = true,
              .branch = "user",
              .parents = session_parents,
              .hide = hide,
              .mark = session_mark,
              .cell = session_cell},
    .extras = session_extras,
    .whole = "query",
    .switches = 1u << SWITCH_IDLE,
    .nswitches = SWITCHES,
    .head = head,
};

static struct view_state *open_page(const struct view_scene *scene)
{
    return probe_page_open(&page, scene);
}

static const char *const reads[] = {"sessions", NULL};

static const struct key_row keys[] = {
    {REQ_VIEW + SWITCH_IDLE, "idle", GROUP_PAGE, "i", "idle", "Shows the idle sessions, or hides them."},
    {REQ_VIEW + SWITCH_BACKGROUND, "background", GROUP_PAGE, "b", "background",
     "Shows the server's own processes, or hides them."},
    PROBE_PAGE_KEYS,
    {.name = NULL},
};

const struct view sessions_view = {
    .name = "sessions",
    .title = "sessions",
    .help = "Every session: what it does, for how long, what it waits for, and whom it holds up. A line with "
            "‼ holds "
            "others up, ! waits for a lock or has sat idle in a transaction for 10 s, · is our own.",
    .digit = '2',
    .kind = VIEW_SERVER,
    .argument = "PID",
    .reads = reads,
    .keys = keys,
    .open = open_page,
    PROBE_PAGE_METHODS,
};
