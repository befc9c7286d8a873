/* The keeper: a small process in a session of its own. It makes the lab's directory, is the parent of
 * everything that the lab runs, and ends and removes it all as soon as the front (pgvigil-lab itself) is
 * gone, however that went. The front in turn does the same if somebody kills the keeper. */
#ifndef TESTS_LAB_KEEPER_H
#define TESTS_LAB_KEEPER_H

#include "base/err.h"
#include "tests/lab/tree.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define KEEPER_DIR_MAX 80       /* leaves room for "/.s.PGSQL.65535" in a socket's address */

struct keeper {
    int socket;                 /* to the keeper process; -1: none */
    pid_t pid;
    bool hung_up;               /* nobody can write to our standard input any more */
    bool gone;                  /* the keeper died */
    char dir[KEEPER_DIR_MAX];
    struct tree_id dir_id;
    size_t nchildren;
    struct child {
        pid_t pid;
        int status;             /* of waitpid; meaningful when ended */
        bool ended;
    } *children;
};

/* Forks the keeper, which makes the directory: dir, or if NULL a new one. The caller has no right left to
 * lose. */
bool keeper_start(struct keeper *k, const char *dir, bool keep_dir, struct err *err) MUST_CHECK;

/* Runs a program in the lab's directory, its output appended to the file log. argv ends with NULL; argv[0]
 * is the path. A program that cannot be run ends with status 127 and a line in the log. */
bool keeper_run(struct keeper *k, const char *const *argv, const char *log, pid_t *pid,
                struct err *err) MUST_CHECK;

/* Reads the keeper's notices, waiting ms at most for one of them or for input on fd (-1: none). */
void keeper_poll(struct keeper *k, int fd, int ms);

/* True when a child that keeper_run started has ended; waits ms at most. */
bool keeper_ended(struct keeper *k, pid_t pid, int ms, int *status);

/* Lets the keeper end everything and waits until it has. Async-signal-safe. */
void keeper_close(int socket, pid_t pid);

/* The same, and the keeper's own work if it was killed. */
void keeper_end(struct keeper *k, bool keep_dir);

#endif
