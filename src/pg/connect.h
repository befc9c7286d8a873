/* The way to a PGconn. */
#ifndef PG_CONNECT_H
#define PG_CONNECT_H

#include "pg/session.h"

/* A live connection, or NULL and r. */
PGconn *connect_start(const struct connect_to *to, const char *password, session_progress *progress, void *arg,
                      struct refusal *r);

/* conninfo.c: what conninfo, service and environment say together; the caller frees. NULL: they make no sense. */
PQconninfoOption *conninfo_merged(const struct connect_to *to);
/* the value of a keyword; NULL: none, or an empty one. */
const char *conninfo_value(const PQconninfoOption *options, const char *keyword);
/* Of a list as libpq takes them: how many there are, and what is left past the first n; one stands for all. */
int list_length(const char *list);
const char *list_tail(const char *list, int n);

/* elsewhere.c: a name may lead to another server by now, and libpq would look it up and connect in one step. */
struct places {
    struct buf host, address, port;     /* lists for libpq: all that the conninfo means at this moment */
};
/* False, and r: two of to->peers are among the places, or there is none. */
bool places_find(struct places *p, const struct connect_to *to, struct refusal *r) MUST_CHECK;
void places_free(struct places *p);

/* trust.c: before connecting. To another machine it goes encrypted, and verified where authorities are there to verify
 * by, unless the user says otherwise; set in this process's environment. */
void trust_prepare(const struct connect_to *to);
enum trust trust_of(PGconn *conn);      /* of a live connection, or one on its way */
/* What the server asks in clear text, or hides, where anybody could read the answer; NULL: nothing. To be asked before each
 * PQconnectPoll. */
const char *trust_objection(PGconn *conn) MUST_CHECK;
/* What to do about words of libpq's that mean that the other end cannot be trusted; may be empty. NULL: they mean
 * something else. */
const char *trust_advice(const char *words);

#endif
