/* Who is one server, who is primary, and who follows whom. */
#include "model/cluster.h"

#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What speaks for an edge, in points. A sender that is free is worth one: enough for the primary, which sends to most,
 * and not for a standby, which sends to few. */
enum {
    FREE_SENDER = 1,
    IS_PRIMARY = 2,
    SENDS_ITSELF = 1,       /* who sends on sits in the middle, and follows the primary more likely than others do */
    SAME_PORT = 2,          /* but for the usual one */
    SAME_CLIENT = 8,
    SAME_NAME = 8,
    SAME_SLOT = 16,
    SAME_ADDRESS = 32,
    OUT_OF_REACH = -17,     /* its senders are those of before: the standby may have gone to another since */
    ENOUGH = 3
};

struct finder {
    const struct cluster_seen *seen;
    struct cluster_shape *shape;
};

struct edge {
    int from, row, to;      /* the one that sends, its row (-1: it shows none), the one that receives */
    int points;             /* 0: there is none */
};

/* ---- answers ---- */

static struct frame_text text_of(const struct frame *f, int row, const char *name)
{
    int column = f && row >= 0 ? schema_find(f->schema, name) : -1;
    return column < 0 ? (struct frame_text){"", 0} : frame_text(f, (uint32_t)row, column);
}

static bool is(struct frame_text t, const char *word)
{
    return word && word[0] && t.len == strlen(word) && memcmp(t.bytes, word, t.len) == 0;
}

static bool same_text(struct frame_text a, struct frame_text b)
{
    return a.len > 0 && a.len == b.len && memcmp(a.bytes, b.bytes, a.len) == 0;
}

static bool is_sender(const struct frame *f, int row)
{
    return is(text_of(f, row, "kind"), "sender") && !is(text_of(f, row, "state"), "backup");
}

static int senders_of(const struct cluster_seen *s)
{
    int n = 0;
    for (int row = 0; s->replication && row < (int)s->replication->nrows; row++)
        n += is_sender(s->replication, row);
    return n;
}

static int receiver_of(const struct frame *f)
{
    for (int row = 0; f && row < (int)f->nrows; row++)
        if (is(text_of(f, row, "kind"), "receiver"))
            return row;
    return -1;
}

/* A receiver's row is there without a process too, and says so. */
static bool receives(const struct cluster_seen *s, int receiver)
{
    int id = s->replication ? schema_find(s->replication->schema, "id") : -1;
    return receiver >= 0 && id >= 0 && frame_number(s->replication, (uint32_t)receiver, id) > 0;
}

/* ---- servers and clusters ---- */

static bool same_word(const char *a, const char *b)
{
    return a && b && a[0] && strcmp(a, b) == 0;
}

bool cluster_same_server(const struct facts *a, const struct facts *b)
{
    bool servers = a->known && b->known && a->kind == TARGET_SERVER && b->kind == TARGET_SERVER;
    if (!servers || !a->system_id || a->system_id != b->system_id)
        return false;
    return (a->started_us && a->started_us == b->started_us) ||
           (a->standby == b->standby && same_word(a->host, b->host) && same_word(a->port, b->port));
}

static int cluster_of(struct cluster_shape *shape, uint64_t system_id)
{
    for (int i = 0; i < shape->nclusters; i++)
        if (shape->clusters[i].system_id == system_id)
            return i;
    shape->clusters[shape->nclusters] = (struct cluster){.system_id = system_id, .primary = -1};
    return shape->nclusters++;
}

/* The newest of what several targets say of the one server that they are: one that is up knows better. */
static void merge(const struct finder *f, int target)
{
    struct cluster_node *n = &f->shape->nodes[target], *first = &f->shape->nodes[n->same];
    if (target == n->same || !n->up || first->up)
        return;
    first->up = true;
    first->speaks = target;
    first->role = n->role;
    first->timeline = n->timeline;
    first->receiver = n->receiver;
}

static void find_servers(const struct finder *f)
{
    for (int i = 0; i < f->shape->n; i++) {
        const struct cluster_seen *s = &f->seen[i];
        struct cluster_node *n = &f->shape->nodes[i];
        bool known = s->facts->known && s->facts->kind == TARGET_SERVER;
        *n = (struct cluster_node){.same = i, .speaks = i, .cluster = -1, .follows = -1, .sender = -1, .up = s->up,
                                   .timeline = s->timeline, .receiver = receiver_of(s->replication)};
        if (known)
            n->role = s->role != SERVER_UNKNOWN ? s->role : s->facts->standby ? SERVER_STANDBY : SERVER_PRIMARY;
        for (int k = 0; k < i && n->same == i; k++)
            n->same = cluster_same_server(s->facts, f->seen[k].facts) ? f->shape->nodes[k].same : i;
        if (known && s->facts->system_id)
            n->cluster = cluster_of(f->shape, s->facts->system_id);
        if (n->cluster >= 0)
            f->shape->clusters[n->cluster].servers += n->same == i;
        merge(f, i);
    }
}

