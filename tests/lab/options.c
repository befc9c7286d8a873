/* The options of pgvigil-lab, one table for the parser and for --help. */
#include "tests/lab/options.h"

#include "base/attr.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum kind { KIND_FLAG, KIND_TEXT, KIND_NUMBER };

static const struct row {
    const char *name;
    const char *argument; /* NULL for a flag */
    enum kind kind;
    size_t offset;
    int most; /* numbers: 0..most */
    const char *help;
} rows[] = {
    {"bindir", "DIR", KIND_TEXT, offsetof(struct wishes, bindir), 0,
     "folder with initdb and postgres, any version from 12 on (default: the newest one installed)"},
    {"dir", "DIR", KIND_TEXT, offsetof(struct wishes, dir), 0,
     "directory to make and to remove; must not exist (default: a new one under $TMPDIR or /tmp)"},
    {"load", "KIND", KIND_TEXT, offsetof(struct wishes, load_name), 0,
     "workload: none, light or demo (default: none)"},
    {"rate", "PERCENT", KIND_NUMBER, offsetof(struct wishes, rate), 1000,
     "how busy the workload is (default: 100)"},
    {"sessions", "N", KIND_NUMBER, offsetof(struct wishes, sessions), 5000, "extra idle sessions"},
    {"tables", "N", KIND_NUMBER, offsetof(struct wishes, tables), 200000, "extra tables, in database shop"},
    {"statements", "N", KIND_NUMBER, offsetof(struct wishes, statements), 50000,
     "distinct statements of 4 kB in pg_stat_statements"},
    {"no-standby", NULL, KIND_FLAG, offsetof(struct wishes, no_standby), 0, "no streaming standby"},
    {"no-pooler", NULL, KIND_FLAG, offsetof(struct wishes, no_pooler), 0, "no PgBouncer"},
    {"no-tcp", NULL, KIND_FLAG, offsetof(struct wishes, no_tcp), 0,
     "unix sockets only (default: 127.0.0.1 too, with a random password)"},
    {"keep", NULL, KIND_FLAG, offsetof(struct wishes, keep), 0,
     "leave the directory behind; processes go all the same"},
    {"help", NULL, KIND_FLAG, offsetof(struct wishes, help), 0, "this help"},
};

static const struct {
    const char *name;
    enum load load;
} loads[] = {{"none", LOAD_OFF}, {"off", LOAD_OFF}, {"light", LOAD_LIGHT}, {"demo", LOAD_DEMO}};

bool options_load(const char *name, enum load *load)
{
    for (size_t i = 0; i < COUNT_OF(loads); i++) {
        if (strcmp(name, loads[i].name) == 0) {
            *load = loads[i].load;
            return true;
        }
    }
    return false;
}

static const struct row *find(const char *name, size_t len)
{
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        if (strlen(rows[i].name) == len && memcmp(rows[i].name, name, len) == 0)
            return &rows[i];
    }
    return NULL;
}

static bool set(struct wishes *w, const struct row *row, const char *value, struct err *err)
{
    char *field = (char *)w + row->offset;
    if (row->kind == KIND_FLAG) {
        *(bool *)field = true;
    } else if (row->kind == KIND_TEXT) {
        *(const char **)field = value;
    } else {
        char *end;
        long n = strtol(value, &end, 10);
        if (end == value || *end != '\0' || n < 0 || n > row->most)
            return err_set(err, "--%s needs a number from 0 to %d, not \"%s\".", row->name, row->most, value);
        *(int *)field = (int)n;
    }
    return true;
}

bool options_parse(struct wishes *w, int argc, char **argv, struct err *err)
{
    for (int i = 1; i < argc; i++) {
        const char *name = strncmp(argv[i], "--", 2) == 0 ? argv[i] + 2 : "";
        size_t len = strcspn(name, "=");
        const struct row *row = find(name, len);
        if (row == NULL)
            return err_set(err, "There is no option \"%s\"; --help lists them.", argv[i]);
        const char *value = name[len] == '=' ? name + len + 1 : NULL;
        if (row->kind == KIND_FLAG && value != NULL)
            return err_set(err, "--%s takes no value.", row->name);
        if (row->kind != KIND_FLAG && value == NULL) {
            if (i + 1 == argc)
                return err_set(err, "--%s needs a value.", row->name);
            value = argv[++i];
        }
        if (!set(w, row, value, err))
            return false;
    }
    if (w->load_name != NULL && !options_load(w->load_name, &w->load))
        return err_set(err, "--load is none, light or demo, not \"%s\".", w->load_name);
    return true;
}

void options_help(void)
{
    puts("Usage: pgvigil-lab [option]...\n"
         "Runs a private PostgreSQL primary, standby and PgBouncer with task queues, until standard input "
         "ends.\n"
         "It says on standard output what it has; commands on standard input are ping, stop, cont, kill9,\n"
         "restart, promote, rejoin, block, unblock, load and sessions.\n");
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char left[40];
        snprintf(left, sizeof left, "--%s %s", rows[i].name,
                 rows[i].argument != NULL ? rows[i].argument : "");
        printf("  %-18s %s\n", left, rows[i].help);
    }
}
