/* Who follows whom: what both ends say of an edge, weighed. */
#include "model/cluster_parts.h"

#include "base/mem.h"

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
    ENOUGH = 3,
    EVIDENT = SAME_CLIENT   /* not only free, but somehow meant */
};

struct edge {
    int from, to;               /* the one that sends, the one that receives */
    int row;                    /* of the sender; -1: the one that sends shows none */
    int points;
};

struct edges {
    struct edge *list;
    size_t n, room;
};

/* ---- answers ---- */

static struct frame_text text_of(const struct frame *f, uint32_t row, int column)
{
    return column < 0 ? (struct frame_text){"", 0} : frame_text(f, row, column);
}

static bool is(struct frame_text t, const char *word)
{
    return word && word[0] && t.len == strlen(word) && memcmp(t.bytes, word, t.len) == 0;
}

static bool same_text(struct frame_text a, struct frame_text b)
{
    return a.len > 0 && a.len == b.len && memcmp(a.bytes, b.bytes, a.len) == 0;
}

/* A receiver's row is there without a process too, and says so. A sender that carries a backup feeds no standby. */
void cluster_end_read(struct cluster_end *e, const struct frame *f)
{
    e->receiver = -1;
    if (!f)
        return;
    int kind = schema_find(f->schema, "kind"), id = schema_find(f->schema, "id"), slot = schema_find(f->schema, "slot");
    int name = schema_find(f->schema, "name"), client = schema_find(f->schema, "client");
    int state = schema_find(f->schema, "state"), sender = schema_find(f->schema, "sender");
    e->senders = mem_array((size_t)f->nrows + 1, sizeof(*e->senders));
    for (uint32_t row = 0; row < f->nrows; row++) {
        struct frame_text is_a = text_of(f, row, kind);
        if (is(is_a, "sender") && !is(text_of(f, row, state), "backup")) {
            e->senders[e->nsenders++] = (struct cluster_sender){(int)row, text_of(f, row, name), text_of(f, row, client),
                                                        text_of(f, row, slot)};
        } else if (is(is_a, "receiver") && e->receiver < 0) {
            e->receiver = (int)row;
            e->receives = id >= 0 && frame_number(f, row, id) > 0;
            e->sender = text_of(f, row, sender);
            e->slot = text_of(f, row, slot);
        }
    }
}

void cluster_end_free(struct cluster_end *e)
{
    free(e->senders);
    e->senders = NULL;
}

/* ---- who follows whom ---- */

const struct cluster_seen *cluster_seen_of(const struct cluster_finder *f, int target)
{
    return &f->seen[f->shape->nodes[target].speaks];
}

const struct cluster_end *cluster_end_of(const struct cluster_finder *f, int target)
{
    return &f->ends[f->shape->nodes[target].speaks];
}

/* Whether "host:port" ends in the port by which the other end is watched, and whether it is that address. */
static bool names_port(const struct facts *from, struct frame_text sender)
{
    size_t len = from->port ? strlen(from->port) : 0;
    return len > 0 && sender.len > len && sender.bytes[sender.len - len - 1] == ':' &&
           memcmp(sender.bytes + sender.len - len, from->port, len) == 0;
}

static bool names_address(const struct facts *from, struct frame_text sender)
{
    size_t len = from->host ? strlen(from->host) : 0;
    return len > 0 && names_port(from, sender) && sender.len == len + 1 + strlen(from->port) &&
           memcmp(sender.bytes, from->host, len) == 0;
}

/* Two slots that are known and differ belong to different standbys. */
static int slot_points(struct frame_text theirs, struct frame_text ours)
{
    if (theirs.len == 0 || ours.len == 0)
        return 0;
    return same_text(theirs, ours) ? SAME_SLOT : -SAME_SLOT;
}

/* How much speaks for a target to send to another, by one of its senders or by none (NULL). */
static int weigh(const struct cluster_finder *f, int from, const struct cluster_sender *sender, int to)
{
    const struct cluster_seen *u = cluster_seen_of(f, from);
    const struct cluster_end *s = cluster_end_of(f, to);
    int points = names_address(u->facts, s->sender) ? SAME_ADDRESS : 0;
    if (!sender)
        return points;
    points += FREE_SENDER + slot_points(sender->slot, s->slot) + (u->up ? 0 : OUT_OF_REACH);
    points += names_port(u->facts, s->sender) && strcmp(u->facts->port, "5432") != 0 ? SAME_PORT : 0;
    points += f->shape->nodes[from].role == SERVER_PRIMARY ? IS_PRIMARY + (s->nsenders > 0 ? SENDS_ITSELF : 0) : 0;
    points += is(sender->name, f->seen[to].name) ? SAME_NAME : 0;
    points += is(sender->client, cluster_seen_of(f, to)->facts->host) ? SAME_CLIENT : 0;
    return points;
}

int cluster_evidence(const struct cluster_finder *f, int from, int to)
{
    const struct cluster_end *u = cluster_end_of(f, from);
    int best = weigh(f, from, NULL, to);
    for (int i = 0; i < u->nsenders; i++) {
        int points = weigh(f, from, &u->senders[i], to);
        best = points > best ? points : best;
    }
    return best < EVIDENT ? 0 : best;
}

