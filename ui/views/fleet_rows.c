/* Makes the rows of the fleet page from what the store knows of each target. */
#include "ui/views/fleet.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "model/shape.h"
#include "ui/fleet.h"
#include "ui/views/sessions.h"
#include "ui/widgets/words.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct column columns[F_COLUMNS] = {
    [F_SERVER] = {"server", "server", TYPE_TEXT, ROLE_KEY, UNIT_NONE, 16, 0,
                  "Name of the target, or of a group; ↳ is another database of the server above."},
    [F_HEADING] = {"heading", "heading", TYPE_BOOL, ROLE_KEY, UNIT_NONE, 3, 100, "Whether it is a group."},
    [F_GROUP] = {"group", "group", TYPE_TEXT, ROLE_LABEL, UNIT_NONE, 12, 90, "Group that it is in."},
    [F_LEVEL] = {"level", "level", TYPE_TEXT, ROLE_LABEL, UNIT_NONE, 8, 95, "The worst that is found: critical, warning, unknown, note or fine."},
    [F_RANK] = {"worst", "worst", TYPE_INT, ROLE_LABEL, UNIT_NONE, 0, 95, "The same as a number, to sort by: 4 is critical."},
    [F_ROLE] = {"role", "role", TYPE_TEXT, ROLE_LABEL, UNIT_NONE, 8, 14, "primary, standby or pooler, by its newest answer; = when that is old."},
    [F_VERSION] = {"version", "ver", TYPE_TEXT, ROLE_LABEL, UNIT_NONE, 7, 60, "Version of PostgreSQL or PgBouncer."},
    [F_TPS] = {"tps", "tps", TYPE_REAL, ROLE_GAUGE, UNIT_COUNT, 0, 25, "Transactions a second, committed or rolled back."},
    [F_PAST] = {"past", "5 min", TYPE_REAL, ROLE_LABEL, UNIT_NONE, 8, 50, "Commits a second in the last five minutes; a gap is a gap."},
    [F_CONN] = {"conn", "conn", TYPE_REAL, ROLE_GAUGE, UNIT_FRACTION, 0, 15, "Client sessions of those that ordinary roles may open; of a pooler its clients."},
    [F_USED] = {"used", "used", TYPE_INT, ROLE_GAUGE, UNIT_COUNT, 0, 96, "Client sessions."},
    [F_MOST] = {"most", "most", TYPE_INT, ROLE_GAUGE, UNIT_COUNT, 0, 96, "Sessions that ordinary roles may open."},
    [F_LAG] = {"lag", "lag", TYPE_REAL, ROLE_GAUGE, UNIT_SECONDS, 0, 12, "How far a standby is behind; of a primary there is none."},
    [F_OLDEST] = {"oldest", "oldest", TYPE_REAL, ROLE_GAUGE, UNIT_SECONDS, 0, 30, "Age of the oldest open transaction; of a pooler its longest wait."},
    [F_BLOCKED] = {"blocked", "blocked", TYPE_INT, ROLE_GAUGE, UNIT_COUNT, 0, 10, "Sessions that wait for a lock; of a pooler clients that wait for a server connection."},
    [F_QUEUES] = {"queues", "queues", TYPE_INT, ROLE_GAUGE, UNIT_COUNT, 0, 35, "Tasks that are ready in all queues of the target's database."},
    [F_WHY] = {"why", "why", TYPE_TEXT, ROLE_LABEL, UNIT_NONE, 40, 5, "The worst that is found, in words."},
    [F_TARGET] = {"target", "target", TYPE_INT, ROLE_EPOCH, UNIT_NONE, 0, 100, "Its number."},
    [F_MARK] = {"mark", "mark", TYPE_INT, ROLE_EPOCH, UNIT_NONE, 0, 100, "Its sign."},
    [F_PARENT] = {"parent", "parent", TYPE_INT, ROLE_EPOCH, UNIT_NONE, 0, 100, "Row that it stands below."},
    [F_OLD] = {"old", "old", TYPE_INT, ROLE_EPOCH, UNIT_NONE, 0, 100, "Columns that are stale."},
    [F_PART] = {"part", "part", TYPE_INT, ROLE_EPOCH, UNIT_NONE, 0, 100, "Columns that are a part of the truth."},
};

const struct schema fleet_schema = {"fleet", F_COLUMNS, columns};

/* Thousands of sessions are counted once an answer, not once a drawing. */
struct session_count {
    int64_t of_us;              /* taken_us of the answer; 0: none */
    struct session_sums sums;
    double oldest;
};

