/* Reading one of the user's files, with what the system says of who may change and read it. */
#ifndef CONF_FILE_H
#define CONF_FILE_H

#include "base/attr.h"
#include "base/buf.h"
#include "conf/errors.h"

#include <stdbool.h>
#include <stddef.h>

struct file_facts {
    unsigned mode; /* permission bits */
    bool ours;     /* belongs to the effective user */
    bool roots;    /* belongs to root */
};

/* Reads the whole of a regular file of at most max bytes. A file that everybody may write is refused. False
 * when it was not read; why is in errors, except when it is only missing and `missing` is not NULL: then
 * *missing is set. The caller frees out with file_wipe. */
bool file_read(const char *path, size_t max, struct buf *out, struct file_facts *facts, bool *missing,
               struct conf_errors *errors) MUST_CHECK;
void file_wipe(struct buf *out);

#endif
