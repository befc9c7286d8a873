/* The command line, read by the same rows that --help and the manual are made from. */
#include "cmd.h"

#include "base/buf.h"
#include "base/compat.h"
#include "base/suggest.h"
#include "base/text.h"

#include <assert.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROWS_MAX   48
#define FIRST_VAL  1024     /* getopt's word for row 0: no letter */
#define HELP_LEFT  26       /* column where the words of an option begin */
#define HELP_WIDTH 80

const struct command_option connection_options[] = {
    {'h', "host", "HOST", "Server's name, address, or directory of its socket ($PGHOST)."},
    {'p', "port", "PORT", "Server's port ($PGPORT, else 5432)."},
    {'U', "username", "ROLE", "Role to connect as ($PGUSER, else the name of the user)."},
    {'d', "dbname", "CONNINFO", "What to connect to, instead of an argument: a conninfo, a URI or a database."},
    {OPT_CONFIG, "config", "FILE", "Read this configuration instead of the one in the usual places."},
    {'w', "no-password", NULL, "Never ask for a password: a server that wants one counts as one that refuses."},
    {'W', "password", NULL, "Taken as psql takes it; a password is asked for when the server wants one."},
    {.name = NULL},
};

const struct command_option every_options[] = {
    {'?', "help", NULL, "Print this help and leave."},
    {'V', "version", NULL, "Print the version and leave."},
    {.name = NULL},
};

const struct exit_row exit_rows[] = {
    {EXIT_OK, "All went well."},
    {EXIT_TROUBLE, "Something went wrong while running."},
    EXIT_ROWS_REST,
};

/* ---- rows for getopt ---- */

struct rows {
    const struct command_option *list[ROWS_MAX];
    int n;
    struct option longs[ROWS_MAX + 1];
    char shorts[3 * ROWS_MAX + 2];
    int nshorts;
};

static void add_rows(struct rows *r, const struct command_option *more)
{
    for (; more && more->name; more++) {
        assert(r->n < ROWS_MAX);
        int takes = !more->argument ? no_argument : *more->argument == '[' ? optional_argument : required_argument;
        r->longs[r->n] = (struct option){more->name, takes, NULL, FIRST_VAL + r->n};
        if (more->id < OPT_LONG && more->id != '?') {   /* getopt says "?" of what it does not know */
            r->shorts[r->nshorts++] = (char)more->id;
            for (int i = 0; i < takes; i++)
                r->shorts[r->nshorts++] = ':';
        }
        r->list[r->n++] = more;
    }
}

static struct rows rows_of(const struct command *c)
{
    struct rows r = {.shorts = ":", .nshorts = 1};
    add_rows(&r, c->options);
    if (c->connects)
        add_rows(&r, connection_options);
    add_rows(&r, every_options);
    return r;
}

static const struct command_option *row_of(const struct rows *r, int val)
{
    if (val >= FIRST_VAL)
        return r->list[val - FIRST_VAL];
    for (int i = 0; i < r->n; i++)
        if (r->list[i]->id == val)
            return r->list[i];
    return NULL;
}

/* ---- what can be wrong ---- */

static bool unknown_long(const struct command *c, const struct rows *r, const char *word, struct err *err)
{
    char name[SUGGEST_LENGTH_MAX + 1], other[2][SUGGEST_LENGTH_MAX + 1] = {"", ""};
    int beginnings = 0;
    snprintf(name, sizeof(name), "%.*s", (int)strcspn(word + 2, "="), word + 2);
    struct suggest s = suggest_start(name);
    for (int i = 0; i < r->n; i++) {
        suggest_offer(&s, r->list[i]->name);
        if (strncmp(r->list[i]->name, name, strlen(name)) == 0 && beginnings++ < 2)
            snprintf(other[beginnings - 1], sizeof(other[0]), "%s", r->list[i]->name);
    }
    if (beginnings > 1)
        return err_set(err, "--%s could be --%s or --%s: write more of it.", name, other[0], other[1]);
    if (s.best)
        return err_set(err, "There is no option --%s; did you mean --%s? \"pgvigil %s --help\" lists them all.", name,
                       s.best, c->name);
    return err_set(err, "There is no option --%s: \"pgvigil %s --help\" lists them all.", name, c->name);
}