static bool comes_from(const struct cluster_shape *s, int target, int other)
{
    for (int steps = 0; target >= 0 && steps <= s->n; steps++, target = s->nodes[target].follows)
        if (target == other)
            return true;
    return false;
}

static bool may_send(const struct cluster_finder *f, int from, int to)
{
    const struct cluster_node *u = &f->shape->nodes[from], *n = &f->shape->nodes[to];
    return u->cluster == n->cluster && u->same == from && !comes_from(f->shape, from, to);
}

/* A standby that receives, and of which it is not known yet from whom. */
static bool is_open(const struct cluster_finder *f, int target)
{
    const struct cluster_node *n = &f->shape->nodes[target];
    return n->same == target && n->cluster >= 0 && n->role == SERVER_STANDBY && n->follows < 0 &&
           cluster_end_of(f, target)->receives;
}

static void consider(const struct cluster_finder *f, int from, const struct cluster_sender *sender, int to, struct edges *e)
{
    int points = weigh(f, from, sender, to);
    if (points < ENOUGH)
        return;
    if (e->n == e->room) {
        e->room = e->room ? 2 * e->room : 64;
        e->list = mem_resize(e->list, e->room, sizeof(*e->list));
    }
    e->list[e->n++] = (struct edge){from, to, sender ? sender->row : -1, points};
}

/* All that may be, once. */
static void find_edges(const struct cluster_finder *f, struct edges *e)
{
    for (int to = 0; to < f->shape->n; to++) {
        for (int from = 0; from < f->shape->n && is_open(f, to); from++) {
            const struct cluster_end *u = cluster_end_of(f, from);
            if (!may_send(f, from, to))
                continue;
            for (int i = 0; i < u->nsenders; i++)
                consider(f, from, &u->senders[i], to, e);
            consider(f, from, NULL, to, e);
        }
    }
}

/* Of equal ones the first is as good as any, and always the same. */
static int by_points(const void *a, const void *b)
{
    const struct edge *x = a, *y = b;
    if (x->points != y->points)
        return x->points > y->points ? -1 : 1;
    if (x->to != y->to)
        return x->to < y->to ? -1 : 1;
    if (x->from != y->from)
        return x->from < y->from ? -1 : 1;
    return x->row > y->row ? -1 : x->row < y->row;
}

static void join(const struct cluster_finder *f, const struct edge *e, enum cluster_link link)
{
    struct cluster_node *n = &f->shape->nodes[e->to];
    n->follows = e->from;
    n->sender = e->row;
    n->link = link;
}

/* What most speaks for comes first; each standby and each sender has one other end. */
static void join_edges(const struct cluster_finder *f)
{
    struct edges e = {0};
    find_edges(f, &e);
    if (e.n > 0)
        qsort(e.list, e.n, sizeof(*e.list), by_points);
    for (size_t i = 0; i < e.n; i++) {
        const struct edge *x = &e.list[i];
        if (is_open(f, x->to) && may_send(f, x->from, x->to) && !cluster_sender_watched(f->shape, x->from, x->row))
            join(f, x, x->row >= 0 ? CLUSTER_BOTH : CLUSTER_RECEIVER);
    }
    free(e.list);
}

/* Of one cluster: the one standby and the one sender that are left belong together. */
static void join_last(const struct cluster_finder *f, int cluster)
{
    struct edge e = {.from = -1, .to = -1, .row = -1};
    const struct cluster_sender *last = NULL;
    int standbys = 0, senders = 0;
    for (int i = 0; i < f->shape->n; i++) {
        const struct cluster_end *end = cluster_end_of(f, i);
        if (f->shape->nodes[i].cluster != cluster || f->shape->nodes[i].same != i)
            continue;
        if (is_open(f, i)) {
            standbys++;
            e.to = i;
        }
        for (int k = 0; k < end->nsenders; k++) {
            if (cluster_sender_watched(f->shape, i, end->senders[k].row))
                continue;
            senders++;
            last = &end->senders[k];
            e.from = i;
            e.row = last->row;
        }
    }
    if (standbys == 1 && senders == 1 && f->shape->clusters[cluster].primary >= 0 && may_send(f, e.from, e.to) &&
        weigh(f, e.from, last, e.to) > 0)
        join(f, &e, CLUSTER_LAST);
}

/* What receives nothing stands under the primary that it should follow; the rest follows somebody who is not here, or
 * has not said anything yet. */
static void place_rest(const struct cluster_finder *f)
{
    for (int i = 0; i < f->shape->n; i++) {
        struct cluster_node *n = &f->shape->nodes[i];
        if (n->role != SERVER_STANDBY || n->same != i || n->follows >= 0)
            continue;
        bool cut = n->cluster >= 0 && cluster_seen_of(f, i)->replication && !is_open(f, i);
        n->link = cut ? CLUSTER_CUT : CLUSTER_ELSEWHERE;
        n->follows = cut ? f->shape->clusters[n->cluster].primary : -1;
    }
}

void cluster_find_edges(const struct cluster_finder *f)
{
    join_edges(f);
    for (int i = 0; i < f->shape->nclusters; i++)
        join_last(f, i);
    place_rest(f);
}
