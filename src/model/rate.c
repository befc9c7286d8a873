/* The rate of one counter between two samples. */
#include "model/rate.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static struct rate no_rate(enum rate_flag flag)
{
    return (struct rate){NAN, flag};
}

struct rate rate_between(enum rate_kind kind, const struct rate_sample *before, const struct rate_sample *now,
                         int64_t gap_us)
{
    if (!now->known)
        return no_rate(now->unread);
    if (!before || !before->known || before->epoch.system != now->epoch.system)
        return no_rate(RATE_PLAIN);
    if (before->epoch.stats != now->epoch.stats)
        return no_rate(RATE_RESET);
    int64_t dt = now->time_us - before->time_us;
    if (before->epoch.row != now->epoch.row || dt <= 0)
        return no_rate(RATE_PLAIN);

    uint64_t grown = now->value - before->value;
    bool back = now->value < before->value;
    if (kind == RATE_XID32) {
        grown = (uint32_t)grown;
        back = grown > INT32_MAX;
    }
    if (back)
        return no_rate(RATE_RESET);
    return (struct rate){(double)grown * 1e6 / (double)dt, gap_us > 0 && dt > gap_us ? RATE_GAP : RATE_PLAIN};
}

/* Reads digits of a base up to a stop character, into at most `bits` bits. */
static enum rate_flag read_number(const char *text, char stop, int base, int bits, uint64_t *value,
                                  const char **end)
{
    /* strtoull would take blanks and signs. */
    if (!strchr(base == 16 ? "0123456789abcdefABCDEF" : "0123456789", *text) || *text == '\0')
        return RATE_PARSE_ERROR;
    char *rest;
    errno = 0;
    unsigned long long x = strtoull(text, &rest, base);
    if (*rest != stop)
        return RATE_PARSE_ERROR;
    if (errno == ERANGE || (bits < 64 && x >> bits))
        return RATE_OVERFLOW;
    *value = x;
    *end = rest;
    return RATE_PLAIN;
}

void rate_read(struct rate_sample *sample, enum rate_kind kind, const char *text)
{
    sample->known = false;
    sample->value = 0;
    sample->unread = RATE_PLAIN;
    if (!text)
        return;
    uint64_t high = 0, low = 0;
    const char *at = text;
    if (kind == RATE_LSN) {
        sample->unread = read_number(at, '/', 16, 32, &high, &at);
        at++;
    }
    if (sample->unread == RATE_PLAIN)
        sample->unread =
            read_number(at, '\0', kind == RATE_LSN ? 16 : 10, kind == RATE_U64 ? 64 : 32, &low, &at);
    sample->known = sample->unread == RATE_PLAIN;
    if (sample->known)
        sample->value = high << 32 | low;
}
