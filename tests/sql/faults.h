/* What a run over the servers found wrong: all of it is told, and the run goes on. */
#ifndef TESTS_SQL_FAULTS_H
#define TESTS_SQL_FAULTS_H

#include "base/attr.h"

#include <libpq-fe.h>
#include <stdbool.h>

struct faults {
    int count;
    int checks;             /* that were made; a run that made none is a fault itself */
    char where[200];        /* said before each fault: version, place, probe */
};

void faults_at(struct faults *f, const char *format, ...) PRINTF_LIKE(2, 3);        /* sets `where` */
void faults_add(struct faults *f, const char *format, ...) PRINTF_LIKE(2, 3);
/* Counts a check, and a fault unless it holds. Gives back whether it held. */
bool faults_check(struct faults *f, bool holds, const char *format, ...) PRINTF_LIKE(3, 4);

/* A connection of the test's own; a failure ends the program, because then nothing can be tested. conninfo gets
 * user and database when they are not NULL, whatever bytes they are made of. */
PGconn *need_connection(const char *conninfo, const char *user, const char *database, const char *application);
char *conninfo_with(const char *conninfo, const char *keyword, const char *value);      /* the caller frees */
/* Runs SQL; a failure ends the program. The first cell, or "" when there is none; the caller frees. */
char *need(PGconn *conn, const char *sql);
void need_quietly(PGconn *conn, const char *sql);
/* Asks every 20 ms, 20 s at most, until the first cell is t; else the program ends. */
void need_soon(PGconn *conn, const char *sql);

#endif
