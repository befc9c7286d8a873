/* The ring behind a sparkline. A point keeps its time as the low 32 bits of milliseconds, which are read as
 * an age against the newest; so a point older than MEMORY_MS cannot be told, and is forgotten. */
#include "model/series.h"

#include "base/mem.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

enum { US_PER_MS = 1000, MEMORY_MS = INT32_MAX, ROOM_FIRST = 32 };

struct point {
    uint32_t ms;
    float value;
};

/* The ring begins small: of a hundred servers most numbers are seen a few times, or now and then. */
struct series {
    int64_t newest_ms;
    uint32_t most, room, count, next;   /* room: of the ring so far; next: where the next point goes */
    struct point *points;
};

struct series *series_new(uint32_t most)
{
    assert(most > 0 && most <= 1u << 24);
    struct series *s = mem_new(sizeof(*s));
    s->most = most;
    s->room = most < ROOM_FIRST ? most : ROOM_FIRST;
    s->points = mem_array(s->room, sizeof(*s->points));
    return s;
}

void series_free(struct series *s)
{
    if (!s)
        return;
    free(s->points);
    free(s);
}

uint32_t series_count(const struct series *s)
{
    return s->count;
}

size_t series_bytes(const struct series *s)
{
    return sizeof(*s) + (size_t)s->room * sizeof(struct point);
}

static const struct point *point_at(const struct series *s, uint32_t i)
{
    return &s->points[(s->next + s->room - s->count + i) % s->room];
}

static int64_t time_of(const struct series *s, const struct point *p)
{
    return (s->newest_ms - (uint32_t)((uint32_t)s->newest_ms - p->ms)) * US_PER_MS;
}

static int64_t floor_ms(int64_t us)
{
    return us / US_PER_MS - (us % US_PER_MS < 0);
}

static void widen(struct series *s)
{
    uint32_t room = s->room * 2 < s->most ? s->room * 2 : s->most;
    struct point *points = mem_array(room, sizeof(*points));
    for (uint32_t i = 0; i < s->count; i++)
        points[i] = *point_at(s, i);
    free(s->points);
    s->points = points;
    s->room = room;
    s->next = s->count;
}

void series_push(struct series *s, int64_t time_us, double value)
{
    int64_t ms = floor_ms(time_us);
    if (s->count && ms < s->newest_ms)
        return;
    if (s->count && ms == s->newest_ms) {
        s->next = (s->next + s->room - 1) % s->room;
        s->count--;
    }
    while (s->count && ms - time_of(s, point_at(s, 0)) / US_PER_MS > MEMORY_MS)
        s->count--;
    if (s->count == s->room && s->room < s->most)
        widen(s);
    s->points[s->next] = (struct point){(uint32_t)ms, isfinite(value) ? (float)value : NAN};
    s->next = (s->next + 1) % s->room;
    if (s->count < s->room)
        s->count++;
    s->newest_ms = ms;
}

double series_at(const struct series *s, uint32_t i, int64_t *time_us)
{
    assert(i < s->count);
    const struct point *p = point_at(s, i);
    *time_us = time_of(s, p);
    return p->value;
}

double series_last(const struct series *s)
{
    return s->count ? point_at(s, s->count - 1)->value : NAN;
}

/* The first sample whose cover can reach past start_us: the last one at or before it, or the oldest. */
static uint32_t first_after(const struct series *s, int64_t start_us)
{
    uint32_t low = 0, high = s->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (time_of(s, point_at(s, middle)) <= start_us)
            low = middle + 1;
        else
            high = middle;
    }
    return low ? low - 1 : 0;
}

/* Time is counted in whole microseconds. Bucket k has those from edge(k) + 1 to edge(k + 1), so that the last
 * has now itself. */
struct grid {
    int64_t start, span;
    size_t n;
    double *out, *weight;
    enum series_fold fold;
};

static int64_t edge(const struct grid *g, size_t k)
{
    return g->start + (int64_t)((__int128)g->span * (int64_t)k / (int64_t)g->n);
}

/* The bucket that has the moment t, which lies in the grid. */
static size_t bucket_of(const struct grid *g, int64_t t)
{
    size_t k = (size_t)((__int128)(t - g->start - 1) * (int64_t)g->n / g->span);
    while (k + 1 < g->n && edge(g, k + 1) < t)
        k++;
    while (k > 0 && edge(g, k) >= t)
        k--;
    return k;
}

static int64_t later(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* Adds a value that holds from the moment `from` to the moment `to`, both included. */
static void cover(struct grid *g, int64_t from, int64_t to, double value)
{
    from = later(from, g->start + 1);
    to = earlier(to, g->start + g->span);
    if (from > to || isnan(value))
        return;
    for (size_t k = bucket_of(g, from); k < g->n && edge(g, k) < to; k++) {
        double overlap = (double)(earlier(to, edge(g, k + 1)) - later(from, edge(g, k) + 1) + 1);
        if (overlap <= 0)
            continue;
        if (g->fold == SERIES_AVERAGE) {
            g->out[k] = isnan(g->out[k])
                            ? value
                            : g->out[k] + (value - g->out[k]) * overlap / (g->weight[k] + overlap);
            g->weight[k] += overlap;
        } else if (isnan(g->out[k]) || value > g->out[k]) {
            g->out[k] = value;
        }
    }
}

void series_buckets(const struct series *s, int64_t now_us, int64_t span_us, int64_t hold_us, double *out,
                    size_t n, enum series_fold fold)
{
    assert(span_us > 0 && hold_us > 0);
    struct grid g = {now_us - span_us, span_us, n, out, NULL, fold};
    for (size_t k = 0; k < n; k++)
        out[k] = NAN;
    if (n == 0 || s->count == 0)
        return;
    g.weight = mem_array(n, sizeof(*g.weight));
    for (uint32_t i = first_after(s, g.start); i < s->count; i++) {
        int64_t from, next = INT64_MAX;
        double value = series_at(s, i, &from);
        if (from > now_us)
            break;
        if (i + 1 < s->count)
            series_at(s, i + 1, &next);
        cover(&g, from, earlier(next, from + hold_us) - 1, value);
    }
    free(g.weight);
}

double series_slope(const struct series *s, int64_t now_us, int64_t span_us)
{
    double n = 0, sum_t = 0, sum_v = 0, sum_tt = 0, sum_tv = 0, first = NAN, last = NAN;
    for (uint32_t i = s->count; i-- > 0;) {
        int64_t at;
        double v = series_at(s, i, &at);
        if (at <= now_us - span_us)
            break;
        if (isnan(v) || at > now_us)
            continue;
        double t = (double)(at - now_us) / 1e6;
        first = t;
        last = isnan(last) ? t : last;
        n++;
        sum_t += t;
        sum_v += v;
        sum_tt += t * t;
        sum_tv += t * v;
    }
    double spread = n * sum_tt - sum_t * sum_t;
    if (n < 3 || (last - first) * 4e6 < (double)span_us || spread <= 0)
        return NAN;
    return (n * sum_tv - sum_t * sum_v) / spread;
}
