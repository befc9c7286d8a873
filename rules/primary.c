/* Who is primary: a promotion, two at once, a copy that looks like one of them, and who stayed with the old one. */
#include "rules/list.h"
#include "rules/say.h"

#include "model/shape.h"
#include "model/trace.h"

#include <math.h>
#include <string.h>

static const char *const reads[] = {"server", NULL};

#define ROLE_US 300000000LL     /* for how long a change of role is news */

/* Who was primary before, or is it now, when that is another one. */
static void say_other(const struct rule_context *c, struct buf *out)
{
    const struct cluster_node *mine = rule_node(c), *primary = rule_primary(c);
    if (primary && primary != mine)
        buf_printf(out, "; %s is the primary%s", rule_node_name(c, primary), primary->up ? " now" : ", and out of reach");
    for (int i = 0; primary == mine && i < c->shape->n; i++) {
        const struct cluster_node *n = &c->shape->nodes[i];
        if (n->same == i && n->cluster == mine->cluster && n->former && !n->up)
            buf_printf(out, "; %s was it before, and is out of reach", rule_node_name(c, n));
    }
}

static void judge_role(const struct rule_context *c)
{
    const struct trace *t = store_trace(c->store, c->target);
    if (t->was == SERVER_UNKNOWN || c->now_us - t->role_us > ROLE_US)
        return;
    struct judgement j = say_begin(0, LEVEL_WARN);
    buf_puts(&j.words, t->role == SERVER_PRIMARY ? "was promoted: it has been a primary for "
                                                          : "was a primary: it has been a standby for ");
    say_duration(&j.words, floor((double)(c->now_us - t->role_us) / 1e6));
    say_other(c, &j.words);
    say_end(c, &j);
}

const struct rule rule_role = {
    .is = {"role_changed", "The server was a standby and is a primary, or the other way round.",
           "If nobody meant it: see that the old primary takes no writes, and that applications found the new one.",
           "server"},
    .kind = TARGET_SERVER,
    .reads = reads,
    .steady = {1, 1},
    .judge = judge_role,
};

/* Nothing here tells which one is to stay: a copy that was promoted has the higher timeline too. */
#define STOP_ADVICE  "Stop writes to the other one at once; then pg_rewind it, or build it anew. "
#define SPLIT_ADVICE STOP_ADVICE "If one is a copy that is meant to go its own way, put the two into different groups."

static bool are_apart(const struct rule_context *c, const struct cluster_node *a, const struct cluster_node *b)
{
    const char *x = store_target(c->store, a->same)->group, *y = store_target(c->store, b->same)->group;
    return x && y && strcmp(x, y) != 0;
}

/* "one (timeline 1)" */
static void say_server(const struct rule_context *c, struct buf *out, const struct cluster_node *n)
{
    buf_puts(out, rule_node_name(c, n));
    if (n->timeline > 0)
        buf_printf(out, " (timeline %d)", n->timeline);
}

/* What speaks for one of two primaries to be the one that is to stay: "one has sent to 2 standbys ..." */
static void say_claim(const struct rule_context *c, struct buf *out, const struct cluster_node *n)
{
    const struct frame *f = shape_replication(c->store, n->speaks, c->now_us);
    const struct trace *t = store_trace(c->store, n->speaks);
    unsigned senders = 0;
    for (uint32_t row = 0; f && row < f->nrows; row++)
        senders += rule_is(f, row, "kind", "sender") && !rule_is(f, row, "state", "backup");
    buf_puts(out, rule_node_name(c, n));
    if (t->was == SERVER_UNKNOWN)
        buf_puts(out, " was a primary when it was seen first, ");
    else {
        buf_puts(out, " has been one for ");
        say_duration(out, floor((double)(c->now_us - t->role_us) / 1e6));
        buf_puts(out, ", ");
    }
    buf_puts(out, "and sends to ");
    if (senders > 0)
        say_count(out, senders);
    buf_puts(out, senders == 0 ? "no standby" : senders == 1 ? " standby" : " standbys");
}

static void say_split(const struct rule_context *c, const struct cluster_node *mine, const struct cluster_node *other)
{
    struct judgement j = say_begin((uint64_t)other->same + 1, LEVEL_CRIT);
    buf_puts(&j.words, "split brain: ");
    say_server(c, &j.words, mine);
    buf_puts(&j.words, " and ");
    say_server(c, &j.words, other);
    buf_puts(&j.words, " both take writes");
    buf_puts(&j.advice, "Decide which one is to stay: ");
    say_claim(c, &j.advice, mine);
    buf_puts(&j.advice, "; ");
    say_claim(c, &j.advice, other);
    buf_puts(&j.advice, are_apart(c, mine, other)
                 ? ". " STOP_ADVICE "If one is a copy that is meant to go its own way: as it is in another group, pgvigil takes "
                   "it for that when it is started anew."
                 : ". " SPLIT_ADVICE);
    say_end(c, &j);
}

static void judge_split(const struct rule_context *c)
{
    const struct cluster_node *mine = rule_node(c);
    for (int i = 0; mine->cluster >= 0 && i < c->shape->n; i++) {
        const struct cluster_node *other = &c->shape->nodes[i];
        if (other->same != i || other == mine || other->cluster != mine->cluster)
            continue;
        if (!mine->up || !other->up)
            rule_keep(c, (uint64_t)i + 1);      /* it may still take writes */
        else if (mine->role == SERVER_PRIMARY && other->role == SERVER_PRIMARY)
            say_split(c, mine, other);
    }
}

