/* A question on its way: prepared once, answered row by row into the frame, so that no answer is ever held
 * twice. */
#include "pg/ask.h"

#include "base/clock.h"
#include "base/hash.h"
#include "base/mem.h"
#include "pg/decode.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define RESULTS_MAX 8           /* per question, single rows apart */
#define ROLE_COLUMN "_standby"  /* added where the server does not report in_hot_standby */
#define ROW_COLUMN  "_row"      /* with it: NULL in the row that stands for no row at all */

struct answer {
    struct wire_frame frame;
    const struct question *question;
    const struct schema *schema;
    int place[SCHEMA_COLUMNS_MAX];  /* which of the result's columns holds ours; -1: none */
    int standby_place, row_place;
    bool placed;
    uint32_t found;                 /* rows that came, kept or not */
    enum frame_status status;
    char sqlstate[6];
    char note[512];
    enum server_role role;
};

static bool is_prepared(const struct session *s, uint64_t h)
{
    for (int i = 0; i < s->nprepared; i++)
        if (s->prepared[i] == h)
            return true;
    return false;
}

static void remember(struct session *s, uint64_t h)
{
    if (s->nprepared == s->room) {
        s->room = s->room ? s->room * 2 : 16;
        s->prepared = mem_resize(s->prepared, (size_t)s->room, sizeof(*s->prepared));
    }
    s->prepared[s->nprepared++] = h;
}

static void forget(struct session *s, uint64_t h)
{
    for (int i = 0; i < s->nprepared; i++)
        if (s->prepared[i] == h)
            s->prepared[i--] = s->prepared[--s->nprepared];
}

/* Which status an error is; classes from the documentation's appendix "PostgreSQL Error Codes". */
static enum frame_status status_of(const char *sqlstate)
{
    static const struct { const char *state; enum frame_status status; } table[] = {
        {"42501", FRAME_DENIED},  {"42P01", FRAME_ABSENT}, {"42883", FRAME_ABSENT}, {"42703", FRAME_ABSENT},
        {"42704", FRAME_ABSENT},  {"3F000", FRAME_ABSENT}, {"57014", FRAME_TIMEOUT}, {"55P03", FRAME_TIMEOUT},
        {"25P04", FRAME_TIMEOUT}, {"57P01", FRAME_LOST},   {"57P02", FRAME_LOST},    {"57P03", FRAME_LOST},
    };
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
        if (strcmp(sqlstate, table[i].state) == 0)
            return table[i].status;
    return FRAME_FAILED;
}

static void take_error(struct answer *a, const PGconn *conn, const PGresult *result)
{
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char *words = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    if (!state && a->sqlstate[0]) {     /* why the session ends is told first; that it has ended, after it */
        a->status = FRAME_LOST;
        return;
    }
    snprintf(a->sqlstate, sizeof(a->sqlstate), "%s", state ? state : "");
    a->status = state ? status_of(state) : FRAME_FAILED;
    if (words)
        snprintf(a->note, sizeof(a->note), "%s", words);
    else
        session_words(PQresultErrorMessage(result), a->note, sizeof(a->note));
    if (PQstatus(conn) != CONNECTION_OK)
        a->status = FRAME_LOST;
}

static void place_columns(struct answer *a, const PGresult *result)
{
    a->placed = true;
    a->standby_place = a->row_place = -1;
    for (int i = 0; i < a->schema->ncolumns; i++)
        a->place[i] = -1;
    for (int j = 0; j < PQnfields(result); j++) {
        int i = schema_find(a->schema, PQfname(result, j));
        if (i >= 0)
            a->place[i] = j;
        else if (strcmp(PQfname(result, j), ROLE_COLUMN) == 0)
            a->standby_place = j;
        else if (strcmp(PQfname(result, j), ROW_COLUMN) == 0)
            a->row_place = j;
    }
}

static void take_row(struct answer *a, const PGresult *result, int row)
{
    if (a->standby_place >= 0 && !PQgetisnull(result, row, a->standby_place))
        a->role = PQgetvalue(result, row, a->standby_place)[0] == 't' ? SERVER_STANDBY : SERVER_PRIMARY;
    if (a->row_place >= 0 && PQgetisnull(result, row, a->row_place))
        return;             /* there is no row: this one tells the role alone */
    a->found++;
    if (a->found > a->question->max_rows || wire_frame_bytes(&a->frame) > a->question->max_bytes)
        return;
    wire_frame_row(&a->frame);
    for (int i = 0; i < a->schema->ncolumns; i++) {
        int j = a->place[i];
        bool known = j >= 0 && !PQgetisnull(result, row, j);
        decode_cell(&a->frame, &a->schema->columns[i], known ? PQgetvalue(result, row, j) : NULL,
                    known ? (size_t)PQgetlength(result, row, j) : 0);
    }
}

