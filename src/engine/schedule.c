/* Who is asked next. One question at a time on each connection; what is on the screen goes first, and what is
 * cheap goes before what is dear. A probe still busy at its next tick is skipped and counted, never queued. */
#include "engine/parts.h"

#include "base/clock.h"
#include "base/mem.h"
#include "engine/variant.h"
#include "spec/plan.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEAR_US         (250 * US_PER_MS)   /* a question above this waits for a slack moment */
#define BURST           3                   /* questions at once after connecting */
#define SPREAD_US       (60 * US_PER_MS)    /* between the next ones */
#define BACKGROUND_US   (400 * US_PER_MS)   /* what is not on the screen waits this long at first */
#define DOOR_US         (6 * US_PER_MS)     /* between two attempts to connect, whoever makes them, */
#define DOOR_CREDIT     7                   /* but for so many after a while without any, or in a turn that came late */
#define AGAIN_US        US_PER_S            /* before a probe that has nothing to ask yet is tried again */
#define LOOK_US         (50 * US_PER_MS)    /* how old the facts may be for a question that has found nothing of late */
#define MESSAGE_BYTES   (12u << 20)         /* of one answer's rows: below what the wire carries */

static const struct probe *probe_at(const struct pilot *p, int probe)
{
    return p->engine->probes[probe];
}

static double wanted_s(const struct pilot *p, int probe)
{
    const struct probe *pr = probe_at(p, probe);
    if (!p->ticks[probe].shown && !p->ticks[probe].followed)
        return pr->background_s > 0 ? pr->background_s : p->background_s;
    double visible = p->engine->interval_s > 0 ? p->engine->interval_s : p->interval_s;
    if (p->ticks[probe].interval_s > 0)
        return p->ticks[probe].interval_s;
    return pr->interval_s > visible ? pr->interval_s : visible;
}

int schedule_source(const struct engine *e, int probe)
{
    const char *of = e->probes[probe]->of;
    for (int i = 0; of && i < e->nprobes; i++)
        if (strcmp(e->probes[i]->name, of) == 0)
            return i;
    return probe;
}

int64_t schedule_wanted_us(const struct pilot *p, int probe)
{
    return (int64_t)(wanted_s(p, schedule_source(p->engine, probe)) * US_PER_S);
}

int64_t schedule_interval_us(const struct pilot *p, int probe)
{
    probe = schedule_source(p->engine, probe);
    int64_t us = schedule_wanted_us(p, probe);
    for (int i = 0; i < p->ticks[probe].doublings && us < INTERVAL_MAX_US; i++)
        us *= 2;
    return us;
}

static bool is_under_way(const struct pilot *p, int probe)
{
    const struct tick *t = &p->ticks[probe];
    return t->planning || t->bearer || (p->asking == probe && !p->errand.sent);
}

void schedule_tell(struct pilot *p, int probe)
{
    const struct tick *t = &p->ticks[probe];
    store_set_timing(p->engine->store, p->target, probe,
                     &(struct timing){.interval_us = schedule_interval_us(p, probe),
                                      .deadline_us = QUESTION_DEADLINE_US,
                                      .asked_us = is_under_way(p, probe) ? t->asked_us : 0,
                                      .cost_us = t->cost_us, .slowed = t->doublings > 0, .skipped = t->skipped});
    for (int i = 0; i < p->engine->nprobes; i++)
        if (i != probe && schedule_source(p->engine, i) == probe)
            schedule_tell(p, i);
}

static bool concerns(const struct pilot *p, int probe)
{
    const struct target *t = store_target(p->engine->store, p->target);
    const struct probe *pr = probe_at(p, probe);
    if (!t->facts.known || pr->kind != t->facts.kind || p->ticks[probe].off || pr->of)
        return false;
    return p->ticks[probe].shown || pr->background;
}

/* ---- asking ---- */

/* A dear question that ended its watcher would end the next one too, as soon as there is one: it waits, each time
 * for longer. One that is cheap was not the reason, and is wanted at once when the server is back. */
static void mind_end(struct pilot *p, int probe)
{
    struct tick *t = &p->ticks[probe];
    if (probe_at(p, probe)->share <= 0)
        return;
    t->fatal = true;
    if (schedule_interval_us(p, probe) < INTERVAL_MAX_US)
        t->doublings++;
}

/* The number of a schema on this pipe; told to the watcher before its first use. */
static unsigned schema_number(struct pilot *p, const struct schema *s, struct buf *message)
{
    for (int i = 0; i < p->nschemas; i++)
        if (p->schemas[i] == s)
            return (unsigned)i;
    assert(p->nschemas < SCHEMAS_MAX);
    p->schemas[p->nschemas] = s;
    wire_put_schema(message, (unsigned)p->nschemas, s);
    return (unsigned)p->nschemas++;
}

