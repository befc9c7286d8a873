/* Leaving is polite: the server counts no session of ours as abandoned, and none is left. */
#include "tests/lab/lab_client.h"

#include <libpq-fe.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#define REPORTS 5

static long number(PGconn *conn, const char *sql)
{
    PGresult *r = PQexec(conn, sql);
    if (PQresultStatus(r) != PGRES_TUPLES_OK)
        fail_msg("%s: %s", sql, PQerrorMessage(conn));
    long n = atol(PQgetvalue(r, 0, 0));
    PQclear(r);
    return n;
}

static void no_session_is_abandoned(void **state)
{
    static const char abandoned[] = "SELECT sum(sessions_abandoned) FROM pg_stat_database";
    static const char ours[] = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'pgvigil'";
    char command[1200];
    (void)state;
    struct lab *lab = lab_start((const char *const[]){"--no-standby", "--no-pooler", NULL});
    assert_non_null(lab);
    PGconn *conn = PQconnectdb(lab_conninfo(lab, "primary"));
    assert_int_equal(PQstatus(conn), CONNECTION_OK);
    long before = number(conn, abandoned);
    snprintf(command, sizeof(command), "%s/pgvigil report --probe server '%s' >/dev/null",
             getenv("BUILDDIR") ? getenv("BUILDDIR") : ".", lab_conninfo(lab, "primary_monitor"));
    for (int i = 0; i < REPORTS; i++)
        assert_int_equal(system(command), 0);
    for (int i = 0; i < 40 && number(conn, ours) > 0; i++)
        usleep(50000);
    assert_int_equal(number(conn, ours), 0);
    sleep(1);                                   /* statistics follow a session's end */
    assert_int_equal(number(conn, abandoned), before);
    PQfinish(conn);
    lab_stop(lab);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(no_session_is_abandoned)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
