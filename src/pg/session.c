/* A session from its first question on: what is at the other end, and the settings that make us harmless. */
#include "pg/session.h"

#include "base/clock.h"
#include "base/mem.h"
#include "pg/connect.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One round trip, before any setting: SET LOCAL, because a transaction pooler may stand between and a plain SET
 * would leak to the next client. */
#define FACTS_HEAD                                                                                            \
    "BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY; SET LOCAL statement_timeout = '1500ms';"                 \
    " SET LOCAL lock_timeout = '100ms'; SET LOCAL search_path = pg_catalog, pg_temp;"
#define FACTS_QUERY                                                                                           \
    " SELECT pg_catalog.current_setting('server_version_num'), pg_catalog.pg_is_in_recovery(),"               \
    " current_user, pg_catalog.current_database(), pg_catalog.pg_backend_pid(),"                              \
    " (pg_catalog.date_part('epoch', pg_catalog.pg_postmaster_start_time()) * 1000000)::pg_catalog.int8,"     \
    " pg_catalog.pg_has_role('pg_read_all_stats', 'usage'),"                                                  \
    " pg_catalog.current_setting('is_superuser'), (SELECT d.oid FROM pg_catalog.pg_database d"                \
    " WHERE d.datname OPERATOR(pg_catalog.=) pg_catalog.current_database()),"                                 \
    " (pg_catalog.date_part('epoch', pg_catalog.clock_timestamp()) * 1000000)::pg_catalog.int8, "
#define FACTS_SYSTEM    "(SELECT system_identifier FROM pg_catalog.pg_control_system());"
#define FACTS_NO_SYSTEM "NULL;"
#define FACTS_TAIL                                                                                            \
    " SELECT e.extname, e.extversion, n.nspname, e.oid FROM pg_catalog.pg_extension e"                        \
    " JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) e.extnamespace; COMMIT"

enum { F_VERSION, F_STANDBY, F_USER, F_DATABASE, F_PID, F_STARTED, F_MONITOR, F_SUPERUSER, F_DATABASE_OID,
       F_CLOCK, F_SYSTEM, F_COLUMNS };

/* The preamble: who may set what is in the documentation under "Client Connection Defaults" and "Statement
 * Behavior". Every setting here is open to every role. */
static const struct setting {
    int from;           /* server version that has it */
    const char *sql;
} preamble[] = {
    {0, "SET statement_timeout = '1500ms'"},
    {0, "SET lock_timeout = '100ms'"},
    {0, "SET idle_in_transaction_session_timeout = '5s'"},
    {0, "SET default_transaction_read_only = on"},
    {0, "SET default_transaction_isolation = 'read committed'"},    /* a standby refuses serializable */
    {0, "SET search_path = pg_catalog, pg_temp"},       /* said outright, or temporary tables would come first */
    {0, "SET TimeZone = 'UTC'"},
    {0, "SET DateStyle = 'ISO'"},
    {0, "SET IntervalStyle = 'postgres'"},
    {0, "SET extra_float_digits = 1"},
    {0, "SET bytea_output = 'hex'"},
    {0, "SET jit = off"},
    {0, "SET work_mem = '32MB'"},       /* 50,000 rows of pg_stat_statements, which would be a file each time */
    {0, "SET max_parallel_workers_per_gather = 0"},
    {0, "SET tcp_keepalives_idle = 10"},
    {0, "SET tcp_keepalives_interval = 5"},
    {0, "SET tcp_keepalives_count = 3"},
    {140000, "SET client_connection_check_interval = '1s'"},
    {140000, "SET idle_session_timeout = 0"},
    {170000, "SET transaction_timeout = '5s'"},
};

static void copy_text(char **out, const PGresult *r, int column)
{
    free(*out);
    *out = PQgetisnull(r, 0, column) ? NULL : mem_string(PQgetvalue(r, 0, column));
}

static bool is_true(const PGresult *r, int column)
{
    const char *v = PQgetvalue(r, 0, column);
    return v[0] == 't' || strcmp(v, "on") == 0;
}

/* Whose clock is wrong, and which of them is set anew, is nothing to the ages of what it tells. */
static int64_t clock_against_ours(const char *us)
{
    int64_t its = strtoll(us, NULL, 10);
    return its > 0 && its < CLOCK_MOST_US ? its - clock_boot_us() : 0;
}

