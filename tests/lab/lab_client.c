/* The tests' side of pgvigil-lab: starts it with two pipes and keeps what its lines say. */
#include "tests/lab/lab_client.h"

#include "base/clock.h"
#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define FACTS_MAX 64
#define START_US  (120 * US_PER_S)
#define ANSWER_US (60 * US_PER_S)
#define ARGS_MAX  30

struct fact {      /* "target primary host=...", "pid postmaster primary 12", "log primary /tmp/..." */
    char name[64]; /* with the keyword's first letter before it: "t primary", "p primary", "l primary" */
    char value[400];
};

struct lab {
    pid_t pid;
    int to;
    int from;
    char input[4096];
    size_t len;
    char answer[600];
    bool ready;
    size_t nfacts;
    struct fact facts[FACTS_MAX];
};

static const char *fact(const struct lab *lab, char kind, const char *name)
{
    for (size_t i = 0; i < lab->nfacts; i++) {
        if (lab->facts[i].name[0] == kind && strcmp(lab->facts[i].name + 1, name) == 0)
            return lab->facts[i].value;
    }
    return NULL;
}

static void learn(struct lab *lab, char kind, const char *name, const char *value)
{
    size_t i = 0;
    while (i < lab->nfacts && (lab->facts[i].name[0] != kind || strcmp(lab->facts[i].name + 1, name) != 0))
        i++;
    if (i == FACTS_MAX)
        return;
    if (i == lab->nfacts)
        lab->nfacts++;
    snprintf(lab->facts[i].name, sizeof lab->facts[i].name, "%c%s", kind, name);
    snprintf(lab->facts[i].value, sizeof lab->facts[i].value, "%s", value);
}

/* True: the line answers a command, or says that the lab is ready or has failed. */
static bool take_line(struct lab *lab, const char *line)
{
    char word[16] = "", name[60] = "", third[20] = "";
    int at = 0;
    sscanf(line, "%15s %59s %n", word, name, &at);
    const char *rest = line + at;
    if (strcmp(word, "ok") == 0 || strcmp(word, "error") == 0 || strcmp(word, "ready") == 0) {
        snprintf(lab->answer, sizeof lab->answer, "%.599s", line);
        lab->ready = lab->ready || word[0] == 'r';
        return true;
    }
    if (strcmp(word, "target") == 0 || strcmp(word, "role") == 0)
        learn(lab, 't', name, rest);
    else if (strcmp(word, "log") == 0)
        learn(lab, 'l', name, rest);
    else if (strcmp(word, "dir") == 0 || strcmp(word, "password") == 0)
        learn(lab, 'o', word, name);
    else if (strcmp(word, "pid") == 0 && sscanf(rest, "%19s %n", third, &at) == 1)
        learn(lab, 'p', third, rest + at);
    return false;
}

/* Reads until a line answers. False: time is up, or the lab has ended. */
static bool await_answer(struct lab *lab, int64_t until)
{
    for (;;) {
        char *end = memchr(lab->input, '\n', lab->len);
        if (end != NULL) {
            *end = '\0';
            bool answered = take_line(lab, lab->input);
            lab->len -= (size_t)(end + 1 - lab->input);
            memmove(lab->input, end + 1, lab->len);
            if (answered)
                return true;
            continue;
        }
        int64_t left = until - clock_boot_us();
        struct pollfd fd = {lab->from, POLLIN, 0};
        if (left <= 0 || lab->len == sizeof lab->input)
            return false;
        if (poll(&fd, 1, (int)(left / US_PER_MS) + 1) < 0 && errno != EINTR)
            return false;
        ssize_t n =
            fd.revents != 0 ? read(lab->from, lab->input + lab->len, sizeof lab->input - lab->len) : -1;
        if (n == 0)
            return false;
        lab->len += n > 0 ? (size_t)n : 0;
    }
}

static void become(const char *const *args, int in, int out)
{
    char program[600];
    const char *argv[ARGS_MAX + 4] = {program}, *bindir = getenv("LAB_BINDIR"), *build = getenv("BUILDDIR");
    int n = 1;
    snprintf(program, sizeof program, "%s/pgvigil-lab", build != NULL ? build : ".");
    if (getenv("LAB_PROGRAM") != NULL)
        snprintf(program, sizeof program, "%s", getenv("LAB_PROGRAM"));
    if (bindir != NULL && bindir[0] != '\0') {
        argv[n++] = "--bindir";
        argv[n++] = bindir;
    }
    for (int i = 0; args != NULL && args[i] != NULL && i < ARGS_MAX; i++)
        argv[n++] = args[i];
    dup2(in, STDIN_FILENO);
    dup2(out, STDOUT_FILENO);
    execv(program, (char *const *)argv);
    fprintf(stderr, "Cannot run %s: %s.\n", program, strerror(errno));
    _exit(127);
}

struct lab *lab_start(const char *const *args)
{
    int in[2], out[2];
    struct lab *lab = mem_new(sizeof *lab);
    if (pipe2(in, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0)
        abort();
    fflush(stdout);
    lab->pid = fork();
    if (lab->pid == 0)
        become(args, in[0], out[1]);
    close(in[0]);
    close(out[1]);
    lab->to = in[1];
    lab->from = out[0];
    if (lab->pid > 0 && await_answer(lab, clock_boot_us() + START_US) && lab->ready)
        return lab;
    fprintf(stderr, "The lab did not start: %s\n", lab->answer[0] != '\0' ? lab->answer : "it said nothing");
    lab_stop(lab);
    return NULL;
}

void lab_stop(struct lab *lab)
{
    if (lab == NULL)
        return;
    close(lab->to);
    if (lab->pid > 0)
        waitpid(lab->pid, NULL, 0);
    close(lab->from);
    free(lab);
}

const char *lab_conninfo(const struct lab *lab, const char *name)
{
    return fact(lab, 't', name);
}

const char *lab_password(const struct lab *lab)
{
    return fact(lab, 'o', "password");
}

const char *lab_dir(const struct lab *lab)
{
    return fact(lab, 'o', "dir");
}

const char *lab_log(const struct lab *lab, const char *server)
{
    return fact(lab, 'l', server);
}

pid_t lab_pid(const struct lab *lab)
{
    return lab->pid;
}

pid_t lab_pid_of(const struct lab *lab, const char *server)
{
    const char *pid = fact(lab, 'p', server);
    return pid != NULL ? (pid_t)atoi(pid) : -1;
}

/* A lab that is gone must not take the test with it: its pipe is written with SIGPIPE held back. */
static bool send_line(int fd, const char *line)
{
    sigset_t pipe_only, before;
    char text[420];
    int n = snprintf(text, sizeof text, "%s\n", line);
    sigemptyset(&pipe_only);
    sigaddset(&pipe_only, SIGPIPE);
    sigprocmask(SIG_BLOCK, &pipe_only, &before);
    bool sent = n < (int)sizeof text && write(fd, text, (size_t)n) == n;
    while (!sent && sigtimedwait(&pipe_only, NULL, &(struct timespec){0}) > 0)
        ;
    sigprocmask(SIG_SETMASK, &before, NULL);
    return sent;
}

bool lab_command(struct lab *lab, const char *line)
{
    snprintf(lab->answer, sizeof lab->answer, "error The lab does not answer.");
    return send_line(lab->to, line) && await_answer(lab, clock_boot_us() + ANSWER_US) &&
           strncmp(lab->answer, "ok", 2) == 0;
}

const char *lab_answer(const struct lab *lab)
{
    return lab->answer;
}