/* Takes in all results. False: the server does not keep to the protocol, and the session must end. */
static bool take_results(struct answer *a, PGconn *conn)
{
    PGresult *result;
    int results = 0;
    while ((result = PQgetResult(conn)) != NULL) {
        ExecStatusType status = PQresultStatus(result);
        bool strange = false;
        if (status == PGRES_SINGLE_TUPLE || status == PGRES_TUPLES_OK) {
            if (!a->placed)
                place_columns(a, result);
            for (int row = 0; row < PQntuples(result); row++)
                take_row(a, result, row);
        } else if (status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE || status == PGRES_EMPTY_QUERY) {
            take_error(a, conn, result);
        } else if (status != PGRES_COMMAND_OK) {
            strange = true;
        }
        PQclear(result);
        if (strange || (status != PGRES_SINGLE_TUPLE && ++results > RESULTS_MAX))
            return false;
    }
    return true;
}

static bool collect(struct answer *a, PGconn *conn, int sent)
{
    if (sent == 1) {
        PQsetSingleRowMode(conn);
        if (take_results(a, conn))
            return true;
        a->status = FRAME_FAILED;
        snprintf(a->note, sizeof(a->note), "the server does not keep to the protocol");
        return false;
    }
    a->status = PQstatus(conn) == CONNECTION_OK ? FRAME_FAILED : FRAME_LOST;
    session_words(PQerrorMessage(conn), a->note, sizeof(a->note));
    return true;
}

/* EXPLAIN and SHOW cannot stand in a FROM. */
static bool is_select(const char *sql)
{
    sql += strspn(sql, " \t\n");
    return strncasecmp(sql, "SELECT", 6) == 0 || strncasecmp(sql, "WITH", 4) == 0;
}

/* Before 14, and through a pooler, which tells what it heard when it connected, only a column can say whether this is
 * still a standby; it comes even where there is no row. */
static char *sql_for(const struct session *s, const struct question *q)
{
    struct buf sql = {0};
    bool unreported = s->facts.version < 140000 || s->facts.pooled;
    if (s->facts.kind == TARGET_SERVER && unreported && is_select(q->sql))
        buf_printf(&sql, "SELECT q.*, r." ROLE_COLUMN " FROM (SELECT pg_is_in_recovery() AS " ROLE_COLUMN
                         " OFFSET 0) r LEFT JOIN (SELECT true AS " ROW_COLUMN ", s.* FROM (%s\n) s) q ON true", q->sql);
    else
        buf_puts(&sql, q->sql);
    return buf_take(&sql);
}

static bool prepare(struct session *s, struct answer *a, const char *name, const char *sql)
{
    PGresult *result = PQprepare(s->conn, name, sql, 0, NULL);
    bool ok = PQresultStatus(result) == PGRES_COMMAND_OK;
    if (!ok)
        take_error(a, s->conn, result);
    PQclear(result);
    return ok;
}

static bool ask_prepared(struct session *s, struct answer *a, const char *sql)
{
    const char *const values[] = {a->question->parameter};
    int n = a->question->parameter != NULL;
    uint64_t h = hash_bytes(HASH_START, sql, strlen(sql));
    char name[24];
    snprintf(name, sizeof(name), "v%016llx", (unsigned long long)h);
    for (int again = 0; again < 2; again++) {
        if (!is_prepared(s, h)) {
            if (!prepare(s, a, name, sql))
                return true;
            remember(s, h);
        }
        if (!collect(a, s->conn, PQsendQueryPrepared(s->conn, name, n, values, NULL, NULL, 0)))
            return false;
        bool outdated = strcmp(a->sqlstate, "26000") == 0 || strcmp(a->sqlstate, "0A000") == 0;
        if (a->status == FRAME_OK || !outdated || again || a->found)
            return true;
        forget(s, h);
        PGresult *result = PQexecParams(s->conn, "DEALLOCATE ALL", 0, NULL, NULL, NULL, NULL, 0);
        PQclear(result);
        s->nprepared = 0;
        a->status = FRAME_OK;
        a->sqlstate[0] = a->note[0] = '\0';
    }
    return true;
}

/* ---- tables that anybody may have made ---- */

