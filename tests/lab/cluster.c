/* The primary and the standby. The standby is a copy of the primary's files made before the first start, so
 * that no pg_basebackup is needed: initdb and postgres are enough, of any version from 12 on. */
#include "base/clock.h"
#include "base/mem.h"
#include "tests/lab/lab.h"
#include "tests/lab/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define START_TRIES     5
#define ANSWER_US       (30 * US_PER_S)
#define STREAMING_TRIES 300

static bool has_programs(const char *dir)
{
    char path[600];
    snprintf(path, sizeof path, "%s/initdb", dir);
    if (access(path, X_OK) != 0)
        return false;
    snprintf(path, sizeof path, "%s/postgres", dir);
    return access(path, X_OK) == 0;
}

/* .../postgresql/15/bin and .../pgsql-15/bin sort by the number in them. */
static int number_in(const char *path)
{
    const char *digit = strpbrk(path, "0123456789");
    return digit != NULL ? atoi(digit) : 0;
}

static void find_newest(struct lab *lab)
{
    static const char *const places[] = {"/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin",
                                         "/usr/local/pgsql/bin", "/usr/local/bin", "/usr/bin"};
    for (size_t i = 0; i < COUNT_OF(places) && lab->bindir[0] == '\0'; i++) {
        glob_t found;
        if (glob(places[i], 0, NULL, &found) != 0)
            continue;
        for (size_t j = 0; j < found.gl_pathc; j++) {
            const char *dir = found.gl_pathv[j];
            if (has_programs(dir) && (lab->bindir[0] == '\0' || number_in(dir) > number_in(lab->bindir)))
                snprintf(lab->bindir, sizeof lab->bindir, "%s", dir);
        }
        globfree(&found);
    }
}

bool cluster_find(struct lab *lab, struct err *err)
{
    const char *wish = lab->wishes.bindir;
    if (wish == NULL) {
        find_newest(lab);
        return lab->bindir[0] != '\0' ||
               err_set(err,
                       "PostgreSQL's initdb and postgres were not found; install the package postgresql, or "
                       "name their folder with --bindir.");
    }
    char *real = realpath(wish, NULL);
    snprintf(lab->bindir, sizeof lab->bindir, "%s", real != NULL ? real : wish);
    free(real);
    return has_programs(lab->bindir) ||
           err_set(
               err,
               "There is no initdb and postgres in %s that the user %s may run: give the right folder with "
               "--bindir, one that every user may enter.",
               wish, getenv("USER"));
}

static bool has_statements(const struct lab *lab)
{
    static const char *const libs[] = {"../lib", "../lib/postgresql", "../lib64", "../lib/postgresql/%d/lib"};
    for (size_t i = 0; i < COUNT_OF(libs); i++) {
        char path[700], numbered[64];
        snprintf(numbered, sizeof numbered, "../lib/postgresql/%d/lib", lab->version);
        snprintf(path, sizeof path, "%s/%s/pg_stat_statements.so", lab->bindir,
                 strchr(libs[i], '%') != NULL ? numbered : libs[i]);
        if (access(path, R_OK) == 0)
            return true;
    }
    return false;
}

static void add_settings(const struct lab *lab, struct buf *b)
{
    int statements = lab->wishes.statements + 1000;
    buf_printf(b, "\n# The lab's own\nunix_socket_directories = '%s'\nunix_socket_permissions = 0700\n",
               lab->keeper.dir);
    buf_printf(b, "listen_addresses = '%s'\n", lab->wishes.no_tcp ? "" : "127.0.0.1");
    buf_printf(b, "max_connections = %d\n", LAB_MAX_CONNECTIONS + lab->wishes.sessions);
    buf_puts(b,
             "shared_buffers = 32MB\nfsync = off\nfull_page_writes = off\ndynamic_shared_memory_type = mmap\n"
             "wal_level = logical\nmax_wal_senders = 10\nmax_replication_slots = 10\nhot_standby = on\n"
             "max_wal_size = 256MB\nmin_wal_size = 32MB\ncheckpoint_timeout = 60s\n"
             "wal_receiver_status_interval = 1s\nwal_retrieve_retry_interval = 200ms\n"
             "track_io_timing = on\ntrack_functions = pl\ntrack_activity_query_size = 4096\njit = off\n"
             "autovacuum_naptime = 10s\npassword_encryption = 'scram-sha-256'\n"
             "log_destination = stderr\nlogging_collector = off\nlog_line_prefix = '%m [%p] %q%u@%d %a '\n"
             "log_checkpoints = on\nlog_lock_waits = on\nlc_messages = 'C'\n"
             "timezone = 'UTC'\nlog_timezone = 'UTC'\n");
    if (has_statements(lab))
        buf_printf(b, "shared_preload_libraries = 'pg_stat_statements'\npg_stat_statements.max = %d\n",
                   statements > 5000 ? statements : 5000);
}

