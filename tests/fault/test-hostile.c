/* The hostile server's healthy side: logins, answers, and when it is bad and when not. */
#include "base/attr.h"
#include "tests/fault/client.h"
#include "tests/fault/hostile.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static PGconn *connected(const struct hostile *h, const char *more)
{
    char conninfo[300];
    snprintf(conninfo, sizeof(conninfo), "%s %s", hostile_conninfo(h), more);
    PGconn *c = connect_verbosely(conninfo);
    if (PQstatus(c) != CONNECTION_OK)
        fail_msg("cannot connect: %s", PQerrorMessage(c));
    return c;
}

static void passwords_are_checked(void **state)
{
    (void)state;
    static const char *const kinds[] = {"cleartext", "md5", "scram"};
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        struct hostile *h = hostile_start((const char *const[]){"--auth", kinds[i], "--password", "right one",
                                                                "--iterations", "20000", NULL});
        PQfinish(connected(h, "password='right one'"));
        char conninfo[300];
        snprintf(conninfo, sizeof(conninfo), "%s password=wrong", hostile_conninfo(h));
        PGconn *c = connect_verbosely(conninfo);
        assert_int_equal(PQstatus(c), CONNECTION_BAD);
        assert_true(
            matches(PQerrorMessage(c), "FATAL:  28P01: password authentication failed for user \"tester\""));
        PQfinish(c);
        assert_int_equal(hostile_count(h, "refused"), 1);
        assert_int_equal(hostile_count(h, "login"), 1);
        hostile_stop(h);
    }
}

static void answers_are_made_up_from_the_question(void **state)
{
    (void)state;
    static const struct {
        const char *sql;
        int ncols;
        const char *name;       /* of the last column */
        unsigned type;
    } guesses[] = {
        {"select 1", 1, "1", 25},
        {"select a.pid", 1, "pid", 23},
        {"SELECT count(*)", 1, "count", 20},
        {"select x::int8 AS total, 'a,b' as \"odd name\"", 2, "odd name", 25},
        {"select f(a, b), (select 1 from y) sub, z::pg_lsn as lsn from t where a in (1, 2)", 3, "lsn", 3220},
        {"with w as (select a, b, c from t) select b from w", 1, "b", 25},
        {"-- comment, with, commas\nselect xact_start, now() - x as age from t", 2, "age", 20},
        {"select array[1, 2]::text[] as v, state", 2, "state", 25},
        {"show server_version", 1, "?column?", 25},
    };
    struct hostile *h = hostile_mode("healthy");
    PGconn *c = connected(h, "");
    for (size_t i = 0; i < COUNT_OF(guesses); i++) {
        PGresult *r = PQexecParams(c, guesses[i].sql, 0, NULL, NULL, NULL, NULL, 0);
        if (PQntuples(r) != 1 || PQnfields(r) != guesses[i].ncols)
            fail_msg("%s: %d columns, %s", guesses[i].sql, PQnfields(r), PQresultErrorMessage(r));
        assert_string_equal(PQfname(r, guesses[i].ncols - 1), guesses[i].name);
        assert_int_equal(PQftype(r, guesses[i].ncols - 1), guesses[i].type);
        PQclear(r);
    }
    PQfinish(c);
    hostile_stop(h);
}

static void a_client_learns_what_it_needs_to_know(void **state)
{
    (void)state;
    struct hostile *h = hostile_start((const char *const[]){"--version", "17.2", NULL});
    PGconn *c = connected(h, "");
    assert_int_equal(PQserverVersion(c), 170002);
    PGresult *r = PQexec(
        c, "SELECT pg_catalog.current_setting('server_version_num'), pg_is_in_recovery(), current_user,"
           " current_database(), pg_backend_pid(), pg_has_role('a', 'usage'), 'x'");
    assert_string_equal(PQgetvalue(r, 0, 0), "170002");
    assert_string_equal(PQgetvalue(r, 0, 1), "f");
    assert_string_equal(PQgetvalue(r, 0, 2), "tester");
    assert_string_equal(PQgetvalue(r, 0, 3), "test");
    assert_int_equal(atoi(PQgetvalue(r, 0, 4)), PQbackendPID(c));
    assert_string_equal(PQgetvalue(r, 0, 5), "t");
    assert_string_equal(PQgetvalue(r, 0, 6), "x");
    PQclear(r);
    PQfinish(c);
    hostile_stop(h);
}

