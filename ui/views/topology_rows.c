/* Makes the rows of the topology page from the shape of the clusters and from what both ends of each edge say. */
#include "ui/views/topology_rows.h"

#include "base/mem.h"
#include "model/lag.h"
#include "model/trace.h"
#include "ui/fleet.h"
#include "ui/views/probe_page.h"
#include "ui/widgets/words.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct column columns[T_COLUMNS] = {
    [T_NAME] = {"server", "server", TYPE_TEXT, ROLE_KEY, UNIT_NONE, 24, 0,
                "Name of the target; of a standby that is not watched its application_name, of a slot its name."},
    [T_KIND] = {"kind", "kind", TYPE_TEXT, ROLE_KEY, UNIT_NONE, 8, 90, "cluster, server, sender (a standby that only its sender shows), slot, pooler or app."},
    [T_CLUSTER] = {"cluster", "cluster", TYPE_TEXT, ROLE_KEY, UNIT_NONE, 20, 95, "System identifier."},
    [T_ID] = {"id", "pid", TYPE_INT, ROLE_KEY, UNIT_NONE, 7, 95, "Process that sends to a standby that is not watched."},
    [T_ROLE] = {"role", "role", TYPE_TEXT, ROLE_LABEL, UNIT_NONE, 8, 20, "primary or standby, by its newest answer; or what stands in front of it."},
    [T_TIMELINE] = {"timeline", "tl", TYPE_INT, ROLE_LABEL, UNIT_NONE, 3, 40, "Timeline that it writes or receives; it grows with each promotion."},
    [T_STATE] = {"state", "state", TYPE_TEXT, ROLE_LABEL, UNIT_NONE, 15, 4,
                 "streaming, paused, receiver_stale (silent for a while), disconnected or archive recovery; of a slot whether "
                 "it is used."},
    [T_LAG] = {"lag_s", "lag", TYPE_REAL, ROLE_GAUGE, UNIT_SECONDS, 0, 2, "How far it is behind."},
    [T_BEHIND] = {"lag_bytes", "behind", TYPE_INT, ROLE_GAUGE, UNIT_BYTES, 0, 25, "WAL that it has not replayed; of a slot what it retains."},
    [T_READS] = {"reads", "reads", TYPE_TEXT, ROLE_LABEL, UNIT_NONE, 9, 30,
                 "Whether heavy questions to its primary go to it: in, on probation, or out, and why."},
    [T_SYNC] = {"sync", "sync", TYPE_TEXT, ROLE_LABEL, UNIT_NONE, 9, 50, "async, potential, sync or quorum."},
    [T_NOTE] = {"note", "note", TYPE_TEXT, ROLE_LABEL, UNIT_NONE, 40, 6, "What there is to say of it."},
    [T_TARGET] = {"target", "target", TYPE_INT, ROLE_EPOCH, UNIT_NONE, 0, 100, "Its number."},
    [T_MARK] = {"mark", "mark", TYPE_INT, ROLE_EPOCH, UNIT_NONE, 0, 100, "Its sign."},
    [T_PARENT] = {"parent", "parent", TYPE_INT, ROLE_EPOCH, UNIT_NONE, 0, 100, "Row that it stands below."},
    [T_OLD] = {"old", "old", TYPE_INT, ROLE_EPOCH, UNIT_NONE, 0, 100, "Whether its edge is stale."},
};

const struct schema topology_schema = {"topology", T_COLUMNS, columns};

/* ---- what targets say ---- */

static const struct frame *answer(const struct sight *s)
{
    return s->derived ? s->derived : s->good;
}

static bool is_up(const struct making *m, int target)
{
    return store_target(m->store, target)->link.state == LINK_UP;
}

/* ---- cells ---- */

static void put(struct making *m, int column, struct frame_text t)
{
    if (t.len > 0)
        frame_build_text(m->b, column, t.bytes, t.len);
}

void topology_word(struct making *m, int column, const char *word)
{
    put(m, column, (struct frame_text){word, (uint32_t)strlen(word)});
}

