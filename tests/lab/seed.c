/* Roles, databases, tables and rows; and the many tables and statements that benches ask for. */
#include "tests/lab/seed.h"

#include "tests/lab/lab.h"

#include <stdio.h>
#include <string.h>

static const char *const statements[] = {
    "CREATE DATABASE shop OWNER app",
    "ALTER DATABASE shop SET search_path = shop, public",
    "CREATE DATABASE tasks OWNER worker",
    "CREATE DATABASE small CONNECTION LIMIT 2",
};

static const struct {
    const char *database;
    const char *file;
} parts[] = {{"shop", "shop.sql"},
             {"shop", "orchestrator.sql"},
             {"tasks", "orchestrator.sql"},
             {"tasks", "radgateway.sql"},
             {"tasks", "querator.sql"}};

static const char *sql_of(const char *name)
{
    const struct seed_file *f = seed_files;
    while (f->name != NULL && strcmp(f->name, name) != 0)
        f++;
    return f->name != NULL ? f->sql : "";
}

static bool set_passwords(struct lab *lab, PGconn *conn, struct err *err)
{
    struct buf b = {0};
    buf_printf(&b,
               "DO $$ DECLARE r name; BEGIN FOR r IN SELECT rolname FROM pg_roles WHERE rolcanlogin LOOP "
               "EXECUTE format('ALTER ROLE %%I PASSWORD %%L', r, '%s'); END LOOP; END $$",
               lab->password);
    bool done = db_run(conn, buf_text(&b), err);
    buf_clear(&b);
    buf_printf(&b, "127.0.0.1:*:*:*:%s\n", lab->password);
    done = done && server_write_file(lab, "pgpass", &b, err);
    buf_free(&b);
    return done;
}

static bool seed_cluster(struct lab *lab, struct err *err)
{
    PGconn *conn = db_open(lab, SERVER_PRIMARY, "postgres", "postgres", err);
    bool done = conn != NULL && db_run(conn, sql_of("roles.sql"), err) && set_passwords(lab, conn, err);
    for (size_t i = 0; done && i < COUNT_OF(statements); i++)
        done = db_run(conn, statements[i], err);
    PQfinish(conn);
    return done;
}

static bool seed_part(const struct lab *lab, size_t i, struct err *err)
{
    PGconn *conn = db_open(lab, SERVER_PRIMARY, parts[i].database, "postgres", err);
    bool done =
        conn != NULL && db_run(conn, sql_of(parts[i].file), err) && db_run(conn, "RESET ROLE; ANALYZE", err);
    PQfinish(conn);
    return done;
}

/* In batches: a transaction holds a lock for each table that it makes. */
static bool make_tables(struct lab *lab, PGconn *conn, struct err *err)
{
    char sql[400];
    if (!db_run(conn, "CREATE SCHEMA many AUTHORIZATION app", err))
        return false;
    for (int i = 0; i < lab->wishes.tables; i += 500) {
        int last = i + 500 < lab->wishes.tables ? i + 500 : lab->wishes.tables;
        snprintf(
            sql, sizeof sql,
            "SET LOCAL synchronous_commit = off; DO $$ BEGIN FOR i IN %d..%d LOOP EXECUTE 'CREATE TABLE "
            "many.t_' || lpad(i::text, 6, '0') || ' (id integer PRIMARY KEY, n integer)'; END LOOP; END $$",
            i + 1, last);
        keeper_poll(&lab->keeper, -1, 0);
        if (lab->keeper.hung_up || lab->keeper.gone)
            return err_set(err, "Ended while making tables.");
        if (!db_run(conn, sql, err))
            return false;
        if (last % 5000 == 0)
            report_progress(lab, "making tables");
    }
    return true;
}

/* Statements differ in their operators, which is what pg_stat_statements tells them apart by; constants are
 * not. */
static void write_statement(struct buf *b, int n)
{
    buf_clear(b);
    buf_printf(b, "SELECT /* report %d:", n);
    for (int i = 0; b->len < 4200; i++)
        buf_printf(b, " column_%d_of_a_generated_report", i);
    buf_puts(b, " */ 1");
    for (int bit = 0; bit < 17; bit++)
        buf_puts(b, (n >> bit & 1) != 0 ? " + 1" : " - 1");
}

static bool make_statements(struct lab *lab, PGconn *conn, struct err *err)
{
    struct buf b = {0};
    bool done = true;
    for (int i = 0; done && i < lab->wishes.statements; i++) {
        write_statement(&b, i);
        done = db_run(conn, buf_text(&b), err);
        if (i % 1000 == 999)
            report_progress(lab, "running statements");
        if (i % 100 == 99)
            keeper_poll(&lab->keeper, -1, 0);
        if (lab->keeper.hung_up || lab->keeper.gone)
            done = err_set(err, "Ended while running statements.");
    }
    buf_free(&b);
    return done;
}

bool seed_all(struct lab *lab, struct err *err)
{
    if (!seed_cluster(lab, err))
        return false;
    for (size_t i = 0; i < COUNT_OF(parts); i++) {
        if (!seed_part(lab, i, err))
            return false;
    }
    PGconn *conn = db_open(lab, SERVER_PRIMARY, "shop", "postgres", err);
    bool done = conn != NULL && (lab->wishes.tables == 0 || make_tables(lab, conn, err)) &&
                (lab->wishes.statements == 0 || make_statements(lab, conn, err));
    PQfinish(conn);
    return done;
}
