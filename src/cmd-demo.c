/* pgvigil demo: a small PostgreSQL world of its own, and the console on it. The world ends with us, whatever ends
 * us: it lives only while the pipe to it is open. */
#include "cmd.h"

#include "base/buf.h"
#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define GOODBYE_S 5     /* how long we wait for the world to end */

/* Which of its connections are shown, and under which name. */
static const struct {
    const char *keyword, *its_name, *our_name;
} shown[] = {
    {"role", "primary_monitor", "primary"},
    {"role", "standby_monitor", "standby"},
    {"target", "pooler", "pooler"},
    {"target", "tasks", "tasks"},
};

struct world {
    pid_t pid;
    int in;             /* its standard input: while this is open, it lives */
    FILE *out;
    char *conninfo[COUNT_OF(shown)];
    char error[512];
};

static NORETURN void become_world(int program, int in, int out, int argc, char **argv)
{
    char **args = mem_array((size_t)argc + 3, sizeof(*args));
    args[0] = (char *)"pgvigil-lab";
    args[1] = (char *)"--load=demo";
    memcpy(args + 2, argv, (size_t)argc * sizeof(*argv));
    dup2(in, STDIN_FILENO);
    dup2(out, STDOUT_FILENO);
    extern char **environ;
    fexecve(program, args, environ);
    _exit(127);
}

static bool start_world(struct world *w, int argc, char **argv, struct err *err)
{
    int program = find_worker("pgvigil-lab", err), in[2], out[2];
    if (program < 0)
        return false;
    if (pipe2(in, O_CLOEXEC) < 0 || pipe2(out, O_CLOEXEC) < 0)
        return err_set(err, "The demo cannot start: %s.", strerror(errno));
    w->pid = fork();
    if (w->pid == 0)
        become_world(program, in[0], out[1], argc, argv);
    close(program);
    close(in[0]);
    close(out[1]);
    w->in = in[1];
    w->out = fdopen(out[0], "r");
    return w->pid > 0 && w->out ? true : err_set(err, "The demo cannot start: %s.", strerror(errno));
}

static void show_progress(const char *words)
{
    if (isatty(STDERR_FILENO))
        fprintf(stderr, "\r\033[Kpgvigil demo: %s", words);
}

/* "target NAME CONNINFO" and "role NAME CONNINFO". */
static void take_target(struct world *w, const char *line)
{
    char keyword[16], name[64];
    int at = 0;
    if (sscanf(line, "%15s %63s %n", keyword, name, &at) != 2 || at == 0)
        return;
    for (size_t i = 0; i < COUNT_OF(shown); i++)
        if (strcmp(keyword, shown[i].keyword) == 0 && strcmp(name, shown[i].its_name) == 0 && !w->conninfo[i])
            w->conninfo[i] = mem_string(line + at);
}

/* Reads what it says until it is ready. */
static bool await_world(struct world *w, struct setup *s, struct err *err)
{
    char *line = NULL;
    size_t room = 0;
    bool ready = false;
    while (!ready && getline(&line, &room, w->out) > 0) {
        line[strcspn(line, "\n")] = '\0';
        if (strncmp(line, "progress ", 9) == 0)
            show_progress(line + 9);
        else if (strncmp(line, "error ", 6) == 0)
            snprintf(w->error, sizeof(w->error), "%s", line + 6);
        else if (strncmp(line, "ready", 5) == 0)
            ready = true;
        else
            take_target(w, line);
    }
    free(line);
    show_progress("");
    if (isatty(STDERR_FILENO))
        fputc('\r', stderr);
    if (!ready)
        return err_set(err, "The demo could not start: %s", w->error[0] ? w->error : "its lab ended without a word.");
    for (size_t i = 0; i < COUNT_OF(shown); i++)
        if (w->conninfo[i])
            setup_add(s, shown[i].our_name, w->conninfo[i], "demo", "dev");
    return true;
}

static void end_world(struct world *w)
{
    if (w->in >= 0)
        close(w->in);
    if (w->out)
        fclose(w->out);
    for (size_t i = 0; i < COUNT_OF(shown); i++)
        free(w->conninfo[i]);
    for (int i = 0; w->pid > 0 && i < GOODBYE_S * 50; i++) {
        if (waitpid(w->pid, NULL, WNOHANG) != 0)
            return;
        usleep(20000);
    }
}

static bool wants_help(int argc, char **argv)
{
    return argc > 1 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-?") == 0);
}

static int run_demo(int argc, char **argv)
{
    struct world world = {.in = -1};
    struct setup setup = {0};
    struct err err = {0};
    int status = EXIT_TROUBLE;
    if (wants_help(argc, argv)) {
        puts("Usage: pgvigil demo [option of pgvigil-lab]...\n\n"
             "Starts a PostgreSQL primary, a standby, a PgBouncer and task queues under load, all of them\n"
             "private, and opens the console on them. Everything is gone when it ends. Without a terminal it\n"
             "prints a report instead.");
        return EXIT_OK;
    }
    if (start_world(&world, argc - 1, argv + 1, &err) && await_world(&world, &setup, &err))
        status = isatty(STDOUT_FILENO) ? watch_setup(&setup, NULL, NULL) : report_setup(&setup);
    if (err.text[0])
        complain(status, "%s", err.text);
    end_world(&world);
    setup_free(&setup);
    return status;
}

const struct command command_demo = {
    .name = "demo",
    .arguments = "",
    .summary = "start a small PostgreSQL world of its own and watch it",
    .run = run_demo,
};
