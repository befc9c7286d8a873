/* Talking to the lab's own servers. */
#include "tests/lab/lab.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

PGconn *db_open(const struct lab *lab, enum server_id id, const char *database, const char *user,
                struct err *err)
{
    char port[12];
    snprintf(port, sizeof port, "%d", lab->servers[id].port);
    const char *const names[] = {"host", "port", "dbname", "user", "connect_timeout", "application_name",
                                 NULL};
    const char *const values[] = {lab->keeper.dir, port, database, user, "10", "lab", NULL};
    PGconn *conn = PQconnectdbParams(names, values, 0);
    if (PQstatus(conn) == CONNECTION_OK)
        return conn;
    err_set(err, "Cannot connect to the %s: %s", lab->servers[id].name, PQerrorMessage(conn));
    PQfinish(conn);
    return NULL;
}

static bool fail(PGconn *conn, const PGresult *res, const char *sql, struct err *err)
{
    const char *said = PQresultErrorMessage(res);
    return err_set(err, "%.300s: %.120s", said[0] != '\0' ? said : PQerrorMessage(conn), sql);
}

bool db_run(PGconn *conn, const char *sql, struct err *err)
{
    PGresult *res = PQexec(conn, sql);
    ExecStatusType status = PQresultStatus(res);
    bool done = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_EMPTY_QUERY;
    if (!done)
        fail(conn, res, sql, err);
    PQclear(res);
    return done;
}

bool db_number(PGconn *conn, const char *sql, long *n, struct err *err)
{
    PGresult *res = PQexec(conn, sql);
    bool done = PQresultStatus(res) == PGRES_TUPLES_OK;
    *n = done && PQntuples(res) > 0 ? strtol(PQgetvalue(res, 0, 0), NULL, 10) : 0;
    if (!done)
        fail(conn, res, sql, err);
    PQclear(res);
    return done;
}
