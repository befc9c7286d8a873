/* A PostgreSQL server that misbehaves as it is told, for tests. One process for each client; all die with the
 * parent of the first, or after their lifetime. Prints "port N" (or "socket DIR N") when it listens. */
#include "base/mem.h"
#include "tests/fault/modes.h"
#include "tests/fault/session.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define CONNECTIONS_MAX 100000
#define FILLERS         8

static struct shared *shared;   /* for the signal handlers */

static void on_sick(int sig)
{
    shared->sick = sig == SIGUSR1;
}

static NORETURN void give_up(const char *what)
{
    fprintf(stderr, "hostile-server: %s: %s\n", what, strerror(errno));
    exit(1);
}

/* ---- options ---- */

static const struct option long_options[] = {
    {"mode", 1, 0, 'm'},      {"auth", 1, 0, 'a'},     {"password", 1, 0, 'w'}, {"iterations", 1, 0, 'i'},
    {"version", 1, 0, 'v'},   {"socket", 1, 0, 'k'},   {"port", 1, 0, 'p'},     {"script", 1, 0, 's'},
    {"behind", 1, 0, 'b'},    {"log", 1, 0, 'l'},      {"after", 1, 0, 'n'},    {"first", 1, 0, 'f'},
    {"count", 1, 0, 'c'},     {"all", 0, 0, 'A'},      {"healthy", 0, 0, 'H'},  {"sqlstate", 1, 0, 'e'},
    {"address", 1, 0, 'd'},   {"lifetime", 1, 0, 't'},  {"list", 0, 0, 'L'},     {"help", 0, 0, 'h'},     {0},
};

static const char help[] =
    "hostile-server [options]: a PostgreSQL server that misbehaves as told\n"
    "  --mode NAME        how (--list shows all); default healthy\n"
    "  --after N          the first N answers with rows are healthy on each connection\n"
    "  --first N          only the first N connections are treated badly\n"
    "  --healthy          healthy until SIGUSR1; SIGUSR2 makes it healthy again\n"
    "  --all              answers without rows (SET..) are spoilt too\n"
    "  --count N          how many, how many bytes or milliseconds: see the mode\n"
    "  --sqlstate CODE    of the modes error, alternate and fatal; default 57P01\n"
    "  --auth KIND        trust, cleartext, md5, scram; or cleartext where it is hidden: hidden (right behind md5),\n"
    "                     hidden-split (behind the second half of md5), hidden-scram (behind the end of scram),\n"
    "                     after-n (behind the answer that there is no TLS); --password TEXT; --iterations N (4096)\n"
    "  --version TEXT     server_version that is told; default 15.20\n"
    "  --script FILE      answers by the text of the question: see script.h\n"
    "  --behind CONNINFO  a real server answers what the script does not\n"
    "  --socket DIR       listens on a unix socket there; --port N (a free one); --address IP (127.0.0.1)\n"
    "  --log FILE         one line for each event\n"
    "  --lifetime S       ends after so many seconds; default 120\n";

static enum auth auth_of(const char *name)
{
    static const char *const names[] = {"trust", "cleartext", "md5", "scram", "hidden", "hidden-split", "hidden-scram",
                                        "after-n"};
    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (strcmp(names[i], name) == 0)
            return (enum auth)i;
    fprintf(stderr, "hostile-server: --auth %s: --help has those that there are\n", name);
    exit(2);
}

static const struct mode *mode_of(const char *name)
{
    const struct mode *mode = mode_find(name);
    if (mode)
        return mode;
    fprintf(stderr, "hostile-server: no mode is called %s; --list shows all\n", name);
    exit(2);
}

static const struct script *script_of(const char *path)
{
    struct err err;
    const struct script *script = script_load(path, &err);
    if (script)
        return script;
    fprintf(stderr, "hostile-server: %s\n", err.text);
    exit(2);
}

static void take_option(struct options *o, int letter, const char *arg)
{
    switch (letter) {
    case 'm': o->mode = mode_of(arg); break;
    case 'a': o->auth = auth_of(arg); break;
    case 'w': o->password = arg; break;
    case 'i': o->scram_iterations = atoi(arg); break;
    case 'v': o->version = arg; break;
    case 'k': o->socket_dir = arg; break;
    case 'd': o->address = arg; break;
    case 'p': o->port = atoi(arg); break;
    case 's': o->script = script_of(arg); break;
    case 'b': o->behind = arg; break;
    case 'n': o->after = atol(arg); break;
    case 'f': o->first = atol(arg); break;
    case 'c': o->count = atol(arg); break;
    case 'A': o->all = true; break;
    case 'H': o->healthy = true; break;
    case 'e': o->sqlstate = arg; break;
    case 't': o->lifetime_s = atoi(arg); break;
    case 'L': mode_list(); exit(0);
    case 'h': fputs(help, stdout); exit(0);
    default: exit(2);
    case 'l':
        o->log = fopen(arg, "ae");
        if (!o->log)
            give_up(arg);
        break;
    }
}

static struct options read_options(int argc, char **argv)
{
    struct options o = {.mode = mode_find("healthy"), .scram_iterations = 4096, .version = "15.20",
                        .sqlstate = "57P01", .lifetime_s = 120};
    for (int letter; (letter = getopt_long(argc, argv, "h", long_options, NULL)) >= 0;)
        take_option(&o, letter, optarg);
    if (optind < argc) {
        fprintf(stderr, "hostile-server: %s is no option\n", argv[optind]);
        exit(2);
    }
    return o;
}