static char *write_script(void)
{
    static char path[64];
    strcpy(path, "/tmp/hostile-script-XXXXXX");
    int fd = mkstemp(path);
    static const char text[] =
        "# people\n/from +people/\npid:int4\tname:text\n7\tada\\tx\\x1b\n8\t\\N\n\n"
        "/secret/\nerror 42501 permission denied for table secret\n\n/^vacuum/\ntag VACUUM\n";
    assert_int_equal(write(fd, text, sizeof(text) - 1), sizeof(text) - 1);
    close(fd);
    return path;
}

static void check_people(PGresult *r)
{
    assert_int_equal(PQntuples(r), 2);
    assert_int_equal(PQftype(r, 0), 23);
    assert_string_equal(PQgetvalue(r, 0, 0), "7");
    assert_string_equal(PQgetvalue(r, 0, 1), "ada\tx\x1b");
    assert_true(PQgetisnull(r, 1, 1));
    PQclear(r);
}

static void check_script(PGconn *c)
{
    PGresult *r;
    check_people(PQexec(c, "SELECT *\nFROM people"));
    r = PQprepare(c, "p", "select * from people where pid > $1 and name <> $2", 0, NULL);
    assert_int_equal(PQresultStatus(r), PGRES_COMMAND_OK);
    PQclear(r);
    r = PQdescribePrepared(c, "p");
    assert_int_equal(PQnparams(r), 2);
    assert_int_equal(PQnfields(r), 2);
    assert_string_equal(PQfname(r, 1), "name");
    PQclear(r);
    check_people(PQexecPrepared(c, "p", 2, (const char *const[]){"1", "x"}, NULL, NULL, 0));
    r = PQexecParams(c, "select * from secret", 0, NULL, NULL, NULL, NULL, 0);
    assert_string_equal(PQresultErrorField(r, PG_DIAG_SQLSTATE), "42501");
    PQclear(r);
    r = PQexec(c, "vacuum");
    assert_string_equal(PQcmdStatus(r), "VACUUM");
    PQclear(r);
    r = PQexecPrepared(c, "nobody", 0, NULL, NULL, NULL, 0);
    assert_string_equal(PQresultErrorField(r, PG_DIAG_SQLSTATE), "26000");
    PQclear(r);
    check_people(PQexec(c, "select * from people"));
}

static void a_script_answers(void **state)
{
    (void)state;
    char *path = write_script();
    struct hostile *h = hostile_start((const char *const[]){"--script", path, NULL});
    PGconn *c = connected(h, "");
    check_script(c);
    PQfinish(c);
    /* and the same through a second server that knows nothing but where the first one is */
    struct hostile *front = hostile_start((const char *const[]){"--behind", hostile_conninfo(h), NULL});
    c = connected(front, "");
    check_script(c);
    PQfinish(c);
    hostile_stop(front);
    hostile_stop(h);
    unlink(path);
}

static void transactions_are_followed(void **state)
{
    (void)state;
    struct hostile *h = hostile_mode("healthy");
    PGconn *c = connected(h, "");
    PQclear(PQexec(c, "begin"));
    assert_int_equal(PQtransactionStatus(c), PQTRANS_INTRANS);
    PQclear(PQexec(c, "commit"));
    assert_int_equal(PQtransactionStatus(c), PQTRANS_IDLE);
    PGresult *r = PQexec(c, " ; ");
    assert_int_equal(PQresultStatus(r), PGRES_EMPTY_QUERY);
    PQclear(r);
    PQfinish(c);
    hostile_stop(h);
}