const struct rule rule_split = {
    .is = {"split_brain", "Two servers with one system identifier both take writes: what is written to the one is not in "
                          "the other.",
           "Decide which one is to stay: see which has standbys, and where applications write. " SPLIT_ADVICE, "topology"},
    .kind = TARGET_SERVER,
    .steady = {2, 2},
    .judge = judge_split,
};

/* Of two primaries with one identifier in two groups: it is told of the one that was promoted later, as far as one can
 * tell. */
static bool comes_after(const struct cluster_node *a, const struct cluster_node *b)
{
    return a->timeline != b->timeline ? a->timeline > b->timeline : a->same > b->same;
}

static void say_copy(const struct rule_context *c, const struct cluster_node *mine, const struct cluster_node *other)
{
    struct judgement j = say_begin(0, LEVEL_NOTE);
    buf_puts(&j.words, "has the identifier of ");
    say_server(c, &j.words, other);
    if (mine->timeline > 0)
        buf_printf(&j.words, ", on timeline %d", mine->timeline);
    buf_puts(&j.words, ": a copy of it, or a split brain");
    buf_puts(&j.advice, "A copy has applications of its own, and was promoted on purpose: see on the sessions page of both "
                        "where yours write. ");
    say_claim(c, &j.advice, mine);
    buf_puts(&j.advice, "; ");
    say_claim(c, &j.advice, other);
    buf_puts(&j.advice, ". If it is none, it is a split brain: decide which one is to stay. " STOP_ADVICE
                        "If it is one, switch this rule off there.");
    say_end(c, &j);
}

/* A standby that was promoted before pgvigil was started looks like a copy that was: only people know. */
static void judge_copy(const struct rule_context *c)
{
    const struct cluster_node *mine = rule_node(c), *of = NULL;
    if (mine->cluster < 0 || rule_primary(c) != mine)
        return;
    for (int i = 0; i < c->shape->nclusters; i++) {
        const struct cluster *other = &c->shape->clusters[i];
        const struct cluster_node *n = other->primary >= 0 ? &c->shape->nodes[other->primary] : NULL;
        if (n && i != mine->cluster && other->system_id == c->shape->clusters[mine->cluster].system_id &&
            comes_after(mine, n) && (!of || comes_after(of, n)))
            of = n;
    }
    if (of && mine->up && of->up)
        say_copy(c, mine, of);
    else if (of)
        rule_keep(c, 0);
}

const struct rule rule_copy = {
    .is = {"copy", "A primary has the identifier of another one, in another group: one is a copy of the other, or both are "
                   "one cluster that is split.",
           "See whether it was promoted to go its own way. If it was not, see split_brain.", "topology"},
    .kind = TARGET_SERVER,
    .steady = {2, 2},
    .judge = judge_copy,
};

static void say_timeline(const struct rule_context *c, struct buf *out, const struct cluster_node *mine,
                         const struct cluster_node *primary)
{
    const char *me = rule_node_name(c, mine), *it = rule_node_name(c, primary);
    const struct cluster_node *follows = mine->follows >= 0 ? &c->shape->nodes[mine->follows] : NULL;
    if (mine->diverged)
        buf_printf(out, "%s has diverged from %s: on timeline %d it went past the point where timeline %d began, and cannot "
                        "follow", me, it, mine->timeline, primary->timeline);
    else if (mine->link == CLUSTER_CUT)
        buf_printf(out, "%s received timeline %d last and receives nothing now, while its primary %s is on %d", me,
                   mine->timeline, it, primary->timeline);
    else if (follows && follows != primary)
        buf_printf(out, "%s is still on timeline %d and follows %s, while the primary %s is on %d", me, mine->timeline,
                   rule_node_name(c, follows), it, primary->timeline);
    else
        buf_printf(out, "%s is still on timeline %d, while its primary %s is on %d", me, mine->timeline, it,
                   primary->timeline);
}

/* A standby on an older timeline than the primary of its cluster does not follow it. */
static void judge_timeline(const struct rule_context *c)
{
    const struct cluster_node *mine = rule_node(c), *primary = rule_primary(c);
    if (mine->up && mine->role == SERVER_PRIMARY)
        return;
    if (!mine->up || !primary || !primary->up || mine->timeline == 0 || primary->timeline == 0) {
        rule_keep(c, 0);
        return;
    }
    if (!mine->stays)
        return;
    struct judgement j = say_begin(0, mine->diverged ? LEVEL_CRIT : LEVEL_WARN);
    say_timeline(c, &j.words, mine, primary);
    if (mine->diverged)
        buf_printf(&j.advice, "What it has beyond the fork is in no other server's past: pg_rewind it to %s, or build it anew.",
                   rule_node_name(c, primary));
    say_end(c, &j);
}

const struct rule rule_timeline = {
    .is = {"timeline", "A standby has stayed on the timeline of before a promotion: it gets nothing of what is written now.",
           "Set recovery_target_timeline = 'latest' and let it reach the new primary; if it went further than the fork, "
           "pg_rewind it.",
           "topology"},
    .kind = TARGET_SERVER,
    .steady = {2, 2},
    .judge = judge_timeline,
};
