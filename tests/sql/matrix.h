/* The run over all servers: what its parts share. */
#ifndef TESTS_SQL_MATRIX_H
#define TESTS_SQL_MATRIX_H

#include "tests/sql/inquiry.h"
#include "tests/sql/scene.h"
#include "tests/sql/table.h"

#define PROBES_MAX   64
#define VARIANTS_MAX 32

enum who { WHO_SUPERUSER, WHO_MONITOR, WHO_PLAIN };

/* Somebody at some server, as the lab names the way there. */
struct place {
    const char *name;           /* a column of the printed table */
    const char *way;            /* lab_conninfo's name */
    const char *database;       /* NULL: the way's */
    enum who who;
    bool standby;
    const char *log;            /* whose log tells of it; lab_log's name */
};

#define PLACES_MAX 20

extern const struct place matrix_places[];      /* ends with a NULL name */

struct matrix {
    struct faults faults;
    struct table *table;
    struct lab *lab;
    struct scene scene;
    struct engine *engine;                              /* a target for each place, and no watcher */
    struct session sessions[PLACES_MAX];                /* conn NULL: none */
    char version[32];
    unsigned errors;                                    /* on this version: each of them may be in a log once */
    bool given[PROBES_MAX][SCHEMA_COLUMNS_MAX];         /* by the SQL of any version */
    bool asked[PROBES_MAX];                             /* and answered, by any version */
    bool used[PROBES_MAX][VARIANTS_MAX];
    uint32_t rows[PLACES_MAX][PROBES_MAX];              /* of the newest answer, before anything is locked */
    long log_marks[3];
};

/* False: this probe is not for this server. */
bool matrix_inquiry(struct matrix *m, int place, int probe, struct inquiry *q);
/* The session's settings and facts are what the place is. */
void matrix_check_session(struct matrix *m, int place);

/* A new role without rights sees all that a superuser sees as soon as the probe's GRANT has been run. */
void matrix_try_grants(struct matrix *m);
/* With tables locked and a lock queue, nobody of ours waits long and every answer is as good as before. */
void matrix_try_locks(struct matrix *m);

/* With statements in pg_stat_statements whose text no server can convert, all but the texts goes on. */
void matrix_try_texts(struct matrix *m);

/* The standby is promoted under our open sessions: all goes on, and every answer says so. The last thing to try. */
void matrix_try_promotion(struct matrix *m);

/* What the servers wrote about us. */
void matrix_mark_logs(struct matrix *m);
void matrix_read_logs(struct matrix *m);

#endif