static bool better_primary(const struct cluster_node *a, const struct cluster_node *b)
{
    return a->up != b->up ? a->up : a->timeline > b->timeline;
}

static void find_primaries(const struct finder *f)
{
    struct cluster_shape *s = f->shape;
    for (int i = 0; i < s->n; i++) {
        const struct cluster_node *n = &s->nodes[i];
        if (n->same != i || n->cluster < 0 || n->role != SERVER_PRIMARY)
            continue;
        struct cluster *c = &s->clusters[n->cluster];
        c->primaries += n->up;
        if (c->primary < 0 || better_primary(n, &s->nodes[c->primary]))
            c->primary = i;
    }
    for (int i = 0; i < s->n; i++) {
        struct cluster_node *n = &s->nodes[i];
        const struct cluster_node *primary =
            n->cluster >= 0 && s->clusters[n->cluster].primary >= 0 ? &s->nodes[s->clusters[n->cluster].primary] : NULL;
        if (!primary || n->same != i || primary == n)
            continue;
        n->former = n->role == SERVER_PRIMARY;
        n->stays = n->role == SERVER_STANDBY && n->timeline > 0 && n->timeline < primary->timeline;
    }
}

/* ---- who follows whom ---- */

static const struct cluster_seen *seen_of(const struct finder *f, int target)
{
    return &f->seen[f->shape->nodes[target].speaks];
}

static bool names_address(const struct cluster_seen *from, const struct cluster_seen *to, int receiver)
{
    char address[512];
    if (!from->facts->host || !from->facts->port)
        return false;
    snprintf(address, sizeof(address), "%s:%s", from->facts->host, from->facts->port);
    return is(text_of(to->replication, receiver, "sender"), address);
}

static bool same_port(const struct cluster_seen *from, const struct cluster_seen *to, int receiver)
{
    struct frame_text sender = text_of(to->replication, receiver, "sender");
    const char *port = from->facts->port;
    size_t len = port ? strlen(port) : 0;
    return len > 0 && strcmp(port, "5432") != 0 && sender.len > len && sender.bytes[sender.len - len - 1] == ':' &&
           memcmp(sender.bytes + sender.len - len, port, len) == 0;
}

/* Two slots that are known and differ belong to different standbys. */
static int slot_points(const struct cluster_seen *from, int row, const struct cluster_seen *to, int receiver)
{
    struct frame_text theirs = text_of(from->replication, row, "slot"), ours = text_of(to->replication, receiver, "slot");
    if (theirs.len == 0 || ours.len == 0)
        return 0;
    return same_text(theirs, ours) ? SAME_SLOT : -SAME_SLOT;
}

/* How much speaks for a target to send to another, in a row of its answer or in none (-1). */
static int weigh(const struct finder *f, int from, int row, int to)
{
    const struct cluster_seen *u = seen_of(f, from), *s = seen_of(f, to);
    const struct cluster_node *n = &f->shape->nodes[to];
    int points = names_address(u, s, n->receiver) ? SAME_ADDRESS : 0;
    if (row < 0)
        return points;
    points += FREE_SENDER + slot_points(u, row, s, n->receiver) + (u->up ? 0 : OUT_OF_REACH);
    points += same_port(u, s, n->receiver) ? SAME_PORT : 0;
    points += f->shape->nodes[from].role == SERVER_PRIMARY ? IS_PRIMARY + (senders_of(s) > 0 ? SENDS_ITSELF : 0) : 0;
    points += is(text_of(u->replication, row, "name"), f->seen[to].name) ? SAME_NAME : 0;
    points += is(text_of(u->replication, row, "client"), s->facts->host) ? SAME_CLIENT : 0;
    return points;
}

static bool comes_from(const struct cluster_shape *s, int target, int other)
{
    for (int steps = 0; target >= 0 && steps <= s->n; steps++, target = s->nodes[target].follows)
        if (target == other)
            return true;
    return false;
}

