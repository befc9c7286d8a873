/* Telling what is wrong, and the few words of libpq that the tests over real servers share. */
#include "tests/sql/faults.h"

#include "base/buf.h"
#include "base/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void faults_at(struct faults *f, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(f->where, sizeof(f->where), format, args);
    va_end(args);
}

static PRINTF_LIKE(2, 0) void tell(struct faults *f, const char *format, va_list args)
{
    f->count++;
    printf("FAULT %s: ", f->where);
    vprintf(format, args);
    putchar('\n');
    fflush(stdout);
}

void faults_add(struct faults *f, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    tell(f, format, args);
    va_end(args);
}

bool faults_check(struct faults *f, bool holds, const char *format, ...)
{
    va_list args;
    f->checks++;
    if (holds)
        return true;
    va_start(args, format);
    tell(f, format, args);
    va_end(args);
    return false;
}

char *conninfo_with(const char *conninfo, const char *keyword, const char *value)
{
    struct buf b = {0};
    buf_printf(&b, "%s %s='", conninfo, keyword);
    for (; *value; value++) {
        if (*value == '\'' || *value == '\\')
            buf_putc(&b, '\\');
        buf_putc(&b, *value);
    }
    buf_putc(&b, '\'');
    return buf_take(&b);
}

PGconn *need_connection(const char *conninfo, const char *user, const char *database, const char *application)
{
    char *a = conninfo_with(conninfo, "application_name", application);
    char *b = user ? conninfo_with(a, "user", user) : mem_string(a);
    char *c = database ? conninfo_with(b, "dbname", database) : mem_string(b);
    PGconn *conn = PQconnectdb(c);
    free(a);
    free(b);
    free(c);
    if (PQstatus(conn) == CONNECTION_OK)
        return conn;
    fprintf(stderr, "Cannot set the scene: %s\n", PQerrorMessage(conn));
    exit(1);
}

char *need(PGconn *conn, const char *sql)
{
    PGresult *r = PQexec(conn, sql);
    ExecStatusType status = PQresultStatus(r);
    if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK && status != PGRES_COPY_BOTH) {
        fprintf(stderr, "Cannot set the scene: %s: %s\n", sql, PQerrorMessage(conn));
        exit(1);
    }
    char *first = mem_string(PQntuples(r) > 0 && PQnfields(r) > 0 ? PQgetvalue(r, 0, 0) : "");
    PQclear(r);
    return first;
}

void need_quietly(PGconn *conn, const char *sql)
{
    free(need(conn, sql));
}

void need_soon(PGconn *conn, const char *sql)
{
    for (int i = 0; i < 1000; i++) {
        char *answer = need(conn, sql);
        bool yes = strcmp(answer, "t") == 0;
        free(answer);
        if (yes)
            return;
        usleep(20000);
    }
    fprintf(stderr, "Cannot set the scene: this did not come true within 20 s: %s\n", sql);
    exit(1);
}