int topology_begin(struct making *m, const char *kind, int cluster, int target, int parent)
{
    char id[24] = "";
    frame_build_row(m->b);
    if (cluster >= 0)
        snprintf(id, sizeof(id), "%" PRIu64, m->shape.clusters[cluster].system_id);
    topology_word(m, T_KIND, kind);
    topology_word(m, T_CLUSTER, id);
    frame_build_int(m->b, T_TARGET, target);
    frame_build_int(m->b, T_PARENT, parent);
    return (int)frame_build_rows(m->b) - 1;
}

static void worsen(struct line *l, enum row_mark mark)
{
    static const int ranks[] = {[ROW_PLAIN] = 0, [ROW_FINE] = 0, [ROW_HEADING] = 0, [ROW_DIM] = 0, [ROW_STALE] = 1,
                                [ROW_UNKNOWN] = 2, [ROW_WARN] = 3, [ROW_CRIT] = 4};
    if (ranks[mark] > ranks[l->mark])
        l->mark = mark;
}

void topology_note(struct line *l, enum row_mark mark, const char *words)
{
    buf_puts(&l->note, l->note.len ? "; " : "");
    buf_puts(&l->note, words);
    worsen(l, mark);
}

void topology_finish(struct making *m, struct line *l)
{
    put(m, T_NOTE, (struct frame_text){buf_text(&l->note), (uint32_t)l->note.len});
    frame_build_int(m->b, T_MARK, l->mark);
    buf_free(&l->note);
}

/* ---- edges ---- */

/* What is known of it besides the number. */
static void say_sure(struct line *l, const struct frame *f, int row, double lag, struct limit limit)
{
    if (frame_says(f, row, "lag_state", lag_state_word(LAG_RECEIVER_STALE)))
        topology_note(l, ROW_WARN, "its receiver has heard nothing for a while");
    if (frame_named_number(f, row, "lag_at_least") > 0 && isnan(lag))
        topology_note(l, isnan(limit.warn) ? ROW_PLAIN : ROW_WARN, "far behind, for a time that is not known yet");
    else if (frame_named_number(f, row, "lag_at_least") > 0)
        topology_note(l, ROW_PLAIN, "or more");
    else if (frame_says(f, row, "lag_confidence", "estimate"))
        topology_note(l, ROW_PLAIN, "an estimate");
}

/* By the limit of the one that lags. From a receiver's row, or from the sender's when that is all there is. */
static void put_edge(struct making *m, struct line *l, int target, const struct frame *f, int row)
{
    double lag = frame_named_number(f, row, "lag_s"), behind = frame_named_number(f, row, "lag_bytes");
    struct frame_text state = frame_named_text(f, row, "lag_state");
    put(m, T_STATE, state.len ? state : frame_named_text(f, row, "state"));
    frame_build_real(m->b, T_LAG, lag);
    if (!isnan(behind))
        frame_build_int(m->b, T_BEHIND, (int64_t)behind);
    struct limit limit = shape_lag_limit(m->store, &m->shape, target, f, (uint32_t)row, m->now_us);
    worsen(l, page_mark(limit, lag));
    if (frame_says(f, row, "lag_state", "paused") || frame_says(f, row, "lag_state", "disconnected"))
        worsen(l, ROW_WARN);
    say_sure(l, f, row, lag, limit);
}

static void say_link(const struct making *m, struct line *l, const struct cluster_node *n)
{
    const char *up = n->follows >= 0 ? store_target(m->store, n->follows)->name : "";
    const struct frame *f = answer(&m->sights[n->speaks]);
    struct frame_text sender = frame_named_text(f, n->receiver, "sender");
    char words[256];
    switch (n->link) {
    case CLUSTER_CUT:
        topology_note(l, ROW_WARN, "receives nothing: it has no connection to its primary");
        break;
    case CLUSTER_ELSEWHERE:
        snprintf(words, sizeof(words), "receives from %.*s, which is not watched", (int)sender.len, sender.bytes);
        if (!f)
            topology_note(l, ROW_UNKNOWN, "has not said yet what it receives");
        else
            topology_note(l, ROW_PLAIN, sender.len > 0 ? words : "receives from a server that is not known");
        break;
    case CLUSTER_RECEIVER:
        snprintf(words, sizeof(words), "%s shows no sender for it", up);
        topology_note(l, ROW_PLAIN, words);
        break;
    case CLUSTER_LAST:
        topology_note(l, ROW_PLAIN, "follows it as far as one can tell");
        break;
    default:
        break;
    }
}