static bool take_facts(struct facts *f, const PGresult *r)
{
    if (PQnfields(r) != F_COLUMNS || PQntuples(r) != 1)
        return false;
    f->kind = TARGET_SERVER;
    f->version = atoi(PQgetvalue(r, 0, F_VERSION));
    f->standby = is_true(r, F_STANDBY);
    f->backend_pid = atoi(PQgetvalue(r, 0, F_PID));
    f->started_us = strtoll(PQgetvalue(r, 0, F_STARTED), NULL, 10);
    f->clock_us = clock_against_ours(PQgetvalue(r, 0, F_CLOCK));
    f->monitor = is_true(r, F_MONITOR);
    f->superuser = is_true(r, F_SUPERUSER);
    f->system_id = strtoull(PQgetvalue(r, 0, F_SYSTEM), NULL, 10);
    f->database_oid = (unsigned)strtoul(PQgetvalue(r, 0, F_DATABASE_OID), NULL, 10);
    copy_text(&f->user, r, F_USER);
    copy_text(&f->database, r, F_DATABASE);
    return f->version > 0;
}

/* "1.10" is 11000. */
static int extension_version(const char *text)
{
    int major = 0, minor = 0, patch = 0;
    sscanf(text, "%4d.%2d.%2d", &major, &minor, &patch);
    return major * 10000 + minor * 100 + patch;
}

static void take_extensions(struct facts *f, const PGresult *r)
{
    for (int i = 0; i < PQntuples(r) && PQnfields(r) == 4 && f->nextensions < EXTENSIONS_MAX; i++)
        f->extensions[f->nextensions++] = (struct extension){
            mem_string(PQgetvalue(r, i, 0)), mem_string(PQgetvalue(r, i, 2)),
            extension_version(PQgetvalue(r, i, 1)), (unsigned)strtoul(PQgetvalue(r, i, 3), NULL, 10)};
}

#define RESULTS_MAX 8       /* more answers than any of our questions can have: a broken or hostile server */

/* Runs several statements in one round trip. Answers with rows go to facts, in order; false at any error. */
static bool run_facts(struct session *s, const char *sql, struct refusal *r)
{
    bool ok = PQsendQuery(s->conn, sql) == 1, have_facts = false;
    PGresult *result;
    for (int n = 0; (result = PQgetResult(s->conn)) != NULL; n++) {
        ExecStatusType status = PQresultStatus(result);
        if (status == PGRES_TUPLES_OK && !have_facts)
            have_facts = take_facts(&s->facts, result);
        else if (status == PGRES_TUPLES_OK)
            take_extensions(&s->facts, result);
        else if (status != PGRES_COMMAND_OK) {
            const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
            if (state || ok) {          /* why the session ends is told first; that it has ended, after it */
                snprintf(r->sqlstate, sizeof(r->sqlstate), "%s", state ? state : "");
                session_words(PQresultErrorMessage(result), r->words, sizeof(r->words));
            }
            ok = false;
        }
        PQclear(result);
        if (n > RESULTS_MAX * 2 || status == PGRES_COPY_IN || status == PGRES_COPY_OUT || status == PGRES_COPY_BOTH) {
            snprintf(r->words, sizeof(r->words), "the server does not keep to the protocol");
            return false;
        }
    }
    if (PQstatus(s->conn) != CONNECTION_OK && ok)
        session_words(PQerrorMessage(s->conn), r->words, sizeof(r->words));
    else if (ok && !have_facts)
        snprintf(r->words, sizeof(r->words), "the server does not answer as PostgreSQL does");
    return ok && have_facts;
}

static void run_quietly(PGconn *conn, const char *sql)
{
    PQclear(PQexec(conn, sql));
}

/* without_system: it was refused before, and would be an error in the server's log each time. */
static bool learn_server(struct session *s, bool without_system, struct refusal *r)
{
    if (!without_system && run_facts(s, FACTS_HEAD FACTS_QUERY FACTS_SYSTEM FACTS_TAIL, r))
        return true;
    if (PQstatus(s->conn) != CONNECTION_OK)
        return false;
    if (!without_system)
        run_quietly(s->conn, "ROLLBACK");   /* pg_control_system() may have been revoked */
    facts_clear(&s->facts);
    return run_facts(s, FACTS_HEAD FACTS_QUERY FACTS_NO_SYSTEM FACTS_TAIL, r);
}

