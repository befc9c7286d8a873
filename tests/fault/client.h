/* A client of the hostile server: libpq in a process of its own, killed at a deadline. */
#ifndef TESTS_FAULT_CLIENT_H
#define TESTS_FAULT_CLIENT_H

#include <libpq-fe.h>
#include <stdbool.h>

extern const char question[];       /* four columns: int4, timestamptz, text, float8 */

/* Like PQconnectdb, with the SQLSTATE in the words of a failure. */
PGconn *connect_verbosely(const char *conninfo);

/* Connects, sends settings, asks the question twice, prepared, and tells in words what it saw: "connected
 * 150020; TUPLES_OK 1x4; .." or "failed: ..", "hung" when it was not done at the deadline, "died". The caller
 * frees. */
char *run_client(const char *conninfo, int deadline_ms);

bool matches(const char *text, const char *regex);      /* POSIX extended */

#endif
