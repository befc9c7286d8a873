/* What can be read in a conninfo without libpq: enough to name a target, and to see that there may be a secret. */
#ifndef CONF_CONNINFO_H
#define CONF_CONNINFO_H

#include <stdbool.h>

#define CONNINFO_PART 128

/* Of a list the first; empty: it does not say. */
struct conninfo_parts {
    char host[CONNINFO_PART], port[CONNINFO_PART], database[CONNINFO_PART], service[CONNINFO_PART];
};

/* Keywords, a URI or the name of a database. What cannot be read is left out, and a password always. */
void conninfo_read(const char *conninfo, struct conninfo_parts *out);

/* True when a conninfo string or URI may hold a password. Rather once too often. */
bool conninfo_has_secret(const char *conninfo);

#endif