static bool column_has(PGresult *r, int col, const char *bytes, int n)
{
    for (int row = 0; row < PQntuples(r); row++)
        if (memmem(PQgetvalue(r, row, col), (size_t)PQgetlength(r, row, col), bytes, (size_t)n))
            return true;
    return false;
}

static void hostile_text_is_all_there(void **state)
{
    (void)state;
    struct hostile *h = hostile_mode("hostile-text");
    PGconn *c = connected(h, "");
    PGresult *r = PQexecParams(c, question, 0, NULL, NULL, NULL, NULL, 0);
    static const struct {
        const char *bytes;
        int n;
    } want[] = {{"\x1b[31m", 5},
                {"\x1b]52;c;", 7},
                {"\x1b]0;", 4},
                {"\x9b"
                 "31m",
                 4},
                {"\xc2\x9b", 2},
                {"\xe2\x80\xae", 3},
                {"\xff\xfe", 2},
                {"\xed\xa0\x80", 3},
                {"\0", 1},
                {"\x7f", 1},
                {"\r", 1},
                {"\xe2\x80\x8b", 3}};
    for (size_t i = 0; i < COUNT_OF(want); i++)
        assert_true(column_has(r, 2, want[i].bytes, want[i].n));
    assert_int_equal(PQgetlength(r, PQntuples(r) - 1, 2), 1 << 20);
    assert_string_equal(PQgetvalue(r, 0, 0), "1");      /* other columns stay well */
    PQclear(r);
    PQfinish(c);
    hostile_stop(h);
}

static void wrong_values_are_all_there(void **state)
{
    (void)state;
    struct hostile *h = hostile_mode("wrong-types");
    PGconn *c = connected(h, "");
    PGresult *r = PQexec(c, question);
    assert_true(column_has(r, 0, "text", 4));
    assert_true(column_has(r, 0, "99999999999999999999999", 23));
    assert_true(column_has(r, 1, "infinity", 8));
    assert_true(column_has(r, 1, "2026-13-45", 10));
    assert_true(column_has(r, 3, "NaN", 3));
    assert_true(column_has(r, 3, "1e400", 5));
    assert_int_equal(PQftype(r, 0), 23);
    PQclear(r);
    PQfinish(c);
    hostile_stop(h);
}

static bool answers(PGconn *c)
{
    PGresult *r = PQexec(c, "select 1");
    bool good = PQresultStatus(r) == PGRES_TUPLES_OK;
    PQclear(r);
    return good;
}

static void sickness_begins_and_ends_when_told(void **state)
{
    (void)state;
    struct hostile *h = hostile_start((const char *const[]){"--mode", "error", "--healthy", NULL});
    PGconn *c = connected(h, "");
    assert_true(answers(c));
    hostile_sick(h);
    usleep(50000);
    assert_false(answers(c));
    hostile_healthy(h);
    usleep(50000);
    assert_true(answers(c));
    PQfinish(c);
    hostile_stop(h);
}

static void a_refusing_server_comes_back_on_its_port(void **state)
{
    (void)state;
    static const char *const kinds[] = {"refuse", "black-hole"};
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        struct hostile *h = hostile_mode(kinds[i]);
        char *report = run_client(hostile_conninfo(h), 300);
        assert_true(matches(report, "hung|Connection refused"));
        free(report);
        hostile_healthy(h);
        usleep(200000);
        PGconn *c = connected(h, "");
        assert_true(answers(c));
        PQfinish(c);
        hostile_stop(h);
    }
}