struct fleet_rows {
    int n;                      /* targets that there is room for */
    struct session_count *sessions;
};

/* What is being made. */
struct making {
    struct fleet_rows *kept;
    const struct store *store;
    int64_t now_us;
    struct frame_builder *b;
    struct fleet_state *states; /* by target */
    int *server;                /* by target: the first one that is the same server */
    int *row;                   /* by target, -1: not yet */
    int64_t old, part;          /* of the row under way */
};

struct fleet_rows *fleet_rows_new(void)
{
    return mem_new(sizeof(struct fleet_rows));
}

void fleet_rows_free(struct fleet_rows *r)
{
    free(r->sessions);
    free(r);
}

/* ---- cells ---- */

static void put_text(struct making *m, int column, const char *text)
{
    if (text && text[0])
        frame_build_text(m->b, column, text, strlen(text));
}

static void put_count(struct making *m, int column, double n)
{
    if (!isnan(n))
        frame_build_int(m->b, column, (int64_t)n);
}

static struct sight look(struct making *m, int target, const char *topic, int64_t columns_of)
{
    int i = store_find_topic(m->store, topic);
    struct sight s = {.state = SIGHT_NONE};
    if (i >= 0)
        s = store_sight(m->store, target, i, m->now_us);
    if (s.good && s.state != SIGHT_FRESH)
        m->old |= columns_of;
    return s;
}

#define BIT(column) (1LL << (column))

static void put_server(struct making *m, int target)
{
    struct sight s = look(m, target, "server", BIT(F_TPS) | BIT(F_PAST));
    frame_build_real(m->b, F_TPS, frame_named_number(s.rates, 0, "xact_commit") + frame_named_number(s.rates, 0, "xact_rollback"));
    double reserved = frame_named_number(s.good, 0, "reserved");
    put_count(m, F_MOST, frame_named_number(s.good, 0, "max_connections") - (reserved > 0 ? reserved : 0));
}

static const struct session_count *count_sessions(struct making *m, int target, const struct frame *f)
{
    struct session_count *c = &m->kept->sessions[target];
    int at[PAGE_NAMES_MAX];
    if (c->of_us == f->taken_us)
        return c;
    page_find_names(session_names, f->schema, at);
    *c = (struct session_count){f->taken_us, session_count(at, f), NAN};
    for (uint32_t row = 0; at[S_XACT_AGE] >= 0 && row < f->nrows; row++) {
        double age = frame_number(f, row, at[S_XACT_AGE]);
        if (session_kind(at, f, row) != SESSION_BACKGROUND && !(age <= c->oldest) && !isnan(age))
            c->oldest = age;
    }
    return c;
}

/* Of sessions that we may not look into nothing is known, and what is seen is the least that there is. */
static void put_sessions(struct making *m, int target)
{
    struct sight s = look(m, target, "sessions", BIT(F_CONN) | BIT(F_USED) | BIT(F_OLDEST) | BIT(F_BLOCKED));
    if (!s.good)
        return;
    const struct session_count *c = count_sessions(m, target, s.good);
    bool hidden = c->sums.kinds[SESSION_HIDDEN] > 0;
    frame_build_int(m->b, F_USED, c->sums.clients);
    frame_build_real(m->b, F_OLDEST, c->oldest);
    if (!hidden || c->sums.waiting > 0)
        frame_build_int(m->b, F_BLOCKED, c->sums.waiting);
    m->part |= hidden ? BIT(F_OLDEST) | BIT(F_BLOCKED) : 0;
    struct sight server = look(m, target, "server", 0);
    double reserved = frame_named_number(server.good, 0, "reserved"), most = frame_named_number(server.good, 0, "max_connections");
    frame_build_real(m->b, F_CONN, c->sums.clients / (most - (reserved > 0 ? reserved : 0)));
}

static void put_lag(struct making *m, int target)
{
    struct sight s = look(m, target, "replication", BIT(F_LAG));
    const struct frame *f = s.derived ? s.derived : s.good;
    for (uint32_t row = 0; f && row < f->nrows; row++) {
        if (!frame_says(f, row, "kind", "receiver"))
            continue;
        frame_build_real(m->b, F_LAG, frame_named_number(f, row, "lag_s"));
        m->part |= frame_named_number(f, row, "lag_at_least") > 0 ? BIT(F_LAG) : 0;
    }
}

