/* A worker's end of the socketpair to its parent: descriptor 3. The parent may kill the worker at any moment,
 * and a worker without a parent ends at once. */
#ifndef WORKER_PIPE_H
#define WORKER_PIPE_H

#include "wire/wire.h"

#define WORKER_FD 3

/* Limits on memory and core dumps, no dumps of secrets, death with the parent. */
void pipe_confine(size_t memory_bytes);
/* Writes all of b and clears it; fd >= 0 rides along. Ends the process when the parent is gone. */
void pipe_send(struct buf *b, int fd);
/* Blocks until bytes are there and feeds them. False: the parent has gone, or wants no more. */
bool pipe_receive(struct wire_stream *s) MUST_CHECK;

#endif
