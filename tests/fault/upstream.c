/* The real server behind a hostile one: it knows every question, so that only the misbehaviour is made up. */
#include "tests/fault/session.h"

#include <stdlib.h>
#include <string.h>

static void take_error(const PGresult *r, struct answer *a)
{
    const char *state = PQresultErrorField(r, PG_DIAG_SQLSTATE),
               *text = PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY);
    answer_error(a, state ? state : "08006", text ? text : "the server behind is gone");
}

static void take_columns(const PGresult *r, struct answer *a)
{
    for (int i = 0; i < PQnfields(r); i++)
        answer_column(a, PQfname(r, i), PQftype(r, i));
}

static void take_rows(const PGresult *r, struct answer *a)
{
    take_columns(r, a);
    for (int row = 0; row < PQntuples(r); row++) {
        answer_row(a);
        for (int col = 0; col < PQnfields(r); col++)
            if (!PQgetisnull(r, row, col))
                answer_set(a, (size_t)row, (size_t)col, PQgetvalue(r, row, col),
                           (size_t)PQgetlength(r, row, col));
    }
}

static void take_result(struct session *s, PGresult *r, struct answer *a)
{
    switch (PQresultStatus(r)) {
    case PGRES_TUPLES_OK:
        take_rows(r, a);
        break;
    case PGRES_COMMAND_OK:
        answer_tag(a, PQcmdStatus(r));
        break;
    case PGRES_EMPTY_QUERY:
        a->kind = ANSWER_EMPTY;
        break;
    default:
        take_error(r, a);
        break;
    }
    PQclear(r);
    PGTransactionStatusType t = PQtransactionStatus(s->upstream);
    s->transaction = t == PQTRANS_INTRANS ? 'T' : t == PQTRANS_INERROR ? 'E' : 'I';
}

bool upstream_prepare(struct session *s, const struct prepared *p, struct answer *error)
{
    PGresult *r = PQprepare(s->upstream, p->name, p->sql, p->nparams, p->types);
    bool good = PQresultStatus(r) == PGRES_COMMAND_OK;
    if (!good)
        take_error(r, error);
    PQclear(r);
    return good;
}

void upstream_describe(struct session *s, const struct prepared *p, struct answer *a)
{
    PGresult *r = PQdescribePrepared(s->upstream, p->name);
    if (PQresultStatus(r) != PGRES_COMMAND_OK)
        take_error(r, a);
    else if (PQnfields(r))
        take_columns(r, a);
    else
        answer_tag(a, "");
    PQclear(r);
}

void upstream_execute(struct session *s, const struct prepared *p, const char *const *values,
                      const int *lengths, const int *formats, struct answer *a)
{
    take_result(s, PQexecPrepared(s->upstream, p->name, p->nparams, values, lengths, formats, 0), a);
}

void upstream_simple(struct session *s, const char *sql, struct answer *a)
{
    take_result(s, PQexec(s->upstream, sql), a);
}