static bool append(const char *path, const struct buf *text, int flags, struct err *err)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC | flags, 0600);
    bool done = fd >= 0 && write(fd, buf_text(text), text->len) == (ssize_t)text->len;
    if (!done)
        err_set(err, "Cannot write %s: %s.", path, strerror(errno));
    if (fd >= 0)
        close(fd);
    return done;
}

/* Sockets are in a directory of our own; only TCP needs passwords. */
static bool configure(struct lab *lab, struct err *err)
{
    struct buf b = {0};
    char path[KEEPER_DIR_MAX + 64];
    add_settings(lab, &b);
    snprintf(path, sizeof path, "%s/primary/postgresql.conf", lab->keeper.dir);
    bool done = append(path, &b, O_APPEND, err);
    buf_clear(&b);
    buf_puts(&b, "local all secret scram-sha-256\nlocal all all trust\nlocal replication all trust\n"
                 "host all all 127.0.0.1/32 scram-sha-256\n");
    snprintf(path, sizeof path, "%s/primary/pg_hba.conf", lab->keeper.dir);
    done = done && append(path, &b, O_TRUNC, err);
    buf_free(&b);
    return done;
}

/* A program of PostgreSQL's that does its work and ends. argv[0] is left free for its path. */
static bool run_tool(struct lab *lab, const char *name, const char **argv, struct err *err)
{
    char program[600], last[300];
    struct server scratch = {.name = name};
    int status;
    pid_t pid;
    snprintf(program, sizeof program, "%s/%s", lab->bindir, name);
    snprintf(scratch.log, sizeof scratch.log, "%s/%s.log", lab->keeper.dir, name);
    argv[0] = program;
    if (!keeper_run(&lab->keeper, argv, scratch.log, &pid, err))
        return false;
    if (!keeper_ended(&lab->keeper, pid, 60000, &status))
        return err_set(err, "%s did not end.", name);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return true;
    server_last_line(&scratch, last, sizeof last);
    return err_set(err, "%s failed: %s.", name, last);
}

static bool run_initdb(struct lab *lab, struct err *err)
{
    char data[KEEPER_DIR_MAX + 16];
    snprintf(data, sizeof data, "%s/primary", lab->keeper.dir);
    const char *argv[] = {NULL, "--no-sync", "-D", data,   "-U",         "postgres",
                          "-A", "trust",     "-E", "UTF8", "--locale=C", NULL};
    return run_tool(lab, "initdb", argv, err);
}

static bool read_version(struct lab *lab, struct err *err)
{
    char path[KEEPER_DIR_MAX + 32];
    snprintf(path, sizeof path, "%s/primary/PG_VERSION", lab->keeper.dir);
    FILE *f = fopen(path, "re");
    bool done = f != NULL && fscanf(f, "%d", &lab->version) == 1;
    if (f != NULL)
        fclose(f);
    if (!done || lab->version < 12)
        return err_set(err, "The lab needs PostgreSQL 12 or later.");
    return true;
}

static bool make_standby(struct lab *lab, struct err *err)
{
    char from[KEEPER_DIR_MAX + 16], to[KEEPER_DIR_MAX + 64];
    struct buf none = {0};
    snprintf(from, sizeof from, "%s/primary", lab->keeper.dir);
    snprintf(to, sizeof to, "%s/standby", lab->keeper.dir);
    if (!tree_copy(from, to, err))
        return false;
    snprintf(to, sizeof to, "%s/standby/standby.signal", lab->keeper.dir);
    return append(to, &none, O_TRUNC, err);
}

bool cluster_make(struct lab *lab, struct err *err)
{
    return run_initdb(lab, err) && read_version(lab, err) && configure(lab, err) &&
           (!lab->servers[SERVER_STANDBY].wanted || make_standby(lab, err));
}

/* Ports and the way to the primary are given on the command line: a lost race for a port changes nothing
 * else. */