static void send_question(struct pilot *p, int probe, const struct schema *schema, struct question *q)
{
    struct buf message = {0};
    q->id = ++p->question;
    q->schema = schema_number(p, schema, &message);
    q->max_bytes = MESSAGE_BYTES;
    q->max_rows = q->max_rows ? q->max_rows : FRAME_ROWS_DEFAULT;
    wire_put_question(&message, q);
    p->asking = probe;
    p->answer = schema;
    p->sent_us = p->engine->now_us;
    p->deadline_us = p->engine->now_us + QUESTION_DEADLINE_US;
    p->engine->stats.questions++;
    schedule_tell(p, probe);
    pilot_send(p, &message);
}

/* What is missing now is missing next tick too. */
void schedule_disable(struct pilot *p, int probe)
{
    p->ticks[probe].disabled = true;
    p->ticks[probe].due_us = p->engine->now_us + DISABLED_US;
}

static void say_absent(struct pilot *p, int probe, const char *why)
{
    p->ticks[probe].asked_us = p->engine->now_us;
    schedule_disable(p, probe);
    struct frame_head head = {.status = FRAME_ABSENT, .note = why, .taken_us = p->engine->now_us,
                              .wall_us = clock_wall_us(), .epoch = p->epoch};
    publish_frame(p, probe, frame_seal(frame_build(probe_at(p, probe)->schema), &head));
}

bool schedule_ask(struct pilot *p, struct pilot *by, int probe)
{
    const struct probe *pr = probe_at(p, probe);
    struct buf sql = {0}, parameter = {0};
    struct probe_context context = publish_context(p, probe);
    bool any = !pr->parameter || pr->parameter(&context, &parameter);
    if (any) {
        variant_put(&sql, pr, &store_target(p->engine->store, by->target)->facts);
        struct question q = {.simple = pr->simple, .max_rows = pr->max_rows, .sql = (char *)buf_text(&sql),
                             .parameter = pr->parameter ? (char *)buf_text(&parameter) : NULL};
        p->ticks[probe].asked_us = p->engine->now_us;
        send_question(by, probe, pr->schema, &q);
    }
    buf_free(&sql);
    buf_free(&parameter);
    return any;
}

static void ask_fixed(struct pilot *p, int probe)
{
    if (schedule_ask(p, p, probe))
        return;
    if (p->engine->hurry)
        say_absent(p, probe, "there is nothing to ask");
    else
        p->ticks[probe].due_us = p->engine->now_us + AGAIN_US;
}

static void finish_plan(struct pilot *p, int probe)
{
    struct tick *t = &p->ticks[probe];
    struct frame *f = probe_at(p, probe)->plan->merge(t->plan);
    t->planning = false;
    f->taken_us = t->asked_us;
    f->wall_us = pilot_wall_us(p, t->asked_us);
    f->cost_us = t->spent_us;
    f->epoch = p->epoch;
    schedule_mind_cost(p, p, probe, f->cost_us);
    guard_answered(p, probe, f);
    schedule_tell(p, probe);
    publish_frame(p, probe, f);
}

/* Begins a planned sample, or goes on with it: one question at a time, like everybody else. */
static void ask_planned(struct pilot *p, int probe)
{
    const struct probe *pr = probe_at(p, probe);
    struct tick *t = &p->ticks[probe];
    struct plan_question q;
    if (!t->plan)
        t->plan = pr->plan->open(pr->plan_data);
    if (!t->planning) {
        t->asked_us = p->engine->now_us;
        t->spent_us = 0;
        t->planning = true;
        pr->plan->begin(t->plan, p->engine->now_us, t->fresh);
        t->fresh = false;
    }
    if (!pr->plan->next(t->plan, &q)) {
        finish_plan(p, probe);
        return;
    }
    struct question question = {.fenced = !q.views, .max_rows = q.max_rows, .sql = (char *)q.sql};
    send_question(p, probe, q.schema, &question);
}

/* The next tick on the probe's own grid; ticks that have gone by meanwhile are counted. */
static void plan_next(struct pilot *p, int probe)
{
    struct tick *t = &p->ticks[probe];
    int64_t interval = schedule_interval_us(p, probe), now = p->engine->now_us;
    t->pace_us = t->interval_us > interval ? t->interval_us : interval;
    t->interval_us = interval;
    if (t->due_us == 0)
        t->due_us = now;
    t->due_us += interval;
    if (t->due_us > now)
        return;
    int64_t missed = (now - t->due_us) / interval + 1;
    t->skipped += (unsigned)missed;
    t->due_us += missed * interval;
}