/* ---- listening ---- */

static int try_listen(struct options *o, int backlog)
{
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons((uint16_t)o->port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct sockaddr_un un = {.sun_family = AF_UNIX};
    if (o->address)
        inet_pton(AF_INET, o->address, &in.sin_addr);
    struct sockaddr *address = o->socket_dir ? (struct sockaddr *)&un : (struct sockaddr *)&in;
    socklen_t size = o->socket_dir ? sizeof(un) : sizeof(in);
    if (o->socket_dir) {
        o->port = o->port ? o->port : 5432;
        snprintf(un.sun_path, sizeof(un.sun_path), "%s/.s.PGSQL.%d", o->socket_dir, o->port);
        unlink(un.sun_path);
    }
    int fd = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (bind(fd, address, size) < 0 || listen(fd, backlog) < 0) {
        close(fd);
        return -1;
    }
    if (!o->socket_dir && getsockname(fd, (struct sockaddr *)&in, &size) == 0)
        o->port = ntohs(in.sin_port);
    return fd;
}

/* Another program may have the port for a moment when it was given up and is wanted back. */
static int start_listening(struct options *o, int backlog)
{
    for (int tries = 0; tries < 100; tries++) {
        int fd = try_listen(o, backlog);
        if (fd >= 0)
            return fd;
        nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
    }
    give_up("cannot listen");
}

/* Fills the queue with connections of our own that nobody accepts: after that SYNs get no answer. */
static void fill_queue(const struct options *o, int *fillers)
{
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons((uint16_t)o->port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    for (int i = 0; i < FILLERS; i++) {
        fillers[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        if (connect(fillers[i], (struct sockaddr *)&in, sizeof(in)) < 0 && errno != EINPROGRESS)
            give_up("cannot fill the queue");
    }
    nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL);
}

struct listener {
    int fd;                     /* -1: not now */
    enum listening how;
    int fillers[FILLERS];
};

static void listen_as(struct listener *l, struct options *o, enum listening how)
{
    if (l->fd >= 0 && l->how == how)
        return;
    if (l->how == LISTEN_FULL)
        for (int i = 0; i < FILLERS; i++)
            close(l->fillers[i]);
    if (l->fd >= 0)
        close(l->fd);
    l->how = how;
    l->fd = start_listening(o, how == LISTEN_FULL ? 0 : 128);
    if (how == LISTEN_FULL)
        fill_queue(o, l->fillers);
    if (how == LISTEN_NOT) {    /* bound and closed again: the port is known, and nobody is there */
        close(l->fd);
        l->fd = -1;
    }
}

/* ---- serving ---- */

static NORETURN void serve(int fd, const struct options *o, pid_t parent)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(0);
    signal(SIGUSR1, SIG_IGN);
    signal(SIGUSR2, SIG_IGN);
    alarm((unsigned)o->lifetime_s);
    int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    struct session s = {.link = {.fd = fd}, .options = o, .shared = shared, .number = shared->connections,
                        .transaction = 'I'};
    session_log(&s, "connect", "");
    session_login(&s);
    session_serve(&s);
}

static void accept_one(struct listener *l, const struct options *o)
{
    pid_t parent = getpid();
    int fd = accept4(l->fd, NULL, NULL, SOCK_CLOEXEC);
    if (fd < 0)
        return;
    if (++shared->connections > CONNECTIONS_MAX)
        exit(0);
    fflush(NULL);
    if (fork() == 0) {
        close(l->fd);
        serve(fd, o, parent);
    }
    close(fd);
}

int main(int argc, char **argv)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    struct options o = read_options(argc, argv);
    shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED)
        give_up("mmap");
    shared->sick = !o.healthy;
    signal(SIGPIPE, SIG_IGN);
    sigaction(SIGCHLD, &(struct sigaction){.sa_handler = SIG_DFL, .sa_flags = SA_NOCLDWAIT}, NULL);
    sigset_t usr, before;       /* let in while waiting alone */
    sigemptyset(&usr);
    sigaddset(&usr, SIGUSR1);
    sigaddset(&usr, SIGUSR2);
    sigprocmask(SIG_BLOCK, &usr, &before);
    sigaction(SIGUSR1, &(struct sigaction){.sa_handler = on_sick}, NULL);
    sigaction(SIGUSR2, &(struct sigaction){.sa_handler = on_sick}, NULL);
    alarm((unsigned)o.lifetime_s);

    struct listener l = {.fd = -1};
    for (bool told = false;; told = true) {
        listen_as(&l, &o, shared->sick ? o.mode->listening : LISTEN_NORMALLY);
        if (!told) {
            if (o.socket_dir)
                printf("socket %s %d\n", o.socket_dir, o.port);
            else
                printf("port %d\n", o.port);
            fflush(stdout);
        }
        struct pollfd fd = {l.how == LISTEN_NORMALLY ? l.fd : -1, POLLIN, 0};
        if (ppoll(&fd, 1, NULL, &before) > 0)
            accept_one(&l, &o);
    }
}
