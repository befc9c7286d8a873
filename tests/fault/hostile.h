/* The hostile server, for tests: starts it, knows where it listens, turns it bad and good again. It goes when
 * the test goes. */
#ifndef TESTS_FAULT_HOSTILE_H
#define TESTS_FAULT_HOSTILE_H

#include <stddef.h>
#include <sys/types.h>

struct hostile;

/* args: options of hostile-server without --log, ended by NULL; see `hostile-server --help` and `--list`.
 * Never NULL: a test that has no server ends here with a message. The program is $HOSTILE_SERVER, else
 * $BUILDDIR/tests/fault/hostile-server. */
struct hostile *hostile_start(const char *const *args);
struct hostile *hostile_mode(const char *mode);         /* just --mode */
void hostile_stop(struct hostile *h);                   /* takes h; NULL is fine */

const char *hostile_conninfo(const struct hostile *h);  /* host, port, user, dbname; no password */
int hostile_port(const struct hostile *h);
pid_t hostile_pid(const struct hostile *h);
void hostile_sick(struct hostile *h);                   /* from now on as its mode says (after --healthy) */
void hostile_healthy(struct hostile *h);                /* new connections and questions are answered again */

/* Events logged so far: "connect", "startup", "password" (whatever the client sent
 * as one), "login", "refused", "query", "parse", "bind", "cancel", "bye".
 */
size_t hostile_count(const struct hostile *h, const char *event);
/* From the last of one kind to the one of another kind that follows it when n of that kind are left out: ms, or NaN
 * when there is none. */
double hostile_gap_ms(const struct hostile *h, const char *from, const char *to, size_t n);
const char *hostile_log(const struct hostile *h); /* the log's path: MILLISECONDS CONNECTION EVENT TEXT */

#endif
