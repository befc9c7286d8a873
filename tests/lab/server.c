/* Starting, stopping and crashing a server of the lab, whichever it is. */
#include "base/clock.h"
#include "tests/lab/lab.h"
#include "tests/lab/procs.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int server_free_port(void)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof a;
    int port = -1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && bind(fd, (struct sockaddr *)&a, sizeof a) == 0 &&
        getsockname(fd, (struct sockaddr *)&a, &len) == 0)
        port = ntohs(a.sin_port);
    if (fd >= 0)
        close(fd);
    return port;
}

bool server_write_file(const struct lab *lab, const char *name, const struct buf *text, struct err *err)
{
    char path[KEEPER_DIR_MAX + 64];
    snprintf(path, sizeof path, "%s/%s", lab->keeper.dir, name);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    bool done = fd >= 0 && write(fd, buf_text(text), text->len) == (ssize_t)text->len;
    if (!done)
        err_set(err, "Cannot write %s: %s.", path, strerror(errno));
    if (fd >= 0)
        close(fd);
    return done;
}

void server_last_line(const struct server *s, char *out, size_t size)
{
    char line[400];
    FILE *f = fopen(s->log, "re");
    snprintf(out, size, "its log is empty");
    while (f != NULL && fgets(line, sizeof line, f) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        if (strstr(line, "FATAL") != NULL || strstr(line, "Cannot run") != NULL ||
            strstr(line, "rror") != NULL)
            snprintf(out, size, "%s", line);
    }
    if (f != NULL)
        fclose(f);
}

bool server_start(struct lab *lab, enum server_id id, struct err *err)
{
    if (id == SERVER_POOLER)
        return pooler_start(lab, err);
    return cluster_start(lab, id, err) && cluster_await(lab, id, err);
}

bool server_stop(struct lab *lab, enum server_id id, struct err *err)
{
    struct server *s = &lab->servers[id];
    if (s->pid == 0)
        return true;
    procs_signal(s->pid, SIGCONT);
    kill(s->pid, SIGINT);
    if (!keeper_ended(&lab->keeper, s->pid, 5000, NULL))
        return server_crash(lab, id, err);
    s->pid = 0;
    return true;
}

/* The postmaster's children are looked up first: without it they would no longer be found below it. */
bool server_crash(struct lab *lab, enum server_id id, struct err *err)
{
    struct server *s = &lab->servers[id];
    if (s->pid == 0)
        return true;
    kill(s->pid, SIGSTOP);
    pid_t *pids;
    size_t n = procs_below(s->pid, &pids);
    kill(s->pid, SIGKILL);
    for (size_t i = 0; i < n; i++)
        kill(pids[i], SIGKILL);
    bool ended = keeper_ended(&lab->keeper, s->pid, 10000, NULL);
    for (size_t i = 0; i < n; i++) {
        for (int wait = 0; wait < 500 && kill(pids[i], 0) == 0; wait++)
            usleep(10000);
    }
    free(pids);
    if (!ended)
        return err_set(err, "The %s (process %d) could not be killed.", s->name, (int)s->pid);
    s->pid = 0;
    return true;
}
