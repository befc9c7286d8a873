/* The table of misbehaviours, and those that break the protocol itself. */
#include "tests/fault/modes.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define GIGABYTE 0x3FFFFF00L

static long times(const struct session *s, long usual)
{
    return s->options->count ? s->options->count : usual;
}

/* ---- before the login is done ---- */

static void hold(struct session *s)
{
    link_hold(&s->link);
}

static void drip(struct session *s)
{
    s->link.drip_ms = 10;
}

static void refuse(struct session *s, const char *sqlstate, const char *text)
{
    session_log(s, "refused", sqlstate);
    error_send(&s->link, "FATAL", sqlstate, text, NULL);
    link_flush(&s->link);
    link_close(&s->link);
}

static void too_many(struct session *s)
{
    refuse(s, "53300", "sorry, too many clients already");
}

static void bad_password(struct session *s)
{
    refuse(s, "28P01", "password authentication failed for user \"\x1b[31mx\"");
}

static void starting(struct session *s)
{
    refuse(s, "57P03", "the database system is starting up");
}

static void no_database(struct session *s)
{
    refuse(s, "3D000", "database \"shop\" does not exist");
}

/* Asks for a password and then says nothing more. */
static void stalled_auth(struct session *s)
{
    struct buf body = {0};
    link_begin(&s->link, 'R');
    link_int32(&s->link, 3);
    link_end(&s->link);
    link_flush(&s->link);
    link_read(&s->link, true, &body);
    link_hold(&s->link);
}

static void garbage(struct session *s)
{
    unsigned seed = 1;
    for (long i = 0; i < times(s, 1L << 20); i++) {
        seed = seed * 1103515245U + 12345U;
        char c = (char)(seed >> 16);
        link_raw(&s->link, &c, 1);
    }
    link_flush(&s->link);
    link_close(&s->link);
}

static void garbage_login(struct session *s)
{
    garbage(s);
}

static void fin(struct session *s)
{
    link_close(&s->link);
}

static void rst(struct session *s)
{
    link_reset(&s->link);
}

static void parameter_flood(struct session *s)
{
    for (long i = 0; i < times(s, 20000); i++) {
        char name[32];
        snprintf(name, sizeof(name), "parameter_%ld", i);
        link_begin(&s->link, 'S');
        link_string(&s->link, name);
        link_string(&s->link, hostile_message);
        link_end(&s->link);
    }
}

static void odd_version(struct session *s)
{
    link_begin(&s->link, 'S');
    link_string(&s->link, "server_version");
    link_string(&s->link, "99999999999.\x1b[31m-1devel");
    link_end(&s->link);
}

/* ---- instead of rows ---- */

static void close_now(struct session *s, struct answer *a)
{
    (void)a;
    link_flush(&s->link);
    link_close(&s->link);
}

static void freeze(struct session *s, struct answer *a)
{
    (void)a;
    buf_clear(&s->link.out);
    link_hold(&s->link);
}

static void half(struct session *s, struct answer *a)
{
    answer_send_rows(a, &s->link);
    link_flush_part(&s->link, s->link.out.len / 2);
}

static void half_rst(struct session *s, struct answer *a)
{
    half(s, a);
    link_reset(&s->link);
}

static void half_fin(struct session *s, struct answer *a)
{
    half(s, a);
    link_close(&s->link);
}

static void half_hold(struct session *s, struct answer *a)
{
    half(s, a);
    link_hold(&s->link);
}

static void drip_answer(struct session *s, struct answer *a)
{
    s->link.drip_ms = 10;
    answer_send_rows(a, &s->link);
}

static void slow(struct session *s, struct answer *a)
{
    long ms = times(s, 1000);
    nanosleep(&(struct timespec){.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L}, NULL);
    answer_send_rows(a, &s->link);
}

/* The head of a row whose one cell has n bytes. */
static void row_head(struct session *s, const struct answer *a, long n)
{
    link_raw(&s->link, "D", 1);
    link_int32(&s->link, 4 + 2 + 4 * (long)a->ncols + n);
    link_int16(&s->link, (int)a->ncols);
    for (size_t i = 1; i < a->ncols; i++)
        link_int32(&s->link, -1);
    link_int32(&s->link, n);
}

static void big_row_announced(struct session *s, struct answer *a)
{
    row_head(s, a, times(s, GIGABYTE));
    link_flush(&s->link);
    link_hold(&s->link);
}

static void big_row(struct session *s, struct answer *a)
{
    static char bytes[65536];
    memset(bytes, 'x', sizeof(bytes));
    long left = times(s, GIGABYTE);
    row_head(s, a, left);
    for (; left > 0; left -= (long)sizeof(bytes)) {
        link_raw(&s->link, bytes, left < (long)sizeof(bytes) ? (size_t)left : sizeof(bytes));
        link_flush(&s->link);
    }
    answer_send_end(a, &s->link);
}