/* A standby has a copy of its primary's queues: they would count twice. */
static void put_queues(struct making *m, int target)
{
    struct sight s = look(m, target, "queues", BIT(F_QUEUES));
    put_count(m, F_QUEUES, frame_named_sum(s.good, "ready"));
    m->part |= frame_named_sum(s.good, "capped") > 0 ? BIT(F_QUEUES) : 0;
}

static void put_pooler(struct making *m, int target)
{
    struct sight s = look(m, target, "bouncer_pools", BIT(F_CONN) | BIT(F_USED) | BIT(F_BLOCKED) | BIT(F_OLDEST));
    const struct frame *f = s.derived ? s.derived : s.good;
    double waiting = frame_named_sum(f, "cl_waiting"), longest = NAN;
    for (uint32_t row = 0; f && row < f->nrows; row++) {
        double wait = frame_named_number(f, row, "maxwait_s");
        longest = wait > 0 && !(wait <= longest) ? wait : longest;
    }
    put_count(m, F_USED, frame_named_sum(f, "cl_active") + waiting);
    put_count(m, F_BLOCKED, waiting);
    frame_build_real(m->b, F_OLDEST, longest);
}

/* ---- rows ---- */

static const char *server_word(const struct making *m, int target)
{
    static const char *const words[] = {NULL, "primary", "standby"};
    const struct facts *facts = &store_target(m->store, target)->facts;
    if (facts->known && facts->kind == TARGET_POOLER)
        return "pooler";
    return words[shape_role(m->store, target, m->now_us)];
}

/* What the finding says; of one that was not reached yet, how far we are. */
static void put_why(struct making *m, int target)
{
    const struct link *link = &store_target(m->store, target)->link;
    static const char *const states[LINK_STATE_COUNT_] = {
        [LINK_NONE] = "not started", [LINK_CONNECTING] = "connecting for ", [LINK_WAITING] = "not connected for "};
    struct fleet_state state = m->states[target];
    struct buf words = {0};
    if (state.worst) {
        put_text(m, F_WHY, state.worst->words);
        return;
    }
    if (link->state == LINK_PASSWORD)
        buf_puts(&words, "a password is needed");
    else if (link->state != LINK_UP) {
        buf_puts(&words, states[link->failures > 0 ? LINK_WAITING : link->state]);
        if (link->state != LINK_NONE)
            words_age(&words, m->now_us - (link->down_us ? link->down_us : link->since_us), TEXT_UTF8);
        if (link->words[0])
            buf_printf(&words, ": %s", link->words);
    }
    put_text(m, F_WHY, words.len ? buf_text(&words) : NULL);
    buf_free(&words);
}

static enum row_mark mark_of(const struct making *m, int target, enum level level)
{
    static const enum row_mark marks[LEVEL_COUNT_] = {ROW_FINE, ROW_FINE, ROW_UNKNOWN, ROW_WARN, ROW_CRIT};
    const struct finding *worst = m->states[target].worst;
    if ((worst && worst->held) || (level < LEVEL_UNKNOWN && m->old))
        return ROW_STALE;
    return marks[level];
}

/* What is measured of a server stands in the row of its first target; another database has queues of its own. */
static void put_values(struct making *m, int target, bool part_of_server)
{
    const struct target *t = store_target(m->store, target);
    bool pooler = t->facts.kind == TARGET_POOLER;
    bool standby = shape_role(m->store, target, m->now_us) == SERVER_STANDBY;
    if (t->link.state != LINK_UP) {
        m->old |= BIT(F_ROLE);
        return;
    }
    if (pooler) {
        put_pooler(m, target);
        return;
    }
    if (!part_of_server) {
        put_server(m, target);
        put_sessions(m, target);
    }
    if (standby && !part_of_server)
        put_lag(m, target);
    if (!standby)
        put_queues(m, target);
}

/* A server is as bad as the worst of its databases: it stands where that belongs. */
static enum level rank_of(const struct making *m, int target, bool group)
{
    const char *name = store_target(m->store, target)->group;
    enum level level = LEVEL_FINE;
    for (int i = 0; i < store_targets(m->store); i++) {
        const char *other = store_target(m->store, i)->group;
        bool same = group ? (name && other ? strcmp(name, other) == 0 : name == other)
                          : i == target || m->server[i] == target;
        if (same && m->states[i].level > level)
            level = m->states[i].level;
    }
    return level == LEVEL_NOTE ? LEVEL_FINE : level;
}

static void put_level(struct making *m, enum level level, enum level rank, enum row_mark mark)
{
    put_text(m, F_LEVEL, level_word(level));
    frame_build_int(m->b, F_RANK, rank);
    frame_build_int(m->b, F_MARK, mark);
    frame_build_int(m->b, F_OLD, m->old);
    frame_build_int(m->b, F_PART, m->part);
}

