/* The lab that runs, shared by the files that build it, seed it and command it. All of it belongs to
 * main.c. */
#ifndef TESTS_LAB_LAB_H
#define TESTS_LAB_LAB_H

#include "base/buf.h"
#include "base/err.h"
#include "tests/lab/keeper.h"
#include "tests/lab/options.h"

#include <libpq-fe.h>
#include <stdbool.h>
#include <sys/types.h>

enum server_id { SERVER_PRIMARY, SERVER_STANDBY, SERVER_POOLER, SERVER_COUNT };

struct server {
    const char *name;
    bool wanted;
    pid_t pid;          /* 0: does not run */
    int port;           /* names the socket's file too */
    char log[120];
};

#define LAB_PASSWORD_LEN 20
#define LAB_ACTORS_MAX   40
#define LAB_STEPS        7

struct lab {
    struct wishes wishes;
    struct keeper keeper;
    struct server servers[SERVER_COUNT];
    char bindir[512];
    int version;                                /* major */
    bool promoted;                              /* the standby is a primary */
    bool rejoined;                              /* the old primary follows the one that was promoted */
    int step;                                   /* of starting, for progress */
    char password[LAB_PASSWORD_LEN + 1];        /* of every role, over TCP; of the role secret everywhere */
    enum load load;
    struct lab_actor {                          /* one for each row of the actors' table */
        pid_t pid;                              /* 0: does not run */
        bool wanted;
        long long again_us;                     /* when it may be started anew */
    } actors[LAB_ACTORS_MAX];
    int nsessions;                              /* idle ones, held by one actor */
};

/* Configuration lines and seeds name roles and passwords by these. */
#define LAB_MAX_CONNECTIONS 400                 /* and --sessions more */

/* cluster.c: finds PostgreSQL, makes the clusters, starts one and waits until it answers. */
bool cluster_find(struct lab *lab, struct err *err) MUST_CHECK;
bool cluster_make(struct lab *lab, struct err *err) MUST_CHECK;
bool cluster_start(struct lab *lab, enum server_id id, struct err *err) MUST_CHECK;
bool cluster_await(struct lab *lab, enum server_id id, struct err *err) MUST_CHECK;
bool cluster_await_streaming(struct lab *lab, struct err *err) MUST_CHECK;
/* Makes the old primary, which must not run, a copy of the standby that was promoted, and a standby itself. Once. */
bool cluster_copy_back(struct lab *lab, struct err *err) MUST_CHECK;
enum server_id cluster_primary(const struct lab *lab);  /* who takes writes, once the old primary has rejoined */
bool cluster_add_slot(struct lab *lab, struct err *err) MUST_CHECK;

/* pooler.c */
bool pooler_find(struct lab *lab, struct err *err) MUST_CHECK;
bool pooler_start(struct lab *lab, struct err *err) MUST_CHECK;

/* server.c: what the clusters and the pooler have in common. */
int server_free_port(void);                     /* on 127.0.0.1; -1: none */
bool server_write_file(const struct lab *lab, const char *name, const struct buf *text,
                       struct err *err) MUST_CHECK;
bool server_start(struct lab *lab, enum server_id id, struct err *err) MUST_CHECK;      /* and waits */
bool server_stop(struct lab *lab, enum server_id id, struct err *err) MUST_CHECK;       /* a fast shutdown */
bool server_crash(struct lab *lab, enum server_id id, struct err *err) MUST_CHECK;
void server_last_line(const struct server *s, char *out, size_t size);                  /* of its log */

/* db.c: a few words of libpq. Every wait has an end. */
PGconn *db_open(const struct lab *lab, enum server_id id, const char *database, const char *user,
                struct err *err);         /* NULL: failed */
bool db_run(PGconn *conn, const char *sql, struct err *err) MUST_CHECK;         /* one or more statements */
bool db_number(PGconn *conn, const char *sql, long *n, struct err *err) MUST_CHECK;  /* first cell, or 0 */

/* seed.c: roles, databases, tables and rows. */
bool seed_all(struct lab *lab, struct err *err) MUST_CHECK;

/* actors.c: the workload's processes. */
bool actors_load(struct lab *lab, enum load load, struct err *err) MUST_CHECK;
bool actors_sessions(struct lab *lab, int n, struct err *err) MUST_CHECK;   /* waits for them */
bool actors_block(struct lab *lab, int seconds, struct err *err) MUST_CHECK;    /* 0: ends it */
void actors_tend(struct lab *lab);                                              /* who died is started anew */

/* report.c: the lines on standard output. */
void report_progress(struct lab *lab, const char *words);
void report_targets(const struct lab *lab);
void report_pids(const struct lab *lab);
void report_line(const char *format, ...) PRINTF_LIKE(1, 2);

/* serve.c: commands on standard input until it ends. */
void serve(struct lab *lab);

#endif
