/* A frame is what one probe saw on one server at one moment. It is built once, sealed, and never changes;
 * it is shared by counting references. A time-out or a refusal is a frame too: it has a status, words, and no
 * rows.
 *
 * All of a frame lives in one block of memory, the bytes of its text cells included. */
#ifndef MODEL_FRAME_H
#define MODEL_FRAME_H

#include "model/schema.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum frame_status {
    FRAME_OK,
    FRAME_DENIED,       /* the role may not see this; the note says what to grant */
    FRAME_ABSENT,       /* the server does not have it: extension, version, setting */
    FRAME_TIMEOUT,      /* no answer by the deadline, or the server cancelled the question */
    FRAME_LOST,         /* there is no session: refused, cut, not yet there */
    FRAME_FAILED,       /* the server answered with an error, or with something that cannot be read */
    FRAME_STATUS_COUNT_
};

enum server_role { SERVER_UNKNOWN, SERVER_PRIMARY, SERVER_STANDBY };

struct frame_text {
    const char *bytes;      /* not zero-terminated by contract, although a zero byte follows */
    uint32_t len;
};

struct cell {
    bool known;             /* false: SQL NULL, missing column, or unreadable; the value is then 0 */
    union {
        int64_t i;          /* TYPE_BOOL, TYPE_INT, TYPE_TIME, TYPE_LSN */
        double d;           /* TYPE_REAL */
        struct {
            uint32_t at;    /* TYPE_TEXT: offset and length in the frame's text */
            uint32_t len;
        } t;
    };
};

struct frame {
    const struct schema *schema;    /* borrowed: outlives every frame */
    unsigned refs;
    enum frame_status status;
    char sqlstate[6];               /* empty when there is none */
    const char *note;               /* why, in words; NULL for none; server text in it is hostile */
    int64_t taken_us;               /* clock_boot_us() when the question left: the data is never older */
    int64_t wall_us;                /* the same moment by the server's clock where it is known, else by ours */
    int64_t cost_us;                /* how long the answer took, as the watcher saw it */
    int64_t over_us;                /* of rates, and what they make: between the two frames they are counted from */
    uint64_t epoch;                 /* system identifier and postmaster start in one number; 0 unknown */
    enum server_role server_role;   /* at the moment of the answer */
    int from;                       /* a standby answered in the target's place: its number + 1; 0: the target itself */
    bool fallback;                  /* a standby should have answered, but none was fit: the target did */
    uint32_t nrows;
    uint32_t nfound;                /* rows before the cap cut them; = nrows when nothing was cut */
    size_t bytes;                   /* the whole block */
    const struct cell *cells;       /* nrows * ncolumns, row by row */
    const char *text;
};

struct frame *frame_ref(const struct frame *f);     /* NULL gives NULL */
void frame_unref(const struct frame *f);            /* NULL is fine */

const struct cell *frame_cell(const struct frame *f, uint32_t row, int column);
struct frame_text frame_text(const struct frame *f, uint32_t row, int column);  /* unknown gives "" */

/* A number from any numeric type; unknown gives NaN. */
double frame_number(const struct frame *f, uint32_t row, int column);
/* By the name of the column, for those who read few cells. "" and NaN when it is unknown, when there is no such row or
 * column or one of the other sort, and of no frame (NULL). */
struct frame_text frame_named_text(const struct frame *f, uint32_t row, const char *column);
double frame_named_number(const struct frame *f, uint32_t row, const char *column);
bool frame_says(const struct frame *f, uint32_t row, const char *column, const char *word);
double frame_named_sum(const struct frame *f, const char *column);      /* of what is known; NaN: nothing is */

/* True when row a of f and row b of g agree in every key column. Both frames have schemas that are the same. */
bool frame_same_key(const struct frame *f, uint32_t a, const struct frame *g, uint32_t b);
/* A hash of the key columns of a row. */
uint64_t frame_key_hash(const struct frame *f, uint32_t row);

const char *frame_status_word(enum frame_status status);

/* ---- building one ---- */

struct frame_head {
    enum frame_status status;
    const char *sqlstate;           /* NULL for none */
    const char *note;               /* NULL for none; copied */
    int64_t taken_us, wall_us, cost_us;
    uint64_t epoch;
    enum server_role server_role;
    uint32_t nfound;                /* 0: as many as are added */
};

struct frame_builder;

struct frame_builder *frame_build(const struct schema *schema);
/* Starts a row, all of whose cells are unknown until set. */
void frame_build_row(struct frame_builder *b);
/* Sets a cell of the newest row; the column's type decides which of the three fits. */
void frame_build_int(struct frame_builder *b, int column, int64_t value);
void frame_build_real(struct frame_builder *b, int column, double value);   /* not finite: stays unknown */
/* INFINITY, known: more than any other. For what a page works out; what a probe reports is finite. */
void frame_build_never(struct frame_builder *b, int column);
void frame_build_text(struct frame_builder *b, int column, const char *bytes, size_t len);
void frame_build_none(struct frame_builder *b, int column);             /* unknown, although it was set */
/* Copies row of f, whose schema must be the same. */
void frame_build_copy(struct frame_builder *b, const struct frame *f, uint32_t row);
uint32_t frame_build_rows(const struct frame_builder *b);
size_t frame_build_bytes(const struct frame_builder *b);        /* so far, for caps */
/* Frees the builder. The frame has one reference, the caller's. */
struct frame *frame_seal(struct frame_builder *b, const struct frame_head *head);
/* The same with the head of f, for what was derived from it; nfound as in struct frame_head. */
struct frame *frame_seal_as(struct frame_builder *b, const struct frame *f, uint32_t nfound);
void frame_build_drop(struct frame_builder *b);

#endif