/* Once: what was known stays on the page, with its age. */
static void say_refused(struct pilot *p, int probe)
{
    struct tick *t = &p->ticks[probe];
    char why[120];
    if (t->guard.state == BREAKER_OPEN && t->due_us <= t->guard.until_us)
        t->due_us = t->guard.until_us + 1;
    if (t->refused)
        return;
    t->refused = true;
    snprintf(why, sizeof(why), "it failed %u times in a row and is left alone for a while", t->guard.failures);
    struct frame_head head = {.status = FRAME_FAILED, .note = why, .taken_us = p->engine->now_us,
                              .wall_us = clock_wall_us(), .epoch = p->epoch};
    publish_frame(p, probe, frame_seal(frame_build(probe_at(p, probe)->schema), &head));
}

static void ask_probe(struct pilot *p, int probe)
{
    const struct facts *facts = &store_target(p->engine->store, p->target)->facts;
    const struct probe *pr = probe_at(p, probe);
    const char *absent = variant_absent(pr, facts);
    p->ticks[probe].disabled = false;
    p->ticks[probe].refused = p->ticks[probe].refused && p->ticks[probe].guard.state != BREAKER_CLOSED;
    if (!p->ticks[probe].planning)
        plan_next(p, probe);
    if (absent)
        say_absent(p, probe, absent);
    else if (routing_lends(p, probe))
        schedule_tell(p, probe);
    else if (!p->ticks[probe].planning && !guard_lets(p, probe))
        say_refused(p, probe);
    else if (pr->plan)
        ask_planned(p, probe);
    else
        ask_fixed(p, probe);
}

/* Smaller goes first: shown and cheap, shown and dear, the rest; then who has waited longest. */
static int rank(const struct tick *t)
{
    if (!t->shown && !t->followed)
        return 2;
    return t->cost_us > DEAR_US ? 1 : 0;
}

static int pick(const struct pilot *p, int64_t *next_us)
{
    int best = -1;
    *next_us = INT64_MAX;
    for (int i = 0; i < p->engine->nprobes; i++) {
        const struct tick *t = &p->ticks[i];
        if (!concerns(p, i) || t->bearer)
            continue;
        if (t->due_us > p->engine->now_us && !t->planning) {
            *next_us = t->due_us < *next_us ? t->due_us : *next_us;
            continue;
        }
        if (best < 0 || rank(t) < rank(&p->ticks[best]) ||
            (rank(t) == rank(&p->ticks[best]) && t->due_us < p->ticks[best].due_us))
            best = i;
    }
    return best;
}

static void set_alarm(struct pilot *p, int64_t at_us)
{
    int64_t in = at_us - p->engine->now_us;
    if (at_us == INT64_MAX) {
        event_del(p->alarm);
        return;
    }
    in = in < 0 ? 0 : in;
    struct timeval tv = {in / US_PER_S, in % US_PER_S};
    event_add(p->alarm, &tv);
}

void schedule_wake(struct pilot *p)
{
    set_alarm(p, p->engine->now_us);
}

static const char *late_words(const struct pilot *p)
{
    static const char *const words[WIRE_PHASE_COUNT_] = {
        [WIRE_RESOLVE] = "the name could not be looked up within 2 s",
        [WIRE_CONNECT] = "no connection within 2 s",
        [WIRE_AUTHENTICATE] = "the server did not let us in within 3 s",
        [WIRE_PREPARE] = "the server let us in, but did not answer within 2 s",
    };
    if (p->app)
        return "the application did not answer within 2 s";
    if (p->phase == WIRE_PREPARE && pilot_pooled(p))
        return "is the pooler paused or full? No answer through it within 2 s";
    return p->asking >= 0 || p->learning ? "the server did not answer within 2 s" : words[p->phase];
}

static bool too_late(struct pilot *p)
{
    if (!p->deadline_us || p->engine->now_us < p->deadline_us)
        return false;
    int probe = p->asking;
    if (probe >= 0 && !p->errand.sent) {
        publish_timeout(p, probe, "no answer within 2 s: the watcher was ended");
        mind_end(p, probe);
    }
    pilot_end(p, late_words(p));
    return true;
}

/* Rights, role and extensions are looked at again when nobody else has a question. */
static void learn_again(struct pilot *p)
{
    struct buf message = {0};
    wire_end(&message, wire_begin(&message, WIRE_LEARN));
    p->learning = true;
    p->deadline_us = p->engine->now_us + QUESTION_DEADLINE_US;
    pilot_send(p, &message);
}

/* Who is on the screen does not wait for the door. */
static int64_t next_attempt_us(const struct pilot *p)
{
    int64_t until_us = linger_until_us(p), at_us = p->retry_us > until_us ? p->retry_us : until_us;
    return p->shown || at_us > p->engine->door_us ? at_us : p->engine->door_us;
}

/* A hundred servers are lost, or begun with, in one moment: their watchers start one after the other, at most 24 in a
 * tenth of a second, and neither the servers nor the screen have to bear them all at once. */
