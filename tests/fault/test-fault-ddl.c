/* F24: tables, partitions of queues, an extension and a database that come and go between our questions, and within
 * them. No row ever shows another table's numbers, and the server's log hears of each loss once. */
#include "tests/fault/fault.h"
#include "tests/pty/console.h"
#include "tests/pty/visit.h"

#include <ctype.h>
#include <libpq-fe.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

static struct lab *lab;

/* ---- the server's side ---- */

static void in_database(const char *name, char *out, size_t size)
{
    snprintf(out, size, "%s dbname=%s", lab_conninfo(lab, "primary"), name);
}

static PGconn *session_in(const char *database)
{
    char conninfo[300];
    in_database(database, conninfo, sizeof(conninfo));
    PGconn *c = PQconnectdb(conninfo);
    if (PQstatus(c) != CONNECTION_OK)
        fail_msg("%s", PQerrorMessage(c));
    return c;
}

static void run(PGconn *c, const char *format, ...) PRINTF_LIKE(2, 3);
static void run(PGconn *c, const char *format, ...)
{
    char sql[2000];
    va_list args;
    va_start(args, format);
    vsnprintf(sql, sizeof(sql), format, args);
    va_end(args);
    PGresult *r = PQexec(c, sql);
    if (PQresultStatus(r) != PGRES_COMMAND_OK && PQresultStatus(r) != PGRES_TUPLES_OK)
        fail_msg("%s: %s", sql, PQerrorMessage(c));
    PQclear(r);
}

/* A table called pN_.. has N pages: N - 1 in its heap, one in its TOAST table's index, and three may be of its map of
 * free space. By the statistics it has N - 1. */
#define MAKE_TABLE                                                                                               \
    "create procedure make(name text, pages int) language plpgsql as $$ begin"                                   \
    " execute format('create table %I (x text)', name);"                                                         \
    " execute format('alter table %I alter x set storage plain', name);"                                         \
    " execute format('insert into %I select repeat(''x'', 7000) from generate_series(2, $1)', name) using pages;"  \
    " execute format('analyze %I', name); end $$"

static bool size_fits(int pages, const char *shown)
{
    if (shown[0] == '~')
        return strtod(shown + 1, NULL) == 8 * (pages - 1);
    double kb = strtod(shown, NULL);
    return kb >= 8 * pages && kb <= 8 * (pages + 3);
}

/* ---- what the screen says of them ---- */

struct seen {
    int looks, rows, wrong;
};

static void look_at_tables(struct pty *p, struct seen *s)
{
    int rows;
    pty_size(p, &rows, NULL);
    for (int row = 0; row < rows; row++) {
        const char *text = pty_row(p, row), *name = strstr(text, " p");
        int pages;
        char size[20], unit[8];
        while (name && !isdigit((unsigned char)name[2]))
            name = strstr(name + 1, " p");
        if (!name || sscanf(name, " p%d_%*s public %19s %7s", &pages, size, unit) != 3 || strcmp(unit, "kB") != 0)
            continue;
        s->rows++;
        if (!size_fits(pages, size) && s->wrong++ == 0)
            pty_print(p, text);
    }
    s->looks++;
}

/* Each partition that comes has a hundred items more; those that are there at first have 21 that are ready. */
static void look_at_queues(struct pty *p, struct seen *s)
{
    int row, ready;
    s->looks++;
    if (!pty_find(p, " orders  ", &row, NULL))
        return;
    const char *text = pty_row(p, row);
    if (sscanf(strstr(text, " orders  "), " orders %d ", &ready) != 1)
        return;
    s->rows++;
    if (ready % 100 != 21 && s->wrong++ == 0)
        pty_print(p, text);
}

/* ---- rounds ---- */

enum { TABLES_MAX = 12, PARTITIONS_MAX = 4 };

struct changes {
    PGconn *tables, *queues, *extension;
    char names[TABLES_MAX][20];     /* of the tables that are there; empty: none */
    bool partitions[PARTITIONS_MAX];
    bool extended;
    unsigned made;                  /* names are never used twice */
};

