/* Series by their names. */
#include "model/series_map.h"

#include "base/map.h"
#include "base/mem.h"

#include <stdlib.h>

#define SERIES_KEYS    64       /* of one metric */
#define SERIES_IDLE_US 120000000LL      /* a key that was not seen for this long may go for another's sake */

struct series_key {
    int32_t topic;
    uint32_t metric;            /* hash of its name */
    uint64_t row;
};

struct series_entry {
    struct series_key key;
    struct series *series;
    int64_t touched_us;
    UT_hash_handle hh;
};

void series_map_free(struct series_entry *map)
{
    struct series_entry *e, *next;
    HASH_ITER (hh, map, e, next) {
        HASH_DEL(map, e);
        series_free(e->series);
        free(e);
    }
}

/* FNV-1a, 32 bits. */
static uint32_t name_hash(const char *name)
{
    uint32_t h = 2166136261u;
    for (; *name; name++)
        h = (h ^ (unsigned char)*name) * 16777619u;
    return h;
}

static struct series_entry *find(const struct series_entry *map, const struct series_key *key)
{
    struct series_entry *e;
    HASH_FIND(hh, map, key, sizeof(*key), e);
    return e;
}

const struct series *series_map_find(const struct series_entry *map, int topic, const char *metric, uint64_t row)
{
    struct series_key key = {topic, name_hash(metric), row};
    const struct series_entry *e = find(map, &key);
    return e ? e->series : NULL;
}

/* The key of this metric that was not touched for the longest goes when there are too many. False: all are in
 * use, and to change them in turn would leave none of them a past. */
static bool make_room(struct series_entry **map, const struct series_key *key, int64_t now_us)
{
    struct series_entry *e, *next, *oldest = NULL;
    int n = 0;
    HASH_ITER (hh, *map, e, next) {
        if (e->key.topic != key->topic || e->key.metric != key->metric)
            continue;
        n++;
        if (!oldest || e->touched_us < oldest->touched_us)
            oldest = e;
    }
    if (n < SERIES_KEYS)
        return true;
    if (now_us - oldest->touched_us < SERIES_IDLE_US)
        return false;
    HASH_DEL(*map, oldest);
    series_free(oldest->series);
    free(oldest);
    return true;
}

void series_map_add(struct series_entry **map, int topic, const char *metric, uint64_t row, int64_t at_us, double value)
{
    const struct series_key key = {topic, name_hash(metric), row};
    struct series_entry *e = find(*map, &key);
    if (!e) {
        if (!make_room(map, &key, at_us))
            return;
        e = mem_new(sizeof(*e));
        e->key = key;
        e->series = series_new(SERIES_HOUR);
        HASH_ADD(hh, *map, key, sizeof(e->key), e);
    }
    e->touched_us = at_us;
    series_push(e->series, at_us, value);
}
