/* One client's socket, spoken to in messages of the PostgreSQL protocol, version 3. Blocking. A client that
 * is gone ends the process, for the server has one process for each client. Output waits in a buffer until
 * link_flush. */
#ifndef TESTS_FAULT_LINK_H
#define TESTS_FAULT_LINK_H

#include "base/attr.h"
#include "base/buf.h"

#include <stdbool.h>
#include <stdint.h>

#define LINK_MESSAGE_MAX (16 << 20)     /* a longer message from the client ends the connection */

struct link {
    int fd;
    struct buf out;
    size_t start;       /* of the message that is being written */
    int drip_ms;        /* > 0: one byte in so many milliseconds */
};

/* A message: begin, its parts, end. */
void link_begin(struct link *l, char type);
void link_int8(struct link *l, int value);
void link_int16(struct link *l, int value);
void link_int32(struct link *l, int64_t value);
void link_bytes(struct link *l, const void *bytes, size_t n);
void link_string(struct link *l, const char *s);        /* with its zero byte */
void link_end(struct link *l);

void link_flush(struct link *l);
void link_flush_part(struct link *l, size_t n);         /* the first n waiting bytes; the rest is forgotten */
void link_raw(struct link *l, const void *bytes, size_t n);     /* into the buffer, no message around it */

/* Reads one message; type 0 for those without one (start-up, SSL request). body is cleared first. */
char link_read(struct link *l, bool typed, struct buf *body);

NORETURN void link_close(struct link *l);       /* FIN */
NORETURN void link_reset(struct link *l);       /* RST */
NORETURN void link_hold(struct link *l);        /* silence until the client goes */

#endif