static void change_tables(struct changes *c)
{
    int i = rand() % TABLES_MAX;
    char *name = c->names[i], before[20];
    int pages = 10 + rand() % 9 * 10;
    snprintf(before, sizeof(before), "%s", name);
    if (!before[0]) {
        snprintf(name, sizeof(c->names[i]), "p%d_%u", pages, c->made++);
        run(c->tables, "call make('%s', %d)", name, pages);
    } else if (rand() % 3 == 0) {
        snprintf(name, sizeof(c->names[i]), "p%d_%u", atoi(before + 1), c->made++);
        run(c->tables, "alter table %s rename to %s", before, name);
    } else if (rand() % 2 == 0) {   /* another one of that name */
        run(c->tables, "begin; drop table %s; call make('%s', %d); commit", before, before, atoi(before + 1));
    } else {
        run(c->tables, "drop table %s", before);
        name[0] = '\0';
    }
}

/* As Querator does it: a table for each partition. */
static void change_partition(struct changes *c, int i)
{
    c->partitions[i] = !c->partitions[i];
    if (!c->partitions[i])
        run(c->queues, "drop table querator.\"items_1buPSdlPil_%d\"", i + 2);
    else
        run(c->queues,
            "begin; create table querator.\"items_1buPSdlPil_%d\" (like querator.\"items_1buPSdlPil_0\" including all);"
            " insert into querator.\"items_1buPSdlPil_%d\" (id, expire_deadline, created_at)"
            " select 'new' || i, now() + '1 day', now() from generate_series(1, 100) i; commit",
            i + 2, i + 2);
}

static void change_queues(struct changes *c)
{
    change_partition(c, rand() % PARTITIONS_MAX);
}

static void change_extension(struct changes *c)
{
    run(c->extension, c->extended ? "drop extension pg_stat_statements"
                                  : "create extension pg_stat_statements schema public");
    c->extended = !c->extended;
}

static void change_something(struct changes *c, int round)
{
    static void (*const kinds[])(struct changes *) = {change_tables, change_queues, change_tables, change_extension};
    kinds[round % 4](c);
}

static struct pty *page_in(const char *database, const char *page)
{
    char conninfo[300];
    in_database(database, conninfo, sizeof(conninfo));
    struct pty *p = visit_conninfo(conninfo, 40, 200);
    visit_page(p, page);
    return p;
}

static void prepare(struct changes *c)
{
    unsigned seed = (unsigned)time(NULL);
    print_message("seed %u\n", seed);
    srand(seed);
    run(c->extension, "create database ddl");
    run(c->extension, "drop extension if exists pg_stat_statements");
    c->tables = session_in("ddl");
    run(c->tables, "%s", MAKE_TABLE);
    for (int i = 0; i < TABLES_MAX / 2; i++)
        change_tables(c);
    for (int i = 0; i < PARTITIONS_MAX; i++)
        change_partition(c, i);
    change_extension(c);
}

/* As many errors as the questions of one connection have caused, by the server's own log. */
static int errors_in(const char *database, long from)
{
    char mark[80];
    snprintf(mark, sizeof(mark), "@%s pgvigil ERROR", database);
    return log_count(lab_log(lab, "primary"), from, mark);
}

