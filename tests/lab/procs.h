/* Processes below a process, seen through /proc. Everything of one lab descends from its keeper. */
#ifndef TESTS_LAB_PROCS_H
#define TESTS_LAB_PROCS_H

#include <stddef.h>
#include <sys/types.h>

/* All descendants of root, parents before their children. *pids is the caller's to free. */
size_t procs_below(pid_t root, pid_t **pids);

/* Sends a signal to root and to all its descendants, until a look finds no new ones. */
void procs_signal(pid_t root, int sig);

/* Ends every descendant of this process and reaps them, stopped ones too: first softly, so that PostgreSQL
 * removes its shared memory, then with SIGKILL. Less than 1 s, unless the kernel holds one of them. */
void procs_end_all(void);

#endif