/* Who swaps a table for a view has its functions run with our rights. From these minor versions on the server refuses
 * to look into what is not its own; pg_stat_statements' views are not, so this is not for all questions.
 * Documentation: "Client Connection Defaults", restrict_nonsystem_relation_kind. */
#define FENCE "restrict_nonsystem_relation_kind = 'view,foreign-table'"

static bool has_fence(const struct facts *f)
{
    static const int since[] = {120020, 130016, 140013, 150008, 160004};
    for (size_t i = 0; i < COUNT_OF(since); i++)
        if (f->version / 10000 == since[i] / 10000)
            return f->version >= since[i];
    return f->kind == TARGET_SERVER && f->version >= 170000;
}

/* Outside of any transaction, which would be idle while the next message is on its way. */
static void fence(struct session *s, bool wanted)
{
    if (wanted == s->fenced || s->facts.pooled || !has_fence(&s->facts))
        return;
    PQclear(PQexec(s->conn, wanted ? "SET " FENCE : "RESET restrict_nonsystem_relation_kind"));
    s->fenced = wanted;
}

/* Behind a transaction pooler the settings must travel with the question, in one transaction. */
static bool ask_pooled(struct session *s, struct answer *a, const char *sql)
{
    PGresult *result = PQexec(s->conn, "BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY;"
                                       " SET LOCAL statement_timeout = '1500ms'; SET LOCAL lock_timeout = '100ms';"
                                       " SET LOCAL search_path = pg_catalog, pg_temp;"
                                       " SET LOCAL TimeZone = 'UTC'; SET LOCAL DateStyle = 'ISO'; SET LOCAL jit = off;"
                                       " SET LOCAL work_mem = '32MB'");
    if (a->question->fenced && has_fence(&s->facts))
        PQclear(PQexec(s->conn, "SET LOCAL " FENCE));
    const char *const values[] = {a->question->parameter};
    int n = a->question->parameter != NULL;
    bool ok = PQresultStatus(result) == PGRES_COMMAND_OK, sane = true;
    if (!ok)
        take_error(a, s->conn, result);
    PQclear(result);
    if (ok)
        sane = collect(a, s->conn, PQsendQueryParams(s->conn, sql, n, NULL, values, NULL, NULL, 0));
    if (sane && PQstatus(s->conn) == CONNECTION_OK)
        PQclear(PQexec(s->conn, "ROLLBACK"));
    return sane;
}

/* What the server said last, when it has ended the session over this question. */
static void keep_farewell(struct session *s, const struct answer *a)
{
    if (PQstatus(s->conn) == CONNECTION_OK || !a->sqlstate[0])
        return;
    snprintf(s->farewell.sqlstate, sizeof(s->farewell.sqlstate), "%s", a->sqlstate);
    snprintf(s->farewell.words, sizeof(s->farewell.words), "%.255s", a->note);
}

static void find_role(struct answer *a, const struct session *s)
{
    const char *standby = PQparameterStatus(s->conn, "in_hot_standby");
    if (a->role == SERVER_UNKNOWN && standby && !s->facts.pooled)
        a->role = strcmp(standby, "on") == 0 ? SERVER_STANDBY : SERVER_PRIMARY;
}

void ask(struct session *s, const struct question *q, const struct schema *schema, struct buf *out)
{
    struct answer a = {.question = q, .schema = schema};
    if (!q->simple)
        fence(s, q->fenced);
    int64_t taken = clock_boot_us(), wall = clock_wall_us();
    char *sql = sql_for(s, q);
    bool sane;
    wire_frame_begin(&a.frame, out, q->id, schema);
    if (q->simple)
        sane = collect(&a, s->conn, PQsendQuery(s->conn, sql));
    else if (s->facts.pooled)
        sane = ask_pooled(s, &a, sql);
    else
        sane = ask_prepared(s, &a, sql);
    free(sql);
    int64_t took = clock_boot_us() - taken;
    if (a.status == FRAME_OK && took < s->rtt_us)
        s->rtt_us = took;
    find_role(&a, s);
    keep_farewell(s, &a);
    if (!sane) {
        PQfinish(s->conn);
        s->conn = NULL;
    }
    wire_frame_end(&a.frame, &(struct frame_head){
        .status = a.status, .sqlstate = a.sqlstate, .note = a.note[0] ? a.note : NULL, .taken_us = taken,
        .wall_us = wall, .cost_us = took > s->rtt_us ? took - s->rtt_us : 0, .server_role = a.role,
        .nfound = a.found});
}
