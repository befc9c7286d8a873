/* Replication lag, and the ring of the primary's WAL positions that makes it honest. */
#include "model/lag.h"

#include "base/mem.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

struct position {
    int64_t time_us; /* when it was first seen */
    uint64_t lsn;
};

struct lag_ring {
    uint32_t room, count, next;
    int64_t seen_us; /* when the newest was last seen */
    struct position positions[];
};

struct lag_ring *lag_ring_new(uint32_t room)
{
    assert(room >= 2 && room <= 1u << 24);
    struct lag_ring *r = mem_new(sizeof(*r) + (size_t)room * sizeof(struct position));
    r->room = room;
    return r;
}

void lag_ring_free(struct lag_ring *r)
{
    free(r);
}

static const struct position *position_at(const struct lag_ring *r, uint32_t i)
{
    return &r->positions[(r->next + r->room - r->count + i) % r->room];
}

void lag_ring_push(struct lag_ring *r, int64_t time_us, uint64_t lsn)
{
    const struct position *newest = r->count ? position_at(r, r->count - 1) : NULL;
    if (newest && time_us < r->seen_us)
        return;
    r->seen_us = time_us;
    if (newest && lsn == newest->lsn)
        return;
    if (newest && lsn < newest->lsn)
        r->count = 0;
    r->positions[r->next] = (struct position){time_us, lsn};
    r->next = (r->next + 1) % r->room;
    if (r->count < r->room)
        r->count++;
}

bool lag_ring_newest(const struct lag_ring *r, int64_t *time_us, uint64_t *lsn)
{
    if (r->count == 0)
        return false;
    *time_us = r->seen_us;
    *lsn = position_at(r, r->count - 1)->lsn;
    return true;
}

double lag_ring_age(const struct lag_ring *r, uint64_t lsn, int64_t now_us, bool *at_least)
{
    uint32_t low = 0, high = r->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (position_at(r, middle)->lsn > lsn)
            high = middle;
        else
            low = middle + 1;
    }
    bool behind = low < r->count;
    /* The oldest position of all is already past lsn: it was passed before we looked. */
    if (at_least)
        *at_least = behind && low == 0;
    return behind ? fmax(0, (double)(now_us - position_at(r, low)->time_us) / 1e6) : 0;
}

static enum lag_state state_of(const struct lag_sample *s)
{
    if (!s->in_recovery)
        return LAG_PRIMARY;
    if (!s->receiver)
        return s->receive.known ? LAG_DISCONNECTED : LAG_ARCHIVE;
    if (s->message_age_s > s->silence_limit_s)
        return LAG_RECEIVER_STALE;
    return s->paused ? LAG_PAUSED : LAG_STREAMING;
}

static bool caught_up(const struct lag_sample *s)
{
    return s->receiver && s->receive.known && s->replay.known && s->receive.lsn <= s->replay.lsn;
}

static double replay_age(const struct lag_sample *s)
{
    return s->replay_age_s < 0 ? 0 : s->replay_age_s;
}

/* No primary writes so fast: a standby with so many bytes to go has been behind for longer. */
static bool too_short(double seconds, uint64_t bytes)
{
    return (double)bytes > fmax(seconds, 1) * (256 << 20);
}

/* It is behind since before we looked, so the ring's age is a bound alone, and at the first look one that says nothing.
 * The sender's own measure begins with its connection; the age of what was replayed last is too old after a quiet time. */
static void reach_back(const struct lag_sample *s, struct lag *lag)
{
    double told = !isnan(s->replay_lag_s) ? s->replay_lag_s : caught_up(s) ? NAN : replay_age(s);
    lag->confidence = LAG_BOUND;
    if (lag->state != LAG_RECEIVER_STALE && told > lag->seconds && !too_short(told, lag->bytes)) {
        lag->seconds = told;
        lag->at_least = false;
        lag->confidence = LAG_ESTIMATE;
    } else if (too_short(lag->seconds, lag->bytes)) {
        lag->seconds = NAN;
        lag->confidence = LAG_UNKNOWN;
    }
}

/* Against a fresh position of the primary. False when there is none. */
static bool exact(const struct lag_sample *s, struct lag *lag)
{
    int64_t seen_us;
    uint64_t lsn;
    if (!s->replay.known || !s->primary || !lag_ring_newest(s->primary, &seen_us, &lsn))
        return false;
    if ((double)(s->now_us - seen_us) / 1e6 > s->primary_limit_s)
        return false;
    lag->confidence = LAG_EXACT;
    lag->bytes_known = true;
    lag->bytes = lsn > s->replay.lsn ? lsn - s->replay.lsn : 0;
    lag->seconds = lag_ring_age(s->primary, s->replay.lsn, s->now_us, &lag->at_least);
    if (lag->at_least)
        reach_back(s, lag);
    return true;
}

/* From the standby alone. */
static void estimate(const struct lag_sample *s, struct lag *lag)
{
    if (lag->state == LAG_RECEIVER_STALE)
        return;
    if (caught_up(s))
        lag->seconds = s->message_age_s <= s->silence_limit_s ? 0 : NAN;
    else
        lag->seconds = replay_age(s);
    if (!isnan(lag->seconds))
        lag->confidence = LAG_ESTIMATE;
}

struct lag lag_of(const struct lag_sample *s)
{
    struct lag lag = {.seconds = NAN, .confidence = LAG_UNKNOWN, .state = state_of(s)};
    if (lag.state == LAG_PRIMARY)
        lag.confidence = LAG_NONE;
    else if (!exact(s, &lag))
        estimate(s, &lag);
    return lag;
}

double lag_silence_limit_s(double interval_s)
{
    return fmax(2 * interval_s, 30);
}

bool lag_state_warns(enum lag_state state)
{
    return state == LAG_RECEIVER_STALE || state == LAG_DISCONNECTED;
}

const char *lag_state_word(enum lag_state state)
{
    static const char *const words[LAG_STATE_COUNT_] = {"primary",        "streaming",    "paused",
                                                        "receiver_stale", "disconnected", "archive"};
    return words[state];
}

const char *lag_confidence_word(enum lag_confidence c)
{
    static const char *const words[LAG_CONFIDENCE_COUNT_] = {"none", "unknown", "at least", "estimate", "exact"};
    return words[c];
}
