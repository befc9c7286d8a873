/* Reads a vector file of tests/vectors for a test: tab-separated, "#" lines are comments, the first other line
 * names the columns. A file that cannot be read, has no rows or a ragged one fails the test at once. */
#ifndef TESTS_UNIT_TSV_H
#define TESTS_UNIT_TSV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tsv {
    char *text;             /* the file; all fields point into it */
    char **names;
    char **fields;          /* nrows * ncolumns */
    size_t ncolumns, nrows;
};

/* name: of a file in $VECTORS. */
struct tsv tsv_read(const char *name);
void tsv_free(struct tsv *t);

/* A field by the name of its column, which must exist. Never NULL or empty; "-" is nothing. */
const char *tsv_text(const struct tsv *t, size_t row, const char *column);
bool tsv_none(const struct tsv *t, size_t row, const char *column);     /* is it "-"? */
/* A number, which must be one to its last character; "-" gives NaN. */
double tsv_number(const struct tsv *t, size_t row, const char *column);
/* "16/B374D848" */
uint64_t tsv_lsn(const char *text);
/* The index of text in words, which must have it. */
int tsv_word(const char *text, const char *const *words, size_t nwords);

#endif
