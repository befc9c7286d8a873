/* What the probes are to see: names and texts of every kind, somebody who waits, slots, a cascade, and on demand
 * the locks that hold up careless questions. */
#ifndef TESTS_SQL_SCENE_H
#define TESTS_SQL_SCENE_H

#include "tests/lab/lab_client.h"
#include "tests/sql/faults.h"

#define SCENE_DATABASE "we\"ird' \033[31m db"      /* where the probes are asked */
#define SCENE_ROLE     "we\"ird' \033[31m role"

#define SCENE_MOST 32

struct scene {
    struct lab *lab;
    PGconn *primary;                /* superuser in SCENE_DATABASE */
    PGconn *standby;                /* the same there */
    PGconn *actors[SCENE_MOST];     /* sessions that do something, kept open */
    int nactors;
    PGconn *storm[SCENE_MOST];
    int nstorm;
    bool prepared;                  /* prepared transactions are possible */
};

void scene_set(struct scene *s, struct lab *lab);
/* From here on: one table under an open ACCESS EXCLUSIVE lock, one with a waiting ALTER behind a reader, one whose
 * index is being rebuilt; on the standby too, where locks are replayed. */
void scene_storm(struct scene *s);
void scene_calm(struct scene *s);
/* Statements that the extension keeps and that no server can give out as text, until it is reset. */
void scene_bad_texts(struct scene *s);
void scene_good_texts(struct scene *s);
void scene_await_replay(struct scene *s);       /* until the standby shows all that the primary has written */
void scene_clear(struct scene *s);              /* closes all; the lab is the caller's */

#endif
