/* Setting tables at work. A table's values live in a struct of its room, which options_defaults makes ready
 * and options_free empties. `origins` has one entry for each row of the table, or is NULL. */
#ifndef CONF_OPTIONS_H
#define CONF_OPTIONS_H

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "conf/errors.h"
#include "conf/yaml.h"
#include "spec/option.h"

#include <stdbool.h>
#include <stddef.h>

/* Who is reading what. */
struct reader {
    const char *file;
    struct conf_errors *errors;
};

size_t options_count(const struct setting *table);

/* Sets every field by its preset. The struct must be zeroed or freed before. A preset that does not fit its
 * own row is our slip and ends the program. */
void options_defaults(const struct setting *table, void *values, struct origin *origins);

/* Fills in values from a map (NULL: nothing there). Every fault is added to the reader's errors; a field
 * whose value is wrong keeps what it had. others: names of keys that the caller reads by itself, ends with
 * NULL. */
void options_read(struct reader *r, const struct node *map, const struct setting *table,
                  const char *const *others, void *values, struct origin *origins);

/* One setting from text, as the command line gives it. */
bool options_set(const struct setting *table, const char *key, const char *text, void *values,
                 struct origin *origins, struct err *err) MUST_CHECK;

void options_free(const struct setting *table, void *values);

/* "key: value   # default" for each row, indented by `indent` spaces; file names the origin's file. */
void options_show(const struct setting *table, const void *values, const struct origin *origins,
                  const char *file, int indent, struct buf *out);
/* The table as a commented-out piece of a file: help, what may be said, "#key: default". */
void options_init(const struct setting *table, int indent, struct buf *out);
/* The table for the manual, in mdoc. prefix goes before each key ("" or "targets[]."). */
void options_manual(const struct setting *table, const char *prefix, struct buf *out);

/* ---- pieces for those who read a map by hand ---- */

/* Reads one value as `row` says, into `field`. False when it was wrong, which has been reported. */
bool option_read(struct reader *r, const struct node *node, const struct setting *row, void *field);
/* What a row takes, in words: "a duration such as 250 ms, 2 s, ... from 1 s to 1 h". */
void option_expects(const struct setting *row, struct buf *out);
/* A fault at a key that nobody knows, with the nearest of the names (ends with NULL) if one is near. */
/* The same for a value that is none of the names. */
void unknown_word(struct reader *r, const struct node *node, const char *const *names);
void unknown_key(struct reader *r, const struct node *node, const char *const *names);
/* Reports and returns false unless the node is of that kind. what: "targets". */
bool expect_kind(struct reader *r, const struct node *node, enum node_kind kind, const char *what);
bool is_word(const char *s); /* as SETTING_WORD says */
bool is_one_of(const char *s, const char *const *names);

/* "250 ms" -> 0.25; "64 MB" -> 67108864, as model/quantity.h reads them; but a unit is needed unless it is 0.
 */
bool parse_duration(const char *s, double *seconds);
bool parse_size(const char *s, int64_t *bytes);

#endif
