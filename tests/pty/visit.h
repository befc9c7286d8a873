/* Visits of the console to a running lab, and what the server itself says about us. For tests of the pty and
 * of faults. Whatever cannot be had ends the test with a message. */
#ifndef TESTS_VISIT_H
#define TESTS_VISIT_H

#include "tests/lab/lab_client.h"
#include "tests/pty/pty.h"

#define PATIENCE 5000 /* ms that anything may take on a slow machine */

/* 80x24 on one of the lab's names, once it shows data. */
struct pty *visit(const struct lab *lab, const char *name);
struct pty *visit_conninfo(const char *conninfo, int rows, int cols); /* the same anywhere; 0: 24 and 80 */
struct pty *visit_sessions(const struct lab *lab);                    /* and on the page of sessions */
void visit_page(struct pty *p, const char *name);                     /* goes there by its name */
int visit_leave(struct pty *p);       /* by key: its exit status; the terminal must be as before. Takes p */
double visit_leave_ms(struct pty *p); /* how long that took. Takes p */
void visit_audit(struct pty *p, const char *term, bool ascii); /* every byte so far is harmless */

/* ---- the server's word ---- */

double witness_number(const char *conninfo, const char *sql); /* first cell; NaN: none, or no connection */
bool witness_do(const char *conninfo, const char *sql);       /* false: says why on stderr */
int witness_sessions(const char *conninfo);                   /* of ours; -1: no connection */
int witness_signal(const char *conninfo, int sig);            /* to our backends there; how many */
/* Until at most n sessions of ours are there; meanwhile p's output is read (NULL: nobody's). */
bool witness_wait_sessions(const char *conninfo, int n, struct pty *p, int ms) MUST_CHECK;

/* Runs one of pgvigil's commands without a terminal, such as "check"; what it prints goes to out. Its exit status. */
int visit_run(const char *command, const char *conninfo, char *out, size_t size);

/* Lines of a server's log that contain text, from the byte offset on. */
long log_end(const char *path);
int log_count(const char *path, long from, const char *text);

#endif
