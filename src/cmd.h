/* The front ends: one row of the table in main.c and one file each. */
#ifndef CMD_H
#define CMD_H

#include "base/err.h"
#include "engine/engine.h"

#include <getopt.h>
#include <stdbool.h>

/* How pgvigil ends. check has its own: 0 ok, 1 warning, 2 critical, 3 unknown. */
enum exit_status {
    EXIT_OK = 0,
    EXIT_TROUBLE = 1,       /* something went wrong while running */
    EXIT_USAGE = 2,         /* wrong options or configuration */
    EXIT_CONNECT = 3,       /* no server could be reached */
    EXIT_AUTH = 4           /* a server refused the password or the role */
};

struct command {
    const char *name;
    const char *arguments;      /* for the usage line */
    const char *summary;        /* one line for --help */
    int (*run)(int argc, char **argv);      /* argv[0] is the command's name */
};

extern const struct command command_watch;
extern const struct command command_report;
extern const struct command command_demo;
extern const struct command command_config;
extern const struct command command_probes;

/* ---- what the front ends share: cmd-common.c ---- */

#define TARGETS_MAX 1024

/* Targets and the options that every front end has, as they are collected from the command line. */
struct setup {
    struct engine_target *targets;      /* strings owned by the setup */
    int ntargets;
    char *host, *port, *user, *database;    /* -h -p -U -d: for targets without a conninfo of their own */
    double interval_s;                      /* 0: default */
    const char *config_path;                /* --config; NULL: the usual places */
};

/* Takes one option that all front ends know. Returns false when c is none of them, or with err. */
#define COMMON_SHORT "h:p:U:d:wWV?"
extern const struct option common_long[];   /* ends with zeros; for getopt_long */

#define OPTIONS_MAX 48
/* A front end's own options and the common ones, ready for getopt_long. */
void merge_options(struct option all[OPTIONS_MAX], const struct option *own, size_t nown);

bool setup_option(struct setup *s, int c, const char *value, struct err *err);
/* The rest of the command line: conninfos, URIs or database names. With none, the environment's. */
bool setup_arguments(struct setup *s, int argc, char **argv, struct err *err) MUST_CHECK;
void setup_add(struct setup *s, const char *name, const char *conninfo, const char *group, const char *environment);
void setup_free(struct setup *s);

/* Finds the watcher's program beside the running executable in a build tree, else in pkglibexecdir. -1 and err. */
int find_worker(const char *name, struct err *err);

/* The console, and the report in text, on these targets; the status to end with. */
struct terminal_setup;
int watch_setup(const struct setup *s, const struct terminal_setup *terminal, const char *page);
int report_setup(const struct setup *s);

/* hurry: for one look, see engine_setup. */
struct engine *setup_engine(const struct setup *s, int watcher_fd, bool hurry, struct err *err);

/* Prints "pgvigil: sentence" on stderr, made safe, and returns status. */
int complain(int status, const char *format, ...) PRINTF_LIKE(2, 3);

#endif
