/* What is wrong with a user's files: every fault of one run, each at its place, each a full sentence that
 * says what would be right. */
#ifndef CONF_ERRORS_H
#define CONF_ERRORS_H

#include "base/attr.h"
#include "base/buf.h"

#include <stdbool.h>
#include <stddef.h>

struct mark {
    unsigned line, column; /* from 1, counted in characters; 0: the file as a whole */
};

struct conf_error {
    char *file;
    struct mark at;
    char *sentence; /* holds no control characters */
};

/* A file with more faults than this is read no further. */
#define CONF_ERRORS_MAX 50

struct conf_errors { /* start with {0}, end with conf_errors_free */
    struct conf_error *list;
    size_t n, room;
};

/* Adds one fault. Parts of the user's file go through %s as they are; long ones are cut and control
 * characters and broken UTF-8 are replaced. Nothing is added when the list is full. */
void conf_error(struct conf_errors *errors, const char *file, struct mark at, const char *format, ...)
    PRINTF_LIKE(4, 5);
bool conf_errors_full(const struct conf_errors *errors);
/* By place within each file; the files stay in the order in which they were read. */
void conf_errors_sort(struct conf_errors *errors);
/* One line each: "file:line:column: sentence". Says so when the list is full. */
void conf_errors_print(const struct conf_errors *errors, struct buf *out);
void conf_errors_free(struct conf_errors *errors);

#endif