static bool same_group(const struct making *m, int a, int b)
{
    const char *x = store_target(m->store, a)->group, *y = store_target(m->store, b)->group;
    return x && y ? strcmp(x, y) == 0 : x == y;
}

static void add_target(struct making *m, int target, int heading)
{
    const struct target *t = store_target(m->store, target);
    int first = m->server[target];
    bool part = first != target && same_group(m, first, target);
    frame_build_row(m->b);
    m->row[target] = (int)frame_build_rows(m->b) - 1;
    m->old = m->part = 0;
    put_text(m, F_SERVER, t->name);
    frame_build_int(m->b, F_HEADING, 0);
    put_text(m, F_GROUP, t->group);
    put_text(m, F_ROLE, part ? "database" : server_word(m, target));
    put_text(m, F_VERSION, part || !t->facts.known ? NULL : t->facts.version_text);
    frame_build_int(m->b, F_TARGET, target);
    frame_build_int(m->b, F_PARENT, part ? m->row[first] : heading);
    put_values(m, target, part);
    put_why(m, target);
    enum level level = m->states[target].level;
    put_level(m, level, rank_of(m, target, false), mark_of(m, target, level));
}

/* "3 servers  1 ‼  1 !" */
static void put_group_words(struct making *m, int target)
{
    static const char *const glyphs[LEVEL_COUNT_] = {NULL, NULL, "?", "!", "‼"};
    int levels[LEVEL_COUNT_] = {0}, n = 0;
    struct buf words = {0};
    for (int i = 0; i < store_targets(m->store); i++) {
        if (!same_group(m, i, target) || (m->server[i] != i && same_group(m, m->server[i], i)))
            continue;
        levels[rank_of(m, i, false)]++;
        n++;
    }
    buf_printf(&words, "%d server%s", n, n == 1 ? "" : "s");
    for (int level = LEVEL_COUNT_ - 1; level >= LEVEL_UNKNOWN; level--)
        if (levels[level])
            buf_printf(&words, "  %d %s", levels[level], glyphs[level]);
    put_text(m, F_WHY, buf_text(&words));
    buf_free(&words);
}

static int add_group(struct making *m, int target)
{
    const char *group = store_target(m->store, target)->group;
    frame_build_row(m->b);
    m->old = m->part = 0;
    put_text(m, F_SERVER, group ? group : "(no group)");
    frame_build_int(m->b, F_HEADING, 1);
    put_text(m, F_GROUP, group);
    frame_build_int(m->b, F_TARGET, -1);
    frame_build_int(m->b, F_PARENT, -1);
    put_group_words(m, target);
    enum level rank = rank_of(m, target, true);
    put_level(m, rank, rank, ROW_HEADING);
    return (int)frame_build_rows(m->b) - 1;
}

static void make_room(struct fleet_rows *r, int n)
{
    if (n <= r->n)
        return;
    r->sessions = mem_resize(r->sessions, (size_t)n, sizeof(*r->sessions));
    memset(r->sessions + r->n, 0, (size_t)(n - r->n) * sizeof(*r->sessions));
    r->n = n;
}

static void add_rows(struct making *m, bool groups)
{
    int n = store_targets(m->store);
    for (int i = 0; i < n; i++) {
        if (m->row[i] >= 0)
            continue;
        int heading = groups ? add_group(m, i) : -1;
        for (int k = i; k < n; k++)
            if (m->row[k] < 0 && (!groups || same_group(m, i, k)))
                add_target(m, k, heading);
    }
}

struct frame *fleet_rows_make(struct fleet_rows *r, const struct store *store, int64_t now_us)
{
    int n = store_targets(store);
    struct making m = {.kept = r, .store = store, .now_us = now_us, .b = frame_build(&fleet_schema)};
    make_room(r, n);
    m.states = mem_array((size_t)n + 1, sizeof(*m.states));
    m.server = mem_array((size_t)n + 1, sizeof(*m.server));
    m.row = mem_array((size_t)n + 1, sizeof(*m.row));
    for (int i = 0; i < n; i++) {
        m.states[i] = fleet_state(store, i);
        m.server[i] = fleet_server(store, i);
        m.row[i] = -1;
    }
    add_rows(&m, fleet_count(store).groups > 1);
    free(m.states);
    free(m.server);
    free(m.row);
    return frame_seal(m.b, &(struct frame_head){.status = FRAME_OK, .taken_us = now_us});
}
