/* What the caller of pgvigil-lab wished for. */
#ifndef TESTS_LAB_OPTIONS_H
#define TESTS_LAB_OPTIONS_H

#include "base/err.h"

#include <stdbool.h>

enum load { LOAD_OFF, LOAD_LIGHT, LOAD_DEMO };

struct wishes {
    const char *bindir;     /* folder with initdb and postgres; NULL: the newest one found */
    const char *dir;        /* directory to make; NULL: a new one under $TMPDIR or /tmp */
    const char *load_name;
    enum load load;
    bool no_standby;
    bool no_pooler;
    bool no_tcp;
    bool keep;
    bool help;
    int rate;               /* percent */
    int sessions;
    int tables;
    int statements;
};

/* Strings stay argv's; what is not given keeps its value. */
bool options_parse(struct wishes *w, int argc, char **argv, struct err *err) MUST_CHECK;
bool options_load(const char *name, enum load *load);   /* false: no such load */
void options_help(void);                                /* on stdout */

#endif
