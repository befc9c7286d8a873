/* Commands on standard input, one line each, one row each, answered by "ok" or "error" in order. */
#include "base/buf.h"
#include "tests/lab/lab.h"
#include "tests/lab/procs.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LINE_MAX_BYTES 400

static bool find_server(struct lab *lab, const char *name, enum server_id *id, struct err *err)
{
    for (int i = 0; i < SERVER_COUNT; i++) {
        if (strcmp(lab->servers[i].name, name) == 0 && lab->servers[i].wanted) {
            *id = (enum server_id)i;
            return true;
        }
    }
    err_set(err, "There is no server \"%s\" here.", name);
    return false;
}

static bool find_running(struct lab *lab, const char *name, enum server_id *id, struct err *err)
{
    return find_server(lab, name, id, err) &&
           (lab->servers[*id].pid > 0 || err_set(err, "The %s does not run; restart it first.", name));
}

static bool number(const char *text, int least, int most, int *n, struct err *err)
{
    char *end;
    long l = strtol(text, &end, 10);
    if (end == text || *end != '\0' || l < least || l > most)
        return err_set(err, "A number from %d to %d is needed, not \"%s\".", least, most, text);
    *n = (int)l;
    return true;
}

static bool do_ping(struct lab *lab, const char *arg, struct err *err)
{
    (void)arg;
    return !lab->keeper.gone || err_set(err, "The keeper is gone.");
}

static bool do_stop(struct lab *lab, const char *arg, struct err *err)
{
    enum server_id id;
    if (!find_running(lab, arg, &id, err))
        return false;
    procs_signal(lab->servers[id].pid, SIGSTOP);
    return true;
}

static bool do_cont(struct lab *lab, const char *arg, struct err *err)
{
    enum server_id id;
    if (!find_running(lab, arg, &id, err))
        return false;
    procs_signal(lab->servers[id].pid, SIGCONT);
    return true;
}

static bool do_kill9(struct lab *lab, const char *arg, struct err *err)
{
    enum server_id id;
    bool done = find_running(lab, arg, &id, err) && server_crash(lab, id, err);
    report_pids(lab);
    return done;
}

static bool do_restart(struct lab *lab, const char *arg, struct err *err)
{
    enum server_id id;
    bool done = find_server(lab, arg, &id, err) && server_stop(lab, id, err) && server_start(lab, id, err);
    report_pids(lab);
    report_targets(lab);
    return done;
}

static bool do_promote(struct lab *lab, const char *arg, struct err *err)
{
    enum server_id id;
    long done = 0;
    if (!find_running(lab, arg, &id, err))
        return false;
    if (id != SERVER_STANDBY)
        return err_set(err, "Only the standby can be promoted.");
    PGconn *conn = db_open(lab, id, "postgres", "postgres", err);
    if (conn != NULL && db_number(conn, "SELECT pg_promote(true, 20)::int", &done, err) && done == 0)
        err_set(err, "The standby was not promoted within 20 s.");
    PQfinish(conn);
    lab->promoted = lab->promoted || done == 1;
    return done == 1;
}

static bool do_rejoin(struct lab *lab, const char *arg, struct err *err)
{
    enum server_id id;
    if (!find_server(lab, arg, &id, err))
        return false;
    if (id != SERVER_PRIMARY || !lab->promoted || lab->rejoined)
        return err_set(err, "Only the old primary can rejoin, once, when the standby has been promoted.");
    enum load load = lab->load;
    bool done = actors_load(lab, LOAD_OFF, err) && server_stop(lab, id, err) && cluster_copy_back(lab, err);
    lab->rejoined = lab->rejoined || done;
    done = actors_load(lab, load, err) && done && server_start(lab, id, err);
    report_pids(lab);
    report_targets(lab);
    return done;
}

static bool do_block(struct lab *lab, const char *arg, struct err *err)
{
    int seconds = 20;
    return (arg[0] == '\0' || number(arg, 1, 3600, &seconds, err)) && actors_block(lab, seconds, err);
}

static bool do_unblock(struct lab *lab, const char *arg, struct err *err)
{
    (void)arg;
    return actors_block(lab, 0, err);
}

static bool do_load(struct lab *lab, const char *arg, struct err *err)
{
    enum load load;
    if (!options_load(arg, &load))
        return err_set(err, "The load is off, light or demo, not \"%s\".", arg);
    return actors_load(lab, load, err);
}

static bool do_sessions(struct lab *lab, const char *arg, struct err *err)
{
    int n;
    return number(arg, 0, LAB_MAX_CONNECTIONS + lab->wishes.sessions - 60, &n, err) &&
           actors_sessions(lab, n, err);
}

static const struct command {
    const char *name;
    bool (*run)(struct lab *lab, const char *arg, struct err *err);
} commands[] = {
    {"ping", do_ping},       {"stop", do_stop},         {"cont", do_cont},       {"kill9", do_kill9},
    {"restart", do_restart}, {"block", do_block},       {"promote", do_promote}, {"unblock", do_unblock},
    {"load", do_load},       {"sessions", do_sessions}, {"rejoin", do_rejoin},
};

static void run_line(struct lab *lab, const char *line)
{
    struct err err = {""};
    size_t len = strcspn(line, " ");
    const char *arg = line + len + strspn(line + len, " ");
    for (size_t i = 0; i < COUNT_OF(commands); i++) {
        if (strlen(commands[i].name) != len || memcmp(commands[i].name, line, len) != 0)
            continue;
        if (commands[i].run(lab, arg, &err))
            report_line("ok %s", line);
        else
            report_line("error %.*s", (int)strcspn(err.text, "\n"), err.text);
        return;
    }
    report_line("error There is no command \"%s\"; they are ping, stop, cont, kill9, restart, promote, "
                "rejoin, block, unblock, load and sessions.",
                line);
}

static void run_lines(struct lab *lab, struct buf *input)
{
    char *end;
    while (input->len > 0 && (end = memchr(input->data, '\n', input->len)) != NULL) {
        *end = '\0';
        if (input->data[0] != '\0')
            run_line(lab, input->data);
        buf_drop(input, (size_t)(end - input->data) + 1);
    }
}

/* False: input has ended. */
static bool read_input(struct buf *input)
{
    char bytes[LINE_MAX_BYTES];
    ssize_t n = read(STDIN_FILENO, bytes, sizeof bytes);
    if (n < 0 && (errno == EINTR || errno == EAGAIN))
        return true;
    if (n <= 0 || input->len > LINE_MAX_BYTES)
        return false;
    buf_add(input, bytes, (size_t)n);
    return true;
}

void serve(struct lab *lab)
{
    struct buf input = {0};
    struct keeper *k = &lab->keeper;
    while (!k->gone && !ferror(stdout)) {
        struct pollfd fds[2] = {{k->socket, POLLIN, 0}, {STDIN_FILENO, POLLIN, 0}};
        poll(fds, 2, 500);
        keeper_poll(k, -1, 0);
        if (fds[1].revents != 0 && !read_input(&input))
            break;
        run_lines(lab, &input);
        actors_tend(lab);
    }
    buf_free(&input);
}
