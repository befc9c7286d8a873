/* What an answer changes for its probe: when it is asked again, and whether at all. */
#include "engine/parts.h"

#include "base/clock.h"
#include "model/backoff.h"
#include "spec/plan.h"

#define SHARE           0.05                /* of its interval that a probe may cost the server */
#define OUTLIER         4                   /* times the mean that one answer may count */
#define FIRST_RATE_US   (2 * US_PER_S)      /* counters say nothing until they are read twice */
#define RESTORE_US      (600 * US_PER_S)    /* between two times that stretching ends at one blow */
#define CONFLICTS_MAX   3                   /* times in a row that a conflict is tried again before the next tick */

static const struct probe *probe_at(const struct pilot *p, int probe)
{
    return p->engine->probes[probe];
}

static double share_of(const struct pilot *p, int probe)
{
    double share = probe_at(p, probe)->share;
    return share > 0 ? share : SHARE;
}

/* It is asked then, if not sooner. */
static void bring_forward(struct tick *t, int64_t due_us)
{
    t->due_us = t->due_us > due_us ? due_us : t->due_us;
}

/* After a slow spell, when the load is over: two cheap answers in a row, the second one asked soon, end the stretching.
 * What has done so within the last minutes, and was dear again, goes the slow way down. */
static bool restore(struct pilot *p, struct tick *paid, int probe, int64_t cost_us)
{
    struct tick *t = &p->ticks[probe];
    int64_t wanted_us = schedule_wanted_us(p, probe), now_us = p->engine->now_us;
    bool was_quick = t->quick;
    t->quick = (double)cost_us < share_of(p, probe) / 4 * (double)wanted_us;
    if (!t->quick || t->doublings == 0 || (t->restored_us && now_us - t->restored_us < RESTORE_US))
        return false;
    bring_forward(t, t->asked_us + wanted_us);
    if (!was_quick)
        return false;
    paid->cost_us = cost_us;
    t->doublings = 0;
    t->restored_us = now_us;
    return true;
}

/* A probe that costs more than its share of the interval runs half as often, until it is cheap again. What it costs
 * is kept with `by`, the server that bore it. */
void schedule_mind_cost(struct pilot *p, struct pilot *by, int probe, int64_t cost_us)
{
    struct tick *t = &p->ticks[probe], *paid = &by->ticks[probe];
    double interval = (double)schedule_interval_us(p, probe), share = share_of(p, probe);
    if (restore(p, paid, probe, cost_us))
        return;
    if (paid->cost_us && cost_us > OUTLIER * paid->cost_us)
        cost_us = OUTLIER * paid->cost_us;  /* one slow answer is not a dear question */
    paid->cost_us = paid->cost_us ? (3 * paid->cost_us + cost_us) / 4 : cost_us;
    if ((double)paid->cost_us > share * interval && interval < INTERVAL_MAX_US) {
        t->doublings++;
    } else if (t->doublings > 0 && (double)paid->cost_us < share / 4 * interval) {
        t->doublings--;
        bring_forward(t, t->asked_us + schedule_interval_us(p, probe));     /* else it is called stale before */
    }
}

/* The probe's action for an answer that is an error. */
static enum probe_action action_of(const struct frame *f)
{
    return sqlstate_retry(f->sqlstate, false, PHASE_QUERY)->probe;
}

/* What conflicted with the replay of the WAL or with another transaction may go well a moment later. */
static void mind_conflict(struct pilot *p, int probe, const struct frame *f)
{
    struct tick *t = &p->ticks[probe];
    bool conflict = f->status == FRAME_FAILED && f->sqlstate[0] && action_of(f) == PROBE_RETRY;
    t->conflicts = conflict ? t->conflicts + 1 : 0;
    int64_t us = (int64_t)(backoff_ms(&backoff_visible, t->conflicts, 0, engine_random(p->engine)) * 1000);
    if (conflict && t->conflicts <= CONFLICTS_MAX)
        bring_forward(t, p->engine->now_us + us);
}

/* Something has gone that the facts may still know: they are looked at at once, so that its coming back is seen; and
 * for a while before each question, so that the server's log is not told of it a second time. */
static void mind_absence(struct pilot *p, int probe, const struct frame *f)
{
    if (f->status != FRAME_ABSENT || !probe_at(p, probe)->needs)
        return;
    p->ticks[probe].gone_us = p->engine->now_us;
    p->learn_us = p->engine->now_us;
}

/* What is missing now is missing next tick too; asking each time would fill the server's log. We always read raw
 * bytes, so text that breaks even that stays broken until somebody removes it. */
static bool will_last(const struct frame *f)
{
    if (f->status != FRAME_FAILED || !f->sqlstate[0])
        return f->status == FRAME_DENIED || f->status == FRAME_ABSENT;
    enum probe_action action = action_of(f);
    return action == PROBE_DISABLE || action == PROBE_STOP || action == PROBE_RAW_MODE;
}

/* The first answer of a session, or one after a pause, has no rates: the next one comes soon. */
static void mind_rates(struct pilot *p, int probe, const struct frame *f)
{
    struct tick *t = &p->ticks[probe];
    bool first = t->fresh || (f->status == FRAME_OK && !publish_base(p, probe, f->taken_us));
    if (first && store_topic(p->engine->store, probe)->rates_schema)
        bring_forward(t, p->engine->now_us + FIRST_RATE_US);
}

void schedule_answered(struct pilot *p, int probe, const struct frame *f)
{
    struct tick *t = &p->ticks[probe];
    if (t->planning) {
        t->spent_us += f->cost_us;
        probe_at(p, probe)->plan->answer(t->plan, f);
        return;
    }
    t->fatal = false;
    schedule_mind_cost(p, p, probe, f->cost_us);
    guard_answered(p, probe, f);
    mind_rates(p, probe, f);
    t->fresh = false;
    mind_conflict(p, probe, f);
    if (will_last(f)) {
        schedule_disable(p, probe);
        mind_absence(p, probe, f);
    }
    schedule_tell(p, probe);
}

void schedule_borne(struct pilot *p, struct pilot *by, int probe, const struct frame *f)
{
    schedule_mind_cost(p, by, probe, f->cost_us);
    if (will_last(f))
        schedule_disable(by, probe);
    schedule_tell(p, probe);
}

void schedule_learned(struct pilot *p, bool more)
{
    for (int i = 0; i < p->engine->nprobes; i++) {
        struct tick *t = &p->ticks[i];
        t->fresh |= probe_at(p, i)->plan != NULL;
        if (t->disabled && more)
            t->due_us = p->engine->now_us;
    }
}