void topology_down(const struct making *m, struct line *l, int target)
{
    const struct link *link = &store_target(m->store, target)->link;
    struct buf words = {0};
    buf_puts(&words, "not connected for ");
    words_age(&words, m->now_us - (link->down_us ? link->down_us : link->since_us), TEXT_UTF8);
    topology_note(l, fleet_state(m->store, target).level == LEVEL_CRIT ? ROW_CRIT : ROW_UNKNOWN, buf_text(&words));
    buf_free(&words);
}

void topology_state(const struct making *m, struct line *l, int target)
{
    static const enum row_mark marks[LEVEL_COUNT_] = {ROW_FINE, ROW_FINE, ROW_UNKNOWN, ROW_WARN, ROW_CRIT};
    struct fleet_state state = fleet_state(m->store, target);
    worsen(l, marks[state.level]);
    if (state.worst && state.level >= LEVEL_WARN)
        topology_note(l, marks[state.level], state.worst->words);
}

/* Another primary that is up: of several the best of them; NULL: there is none. */
static const struct cluster_node *rival(const struct making *m, const struct cluster_node *n)
{
    const struct cluster_node *best = NULL;
    for (int i = 0; i < m->n; i++) {
        const struct cluster_node *o = &m->shape.nodes[i];
        if (o->same == i && o != n && o->cluster == n->cluster && o->role == SERVER_PRIMARY && o->up &&
            (!best || !o->former))
            best = o;
    }
    return best;
}

/* Two that write, one that wrote, one that stayed behind: in words. */
static void say_history(const struct making *m, struct line *l, const struct cluster_node *n)
{
    int primary = n->cluster >= 0 ? m->shape.clusters[n->cluster].primary : -1;
    char words[256];
    if (primary < 0)
        return;
    const struct cluster_node *p = &m->shape.nodes[primary];
    const struct cluster_node *other = n->role == SERVER_PRIMARY && n->up ? rival(m, n) : NULL;
    const char *name = store_target(m->store, primary)->name;
    if (other) {
        snprintf(words, sizeof(words), "SPLIT BRAIN with %s (timeline %d)", store_target(m->store, other->same)->name,
                 other->timeline);
        topology_note(l, ROW_CRIT, words);
    } else if (n->former) {
        snprintf(words, sizeof(words), "was the primary; now it is %s", name);
        topology_note(l, ROW_WARN, words);
    } else if (n->stays) {
        snprintf(words, sizeof(words), n->diverged ? "DIVERGED: on timeline %d beyond the fork, and %s on %d: it cannot follow"
                                                   : "left behind on timeline %d, while %s is on %d", n->timeline, name, p->timeline);
        topology_note(l, n->diverged ? ROW_CRIT : ROW_WARN, words);
    }
}

/* Both ends tell of an edge; the one that receives knows better, as long as it is there. */
static void put_standby(struct making *m, struct line *l, int target)
{
    const struct cluster_node *n = &m->shape.nodes[target];
    int from = n->follows >= 0 ? m->shape.nodes[n->follows].speaks : -1;
    const struct frame *theirs = from >= 0 ? answer(&m->sights[from]) : NULL;
    bool other_end = !n->up && theirs && n->sender >= 0 && is_up(m, from);
    const struct sight *s = &m->sights[other_end ? from : n->speaks];
    bool cut = n->link == CLUSTER_CUT || (!n->up && !other_end);
    if (cut && n->up)
        put_edge(m, l, target, answer(s), n->receiver);
    else if (cut)
        topology_word(m, T_STATE, "unknown");
    else
        put_edge(m, l, target, answer(s), other_end ? n->sender : n->receiver);
    put(m, T_SYNC, frame_named_text(theirs, n->sender, "sync_state"));
    frame_build_int(m->b, T_OLD, s->good && s->state != SIGHT_FRESH && n->up);
}

