/* A growing row of bytes, always followed by a zero byte so that text can be used in place. Owned by whoever
 * declares it; start with {0}, end with buf_free. */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include "base/attr.h"

#include <stddef.h>
#include <stdint.h>

struct buf {
    char *data;     /* NULL until something is added */
    size_t len;     /* bytes in use */
    size_t room;    /* bytes allocated */
};

void buf_free(struct buf *b);
void buf_clear(struct buf *b);                              /* keeps the room */
void buf_reserve(struct buf *b, size_t more);               /* bytes that are added next do not move it */
void buf_add(struct buf *b, const void *bytes, size_t n);
void buf_puts(struct buf *b, const char *s);
void buf_putc(struct buf *b, char c);
void buf_printf(struct buf *b, const char *format, ...) PRINTF_LIKE(2, 3);
void buf_drop(struct buf *b, size_t n);                     /* removes the first n bytes */
const char *buf_text(const struct buf *b);                  /* never NULL */
char *buf_take(struct buf *b);                              /* the caller frees; b is empty after */

#endif