static void endless_rows(struct session *s, struct answer *a)
{
    for (long i = 0; i < times(s, 5000000) && a->nrows; i++)
        answer_send_row(a, (size_t)i % a->nrows, &s->link);
    answer_send_end(a, &s->link);
}

static void copy_response(struct session *s, char kind)
{
    link_begin(&s->link, kind);     /* 'H' out, 'G' in, 'W' both */
    link_int8(&s->link, 0);
    link_int16(&s->link, 0);
    link_end(&s->link);
}

static void copy_out(struct session *s, struct answer *a)
{
    copy_response(s, 'H');
    link_flush(&s->link);
    (void)a;
}

static void copy_in(struct session *s, struct answer *a)
{
    copy_response(s, 'G');
    link_flush(&s->link);
    (void)a;
}

static void copy_both(struct session *s, struct answer *a)
{
    copy_response(s, 'W');
    link_flush(&s->link);
    (void)a;
}

static void copy_three(struct session *s, struct answer *a)
{
    copy_response(s, 'H');
    copy_response(s, 'G');
    copy_response(s, 'W');
    answer_send_end(a, &s->link);
}

static void copy_loop(struct session *s, struct answer *a)
{
    for (long i = 0; i < times(s, 100000000); i++) {
        copy_response(s, 'H');
        link_begin(&s->link, 'd');
        link_string(&s->link, "row\n");
        link_end(&s->link);
        link_begin(&s->link, 'c');
        link_end(&s->link);
        answer_send_end(a, &s->link);
    }
}

static void endless_complete(struct session *s, struct answer *a)
{
    answer_send_rows(a, &s->link);
    for (long i = 0; i < times(s, 100000000); i++)
        answer_send_end(a, &s->link);
}

static void endless_results(struct session *s, struct answer *a)
{
    answer_send_rows(a, &s->link);
    for (long i = 0; i < times(s, 100000000); i++) {
        answer_send_columns(a, &s->link);
        answer_send_rows(a, &s->link);
    }
}

static void notice_flood(struct session *s, struct answer *a)
{
    for (long i = 0; i < times(s, 1000000); i++)
        error_send(&s->link, i % 2 ? "NOTICE" : "WARNING", "01000", hostile_message, NULL);
    answer_send_rows(a, &s->link);
}

static void parameter_storm(struct session *s, struct answer *a)
{
    parameter_flood(s);
    answer_send_rows(a, &s->link);
}

static void notify_flood(struct session *s, struct answer *a)
{
    for (long i = 0; i < times(s, 1000000); i++) {
        link_begin(&s->link, 'A');
        link_int32(&s->link, i);
        link_string(&s->link, "channel");
        link_string(&s->link, hostile_message);
        link_end(&s->link);
    }
    answer_send_rows(a, &s->link);
}

static void garbage_answer(struct session *s, struct answer *a)
{
    (void)a;
    garbage(s);
}

/* Rows have a cell more than was told. */
static void row_mismatch(struct session *s, struct answer *a)
{
    shape_more_columns(s, a);
    answer_send_rows(a, &s->link);
}

static void bad_length(struct session *s, struct answer *a)
{
    (void)a;
    link_raw(&s->link, "D\xff\xff\xff\xf0\x00\x01", 7);
    link_flush(&s->link);
    link_hold(&s->link);
}

static void bad_cell_length(struct session *s, struct answer *a)
{
    link_begin(&s->link, 'D');
    link_int16(&s->link, (int)a->ncols);
    for (size_t i = 0; i < a->ncols; i++)
        link_int32(&s->link, 0x7FFFFFFF);
    link_end(&s->link);
    answer_send_end(a, &s->link);
}

static void no_ready(struct session *s, struct answer *a)
{
    answer_send_rows(a, &s->link);
    link_flush(&s->link);
    link_hold(&s->link);
}

static void fatal(struct session *s, struct answer *a)
{
    (void)a;
    error_send(&s->link, "FATAL", s->options->sqlstate,
               "terminating connection due to \x1b[31madministrator command", hostile_message);
    link_flush(&s->link);
    link_close(&s->link);
}

/* Healthy, and then it ends the idle session unasked. */
static void fatal_later(struct session *s, struct answer *a)
{
    answer_send_rows(a, &s->link);
    session_ready(s);
    nanosleep(&(struct timespec){.tv_nsec = 100000000}, NULL);
    fatal(s, a);
}

static void hostile_notices(struct session *s, struct answer *a)
{
    error_send(&s->link, "WARNING", "01000", hostile_message, hostile_message);
    answer_send_rows(a, &s->link);
}

/* ---- the table ---- */