/* Only where a primary is watched that would have any to give away. */
static void put_reads(struct making *m, int target)
{
    static const char *const words[REPLICA_STATE_COUNT_] = {"not yet", "probation", "in", "out: lag", "out: down", "out: role"};
    const struct cluster_node *n = &m->shape.nodes[target];
    if (n->cluster >= 0 && m->shape.clusters[n->cluster].primary >= 0)
        topology_word(m, T_READS, words[store_target(m->store, n->speaks)->replica]);
}

static void put_node(struct making *m, int target, int parent)
{
    static const char *const roles[] = {"?", "primary", "standby"};
    const struct cluster_node *n = &m->shape.nodes[target];
    const struct sight *s = &m->sights[n->speaks];
    struct line l = {.mark = ROW_FINE};
    m->row[target] = topology_begin(m, "server", n->cluster, target, parent);
    topology_word(m, T_NAME, store_target(m->store, target)->name);
    topology_word(m, T_ROLE, roles[n->role]);
    if (n->timeline > 0)
        frame_build_int(m->b, T_TIMELINE, n->timeline);
    say_history(m, &l, n);
    if (!n->up)
        topology_down(m, &l, target);
    if (n->role == SERVER_STANDBY) {
        put_standby(m, &l, target);
        put_reads(m, target);
        if (n->up)
            say_link(m, &l, n);
    }
    if (s->good && s->state != SIGHT_FRESH && n->up)
        worsen(&l, ROW_STALE);
    topology_finish(m, &l);
}

/* ---- what only the other end shows ---- */

static void put_sender(struct making *m, int target, int row)
{
    const struct frame *f = answer(&m->sights[m->shape.nodes[target].speaks]);
    bool backup = frame_says(f, row, "state", "backup");
    struct frame_text name = frame_named_text(f, row, "name"), client = frame_named_text(f, row, "client");
    struct line l = {.mark = ROW_DIM};
    topology_begin(m, "sender", m->shape.nodes[target].cluster, -1, m->row[target]);
    put(m, T_NAME, name);
    frame_build_int(m->b, T_ID, (int64_t)frame_named_number(f, row, "id"));
    topology_word(m, T_ROLE, backup ? "backup" : "standby");
    put_edge(m, &l, target, f, row);
    put(m, T_SYNC, frame_named_text(f, row, "sync_state"));
    if (client.len > 0) {
        buf_puts(&l.note, l.note.len ? "; at " : "at ");
        buf_add(&l.note, client.bytes, client.len);
    }
    topology_note(&l, ROW_DIM, "not watched");
    topology_finish(m, &l);
}

static void put_slot(struct making *m, int target, int row)
{
    const struct frame *f = answer(&m->sights[m->shape.nodes[target].speaks]);
    bool lost = frame_says(f, row, "wal_status", "lost"), near = frame_says(f, row, "wal_status", "unreserved");
    double retained = frame_named_number(f, row, "retained_bytes");
    bool spare = trace_slot_is_spare(store_trace(m->store, m->shape.nodes[target].speaks), f, row);
    struct line l = {.mark = ROW_PLAIN};
    topology_begin(m, "slot", m->shape.nodes[target].cluster, -1, m->row[target]);
    put(m, T_NAME, frame_named_text(f, row, "name"));
    topology_word(m, T_ROLE, "slot");
    topology_word(m, T_STATE, "unused");
    if (!isnan(retained))
        frame_build_int(m->b, T_BEHIND, (int64_t)retained);
    if (lost || near)
        topology_note(&l, ROW_CRIT, lost ? "WAL lost" : "its WAL goes with the next checkpoint");
    if (spare)
        topology_note(&l, ROW_PLAIN, "kept for a promotion");
    else
        topology_note(&l, ROW_WARN, frame_says(f, row, "slot_type", "logical") ? "no subscriber uses it" : "no standby uses it");
    topology_finish(m, &l);
}

/* Of a server that is not connected what it sent to is of before. */
static void put_leaves(struct making *m, int target)
{
    const struct cluster_node *n = &m->shape.nodes[target];
    const struct frame *f = answer(&m->sights[n->speaks]);
    for (int row = 0; n->up && f && row < (int)f->nrows; row++) {
        if (frame_says(f, row, "kind", "sender") && !cluster_sender_watched(&m->shape, target, row))
            put_sender(m, target, row);
        if (frame_says(f, row, "kind", "slot") && frame_named_number(f, row, "active") == 0)
            put_slot(m, target, row);
    }
}

