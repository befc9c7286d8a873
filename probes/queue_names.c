/* The names of queues whose tables carry only a hash. */
#include "probes/queue_names.h"

#include "base/buf.h"
#include "base/map.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

#define NAMES_MAX 20000

struct entry {
    char *key; /* definition, zero byte's stand-in, hash */
    char *name;
    bool dead;
    UT_hash_handle hh;
};

struct queue_names {
    struct entry *all;
};

struct queue_names *queue_names_new(void)
{
    return mem_new(sizeof(struct queue_names));
}

void queue_names_free(struct queue_names *names)
{
    struct entry *e, *next;
    if (!names)
        return;
    HASH_ITER (hh, names->all, e, next) {
        HASH_DEL(names->all, e);
        free(e->key);
        free(e->name);
        free(e);
    }
    free(names);
}

static char *key_of(const char *definition, const char *hash, size_t n)
{
    struct buf key = {0};
    buf_printf(&key, "%s\n", definition);
    buf_add(&key, hash, n);
    return buf_take(&key);
}

static void learn(struct queue_names *names, char *key, struct frame_text name, bool dead)
{
    struct entry *e;
    HASH_FIND_STR(names->all, key, e);
    if (!e && HASH_COUNT(names->all) < NAMES_MAX) {
        e = mem_new(sizeof(*e));
        e->key = mem_string(key);
        HASH_ADD_KEYPTR(hh, names->all, e->key, strlen(e->key), e);
    }
    if (e) {
        free(e->name);
        e->name = mem_bytes(name.bytes, name.len);
        e->dead = dead;
    }
}

void queue_names_learn(struct queue_names *names, const char *definition, const struct frame *answer)
{
    for (uint32_t i = 0; i < answer->nrows; i++) {
        struct frame_text hash = frame_text(answer, i, 0), name = frame_text(answer, i, 1);
        char *key = key_of(definition, hash.bytes, hash.len);
        if (hash.len && name.len)
            learn(names, key, name, frame_cell(answer, i, 2)->i != 0);
        free(key);
    }
}

bool queue_names_find(const struct queue_names *names, const char *definition, const char *hash,
                      struct queue_name *out)
{
    char *key = key_of(definition, hash, strlen(hash));
    struct entry *e;
    HASH_FIND_STR(names->all, key, e);
    free(key);
    if (e)
        *out = (struct queue_name){e->name, e->dead};
    return e != NULL;
}
