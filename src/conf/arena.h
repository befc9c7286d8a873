/* Memory that is given back all at once: what is read from a file lives as long as the file's form. Wiped
 * when freed, because a configuration may hold passwords. Start with {0}, end with arena_free. */
#ifndef CONF_ARENA_H
#define CONF_ARENA_H

#include <stddef.h>

struct arena_block;

struct arena {
    struct arena_block *newest;
    size_t bytes; /* handed out so far */
};

void *arena_new(struct arena *a, size_t size);                   /* zeroed, aligned for any type */
void *arena_array(struct arena *a, size_t n, size_t size);       /* zeroed; NULL when n is 0 */
char *arena_bytes(struct arena *a, const void *bytes, size_t n); /* with a zero byte after them */
char *arena_string(struct arena *a, const char *s);              /* NULL gives NULL */
void arena_free(struct arena *a);

#endif
