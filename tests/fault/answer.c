/* Answers, and how they are put on the wire. */
#include "tests/fault/answer.h"

#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct type {
    const char *name;
    unsigned oid;
    int size;
    const char *example;
} types[] = {
    {"text", 25, -1, "x"},
    {"bool", 16, 1, "t"},
    {"boolean", 16, 1, "t"},
    {"bytea", 17, -1, "\\x00"},
    {"char", 18, 1, "c"},
    {"name", 19, 64, "postgres"},
    {"int8", 20, 8, "1"},
    {"bigint", 20, 8, "1"},
    {"int2", 21, 2, "1"},
    {"int4", 23, 4, "1"},
    {"int", 23, 4, "1"},
    {"integer", 23, 4, "1"},
    {"oid", 26, 4, "1"},
    {"xid", 28, 4, "700"},
    {"json", 114, -1, "{}"},
    {"float4", 700, 4, "1.5"},
    {"float8", 701, 8, "1.5"},
    {"double", 701, 8, "1.5"},
    {"inet", 869, -1, "127.0.0.1"},
    {"int4[]", 1007, -1, "{}"},
    {"text[]", 1009, -1, "{}"},
    {"varchar", 1043, -1, "x"},
    {"date", 1082, 4, "2026-01-01"},
    {"timestamp", 1114, 8, "2026-01-01 00:00:00"},
    {"timestamptz", 1184, 8, "2026-01-01 00:00:00+00"},
    {"interval", 1186, 16, "00:00:01"},
    {"numeric", 1700, -1, "1.5"},
    {"pg_lsn", 3220, 8, "0/16B3748"},
    {"jsonb", 3802, -1, "{}"},
};

unsigned type_oid(const char *name)
{
    for (size_t i = 0; i < COUNT_OF(types); i++)
        if (strcmp(types[i].name, name) == 0)
            return types[i].oid;
    return 25;
}

static const struct type *type_of(unsigned oid)
{
    for (size_t i = 0; i < COUNT_OF(types); i++)
        if (types[i].oid == oid)
            return &types[i];
    return &types[0];
}

bool type_is_text(unsigned oid)
{
    return oid == 25 || oid == 19 || oid == 1043 || oid == 18;
}

const char *type_example(unsigned oid)
{
    return type_of(oid)->example;
}

void answer_free(struct answer *a)
{
    for (size_t i = 0; i < a->ncols; i++)
        free(a->cols[i].name);
    for (size_t i = 0; i < a->ncols * a->nrows; i++)
        free(a->cells[i].bytes);
    free(a->cols);
    free(a->cells);
    free(a->message);
    *a = (struct answer){0};
}

void answer_tag(struct answer *a, const char *tag)
{
    answer_free(a);
    a->kind = ANSWER_TAG;
    snprintf(a->tag, sizeof(a->tag), "%s", tag);
}

void answer_error(struct answer *a, const char *sqlstate, const char *message)
{
    char *copy = mem_string(message), code[sizeof(a->sqlstate)];
    snprintf(code, sizeof(code), "%s", sqlstate);   /* either may be part of a */
    answer_free(a);
    a->kind = ANSWER_ERROR;
    memcpy(a->sqlstate, code, sizeof(code));
    a->message = copy;
}

void answer_column(struct answer *a, const char *name, unsigned oid)
{
    a->cols = mem_resize(a->cols, a->ncols + 1, sizeof(*a->cols));
    a->cols[a->ncols++] = (struct answer_column){mem_string(name), oid};
}

void answer_row(struct answer *a)
{
    a->cells = mem_resize(a->cells, (a->nrows + 1) * a->ncols, sizeof(*a->cells));
    for (size_t i = 0; i < a->ncols; i++)
        a->cells[a->nrows * a->ncols + i] = (struct answer_cell){NULL, 0};
    a->nrows++;
}

struct answer_cell *answer_at(struct answer *a, size_t row, size_t col)
{
    return &a->cells[row * a->ncols + col];
}

void answer_set(struct answer *a, size_t row, size_t col, const void *bytes, size_t len)
{
    struct answer_cell *cell = answer_at(a, row, col);
    char *copy = bytes ? mem_bytes(bytes, len) : NULL;
    free(cell->bytes);
    *cell = (struct answer_cell){copy, bytes ? len : 0};
}

void answer_copy(struct answer *to, const struct answer *from)
{
    *to = *from;
    to->message = mem_string(from->message);
    to->ncols = to->nrows = 0;
    to->cols = NULL;
    to->cells = NULL;
    for (size_t i = 0; i < from->ncols; i++)
        answer_column(to, from->cols[i].name, from->cols[i].oid);
    for (size_t row = 0; row < from->nrows; row++) {
        answer_row(to);
        for (size_t col = 0; col < from->ncols; col++) {
            const struct answer_cell *cell = &from->cells[row * from->ncols + col];
            answer_set(to, row, col, cell->bytes, cell->len);
        }
    }
}

void answer_send_columns(const struct answer *a, struct link *l)
{
    if (a->kind != ANSWER_ROWS) {
        link_begin(l, 'n');
        link_end(l);
        return;
    }
    link_begin(l, 'T');
    link_int16(l, (int)a->ncols);
    for (size_t i = 0; i < a->ncols; i++) {
        link_string(l, a->cols[i].name);
        link_int32(l, 0);       /* of no table */
        link_int16(l, 0);
        link_int32(l, a->cols[i].oid);
        link_int16(l, type_of(a->cols[i].oid)->size);
        link_int32(l, -1);
        link_int16(l, 0);       /* text */
    }
    link_end(l);
}

void answer_send_row(const struct answer *a, size_t row, struct link *l)
{
    link_begin(l, 'D');
    link_int16(l, (int)a->ncols);
    for (size_t i = 0; i < a->ncols; i++) {
        const struct answer_cell *cell = &a->cells[row * a->ncols + i];
        link_int32(l, cell->bytes ? (int64_t)cell->len : -1);
        link_bytes(l, cell->bytes, cell->len);
    }
    link_end(l);
}

void error_send(struct link *l, const char *severity, const char *sqlstate, const char *message,
                const char *detail)
{
    link_begin(l, strcmp(severity, "NOTICE") == 0 || strcmp(severity, "WARNING") == 0 ? 'N' : 'E');
    const struct {
        char field;
        const char *value;
    } fields[] = {{'S', severity}, {'V', severity}, {'C', sqlstate}, {'M', message}, {'D', detail}};
    for (size_t i = 0; i < COUNT_OF(fields); i++) {
        if (!fields[i].value)
            continue;
        link_int8(l, fields[i].field);
        link_string(l, fields[i].value);
    }
    link_int8(l, 0);
    link_end(l);
}

void answer_send_end(const struct answer *a, struct link *l)
{
    char tag[64];
    snprintf(tag, sizeof(tag), "SELECT %zu", a->nrows);
    switch (a->kind) {
    case ANSWER_ERROR:
        error_send(l, "ERROR", a->sqlstate, a->message, NULL);
        break;
    case ANSWER_EMPTY:
        link_begin(l, 'I');
        link_end(l);
        break;
    case ANSWER_TAG:
    case ANSWER_ROWS:
        link_begin(l, 'C');
        link_string(l, a->kind == ANSWER_TAG ? a->tag : tag);
        link_end(l);
        break;
    }
}

void answer_send_rows(const struct answer *a, struct link *l)
{
    for (size_t row = 0; row < a->nrows; row++)
        answer_send_row(a, row, l);
    answer_send_end(a, l);
}
