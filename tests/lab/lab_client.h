/* A running lab, for tests: a primary, its standby, its PgBouncer, task queues, and a workload on demand.
 *
 *     struct lab *lab = lab_start((const char *const[]){"--load", "light", NULL});
 *     assert_non_null(lab);
 *     PGconn *conn = PQconnectdb(lab_conninfo(lab, "primary"));
 *     assert_true(lab_command(lab, "stop primary"));
 *     ...
 *     lab_stop(lab);
 *
 * The program is $LAB_PROGRAM, else $BUILDDIR/pgvigil-lab; $LAB_BINDIR, when set, becomes --bindir. Whatever
 * ends the test, kill -9 included, the lab goes within 3 s and leaves neither process nor directory.
 * Not for threads: one lab belongs to the thread that started it. Several labs at once are fine. */
#ifndef TESTS_LAB_CLIENT_H
#define TESTS_LAB_CLIENT_H

#include <stdbool.h>
#include <sys/types.h>

struct lab;

/* Starts a lab and waits until it is ready (2-6 s). args are options of pgvigil-lab, ended by NULL; NULL
 * alone is no options. NULL when it fails: the reason is then on stderr. End it with lab_stop. */
struct lab *lab_start(const char *const *args);

/* Ends the lab and waits until all of it is gone. Takes lab; NULL is fine. */
void lab_stop(struct lab *lab);

/* Connection strings by name, NULL for one that this lab has not. All over unix sockets without a password
 * unless said otherwise. Targets (what a console would watch):
 *   primary, standby   user postgres, database shop
 *   pooler             PgBouncer's admin console, user monitor (of stats_users)
 *   tasks              user postgres, database tasks on the primary
 * Roles (the same servers seen by others):
 *   primary_monitor, standby_monitor, tasks_monitor   pg_monitor; may read orchestrator's queue only
 *   primary_plain, standby_plain, tasks_plain         no right at all
 *   primary_app, tasks_worker                         owner of shop's tables; owner of the queues' tables
 *   primary_limited    CONNECTION LIMIT 3
 *   small              database with a connection limit of 2
 *   primary_password   user secret, who needs lab_password (not in the string)
 *   primary_tcp, standby_tcp, pooler_tcp   on 127.0.0.1, with a password file
 *   pooler_admin       PgBouncer's admin console, user postgres (of admin_users)
 *   pooled             database shop through PgBouncer, transaction pooling, user app */
const char *lab_conninfo(const struct lab *lab, const char *name);

const char *lab_password(const struct lab *lab);            /* of the role secret */
const char *lab_dir(const struct lab *lab);                 /* absolute; holds everything */
const char *lab_log(const struct lab *lab, const char *server);  /* a server's log file */

/* Process ids: of pgvigil-lab itself, and of "primary", "standby" (postmasters), "pooler", "keeper". -1
 * for one that is not there. They follow a restart. */
pid_t lab_pid(const struct lab *lab);
pid_t lab_pid_of(const struct lab *lab, const char *server);

/* Sends one line and waits for its answer, 60 s at most. true: done. false: lab_answer says why not.
 *   stop NAME       SIGSTOP to the server and all its processes (NAME: primary, standby, pooler)
 *   cont NAME       SIGCONT to them
 *   kill9 NAME      SIGKILL to them: a crash
 *   restart NAME    starts it on the same port, after a fast shutdown if it runs; waits until it answers
 *   promote standby
 *   rejoin primary  the old primary comes back as a copy and a standby of the one that was promoted
 *   block [SECONDS] a blocking chain: holder idle in transaction, ALTER waiting, three SELECTs behind it
 *   unblock         ends it now
 *   load KIND       off, light or demo
 *   sessions N      that many extra idle sessions on shop, in all
 *   ping            nothing */
bool lab_command(struct lab *lab, const char *line);
const char *lab_answer(const struct lab *lab);              /* the last answer, "ok ..." or "error ..." */

#endif
