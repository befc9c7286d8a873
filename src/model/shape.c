/* What the store knows of each target, as the shape of clusters needs it. */
#include "model/shape.h"

#include "base/mem.h"
#include "model/trace.h"

#include <stdlib.h>
#include <string.h>

static struct sight sight_of(const struct store *s, int target, const char *topic, int64_t now_us)
{
    int i = store_find_topic(s, topic);
    return i < 0 ? (struct sight){.state = SIGHT_NONE} : store_sight(s, target, i, now_us);
}

/* Of the one row of a server's answer. 0: unknown. */
static int64_t value(const struct frame *f, const char *name)
{
    int column = f && f->nrows > 0 ? schema_find(f->schema, name) : -1;
    const struct cell *c = column < 0 ? NULL : frame_cell(f, 0, column);
    return c && c->known ? c->i : 0;
}

static const struct frame *server_of(const struct store *s, int target, int64_t now_us)
{
    struct sight sight = sight_of(s, target, "server", now_us);
    return sight.derived ? sight.derived : sight.good;
}

enum server_role shape_role(const struct store *s, int target, int64_t now_us)
{
    const struct facts *facts = &store_target(s, target)->facts;
    const struct frame *f = sight_of(s, target, "server", now_us).good;
    if (!facts->known || facts->kind != TARGET_SERVER)
        return SERVER_UNKNOWN;
    if (f && f->server_role != SERVER_UNKNOWN)
        return f->server_role;
    return facts->standby ? SERVER_STANDBY : SERVER_PRIMARY;
}

const struct frame *shape_replication(const struct store *s, int target, int64_t now_us)
{
    struct sight sight = sight_of(s, target, "replication", now_us);
    return sight.derived ? sight.derived : sight.good;
}

static struct cluster_seen see(const struct store *s, int target, int64_t now_us)
{
    const struct target *t = store_target(s, target);
    const struct trace *was = store_trace(s, target);
    const struct frame *told = sight_of(s, target, "server", now_us).good;
    int64_t timeline = value(server_of(s, target, now_us), "timeline");
    return (struct cluster_seen){.name = t->name, .group = t->group, .facts = &t->facts,
                                 .up = t->link.state == LINK_UP, .came_us = t->link.since_us,
                                 .told_us = told ? told->taken_us : 0, .role = shape_role(s, target, now_us),
                                 .timeline = timeline > 0 && timeline <= INT32_MAX ? (int)timeline : 0,
                                 .awaited = !t->facts.known && !t->application && t->link.failures == 0,
                                 .received = was->received && was->received == t->facts.system_id, .source = was->source,
                                 .replication = shape_replication(s, target, now_us)};
}

bool shape_same_server(const struct store *s, int a, int b)
{
    uint64_t system_id = store_target(s, a)->facts.system_id;
    if (!system_id || system_id != store_target(s, b)->facts.system_id)
        return false;
    struct cluster_seen one = see(s, a, 0), other = see(s, b, 0);
    return cluster_same_server(&one, &other);
}

/* WAL of an older timeline beyond the fork is in no other server's past: who has it cannot follow. */
static void find_diverged(const struct store *s, struct cluster_shape *shape, int64_t now_us)
{
    for (int i = 0; i < shape->n; i++) {
        struct cluster_node *n = &shape->nodes[i];
        if (!n->stays)
            continue;
        int primary = shape->nodes[shape->clusters[n->cluster].primary].speaks;
        uint64_t fork = store_trace(s, primary)->fork;
        n->diverged = fork > 0 && (uint64_t)value(server_of(s, n->speaks, now_us), "wal_lsn") > fork;
    }
}

struct cluster_shape shape_look(const struct store *s, int64_t now_us)
{
    int n = store_targets(s);
    struct cluster_seen *seen = mem_array((size_t)n + 1, sizeof(*seen));
    for (int i = 0; i < n; i++)
        seen[i] = see(s, i, now_us);
    struct cluster_shape shape = cluster_find(seen, n);
    find_diverged(s, &shape, now_us);
    free(seen);
    return shape;
}

/* A copy that is being restored from a backup receives nothing, and has no such position. An answer of before we came may
 * be that of another server. */
static bool receives(const struct store *s, const struct cluster_node *n, int64_t now_us)
{
    const struct frame *f = shape_replication(s, n->speaks, now_us);
    const struct link *link = &store_target(s, n->speaks)->link;
    return n->role == SERVER_STANDBY && n->receiver >= 0 && link->state == LINK_UP && f->taken_us > link->since_us &&
           frame_named_number(f, (uint32_t)n->receiver, "sent_lsn") > 0;
}

void shape_remember(struct store *s, const struct cluster_shape *shape, int64_t now_us)
{
    for (int i = 0; i < shape->n; i++) {
        const struct cluster_node *n = &shape->nodes[shape->nodes[i].same];
        if (receives(s, n, now_us))
            store_remember_source(s, i, cluster_source(shape, i));
    }
}

static bool same_database(const struct target *a, const struct target *b)
{
    const char *x = a->facts.database, *y = b->facts.database;
    return x && y ? strcmp(x, y) == 0 : x == y;
}

int shape_original_in(const struct store *s, const struct cluster_shape *shape, int target)
{
    int primary = cluster_original(shape, target);
    for (int i = 0; primary >= 0 && i < shape->n; i++)
        if (shape->nodes[i].same == primary && store_target(s, i)->link.state == LINK_UP &&
            same_database(store_target(s, i), store_target(s, target)))
            return i;
    return -1;
}

int shape_original(const struct store *s, int target, int64_t now_us)
{
    struct cluster_shape shape = shape_look(s, now_us);
    int original = shape_original_in(s, &shape, target);
    cluster_shape_free(&shape);
    return original;
}

/* Looking for who follows whom is for clusters in which somebody has said that it matters. */
static bool limits_differ(const struct store *s, int target, struct limit mine)
{
    const struct facts *facts = &store_target(s, target)->facts, *f;
    for (int i = 0; i < store_targets(s); i++) {
        struct limit l = store_limit(s, i, LIMIT_REPLICATION_LAG);
        f = &store_target(s, i)->facts;
        if (f->known && f->kind == TARGET_SERVER && f->system_id == facts->system_id && memcmp(&l, &mine, sizeof(l)) != 0)
            return true;
    }
    return false;
}

/* Targets that are one server show its senders in rows of their own: the process is the same. -1: none is watched. */
static int receiver_of(const struct store *s, const struct cluster_shape *shape, int target, double process, int64_t now_us)
{
    int server = shape->nodes[target].same, receiver = -1;
    const struct frame *theirs = shape_replication(s, shape->nodes[server].speaks, now_us);
    for (int i = 0; theirs && i < shape->n; i++) {
        const struct cluster_node *n = &shape->nodes[i];
        if (n->same == i && n->follows == server && n->sender >= 0 &&
            frame_named_number(theirs, (uint32_t)n->sender, "id") == process)
            receiver = i;
    }
    return receiver;
}

struct limit shape_lag_limit(const struct store *s, struct cluster_shape *shape, int target, const struct frame *f,
                             uint32_t row, int64_t now_us)
{
    struct limit limit = store_limit(s, target, LIMIT_REPLICATION_LAG);
    if (!frame_says(f, row, "kind", "sender") || !limits_differ(s, target, limit))
        return limit;
    if (!shape->nodes)
        *shape = shape_look(s, now_us);
    int receiver = receiver_of(s, shape, target, frame_named_number(f, row, "id"), now_us);
    return receiver < 0 ? limit : store_limit(s, receiver, LIMIT_REPLICATION_LAG);
}