static void try_connect(struct pilot *p)
{
    struct engine *e = p->engine;
    if (next_attempt_us(p) > e->now_us)
        return;
    int64_t earliest = e->now_us - DOOR_CREDIT * DOOR_US;
    e->door_us = (e->door_us > earliest ? e->door_us : earliest) + DOOR_US;
    pilot_connect(p);
}

static bool must_look_first(const struct pilot *p, int probe)
{
    const struct tick *t = &p->ticks[probe];
    int64_t now = p->engine->now_us;
    return t->gone_us && now - t->gone_us < DISABLED_US && !t->planning && now - p->learned_us > LOOK_US;
}

void schedule_next(struct pilot *p)
{
    int64_t next;
    if (too_late(p))
        return;
    if (p->state == PILOT_WAITING) {
        try_connect(p);
        if (p->state == PILOT_WAITING)
            set_alarm(p, next_attempt_us(p));
        return;
    }
    while (p->state == PILOT_UP && p->asking < 0 && !p->learning && !p->engine->paused) {
        int probe = pick(p, &next);
        if (probe >= 0 && must_look_first(p, probe)) {
            learn_again(p);
        } else if (routing_waits(p) && (probe < 0 || rank(&p->ticks[probe]) > 0 || routing_hurries(p))) {
            routing_ask(p);
        } else if (probe >= 0) {
            ask_probe(p, probe);
        } else if (p->learn_us <= p->engine->now_us) {
            learn_again(p);
        } else {
            set_alarm(p, next < p->learn_us ? next : p->learn_us);
            return;
        }
    }
    if (p->state != PILOT_WAITING)
        set_alarm(p, p->deadline_us ? p->deadline_us : INT64_MAX);
}

/* A connection has come up: what is shown first, the first few at once, the rest one after another. */
void schedule_start(struct pilot *p)
{
    guard_reachable(p);
    int64_t at = p->engine->now_us;
    int n = 0;
    for (int pass = 0; pass < 2; pass++)
        for (int i = 0; i < p->engine->nprobes; i++) {
            struct tick *t = &p->ticks[i];
            if (t->shown != (pass == 0))
                continue;
            if (pass == 1 && at < p->engine->now_us + BACKGROUND_US)
                at = p->engine->now_us + BACKGROUND_US;
            int64_t next = t->asked_us + schedule_interval_us(p, i);
            t->due_us = t->fatal && next > at ? next : at;
            t->fresh = true;
            t->planning = false;
            t->disabled = false;
            if (!p->engine->hurry && concerns(p, i) && ++n >= BURST)
                at += SPREAD_US;
            schedule_tell(p, i);
        }
    schedule_next(p);
}

/* It is wanted more often from now on, or less. */
static void set_pace(struct pilot *p, int probe, bool more)
{
    struct tick *t = &p->ticks[probe];
    int64_t interval = schedule_interval_us(p, probe);
    if (more && !t->disabled)
        t->due_us = t->asked_us + interval < p->engine->now_us ? p->engine->now_us : t->asked_us + interval;
    schedule_tell(p, probe);
}

void schedule_show(struct pilot *p, int probe, bool shown)
{
    bool before = p->ticks[probe].shown;
    p->ticks[probe].shown = shown;
    if (before != shown)
        set_pace(p, probe, shown);
}

void schedule_follow(struct pilot *p, int probe, bool followed)
{
    bool before = p->ticks[probe].followed;
    p->ticks[probe].followed = followed;
    if (before == followed)
        return;
    set_pace(p, probe, followed);
    schedule_wake(p);
}

void schedule_lost(struct pilot *p)
{
    routing_lost(p);
    for (int i = 0; i < p->engine->nprobes; i++) {
        p->ticks[i].planning = false;
        p->ticks[i].fresh = true;
        schedule_tell(p, i);
    }
}

void schedule_free(struct pilot *p)
{
    for (int i = 0; i < p->engine->nprobes; i++)
        if (p->ticks[i].plan)
            probe_at(p, i)->plan->close(p->ticks[i].plan);
    free(p->ticks);
}

void schedule_retime(struct pilot *p)
{
    for (int i = 0; i < p->engine->nprobes; i++) {
        struct tick *t = &p->ticks[i];
        int64_t interval = schedule_interval_us(p, i);
        if (t->shown && t->asked_us && t->due_us > t->asked_us + interval && !t->disabled)
            t->due_us = t->asked_us + interval;
        schedule_tell(p, i);
    }
    schedule_next(p);
}

void schedule_now(struct pilot *p)
{
    for (int i = 0; i < p->engine->nprobes; i++)
        if (p->ticks[i].shown)
            p->ticks[i].due_us = p->engine->now_us;
    schedule_next(p);
}
