/* Numbers with units. */
#include "model/quantity.h"

#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

struct suffix {
    const char *word;
    double factor;
};

/* Whatever their case. */
static const struct suffix second_suffixes[] = {
    {"us", 1e-6}, {"µs", 1e-6}, {"ms", 1e-3}, {"s", 1},      {"sec", 1},      {"m", 60},
    {"min", 60},  {"h", 3600},  {"d", 86400}, {"w", 604800}, {"y", 31557600}, {NULL, 0},
};
static const struct suffix byte_suffixes[] = {
    {"b", 1},        {"k", 0x1p10},   {"kb", 0x1p10},  {"kib", 0x1p10}, {"m", 0x1p20},
    {"mb", 0x1p20},  {"mib", 0x1p20}, {"g", 0x1p30},   {"gb", 0x1p30},  {"gib", 0x1p30},
    {"t", 0x1p40},   {"tb", 0x1p40},  {"tib", 0x1p40}, {"p", 0x1p50},   {"pb", 0x1p50},
    {"pib", 0x1p50}, {"e", 0x1p60},   {"eb", 0x1p60},  {"eib", 0x1p60}, {NULL, 0},
};
static const struct suffix count_suffixes[] = {
    {"k", 1e3}, {"m", 1e6}, {"g", 1e9}, {"b", 1e9}, {"t", 1e12}, {"p", 1e15}, {NULL, 0},
};
static const struct suffix fraction_suffixes[] = {{"%", 0.01}, {NULL, 0}};
static const struct suffix no_suffixes[] = {{NULL, 0}};

static const struct form {
    const struct suffix *suffixes;
    const char *example;
} forms[UNIT_COUNT_] = {
    [UNIT_NONE] = {no_suffixes, "a plain number such as 42"},
    [UNIT_COUNT] = {count_suffixes, "a number such as 1204 or 1.2M"},
    [UNIT_BYTES] = {byte_suffixes, "a size such as 10MB or 1.5GB"},
    [UNIT_SECONDS] = {second_suffixes, "a time such as 30s, 5m, 2h or 500ms"},
    [UNIT_FRACTION] = {fraction_suffixes, "a share such as 50% or 0.5"},
    [UNIT_XIDS] = {count_suffixes, "a number such as 1204 or 1.2M"},
};

