/* Memory. Every allocation succeeds or ends the process by exit(), so that the terminal is given back, and with one
 * line on stderr after that; whoever takes a size from a wire, a file or a server checks it against a cap before it
 * gets here. Results are owned by the caller and freed with free(). */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include "base/attr.h"

#include <stddef.h>

void *mem_new(size_t size);                             /* zeroed */
void *mem_array(size_t n, size_t size);                 /* zeroed, n * size checked */
void *mem_resize(void *old, size_t n, size_t size);     /* n * size checked; takes old */
char *mem_string(const char *s);                        /* NULL gives NULL */
char *mem_bytes(const void *bytes, size_t n);           /* a copy with a zero byte after it */
char *mem_secret(const char *s);                        /* as mem_string, in memory that is not swapped out */
void mem_forget(char *secret);                          /* wiped and freed, whoever made it; NULL is fine */
NORETURN void mem_exhausted(void);                      /* for who finds a library without */
void mem_end_with(int status);                          /* when there is none left; 1 if it is not called */
void mem_wipe(void *p, size_t n);                       /* overwritten for good, for secrets */

#endif
