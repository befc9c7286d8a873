/* Answers gone bad: wrong shapes, values that are not of their type, text that would take over a terminal. */
#include "tests/fault/modes.h"

#include <stdlib.h>
#include <string.h>

#define LONG_TEXT (1 << 20)

const char hostile_message[] = "\x1b]0;owned\x07\x1b[2J\x1b[31mred\x1b]52;c;cm0gLXJm\x07\xe2\x80\xaexyz"
                               "\xc2\x9b" "31m\x9b" "A\xff\n\r\x08\x7f%n%s";

struct nasty {
    const char *bytes;
    size_t len;
};
#define NASTY(s) {s, sizeof(s) - 1}

static const struct nasty texts[] = {
    NASTY("\x1b[31mred\x1b[0m"),
    NASTY("\x1b]0;owned\x07title"),
    NASTY("\x1b]52;c;cm0gLXJm\x07" "clipboard"),
    NASTY("\x1b[2J\x1b[Hcleared"),
    NASTY("\x1b[6n\x1b[c\x1b[21treport"),
    NASTY("\x1bP+q544e\x1b\\dcs\x1b_apc\x1b\\"),
    NASTY("\xc2\x9b" "31mC1\xc2\x9d" "0;x\xc2\x9c"),
    NASTY("\x9b" "31mraw C1\x9d" "0;x\x9c"),
    NASTY("\xe2\x80\xaetxet desrever\xe2\x80\xac"),
    NASTY("\xe2\x81\xa6isolate\xe2\x81\xa9\xe2\x80\x8b\xe2\x80\x8d\xef\xbb\xbf"),
    NASTY("\xff\xfe\xc0\xaf\xed\xa0\x80\xf4\x90\x80\x80 invalid \xc3"),
    NASTY("e\xcc\x81\xcc\x82\xcc\x83\xcc\x84\xcc\x85\xcc\x86\xcc\x87\xcc\x88\xcc\x89zalgo"),
    NASTY("line\nline\rline\ttab\x0b\x0c\x08\x7f\x07\x0e\x0f"),
    NASTY("zero\0byte"),
    NASTY("\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d \xd8\xb3\xd9\x84\xd8\xa7\xd9\x85"),
    NASTY("\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x91\xa7\xe2\x9a\xa0\xef\xb8\x8f"),
    NASTY("\xe4\xb8\xad\xe6\x96\x87\xe4\xb8\xad\xe6\x96\x87\xef\xbd\xb1"),
    NASTY("%n%s%x%d $(reboot) `reboot` ; rm -rf /"),
    NASTY("'; drop table users; --\\"),
    NASTY("../../etc/passwd"),
    NASTY("\xef\xbf\xbf\xee\x80\x80\xf3\xa0\x81\x81\xc2\xad\xd8\x9c\xe3\x85\xa4"),
    NASTY(""),
};

static const char *const integers[] = {
    "text", "", "99999999999999999999999", "-99999999999999999999999", "9223372036854775807",
    "-9223372036854775808", "2147483648", "-1", "1.5", "0x1F", " 7 ", "NaN", "1e400", "+", "-", "7\n",
    "\xd9\xa1\xd9\xa2", "1,000",
};
static const char *const reals[] = {
    "NaN", "Infinity", "-Infinity", "1e400", "-1e400", "1e-400", "abc", "", "-0", "0x1p1023",
    "1.7976931348623157e308", "..", "1,5", "-1",
};
static const char *const times[] = {
    "infinity", "-infinity", "294276-12-31 23:59:59.999999+00", "4713-01-01 00:00:00 BC",
    "2026-13-45 99:99:99", "yesterday", "", "2026-01-01", "99999999-01-01 00:00:00+00",
    "1970-01-01 00:00:00+99:99", "0", "2026-02-30 00:00:00+00",
};
static const char *const others[] = {
    "", "maybe", "ZZ/ZZ", "FFFFFFFF/FFFFFFFF", "100000000/0", "{{{{{{{{", "{1,2", "{\"a", "}{", "tt",
    "-1", "999.1.1.1/99", "1 year 99999999 mons", "-9999999:00:00", "{\"a\":", "\\x0",
};

/* Enough rows for every nasty value to come up. */
static void grow(struct answer *a, size_t rows)
{
    while (a->nrows && a->nrows < rows) {
        answer_row(a);
        for (size_t col = 0; col < a->ncols; col++) {
            const struct answer_cell *cell = answer_at(a, 0, col);
            answer_set(a, a->nrows - 1, col, cell->bytes, cell->len);
        }
    }
}

void shape_more_columns(struct session *s, struct answer *a)
{
    (void)s;
    size_t n = a->ncols;
    struct answer old;
    answer_copy(&old, a);
    answer_free(a);
    for (size_t i = 0; i < n; i++)
        answer_column(a, old.cols[i].name, old.cols[i].oid);
    answer_column(a, "one_too_many", 25);
    for (size_t row = 0; row < old.nrows; row++) {
        answer_row(a);
        for (size_t col = 0; col < n; col++)
            answer_set(a, row, col, answer_at(&old, row, col)->bytes, answer_at(&old, row, col)->len);
    }
    answer_free(&old);
}

