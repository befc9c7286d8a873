/* A circuit breaker: lets calls through while they work, stops after a run of failures, and lets a few try
 * again later. The semantics of sony/gobreaker 1.0.0 (https://github.com/sony/gobreaker), plus three of ours:
 * a half-open ticket that is never reported is lost after a deadline instead of locking the breaker for ever,
 * an excluded result frees its slot, and a successful reachability check moves open to half-open at once.
 *
 * Times are microseconds of one clock that does not go back. Every expiry is strict. */
#ifndef MODEL_BREAKER_H
#define MODEL_BREAKER_H

#include <stdbool.h>
#include <stdint.h>

enum { BREAKER_TICKETS_MAX = 16 };

enum breaker_state { BREAKER_CLOSED, BREAKER_HALF_OPEN, BREAKER_OPEN };

enum breaker_answer {
    BREAKER_OK,
    BREAKER_IS_OPEN,
    BREAKER_TOO_MANY        /* half-open, and enough are trying */
};

enum breaker_result {
    BREAKER_SUCCESS,
    BREAKER_FAILURE,
    BREAKER_EXCLUDED        /* says nothing about the server: our own cancel, a wrong password */
};

struct breaker_settings {
    uint32_t max_requests;  /* tickets in half-open, and successes in a row that close it; 0 means 1; at most
                             * BREAKER_TICKETS_MAX */
    int64_t interval_us;    /* closed: the counts start anew after this long; 0: never */
    int64_t timeout_us;     /* how long open lasts; 0 or less means 60 s */
    uint32_t trip;          /* failures in a row that open it; 0 means 6 */
    int64_t budget_us;      /* of the call behind it: a half-open ticket is lost after the larger of timeout_us
                             * and this; 0: never, as gobreaker */
};

extern const struct breaker_settings breaker_default;       /* 2, 60 s, 30 s, 5 */
extern const struct breaker_settings breaker_aggressive;    /* trips at 3, open for 15 s */
extern const struct breaker_settings breaker_conservative;  /* trips at 10, open for 60 s */

struct breaker_counts {
    uint32_t requests, successes, failures, run_successes, run_failures, excluded;
};

struct breaker {
    struct breaker_settings settings;
    enum breaker_state state;
    uint64_t generation;            /* from 1; each change of state and each interval starts one */
    bool expires;
    int64_t expiry_us;
    struct breaker_counts counts;   /* of this generation */
    bool taken[BREAKER_TICKETS_MAX];            /* half-open: tickets that are out, */
    int64_t taken_us[BREAKER_TICKETS_MAX];      /* and since when */
};

/* generation 0: no ticket. */
struct breaker_ticket {
    uint64_t generation;
    uint32_t slot;
};

void breaker_start(struct breaker *b, const struct breaker_settings *settings, int64_t now_us);
/* May a call go ahead? Fills in ticket, to be reported on later, when the answer is BREAKER_OK. */
enum breaker_answer breaker_ask(struct breaker *b, int64_t now_us, struct breaker_ticket *ticket);
/* How it went. False when the ticket is from another generation, or has been reported on: the result is
 * dropped. The ticket is used up. */
bool breaker_report(struct breaker *b, int64_t now_us, struct breaker_ticket *ticket,
                    enum breaker_result result);
/* The server answers at all: open becomes half-open. */
void breaker_reachable(struct breaker *b, int64_t now_us);
enum breaker_state breaker_state(struct breaker *b, int64_t now_us);
const char *breaker_state_word(enum breaker_state state);       /* "half open" */

#endif
