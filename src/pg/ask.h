/* One question, one answer. */
#ifndef PG_ASK_H
#define PG_ASK_H

#include "pg/session.h"
#include "wire/frames.h"

/* Asks q and writes the answer as a WIRE_FRAME in this schema; columns are matched by name, and what the server
 * does not send stays unknown. Errors become the frame's status. The connection may be lost afterwards: the
 * caller looks at PQstatus. */
void ask(struct session *s, const struct question *q, const struct schema *schema, struct buf *out);

#endif
