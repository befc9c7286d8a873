/* Sets the scene over plain libpq. Names hold quotes, blanks, escape sequences and bytes that are no UTF-8. */
#include "tests/sql/scene.h"

#include "base/buf.h"
#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const cluster_sql[] = {
    "CREATE DATABASE \"we\"\"ird' \033[31m db\"",
    "CREATE ROLE \"we\"\"ird' \033[31m role\" LOGIN CONNECTION LIMIT 50",
    "CREATE DATABASE raw ENCODING 'SQL_ASCII' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'",
    "CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'",
    "CREATE DATABASE closed ALLOW_CONNECTIONS false",
    "REVOKE CONNECT ON DATABASE raw FROM PUBLIC",
    "SELECT pg_create_physical_replication_slot('reserved', true)",
    "SELECT pg_create_physical_replication_slot('unreserved')",
};

static const char *const database_sql[] = {
    "CREATE SCHEMA \"st at\"\"s\"",
    "CREATE EXTENSION pg_stat_statements SCHEMA \"st at\"\"s\"",
    "GRANT USAGE ON SCHEMA \"st at\"\"s\" TO monitor",
    "SELECT pg_create_logical_replication_slot('logical', 'pgoutput')",
    "CREATE TABLE public.reader (id int PRIMARY KEY, words text)",
    "INSERT INTO public.reader SELECT i, repeat(md5(i::text), 300) FROM generate_series(1, 200) i",
    "CREATE TABLE public.locked (id int PRIMARY KEY, words text)",
    "INSERT INTO public.locked SELECT i, 'x' FROM generate_series(1, 200) i",
    "CREATE TABLE public.rebuilt (id int PRIMARY KEY)",
    "CREATE INDEX rebuilt_again ON public.rebuilt ((id + 1)) WHERE id > 3",
    "CREATE TABLE public.empty ()",
    "CREATE UNLOGGED TABLE public.unlogged (id serial PRIMARY KEY)",
    "CREATE TABLE public.\"we\"\"ird'\n\033[31m table\" (\"we\"\"ird'\n column\" bigserial PRIMARY KEY)",
    "INSERT INTO public.\"we\"\"ird'\n\033[31m table\" DEFAULT VALUES",
    "CREATE TABLE public.parts (id int, at date) PARTITION BY RANGE (id)",
    "CREATE TABLE public.parts_1 PARTITION OF public.parts FOR VALUES FROM (0) TO (100) PARTITION BY LIST (at)",
    "CREATE TABLE public.parts_1_1 PARTITION OF public.parts_1 DEFAULT",
    "CREATE TABLE public.parts_2 PARTITION OF public.parts DEFAULT",
    "CREATE INDEX ON public.parts (at)",
    "INSERT INTO public.parts SELECT i, current_date FROM generate_series(1, 300) i",
    "CREATE MATERIALIZED VIEW public.seen AS SELECT * FROM public.parts",
    "DELETE FROM public.parts WHERE id % 3 = 0",
    "CREATE ROLE secretive NOLOGIN",
    "CREATE SCHEMA hidden AUTHORIZATION secretive CREATE TABLE hidden.away (id int PRIMARY KEY)",
    "ANALYZE",
};

#define UNTRACKED "SET pg_stat_statements.track = 'none'"

static void run_all(PGconn *conn, const char *const *sql, size_t n)
{
    for (size_t i = 0; i < n; i++)
        need_quietly(conn, sql[i]);
}

/* A lab made before this was asked of it has no room for prepared transactions; the standby's must come first. */
static void make_room(struct lab *lab, const char *server)
{
    char command[40];
    PGconn *conn = need_connection(lab_conninfo(lab, server), NULL, "postgres", "scene");
    char *most = need(conn, "SHOW max_prepared_transactions");
    bool restart = strcmp(most, "0") == 0;
    if (restart)
        need_quietly(conn, "ALTER SYSTEM SET max_prepared_transactions = 8");
    free(most);
    PQfinish(conn);
    snprintf(command, sizeof(command), "restart %s", server);
    if (restart && !lab_command(lab, command)) {
        fprintf(stderr, "Cannot set the scene: %s: %s\n", command, lab_answer(lab));
        exit(1);
    }
}

static PGconn *actor(struct scene *s, const char *server, const char *user, const char *database,
                     const char *application)
{
    if (s->nactors == SCENE_MOST)
        abort();
    return s->actors[s->nactors++] = need_connection(lab_conninfo(s->lab, server), user, database, application);
}

