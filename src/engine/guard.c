/* A circuit breaker in front of each probe that is dear: one that fails again and again is left alone for a while, so
 * that a server in trouble is not asked for what it cannot give. The connection itself is tried outside of it. */
#include "engine/parts.h"

#include "base/clock.h"
#include "model/sqlstate.h"

#include <stdio.h>

static bool is_guarded(const struct pilot *p, int probe)
{
    return p->engine->probes[probe]->dear;
}

/* cause: of this change, if it was not time alone; NULL: it was. */
static void say_why(struct guard_step *step, unsigned failures, const char *cause)
{
    char *out = step->why;
    size_t size = sizeof(step->why);
    if (step->to == BREAKER_HALF_OPEN)
        snprintf(out, size, "%s", cause ? cause : "its time was over");
    else if (step->to == BREAKER_CLOSED)
        snprintf(out, size, "what was tried went well");
    else if (!cause)
        snprintf(out, size, "what was tried was never answered");
    else if (step->from == BREAKER_HALF_OPEN)
        snprintf(out, size, "what was tried failed: %s", cause);
    else
        snprintf(out, size, "%u failures in a row, the last: %s", failures, cause);
}

/* Tells the store when anything has changed. */
static void tell(struct pilot *p, int probe, const char *cause)
{
    struct tick *t = &p->ticks[probe];
    struct guard_state now = {
        .guarded = true, .state = breaker_state(&t->breaker, p->engine->now_us),
        .failures = t->guard.failures, .since_us = t->guard.since_us, .until_us = t->breaker.expiry_us,
        .trips = t->guard.trips};
    if (now.state != t->guard.state) {
        struct guard_step step = {.at_us = p->engine->now_us, .from = t->guard.state, .to = now.state};
        say_why(&step, now.failures, cause);
        store_add_guard_step(p->engine->store, p->target, probe, &step);
        now.since_us = p->engine->now_us;
        now.trips += now.state == BREAKER_OPEN;
        if (now.state == BREAKER_OPEN)
            engine_say(p->engine, SEV_WARN, p->target, "%s failed again and again, and is left alone for %lld s",
                       p->engine->probes[probe]->title, (long long)(t->breaker.settings.timeout_us / US_PER_S));
    }
    t->guard = now;
    store_set_guard(p->engine->store, p->target, probe, &now);
}

/* The breaker counts anew in each state; people are told all that failed in a row. */
static void report(struct pilot *p, int probe, enum breaker_result result, const char *words)
{
    struct tick *t = &p->ticks[probe];
    bool counted = breaker_report(&t->breaker, p->engine->now_us, &t->ticket, result);
    if (counted && result == BREAKER_FAILURE)
        t->guard.failures++;
    if (counted && result == BREAKER_SUCCESS)
        t->guard.failures = 0;
    tell(p, probe, counted ? words : NULL);
}

/* Some are asked once a minute: failures in a row count however far they are apart, and the next tick at least is left
 * out. */
void guard_start(struct pilot *p, int probe)
{
    struct breaker_settings settings = breaker_default;
    if (!is_guarded(p, probe))
        return;
    int64_t two_us = (int64_t)(2 * p->engine->probes[probe]->interval_s * US_PER_S);
    settings.interval_us = 0;
    settings.timeout_us = two_us > settings.timeout_us ? two_us : settings.timeout_us;
    settings.budget_us = QUESTION_DEADLINE_US;
    breaker_start(&p->ticks[probe].breaker, &settings, p->engine->now_us);
    p->ticks[probe].guard.since_us = p->engine->now_us;
    tell(p, probe, NULL);
}

bool guard_lets(struct pilot *p, int probe)
{
    struct tick *t = &p->ticks[probe];
    if (!is_guarded(p, probe))
        return true;
    bool lets = breaker_ask(&t->breaker, p->engine->now_us, &t->ticket) == BREAKER_OK;
    tell(p, probe, NULL);
    return lets;
}

bool guard_is_open(struct pilot *p, int probe)
{
    return is_guarded(p, probe) && breaker_state(&p->ticks[probe].breaker, p->engine->now_us) == BREAKER_OPEN;
}

static enum breaker_result result_of(const struct frame *f)
{
    static const enum breaker_result results[COUNT_COUNT_] = {
        [COUNT_FAIL] = BREAKER_FAILURE, [COUNT_OK] = BREAKER_SUCCESS, [COUNT_EXCLUDED] = BREAKER_EXCLUDED,
        [COUNT_SLOW] = BREAKER_FAILURE};
    if (f->status == FRAME_OK)
        return BREAKER_SUCCESS;
    if (f->sqlstate[0])
        return results[sqlstate_retry(f->sqlstate, false, PHASE_QUERY)->breaker];
    return f->status == FRAME_DENIED || f->status == FRAME_ABSENT ? BREAKER_EXCLUDED : BREAKER_FAILURE;
}

/* Its question was under way when the connection went: by its deadline, or by the server. */
void guard_lost(struct pilot *p, int probe)
{
    if (!is_guarded(p, probe))
        return;
    p->culprit = probe;
    report(p, probe, BREAKER_FAILURE, "its connection was lost");
}

void guard_answered(struct pilot *p, int probe, const struct frame *f)
{
    char words[40];
    if (!is_guarded(p, probe))
        return;
    snprintf(words, sizeof(words), f->sqlstate[0] ? "%s (%.5s)" : "%s", frame_status_word(f->status), f->sqlstate);
    report(p, probe, result_of(f), words);
}

/* The server answers at all. A probe whose own silence has just cost us the connection proves nothing by that. */
void guard_reachable(struct pilot *p)
{
    for (int i = 0; i < p->engine->nprobes; i++)
        if (is_guarded(p, i) && i != p->culprit) {
            breaker_reachable(&p->ticks[i].breaker, p->engine->now_us);
            tell(p, i, "connected again");
        }
    p->culprit = -1;
}
