/* The ways in which the hostile server misbehaves: one row of a table each. */
#ifndef TESTS_FAULT_MODES_H
#define TESTS_FAULT_MODES_H

#include "tests/fault/session.h"

enum listening {
    LISTEN_NORMALLY,
    LISTEN_NOT,         /* connections are refused */
    LISTEN_FULL         /* the queue is full: connections get no answer at all (TCP only) */
};

struct mode {
    const char *name, *help;
    enum listening listening;
    void (*on_accept)(struct session *);    /* a connection came, nothing was read */
    void (*on_login)(struct session *);     /* the start-up packet was read */
    int scram_iterations;                   /* > 0: asks for SCRAM with so many, whatever --auth says */
    void (*on_ready)(struct session *);     /* logged in, before the first ReadyForQuery */
    void (*shape)(struct session *, struct answer *);   /* changes an answer before its columns are told */
    void (*act)(struct session *, struct answer *);     /* instead of the rows and their end */
};

const struct mode *mode_find(const char *name);     /* NULL: unknown */
void mode_list(void);                               /* names and help, on stdout */

/* Answers gone bad: see spoil.c. */
void shape_more_columns(struct session *s, struct answer *a);
void shape_fewer_columns(struct session *s, struct answer *a);
void shape_wrong_types(struct session *s, struct answer *a);
void shape_type_lies(struct session *s, struct answer *a);
void shape_hostile_text(struct session *s, struct answer *a);
void shape_hostile_names(struct session *s, struct answer *a);
void shape_nulls(struct session *s, struct answer *a);
void shape_no_rows(struct session *s, struct answer *a);
void shape_error(struct session *s, struct answer *a);
void shape_error_storm(struct session *s, struct answer *a);
void shape_alternate(struct session *s, struct answer *a);
extern const char hostile_message[];

#endif