static const struct mode modes[] = {
    {"healthy", "answers everything"},
    {"refuse", "connections are refused", .listening = LISTEN_NOT},
    {"black-hole", "the listen queue is full: no answer to SYN (TCP)", .listening = LISTEN_FULL},
    {"silent", "accepts and says nothing", .on_accept = hold},
    {"accept-fin", "accepts and closes", .on_accept = fin},
    {"accept-rst", "accepts and resets", .on_accept = rst},
    {"accept-garbage", "accepts and sends random bytes", .on_accept = garbage_login},
    {"drip", "every byte takes 10 ms", .on_accept = drip},
    {"stalled-auth", "asks for a password, then says nothing", .on_login = stalled_auth},
    {"login-hold", "reads the start-up packet, then says nothing", .on_login = hold},
    {"scram-forever", "SCRAM with 10^9 iterations", .scram_iterations = 1000000000},
    {"scram-most", "SCRAM with 2^31-1 iterations", .scram_iterations = 2147483647},
    {"too-many", "53300 at login", .on_login = too_many},
    {"bad-password", "28P01 at login", .on_login = bad_password},
    {"starting", "57P03 at login", .on_login = starting},
    {"no-database", "3D000 at login", .on_login = no_database},
    {"parameter-flood", "20,000 ParameterStatus at login", .on_ready = parameter_flood},
    {"odd-version", "an impossible server_version", .on_ready = odd_version},
    {"close", "closes instead of an answer", .act = close_now},
    {"freeze", "says nothing instead of an answer", .act = freeze},
    {"slow", "answers after --count ms (1000)", .act = slow},
    {"drip-answer", "every byte from the first answer on takes 10 ms", .act = drip_answer},
    {"half-rst", "half of an answer, then RST", .act = half_rst},
    {"half-fin", "half of an answer, then FIN", .act = half_fin},
    {"half-hold", "half of an answer, then nothing", .act = half_hold},
    {"big-row-announced", "a row of 1 GB (--count bytes) is announced and never sent",
     .act = big_row_announced},
    {"big-row", "a row of 1 GB (--count bytes) is sent", .act = big_row},
    {"endless-rows", "5,000,000 rows", .act = endless_rows},
    {"copy-out", "a COPY OUT response", .act = copy_out},
    {"copy-in", "a COPY IN response", .act = copy_in},
    {"copy-both", "a COPY BOTH response", .act = copy_both},
    {"copy-three", "three COPY responses", .act = copy_three},
    {"copy-loop", "COPY responses without end", .act = copy_loop},
    {"endless-complete", "CommandComplete without end", .act = endless_complete},
    {"endless-results", "results without end", .act = endless_results},
    {"notice-flood", "1,000,000 notices before the answer", .act = notice_flood},
    {"parameter-storm", "20,000 ParameterStatus before each answer", .act = parameter_storm},
    {"notify-flood", "1,000,000 notifications before the answer", .act = notify_flood},
    {"garbage", "random bytes instead of an answer", .act = garbage_answer},
    {"row-mismatch", "rows with a cell more than described", .act = row_mismatch},
    {"bad-length", "a message with a negative length", .act = bad_length},
    {"bad-cell-length", "cells longer than their row", .act = bad_cell_length},
    {"no-ready", "answers without ReadyForQuery", .act = no_ready},
    {"more-columns", "one column too many", .shape = shape_more_columns},
    {"fewer-columns", "one column too few", .shape = shape_fewer_columns},
    {"wrong-types", "values that are not of their type: text, NaN, huge, infinity",
     .shape = shape_wrong_types},
    {"type-lies", "column types that are not the values'", .shape = shape_type_lies},
    {"hostile-text", "escapes, C1, bidi, invalid UTF-8, 1 MB in the text columns",
     .shape = shape_hostile_text},
    {"hostile-names", "the same as column names", .shape = shape_hostile_names},
    {"hostile-notices", "the same in a warning before each answer", .act = hostile_notices},
    {"nulls", "every cell is null", .shape = shape_nulls},
    {"no-rows", "no rows", .shape = shape_no_rows},
    {"error", "an ERROR with --sqlstate and hostile text", .shape = shape_error},
    {"error-storm", "an ERROR of another SQLSTATE class each time", .shape = shape_error_storm},
    {"alternate", "an answer, an ERROR, an answer..", .shape = shape_alternate},
    {"fatal", "a FATAL with --sqlstate, then FIN", .act = fatal},
    {"fatal-later", "an answer, then unasked a FATAL and FIN", .act = fatal_later},
};

const struct mode *mode_find(const char *name)
{
    for (size_t i = 0; i < COUNT_OF(modes); i++)
        if (strcmp(modes[i].name, name) == 0)
            return &modes[i];
    return NULL;
}

void mode_list(void)
{
    for (size_t i = 0; i < COUNT_OF(modes); i++)
        printf("%-18s %s\n", modes[i].name, modes[i].help);
}
