/* Numbers for people. Each form is written for a magnitude; the sign is put before it last. */
#include "base/format.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { MINUTE = 60, HOUR = 3600, DAY = 86400, YEAR = 31557600, MAGNITUDE_ROOM = FORMAT_ROOM - 2 };

char *format_unknown(char out[FORMAT_ROOM], enum text_mode mode)
{
    return strcpy(out, mode == TEXT_UTF8 ? "–" : "-");
}

/* Puts the sign of x before its magnitude, unless that has been rounded to nothing. "Greater" turns
 * around. */
static char *finish(char out[FORMAT_ROOM], double x, double least, const char *magnitude)
{
    if (x > -least)
        snprintf(out, FORMAT_ROOM, "%s", magnitude);
    else if (*magnitude == '>' || *magnitude == '<')
        snprintf(out, FORMAT_ROOM, "%c-%s", *magnitude == '>' ? '<' : '>', magnitude + 1);
    else
        snprintf(out, FORMAT_ROOM, "-%s", magnitude);
    return out;
}

static void duration(char out[MAGNITUDE_ROOM], double s)
{
    if (s < 59.95)
        snprintf(out, MAGNITUDE_ROOM, "%.1f s", s);
    else if (s < MINUTE)
        snprintf(out, MAGNITUDE_ROOM, "1:00");
    else if (s < HOUR)
        snprintf(out, MAGNITUDE_ROOM, "%d:%02d", (int)s / MINUTE, (int)s % MINUTE);
    else if (s < 2 * DAY)
        snprintf(out, MAGNITUDE_ROOM, "%d h %02d", (int)s / HOUR, (int)s % HOUR / MINUTE);
    else if (s < 1000.0 * DAY)
        snprintf(out, MAGNITUDE_ROOM, "%d d", (int)(s / DAY));
    else if (s < 1000.0 * YEAR)
        snprintf(out, MAGNITUDE_ROOM, "%d y", (int)(s / YEAR));
    else
        snprintf(out, MAGNITUDE_ROOM, ">999 y");
}

char *format_duration(char out[FORMAT_ROOM], double seconds, enum text_mode mode)
{
    if (isnan(seconds))
        return format_unknown(out, mode);
    if (isinf(seconds) && seconds > 0)
        return strcpy(out, mode == TEXT_UTF8 ? "∞" : "never");
    char magnitude[MAGNITUDE_ROOM];
    duration(magnitude, fabs(seconds));
    return finish(out, seconds, 0.05, magnitude);
}

char *format_latency(char out[FORMAT_ROOM], double seconds, enum text_mode mode)
{
    if (isnan(seconds))
        return format_unknown(out, mode);
    char magnitude[MAGNITUDE_ROOM];
    double ms = fabs(seconds) * 1e3;
    if (ms < 0.9995)
        snprintf(magnitude, sizeof(magnitude), "%.0f %ss", ms * 1e3, mode == TEXT_UTF8 ? "µ" : "u");
    else if (ms < 999.5)
        snprintf(magnitude, sizeof(magnitude), "%.*f ms", ms < 9.995 ? 2 : ms < 99.95 ? 1 : 0, ms);
    else
        duration(magnitude, ms / 1e3);
    return finish(out, seconds, 0.5e-6, magnitude);
}

/* Divides x by step until it has at most three digits before the point, and adds its unit. One digit follows
 * the point below 10, but none in the first unit, which counts whole things. */
static void scale(char out[MAGNITUDE_ROOM], double x, double step, const char *const *units, size_t nunits)
{
    size_t i = 0;
    while (x >= 999.5 && i + 1 < nunits) {
        x /= step;
        i++;
    }
    if (x >= 999.5)
        snprintf(out, MAGNITUDE_ROOM, ">999 %s", units[i]);
    else
        snprintf(out, MAGNITUDE_ROOM, "%.*f %s", i > 0 && x < 9.95 ? 1 : 0, x, units[i]);
}

static void bytes_magnitude(char out[MAGNITUDE_ROOM], double bytes)
{
    static const char *const units[] = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};
    scale(out, bytes, 1024, units, COUNT_OF(units));
}

