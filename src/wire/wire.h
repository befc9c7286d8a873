/* Frames and intents as bytes: one format for workers' pipes, recordings and sockets. A stream opens with
 * "PGVW" and a version; then come messages: length of type and body (4 bytes, little-endian), their checksum
 * (4 bytes, FNV-1a), type (1 byte), body. Whatever is read here is hostile: nothing is believed before it is
 * checked, and a stream that breaks the rules once is broken for good.
 *
 * Integers are LEB128 variable-length numbers, signed ones in zigzag form; reals are 8 bytes, IEEE 754,
 * little-endian; text is a length and bytes. */
#ifndef WIRE_WIRE_H
#define WIRE_WIRE_H

#include "base/buf.h"
#include "model/frame.h"
#include "model/target.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WIRE_VERSION     1
#define WIRE_MESSAGE_MAX (16u << 20)    /* bytes */
#define WIRE_CELLS_MAX   (1u << 20)     /* in one frame */
#define WIRE_NAME_MAX    64             /* bytes of a column's or a schema's name */
#define WIRE_HEAD_BYTES  9              /* before a body: length, checksum, type */

enum wire_type {
    WIRE_START = 1,     /* to a watcher: conninfo, host, port, user, password, one for want of any, and the peers of sessions
                         * that are still open (peer.h; NULL: there is room); to a fetcher: URL and file of certificates */
    WIRE_PASSWORD,      /* to a watcher: the answer to WIRE_NEED_PASSWORD */
    WIRE_SCHEMA,        /* a column table, before anything that refers to its number */
    WIRE_ASK,           /* to a watcher: a question */
    WIRE_WHERE,         /* from a watcher: why the conninfo makes no sense (NULL: it does), and what it means, without
                         * secrets */
    WIRE_PHASE,         /* how far the connection has come; the session's socket may ride along */
    WIRE_NEED_PASSWORD,
    WIRE_REFUSED,       /* there is no connection: SQLSTATE and words */
    WIRE_FACTS,         /* there is one, and this is what is at its end */
    WIRE_FRAME,
    WIRE_NOTICE,        /* words of the server's or of libpq's */
    WIRE_LEARN,         /* to a watcher: look at the facts again; answered by WIRE_FACTS */
    WIRE_JUDGE,         /* to a watcher: as WIRE_START, but to be answered by WIRE_WHERE alone */
    WIRE_TYPE_COUNT_
};

enum wire_phase { WIRE_RESOLVE, WIRE_CONNECT, WIRE_AUTHENTICATE, WIRE_PREPARE, WIRE_PHASE_COUNT_ };

/* ---- a stream of messages ---- */

struct wire_stream {
    struct buf in;
    size_t at;          /* of in that has been given out */
    bool opened;        /* the prologue has been seen */
    bool broken;
};

struct wire_message {
    enum wire_type type;
    const char *body;   /* valid until the next call on the stream */
    size_t len;
};

void wire_open(struct buf *out);                                            /* writes the prologue */
void wire_feed(struct wire_stream *s, const void *bytes, size_t n);
/* True with the next whole message. False: more bytes are needed, or s->broken. */
bool wire_next(struct wire_stream *s, struct wire_message *m);
void wire_stream_free(struct wire_stream *s);

/* ---- writing a message ---- */

size_t wire_begin(struct buf *out, enum wire_type type);    /* returns a mark for wire_end */
void wire_end(struct buf *out, size_t mark);
void wire_put_uint(struct buf *out, uint64_t v);
void wire_put_int(struct buf *out, int64_t v);
void wire_put_real(struct buf *out, double v);
void wire_put_text(struct buf *out, const char *bytes, size_t len);
void wire_put_string(struct buf *out, const char *s);       /* NULL travels as NULL */

/* ---- reading a body: the first thing that does not fit makes `bad` true, and all later reads give 0 ---- */

struct wire_body {
    const unsigned char *at, *end;
    bool bad;
};

struct wire_body wire_body(const struct wire_message *m);
uint64_t wire_uint(struct wire_body *b);
uint64_t wire_uint_max(struct wire_body *b, uint64_t max);  /* bad when above max */
int64_t wire_int(struct wire_body *b);
double wire_real(struct wire_body *b);
struct frame_text wire_text(struct wire_body *b);
char *wire_string(struct wire_body *b);                     /* a copy, or NULL; the caller frees */
bool wire_done(const struct wire_body *b);                  /* all read, and nothing was bad */

#endif
