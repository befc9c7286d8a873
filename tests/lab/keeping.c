/* The keeper process. It never blocks on anything but its own poll, holds no connection, and ends when its
 * socket does: then it ends every process below it, gives back shared memory, and removes the directory. */
#include "tests/lab/keeping.h"

#include "base/err.h"
#include "tests/lab/keeper.h"
#include "tests/lab/procs.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

struct post {
    int socket;
    int signals; /* signalfd */
    pid_t self;
    struct tree_id dir_id;
    char dir[KEEPER_DIR_MAX];
};

/* Conninfo strings and configuration files hold the path bare. */
static bool is_plain(const char *path)
{
    return path[0] == '/' && path[strcspn(path, " '\"\\\t\n,;#=%@$")] == '\0';
}

static bool make_wanted_dir(struct post *p, const char *wanted, struct err *err)
{
    char cwd[512] = "";
    if (wanted[0] != '/' && getcwd(cwd, sizeof cwd) == NULL)
        return err_set(err, "Cannot tell the working directory: %s.", strerror(errno));
    int n = snprintf(p->dir, sizeof p->dir, "%s%s%s", cwd, cwd[0] != '\0' ? "/" : "", wanted);
    if (n >= (int)sizeof p->dir || !is_plain(p->dir))
        return err_set(err, "--dir must be shorter than %d bytes, without blanks, quotes and the like.",
                       KEEPER_DIR_MAX);
    return tree_make(p->dir, &p->dir_id, err);
}

static bool make_new_dir(struct post *p, struct err *err)
{
    const char *places[] = {getenv("TMPDIR"), "/tmp", "/var/tmp"};
    struct stat st;
    for (size_t i = 0; i < COUNT_OF(places); i++) {
        if (places[i] == NULL || !is_plain(places[i]) ||
            snprintf(p->dir, sizeof p->dir, "%s/pgvigil-lab-XXXXXX", places[i]) >= (int)sizeof p->dir)
            continue;
        if (mkdtemp(p->dir) != NULL && lstat(p->dir, &st) == 0) {
            p->dir_id = (struct tree_id){st.st_dev, st.st_ino};
            return true;
        }
    }
    p->dir[0] = '\0';
    return err_set(err, "Cannot make a directory in $TMPDIR, /tmp or /var/tmp: %s.", strerror(errno));
}

static bool post_open(struct post *p, int sock, const char *wanted)
{
    struct keeper_notice n = {.kind = NOTICE_READY};
    struct err err = {""};
    if (!(wanted != NULL ? make_wanted_dir(p, wanted, &err) : make_new_dir(p, &err))) {
        n.kind = NOTICE_FAILED;
        memcpy(n.text, err.text, sizeof n.text);
        p->dir[0] = '\0';
    } else {
        memcpy(n.text, p->dir, sizeof p->dir);
        n.dir_id = p->dir_id;
    }
    return send(sock, &n, sizeof n, MSG_NOSIGNAL) == sizeof n && n.kind == NOTICE_READY;
}

/* Our own session, no descriptor but the socket, no core files, no signal by surprise. */
static void settle(struct post *p)
{
    sigset_t all;
    setsid();
    prctl(PR_SET_NAME, "pgvigil-labkeep");
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);
    p->signals = signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK);
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    for (int fd = 0; fd <= 2 && null >= 0; fd++)
        dup2(null, fd);
}

NORETURN static void become(const struct post *p, char **argv, const char *log)
{
    sigset_t none;
    int out = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    prctl(PR_SET_PDEATHSIG, SIGQUIT);
    if (getppid() != p->self || out < 0 || dup2(out, 1) < 0 || dup2(out, 2) < 0 || chdir(p->dir) != 0)
        _exit(127);
    setpgid(0, 0);
    signal(SIGPIPE, SIG_DFL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    execv(argv[0], argv);
    dprintf(2, "Cannot run %s: %s.\n", argv[0], strerror(errno));
    _exit(127);
}

/* False: the front is gone. */
static bool take_request(const struct post *p)
{
    char packet[KEEPER_PACKET + 1];
    char *argv[256];
    size_t argc = 0;
    ssize_t n = recv(p->socket, packet, KEEPER_PACKET, 0);
    if (n <= 0)
        return n < 0 && errno == EINTR;
    packet[n] = '\0';
    for (char *word = packet; word < packet + n && argc < COUNT_OF(argv) - 1; word += strlen(word) + 1)
        argv[argc++] = word;
    argv[argc] = NULL;
    struct keeper_notice answer = {.kind = NOTICE_STARTED, .pid = argc >= 2 ? fork() : -1, .status = errno};
    if (answer.pid == 0)
        become(p, argv + 1, argv[0]);
    return send(p->socket, &answer, sizeof answer, MSG_NOSIGNAL) == sizeof answer;
}

/* False: somebody asks the keeper itself to end. */
static bool take_signals(const struct post *p)
{
    struct signalfd_siginfo info;
    while (read(p->signals, &info, sizeof info) == sizeof info) {
        if (info.ssi_signo == SIGTERM || info.ssi_signo == SIGINT || info.ssi_signo == SIGQUIT)
            return false;
    }
    struct keeper_notice n = {.kind = NOTICE_ENDED};
    while ((n.pid = waitpid(-1, &n.status, WNOHANG)) > 0)
        send(p->socket, &n, sizeof n, MSG_NOSIGNAL | MSG_DONTWAIT);
    return true;
}

/* A postmaster that had to be killed leaves a System V segment behind; its lock file's seventh line names it.
 */
static void give_back_memory(const char *dir, const char *server)
{
    char path[KEEPER_DIR_MAX + 40], line[200];
    unsigned long key, id;
    struct shmid_ds ds;
    snprintf(path, sizeof path, "%s/%s/postmaster.pid", dir, server);
    FILE *f = fopen(path, "re");
    for (int i = 1; f != NULL && fgets(line, sizeof line, f) != NULL; i++) {
        if (i == 7 && sscanf(line, "%lu %lu", &key, &id) == 2 && shmctl((int)id, IPC_STAT, &ds) == 0 &&
            ds.shm_perm.cuid == geteuid() && ds.shm_nattch == 0)
            shmctl((int)id, IPC_RMID, NULL);
    }
    if (f != NULL)
        fclose(f);
}

void keeping_clear(const char *dir, struct tree_id id, bool keep_dir)
{
    procs_end_all();
    give_back_memory(dir, "primary");
    give_back_memory(dir, "standby");
    if (!keep_dir)
        tree_remove(dir, id);
}

NORETURN void keeping_main(int sock, const char *wanted, bool keep_dir)
{
    struct post p = {.socket = 3, .self = getpid()};
    dup2(sock, p.socket);
    fcntl(p.socket, F_SETFD, FD_CLOEXEC);
    close_range(4, ~0U, 0);
    settle(&p);
    if (!post_open(&p, p.socket, wanted)) {
        if (p.dir[0] != '\0')
            keeping_clear(p.dir, p.dir_id, keep_dir);
        _exit(1);
    }
    for (;;) {
        struct pollfd fds[2] = {{p.socket, POLLIN, 0}, {p.signals, POLLIN, 0}};
        if (poll(fds, 2, -1) < 0 && errno != EINTR)
            break;
        if (fds[1].revents != 0 && !take_signals(&p))
            break;
        if (fds[0].revents != 0 && !take_request(&p))
            break;
    }
    keeping_clear(p.dir, p.dir_id, keep_dir);
    _exit(0);
}