bool cluster_start(struct lab *lab, enum server_id id, struct err *err)
{
    struct server *s = &lab->servers[id];
    char program[600], data[KEEPER_DIR_MAX + 16], port[12], primary[300];
    if (s->port == 0 && (s->port = server_free_port()) < 0)
        return err_set(err, "There is no free port on 127.0.0.1.");
    snprintf(program, sizeof program, "%s/postgres", lab->bindir);
    snprintf(data, sizeof data, "%s/%s", lab->keeper.dir, s->name);
    snprintf(port, sizeof port, "%d", s->port);
    const struct server *up = &lab->servers[id == SERVER_STANDBY ? SERVER_PRIMARY : SERVER_STANDBY];
    snprintf(primary, sizeof primary, "primary_conninfo=host=%s port=%d user=postgres application_name=%s",
             lab->keeper.dir, up->port, s->name);
    const char *argv[] = {program, "-D", data, "-p", port, NULL, primary, "-c", "primary_slot_name=standby",
                          NULL};
    if (id == SERVER_STANDBY || lab->rejoined)
        argv[5] = "-c";
    if (id == SERVER_PRIMARY)
        argv[7] = NULL;
    return keeper_run(&lab->keeper, argv, s->log, &s->pid, err);
}

static bool answers(const struct lab *lab, const struct server *s)
{
    char conninfo[200];
    snprintf(conninfo, sizeof conninfo, "host=%s port=%d dbname=postgres user=postgres connect_timeout=2",
             lab->keeper.dir, s->port);
    return PQping(conninfo) == PQPING_OK;
}

bool cluster_await(struct lab *lab, enum server_id id, struct err *err)
{
    struct server *s = &lab->servers[id];
    int64_t until = clock_boot_us() + ANSWER_US;
    char last[300];
    for (int tries = 1; clock_boot_us() < until && !lab->keeper.hung_up && !lab->keeper.gone;) {
        if (answers(lab, s))
            return true;
        if (!keeper_ended(&lab->keeper, s->pid, 20, NULL))
            continue;
        s->pid = 0;
        server_last_line(s, last, sizeof last);
        if (tries++ == START_TRIES || strstr(last, "could not create any TCP/IP sockets") == NULL)
            return err_set(err, "The %s ended while starting: %s.", s->name, last);
        s->port = 0; /* somebody else took the port in between */
        if (!cluster_start(lab, id, err))
            return false;
    }
    return err_set(err, "The %s did not answer within %d s.", s->name, (int)(ANSWER_US / US_PER_S));
}

/* Not by pg_rewind, which wants WAL of both that this lab does not keep. */
bool cluster_copy_back(struct lab *lab, struct err *err)
{
    char data[KEEPER_DIR_MAX + 16], before[KEEPER_DIR_MAX + 16], signal[KEEPER_DIR_MAX + 32], source[200];
    struct buf none = {0};
    snprintf(data, sizeof data, "%s/primary", lab->keeper.dir);
    snprintf(before, sizeof before, "%s/before", lab->keeper.dir);
    snprintf(signal, sizeof signal, "%s/standby.signal", data);
    snprintf(source, sizeof source, "host=%s port=%d user=postgres", lab->keeper.dir,
             lab->servers[SERVER_STANDBY].port);
    const char *argv[] = {NULL, "--no-sync", "--checkpoint=fast", "-D", data, "-d", source, NULL};
    if (rename(data, before) < 0)
        return err_set(err, "Cannot rename %s: %s.", data, strerror(errno));
    return run_tool(lab, "pg_basebackup", argv, err) && append(signal, &none, O_TRUNC, err);
}

enum server_id cluster_primary(const struct lab *lab)
{
    return lab->rejoined ? SERVER_STANDBY : SERVER_PRIMARY;
}

bool cluster_add_slot(struct lab *lab, struct err *err)
{
    PGconn *conn = db_open(lab, SERVER_PRIMARY, "postgres", "postgres", err);
    bool done =
        conn != NULL && db_run(conn, "SELECT pg_create_physical_replication_slot('standby', true)", err);
    PQfinish(conn);
    return done;
}

bool cluster_await_streaming(struct lab *lab, struct err *err)
{
    PGconn *conn = db_open(lab, SERVER_PRIMARY, "postgres", "postgres", err);
    bool done = false;
    for (int i = 0; conn != NULL && !done && i < STREAMING_TRIES && !lab->keeper.hung_up; i++) {
        long n;
        if (!db_number(conn, "SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'", &n, err))
            break;
        done = n > 0;
        if (!done)
            keeper_poll(&lab->keeper, -1, 50);
    }
    if (conn != NULL && !done && err->text[0] == '\0')
        err_set(err, "The standby does not stream from the primary; see %s.",
                lab->servers[SERVER_STANDBY].log);
    PQfinish(conn);
    return done;
}
