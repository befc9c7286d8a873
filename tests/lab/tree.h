/* Directory trees. No function here ever follows a symbolic link or leaves the file system of its tree. */
#ifndef TESTS_LAB_TREE_H
#define TESTS_LAB_TREE_H

#include "base/err.h"

#include <stdbool.h>
#include <sys/types.h>

/* Who a directory is, so that another one put in its place is left alone. */
struct tree_id {
    dev_t dev;
    ino_t ino;
};

/* Makes a directory that must not exist, mode 0700, and says who it is. */
bool tree_make(const char *path, struct tree_id *id, struct err *err) MUST_CHECK;

/* Removes path and everything in it, if it is still the directory id. False: something is left. */
bool tree_remove(const char *path, struct tree_id id);

/* Copies directories and regular files; to must not exist. */
bool tree_copy(const char *from, const char *to, struct err *err) MUST_CHECK;

#endif
