/* Heavy questions that a standby answers as well as its primary go to the standbys of the group that are fit, in turn;
 * to the primary, flagged, when none is. A standby asks such an errand on its one connection, between its own
 * questions. When it fails, the sample goes home to the primary, whose answer it was to be. */
#include "engine/parts.h"

#include "base/clock.h"
#include "base/mem.h"
#include "engine/variant.h"
#include "model/cluster.h"
#include "model/lag.h"
#include "model/shape.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define OLD     3                       /* intervals: a lag that was told longer ago says nothing */
#define BUSY_US (100 * US_PER_MS)       /* before a sample is offered again, when all that are fit have an errand */
#define SOON_US US_PER_S

static const struct facts *facts_of(const struct pilot *p)
{
    return &store_target(p->engine->store, p->target)->facts;
}

/* ---- lag that is on the screen ---- */

/* A standby's lag is no newer than what is known of its primary, which is therefore asked as often. */
static void follow(struct engine *e, int probe)
{
    bool *wanted = mem_array((size_t)e->npilots, sizeof(*wanted));
    for (int i = 0; i < e->npilots; i++) {
        struct pilot *p = &e->pilots[i];
        struct pilot *primary = p->ticks[probe].shown && p->role == SERVER_STANDBY ? publish_primary(p) : NULL;
        if (primary)
            wanted[primary - e->pilots] = true;
    }
    for (int i = 0; i < e->npilots; i++)
        schedule_follow(&e->pilots[i], probe, wanted[i]);
    free(wanted);
}

void routing_follow(struct engine *e)
{
    for (int i = 0; i < e->nprobes; i++)
        if (e->probes[i]->lag)
            follow(e, i);
}

/* ---- who is fit ---- */

static void tell(struct pilot *p, enum replica_event event, double lag_s)
{
    replica_tell(&p->replica, event, p->role == SERVER_STANDBY, lag_s);
    /* Whoever has not proved himself yet is out by a failure of any kind. */
    if (p->replica.state == REPLICA_PROBATION && event != REPLICA_PROBE_OK)
        replica_tell(&p->replica, REPLICA_PROBE_FAIL, false, NAN);
    store_set_replica(p->engine->store, p->target, p->replica.state);
}

/* What the answer of a standby says of itself; NaN: unknown, or only that it is at least so much. */
static double lag_told(const struct frame *f)
{
    int kind = schema_find(f->schema, "kind"), lag = schema_find(f->schema, "lag_s"),
        least = schema_find(f->schema, "lag_at_least"), state = schema_find(f->schema, "lag_state");
    for (uint32_t row = 0; kind >= 0 && lag >= 0 && least >= 0 && state >= 0 && row < f->nrows; row++) {
        if (strcmp(frame_text(f, row, kind).bytes, "receiver") != 0)
            continue;
        bool sure = frame_cell(f, row, least)->i == 0 &&
                    strcmp(frame_text(f, row, state).bytes, lag_state_word(LAG_RECEIVER_STALE)) != 0;
        return sure ? frame_number(f, row, lag) : NAN;
    }
    return NAN;
}

void routing_measured(struct pilot *p, int probe)
{
    if (!p->engine->probes[probe]->lag)
        return;
    struct sight s = store_sight(p->engine->store, p->target, probe, p->engine->now_us);
    if (s.newest->status != FRAME_OK) {
        tell(p, s.newest->status == FRAME_TIMEOUT ? REPLICA_PROBE_TIMEOUT : REPLICA_PROBE_FAIL, NAN);
        return;
    }
    tell(p, REPLICA_PROBE_OK, lag_told(s.derived ? s.derived : s.good));
    p->measured_us = p->engine->now_us;
    p->measured_by = probe;
    if (p->ticks[probe].shown)
        follow(p->engine, probe);       /* it may have another primary than when it came onto the screen */
}

