/* Who is one server, which of them are one cluster, and who is its primary. */
#include "model/cluster.h"

#include "base/mem.h"
#include "model/cluster_parts.h"

#include <stdlib.h>
#include <string.h>

/* ---- servers ---- */

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

/* The newest of what several targets say of the one server that they are: one that is up knows better. */
static void merge(const struct cluster_finder *f, int target)
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

static void find_servers(const struct cluster_finder *f)
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
        merge(f, i);
    }
}

/* ---- clusters ---- */

/* Who has no group goes with any. */
static bool groups_meet(const char *a, const char *b)
{
    return !a || !b || strcmp(a, b) == 0;
}

static uint64_t id_of(const struct cluster_finder *f, int server)
{
    return f->seen[server].facts->system_id;
}

static bool is_free(const struct cluster_finder *f, int target, enum server_role role)
{
    const struct cluster_node *n = &f->shape->nodes[target];
    return n->same == target && n->cluster < 0 && n->role == role && id_of(f, target);
}

static int open_cluster(const struct cluster_finder *f, int server)
{
    struct cluster_shape *s = f->shape;
    s->clusters[s->nclusters] = (struct cluster){.system_id = id_of(f, server), .group = f->seen[server].group, .primary = -1};
    return s->nclusters++;
}

/* Whose WAL it was seen to get; -1: nobody's, or it is not known. */
static int source_of(const struct cluster_finder *f, int server)
{
    for (int i = 0; i < f->shape->n; i++) {
        int source = f->seen[i].source - 1;
        if (f->shape->nodes[i].same == server && f->seen[i].received && source >= 0 && source < f->shape->n &&
            id_of(f, f->shape->nodes[source].same) == id_of(f, server))
            return f->shape->nodes[source].same;
    }
    return -1;
}

/* It was seen as a standby of another one, by any of the targets that are this server. */
static bool was_standby(const struct cluster_finder *f, int server)
{
    bool was = false;
    for (int i = 0; i < f->shape->n; i++)
        was |= f->shape->nodes[i].same == server && f->seen[i].received;
    return was && source_of(f, server) != server;
}

/* Of the clusters with its identifier the only one; -1: there is none, or more. */
static int only_cluster(const struct cluster_finder *f, int server)
{
    int only = -1;
    for (int i = 0; i < f->shape->nclusters; i++) {
        if (f->shape->clusters[i].system_id != id_of(f, server))
            continue;
        if (only >= 0)
            return -1;
        only = i;
    }
    return only;
}

/* A copy that was promoted has the identifier of its origin for ever: another group tells it apart. */
static void place_by_group(const struct cluster_finder *f, int server)
{
    int cluster = -1;
    for (int i = 0; cluster < 0 && i < f->shape->nclusters; i++) {
        struct cluster *c = &f->shape->clusters[i];
        if (c->system_id != id_of(f, server) || !groups_meet(c->group, f->seen[server].group))
            continue;
        c->group = c->group ? c->group : f->seen[server].group;
        cluster = i;
    }
    f->shape->nodes[server].cluster = cluster < 0 ? open_cluster(f, server) : cluster;
}

/* A standby that was promoted stays where it was, whatever its group: two that followed each other are placed by the one
 * that comes last on the way. */
static void place_promoted(const struct cluster_finder *f, int server, int steps)
{
    int source = source_of(f, server);
    if (source >= 0 && steps > 0 && is_free(f, source, SERVER_PRIMARY))
        place_promoted(f, source, steps - 1);
    if (f->shape->nodes[server].cluster >= 0)
        return;
    int cluster = source >= 0 ? f->shape->nodes[source].cluster : only_cluster(f, server);
    if (cluster >= 0)
        f->shape->nodes[server].cluster = cluster;
    else
        place_by_group(f, server);
}

