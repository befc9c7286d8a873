/* Whatever ends the lab leaves no process, no directory and no shared memory behind, within 3 s. */
#include "base/attr.h"
#include "base/clock.h"
#include "tests/lab/lab_client.h"
#include "tests/lab/procs.h"

#include <dirent.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define GONE_US    (3 * US_PER_S)
#define REMOVED_US (10 * US_PER_S)

/* Labs make their directories in one of our own: what is left in it afterwards is theirs. */
struct place {
    char dir[64];
};

static bool is_empty(const char *path)
{
    size_t n = 0;
    DIR *dir = opendir(path);
    assert_non_null(dir);
    while (readdir(dir) != NULL)
        n++;
    closedir(dir);
    return n == 2;
}

static bool mentions(const char *pid, const char *dir)
{
    char path[300], text[4096];
    snprintf(path, sizeof path, "/proc/%s/cmdline", pid);
    FILE *f = fopen(path, "re");
    size_t n = f != NULL ? fread(text, 1, sizeof text - 1, f) : 0;
    if (f != NULL)
        fclose(f);
    if (n > 0 && memmem(text, n, dir, strlen(dir)) != NULL)
        return true;
    snprintf(path, sizeof path, "/proc/%s/cwd", pid);
    ssize_t len = readlink(path, text, sizeof text);
    return len > 0 && memmem(text, (size_t)len, dir, strlen(dir)) != NULL;
}

static int processes_of(const char *place)
{
    int n = 0;
    DIR *dir = opendir("/proc");
    for (struct dirent *e; (e = readdir(dir)) != NULL;)
        n += e->d_name[0] >= '1' && e->d_name[0] <= '9' && mentions(e->d_name, place);
    closedir(dir);
    return n;
}

/* A zombie that init has yet to reap is gone. */
static bool is_alive(pid_t pid)
{
    char path[40], text[300] = "", *after_name;
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    FILE *f = fopen(path, "re");
    if (f == NULL)
        return false;
    size_t n = fread(text, 1, sizeof text - 1, f);
    fclose(f);
    text[n] = '\0';
    after_name = strrchr(text, ')');
    return after_name != NULL && strncmp(after_name, ") Z", 3) != 0;
}

static int alive(const pid_t *pids, size_t n)
{
    int count = 0;
    for (size_t i = 0; i < n; i++)
        count += is_alive(pids[i]);
    return count;
}

/* The System V segment that a postmaster's lock file names; -1: none yet. */
static int segment_of(const char *lab_directory, const char *server)
{
    char path[300], line[200];
    int key, id = -1;
    snprintf(path, sizeof path, "%s/%s/postmaster.pid", lab_directory, server);
    FILE *f = fopen(path, "re");
    for (int i = 1; f != NULL && fgets(line, sizeof line, f) != NULL; i++) {
        if (i == 7 && sscanf(line, "%d %d", &key, &id) != 2)
            id = -1;
    }
    if (f != NULL)
        fclose(f);
    return id;
}

/* Waits until none of the processes and, at last, no directory is left. pids[0] is the keeper, who goes last:
 * on a busy disk it may need a while for the directory. */
static int await_gone(const struct place *place, const pid_t *pids, size_t n)
{
    int64_t began = clock_boot_us();
    size_t others = n > 0 ? n - 1 : 0;
    int left = 1;
    while (left != 0 && clock_boot_us() - began < GONE_US) {
        left = alive(pids + 1, others) + processes_of(place->dir);
        usleep(10000);
    }
    if (left != 0)
        fail_msg("%d processes are left after 3 s", left);
    for (left = 1; left != 0 && clock_boot_us() - began < REMOVED_US; usleep(10000))
        left = alive(pids, n) + processes_of(place->dir) + !is_empty(place->dir);
    if (left != 0)
        fail_msg("After 10 s %d processes are left, and %s", alive(pids, n) + processes_of(place->dir),
                 is_empty(place->dir) ? "no directory" : "a directory");
    return (int)((clock_boot_us() - began) / US_PER_MS);
}

/* Takes pids. */
static void assert_gone(const struct place *place, pid_t *pids, size_t n, const int *segments,
                        size_t nsegments)
{
    struct shmid_ds ds;
    print_message("             gone after %d ms\n", await_gone(place, pids, n));
    for (size_t i = 0; i < nsegments; i++) {
        if (segments[i] >= 0 && shmctl(segments[i], IPC_STAT, &ds) == 0)
            fail_msg("The shared memory segment %d is still there", segments[i]);
    }
    free(pids);
}

enum ending { END_INPUT, END_TERM, END_INT, END_HUP, END_KILL, END_KILL_KEEPER, END_KILL_PARENT };

static const struct {
    const char *name;
    enum ending ending;
    bool stopped; /* both servers get SIGSTOP first */
} endings[] = {
    {"end of input", END_INPUT, false},
    {"SIGTERM", END_TERM, false},
    {"end of input, servers stopped", END_INPUT, true},
    {"kill -9 of the lab", END_KILL, false},
    {"kill -9 of the lab, servers stopped", END_KILL, true},
    {"kill -9 of the keeper", END_KILL_KEEPER, false},
    {"kill -9 of the parent", END_KILL_PARENT, false},
};

