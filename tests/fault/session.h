/* One client of the hostile server: how it logs in, what it asks, what it is told. */
#ifndef TESTS_FAULT_SESSION_H
#define TESTS_FAULT_SESSION_H

#include "tests/fault/answer.h"
#include "tests/fault/link.h"
#include "tests/fault/script.h"

#include <libpq-fe.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct mode;

enum auth { AUTH_TRUST, AUTH_CLEARTEXT, AUTH_MD5, AUTH_SCRAM, AUTH_HIDDEN, AUTH_HIDDEN_SPLIT, AUTH_HIDDEN_SCRAM, AUTH_AFTER_N };

struct options {
    const struct mode *mode;
    enum auth auth;
    const char *password;       /* NULL: any is right, but for SCRAM, where it is "secret" */
    int scram_iterations;
    const char *version;        /* server_version that is told */
    const char *socket_dir;     /* NULL: TCP */
    const char *address;        /* to listen at; NULL: 127.0.0.1 */
    int port;                   /* 0: a free one */
    const struct script *script;
    const char *behind;         /* conninfo of a real server that answers what the script does not */
    FILE *log;
    long after;                 /* so many answers with rows are healthy on each connection */
    long first;                 /* only the first so many connections are treated badly; 0: all */
    long count;                 /* how many times, where a mode repeats something; 0: the mode's own number */
    bool all;                   /* answers without rows are spoilt too */
    bool healthy;               /* at the start; SIGUSR1 makes it sick, SIGUSR2 healthy */
    const char *sqlstate;       /* of the modes error and fatal */
    int lifetime_s;
};

struct shared {                 /* by all processes of the server */
    volatile int sick;
    volatile long connections;
};

struct prepared {
    char *name, *sql;
    int nparams;
    unsigned *types;            /* 0: not said by the client */
};

struct session {
    struct link link;
    const struct options *options;
    struct shared *shared;
    long number;                /* of this connection, from 1 */
    long asked;                 /* answers with rows so far */
    char user[64], database[64];
    PGconn *upstream;
    char transaction;           /* 'I', 'T' or 'E' */
    struct prepared *prepared;
    size_t nprepared;
    struct answer portal;       /* what the last Bind asked */
    bool portal_sick;
    bool skipping;              /* after an error, until Sync */
};

/* Says one line to the log: milliseconds, number of the connection, event, text (cleaned, cut). */
void session_log(const struct session *s, const char *event, const char *text);

/* Start-up and authentication, up to ReadyForQuery. Ends the process when the client fails. */
void session_login(struct session *s);

/* Reads questions and answers them until the client goes. */
NORETURN void session_serve(struct session *s);

void session_ready(struct session *s);              /* ReadyForQuery, flushed */
bool session_sick(const struct session *s);         /* is the next thing to be spoilt? */

/* The real server behind, where there is one: its answer, or its error, in a. */
bool upstream_prepare(struct session *s, const struct prepared *p, struct answer *error);
void upstream_describe(struct session *s, const struct prepared *p, struct answer *a);
void upstream_execute(struct session *s, const struct prepared *p, const char *const *values,
                      const int *lengths, const int *formats, struct answer *a);
void upstream_simple(struct session *s, const char *sql, struct answer *a);

#endif
