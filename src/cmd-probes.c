/* pgvigil probes: what can be asked, and what each answer holds. */
#include "cmd.h"

#include "base/suggest.h"
#include "probes/list.h"
#include "probes/queue_plan.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#define PROBES_MAX 128

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
        else if (p->kind == TARGET_APP)
            printf("  -- the application's URL, by HTTP\n");
        else if (p->by_extension)
            printf("  -- pg_stat_statements from %d.%d on\n", q->from / 10000, q->from / 100 % 100);
        else
            printf("  -- PostgreSQL from %d on\n", q->from / 10000);
        printf("  %s;\n", q->sql);
    }
    if (p->of)
        printf("  -- Nothing: it is made from the answers of %s.\n", p->of);
    if (p->plan)
        printf("  -- What is asked depends on what the server has.\n");
}

/* All that there are: those that are const, and that of the queues, which is made. */
struct catalogue {
    struct probe queues;
    const struct probe *list[PROBES_MAX];
    int n;
};

static void fill(struct catalogue *c)
{
    c->queues = queues_probe(NULL);
    for (c->n = 0; probe_table[c->n]; c->n++) {
        assert(c->n < PROBES_MAX - 1);
        c->list[c->n] = probe_table[c->n];
    }
    c->list[c->n++] = &c->queues;
}

bool probe_unknown(const char *name, struct err *err)
{
    struct suggest near = suggest_start(name);
    struct catalogue c;
    fill(&c);
    for (int i = 0; i < c.n; i++)
        suggest_offer(&near, c.list[i]->name);
    if (near.best)
        return err_set(err, "There is no probe \"%s\"; did you mean \"%s\"?", name, near.best);
    return err_set(err, "There is no probe \"%s\": \"pgvigil probes\" lists them.", name);
}

static bool named(const char *name, int argc, char **argv)
{
    for (int i = 0; i < argc; i++)
        if (strcmp(argv[i], name) == 0)
            return true;
    return argc == 0;
}

static bool known(const struct catalogue *c, const char *name)
{
    for (int i = 0; i < c->n; i++)
        if (strcmp(c->list[i]->name, name) == 0)
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
    struct catalogue c;
    if (!command_line_read(&command_probes, &argc, &argv, take, &sql, &status))
        return status;
    fill(&c);
    for (int i = 0; i < argc; i++)
        if (!known(&c, argv[i]) && !probe_unknown(argv[i], &err))
            return complain(EXIT_USAGE, "%s", err.text);
    for (int i = 0; i < c.n; i++) {
        const struct probe *p = c.list[i];
        if (!named(p->name, argc, argv))
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
    .about = "Lists the questions that pgvigil asks, with what each costs; with names, the columns of their "
             "answers: name, type, role, unit and meaning.",
    .options = options,
    .run = run_probes,
};
