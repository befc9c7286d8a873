/* One probe, asked as the program asks it, and every promise of its row in probes/table.c held against the answer. */
#ifndef TESTS_SQL_INQUIRY_H
#define TESTS_SQL_INQUIRY_H

#include "engine/parts.h"
#include "pg/session.h"
#include "spec/probe.h"
#include "tests/sql/faults.h"

/* pilot: a target of an engine that runs no watcher; what is published there is what later probes know. */
struct inquiry {
    const struct probe *probe;
    int topic;                  /* its index */
    struct session *session;
    struct pilot *pilot;
    bool all_seeing;            /* superuser or pg_monitor: nothing may be hidden */
    struct faults *faults;
    unsigned *errors;           /* counts answers that were an error: so many lines may be in the logs */
};

/* A session as a watcher opens it. False: no connection; the reason is printed. */
bool inquiry_open(struct session *s, const char *conninfo, const char *user, const char *database);

/* Asks once. The frame is the caller's; NULL: the probe has nothing to ask. took_us may be NULL. */
struct frame *inquiry_ask(const struct inquiry *q, int64_t *took_us);
/* A planned probe has found that what it asks about is not there, and says so without an error. */
bool inquiry_is_absent(const struct inquiry *q, const struct frame *f);
/* Hands a copy of the frame to the engine, for rates, derived frames and the questions of others. */
void inquiry_publish(const struct inquiry *q, const struct frame *f);

/* The columns and types that the server announces for the SQL, and each value of an answer, against the schema.
 * given: one flag a column of the schema, set when the SQL gives it. */
void inquiry_check_sql(const struct inquiry *q, bool *given);
/* Rows' identity in the frame, and in what the engine has derived from the one that was published last. */
void inquiry_check_frames(const struct inquiry *q, const struct frame *f, bool *given);

/* Adds up, by column, how many cells f shows that g does not: the same answer seen by somebody else, in the rows that
 * both have. */
void inquiry_hidden(const struct frame *f, const struct frame *g, unsigned *hidden);

#endif
