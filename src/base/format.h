/* Numbers for people: short, always with their unit, never wider than they say. Unknown (NaN) is an en dash,
 * or "-" in ASCII; what is too large for its form is shown as ">999 EB" and the like.
 *
 * Each writes into the caller's buffer of FORMAT_ROOM bytes, zero-terminated, and returns it. A width is the
 * most cells that a value of 0 or more can take, a minus sign adds one; every character is one cell wide. */
#ifndef BASE_FORMAT_H
#define BASE_FORMAT_H

#include "base/attr.h"
#include "base/text.h"

#include <stdint.h>

enum {
    FORMAT_ROOM = 32,               /* bytes that hold any of these */
    FORMAT_WIDTH_DURATION = 7,
    FORMAT_WIDTH_LATENCY = 7,
    FORMAT_WIDTH_BYTES = 7,
    FORMAT_WIDTH_COUNT = 6,
    FORMAT_WIDTH_RATE = 8,
    FORMAT_WIDTH_BYTES_RATE = 9,
    FORMAT_WIDTH_PERCENT = 7,
    FORMAT_WIDTH_LSN = 17,
    FORMAT_WIDTH_WHOLE = 25
};

/* Seconds: "0.4 s", "41.0 s", "12:04", "2 h 41", "47 h 59", "12 d", "27 y"; INFINITY is "∞" or "never". */
char *format_duration(char out[FORMAT_ROOM], double seconds, enum text_mode mode);
/* Seconds that are mostly short, such as a statement's mean: "85 µs", "4.12 ms", "412 ms", "1.2 s", then as
 * format_duration. */
char *format_latency(char out[FORMAT_ROOM], double seconds, enum text_mode mode);
/* Powers of 1024, as PostgreSQL counts: "812 B", "64 kB", "212 MB", "1.1 GB". */
char *format_bytes(char out[FORMAT_ROOM], double bytes, enum text_mode mode);
/* "7", "3.2", "1,204", "20,000", "120 k", "1.2 M", "14 G". */
char *format_count(char out[FORMAT_ROOM], double count, enum text_mode mode);
/* Per second: "0.0/s", "<0.1/s", "88.0/s", "1,204/s", "1.2 M/s". */
char *format_rate(char out[FORMAT_ROOM], double per_second, enum text_mode mode);
/* "3.1 MB/s". */
char *format_bytes_rate(char out[FORMAT_ROOM], double bytes_per_second, enum text_mode mode);
/* A fraction of 1: "0 %", "<0.1 %", "18.0 %", "99.9 %", "100 %". Never rounds to 0 % or 100 % what is not. */
char *format_percent(char out[FORMAT_ROOM], double fraction, enum text_mode mode);
/* A position in the WAL: "0/50022E0". */
char *format_lsn(char out[FORMAT_ROOM], uint64_t lsn);
/* Every digit, for detail pages: "1,234,567". */
char *format_whole(char out[FORMAT_ROOM], int64_t n);
char *format_unknown(char out[FORMAT_ROOM], enum text_mode mode);

#endif
