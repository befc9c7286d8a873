/* The past of one number, for a sparkline: a ring of samples, oldest first. An hour at 2 s fits into 16 KB.
 *
 * Times are microseconds of the boot clock, kept to a millisecond. A value is kept as a float; NaN is a
 * sample that says "unknown". */
#ifndef MODEL_SERIES_H
#define MODEL_SERIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SERIES_HOUR = 1800 };        /* points: an hour at 2 s */

enum series_fold { SERIES_MAX, SERIES_AVERAGE };

struct series;

struct series *series_new(uint32_t most);       /* points, at least 1; their memory is taken as they come */
void series_free(struct series *s);             /* NULL is fine */
/* A sample older than the newest is dropped, one of the same millisecond takes its place. */
void series_push(struct series *s, int64_t time_us, double value);
uint32_t series_count(const struct series *s);
/* Sample i of series_count, 0 the oldest; its value is NaN if it was. */
double series_at(const struct series *s, uint32_t i, int64_t *time_us);
/* The newest value, NaN if it was unknown or there is none. */
double series_last(const struct series *s);
size_t series_bytes(const struct series *s);

/* Folds the last span_us into n equal buckets, out[n - 1] the newest, which ends with now_us itself. A sample
 * covers the time from its own until the next sample, but hold_us (interval + deadline) at most. A bucket
 * that no known sample covers is NaN: a gap, to be drawn as one. SERIES_AVERAGE weighs by time. For columns
 * that do not shimmer, round now_us up to a multiple of span_us / n. */
void series_buckets(const struct series *s, int64_t now_us, int64_t span_us, int64_t hold_us, double *out,
                    size_t n, enum series_fold fold);

/* How fast the value grows, per second, over the last span_us: the least-squares line through the known
 * samples. NaN when there are fewer than three of them, or when they cover less than a quarter of the
 * span. */
double series_slope(const struct series *s, int64_t now_us, int64_t span_us);

#endif
