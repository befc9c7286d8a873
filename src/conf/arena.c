/* An arena: a list of blocks, each filled from its start. */
#include "conf/arena.h"

#include "base/mem.h"

#include <assert.h>
#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_BYTES 16384

struct arena_block {
    struct arena_block *older;
    size_t used, room;
    alignas(max_align_t) char data[];
};

static struct arena_block *block_add(struct arena *a, size_t room)
{
    struct arena_block *b = mem_new(sizeof(*b) + room);
    b->room = room;
    b->older = a->newest;
    a->newest = b;
    return b;
}

void *arena_new(struct arena *a, size_t size)
{
    size_t step = alignof(max_align_t);
    assert(size < SIZE_MAX / 2);
    size = (size + step - 1) / step * step;
    struct arena_block *b = a->newest;
    if (!b || b->room - b->used < size)
        b = block_add(a, size > BLOCK_BYTES ? size : BLOCK_BYTES);
    void *p = b->data + b->used;
    b->used += size;
    a->bytes += size;
    return p;
}

void *arena_array(struct arena *a, size_t n, size_t size)
{
    assert(!size || n <= SIZE_MAX / 2 / size);
    return n ? arena_new(a, n * size) : NULL;
}

char *arena_bytes(struct arena *a, const void *bytes, size_t n)
{
    char *copy = arena_new(a, n + 1);
    if (n)
        memcpy(copy, bytes, n);
    return copy;
}

char *arena_string(struct arena *a, const char *s)
{
    return s ? arena_bytes(a, s, strlen(s)) : NULL;
}

void arena_free(struct arena *a)
{
    while (a->newest) {
        struct arena_block *b = a->newest;
        a->newest = b->older;
        mem_wipe(b->data, b->used);
        free(b);
    }
    a->bytes = 0;
}
