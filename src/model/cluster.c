/* Who is one server, who is primary, and who follows whom. */
#include "model/cluster.h"

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
    ENOUGH = 3
};

/* What a server shows of those that it sends to, and of the one that it receives from: read once from its answer. */
struct sender {
    int row;
    struct frame_text name, client, slot;
};

struct end {
    struct sender *senders;
    int nsenders;
    int receiver;               /* its row; -1: none */
    bool receives;              /* and a process is there */
    struct frame_text sender, slot;
};

struct finder {
    const struct cluster_seen *seen;
    struct end *ends;           /* by target */
    struct cluster_shape *shape;
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
static void read_end(struct end *e, const struct frame *f)
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
            e->senders[e->nsenders++] = (struct sender){(int)row, text_of(f, row, name), text_of(f, row, client),
                                                        text_of(f, row, slot)};
        } else if (is(is_a, "receiver") && e->receiver < 0) {
            e->receiver = (int)row;
            e->receives = id >= 0 && frame_number(f, row, id) > 0;
            e->sender = text_of(f, row, sender);
            e->slot = text_of(f, row, slot);
        }
    }
}

/* ---- servers and clusters ---- */

static bool same_word(const char *a, const char *b)
{
    return a && b && a[0] && strcmp(a, b) == 0;
}

/* A pooler may go on with another server in the middle of our session: what is known through it may be of before. */
static bool lives_beside(const struct cluster_seen *a, const struct cluster_seen *b)
{
    return a->up && a->facts->started_us && !a->facts->pooled && a->told_us > b->came_us;
}

bool cluster_same_server(const struct cluster_seen *one, const struct cluster_seen *other)
{
    const struct facts *a = one->facts, *b = other->facts;
    bool servers = a->known && b->known && a->kind == TARGET_SERVER && b->kind == TARGET_SERVER;
    if (!servers || !a->system_id || a->system_id != b->system_id)
        return false;
    if (a->started_us && a->started_us == b->started_us)
        return true;
    bool place = a->standby == b->standby && same_word(a->host, b->host) && same_word(a->port, b->port);
    return place && !(lives_beside(one, other) && lives_beside(other, one));
}

bool cluster_groups_meet(const char *a, const char *b)
{
    return !a || !b || strcmp(a, b) == 0;
}

/* A copy that was promoted has the identifier of its origin for ever. */
static int cluster_of(struct cluster_shape *shape, uint64_t system_id, const char *group)
{
    for (int i = 0; i < shape->nclusters; i++) {
        struct cluster *c = &shape->clusters[i];
        if (c->system_id != system_id || !cluster_groups_meet(c->group, group))
            continue;
        c->group = c->group ? c->group : group;
        return i;
    }
    shape->clusters[shape->nclusters] = (struct cluster){.system_id = system_id, .group = group, .primary = -1};
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
                                   .timeline = s->timeline, .receiver = f->ends[i].receiver};
        if (known)
            n->role = s->role != SERVER_UNKNOWN ? s->role : s->facts->standby ? SERVER_STANDBY : SERVER_PRIMARY;
        for (int k = 0; k < i && n->same == i; k++)
            n->same = cluster_same_server(s, &f->seen[k]) ? f->shape->nodes[k].same : i;
        if (n->same != i)
            n->cluster = f->shape->nodes[n->same].cluster;
        else if (known && s->facts->system_id)
            n->cluster = cluster_of(f->shape, s->facts->system_id, s->group);
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

static const struct end *end_of(const struct finder *f, int target)
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
static int weigh(const struct finder *f, int from, const struct sender *sender, int to)
{
    const struct cluster_seen *u = seen_of(f, from);
    const struct end *s = end_of(f, to);
    int points = names_address(u->facts, s->sender) ? SAME_ADDRESS : 0;
    if (!sender)
        return points;
    points += FREE_SENDER + slot_points(sender->slot, s->slot) + (u->up ? 0 : OUT_OF_REACH);
    points += names_port(u->facts, s->sender) && strcmp(u->facts->port, "5432") != 0 ? SAME_PORT : 0;
    points += f->shape->nodes[from].role == SERVER_PRIMARY ? IS_PRIMARY + (s->nsenders > 0 ? SENDS_ITSELF : 0) : 0;
    points += is(sender->name, f->seen[to].name) ? SAME_NAME : 0;
    points += is(sender->client, seen_of(f, to)->facts->host) ? SAME_CLIENT : 0;
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
           end_of(f, target)->receives;
}