static void what_comes_and_goes(void **state)
{
    (void)state;
    struct changes c = {.queues = session_in("tasks"), .extension = session_in("shop")};
    struct seen tables = {0}, queues = {0};
    prepare(&c);
    struct pty *all[] = {page_in("ddl", "tables"), page_in("tasks", "queues"), page_in("shop", "statements")};
    assert_true(pty_wait(all[0], " p", PATIENCE));
    assert_true(pty_wait(all[1], " orders  ", PATIENCE));
    long from = log_end(lab_log(lab, "primary"));
    int rounds = fault_full() ? 500 : 60, ms = 50;
    for (int round = 0; round < rounds; round++) {
        change_something(&c, round);
        if (round % 4 == 0)
            for (size_t i = 0; i < COUNT_OF(all); i += 2)
                pty_send(all[i], "<C-r>");
        fault_settle_all(all, COUNT_OF(all), ms);
        look_at_tables(all[0], &tables);
        look_at_queues(all[1], &queues);
    }
    fault_true("F24", "tables were shown", tables.rows > rounds && queues.rows > 0);
    fault_most("F24", "rows with the numbers of another table", tables.wrong, 0, "");
    fault_most("F24", "counts of a queue that it never had", queues.wrong, 0, "");
    fault_most("F24", "errors in the log for tables", errors_in("ddl", from), 0, "");
    fault_most("F24", "errors in the log for queues", errors_in("tasks", from), 2, "");
    fault_most("F24", "errors in the log for statements", errors_in("shop", from), 2, "");
    if (!c.extended)
        change_extension(&c);
    for (size_t i = 0; i < COUNT_OF(all); i++) {
        pty_send(all[i], "<C-r>");
        fault_true("F24", "fresh afterwards", console_wait_fresh(all[i], PATIENCE));
        visit_leave(all[i]);
    }
    PQfinish(c.tables);
    PQfinish(c.queues);
    PQfinish(c.extension);
}

/* ---- the database itself ---- */

/* Two templates in which one OID is a table of 10 pages and one of 90. */
static void make_templates(PGconn *c)
{
    run(c, "create database small_one");
    PGconn *in = session_in("small_one");
    run(in, "%s", MAKE_TABLE);
    run(in, "call make('p10_x', 10)");
    PQfinish(in);
    run(c, "create database large_one template small_one");
    in = session_in("large_one");
    run(in, "insert into p10_x select repeat('x', 7000) from generate_series(1, 80)");
    run(in, "alter table p10_x rename to p90_x");
    run(in, "analyze p90_x");
    PQfinish(in);
}

static void a_database_that_is_dropped_and_made_anew(void **state)
{
    (void)state;
    PGconn *c = session_in("shop");
    struct seen s = {0};
    make_templates(c);
    run(c, "create database gone template small_one");
    struct pty *p = page_in("gone", "tables");
    assert_true(pty_wait_regex(p, "p10_x +public +[0-9]+ kB", PATIENCE));
    long from = log_end(lab_log(lab, "primary"));
    double slowest = 0;
    int rounds = fault_full() ? 20 : 3;
    for (int i = 0; i < rounds; i++) {
        const char *now = i % 2 ? "p10_x" : "p90_x";
        run(c, "drop database gone with (force)");
        pty_settle(p, rand() % 300);
        run(c, "create database gone template %s", i % 2 ? "small_one" : "large_one");
        int64_t start = pty_now_us();
        while (!pty_find(p, now, NULL, NULL) && fault_since_ms(start) < 2 * PATIENCE) {
            pty_settle(p, 20);
            look_at_tables(p, &s);
        }
        slowest = fault_since_ms(start) > slowest ? fault_since_ms(start) : slowest;
        for (int k = 0; k < 20; k++) {
            pty_settle(p, 20);
            look_at_tables(p, &s);
        }
    }
    fault_true("F24", "tables were shown", s.rows > 20 * rounds);
    fault_most("F24", "rows with the numbers of the database before", s.wrong, 0, "");
    fault_most("F24", "in the new database, slowest", slowest, 3000, "ms");
    fault_most("F24", "errors in the log", errors_in("gone", from), 0, "");
    run(c, "drop database gone with (force)");
    fault_true("F24", "the page says that it is gone", pty_wait(p, "database \"gone\" does not exist", PATIENCE));
    fault_keys("F24", p);
    visit_leave(p);
    PQfinish(c);
}

int main(int argc, char **argv)
{
    static const struct fault_test tests[] = {
        FAULT(what_comes_and_goes),
        FAULT(a_database_that_is_dropped_and_made_anew),
    };
    return fault_run_lab(argc, argv, tests, COUNT_OF(tests), &lab,
                         (const char *const[]){"--no-standby", "--no-pooler", NULL});
}