/* What the child that owns a lab tells us of it. */
struct news {
    pid_t lab;
    pid_t keeper;
    char dir[200];
};

NORETURN static void own_a_lab(int out, bool stopped)
{
    struct news news = {0};
    struct lab *lab = lab_start((const char *const[]){"--load", "light", NULL});
    if (lab != NULL && (!stopped || (lab_command(lab, "stop primary") && lab_command(lab, "stop standby")))) {
        news.lab = lab_pid(lab);
        news.keeper = lab_pid_of(lab, "keeper");
        snprintf(news.dir, sizeof news.dir, "%s", lab_dir(lab));
    }
    if (write(out, &news, sizeof news) != sizeof news)
        _exit(1);
    char go;
    if (read(STDIN_FILENO, &go, 1) == 1) /* "end it in the usual way" */
        lab_stop(lab);
    _exit(0);
}

static void end_it(enum ending ending, pid_t parent, const struct news *news, int go)
{
    if (ending == END_INPUT)
        assert_int_equal(write(go, "x", 1), 1);
    else if (ending == END_KILL_KEEPER)
        kill(news->keeper, SIGKILL);
    else if (ending == END_KILL_PARENT)
        kill(parent, SIGKILL);
    else
        kill(news->lab, ending == END_TERM  ? SIGTERM
                        : ending == END_INT ? SIGINT
                        : ending == END_HUP ? SIGHUP
                                            : SIGKILL);
}

static void check_ending(const struct place *place, size_t i)
{
    int go[2], out[2], segments[2];
    struct news news = {0};
    pid_t *pids;
    print_message("             %s\n", endings[i].name);
    assert_true(pipe(go) == 0 && pipe(out) == 0);
    pid_t parent = fork();
    if (parent == 0) {
        dup2(go[0], STDIN_FILENO);
        close(go[1]);
        own_a_lab(out[1], endings[i].stopped);
    }
    close(out[1]);
    close(go[0]);
    assert_int_equal(read(out[0], &news, sizeof news), sizeof news);
    assert_true(news.lab > 0);
    size_t n = procs_below(news.lab, &pids);
    assert_true(n > 10);
    segments[0] = segment_of(news.dir, "primary");
    segments[1] = segment_of(news.dir, "standby");
    assert_true(segments[0] >= 0 && segments[1] >= 0);
    end_it(endings[i].ending, parent, &news, go[1]);
    assert_gone(place, pids, n, segments, 2);
    close(go[1]);
    waitpid(parent, NULL, 0);
    close(out[0]);
}

static void every_ending_leaves_nothing(void **state)
{
    for (size_t i = 0; i < COUNT_OF(endings); i++)
        check_ending(*state, i);
}

/* Starts the lab itself, without the client, and gives it ms to get somewhere. */
static pid_t start_bare(int ms, int *to)
{
    int in[2];
    char program[600];
    snprintf(program, sizeof program, "%s/pgvigil-lab",
             getenv("BUILDDIR") != NULL ? getenv("BUILDDIR") : ".");
    assert_int_equal(pipe(in), 0);
    pid_t pid = fork();
    if (pid == 0) {
        dup2(in[0], STDIN_FILENO);
        close(in[1]);
        if (freopen("/dev/null", "w", stdout) != NULL)
            execl(program, program, NULL);
        _exit(127);
    }
    close(in[0]);
    *to = in[1];
    usleep((useconds_t)ms * 1000);
    return pid;
}

static void early_ends_leave_nothing(void **state)
{
    static const struct {
        int ms;
        int sig; /* 0: end of input */
    } early[] = {{0, SIGKILL},   {3, SIGKILL},  {8, SIGTERM},   {20, SIGKILL},  {60, 0},
                 {250, SIGKILL}, {450, SIGINT}, {700, SIGKILL}, {1100, SIGHUP}, {1500, SIGKILL}};
    for (size_t i = 0; i < COUNT_OF(early); i++) {
        int to;
        pid_t *pids, pid = start_bare(early[i].ms, &to);
        size_t n = procs_below(pid, &pids);
        print_message("             after %d ms: signal %d, %zu processes\n", early[i].ms, early[i].sig, n);
        if (early[i].sig != 0)
            kill(pid, early[i].sig);
        close(to);
        waitpid(pid, NULL, 0);
        assert_gone(*state, pids, n, NULL, 0);
    }
}

static int make_place(void **state)
{
    static struct place place;
    snprintf(place.dir, sizeof place.dir, "/tmp/lab-ends-XXXXXX");
    *state = &place;
    if (mkdtemp(place.dir) == NULL || chmod(place.dir, 01777) != 0)
        return -1;
    return setenv("TMPDIR", place.dir, 1);
}

static int remove_place(void **state)
{
    return rmdir(((struct place *)*state)->dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_ending_leaves_nothing),
        cmocka_unit_test(early_ends_leave_nothing),
    };
    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, make_place, remove_place);
}