void shape_fewer_columns(struct session *s, struct answer *a)
{
    (void)s;
    struct answer old;
    answer_copy(&old, a);
    answer_free(a);
    for (size_t i = 0; i + 1 < old.ncols; i++)
        answer_column(a, old.cols[i].name, old.cols[i].oid);
    for (size_t row = 0; row < old.nrows && a->ncols; row++) {
        answer_row(a);
        for (size_t col = 0; col < a->ncols; col++)
            answer_set(a, row, col, answer_at(&old, row, col)->bytes, answer_at(&old, row, col)->len);
    }
    answer_free(&old);
}

#define PICK(list, n) (list)[(n) % COUNT_OF(list)]

static const char *wrong_value(unsigned oid, size_t n)
{
    switch (oid) {
    case 20: case 21: case 23: case 26: case 28:
        return PICK(integers, n);
    case 700: case 701: case 1700:
        return PICK(reals, n);
    case 1082: case 1114: case 1184:
        return PICK(times, n);
    default:
        return PICK(others, n);
    }
}

void shape_wrong_types(struct session *s, struct answer *a)
{
    (void)s;
    grow(a, COUNT_OF(integers));
    for (size_t row = 0; row < a->nrows; row++)
        for (size_t col = 0; col < a->ncols; col++) {
            const char *value = wrong_value(a->cols[col].oid, row + col);
            if (!type_is_text(a->cols[col].oid))
                answer_set(a, row, col, value, strlen(value));
        }
}

/* The values are as they should be, the types that are told are not. */
void shape_type_lies(struct session *s, struct answer *a)
{
    static const unsigned oids[] = {25, 17, 1184, 20, 701, 1009, 4294967295U, 0};
    (void)s;
    for (size_t col = 0; col < a->ncols; col++)
        a->cols[col].oid = PICK(oids, col + (a->cols[col].oid == 25));
}

void shape_hostile_text(struct session *s, struct answer *a)
{
    grow(a, COUNT_OF(texts) + 1);
    for (size_t row = 0; row < a->nrows; row++)
        for (size_t col = 0; col < a->ncols; col++) {
            const struct nasty *n = &PICK(texts, row + col + (size_t)s->asked);
            if (type_is_text(a->cols[col].oid))
                answer_set(a, row, col, n->bytes, n->len);
        }
    for (size_t col = 0; col < a->ncols && a->nrows; col++) {
        if (!type_is_text(a->cols[col].oid))
            continue;
        char *text = malloc(LONG_TEXT);
        for (size_t i = 0; text && i < LONG_TEXT; i++)
            text[i] = "select \x1b[31m\xe2\x80\xae\xff\n"[i % 17];
        answer_set(a, a->nrows - 1, col, text, text ? LONG_TEXT : 0);
        free(text);
        break;
    }
}

void shape_hostile_names(struct session *s, struct answer *a)
{
    (void)s;
    for (size_t col = 0; col < a->ncols; col++) {
        free(a->cols[col].name);
        a->cols[col].name = strdup(PICK(texts, col).bytes);
    }
}

void shape_nulls(struct session *s, struct answer *a)
{
    (void)s;
    for (size_t row = 0; row < a->nrows; row++)
        for (size_t col = 0; col < a->ncols; col++)
            answer_set(a, row, col, NULL, 0);
}

void shape_no_rows(struct session *s, struct answer *a)
{
    (void)s;
    for (size_t i = 0; i < a->nrows * a->ncols; i++)
        free(a->cells[i].bytes);
    a->nrows = 0;
}

void shape_error(struct session *s, struct answer *a)
{
    s->asked++;
    answer_error(a, s->options->sqlstate, hostile_message);
}

/* A code of every class, then what is no code at all. */
void shape_error_storm(struct session *s, struct answer *a)
{
    static const char *const codes[] = {
        "08006", "0A000", "21000", "22012", "22021", "22P02", "23505", "24000", "25006", "25P02",
        "26000", "28000", "28P01", "2BP01", "34000", "3D000", "40001", "40P01", "42501", "42601",
        "42703", "42883", "42P01", "44000", "53000", "53100", "53200", "53300", "54001", "55000",
        "55006", "55P03", "57014", "57P01", "57P02", "57P03", "57P04", "57P05", "58030", "58P01",
        "72000", "F0000", "HV000", "P0001", "XX000", "XX001", "XX002", "ZZZZZ", "00000", "abc", "",
        "\x1b[3m",
    };
    const char *code = PICK(codes, (size_t)s->asked);
    s->asked++;
    answer_error(a, code, hostile_message);
}

void shape_alternate(struct session *s, struct answer *a)
{
    if (s->asked % 2)
        shape_error(s, a);
}
