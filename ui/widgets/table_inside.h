/* What the files of the table share; nobody else includes it. */
#ifndef UI_TABLE_INSIDE_H
#define UI_TABLE_INSIDE_H

#include "ui/widgets/table.h"

#include "base/buf.h"
#include "model/filter.h"

#define NO_PLACE UINT32_MAX

/* Finds a row of a sheet by its identity. Rows with the same key (a server should not, but may) are told
 * apart by their number among each other. */
struct row_index {
    uint64_t *hash;             /* of each row's key */
    uint32_t *next;             /* row + 1 of the next row with the same hash; 0: none */
    uint32_t *slots;            /* row + 1 of the first row with a hash, open addressing; 0: free */
    uint32_t mask;
};

void row_index_make(struct row_index *x, const struct frame *sheet);
void row_index_free(struct row_index *x);
/* The row whose key is that of row `as` of `other`; the twin-th of them, or the last one. NO_PLACE: none. */
uint32_t row_index_find(const struct row_index *x, const struct frame *sheet, const struct frame *other,
                        uint32_t as, uint64_t hash, uint32_t twin);
/* A cosmetic "was it there before": by hash alone. */
bool row_index_knows(const struct row_index *x, uint64_t hash);
/* How many rows before this one have the same key. */
uint32_t row_index_twin(const struct row_index *x, const struct frame *sheet, uint32_t row);

/* The shown rows in their order. */
struct row_order {
    uint32_t *rows;             /* of the sheet, by place */
    uint8_t *depth;             /* in the tree, by place */
    uint32_t *place;            /* by row of the sheet; NO_PLACE: not shown */
    uint32_t n;
};

void row_order_free(struct row_order *o);

/* A set of identities, which outlives the sheets that they were seen in. */
struct row_key {
    uint64_t hash;
    struct frame *key;          /* one row, of key columns only */
};
struct row_keys {
    struct row_key *keys;       /* by hash */
    uint32_t n, room;
};

/* One row of the key columns alone; the caller's reference. */
struct frame *row_key_frame(const struct schema *keys, const struct frame *sheet, uint32_t row);
bool row_keys_has(const struct row_keys *k, const struct frame *sheet, uint32_t row, uint64_t hash);
void row_keys_add(struct row_keys *k, const struct schema *keys, const struct frame *sheet, uint32_t row,
                  uint64_t hash);
void row_keys_remove(struct row_keys *k, const struct frame *sheet, uint32_t row, uint64_t hash);
void row_keys_clear(struct row_keys *k);

struct table_column {
    int column;                 /* of the schema */
    bool shown;
    bool says;                  /* something of any row, until now */
    int seen; /* the widest that was on the screen; only grows, so that columns do not jump */
    int at, width;              /* of the last layout; width 0: left out */
};

struct table {
    const struct table_form *form;
    const struct schema *schema;
    struct schema keys;         /* the first columns of the schema alone */
    void *arg;

    const struct frame *sheet, *rates;
    struct row_index index;
    int64_t *since_us;          /* by row: when it was first seen; 0: it was there at the start */
    struct row_order order;
    uint32_t total;

    int sort;                   /* column of the schema, or -1 */
    bool descending;
    struct filter *filter, *search;
    char *filter_text, *search_text;
    char *filter_before;        /* while a filter is typed: the one to go back to; NULL: none */

    struct table_column columns[SCHEMA_COLUMNS_MAX];
    int ncolumns, left_out, scroll;
    int branch;                 /* column of the schema that shows the tree, -1: there is none */
    int branch_drawn;           /* the one that does while that has no room */
    int reason;                 /* column of the schema, -1: there is none */
    bool wide;

    struct frame *selected;     /* its key; NULL: nothing is selected */
    uint64_t selected_hash;
    uint32_t selected_twin;
    uint32_t row;               /* of the sheet, of the selected row; NO_PLACE: none */
    bool touched;               /* the user chose the row: its end is worth a word */
    bool moved;                 /* the user has moved at all: until then the first row is the selected one */
    bool frozen;                /* something lies on top: rows keep their places */
    bool follow;
    struct row_keys marks;
    struct frame *last_mark;
    uint64_t last_mark_hash;

    uint32_t top;               /* place of the first row on the screen */
    int lines;                  /* rows that fit */
    int first_line;             /* canvas row of the first row; -1: not drawn */
    int drawn_columns;
    char notice[96];
    int64_t notice_us, now_us;
    struct buf scratch;
};

/* Fills in the order and the total of the sheet; what was there is overwritten, not freed. */
void table_arrange(struct table *t, struct row_order *order);
/* Puts the rows of the sheet back to the places that they had in an old one; new ones stand after them. */
void table_keep_places(struct table *t, const struct frame *old, const struct row_index *index,
                       const struct row_order *order);
/* Room for these columns on a screen so wide: fills in at and width. */
void table_layout(struct table *t, int columns);
void table_set_columns(struct table *t);
void table_say(struct table *t, const char *format, ...) PRINTF_LIKE(2, 3);

#define TABLE_GUTTER 4          /* selected, marked, status, a blank */

#endif
