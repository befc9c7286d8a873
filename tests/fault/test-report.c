/* The report against servers that misbehave: it ends in time, with a document that is whole, and what it
 * writes to a terminal is harmless whatever the server said. */
#include "tests/fault/hostile.h"
#include "tests/pty/audit.h"
#include "tests/pty/pty.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>
#include <jansson.h>

/* 2 s for a connection, 2 s for a question, and room for a slow machine; two jobs of make check share two
 * cores. */
#define DEADLINE 8000

static const char *pgvigil(void)
{
    static char path[4096];
    snprintf(path, sizeof(path), "%s/pgvigil", getenv("BUILDDIR") ? getenv("BUILDDIR") : ".");
    return path;
}

/* Everything the report writes to a terminal, 24x200; its exit status. */
static struct pty *report(struct hostile *h, const char *form, const char *const *env, int *status)
{
    char conninfo[300];
    snprintf(conninfo, sizeof(conninfo), "%s password=secret", hostile_conninfo(h));
    const char *argv[] = {pgvigil(), "report", form, conninfo, NULL};
    struct pty *p = pty_start(&(struct pty_start){.argv = argv, .cols = 200, .env = env});
    if (!pty_wait_exit(p, DEADLINE, status))
        fail_msg("the report did not end");
    return p;
}

static const char *const modes[] = {
    "hostile-text",    "hostile-names",  "hostile-notices", "error",        "error-storm",
    "fatal",           "wrong-types",    "odd-version",     "bad-password", "too-many",
    "parameter-flood", "accept-garbage", "garbage",
};
static const char *const forms[] = {"--text", "--csv", "--json"};

static void hostile_words_reach_no_terminal(void **state)
{
    (void)state;
    int wrong = 0;
    for (size_t i = 0; i < COUNT_OF(modes); i++)
        for (size_t after = 0; after <= 2; after += 2)
            for (size_t f = 0; f < COUNT_OF(forms); f++) {
                struct hostile *h = hostile_start(
                    (const char *const[]){"--mode", modes[i], "--after", after ? "2" : "0", NULL});
                int status;
                struct pty *p = report(h, forms[f], NULL, &status);
                const struct audit_rules rules = {.term = "xterm-256color"};
                size_t n;
                const char *bytes = pty_bytes(p, 0, &n);
                if (!WIFEXITED(status) || n == 0 || !audit_bytes(&rules, bytes, n)) {
                    print_error("report %s, mode %s after %zu: status %x, %zu bytes\n", forms[f], modes[i],
                                after, status, n);
                    wrong++;
                }
                pty_free(p);
                hostile_stop(h);
            }
    assert_int_equal(wrong, 0);
}

/* ---- every misbehaviour ---- */

#define BATCH 20        /* at once: most of them only wait */

struct try {
    char mode[64];
    struct hostile *h;
    struct pty *p;
};

static void begin(struct try *t, const char *after)
{
    char conninfo[300];
    t->h = hostile_start((const char *const[]){"--mode", t->mode, "--after", after, NULL});
    snprintf(conninfo, sizeof(conninfo), "%s password=secret", hostile_conninfo(t->h));
    const char *argv[] = {pgvigil(), "report", "--json", conninfo, NULL};
    t->p = pty_start(&(struct pty_start){.argv = argv, .cols = 200});
}

/* The words of a failed connection come on stderr, before the document. */
static bool whole_document(struct pty *p)
{
    size_t n;
    const char *bytes = pty_bytes(p, 0, &n), *open = memchr(bytes, '{', n);
    json_error_t why;
    json_t *document =
        open ? json_loadb(open, n - (size_t)(open - bytes), JSON_DISABLE_EOF_CHECK | JSON_ALLOW_NUL, &why)
             : NULL;
    bool good = json_integer_value(json_object_get(document, "format")) == 1 &&
                json_array_size(json_object_get(document, "targets")) == 1;
    json_decref(document);
    return good;
}

static bool end(struct try *t, const char *after)
{
    int status = -1;
    bool good = pty_wait_exit(t->p, DEADLINE, &status) && WIFEXITED(status) && whole_document(t->p) &&
                WEXITSTATUS(status) <= 4 && WEXITSTATUS(status) != 2;
    if (!good) {
        print_error("mode %s after %s: status %x\n", t->mode, after, (unsigned)status);
        pty_print(t->p, "the report");
    }
    pty_free(t->p);
    hostile_stop(t->h);
    return good;
}

static size_t all_modes(struct try *all, size_t max)
{
    char command[4200], line[300];
    snprintf(command, sizeof(command), "%s/tests/fault/hostile-server --list",
             getenv("BUILDDIR") ? getenv("BUILDDIR") : ".");
    FILE *f = popen(command, "r");
    size_t n = 0;
    while (n < max && fgets(line, sizeof(line), f))
        n += sscanf(line, "%63s", all[n].mode) == 1;
    pclose(f);
    return n;
}

/* After two answers the misbehaviour meets the probes instead of the login. */
static void the_report_ends_whatever_happens(void **state)
{
    (void)state;
    struct try all[100] = {0};
    size_t n = all_modes(all, COUNT_OF(all)), wrong = 0;
    assert_true(n > 40);
    for (int round = 0; round < 2; round++)
        for (size_t i = 0; i < n; i += BATCH) {
            size_t stop = i + BATCH < n ? i + BATCH : n;
            for (size_t k = i; k < stop; k++)
                begin(&all[k], round ? "2" : "0");
            for (size_t k = i; k < stop; k++)
                wrong += !end(&all[k], round ? "2" : "0");
        }
    assert_int_equal(wrong, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hostile_words_reach_no_terminal),
        cmocka_unit_test(the_report_ends_whatever_happens),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
