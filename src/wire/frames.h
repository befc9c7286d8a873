/* Schemas, questions, facts and frames on the wire. Readers return false or NULL for anything that breaks the
 * rules; what they hand out is then in range, though text in it is still hostile. */
#ifndef WIRE_FRAMES_H
#define WIRE_FRAMES_H

#include "wire/wire.h"

/* ---- schemas ---- */

void wire_put_schema(struct buf *out, unsigned number, const struct schema *s);
/* The caller frees with schema_free. */
struct schema *wire_get_schema(const struct wire_message *m, unsigned *number);

/* ---- a question ---- */

struct question {
    unsigned id;            /* comes back with the answer */
    unsigned schema;        /* its number, sent before */
    bool simple;            /* simple protocol, not prepared */
    bool fenced;            /* reads tables that anybody may have made: no views, no foreign tables */
    uint32_t max_rows;
    uint32_t max_bytes;     /* of the encoded rows */
    char *sql;
    char *parameter;        /* text of $1; NULL: the SQL has none */
};

void wire_put_question(struct buf *out, const struct question *q);
bool wire_get_question(const struct wire_message *m, struct question *q);   /* strings are the caller's */

/* ---- facts ---- */

void wire_put_facts(struct buf *out, const struct facts *f);
bool wire_get_facts(const struct wire_message *m, struct facts *f);         /* facts_clear when done */

/* ---- a frame: rows as they come, the head last, so that a watcher never holds an answer twice ---- */

struct wire_frame {
    struct buf *out;
    size_t mark;
    const struct schema *schema;
    size_t row;             /* where the newest row starts */
    uint32_t nrows;
    int column;             /* next column of the row */
};

void wire_frame_begin(struct wire_frame *w, struct buf *out, unsigned id, const struct schema *schema);
void wire_frame_row(struct wire_frame *w);
/* Cells of the row, one call a column, in order. */
void wire_frame_null(struct wire_frame *w);
void wire_frame_int(struct wire_frame *w, int64_t v);
void wire_frame_real(struct wire_frame *w, double v);
void wire_frame_text(struct wire_frame *w, const char *bytes, size_t len);
size_t wire_frame_bytes(const struct wire_frame *w);
void wire_frame_end(struct wire_frame *w, const struct frame_head *head);

void wire_put_frame(struct buf *out, unsigned id, const struct frame *f);
/* The id alone, to learn which question this answers. */
bool wire_get_frame_id(const struct wire_message *m, unsigned *id);
/* A frame in this schema with one reference, or NULL. */
struct frame *wire_get_frame(const struct wire_message *m, const struct schema *schema);

#endif