bool cluster_sender_watched(const struct cluster_shape *s, int target, int row)
{
    for (int i = 0; i < s->n; i++)
        if (s->nodes[i].follows == target && s->nodes[i].sender == row && row >= 0)
            return true;
    return false;
}

int cluster_source(const struct cluster_shape *s, int target)
{
    int top = s->nodes[target].same, cluster = s->nodes[top].cluster;
    if (s->nodes[top].role != SERVER_STANDBY || cluster < 0)
        return -1;
    for (int steps = 0; s->nodes[top].follows >= 0 && steps <= s->n; steps++)
        top = s->nodes[top].follows;
    if (s->nodes[top].role != SERVER_PRIMARY)
        top = s->clusters[cluster].primary;
    return top < 0 ? -1 : s->nodes[top].speaks;
}

int cluster_original(const struct cluster_shape *s, int target)
{
    const struct cluster_node *mine = &s->nodes[s->nodes[target].same];
    int primary = mine->role != SERVER_STANDBY || mine->cluster < 0 ? -1 : s->clusters[mine->cluster].primary;
    return primary >= 0 && s->nodes[primary].up ? primary : -1;
}

static void consider(const struct finder *f, int from, const struct sender *sender, int to, struct edges *e)
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
static void find_edges(const struct finder *f, struct edges *e)
{
    for (int to = 0; to < f->shape->n; to++) {
        for (int from = 0; from < f->shape->n && is_open(f, to); from++) {
            const struct end *u = end_of(f, from);
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

static void join(const struct finder *f, const struct edge *e, enum cluster_link link)
{
    struct cluster_node *n = &f->shape->nodes[e->to];
    n->follows = e->from;
    n->sender = e->row;
    n->link = link;
}

/* What most speaks for comes first; each standby and each sender has one other end. */
static void join_edges(const struct finder *f)
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
static void join_last(const struct finder *f, int cluster)
{
    struct edge e = {.from = -1, .to = -1, .row = -1};
    const struct sender *last = NULL;
    int standbys = 0, senders = 0;
    for (int i = 0; i < f->shape->n; i++) {
        const struct end *end = end_of(f, i);
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

/* Of two that write nobody knows here which one is to stay: who follows the one was not left behind by the other. */
static void find_sides(const struct finder *f)
{
    for (int i = 0; i < f->shape->n; i++) {
        const struct cluster_node *top = &f->shape->nodes[i];
        for (int steps = 0; top->follows >= 0 && steps <= f->shape->n; steps++)
            top = &f->shape->nodes[top->follows];
        bool sides = top->former && top->up && f->shape->nodes[f->shape->clusters[top->cluster].primary].up;
        f->shape->nodes[i].stays = f->shape->nodes[i].stays && !sides;
    }
}

struct cluster_shape cluster_find(const struct cluster_seen *seen, int n)
{
    struct cluster_shape shape = {.n = n, .nodes = mem_array((size_t)n + 1, sizeof(*shape.nodes)),
                                  .clusters = mem_array((size_t)n + 1, sizeof(*shape.clusters))};
    struct finder f = {seen, mem_array((size_t)n + 1, sizeof(*f.ends)), &shape};
    for (int i = 0; i < n; i++)
        read_end(&f.ends[i], seen[i].replication);
    find_servers(&f);
    find_primaries(&f);
    join_edges(&f);
    for (int i = 0; i < shape.nclusters; i++)
        join_last(&f, i);
    place_rest(&f);
    find_sides(&f);
    for (int i = 0; i < n; i++)
        free(f.ends[i].senders);
    free(f.ends);
    return shape;
}

void cluster_shape_free(struct cluster_shape *shape)
{
    free(shape->nodes);
    free(shape->clusters);
    *shape = (struct cluster_shape){0};
}