static void put_below(struct making *m, int target, int parent)
{
    put_node(m, target, parent);
    int row = m->row[target];
    for (int i = 0; i < m->n; i++)
        if (m->shape.nodes[i].same == i && m->shape.nodes[i].follows == target && m->row[i] < 0)
            put_below(m, i, row);
    put_leaves(m, target);
    topology_fronts(m, target, row);
}

/* ---- clusters ---- */

static void say_primaries(const struct making *m, struct line *l, int cluster)
{
    const char *before = "SPLIT BRAIN: ";
    for (int i = 0; i < m->n; i++) {
        const struct cluster_node *n = &m->shape.nodes[i];
        if (n->same != i || n->cluster != cluster || n->role != SERVER_PRIMARY || !n->up)
            continue;
        buf_printf(&l->note, "%s%s (timeline %d)", before, store_target(m->store, i)->name, n->timeline);
        before = " and ";
    }
    buf_puts(&l->note, " take writes");
    l->mark = ROW_CRIT;
}

static void put_cluster(struct making *m, int cluster)
{
    const struct cluster *c = &m->shape.clusters[cluster];
    struct line l = {.mark = ROW_HEADING};
    int first = c->primary, heading = topology_begin(m, "cluster", cluster, -1, -1);
    for (int i = 0; first < 0 && i < m->n; i++)
        first = m->shape.nodes[i].cluster == cluster ? i : -1;
    struct buf name = {0};
    buf_printf(&name, "cluster of %s", store_target(m->store, first)->name);
    topology_word(m, T_NAME, buf_text(&name));
    buf_free(&name);
    if (c->primaries > 1)
        say_primaries(m, &l, cluster);
    else
        buf_printf(&l.note, "%d server%s", c->servers, c->servers == 1 ? "" : "s");
    if (c->primaries == 0)
        buf_printf(&l.note, "; its primary is not %s", c->primary < 0 ? "watched" : "connected");
    if (c->primaries == 0 && c->primary >= 0)
        l.mark = ROW_CRIT;
    topology_finish(m, &l);
    if (c->primary >= 0)
        put_below(m, c->primary, heading);
    for (int i = 0; i < m->n; i++)
        if (m->row[i] < 0 && m->shape.nodes[i].same == i && m->shape.nodes[i].cluster == cluster &&
            m->shape.nodes[i].follows < 0)
            put_below(m, i, heading);
}

/* Servers of which nothing is known stand at the end, not nowhere; so do poolers and applications of which nobody can
 * tell for whom they are. */
static void put_strangers(struct making *m)
{
    for (int i = 0; i < m->n; i++)
        if (m->shape.nodes[i].cluster < 0 && !topology_is_front(m, i)) {
            put_node(m, i, -1);
            topology_fronts(m, i, m->row[i]);
        }
    topology_fronts(m, -1, -1);
}

static bool is_broken(const struct making *m, int cluster)
{
    return m->shape.clusters[cluster].primaries != 1;
}

struct frame *topology_rows_make(const struct store *store, int64_t now_us)
{
    int n = store_targets(store);
    struct making m = {.store = store, .now_us = now_us, .n = n, .b = frame_build(&topology_schema)};
    m.sights = mem_array((size_t)n + 1, sizeof(*m.sights));
    m.row = mem_array((size_t)n + 1, sizeof(*m.row));
    m.front = mem_array((size_t)n + 1, sizeof(*m.front));
    int replication = store_find_topic(store, "replication");
    for (int i = 0; i < n; i++) {
        if (replication >= 0)
            m.sights[i] = store_sight(store, i, replication, now_us);
        m.row[i] = -1;
    }
    m.shape = shape_look(store, now_us);
    topology_find_fronts(&m);
    for (int broken = 1; broken >= 0; broken--)
        for (int i = 0; i < m.shape.nclusters; i++)
            if (is_broken(&m, i) == broken)
                put_cluster(&m, i);
    put_strangers(&m);
    cluster_shape_free(&m.shape);
    free(m.sights);
    free(m.row);
    free(m.front);
    return frame_seal(m.b, &(struct frame_head){.status = FRAME_OK, .taken_us = now_us});
}
