/* pgvigil probes: what can be asked, and what each answer holds. */
#include "cmd.h"

#include "base/suggest.h"
#include "probes/list.h"

#include <stdio.h>
#include <string.h>

static void print_columns(const struct schema *s)
{
    for (int i = 0; i < s->ncolumns; i++) {
        const struct column *c = &s->columns[i];
        if (c->role == ROLE_EPOCH)
            continue;
        printf("  %-22s %-5s %-8s %-9s %s\n", c->name, type_word(c->type), role_word(c->role), unit_word(c->unit),
               c->help);
    }
}

/* 120000 is 12, and 10800 of an extension 1.8. */
static void print_sql(const struct probe *p)
{
    for (const struct probe_sql *q = p->sql; q && q->sql; q++) {
        if (p->kind == TARGET_POOLER)
            printf("  -- PgBouncer\n");
        else if (p->by_extension)
            printf("  -- pg_stat_statements from %d.%d on\n", q->from / 10000, q->from / 100 % 100);
        else
            printf("  -- PostgreSQL from %d on\n", q->from / 10000);
        printf("  %s;\n", q->sql);
    }
    if (p->plan)
        printf("  -- What is asked depends on what the server has.\n");
}

static bool named(const struct probe *p, int argc, char **argv)
{
    for (int i = 0; i < argc; i++)
        if (strcmp(argv[i], p->name) == 0)
            return true;
    return argc == 0;
}

bool probe_unknown(const char *name, struct err *err)
{
    struct suggest near = suggest_start(name);
    for (int i = 0; probe_table[i]; i++)
        suggest_offer(&near, probe_table[i]->name);
    if (near.best)
        return err_set(err, "There is no probe \"%s\"; did you mean \"%s\"?", name, near.best);
    return err_set(err, "There is no probe \"%s\": \"pgvigil probes\" lists them.", name);
}

static bool known(const char *name)
{
    for (int i = 0; probe_table[i]; i++)
        if (strcmp(probe_table[i]->name, name) == 0)
            return true;
    return false;
}

static bool take(void *arg, const struct command_option *option, char *value, struct err *err)
{
    (void)option;
    (void)value;
    (void)err;
    return *(bool *)arg = true;
}

static int run_probes(int argc, char **argv)
{
    bool sql = false;
    int status = EXIT_OK;
    struct err err = {0};
    if (!command_line_read(&command_probes, &argc, &argv, take, &sql, &status))
        return status;
    for (int i = 0; i < argc; i++)
        if (!known(argv[i]) && !probe_unknown(argv[i], &err))
            return complain(EXIT_USAGE, "%s", err.text);
    for (int i = 0; probe_table[i]; i++) {
        const struct probe *p = probe_table[i];
        if (!named(p, argc, argv))
            continue;
        printf("%-18s %s\n", p->name, p->help);
        if (sql)
            print_sql(p);
        else if (argc > 0)
            print_columns(p->schema);
    }
    return EXIT_OK;
}

static const struct command_option options[] = {
    {OPT_LONG, "sql", NULL, "Print what is sent, for each version of the server, instead of the columns."},
    {.name = NULL},
};

const struct command command_probes = {
    .name = "probes",
    .arguments = "[NAME]...",
    .summary = "List the probes, or the columns of some.",
    .about = "Lists the questions that pgvigil asks, with what each costs; with names, the columns of their answers: name, type, "
             "role, unit and meaning.",
    .options = options,
    .run = run_probes,
};