/* All settings in one round trip; where a fork of PostgreSQL refuses one, each by itself. */
static bool set_up(struct session *s, struct refusal *r)
{
    struct buf sql = {0};
    for (size_t i = 0; i < COUNT_OF(preamble); i++)
        if (s->facts.version >= preamble[i].from)
            buf_printf(&sql, "%s;", preamble[i].sql);
    const char *encoding = PQparameterStatus(s->conn, "server_encoding");
    const char *client = PQparameterStatus(s->conn, "client_encoding");
    if (encoding && client && strcmp(encoding, client) != 0 &&
        strspn(encoding, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789") == strlen(encoding))
        buf_printf(&sql, "SET client_encoding = '%s';", encoding);
    int64_t sent = clock_boot_us();
    PGresult *result = PQexec(s->conn, buf_text(&sql));
    s->rtt_us = clock_boot_us() - sent;
    bool ok = PQresultStatus(result) == PGRES_COMMAND_OK;
    PQclear(result);
    for (size_t i = 0; i < COUNT_OF(preamble) && !ok && PQstatus(s->conn) == CONNECTION_OK; i++)
        if (s->facts.version >= preamble[i].from)
            run_quietly(s->conn, preamble[i].sql);
    buf_free(&sql);
    if (PQstatus(s->conn) == CONNECTION_OK)
        return true;
    session_words(PQerrorMessage(s->conn), r->words, sizeof(r->words));
    return false;
}

static char *copy_or_null(const char *s)
{
    return s && s[0] ? mem_string(s) : NULL;
}

static void describe_connection(struct session *s)
{
    struct facts *f = &s->facts;
    f->host = copy_or_null(PQhost(s->conn));
    f->port = copy_or_null(PQport(s->conn));
    f->encoding = copy_or_null(PQparameterStatus(s->conn, "server_encoding"));
    f->tls = PQsslInUse(s->conn) ? copy_or_null(PQsslAttribute(s->conn, "protocol")) : NULL;
    f->trust = trust_of(s->conn);
    if (!f->user)
        f->user = copy_or_null(PQuser(s->conn));
    if (!f->database)
        f->database = copy_or_null(PQdb(s->conn));
    const char *version = PQparameterStatus(s->conn, "server_version");
    if (version)
        f->version_text = mem_bytes(version, strcspn(version, " /"));
}

static bool is_admin_console(PGconn *conn)
{
    const char *version = PQparameterStatus(conn, "server_version");
    return version && strstr(version, "/bouncer");
}

static void learn_pooler(struct facts *f, PGconn *conn)
{
    f->kind = TARGET_POOLER;
    f->version = extension_version(PQparameterStatus(conn, "server_version"));
}

/* A pooler hands out a key of its own instead of the backend's pid. */
static bool is_pooled(const struct session *s)
{
    return s->facts.kind == TARGET_SERVER && PQbackendPID(s->conn) != s->facts.backend_pid;
}

static bool learn_facts(struct session *s, bool without_system, struct refusal *r)
{
    if (!is_admin_console(s->conn))
        return learn_server(s, without_system, r);
    learn_pooler(&s->facts, s->conn);
    return true;
}

bool session_learn(struct session *s, struct refusal *r)
{
    bool without_system = s->facts.system_id == 0;
    facts_clear(&s->facts);
    if (!learn_facts(s, without_system, r))
        return false;
    s->facts.pooled = is_pooled(s);
    describe_connection(s);
    s->facts.known = true;
    return true;
}

/* A server that ends an idle session says why, in an error that libpq hands on as a notice, as it belongs to no
 * question. */
static void hear_notice(void *arg, const PGresult *result)
{
    struct session *s = arg;
    const char *severity = PQresultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED);
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    if (!severity || (strcmp(severity, "FATAL") != 0 && strcmp(severity, "PANIC") != 0))
        return;
    snprintf(s->farewell.sqlstate, sizeof(s->farewell.sqlstate), "%s", state ? state : "");
    session_words(PQresultErrorMessage(result), s->farewell.words, sizeof(s->farewell.words));
}

bool session_open(struct session *s, const struct connect_to *to, const char *password, session_progress *progress,
                  void *arg, struct refusal *r)
{
    *s = (struct session){0};
    *r = (struct refusal){0};
    s->conn = connect_start(to, password, progress, arg, r);
    if (!s->conn)
        return false;
    PQsetErrorVerbosity(s->conn, PQERRORS_DEFAULT);
    PQsetNoticeReceiver(s->conn, hear_notice, s);
    progress(arg, WIRE_PREPARE, PQsocket(s->conn));
    bool ok = learn_facts(s, false, r);
    s->facts.pooled = ok && is_pooled(s);
    if (ok && s->facts.kind == TARGET_SERVER && !s->facts.pooled)
        ok = set_up(s, r);
    describe_connection(s);
    s->facts.known = ok;
    if (!ok)
        session_close(s);
    return ok;
}

void session_close(struct session *s)
{
    PQfinish(s->conn);
    facts_clear(&s->facts);
    free(s->prepared);
    *s = (struct session){0};
}
