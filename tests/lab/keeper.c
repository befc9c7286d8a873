/* The front's side of the keeper: starting it, asking it to run programs, hearing what has ended. */
#include "tests/lab/keeper.h"

#include "base/clock.h"
#include "base/mem.h"
#include "tests/lab/keeping.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* The newest first: process ids come round again. */
static struct child *find_child(struct keeper *k, pid_t pid)
{
    for (size_t i = k->nchildren; i-- > 0;) {
        if (k->children[i].pid == pid)
            return &k->children[i];
    }
    return NULL;
}

static void note_end(struct keeper *k, const struct keeper_notice *n)
{
    struct child *c = find_child(k, n->pid);
    if (c != NULL) {
        c->ended = true;
        c->status = n->status;
    }
}

/* Waits for one notice. False: none came in time, or the keeper is gone. */
static bool take_notice(struct keeper *k, struct keeper_notice *n, int flags)
{
    ssize_t got = recv(k->socket, n, sizeof *n, flags);
    if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR))
        k->gone = true;
    if (got != sizeof *n)
        return false;
    if (n->kind == NOTICE_ENDED)
        note_end(k, n);
    return true;
}

bool keeper_start(struct keeper *k, const char *dir, bool keep_dir, struct err *err)
{
    int pair[2];
    struct keeper_notice hello;
    *k = (struct keeper){.socket = -1};
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
        return err_set(err, "Cannot make a socket for the keeper: %s.", strerror(errno));
    prctl(PR_SET_CHILD_SUBREAPER, 1); /* should the keeper be killed, its children become ours */
    k->pid = fork();
    if (k->pid == 0)
        keeping_main(pair[1], dir, keep_dir);
    close(pair[1]);
    k->socket = pair[0];
    if (k->pid < 0)
        return err_set(err, "Cannot start the keeper: %s.", strerror(errno));
    if (!take_notice(k, &hello, 0) || hello.kind != NOTICE_READY)
        return err_set(err, "%s", k->gone ? "The keeper died at once." : hello.text);
    memcpy(k->dir, hello.text, sizeof k->dir);
    k->dir_id = hello.dir_id;
    return true;
}

static void add_child(struct keeper *k, pid_t pid)
{
    k->children = mem_resize(k->children, ++k->nchildren, sizeof *k->children);
    k->children[k->nchildren - 1] = (struct child){.pid = pid};
}

static size_t pack(char *packet, size_t room, const char *const *argv, const char *log)
{
    size_t used = 0;
    for (const char *word = log; word != NULL; word = *argv++) {
        size_t n = strlen(word) + 1;
        if (n > room - used)
            return 0;
        memcpy(packet + used, word, n);
        used += n;
    }
    return used;
}

bool keeper_run(struct keeper *k, const char *const *argv, const char *log, pid_t *pid, struct err *err)
{
    char packet[KEEPER_PACKET];
    struct keeper_notice n;
    size_t len = pack(packet, sizeof packet, argv, log);
    if (len == 0)
        return err_set(err, "The command line of %s is too long.", argv[0]);
    if (send(k->socket, packet, len, MSG_NOSIGNAL) != (ssize_t)len)
        return err_set(err, "The keeper is gone.");
    do {
        if (!take_notice(k, &n, 0) && k->gone)
            return err_set(err, "The keeper is gone.");
    } while (n.kind != NOTICE_STARTED);
    if (n.pid < 0)
        return err_set(err, "Cannot start %s: %s.", argv[0], strerror(n.status));
    *pid = n.pid;
    add_child(k, n.pid);
    return true;
}

void keeper_poll(struct keeper *k, int fd, int ms)
{
    struct keeper_notice n;
    struct pollfd fds[3] = {{k->gone ? -1 : k->socket, POLLIN, 0}, {STDIN_FILENO, 0, 0}, {fd, POLLIN, 0}};
    if (poll(fds, 3, ms) <= 0)
        return;
    k->hung_up = k->hung_up || (fds[1].revents & POLLHUP) != 0;
    while (!k->gone && take_notice(k, &n, MSG_DONTWAIT))
        ;
}

bool keeper_ended(struct keeper *k, pid_t pid, int ms, int *status)
{
    int64_t until = clock_boot_us() + ms * US_PER_MS;
    for (;;) {
        const struct child *c = find_child(k, pid);
        if (c == NULL || c->ended) {
            if (status != NULL)
                *status = c != NULL ? c->status : 0;
            return true;
        }
        int64_t left = until - clock_boot_us();
        if (left <= 0 || k->hung_up || k->gone)
            return false;
        keeper_poll(k, -1, (int)(left / US_PER_MS) + 1);
    }
}

void keeper_close(int socket, pid_t pid)
{
    struct keeper_notice n;
    shutdown(socket, SHUT_WR);
    for (;;) {
        struct pollfd fd = {socket, POLLIN, 0};
        int ready = poll(&fd, 1, 15000);
        if (ready < 0 && errno == EINTR)
            continue;
        if (ready <= 0)
            return;
        if (recv(socket, &n, sizeof n, 0) <= 0)
            break;
    }
    waitpid(pid, NULL, 0);
}

void keeper_end(struct keeper *k, bool keep_dir)
{
    if (k->socket < 0)
        return;
    keeper_close(k->socket, k->pid);
    if (k->dir[0] != '\0')
        keeping_clear(k->dir, k->dir_id, keep_dir);
    free(k->children);
    *k = (struct keeper){.socket = -1};
}
