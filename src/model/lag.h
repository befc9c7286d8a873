/* How far a standby is behind, in bytes and in seconds, and how sure that is.
 *
 * Seconds come from a ring of the primary's WAL positions: the age of the oldest one that the standby has not
 * replayed yet. That is right on an idle primary, with skewed clocks and with a frozen receiver, where the
 * usual formulas are not. Where the ring does not reach back so far, what the servers say themselves is an
 * estimate, and without that its reach is a bound. Without a sample of the primary there is an estimate or
 * nothing; unknown is never 0. */
#ifndef MODEL_LAG_H
#define MODEL_LAG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- the primary's past ---- */

struct lag_ring;

struct lag_ring *lag_ring_new(uint32_t room);       /* positions kept, at least 2 */
void lag_ring_free(struct lag_ring *r);
/* Times of the boot clock, growing. A position that did not move takes no room; one that went back (another
 * primary, a restore) empties the ring. */
void lag_ring_push(struct lag_ring *r, int64_t time_us, uint64_t lsn);
/* The newest position and when it was last seen. False when there is none. */
bool lag_ring_newest(const struct lag_ring *r, int64_t *time_us, uint64_t *lsn);
/* Seconds since the primary is known to have passed lsn; 0 when it has not. *at_least (may be NULL) is true
 * when the ring does not reach back far enough, so that it may be longer. */
double lag_ring_age(const struct lag_ring *r, uint64_t lsn, int64_t now_us, bool *at_least);

/* ---- one server's lag ---- */

enum lag_state {
    LAG_PRIMARY,            /* not in recovery: there is no lag, which is not a lag of 0 */
    LAG_STREAMING,
    LAG_PAUSED,
    LAG_RECEIVER_STALE,     /* the receiver has been silent for longer than the limit */
    LAG_DISCONNECTED,       /* no receiver now, but there was one */
    LAG_ARCHIVE,            /* no receiver, nothing was ever streamed */
    LAG_STATE_COUNT_
};

enum lag_confidence { LAG_NONE, LAG_UNKNOWN, LAG_BOUND, LAG_ESTIMATE, LAG_EXACT, LAG_CONFIDENCE_COUNT_ };

struct lag_lsn {
    bool known;
    uint64_t lsn;
};

struct lag_sample {
    bool in_recovery;
    bool receiver;                  /* a WAL receiver is running: pid IS NOT NULL */
    bool paused;
    struct lag_lsn receive, replay;
    double message_age_s;           /* since the receiver heard from its sender; NaN unknown */
    double replay_age_s;            /* now() - pg_last_xact_replay_timestamp(); NaN unknown */
    double replay_lag_s;            /* the sender's own measure, of what it sent since it began; NaN unknown */
    double silence_limit_s;         /* lag_silence_limit_s(interval) */

    const struct lag_ring *primary; /* NULL: its primary is not watched */
    double primary_limit_s;         /* its newest sample may be this old: 2 intervals */
    int64_t now_us;                 /* when this sample was taken, boot clock */
};

struct lag {
    bool bytes_known;
    uint64_t bytes;
    double seconds;         /* NaN: none to print */
    bool at_least;          /* the true value may be larger; without seconds: it is behind, and nothing that is known
                             * of the time fits the bytes */
    enum lag_confidence confidence;
    enum lag_state state;
};

struct lag lag_of(const struct lag_sample *s);
/* The larger of two intervals and 30 s, the sender's keepalive. */
double lag_silence_limit_s(double interval_s);
/* A state that is a warning by itself, whatever the numbers say. */
bool lag_state_warns(enum lag_state state);
const char *lag_state_word(enum lag_state state);               /* "streaming" */
const char *lag_confidence_word(enum lag_confidence c);         /* "exact" */

#endif
