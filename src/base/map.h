/* Maps, whose memory is ours: uthash by itself would end the program without a word. */
#ifndef BASE_MAP_H
#define BASE_MAP_H

#include "base/mem.h"

#include <stdlib.h>

#define uthash_malloc(n)  mem_new(n)
#define uthash_free(p, n) free(p)
#include <uthash.h>

#endif