static void skip_blanks(const char **at)
{
    while (**at == ' ')
        ++*at;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Digits with an optional fraction; commas may group the whole part by threes. Not by strtod(): it follows
 * the locale, and takes "inf", "1e9" and "0x10". */
static bool read_number(const char **at, double *value)
{
    const char *p = *at;
    char digits[64];
    size_t n = 0;
    bool grouped = false;
    int run = 0;
    for (; is_digit(*p) || *p == ','; p++) {
        if (*p == ',') {
            if (run == 0 || run > 3 || (grouped && run != 3))
                return false;
            grouped = true;
            run = 0;
            continue;
        }
        if (n >= 30)
            return false;
        digits[n++] = *p;
        run++;
    }
    if ((grouped && run != 3) || n == 0)
        return false;
    double whole = 0, part = 0, scale = 1;
    for (size_t i = 0; i < n; i++)
        whole = whole * 10 + (digits[i] - '0');
    if (*p == '.') {
        if (!is_digit(p[1]))
            return false;
        for (p++; is_digit(*p); p++) {
            if (scale >= 1e15)
                continue;
            part = part * 10 + (*p - '0');
            scale *= 10;
        }
    }
    *at = p;
    /* One division, so that 0.1 is the nearest double to 0.1. */
    *value = part != 0 && whole < 1e6 && scale <= 1e9 ? (whole * scale + part) / scale : whole + part / scale;
    return true;
}

/* The longest run of letters and % here. NULL when it is no suffix of this unit. */
static const struct suffix *read_suffix(const char **at, const struct suffix *suffixes)
{
    size_t len = strcspn(*at, " 0123456789.,:");
    for (; suffixes->word; suffixes++)
        if (strlen(suffixes->word) == len && strncasecmp(suffixes->word, *at, len) == 0) {
            *at += len;
            return suffixes;
        }
    return NULL;
}

/* "12:04" is minutes and seconds, "1:02:03" has hours too. The first number has been read. */
static bool read_clock(const char **at, double *value)
{
    for (int i = 0; i < 2 && **at == ':'; i++) {
        const char *p = *at + 1;
        if (!is_digit(p[0]) || !is_digit(p[1]) || is_digit(p[2]) || p[0] > '5')
            return false;
        *value = *value * 60 + (p[0] - '0') * 10 + (p[1] - '0');
        *at = p + 2;
    }
    return true;
}

/* More after "2 h": "41" or "41 m". A number without a unit counts in the next smaller one. */
static bool read_rest(const char **at, double factor, double *value)
{
    while (**at) {
        double more;
        if (!read_number(at, &more))
            return false;
        skip_blanks(at);
        const struct suffix *s = **at ? read_suffix(at, second_suffixes) : NULL;
        double smaller = factor >= 86400 ? 3600 : factor >= 3600 ? 60 : 1;
        if ((**at && !s) || factor < 60 || (s && s->factor >= factor))
            return false;
        factor = s ? s->factor : smaller;
        *value += more * factor;
        skip_blanks(at);
    }
    return true;
}

static bool read_quantity(const char *at, enum unit unit, double *value)
{
    skip_blanks(&at);
    bool minus = *at == '-';
    at += minus;
    if (!read_number(&at, value))
        return false;
    bool clock = unit == UNIT_SECONDS && *at == ':';
    if (clock && !read_clock(&at, value))
        return false;
    skip_blanks(&at);
    if (*at && !clock) {
        const struct suffix *s = read_suffix(&at, forms[unit].suffixes);
        if (!s)
            return false;
        *value *= s->factor;
        skip_blanks(&at);
        if (unit == UNIT_SECONDS && !read_rest(&at, s->factor, value))
            return false;
    } else if (unit == UNIT_FRACTION && *value > 1) {
        return false;
    }
    if (minus)
        *value = -*value;
    return *at == '\0';
}

bool quantity_parse(const char *text, enum unit unit, double *value, struct err *err)
{
    if (read_quantity(text, unit, value))
        return true;
    char safe[64];
    text_copy(safe, sizeof(safe), text, strlen(text), TEXT_ASCII);
    return err_set(err, "\"%s\" is not %s.", safe, forms[unit].example);
}

char *quantity_format(char out[FORMAT_ROOM], double value, enum unit unit, enum text_mode mode)
{
    switch (unit) {
    case UNIT_SECONDS:
        return format_duration(out, value, mode);
    case UNIT_BYTES:
        return format_bytes(out, value, mode);
    case UNIT_FRACTION:
        return format_percent(out, value, mode);
    case UNIT_NONE:
        if (isnan(value))
            return format_unknown(out, mode);
        snprintf(out, FORMAT_ROOM, "%.15g", value);
        return out;
    default:
        return format_count(out, value, mode);
    }
}

char *quantity_format_rate(char out[FORMAT_ROOM], double per_second, enum unit unit, enum text_mode mode)
{
    if (unit == UNIT_BYTES)
        return format_bytes_rate(out, per_second, mode);
    /* Seconds per second are a share of the time. */
    return unit == UNIT_SECONDS ? format_percent(out, per_second, mode) : format_rate(out, per_second, mode);
}

char *quantity_format_cell(char out[FORMAT_ROOM], const struct frame *f, uint32_t row, int column,
                           enum text_mode mode)
{
    const struct cell *cell = frame_cell(f, row, column);
    const struct column *c = &f->schema->columns[column];
    if (!cell->known || c->type == TYPE_TEXT)
        return format_unknown(out, mode);
    switch (c->type) {
    case TYPE_BOOL:
        return strcpy(out, cell->i ? "yes" : "no");
    case TYPE_LSN:
        return format_lsn(out, (uint64_t)cell->i);
    case TYPE_TIME:
        return format_duration(out, ((double)f->wall_us - (double)cell->i) / 1e6, mode);
    case TYPE_INT:
        if (c->unit == UNIT_NONE) {
            snprintf(out, FORMAT_ROOM, "%" PRId64, cell->i);
            return out;
        }
        break;
    default:
        break;
    }
    return quantity_format(out, frame_number(f, row, column), c->unit, mode);
}
