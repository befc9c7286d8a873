/* pgvigil-lab: a private PostgreSQL primary, its standby, its PgBouncer and its task queues, for the demo and
 * the tests. This process is the front: it builds, then takes commands until standard input ends. See
 * keeper.h for how all of it goes, whatever ends it. */
#include "base/clock.h"
#include "tests/lab/actor.h"
#include "tests/lab/lab.h"

#include <errno.h>
#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

extern char **environ;

static int ending_socket = -1; /* these two are for the signal handler */
static pid_t ending_keeper;

/* A front that dies is enough for the keeper, but whoever waits for us should find nothing left. */
static void end_by_signal(int sig)
{
    static const char said[] = "ended by a signal\n";
    (void)sig;
    if (poll(&(struct pollfd){STDOUT_FILENO, POLLOUT, 0}, 1, 0) == 1)
        (void)!write(STDOUT_FILENO, said, sizeof said - 1);
    keeper_close(ending_socket, ending_keeper);
    _exit(0);
}

/* PostgreSQL refuses to run as root, and so should anything that starts it. */
static bool drop_root(struct err *err)
{
    if (geteuid() != 0)
        return true;
    const struct passwd *pw = getpwnam("postgres");
    if (pw == NULL && (pw = getpwnam("nobody")) == NULL)
        return err_set(
            err, "Neither the user postgres nor the user nobody exists; start the lab as an ordinary user.");
    if (setgroups(0, NULL) != 0 || setresgid(pw->pw_gid, pw->pw_gid, pw->pw_gid) != 0 ||
        setresuid(pw->pw_uid, pw->pw_uid, pw->pw_uid) != 0)
        return err_set(err, "Cannot become the user %s: %s.", pw->pw_name, strerror(errno));
    setenv("USER", pw->pw_name, 1);
    setenv("HOME", "/nonexistent", 1);
    prctl(PR_SET_DUMPABLE, 1); /* leak checkers look into their own process */
    return true;
}

/* The caller's connection settings and locale are not the lab's. */
static void clean_environment(void)
{
    for (char **e = environ; *e != NULL;) {
        char name[64];
        size_t len = strcspn(*e, "=");
        if ((strncmp(*e, "PG", 2) == 0 || strncmp(*e, "LC_", 3) == 0) && len < sizeof name) {
            memcpy(name, *e, len);
            name[len] = '\0';
            unsetenv(name);
            e = environ;
        } else {
            e++;
        }
    }
    setenv("LC_ALL", "C", 1);
    setenv("TZ", "UTC", 1);
    setenv("USER", geteuid() == 0 ? "root" : "you", 0);
}

/* No descriptor of the caller's may be held open by us, least of all the other end of our own input. */
static bool settle(pid_t parent, struct err *err)
{
    clean_environment();
    umask(077);
    close_range(3, ~0U, 0);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGCHLD, SIG_DFL);
    if (!drop_root(err))
        return false;
    prctl(PR_SET_PDEATHSIG, SIGTERM); /* after the change of user, which resets it */
    return getppid() == parent || err_set(err, "Whoever started the lab is gone.");
}

static bool make_password(struct lab *lab, struct err *err)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz234567";
    unsigned char bytes[LAB_PASSWORD_LEN];
    if (getrandom(bytes, sizeof bytes, 0) != sizeof bytes)
        return err_set(err, "There is no randomness for a password: %s.", strerror(errno));
    for (size_t i = 0; i < sizeof bytes; i++)
        lab->password[i] = letters[bytes[i] % 32];
    return true;
}

