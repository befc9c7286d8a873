/* PgBouncer in front of the primary: transaction pooling, and an admin console for the roles monitor and
 * postgres. */
#include "tests/lab/lab.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char *const places[] = {"/usr/sbin/pgbouncer", "/usr/bin/pgbouncer", "/usr/local/bin/pgbouncer",
                                     "/usr/local/sbin/pgbouncer"};

static const char *program(void)
{
    for (size_t i = 0; i < COUNT_OF(places); i++) {
        if (access(places[i], X_OK) == 0)
            return places[i];
    }
    return NULL;
}

bool pooler_find(struct lab *lab, struct err *err)
{
    return !lab->servers[SERVER_POOLER].wanted || program() != NULL ||
           err_set(
               err,
               "PgBouncer was not found; install the package pgbouncer, or do without it by --no-pooler.");
}

static bool write_config(struct lab *lab, struct err *err)
{
    static const char *const users[] = {"postgres", "monitor", "plain",    "app",
                                        "worker",   "billing", "metabase", "cron"};
    const char *dir = lab->keeper.dir;
    int port = lab->servers[SERVER_PRIMARY].port;
    struct buf b = {0};
    buf_puts(&b, "[databases]\n");
    buf_printf(&b, "shop = host=%s port=%d dbname=shop\ntasks = host=%s port=%d dbname=tasks pool_size=5\n",
               dir, port, dir, port);
    buf_printf(&b, "[pgbouncer]\nunix_socket_dir = %s\nlisten_port = %d\nlisten_addr = %s\n", dir,
               lab->servers[SERVER_POOLER].port, lab->wishes.no_tcp ? "" : "127.0.0.1");
    buf_printf(&b, "auth_type = hba\nauth_hba_file = %s/pooler-hba.conf\nauth_file = %s/pooler-users.txt\n",
               dir, dir);
    buf_puts(
        &b, "pool_mode = transaction\ndefault_pool_size = 4\nmax_client_conn = 300\nmax_db_connections = 40\n"
            "admin_users = postgres\nstats_users = monitor\nstats_period = 10\n"
            "ignore_startup_parameters = extra_float_digits\nserver_idle_timeout = 30\n");
    bool done = server_write_file(lab, "pooler.ini", &b, err);
    buf_clear(&b);
    buf_puts(&b, "local all all trust\nhost all all 127.0.0.1/32 scram-sha-256\n");
    done = done && server_write_file(lab, "pooler-hba.conf", &b, err);
    buf_clear(&b);
    for (size_t i = 0; i < COUNT_OF(users); i++)
        buf_printf(&b, "\"%s\" \"%s\"\n", users[i], lab->password);
    done = done && server_write_file(lab, "pooler-users.txt", &b, err);
    buf_free(&b);
    return done;
}

/* Over TCP too: PgBouncer goes on without a port that somebody else has. 1: yes, 0: not yet, -1: not ours. */
static int answers(const struct lab *lab)
{
    const struct server *s = &lab->servers[SERVER_POOLER];
    char conninfo[300];
    snprintf(conninfo, sizeof conninfo, "host=%s port=%d dbname=pgbouncer user=postgres connect_timeout=2",
             lab->keeper.dir, s->port);
    PGconn *conn = PQconnectdb(conninfo);
    bool ok = PQstatus(conn) == CONNECTION_OK;
    PQfinish(conn);
    if (!ok || lab->wishes.no_tcp)
        return ok;
    snprintf(conninfo, sizeof conninfo,
             "host=127.0.0.1 port=%d dbname=pgbouncer user=postgres password=%s connect_timeout=2", s->port,
             lab->password);
    conn = PQconnectdb(conninfo);
    ok = PQstatus(conn) == CONNECTION_OK;
    PQfinish(conn);
    return ok ? 1 : -1;
}

static bool start_once(struct lab *lab, struct err *err)
{
    struct server *s = &lab->servers[SERVER_POOLER];
    char config[KEEPER_DIR_MAX + 32];
    if (s->port == 0 && (s->port = server_free_port()) < 0)
        return err_set(err, "There is no free port on 127.0.0.1.");
    snprintf(config, sizeof config, "%s/pooler.ini", lab->keeper.dir);
    const char *argv[] = {program(), config, NULL};
    return write_config(lab, err) && keeper_run(&lab->keeper, argv, s->log, &s->pid, err);
}

bool pooler_start(struct lab *lab, struct err *err)
{
    struct server *s = &lab->servers[SERVER_POOLER];
    for (int tries = 0; tries < 5; tries++) {
        if (!start_once(lab, err))
            return false;
        for (int i = 0; i < 250 && !keeper_ended(&lab->keeper, s->pid, 20, NULL); i++) {
            int said = answers(lab);
            if (said == 1)
                return true;
            if (said < 0)
                break;
        }
        if (!server_crash(lab, SERVER_POOLER, err))
            return false;
        s->port = 0;
    }
    char last[300];
    server_last_line(s, last, sizeof last);
    return err_set(err, "PgBouncer does not answer: %s.", last);
}