/* Sends without waiting for the answer: it will not come. */
static void send_away(PGconn *conn, const char *sql)
{
    if (PQsendQuery(conn, sql) == 1)
        return;
    fprintf(stderr, "Cannot set the scene: %s: %s\n", sql, PQerrorMessage(conn));
    exit(1);
}

static void add_waiters(struct scene *s)
{
    PGconn *idle = actor(s, "primary", NULL, SCENE_DATABASE, "idle in transaction");
    need_quietly(idle, "BEGIN; UPDATE public.locked SET words = 'y' WHERE id = 1");
    send_away(actor(s, "primary", SCENE_ROLE, SCENE_DATABASE, "denied"), "SELECT 1 FROM public.locked");
    send_away(actor(s, "primary", NULL, SCENE_DATABASE, "blocked"), "UPDATE public.locked SET words = 'z' WHERE id = 1");
    send_away(actor(s, "primary", NULL, SCENE_DATABASE, "behind"), "UPDATE public.locked SET words = 'z' WHERE id = 1");
    PGconn *prepared = actor(s, "primary", NULL, SCENE_DATABASE, "prepared");
    need_quietly(prepared, "BEGIN; UPDATE public.locked SET words = 'y' WHERE id = 2;"
                           " PREPARE TRANSACTION 'we\"ird''\033[31m gid'");
    send_away(actor(s, "primary", NULL, SCENE_DATABASE, "behind nobody"), "DELETE FROM public.locked WHERE id = 2");
    PGconn *snapshot = actor(s, "standby", NULL, SCENE_DATABASE, "snapshot");
    need_quietly(snapshot, "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM public.locked");
    PGconn *temporary = actor(s, "primary", NULL, SCENE_DATABASE, "temporary");
    need_quietly(temporary, "CREATE TEMP TABLE mine (id int PRIMARY KEY); INSERT INTO mine SELECT 1");
    need_soon(s->primary, "SELECT count(*) = 3 FROM pg_stat_activity WHERE wait_event_type = 'Lock'");
}

/* Text in every encoding, and in none. Names of roles and databases are bytes that no encoding is known of. What is in
 * pg_stat_statements is for scene_bad_texts alone; before 13 the extension keeps each statement with a constant in it,
 * tracked or not. */
static void add_texts(struct scene *s)
{
    PGconn *raw = actor(s, "primary", NULL, "raw", "raw \377\376\303( \033]0;x\007");
    need_quietly(raw, UNTRACKED);
    need_quietly(raw, "CREATE EXTENSION pg_stat_statements");
    need_quietly(raw, "CREATE DATABASE \"by\377\376tes\" ENCODING 'SQL_ASCII' TEMPLATE template0 LC_COLLATE 'C'"
                      " LC_CTYPE 'C'");
    need_quietly(raw, "CREATE ROLE \"by\377\376tes\" LOGIN");
    need_quietly(raw, "ALTER ROLE \"by\377\376tes\" SET pg_stat_statements.track = 'none'");
    PGconn *bytes = actor(s, "primary", "by\377\376tes", "by\377\376tes", "bytes");
    need_quietly(bytes, "SELECT current_user AS \"\377\" /* \377\376\303( \033[2J */");
    need_quietly(raw, "SELECT current_user AS \"\377\376\303(\" /* \342\200\256 \302\233 */");
    PGconn *latin = actor(s, "primary", NULL, "latin", "latin");
    need_quietly(latin, "CREATE EXTENSION pg_stat_statements");
    need_quietly(latin, "SET client_encoding = 'LATIN1'; CREATE TABLE \"\351t\351\" (id int)");
    need_quietly(latin, "SELECT count(*) AS \"\351\" FROM \"\351t\351\"");
    PGconn *odd = actor(s, "primary", SCENE_ROLE, SCENE_DATABASE, "we\"ird' app");
    need_quietly(odd, "SELECT 1 AS \"\033[31m\", E'tab\\there', '\342\200\256' /* a\nnew line */");
}

void scene_bad_texts(struct scene *s)
{
    PGconn *raw = need_connection(lab_conninfo(s->lab, "primary"), NULL, "raw", "bad texts");
    need_quietly(raw, "SELECT 1 AS \"\377\376\303(\"");
    PQfinish(raw);
    need_quietly(s->primary, "SELECT 1 AS \"\342\200\256\"");
}

void scene_good_texts(struct scene *s)
{
    need_quietly(s->primary, "SELECT \"st at\"\"s\".pg_stat_statements_reset()");
}

