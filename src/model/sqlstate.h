/* What to do after a failure: by SQLSTATE, severity and phase, or by what the client saw when there is none.
 * A write is repeated only where it is proven that nothing was done; a connection lost after a write was sent
 * leaves its outcome unknown, for ever. */
#ifndef MODEL_SQLSTATE_H
#define MODEL_SQLSTATE_H

#include <stdbool.h>
#include <stddef.h>

/* Made by us, in a class that SQL leaves to implementations: the other end of the line cannot be trusted. */
#define SQLSTATE_UNTRUSTED "PGV01"

/* What a sampling query does. */
enum probe_action {
    PROBE_RETRY,            /* again with backoff, after a reconnect where that is set */
    PROBE_RETRY_SLOW,       /* the same, but at most once in pause_s */
    PROBE_NEXT_TICK,        /* nothing until it is due again */
    PROBE_STOP,             /* no attempt by itself (but once in pause_s, if that is set); tell the user */
    PROBE_DISABLE,          /* switch this probe off, look again after pause_s */
    PROBE_REDETECT,         /* read the server's role again */
    PROBE_RAW_MODE,         /* repeat with client_encoding = server encoding and no text functions */
    PROBE_ROLLBACK,         /* roll back, then go on */
    PROBE_ACTION_COUNT_
};

/* What an action that writes does. */
enum write_action {
    WRITE_RETRY,            /* proven not done: may run again, at most `tries` times if that is set */
    WRITE_UNKNOWN,          /* the outcome is unknown: say so, never repeat by itself */
    WRITE_ASK,              /* not done: ask the user */
    WRITE_STOP,             /* failed: say why */
    WRITE_ROLLBACK,
    WRITE_ACTION_COUNT_
};

/* How the breaker counts it. */
enum breaker_count {
    COUNT_FAIL,
    COUNT_OK,               /* an error that a living server sent */
    COUNT_EXCLUDED,
    COUNT_SLOW,             /* slow, not down; our own cancel is excluded */
    COUNT_COUNT_
};

enum failure_phase {
    PHASE_CONNECT,
    PHASE_QUERY,
    PHASE_COMMIT,
    PHASE_ANY,              /* in the table alone */
    PHASE_COUNT_
};

/* Failures that have no SQLSTATE. */
enum client_failure {
    CLIENT_CONNECT_REFUSED,
    CLIENT_CONNECT_TIMEOUT,         /* our deadline passed and the worker was killed */
    CLIENT_DNS_FAIL,
    CLIENT_TLS_VERIFY_FAIL,
    CLIENT_NO_PASSWORD_SUPPLIED,
    CLIENT_CONN_LOST_IDLE,
    CLIENT_CONN_LOST_IN_QUERY,
    CLIENT_CONN_LOST_IN_COMMIT,
    CLIENT_FAILURE_COUNT_
};

struct retry {
    enum probe_action probe;
    enum write_action write;
    bool reconnect;                 /* a new connection is needed */
    enum breaker_count breaker;
    unsigned pause_s;               /* the least time between two attempts; 0: the backoff's */
    unsigned tries;                 /* 0: no limit of its own */
    bool critical;                  /* a finding of its own: disk full, I/O error, corruption */
    const char *why;                /* a few words for people; NULL: the server's own will do */
};

/* sqlstate: five characters. fatal: severity FATAL or PANIC, the session is gone. A state that the table does
 * not know gets a careful answer by its class. Never NULL. */
const struct retry *sqlstate_retry(const char *sqlstate, bool fatal, enum failure_phase phase);
const struct retry *client_failure_retry(enum client_failure failure);

/* The table, for tests and the manual. */
struct sqlstate_row {
    const char *sqlstate;
    bool fatal;
    enum failure_phase phase;
    struct retry retry;
};
extern const struct sqlstate_row sqlstate_rows[];
extern const size_t sqlstate_nrows;

const char *client_failure_word(enum client_failure failure);   /* "connect_refused" */

#endif