static bool same_group(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

static int of_own_primary(const struct cluster_finder *f, int server)
{
    for (int i = 0; i < f->shape->n; i++) {
        const struct cluster_node *n = &f->shape->nodes[i];
        if (n->same == i && n->role == SERVER_PRIMARY && id_of(f, i) == id_of(f, server) &&
            same_group(f->seen[i].group, f->seen[server].group))
            return n->cluster;
    }
    return -1;
}

/* The cluster of the one that most evidently sends to it; -1: none does, or of two clusters the evidence is alike. */
static int of_sender(const struct cluster_finder *f, int server)
{
    int best = -1, most = 0;
    for (int i = 0; i < f->shape->n; i++) {
        const struct cluster_node *n = &f->shape->nodes[i];
        if (i == server || n->same != i || n->cluster < 0 || id_of(f, i) != id_of(f, server))
            continue;
        int points = cluster_evidence(f, i, server);
        if (points > most)
            best = n->cluster;
        else if (points == most && best != n->cluster)
            best = -1;
        most = points > most ? points : most;
    }
    return best;
}

/* One has not said yet what it is, and may be its primary: one of its group, or one that is yet to answer. */
static bool may_have_another(const struct cluster_finder *f, int server)
{
    const char *group = f->seen[server].group;
    for (int i = 0; i < f->shape->n; i++)
        if (!f->seen[i].facts->known && (f->seen[i].awaited || same_word(f->seen[i].group, group)))
            return true;
    return false;
}

/* In recovery it follows somebody: one of its own group, one that can be told, or the only one that there is. */
static bool place_standby(const struct cluster_finder *f, int server)
{
    struct cluster_node *n = &f->shape->nodes[server];
    n->cluster = of_own_primary(f, server);
    if (n->cluster < 0)
        n->cluster = of_sender(f, server);
    if (n->cluster >= 0)
        return true;
    int source = source_of(f, server);
    if (source >= 0)
        n->cluster = f->shape->nodes[source].cluster;
    if (n->cluster < 0 && !may_have_another(f, server))
        n->cluster = only_cluster(f, server);
    n->guessed = n->cluster >= 0 && !groups_meet(f->shape->clusters[n->cluster].group, f->seen[server].group);
    return n->cluster >= 0;
}

static bool has_primary(const struct cluster_finder *f, int server)
{
    for (int i = 0; i < f->shape->n; i++)
        if (f->shape->nodes[i].role == SERVER_PRIMARY && id_of(f, i) == id_of(f, server))
            return true;
    return false;
}

/* Whose primary is not watched, or cannot be told: without any primary nothing tells two groups of them apart. */
static int of_orphans(const struct cluster_finder *f, int server, int first)
{
    bool any = !has_primary(f, server);
    for (int i = first; i < f->shape->nclusters; i++)
        if (f->shape->clusters[i].system_id == id_of(f, server) &&
            (any || same_group(f->shape->clusters[i].group, f->seen[server].group)))
            return i;
    return open_cluster(f, server);
}

/* In the order of their first targets. */
static void number_clusters(struct cluster_shape *s)
{
    struct cluster *sorted = mem_array((size_t)s->n + 1, sizeof(*sorted));
    int *number = mem_array((size_t)s->n + 1, sizeof(*number)), n = 0;
    for (int i = 0; i < s->n; i++)
        number[i] = -1;
    for (int i = 0; i < s->n; i++) {
        struct cluster_node *node = &s->nodes[i];
        node->cluster = s->nodes[node->same].cluster;   /* of the first the number is new already */
        if (node->same != i || node->cluster < 0)
            continue;
        if (number[node->cluster] < 0) {
            sorted[n] = s->clusters[node->cluster];
            number[node->cluster] = n++;
        }
        node->cluster = number[node->cluster];
        sorted[node->cluster].servers++;
    }
    free(number);
    free(s->clusters);
    s->clusters = sorted;
}

static void find_clusters(const struct cluster_finder *f)
{
    int n = f->shape->n;
    for (int i = 0; i < n; i++)
        if (is_free(f, i, SERVER_PRIMARY) && !was_standby(f, i))
            place_by_group(f, i);
    for (int i = 0; i < n; i++)
        if (is_free(f, i, SERVER_PRIMARY))
            place_promoted(f, i, n);
    for (bool more = true; more;) {
        more = false;
        for (int i = 0; i < n; i++)
            more |= is_free(f, i, SERVER_STANDBY) && place_standby(f, i);
    }
    for (int i = 0, first = f->shape->nclusters; i < n; i++)
        if (is_free(f, i, SERVER_STANDBY))
            f->shape->nodes[i].cluster = of_orphans(f, i, first);
    number_clusters(f->shape);
}

static bool better_primary(const struct cluster_node *a, const struct cluster_node *b)
{
    return a->up != b->up ? a->up : a->timeline > b->timeline;
}

static void find_primaries(const struct cluster_finder *f)
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

/* ---- what is asked of a shape ---- */

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

/* Of two that write nobody knows here which one is to stay: who follows the one was not left behind by the other. */
static void find_sides(const struct cluster_finder *f)
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
    struct cluster_finder f = {seen, mem_array((size_t)n + 1, sizeof(*f.ends)), &shape};
    for (int i = 0; i < n; i++)
        cluster_end_read(&f.ends[i], seen[i].replication);
    find_servers(&f);
    find_clusters(&f);
    find_primaries(&f);
    cluster_find_edges(&f);
    find_sides(&f);
    for (int i = 0; i < n; i++)
        cluster_end_free(&f.ends[i]);
    free(f.ends);
    return shape;
}

void cluster_shape_free(struct cluster_shape *shape)
{
    free(shape->nodes);
    free(shape->clusters);
    *shape = (struct cluster_shape){0};
}