/* A receiver behind the standby: this very process speaks the protocol as far as "start". */
static void add_cascade(struct scene *s)
{
    need_quietly(s->standby, "SELECT pg_create_physical_replication_slot('on_standby', true)");
    char *conninfo = conninfo_with(lab_conninfo(s->lab, "standby"), "replication", "true");
    PGconn *receiver = need_connection(conninfo, NULL, NULL, "cascade \033[31m");
    struct buf sql = {0};
    char *at = need(s->standby, "SELECT pg_last_wal_replay_lsn()");
    buf_printf(&sql, "START_REPLICATION SLOT on_standby PHYSICAL %s", at);
    need_quietly(receiver, "IDENTIFY_SYSTEM");       /* before 13 it must have been asked */
    need_quietly(receiver, buf_text(&sql));
    s->actors[s->nactors++] = receiver;
    need_soon(s->standby, "SELECT count(*) = 1 FROM pg_stat_replication");
    buf_free(&sql);
    free(conninfo);
    free(at);
}

void scene_await_replay(struct scene *s)
{
    char *now = need(s->primary, "SELECT pg_current_wal_insert_lsn()");
    struct buf sql = {0};
    need_quietly(s->primary, "SELECT txid_current()");     /* something to flush, so that all before it is flushed */
    buf_printf(&sql, "SELECT pg_last_wal_replay_lsn() >= '%s'", now);
    need_soon(s->standby, buf_text(&sql));
    buf_free(&sql);
    free(now);
}

void scene_set(struct scene *s, struct lab *lab)
{
    *s = (struct scene){.lab = lab};
    make_room(lab, "standby");
    make_room(lab, "primary");
    PGconn *conn = need_connection(lab_conninfo(lab, "primary"), NULL, "postgres", "scene");
    run_all(conn, cluster_sql, COUNT_OF(cluster_sql));
    PQfinish(conn);
    s->primary = need_connection(lab_conninfo(lab, "primary"), NULL, SCENE_DATABASE, "scene");
    run_all(s->primary, database_sql, COUNT_OF(database_sql));
    PGconn *invalid = need_connection(lab_conninfo(lab, "primary"), NULL, SCENE_DATABASE, "scene");
    PQclear(PQexec(invalid, "CREATE UNIQUE INDEX CONCURRENTLY never_valid ON public.locked (words)"));
    PQfinish(invalid);
    s->standby = need_connection(lab_conninfo(lab, "standby"), NULL, "postgres", "scene");
    scene_await_replay(s);
    PQfinish(s->standby);
    s->standby = need_connection(lab_conninfo(lab, "standby"), NULL, SCENE_DATABASE, "scene");
    add_texts(s);
    add_waiters(s);
    add_cascade(s);
    scene_await_replay(s);
}

static PGconn *storm(struct scene *s, const char *application)
{
    return s->storm[s->nstorm++] = need_connection(lab_conninfo(s->lab, "primary"), NULL, SCENE_DATABASE, application);
}

void scene_storm(struct scene *s)
{
    need_quietly(storm(s, "reader"), "BEGIN; SELECT count(*) FROM public.reader");
    send_away(storm(s, "alter"), "ALTER TABLE public.reader ADD COLUMN IF NOT EXISTS more int");
    need_quietly(storm(s, "exclusive"), "BEGIN; LOCK TABLE public.parts IN ACCESS EXCLUSIVE MODE;"
                                        " LOCK TABLE public.\"we\"\"ird'\n\033[31m table\" IN ACCESS EXCLUSIVE MODE");
    need_quietly(storm(s, "reindex"), "BEGIN; REINDEX INDEX public.rebuilt_again");
    PGconn *queue = need_connection(lab_conninfo(s->lab, "tasks"), NULL, NULL, "queue");
    s->storm[s->nstorm++] = queue;
    need_quietly(queue, "BEGIN; LOCK TABLE orchestrator.tasks IN ACCESS EXCLUSIVE MODE");
    need_soon(s->primary, "SELECT count(*) = 1 FROM pg_locks WHERE relation = 'public.reader'::regclass AND NOT granted");
    scene_await_replay(s);
    need_soon(s->standby, "SELECT count(*) > 0 FROM pg_locks WHERE relation = 'public.parts'::regclass"
                          " AND mode = 'AccessExclusiveLock'");
}

void scene_calm(struct scene *s)
{
    while (s->nstorm > 0)
        PQfinish(s->storm[--s->nstorm]);
    need_soon(s->primary, "SELECT count(*) = 0 FROM pg_locks WHERE relation = 'public.reader'::regclass");
}

void scene_clear(struct scene *s)
{
    scene_calm(s);
    while (s->nactors > 0)
        PQfinish(s->actors[--s->nactors]);
    PQfinish(s->primary);
    PQfinish(s->standby);
}
