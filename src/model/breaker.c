/* A circuit breaker. Every call first applies what time alone has changed, then does its own part. */
#include "model/breaker.h"

#include <assert.h>
#include <string.h>

#define SECOND 1000000LL

const struct breaker_settings breaker_default = {2, 60 * SECOND, 30 * SECOND, 5, 2 * SECOND};
const struct breaker_settings breaker_aggressive = {2, 60 * SECOND, 15 * SECOND, 3, 2 * SECOND};
const struct breaker_settings breaker_conservative = {2, 60 * SECOND, 60 * SECOND, 10, 2 * SECOND};

static void enter(struct breaker *b, enum breaker_state state, int64_t now_us)
{
    const struct breaker_settings *s = &b->settings;
    b->state = state;
    b->generation++;
    b->counts = (struct breaker_counts){0};
    memset(b->taken, 0, sizeof(b->taken));
    b->expires = state == BREAKER_OPEN || (state == BREAKER_CLOSED && s->interval_us > 0);
    b->expiry_us = now_us + (state == BREAKER_OPEN ? s->timeout_us : s->interval_us);
}

void breaker_start(struct breaker *b, const struct breaker_settings *settings, int64_t now_us)
{
    *b = (struct breaker){.settings = *settings};
    assert(settings->max_requests <= BREAKER_TICKETS_MAX);
    if (b->settings.max_requests == 0)
        b->settings.max_requests = 1;
    if (b->settings.timeout_us <= 0)
        b->settings.timeout_us = 60 * SECOND;
    if (b->settings.trip == 0)
        b->settings.trip = 6;
    enter(b, BREAKER_CLOSED, now_us);
}

static bool a_ticket_is_lost(const struct breaker *b, int64_t now_us)
{
    const struct breaker_settings *s = &b->settings;
    if (s->budget_us <= 0)
        return false;
    int64_t limit = s->timeout_us > s->budget_us ? s->timeout_us : s->budget_us;
    for (uint32_t i = 0; i < s->max_requests; i++)
        if (b->taken[i] && b->taken_us[i] + limit < now_us)
            return true;
    return false;
}

static void pass_time(struct breaker *b, int64_t now_us)
{
    bool expired = b->expires && b->expiry_us < now_us;
    if (b->state == BREAKER_CLOSED && expired)
        enter(b, BREAKER_CLOSED, now_us);
    else if (b->state == BREAKER_OPEN && expired)
        enter(b, BREAKER_HALF_OPEN, now_us);
    else if (b->state == BREAKER_HALF_OPEN && a_ticket_is_lost(b, now_us))
        enter(b, BREAKER_OPEN, now_us);
}

/* There is a free slot: no more tickets are out than requests that were not excluded. */
static uint32_t take_slot(struct breaker *b, int64_t now_us)
{
    uint32_t slot = 0;
    while (b->taken[slot])
        slot++;
    assert(slot < b->settings.max_requests);
    b->taken[slot] = true;
    b->taken_us[slot] = now_us;
    return slot;
}

enum breaker_answer breaker_ask(struct breaker *b, int64_t now_us, struct breaker_ticket *ticket)
{
    pass_time(b, now_us);
    *ticket = (struct breaker_ticket){0};
    if (b->state == BREAKER_OPEN)
        return BREAKER_IS_OPEN;
    if (b->state == BREAKER_HALF_OPEN) {
        if (b->counts.requests - b->counts.excluded >= b->settings.max_requests)
            return BREAKER_TOO_MANY;
        ticket->slot = take_slot(b, now_us);
    }
    b->counts.requests++;
    ticket->generation = b->generation;
    return BREAKER_OK;
}

static void succeed(struct breaker *b, int64_t now_us)
{
    b->counts.successes++;
    b->counts.run_successes++;
    b->counts.run_failures = 0;
    if (b->state == BREAKER_HALF_OPEN && b->counts.run_successes >= b->settings.max_requests)
        enter(b, BREAKER_CLOSED, now_us);
}

static void fail(struct breaker *b, int64_t now_us)
{
    b->counts.failures++;
    b->counts.run_failures++;
    b->counts.run_successes = 0;
    if (b->state == BREAKER_HALF_OPEN || b->counts.run_failures >= b->settings.trip)
        enter(b, BREAKER_OPEN, now_us);
}

bool breaker_report(struct breaker *b, int64_t now_us, struct breaker_ticket *ticket,
                    enum breaker_result result)
{
    pass_time(b, now_us);
    struct breaker_ticket used = *ticket;
    *ticket = (struct breaker_ticket){0};
    if (used.generation != b->generation)
        return false;
    if (b->state == BREAKER_HALF_OPEN)
        b->taken[used.slot] = false;
    if (result == BREAKER_SUCCESS)
        succeed(b, now_us);
    else if (result == BREAKER_FAILURE)
        fail(b, now_us);
    else
        b->counts.excluded++;
    return true;
}

void breaker_reachable(struct breaker *b, int64_t now_us)
{
    pass_time(b, now_us);
    if (b->state == BREAKER_OPEN)
        enter(b, BREAKER_HALF_OPEN, now_us);
}

enum breaker_state breaker_state(struct breaker *b, int64_t now_us)
{
    pass_time(b, now_us);
    return b->state;
}

const char *breaker_state_word(enum breaker_state state)
{
    static const char *const words[] = {"closed", "half open", "open"};
    return words[state];
}
