/* Text to cells. Nothing here trusts the server to have sent what was asked for. */
#include "pg/decode.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_CELL_MAX 65536     /* bytes of one text cell that are kept */

bool decode_bool(const char *text, int64_t *out)
{
    static const struct { const char *word; int value; } words[] = {
        {"t", 1}, {"f", 0}, {"true", 1}, {"false", 0}, {"yes", 1}, {"no", 0}, {"on", 1}, {"off", 0}, {"1", 1}, {"0", 0},
    };
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (strcmp(text, words[i].word) == 0) {
            *out = words[i].value;
            return true;
        }
    return false;
}

static bool only_blanks(const char *s)
{
    return s[strspn(s, " ")] == '\0';
}

bool decode_int(const char *text, int64_t *out)
{
    char *end;
    errno = 0;
    long long v = strtoll(text, &end, 10);
    if (end == text || errno || !only_blanks(end))
        return false;
    *out = v;
    return true;
}

bool decode_real(const char *text, double *out)
{
    char *end;
    double v = strtod(text, &end);
    if (end == text || !isfinite(v) || !only_blanks(end))
        return false;
    *out = v;
    return true;
}

/* Two digits or more, at most `max`. */
static bool digits(const char **at, int least, int most, int max, int *out)
{
    int n = 0, v = 0;
    while (n < most && (*at)[n] >= '0' && (*at)[n] <= '9')
        v = v * 10 + ((*at)[n++] - '0');
    *at += n;
    *out = v;
    return n >= least && v <= max;
}

static bool skip(const char **at, char c)
{
    if (**at != c)
        return false;
    (*at)++;
    return true;
}

/* Days since 1970-01-01 of a date in the proleptic Gregorian calendar: Howard Hinnant, "chrono-Compatible
 * Low-Level Date Algorithms". */
static int64_t days_from_civil(int64_t y, int m, int d)
{
    y -= m <= 2;
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t yoe = y - era * 400;
    int64_t doy = (153 * (m > 2 ? m - 3 : m + 9) + 2) / 5 + d - 1;
    int64_t doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
    return era * 146097 + doe - 719468;
}

static bool read_fraction(const char **at, int64_t *us)
{
    *us = 0;
    if (!skip(at, '.'))
        return true;
    int n = 0;
    for (; n < 6 && **at >= '0' && **at <= '9'; n++, (*at)++)
        *us = *us * 10 + (**at - '0');
    for (int i = n; i < 6; i++)
        *us *= 10;
    return n > 0;
}

/* "+hh", "+hh:mm", "+hh:mm:ss", " UTC", or nothing; seconds east of UTC. */
static bool read_zone(const char **at, int *seconds)
{
    int h = 0, m = 0, s = 0;
    *seconds = 0;
    while (skip(at, ' '))
        ;
    if (strcmp(*at, "UTC") == 0 || strcmp(*at, "Z") == 0) {
        *at += strlen(*at);
        return true;
    }
    int sign = **at == '-' ? -1 : 1;
    if (**at == '\0')
        return true;
    if (!skip(at, '+') && !skip(at, '-'))
        return false;
    if (!digits(at, 2, 2, 16, &h) || (skip(at, ':') && !digits(at, 2, 2, 59, &m)) ||
        (skip(at, ':') && !digits(at, 2, 2, 59, &s)))
        return false;
    *seconds = sign * (h * 3600 + m * 60 + s);
    return true;
}

bool decode_time(const char *text, int64_t *out)
{
    const char *at = text;
    int y, mo, d, h = 0, mi = 0, s = 0, zone = 0;
    int64_t us = 0;
    if (!digits(&at, 4, 6, 294246, &y) || !skip(&at, '-') || !digits(&at, 2, 2, 12, &mo) || !skip(&at, '-') ||
        !digits(&at, 2, 2, 31, &d) || mo < 1 || d < 1)
        return false;
    if (skip(&at, ' ') || skip(&at, 'T')) {
        if (!digits(&at, 2, 2, 24, &h) || !skip(&at, ':') || !digits(&at, 2, 2, 59, &mi))
            return false;
        if (skip(&at, ':') && (!digits(&at, 2, 2, 60, &s) || !read_fraction(&at, &us)))
            return false;
        if (!read_zone(&at, &zone))
            return false;
    }
    if (*at != '\0')
        return false;       /* "BC" and "infinity" end here too */
    *out = ((days_from_civil(y, mo, d) * 24 + h) * 3600 + mi * 60 + s - zone) * 1000000LL + us;
    return true;
}

bool decode_lsn(const char *text, int64_t *out)
{
    char *end;
    if (strspn(text, "0123456789abcdefABCDEF/") != strlen(text))
        return false;
    unsigned long long high = strtoull(text, &end, 16);
    if (end == text || *end != '/' || high > UINT32_MAX || end - text > 8)
        return false;
    const char *second = end + 1;
    unsigned long long low = strtoull(second, &end, 16);
    if (end == second || *end || low > UINT32_MAX || end - second > 8)
        return false;
    *out = (int64_t)(high << 32 | low);
    return true;
}

typedef bool decoder(const char *text, int64_t *out);

static void put_int(struct wire_frame *w, decoder *decode, const char *text)
{
    int64_t v;
    if (decode(text, &v))
        wire_frame_int(w, v);
    else
        wire_frame_null(w);
}

void decode_cell(struct wire_frame *w, const struct column *column, const char *text, size_t len)
{
    double d;
    if (!text) {
        wire_frame_null(w);
        return;
    }
    switch (column->type) {
    case TYPE_TEXT:
        wire_frame_text(w, text, len < TEXT_CELL_MAX ? len : TEXT_CELL_MAX);
        break;
    case TYPE_REAL:
        if (decode_real(text, &d))
            wire_frame_real(w, d);
        else
            wire_frame_null(w);
        break;
    case TYPE_BOOL:
        put_int(w, decode_bool, text);
        break;
    case TYPE_TIME:
        put_int(w, decode_time, text);
        break;
    case TYPE_LSN:
        put_int(w, decode_lsn, text);
        break;
    default:
        put_int(w, decode_int, text);
    }
}
