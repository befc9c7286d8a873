/* What goes over the socket between the front and the keeper, and the keeper's own side of it. A request
 * is one packet: the log's path, then the words of the command line, each with a zero byte after it. */
#ifndef TESTS_LAB_KEEPING_H
#define TESTS_LAB_KEEPING_H

#include "base/attr.h"
#include "tests/lab/tree.h"

#include <stdbool.h>
#include <sys/types.h>

#define KEEPER_PACKET 8192

enum notice_kind {
    NOTICE_READY,       /* text is the directory */
    NOTICE_FAILED,      /* text says why there is no directory */
    NOTICE_STARTED,     /* pid, or -1 and an errno in status */
    NOTICE_ENDED        /* pid and its status of waitpid */
};

struct keeper_notice {
    enum notice_kind kind;
    pid_t pid;
    int status;
    struct tree_id dir_id;
    char text[512];
};

/* Ends every descendant, gives back shared memory, removes the directory. */
void keeping_clear(const char *dir, struct tree_id id, bool keep_dir);

/* In the forked child. dir NULL: a new one. */
NORETURN void keeping_main(int socket, const char *dir, bool keep_dir);

#endif
