/* What a column is. From this one table come a page's columns, its sorting and filters, rates, thresholds,
 * JSON, metric names and HELP lines, recordings and the manual.
 *
 * Values are kept in base units: bytes, seconds, counts, fractions of 1. A view chooses how to print them. */
#ifndef MODEL_SCHEMA_H
#define MODEL_SCHEMA_H

#include <stdbool.h>
#include <stdint.h>

enum type {
    TYPE_BOOL,      /* 0 or 1 */
    TYPE_INT,       /* signed 64 bits */
    TYPE_REAL,      /* double, always finite: NaN and infinity are decoded as unknown */
    TYPE_TEXT,      /* raw bytes from the server: hostile until base/text.h has seen them */
    TYPE_TIME,      /* microseconds since 1970-01-01 00:00 UTC, by the server's clock */
    TYPE_LSN,       /* position in the WAL, an unsigned 64-bit number kept in the int64 */
    TYPE_COUNT_
};

enum role {
    ROLE_KEY,       /* part of the row's identity; key columns come first */
    ROLE_LABEL,     /* describes the row, is not measured */
    ROLE_GAUGE,     /* measured, goes up and down */
    ROLE_COUNTER,   /* only grows, until a reset; shown as a rate per second */
    ROLE_EPOCH,     /* never shown: when it changes, the row's counters started anew */
    ROLE_COUNT_
};

enum unit {
    UNIT_NONE,      /* text, names, identifiers: printed as they are, never with separators */
    UNIT_COUNT,     /* things */
    UNIT_BYTES,
    UNIT_SECONDS,
    UNIT_FRACTION,  /* 0 to 1, printed in percent */
    UNIT_XIDS,      /* transaction ids */
    UNIT_COUNT_
};

struct column {
    const char *name;       /* snake_case, the name in SQL, JSON and filters */
    const char *heading;    /* at most 12 cells */
    enum type type;
    enum role role;
    enum unit unit;
    uint8_t width;          /* cells it wants; 0: by type and unit */
    uint8_t priority;       /* 0 stays longest; the highest leaves a narrow screen first */
    const char *help;       /* one sentence, ends with a full stop */
};

#define SCHEMA_COLUMNS_MAX 128

struct schema {
    const char *name;               /* of the probe that answers in it */
    uint16_t ncolumns;              /* at most SCHEMA_COLUMNS_MAX */
    const struct column *columns;
};

/* The index of the column with this name, or -1. */
int schema_find(const struct schema *s, const char *name);
/* How many key columns the schema opens with. */
int schema_keys(const struct schema *s);
/* Same columns, in the same order, with the same names, types and roles. */
bool schema_same(const struct schema *a, const struct schema *b);

const char *type_word(enum type type);
const char *role_word(enum role role);
const char *unit_word(enum unit unit);

/* A schema that owns its strings, as one read from a pipe or a file does. */
struct schema *schema_copy(const struct schema *s);
void schema_free(struct schema *s);

#endif