char *format_bytes(char out[FORMAT_ROOM], double bytes, enum text_mode mode)
{
    if (isnan(bytes))
        return format_unknown(out, mode);
    char magnitude[MAGNITUDE_ROOM];
    bytes_magnitude(magnitude, fabs(bytes));
    return finish(out, bytes, 0.5, magnitude);
}

static void count_magnitude(char out[MAGNITUDE_ROOM], double count)
{
    static const char *const units[] = {"k", "M", "G", "T", "P"};
    if (count < 99.95 && count != floor(count))
        snprintf(out, MAGNITUDE_ROOM, "%.1f", count);
    else if (count < 999.5)
        snprintf(out, MAGNITUDE_ROOM, "%.0f", count);
    else if (count < 99999.5)
        snprintf(out, MAGNITUDE_ROOM, "%d,%03d", (int)(count + 0.5) / 1000, (int)(count + 0.5) % 1000);
    else
        scale(out, count / 1000, 1000, units, COUNT_OF(units));
}

char *format_count(char out[FORMAT_ROOM], double count, enum text_mode mode)
{
    if (isnan(count))
        return format_unknown(out, mode);
    char magnitude[MAGNITUDE_ROOM];
    count_magnitude(magnitude, fabs(count));
    return finish(out, count, 0.05, magnitude);
}

char *format_rate(char out[FORMAT_ROOM], double per_second, enum text_mode mode)
{
    if (isnan(per_second))
        return format_unknown(out, mode);
    char magnitude[MAGNITUDE_ROOM];
    double x = fabs(per_second);
    if (x > 0 && x < 0.05)
        snprintf(magnitude, sizeof(magnitude), "<0.1");
    else if (x < 999.95)
        snprintf(magnitude, sizeof(magnitude), "%.1f", x);
    else
        count_magnitude(magnitude, x);
    strcat(magnitude, "/s");
    return finish(out, per_second, 1e-300, magnitude);
}

char *format_bytes_rate(char out[FORMAT_ROOM], double bytes_per_second, enum text_mode mode)
{
    if (isnan(bytes_per_second))
        return format_unknown(out, mode);
    char magnitude[MAGNITUDE_ROOM];
    bytes_magnitude(magnitude, fabs(bytes_per_second));
    strcat(magnitude, "/s");
    return finish(out, bytes_per_second, 0.5, magnitude);
}

char *format_percent(char out[FORMAT_ROOM], double fraction, enum text_mode mode)
{
    if (isnan(fraction))
        return format_unknown(out, mode);
    char magnitude[MAGNITUDE_ROOM];
    double x = fabs(fraction) * 100;
    if (x == 0 || x == 100)
        snprintf(magnitude, sizeof(magnitude), "%.0f %%", x);
    else if (x < 0.1)
        snprintf(magnitude, sizeof(magnitude), "<0.1 %%");
    else if (x < 100)
        snprintf(magnitude, sizeof(magnitude), "%.1f %%", x > 99.9 ? 99.9 : x);
    else if (x < 9999.5)
        snprintf(magnitude, sizeof(magnitude), x < 999.95 ? "%.1f %%" : "%.0f %%", x);
    else
        snprintf(magnitude, sizeof(magnitude), ">9999 %%");
    return finish(out, fraction, 1e-300, magnitude);
}

char *format_lsn(char out[FORMAT_ROOM], uint64_t lsn)
{
    snprintf(out, FORMAT_ROOM, "%" PRIX32 "/%" PRIX32, (uint32_t)(lsn >> 32), (uint32_t)lsn);
    return out;
}

char *format_whole(char out[FORMAT_ROOM], int64_t n)
{
    char digits[24], *at = out;
    int len = snprintf(digits, sizeof(digits), "%" PRIu64, n < 0 ? -(uint64_t)n : (uint64_t)n);
    if (n < 0)
        *at++ = '-';
    for (int i = 0; i < len; i++) {
        if (i > 0 && (len - i) % 3 == 0)
            *at++ = ',';
        *at++ = digits[i];
    }
    *at = '\0';
    return out;
}
