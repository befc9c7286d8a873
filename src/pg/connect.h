/* The way to a PGconn. */
#ifndef PG_CONNECT_H
#define PG_CONNECT_H

#include "pg/session.h"

/* A live connection, or NULL and r. */
PGconn *connect_start(const struct connect_to *to, const char *password, session_progress *progress, void *arg,
                      struct refusal *r);

/* conninfo.c: the value of a keyword; NULL: none, or an empty one. */
const char *conninfo_value(const PQconninfoOption *options, const char *keyword);

#endif