static bool start_keeper(struct lab *lab, struct err *err)
{
    static const char *const names[SERVER_COUNT] = {"primary", "standby", "pooler"};
    const bool wanted[SERVER_COUNT] = {true, !lab->wishes.no_standby, !lab->wishes.no_pooler};
    if (!keeper_start(&lab->keeper, lab->wishes.dir, lab->wishes.keep, err))
        return false;
    ending_socket = lab->keeper.socket;
    ending_keeper = lab->keeper.pid;
    for (size_t i = 0; i < 3; i++)
        sigaction((const int[]){SIGTERM, SIGINT, SIGHUP}[i], &(struct sigaction){.sa_handler = end_by_signal},
                  NULL);
    for (size_t i = 0; i < SERVER_COUNT; i++) {
        struct server *s = &lab->servers[i];
        *s = (struct server){.name = names[i], .wanted = wanted[i]};
        snprintf(s->log, sizeof s->log, "%s/%s.log", lab->keeper.dir, names[i]);
    }
    setenv("HOME", lab->keeper.dir, 1);
    return true;
}

static bool start_primary(struct lab *lab, struct err *err)
{
    return server_start(lab, SERVER_PRIMARY, err);
}

/* It starts while the primary is filled. */
static bool start_standby(struct lab *lab, struct err *err)
{
    return !lab->servers[SERVER_STANDBY].wanted ||
           (cluster_add_slot(lab, err) && cluster_start(lab, SERVER_STANDBY, err));
}

static bool start_pooler(struct lab *lab, struct err *err)
{
    return !lab->servers[SERVER_POOLER].wanted || server_start(lab, SERVER_POOLER, err);
}

static bool await_standby(struct lab *lab, struct err *err)
{
    return !lab->servers[SERVER_STANDBY].wanted ||
           (cluster_await(lab, SERVER_STANDBY, err) && cluster_await_streaming(lab, err));
}

static bool start_load(struct lab *lab, struct err *err)
{
    return actors_load(lab, lab->wishes.load, err) &&
           (lab->wishes.sessions == 0 || actors_sessions(lab, lab->wishes.sessions, err));
}

static const struct {
    const char *words;
    bool (*run)(struct lab *lab, struct err *err);
} steps[LAB_STEPS] = {
    {"making the clusters", cluster_make},   {"starting the primary", start_primary},
    {"starting the standby", start_standby}, {"filling the databases", seed_all},
    {"starting PgBouncer", start_pooler},    {"waiting for the standby", await_standby},
    {"starting the workload", start_load},
};

static bool build(struct lab *lab, struct err *err)
{
    if (!cluster_find(lab, err) || !pooler_find(lab, err) || !make_password(lab, err) ||
        !start_keeper(lab, err))
        return false;
    for (lab->step = 0; lab->step < LAB_STEPS; lab->step++) {
        report_progress(lab, steps[lab->step].words);
        if (lab->keeper.hung_up)
            return err_set(err, "Standard input ended while the lab was starting.");
        if (!steps[lab->step].run(lab, err))
            return false;
    }
    report_progress(lab, "ready");
    return true;
}

static bool run(struct lab *lab, int64_t began, struct err *err)
{
    bool ready = build(lab, err);
    if (ready) {
        report_targets(lab);
        report_pids(lab);
        report_line("password %s", lab->password);
        report_line("dir %s", lab->keeper.dir);
        report_line("ready %.1f", (double)(clock_boot_us() - began) / (double)US_PER_S);
        serve(lab);
        ready = !lab->keeper.gone || err_set(err, "The keeper was killed.");
    }
    keeper_end(&lab->keeper, lab->wishes.keep);
    return ready;
}

int main(int argc, char **argv)
{
    struct lab lab = {.wishes = {.rate = 100}, .keeper = {.socket = -1}};
    struct err err = {""};
    int64_t began = clock_boot_us();
    pid_t parent = getppid();
    if (argc > 1 && strcmp(argv[1], "--actor") == 0)
        return actor_main(argc - 2, argv + 2);
    bool understood = options_parse(&lab.wishes, argc, argv, &err), done = understood;
    if (done && lab.wishes.help) {
        options_help();
        return 0;
    }
    done = done && settle(parent, &err) && run(&lab, began, &err);
    if (!done)
        report_line("error %.*s", (int)strcspn(err.text, "\n"), err.text);
    return done ? 0 : understood ? 1 : 2;
}