void routing_failed(struct pilot *p, bool was_up, bool late, const char *sqlstate)
{
    tell(p, was_up && late                      ? REPLICA_PROBE_TIMEOUT
            : strncmp(sqlstate, "57P0", 4) == 0 ? REPLICA_ENDED
            : was_up                            ? REPLICA_CONN_LOST
                                                : REPLICA_REFUSED, NAN);
}

void routing_turned(struct pilot *p)
{
    if (p->role == SERVER_PRIMARY)
        tell(p, REPLICA_PROBE_OK, NAN);
    routing_follow(p->engine);
}

static bool is_fit(struct pilot *by, int probe)
{
    const struct tick *t = &by->ticks[probe];
    int64_t now = by->engine->now_us;
    if (by->replica.state == REPLICA_IN && now - by->measured_us > OLD * schedule_interval_us(by, by->measured_by))
        tell(by, REPLICA_SAMPLE_OLD, NAN);
    /* One look does not see it twice. */
    bool in = by->replica.state == REPLICA_IN || (by->engine->hurry && by->replica.state == REPLICA_PROBATION);
    /* Left behind on an older timeline it has another past, however near it is. */
    bool stays = engine_shape(by->engine)->nodes[by->target].stays;
    return in && !stays && by->state == PILOT_UP && !t->off && !(t->disabled && t->due_us > now) &&
           !guard_is_open(by, probe) && !variant_absent(by->engine->probes[probe], facts_of(by));
}

/* One look, in which it has not told its lag yet: that comes soon, or not at all. */
static bool may_prove_fit(const struct pilot *by)
{
    return by->engine->hurry && by->state == PILOT_UP && !by->measured_us && by->engine->now_us - by->up_us < SOON_US;
}

/* ---- who is next ---- */

static const struct cluster_node *node_of(const struct pilot *p)
{
    const struct cluster_shape *s = engine_shape(p->engine);
    return &s->nodes[s->nodes[p->target].same];
}

static bool is_same_cluster(const struct pilot *p, const struct pilot *other)
{
    const struct facts *a = facts_of(p), *b = facts_of(other);
    return other != p && b->known && a->system_id && a->system_id == b->system_id && node_of(p)->cluster >= 0 &&
           node_of(p)->cluster == node_of(other)->cluster;
}

/* A standby that sees the same database. One that is only guessed to be of the cluster may be that of a copy. */
static bool is_member(const struct pilot *p, const struct pilot *by)
{
    const char *a = facts_of(p)->database, *b = facts_of(by)->database;
    return is_same_cluster(p, by) && by->role == SERVER_STANDBY && !node_of(by)->guessed && a && b && strcmp(a, b) == 0;
}

/* Of two primaries at once nobody knows here which one a standby follows. */
static bool is_rival(const struct pilot *p, const struct pilot *other)
{
    return is_same_cluster(p, other) && other->role == SERVER_PRIMARY && other->state == PILOT_UP &&
           !shape_same_server(p->engine->store, p->target, other->target);
}

struct choice {
    struct pilot *by;           /* NULL: none */
    bool any;                   /* there are standbys that might have been fit */
    bool busy;                  /* one is, but has another errand; or it may be in a moment */
};

static struct choice choose(struct pilot *p, int probe)
{
    struct engine *e = p->engine;
    struct pilot *members[ROUTE_REPLICAS_MAX];
    struct route ring;
    uint32_t n = 0, first = 0;
    bool contested = false, busy = false;
    for (int i = 0; i < e->npilots; i++) {
        contested |= is_rival(p, &e->pilots[i]);
        if (n == ROUTE_REPLICAS_MAX || !is_member(p, &e->pilots[i]))
            continue;
        first += i < p->next_bearer;
        members[n++] = &e->pilots[i];
    }
    route_start(&ring, n);
    ring.next = first;
    for (uint32_t k = 0; k < n && !contested; k++) {
        bool fit = is_fit(members[k], probe);
        ring.in[k] = fit && !members[k]->errand.of;
        busy |= (fit && members[k]->errand.of) || may_prove_fit(members[k]);
    }
    int k = route_read(&ring);
    if (k >= 0)
        p->next_bearer = (int)(members[k] - e->pilots) + 1;
    return (struct choice){.by = k < 0 ? NULL : members[k], .any = n > 0, .busy = busy};
}