/* c: what getopt returned, '?' or ':'; optopt and the word say what it is about. */
static bool explain(const struct command *command, const struct rows *r, int c, const char *word, struct err *err)
{
    const struct command_option *row = optopt ? row_of(r, optopt) : NULL;
    if (row && c == ':')
        return err_set(err, "--%s needs a value: --%s=%s.", row->name, row->name, row->argument);
    if (row)
        return err_set(err, "--%s takes no value; leave out what stands behind the \"=\".", row->name);
    if (optopt)
        return err_set(err, "There is no option -%c: \"pgvigil %s --help\" lists them all.", optopt, command->name);
    return unknown_long(command, r, word, err);
}

/* ---- reading ---- */

/* Help and version, which every front end has. */
static bool answer_at_once(const struct command *c, int id)
{
    if (id == '?')
        command_help(c);
    else if (id == 'V')
        puts(PACKAGE_STRING);
    return id == '?' || id == 'V';
}

bool command_line_read(const struct command *c, int *argc, char ***argv, take_option *take, void *arg, int *status)
{
    struct rows rows = rows_of(c);
    struct err err = {0};
    opterr = 0;
    optind = 0;         /* glibc's word for: start anew */
    for (;;) {
        optopt = 0;
        int val = getopt_long(*argc, *argv, rows.shorts, rows.longs, NULL);
        if (val == -1)
            break;
        bool wrong = val == '?' || val == ':';
        const struct command_option *row = wrong ? NULL : row_of(&rows, val);
        *status = EXIT_OK;
        if (answer_at_once(c, row ? row->id : val == '?' && optopt == '?' ? '?' : 0))
            return false;
        if (wrong ? !explain(c, &rows, val, (*argv)[optind - 1], &err) : !take(arg, row, optarg, &err)) {
            *status = complain(EXIT_USAGE, "%s", err.text);
            return false;
        }
    }
    *argc -= optind;
    *argv += optind;
    return true;
}

/* ---- help ---- */

static void print_wrapped(const char *left, const char *words)
{
    struct buf line = {0};
    struct text_wrap w = text_wrap(words, strlen(words), HELP_WIDTH - HELP_LEFT, text_locale_mode());
    size_t columns;
    int n = printf("  %s", left);
    for (bool first = true; text_wrap_next(&w, &line, &columns); first = false)
        printf("%s%*s%s\n", first && n >= HELP_LEFT ? "\n" : "", first && n < HELP_LEFT ? HELP_LEFT - n : HELP_LEFT, "",
               buf_text(&line));
    buf_free(&line);
}

static void print_options(const char *title, const struct command_option *rows)
{
    if (!rows || !rows->name)
        return;
    printf("\n%s:\n", title);
    for (; rows->name; rows++) {
        struct buf left = {0};
        if (rows->id < OPT_LONG)
            buf_printf(&left, "-%c, ", rows->id);
        else
            buf_puts(&left, "    ");
        buf_printf(&left, "--%s", rows->name);
        if (rows->argument)
            buf_printf(&left, "%s%s", *rows->argument == '[' ? "" : "=", rows->argument);
        print_wrapped(buf_text(&left), rows->help);
        buf_free(&left);
    }
}

static void print_commands(void)
{
    puts("\nOther commands, each with a --help of its own:");
    for (int i = 1; commands[i]; i++)
        print_wrapped(commands[i]->name, commands[i]->summary);
}

void command_help(const struct command *c)
{
    bool first = c == commands[0];
    struct buf line = {0};
    size_t columns;
    printf("usage: pgvigil %s%s%s [OPTION]...%s%s\n\n", first ? "[" : "", c->name, first ? "]" : "",
           *c->arguments ? " " : "", c->arguments);
    struct text_wrap w = text_wrap(c->about, strlen(c->about), HELP_WIDTH, text_locale_mode());
    while (text_wrap_next(&w, &line, &columns))
        puts(buf_text(&line));
    buf_free(&line);
    print_options("Options", c->options);
    if (c->connects)
        print_options("Connection, as in psql", connection_options);
    print_options("In every command", every_options);
    if (first)
        print_commands();
    puts("\nExit status:");
    for (const struct exit_row *e = c->exits ? c->exits : exit_rows; e->help; e++) {
        char number[16];
        snprintf(number, sizeof(number), "%d%s", e->status, e->status == 128 ? "+N" : "");
        print_wrapped(number, e->help);
    }
    puts("\nman pgvigil tells it at length; man pgvigil-probes lists what is asked.");
}
