/* One connection to a server, blocking, for a worker that may be killed at any moment. This room is the only
 * one that knows libpq. */
#ifndef PG_SESSION_H
#define PG_SESSION_H

#include "base/buf.h"
#include "model/target.h"
#include "wire/wire.h"

#include <libpq-fe.h>
#include <stdbool.h>
#include <stdint.h>

struct refusal {
    char sqlstate[6];           /* empty when the server did not speak */
    bool needs_password;        /* it asked for one and there was none */
    char words[256];            /* one line; hostile */
};

struct session {
    PGconn *conn;
    struct facts facts;
    uint64_t *prepared;         /* hashes of the SQL that is prepared on it */
    int nprepared, room;
    bool fenced;                /* views and foreign tables are refused at the moment */
    int64_t rtt_us;             /* the quickest answer so far: about the way there and back */
    struct refusal farewell;    /* the error with which the server ended it; no words: it said none */
};

/* Where to: host, port and user are stronger than what the conninfo says; NULL where they were not given. Where
 * SESSIONS_MAX of the peers are (wire/peer.h) no further session is opened; NULL: there is room. */
struct connect_to {
    char *conninfo, *host, *port, *user, *peers;
};

/* Tells how far the connection has come; fd is its socket, or -1 while there is none. */
typedef void session_progress(void *arg, enum wire_phase phase, int fd);

/* Connects, learns the facts and sets the session up: timeouts, read-only, an empty search_path. password NULL:
 * what the conninfo, the environment or the password file give. On failure there is no session and r is set. */
bool session_open(struct session *s, const struct connect_to *to, const char *password, session_progress *progress,
                  void *arg, struct refusal *r) MUST_CHECK;
/* The facts anew, for rights, role and extensions may have changed. False: the session is of no use any more. */
bool session_learn(struct session *s, struct refusal *r) MUST_CHECK;
void session_close(struct session *s);

/* Before all else: whose host is named is not sent elsewhere by the environment. */
void session_isolate(const struct connect_to *to);
/* What the conninfo means, without secrets: "user@host:port/database"; nothing when it cannot be read. */
void session_where(const struct connect_to *to, struct buf *out);
/* Why libpq would refuse the conninfo before it goes anywhere, in its words. False: nothing is wrong. */
bool session_fault(const struct connect_to *to, char *words, size_t size) MUST_CHECK;

/* First line of a message of libpq's, without its severity, cut to fit, and what to do where that is known. */
void session_words(const char *message, char *out, size_t size);

#define SESSION_STATEMENT_TIMEOUT_MS 1500   /* below the watcher's deadline of 2 s, so that the server ends it first */
#define SESSION_LOCK_TIMEOUT_MS      100

#endif