static bool has_question(const struct pilot *p, int probe)
{
    const struct probe *pr = p->engine->probes[probe];
    struct probe_context context = publish_context(p, probe);
    struct buf unused = {0};
    bool any = !pr->parameter || pr->parameter(&context, &unused);
    buf_free(&unused);
    return any;
}

static void lend(struct pilot *p, int probe, struct pilot *by)
{
    struct tick *t = &p->ticks[probe];
    t->bearer = by;
    t->asked_us = p->engine->now_us;
    by->errand = (struct errand){.of = p, .probe = probe, .until_us = p->engine->now_us + QUESTION_DEADLINE_US};
    schedule_wake(by);
}

bool routing_lends(struct pilot *p, int probe)
{
    struct tick *t = &p->ticks[probe];
    bool in_vain = t->in_vain;
    t->fallback = t->in_vain = false;
    if (!p->engine->probes[probe]->anywhere || p->role != SERVER_PRIMARY || !has_question(p, probe))
        return false;
    struct choice c = in_vain ? (struct choice){.any = true} : choose(p, probe);
    t->fallback = c.any && !c.by && !c.busy;
    if (c.by)
        lend(p, probe, c.by);
    else if (c.busy)
        t->due_us = p->engine->now_us + BUSY_US;
    return c.by || c.busy;
}

/* ---- the errand ---- */

/* The primary may have gone meanwhile, and have forgotten it. */
static bool is_wanted(const struct pilot *by)
{
    return by->errand.of && by->errand.of->ticks[by->errand.probe].bearer == by;
}

/* Home to the primary, which asks itself at once. */
static void give_back(struct pilot *by)
{
    struct pilot *of = is_wanted(by) ? by->errand.of : NULL;
    struct tick *t = of ? &of->ticks[by->errand.probe] : NULL;
    by->errand = (struct errand){0};
    if (!of)
        return;
    t->bearer = NULL;
    t->in_vain = true;
    t->due_us = of->engine->now_us;
    schedule_wake(of);
}

bool routing_waits(const struct pilot *p)
{
    return p->errand.of && !p->errand.sent;
}

bool routing_hurries(const struct pilot *p)
{
    return p->engine->now_us > p->errand.until_us;
}

void routing_ask(struct pilot *p)
{
    struct errand *x = &p->errand;
    if (!is_wanted(p) || !guard_lets(p, x->probe)) {
        give_back(p);
        return;
    }
    x->sent = true;
    if (!schedule_ask(x->of, p, x->probe))
        give_back(p);
}

bool routing_answered(struct pilot *p, int probe, struct frame *f)
{
    struct pilot *of = p->errand.of;
    if (!p->errand.sent)
        return false;
    guard_answered(p, probe, f);
    schedule_borne(of, p, probe, f);
    if (f->status != FRAME_OK)
        tell(p, f->status == FRAME_TIMEOUT ? REPLICA_PROBE_TIMEOUT : REPLICA_PROBE_FAIL, NAN);
    if (f->status != FRAME_OK || p->role != SERVER_STANDBY || !is_wanted(p)) {
        frame_unref(f);
        give_back(p);
        return true;
    }
    p->errand = (struct errand){0};
    of->ticks[probe].bearer = NULL;
    f->from = p->target + 1;
    f->server_role = SERVER_UNKNOWN;    /* it is not the role of the target that it stands for, */
    f->epoch = of->epoch;               /* whose OIDs it tells of; it counts nothing */
    publish_frame(of, probe, f);
    schedule_wake(of);
    return true;
}

void routing_lost(struct pilot *p)
{
    give_back(p);
    for (int i = 0; i < p->engine->nprobes; i++)
        p->ticks[i].bearer = NULL;
}
