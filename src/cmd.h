/* The front ends: one row of the table in main.c and one file each. */
#ifndef CMD_H
#define CMD_H

#include "base/err.h"
#include "engine/engine.h"

#include <stdbool.h>

struct assembly;        /* assemble.h */
struct config_target;   /* conf/config.h */

/* How pgvigil ends. check has its own: 0 ok, 1 warning, 2 critical, 3 unknown. */
enum exit_status {
    EXIT_OK = 0,
    EXIT_TROUBLE = 1,       /* something went wrong while running */
    EXIT_USAGE = 2,         /* wrong options or configuration */
    EXIT_CONNECT = 3,       /* no server could be reached */
    EXIT_AUTH = 4           /* a server refused the password or the role */
};

struct exit_row {
    int status;
    const char *help;           /* one sentence; NULL ends the table */
};
extern const struct exit_row exit_rows[];
/* What those tables share that differ in 0 and 1. */
#define EXIT_ROWS_REST                                                                                                  \
    {EXIT_USAGE, "Wrong options or configuration, or no terminal to draw on."},                                         \
    {EXIT_CONNECT, "A server could not be reached."}, {EXIT_AUTH, "A server refused the password or the role."},        \
    {128, "128 and the number of the signal that ended it: 130 after ^C, 143 after kill."}, {.help = NULL}

#define OPT_LONG 256            /* and up: options without a letter */
#define OPT_CONFIG 900          /* --config, which all that connect have */

/* An option. From this row come its parsing, the help and the manual. */
struct command_option {
    int id;                     /* its letter, or OPT_LONG + n */
    const char *name;           /* the long one; NULL ends the table */
    const char *argument;       /* in capitals; "[=WHEN]": may be left out; NULL: takes none */
    const char *help;           /* sentences */
};

struct command {
    const char *name;
    const char *arguments;      /* what may follow the options */
    const char *summary;        /* one sentence */
    const char *about;          /* some sentences more */
    const struct command_option *options;   /* its own; NULL: none */
    bool connects;              /* has connection_options too */
    const struct exit_row *exits;           /* how it ends; NULL: as exit_rows */
    int trouble;                /* how it ends without memory, or when its words cannot be written; 0: EXIT_TROUBLE */
    /* argv[0] is the command's name. What is printed on standard output is checked after it. */
    int (*run)(int argc, char **argv);
};

extern const struct command *const commands[];      /* ends with NULL: cmd-table.c */

extern const struct command command_watch;
extern const struct command command_report;
extern const struct command command_check;
extern const struct command command_doctor;
extern const struct command command_demo;
extern const struct command command_config;
extern const struct command command_probes;

/* ---- the command line: cmd-options.c ---- */

extern const struct command_option connection_options[];    /* of front ends that connect */
extern const struct command_option every_options[];         /* --help and --version */

/* Keeps one option. value may be wiped. False, with a sentence in err, when it is wrong. */
typedef bool take_option(void *arg, const struct command_option *option, char *value, struct err *err);

/* Reads all options. True: go on, with argc and argv left at the arguments behind them. False: all is said (help was
 * asked for, or an option is wrong); end with *status. */
bool command_line_read(const struct command *c, int *argc, char ***argv, take_option *take, void *arg,
                  int *status) MUST_CHECK;
void command_help(const struct command *c);

/* ---- what the front ends share: cmd-common.c ---- */

#define TARGETS_MAX 1024

/* Targets and the options that every front end has, as they are collected from the command line. */
struct setup {
    struct engine_target *targets;      /* strings owned by the setup */
    const struct config_target **from;  /* by target; NULL: it is not from the configuration */
    int ntargets;
    char *host, *port, *user;               /* -h -p -U: stronger than what a conninfo says */
    char *database;                         /* -d: the target when no argument names one */
    bool no_password;                       /* -w */
    char *password;                         /* of PGPASSWORD, in locked memory; NULL: none */
    bool judge;                             /* connect to nothing, see engine_setup */
    int fetcher_fd;                         /* the fetcher's program, when there is an application; 0: not opened */
    const char *config_path;                /* --config; NULL: the usual places */
    struct assembly *assembly;              /* what the configuration and our own files say; after setup_assemble */
};

/* Takes one of connection_options. */
bool setup_option(struct setup *s, int id, char *value, struct err *err) MUST_CHECK;
/* Reads the configuration and our own data, and takes the password out of the environment. False: its faults have been
 * printed; end with EXIT_USAGE. What is wrong with queue definitions is printed too, and no reason to end. */
bool setup_assemble(struct setup *s) MUST_CHECK;
/* The rest of the command line: names of configured targets or groups, conninfos, URIs, database names, or the URL of
 * an application after app+. With none:
 * all that is configured, or else the environment's. After setup_assemble. */
bool setup_arguments(struct setup *s, int argc, char **argv, struct err *err) MUST_CHECK;
void setup_add(struct setup *s, const char *name, const char *conninfo, const char *group, const char *environment);
/* cmd-names.c: names for the targets that have none yet. */
void setup_name(struct setup *s);
void setup_free(struct setup *s);

/* Finds the watcher's program beside the running executable in a build tree, else in pkglibexecdir. -1 and err. */
int find_worker(const char *name, struct err *err);

/* The console, and the report in text, on these targets; the status to end with. */
struct terminal_setup;
int watch_setup(const struct setup *s, const struct terminal_setup *terminal, const char *page);
int report_setup(struct setup *s);

/* Makes an engine for one look, lets `see` do the rest, whose status is returned, and frees it. unmade: the status when it
 * cannot be made, of which a sentence is said. */
int look_with(const struct setup *s, int unmade, int (*see)(void *arg, struct engine *e), void *arg);
/* Asks these topics of all targets once, and waits for the answers, some seconds at most. */
void look_once(struct engine *e, const int *asked, int nasked);
/* Complains of each that was not reached; the status to end with. */
int look_status(const struct store *store);

/* Says that there is no probe of this name, and which is near. False, for "return". */
bool probe_unknown(const char *name, struct err *err);

/* hurry: for one look, see engine_setup. */
struct engine *setup_engine(const struct setup *s, int watcher_fd, bool hurry, struct err *err);

/* Prints "pgvigil: sentence" on stderr, made safe, and returns status. */
int complain(int status, const char *format, ...) PRINTF_LIKE(2, 3);

#endif