static void only_the_first_connections_are_treated_badly(void **state)
{
    (void)state;
    struct hostile *h = hostile_start((const char *const[]){"--mode", "too-many", "--first", "2", NULL});
    for (int i = 0; i < 3; i++) {
        PGconn *c = connect_verbosely(hostile_conninfo(h));
        assert_int_equal(PQstatus(c), i < 2 ? CONNECTION_BAD : CONNECTION_OK);
        PQfinish(c);
    }
    assert_int_equal(hostile_count(h, "connect"), 3);
    assert_int_equal(hostile_count(h, "refused"), 2);
    hostile_stop(h);
}

static void a_unix_socket_serves_as_well(void **state)
{
    (void)state;
    char dir[] = "/tmp/hostile-dir-XXXXXX", path[100];
    assert_non_null(mkdtemp(dir));
    struct hostile *h = hostile_start((const char *const[]){"--socket", dir, NULL});
    PGconn *c = connected(h, "");
    assert_true(answers(c));
    PQfinish(c);
    hostile_stop(h);
    snprintf(path, sizeof(path), "%s/.s.PGSQL.5432", dir);
    unlink(path);
    rmdir(dir);
}

/* libpq 18 may ask for protocol 3.2; the answer is NegotiateProtocolVersion, then the login goes on. */
static void a_newer_protocol_is_negotiated(void **state)
{
    (void)state;
    struct hostile *h = hostile_mode("healthy");
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons((uint16_t)hostile_port(h)),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&in, sizeof(in)), 0);
    assert_int_equal(write(fd, "\0\0\0\x12\0\x03\0\x02user\0you\0\0", 18), 18);
    char reply[13];
    assert_int_equal(recv(fd, reply, sizeof(reply), MSG_WAITALL), sizeof(reply));
    assert_memory_equal(reply, "v\0\0\0\x0c\0\x03\0\0\0\0\0\0", 13);
    assert_int_equal(recv(fd, reply, 1, MSG_WAITALL), 1);
    assert_int_equal(reply[0], 'R');
    close(fd);
    hostile_stop(h);
}

/* Neither the server nor its clients' processes outlive the test: here a process in the test's place. */
static void all_of_it_goes_with_its_parent(void **state)
{
    (void)state;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    fflush(NULL);
    pid_t parent = fork();
    if (parent == 0) {
        struct hostile *h = hostile_mode("freeze");
        PGconn *c = PQconnectdb(hostile_conninfo(h));
        pid_t pid = PQstatus(c) == CONNECTION_OK ? PQbackendPID(c) : -1, both[2] = {hostile_pid(h), pid};
        ssize_t n = write(ends[1], both, sizeof(both));
        unlink(hostile_log(h));
        pause();
        _exit(n < 0);
    }
    pid_t both[2];
    assert_int_equal(read(ends[0], both, sizeof(both)), sizeof(both));
    assert_true(both[1] > 0);
    kill(parent, SIGKILL);
    waitpid(parent, NULL, 0);
    for (int i = 0; i < 200 && (kill(both[0], 0) == 0 || kill(both[1], 0) == 0); i++)
        usleep(10000);
    assert_int_equal(kill(both[0], 0), -1);
    assert_int_equal(kill(both[1], 0), -1);
    close(ends[0]);
    close(ends[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(passwords_are_checked),
        cmocka_unit_test(answers_are_made_up_from_the_question),
        cmocka_unit_test(a_client_learns_what_it_needs_to_know),
        cmocka_unit_test(a_script_answers),
        cmocka_unit_test(transactions_are_followed),
        cmocka_unit_test(hostile_text_is_all_there),
        cmocka_unit_test(wrong_values_are_all_there),
        cmocka_unit_test(sickness_begins_and_ends_when_told),
        cmocka_unit_test(a_refusing_server_comes_back_on_its_port),
        cmocka_unit_test(only_the_first_connections_are_treated_badly),
        cmocka_unit_test(a_unix_socket_serves_as_well),
        cmocka_unit_test(a_newer_protocol_is_negotiated),
        cmocka_unit_test(all_of_it_goes_with_its_parent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