static bool may_send(const struct finder *f, int from, int to)
{
    const struct cluster_node *u = &f->shape->nodes[from], *n = &f->shape->nodes[to];
    return u->cluster == n->cluster && u->same == from && !comes_from(f->shape, from, to);
}

/* A standby that receives, and of which it is not known yet from whom. */
static bool is_open(const struct finder *f, int target)
{
    const struct cluster_node *n = &f->shape->nodes[target];
    return n->same == target && n->cluster >= 0 && n->role == SERVER_STANDBY && n->follows < 0 &&
           receives(seen_of(f, target), n->receiver);
}

bool cluster_sender_watched(const struct cluster_shape *s, int target, int row)
{
    for (int i = 0; i < s->n; i++)
        if (s->nodes[i].follows == target && s->nodes[i].sender == row && row >= 0)
            return true;
    return false;
}

static bool is_free(const struct finder *f, int target, int row)
{
    return is_sender(seen_of(f, target)->replication, row) && !cluster_sender_watched(f->shape, target, row);
}

static void consider(const struct finder *f, int from, int row, int to, struct edge *best)
{
    int points = weigh(f, from, row, to);
    if (points > best->points)
        *best = (struct edge){from, row, to, points};
}

/* The edge of all that most speaks for. */
static struct edge best_edge(const struct finder *f)
{
    struct edge best = {.points = 0};
    for (int to = 0; to < f->shape->n; to++) {
        if (!is_open(f, to))
            continue;
        for (int from = 0; from < f->shape->n; from++) {
            const struct frame *answer = seen_of(f, from)->replication;
            if (!may_send(f, from, to))
                continue;
            consider(f, from, -1, to, &best);
            for (int row = 0; answer && row < (int)answer->nrows; row++)
                if (is_free(f, from, row))
                    consider(f, from, row, to, &best);
        }
    }
    return best;
}

static void join(const struct finder *f, struct edge e, enum cluster_link link)
{
    struct cluster_node *n = &f->shape->nodes[e.to];
    n->follows = e.from;
    n->sender = e.row;
    n->link = link;
}

/* Of one cluster: the one standby and the one sender that are left belong together. */
static void join_last(const struct finder *f, int cluster)
{
    struct edge e = {.to = -1, .from = -1};
    int standbys = 0, senders = 0;
    for (int i = 0; i < f->shape->n; i++) {
        const struct frame *answer = seen_of(f, i)->replication;
        if (f->shape->nodes[i].cluster != cluster || f->shape->nodes[i].same != i)
            continue;
        if (is_open(f, i)) {
            standbys++;
            e.to = i;
        }
        for (int row = 0; answer && row < (int)answer->nrows; row++) {
            if (!is_free(f, i, row))
                continue;
            senders++;
            e.from = i;
            e.row = row;
        }
    }
    if (standbys == 1 && senders == 1 && f->shape->clusters[cluster].primary >= 0 && may_send(f, e.from, e.to) &&
        weigh(f, e.from, e.row, e.to) > 0)
        join(f, e, CLUSTER_LAST);
}

/* What receives nothing stands under the primary that it should follow; the rest follows somebody who is not here, or
 * has not said anything yet. */
static void place_rest(const struct finder *f)
{
    for (int i = 0; i < f->shape->n; i++) {
        struct cluster_node *n = &f->shape->nodes[i];
        if (n->role != SERVER_STANDBY || n->same != i || n->follows >= 0)
            continue;
        bool cut = n->cluster >= 0 && seen_of(f, i)->replication && !is_open(f, i);
        n->link = cut ? CLUSTER_CUT : CLUSTER_ELSEWHERE;
        n->follows = cut ? f->shape->clusters[n->cluster].primary : -1;
    }
}

struct cluster_shape cluster_find(const struct cluster_seen *seen, int n)
{
    struct cluster_shape shape = {.n = n, .nodes = mem_array((size_t)n + 1, sizeof(*shape.nodes)),
                                  .clusters = mem_array((size_t)n + 1, sizeof(*shape.clusters))};
    struct finder f = {seen, &shape};
    find_servers(&f);
    find_primaries(&f);
    for (struct edge e; (e = best_edge(&f)).points >= ENOUGH;)
        join(&f, e, e.row >= 0 ? CLUSTER_BOTH : CLUSTER_RECEIVER);
    for (int i = 0; i < shape.nclusters; i++)
        join_last(&f, i);
    place_rest(&f);
    return shape;
}

void cluster_shape_free(struct cluster_shape *shape)
{
    free(shape->nodes);
    free(shape->clusters);
    *shape = (struct cluster_shape){0};
}
