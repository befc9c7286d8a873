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

/* True when it ended by itself, and because its options were wrong. */
static bool end_world(struct world *w)
{
    int status = 0;
    if (w->in >= 0)
        close(w->in);
    if (w->out)
        fclose(w->out);
    for (size_t i = 0; i < COUNT_OF(shown); i++)
        free(w->conninfo[i]);
    for (int i = 0; w->pid > 0 && i < GOODBYE_S * 50; i++) {
        if (waitpid(w->pid, &status, WNOHANG) != 0)
            return WIFEXITED(status) && WEXITSTATUS(status) == EXIT_USAGE;
        usleep(20000);
    }
    return false;
}

/* Options go to the lab as they are; it knows what values they take. */
struct wishes {
    char **list;
    int n;
};

static bool take(void *arg, const struct command_option *option, char *value, struct err *err)
{
    struct wishes *w = arg;
    struct buf b = {0};
    (void)err;
    buf_printf(&b, value ? "--%s=%s" : "--%s", option->name, value);
    w->list = mem_resize(w->list, (size_t)w->n + 1, sizeof(*w->list));
    w->list[w->n++] = buf_take(&b);
    return true;
}

static int demo(const struct wishes *wishes)
{
    struct world world = {.in = -1};
    struct setup setup = {0};
    struct err err = {0};
    int status = EXIT_TROUBLE;
    if (setup_assemble(&setup) && start_world(&world, wishes->n, wishes->list, &err) && await_world(&world, &setup, &err))
        status = isatty(STDOUT_FILENO) ? watch_setup(&setup, NULL, "overview") : report_setup(&setup);
    if (err.text[0])
        complain(status, "%s", err.text);
    if (end_world(&world))
        status = EXIT_USAGE;
    setup_free(&setup);
    return status;
}

static int run_demo(int argc, char **argv)
{
    struct wishes wishes = {0};
    int status;
    if (command_line_read(&command_demo, &argc, &argv, take, &wishes, &status))
        status = argc == 0 ? demo(&wishes)
                           : complain(EXIT_USAGE, "pgvigil demo takes no \"%s\": it watches a world of its own.", argv[0]);
    for (int i = 0; i < wishes.n; i++)
        free(wishes.list[i]);
    free(wishes.list);
    return status;
}

/* Those of pgvigil-lab. */
static const struct command_option options[] = {
    {OPT_LONG, "bindir", "DIR", "Folder with initdb and postgres, of any version from 12 on; else the newest installed."},
    {OPT_LONG + 1, "dir", "DIR", "Directory to make and to remove; must not exist. Else a new one under $TMPDIR or /tmp."},
    {OPT_LONG + 2, "load", "KIND", "Workload: none, light or demo, which is the default."},
    {OPT_LONG + 3, "rate", "PERCENT", "How busy the workload is, 100 being usual."},
    {OPT_LONG + 4, "sessions", "N", "Open so many idle sessions more."},
    {OPT_LONG + 5, "tables", "N", "Make so many tables more."},
    {OPT_LONG + 6, "statements", "N", "Put so many statements of 4 kB into pg_stat_statements."},
    {OPT_LONG + 7, "no-standby", NULL, "Do without the standby."},
    {OPT_LONG + 8, "no-pooler", NULL, "Do without PgBouncer."},
    {OPT_LONG + 9, "no-tcp", NULL, "Listen on sockets in the directory alone, not on 127.0.0.1."},
    {OPT_LONG + 10, "keep", NULL, "Leave the directory behind; processes go all the same."},
    {.name = NULL},
};

const struct command command_demo = {
    .name = "demo",
    .arguments = "",
    .summary = "Start a small PostgreSQL world of its own and watch it.",
    .about = "Starts a private PostgreSQL primary, a standby, a PgBouncer and task queues under load, and opens the console "
             "on them; without a terminal it prints a report instead. It touches no other server. When it ends, "
             "nothing of it is left.",
    .options = options,
    .run = run_demo,
};
