/* Queue definitions (format 1) from YAML. Every rule of the format is checked; a definition with a fault is left
 * out, and the others of its file stay.
 *
 * An entry of a later file whose id is known already may say params and tz, and nothing else: that is how a
 * user changes a shipped definition. */
#ifndef CONF_QUEUES_H
#define CONF_QUEUES_H

#include "base/attr.h"
#include "conf/errors.h"
#include "spec/queue.h"

#include <stdbool.h>
#include <stddef.h>

struct queue_book; /* owns the definitions and all their text */

struct queue_book *queue_book_new(void);
void queue_book_free(struct queue_book *book);

/* actions: false leaves the actions unread, as a console that only looks does. False: the file has a fault.
 */
bool queue_book_parse(struct queue_book *book, const char *file, const char *bytes, size_t len, bool actions,
                      struct conf_errors *errors) MUST_CHECK;
bool queue_book_read(struct queue_book *book, const char *path, bool actions,
                     struct conf_errors *errors) MUST_CHECK;
/* Every *.yaml of a directory, by name. optional: a directory that is missing is no fault. */
bool queue_book_read_all(struct queue_book *book, const char *directory, bool optional, bool actions,
                         struct conf_errors *errors) MUST_CHECK;

/* Valid until the next file is read or the book is freed. */
struct queue_defs queue_book_defs(const struct queue_book *book);

#endif
