/* A short blocking chain: a holder idle in transaction, an ALTER TABLE that waits for it, and SELECTs that
 * wait for the ALTER. Every part has a time-out of its own, so that it always ends. */
#include "tests/lab/actor.h"

#include <stdio.h>

#define READERS 3

static bool quietly(PGconn *conn, const char *sql)
{
    PGresult *res = PQexec(conn, sql);
    bool done = PQresultStatus(res) == PGRES_COMMAND_OK;
    PQclear(res);
    return done;
}

static PGconn *waiter(const struct stage *s, const char *user, const char *name, int seconds, const char *sql)
{
    char limit[60];
    PGconn *conn = stage_connect(s, user, name);
    snprintf(limit, sizeof limit, "SET lock_timeout = '%ds'", seconds + 10);
    if (quietly(conn, limit))
        PQsendQuery(conn, sql);
    return conn;
}

static void drain(PGconn *conn)
{
    for (PGresult *res; PQstatus(conn) == CONNECTION_OK && (res = PQgetResult(conn)) != NULL;)
        PQclear(res);
    PQfinish(conn);
}

static void chain(struct stage *s, int seconds)
{
    char sql[200], name[20];
    PGconn *waiting[1 + READERS];
    PGconn *holder = stage_connect(s, "billing", "billing-7");
    snprintf(sql, sizeof sql, "SET idle_in_transaction_session_timeout = '%ds'", seconds + 10);
    if (!quietly(holder, sql) || !quietly(holder, "BEGIN") ||
        !quietly(holder, "UPDATE shop.invoices SET note = 'checked' WHERE id BETWEEN 100 AND 120")) {
        PQfinish(holder);
        return;
    }
    waiting[0] =
        waiter(s, "app", "deploy-42", seconds, "ALTER TABLE shop.invoices ALTER COLUMN note SET DEFAULT ''");
    for (int i = 1; i <= READERS; i++) {
        stage_pause(0.3);
        snprintf(name, sizeof name, "web-%d", 10 + i);
        waiting[i] =
            waiter(s, "app", name, seconds,
                   "SELECT state, count(*), sum(amount) FROM shop.invoices WHERE state <> 'paid' GROUP BY 1");
    }
    stage_pause(seconds);
    quietly(holder, "COMMIT");
    PQfinish(holder);
    for (int i = 0; i <= READERS; i++)
        drain(waiting[i]);
}

double act_deploy(struct stage *s)
{
    if (s->turn == 0)
        return 10;
    chain(s, 15 + (int)stage_pick(s, 11));
    return stage_between(s, 45, 90);
}

double act_block_once(struct stage *s)
{
    chain(s, s->number);
    return -1;
}
