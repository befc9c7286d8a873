/* Many servers to watch at once, out of a few clusters: each of their databases says that it is a server of its own,
 * with a system identifier that no other has, so that the console takes no short cut that a real fleet would not give
 * it. What the answers hold, and what they cost, are a real server's. Whatever cannot be had ends the test. */
#ifndef TESTS_MANY_H
#define TESTS_MANY_H

#include "tests/lab/lab_client.h"
#include "tests/pty/pty.h"

#include <stdbool.h>
#include <stddef.h>

#define MANY_MOST      200
#define MANY_A_CLUSTER 20

struct many;

struct many *many_start(int n);         /* one at a time; NULL: failed, and said why on stderr */
void many_stop(struct many *m);         /* takes m; NULL is fine */
const char *many_conninfo(const struct many *m, int i, const char *user, char *out, size_t size);
/* A pgvigil.yaml with the first n of them, called s001 and so on, in groups of ten. Its path is m's. */
const char *many_config(struct many *m, int n);

/* What a console and all its workers take. */
struct many_cost {
    double cpu;                 /* all processes together, of one core: 0.1 is a tenth */
    double screen_cpu;          /* the screen's part of it */
    double screen_kb;           /* RssAnon */
    double worker_kb, worker_most_kb;       /* RssAnon of a worker: median, largest */
    int workers;
};
/* Over so many seconds, while the screen is read. The workers are those that live at the beginning. */
struct many_cost many_watch(struct pty *p, int seconds);

/* Takes all servers away at once: sessions end, and whoever comes is turned away and counted. many_mend brings them
 * back, all in the same moment. */
void many_cut(struct many *m);
void many_mend(struct many *m);

/* How the console came back to the first n. */
struct many_herd {
    int attempts, peak;         /* since the cut; most in any 100 ms */
    double first_s, last_s;     /* from the mending to the session with server 0, and to the last; NaN: there is none */
};
struct many_herd many_herd(const struct many *m, int n);

#endif
