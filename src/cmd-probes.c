/* pgvigil probes: what can be asked, and what each answer holds. */
#include "cmd.h"

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

static int run_probes(int argc, char **argv)
{
    bool known = argc < 2;
    for (int i = 0; probe_table[i]; i++) {
        const struct probe *p = probe_table[i];
        bool wanted = argc < 2;
        for (int k = 1; k < argc; k++)
            wanted |= strcmp(argv[k], p->name) == 0;
        if (!wanted)
            continue;
        known = true;
        printf("%-14s %s\n", p->name, p->help);
        if (argc > 1)
            print_columns(p->schema);
    }
    return known ? EXIT_OK : complain(EXIT_USAGE, "There is no probe \"%s\": pgvigil probes lists them.", argv[1]);
}

const struct command command_probes = {
    .name = "probes",
    .arguments = "[NAME]...",
    .summary = "list the probes, or the columns of some",
    .run = run_probes,
};
