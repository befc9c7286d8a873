/* The manual and --help leave nothing out: every option, exit status, probe, column, page, key and command of the
 * palette is there, with its words. Reads the built pages as people see them. */
#include "cmd.h"

#include "base/attr.h"
#include "base/buf.h"
#include "conf/config.h"
#include "model/limit.h"
#include "probes/list.h"
#include "probes/queue_plan.h"
#include "rules/list.h"
#include "spec/theme.h"
#include "ui/ui.h"
#include "ui/views/list.h"
#include "ui/views/sessions.h"

#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Without blanks, as lines break anywhere; and without what a terminal would draw twice. */
static void add_text(struct buf *out, const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (s[i] == '\b')
            out->len--;
        else if (!isspace((unsigned char)s[i]))
            buf_putc(out, s[i]);
    }
}

static struct buf output_of(const char *command)
{
    struct buf out = {0};
    char bytes[4096];
    FILE *f = popen(command, "r");
    assert_non_null(f);
    for (size_t n; (n = fread(bytes, 1, sizeof(bytes), f)) > 0;)
        add_text(&out, bytes, n);
    assert_int_equal(pclose(f), 0);
    assert_true(out.len > 100);
    return out;
}

static struct buf page(const char *name)
{
    char command[4200];
    snprintf(command, sizeof(command), "mandoc -T utf8 '%s/man/%s'", getenv("BUILDDIR"), name);
    return output_of(command);
}

static int misses;      /* of the test that runs */

static void expect(const struct buf *text, const char *where, const char *format, ...) PRINTF_LIKE(3, 4);
static void expect(const struct buf *text, const char *where, const char *format, ...)
{
    char words[2048];
    struct buf bare = {0};
    va_list args;
    va_start(args, format);
    vsnprintf(words, sizeof(words), format, args);
    va_end(args);
    add_text(&bare, words, strlen(words));
    if (!strstr(buf_text(text), buf_text(&bare))) {
        print_error("%s lacks: %s\n", where, words);
        misses++;
    }
    buf_free(&bare);
}

/* ---- front ends ---- */

static void expect_options(const struct buf *text, const char *where, const struct command_option *rows)
{
    for (; rows && rows->name; rows++) {
        const char *between = !rows->argument || rows->argument[0] == '[' ? "" : "=";
        char letter[8] = "";
        if (rows->id < OPT_LONG)
            snprintf(letter, sizeof(letter), "-%c,", rows->id);
        expect(text, where, "%s--%s%s%s%s", letter, rows->name, between, rows->argument ? rows->argument : "", rows->help);
    }
}

static void every_option_is_in_help_and_manual(void **state)
{
    (void)state;
    struct buf manual = page("pgvigil.1");
    misses = 0;
    for (int i = 0; commands[i]; i++) {
        const struct command *c = commands[i];
        char line[4200];
        snprintf(line, sizeof(line), "'%s/pgvigil' %s --help", getenv("BUILDDIR"), c->name);
        struct buf help = output_of(line);
        const struct buf *both[] = {&help, &manual};
        const char *names[] = {line, "pgvigil.1"};
        for (int k = 0; k < 2; k++) {
            expect(both[k], names[k], "%s", c->about);
            expect_options(both[k], names[k], c->options);
            expect_options(both[k], names[k], every_options);
            if (c->connects)
                expect_options(both[k], names[k], connection_options);
            for (const struct exit_row *e = c->exits ? c->exits : exit_rows; e->help; e++)
                expect(both[k], names[k], "%d%s %s", e->status, e->status == 128 ? "+N" : "", e->help);
        }
        buf_free(&help);
    }
    buf_free(&manual);
    assert_int_equal(misses, 0);
}

static void options_are_told_apart(void **state)
{
    (void)state;
    for (int i = 0; commands[i]; i++) {
        const struct command_option *tables[] = {commands[i]->options, every_options,
                                                 commands[i]->connects ? connection_options : NULL};
        const struct command_option *seen[64];
        int n = 0;
        for (size_t t = 0; t < COUNT_OF(tables); t++)
            for (const struct command_option *o = tables[t]; o && o->name; o++) {
                assert_true(n < 64 && o->help[strlen(o->help) - 1] == '.');
                for (int k = 0; k < n; k++)
                    if (strcmp(seen[k]->name, o->name) == 0 || seen[k]->id == o->id)
                        fail_msg("%s: --%s and --%s cannot be told apart", commands[i]->name, seen[k]->name, o->name);
                seen[n++] = o;
            }
    }
}

/* What pgvigil demo passes on, the lab must know, and the other way around. */
static void demo_has_the_options_of_the_lab(void **state)
{
    (void)state;
    char command[4200];
    int lab = 0, demo = 0;
    snprintf(command, sizeof(command), "'%s/pgvigil-lab' --help", getenv("BUILDDIR"));
    struct buf help = output_of(command);
    misses = 0;
    for (const struct command_option *o = command_demo.options; o->name; o++, demo++)
        expect(&help, "pgvigil-lab --help", "--%s%s", o->name, o->argument ? o->argument : "");
    for (const char *at = buf_text(&help); (at = strstr(at, "--")); at += 2)
        lab++;
    buf_free(&help);
    assert_int_equal(misses, 0);
    assert_int_equal(lab, demo + 1);        /* --help */
}

/* ---- pages and keys ---- */

static void expect_key(const struct buf *manual, const struct key_row *row)
{
    expect(manual, "pgvigil.1", "%s(%s)%s", row->keys ? row->keys : "", row->name, row->help);
}

static void every_page_and_key_is_in_the_manual(void **state)
{
    (void)state;
    struct buf manual = page("pgvigil.1");
    misses = 0;
    for (const struct key_row *row = common_keys; row->name; row++)
        expect_key(&manual, row);
    for (int i = 0; views[i]; i++) {
        char digit[4] = {'(', views[i]->digit, ')', '\0'};
        expect(&manual, "pgvigil.1", "%s%s%s", views[i]->name, views[i]->digit ? digit : "", views[i]->help);
        for (const struct key_row *row = views[i]->keys; row && row->name; row++)
            expect_key(&manual, row);
    }
    const char *name, *argument, *help;
    for (int i = 0; ui_palette_command(i, &name, &argument, &help); i++)
        expect(&manual, "pgvigil.1", "%s%s%s", name, argument ? argument : "", help);
    buf_free(&manual);
    assert_int_equal(misses, 0);
}

/* ---- probes ---- */

static void expect_columns(const struct buf *manual, const struct schema *s)
{
    for (int i = 0; s && i < s->ncolumns; i++) {
        const struct column *c = &s->columns[i];
        expect(manual, "pgvigil-probes.7", "%s(%s,%s%s%s)%s", c->name, type_word(c->type), role_word(c->role),
               c->unit ? "," : "", unit_word(c->unit), c->help);
    }
}

static void expect_probe(const struct buf *manual, const struct probe *p)
{
    expect(manual, "pgvigil-probes.7", "%s%s", p->name, p->help);
    expect_columns(manual, p->schema);
    expect_columns(manual, p->derived_schema);
    if (p->grant)
        expect(manual, "pgvigil-probes.7", "%.*s", (int)strcspn(p->grant, "{"), p->grant);
}

static void every_probe_and_column_is_in_the_manual(void **state)
{
    (void)state;
    struct buf manual = page("pgvigil-probes.7");
    struct probe queues = queues_probe(NULL);
    misses = 0;
    for (int i = 0; probe_table[i]; i++)
        expect_probe(&manual, probe_table[i]);
    expect_probe(&manual, &queues);
    buf_free(&manual);
    assert_int_equal(misses, 0);
}

/* What the program fills in by itself is nothing that people can run. */
static void a_grant_is_written_for_people(void **state)
{
    (void)state;
    static const char *const pages[] = {"pgvigil.1", "pgvigil-probes.7"};
    misses = 0;
    for (size_t i = 0; i < COUNT_OF(pages); i++) {
        struct buf manual = page(pages[i]);
        expect(&manual, pages[i], "GRANT USAGE ON SCHEMA schema-of-pg_stat_statements TO ROLE");
        assert_null(strstr(buf_text(&manual), "{role}"));
        assert_null(strstr(buf_text(&manual), "{statements}"));
        buf_free(&manual);
    }
    assert_int_equal(misses, 0);
}

static void the_mark_of_an_idle_transaction_names_its_time(void **state)
{
    (void)state;
    struct buf manual = page("pgvigil.1");
    misses = 0;
    expect(&manual, "pgvigil.1", "idle in a transaction for %g s", SESSION_IDLE_IN_TX_WARN_S);
    buf_free(&manual);
    assert_int_equal(misses, 0);
}

/* ---- settings ---- */

static void every_setting_is_in_the_manual(void **state)
{
    (void)state;
    struct buf manual = page("pgvigil.yaml.5");
    misses = 0;
    for (const struct setting *s = config_settings(); s->key; s++)
        expect(&manual, "pgvigil.yaml.5", "%s%s", s->key, s->help);
    for (int i = 0; i < LIMIT_COUNT_; i++)
        expect(&manual, "pgvigil.yaml.5", "%s%s", limit_rows[i].name, limit_rows[i].help);
    buf_free(&manual);
    assert_int_equal(misses, 0);
}

static void every_rule_is_in_the_manual(void **state)
{
    (void)state;
    struct buf manual = page("pgvigil-rules.7"), settings = page("pgvigil.yaml.5");
    misses = 0;
    for (int i = 0; rule_table[i]; i++) {
        const struct rule_info *r = &rule_table[i]->is;
        expect(&manual, "pgvigil-rules.7", "%s%s To do: %s", r->name, r->help, r->advice);
        expect(&settings, "pgvigil.yaml.5", "%s", r->name);
    }
    buf_free(&manual);
    buf_free(&settings);
    assert_int_equal(misses, 0);
}

static void every_look_is_in_the_manual(void **state)
{
    (void)state;
    struct buf manual = page("pgvigil-theme.5");
    misses = 0;
#define X(id, name, help) expect(&manual, "pgvigil-theme.5", "%s%s", name, help);
    LOOKS(X)
#undef X
    buf_free(&manual);
    assert_int_equal(misses, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_option_is_in_help_and_manual),
        cmocka_unit_test(options_are_told_apart),
        cmocka_unit_test(demo_has_the_options_of_the_lab),
        cmocka_unit_test(every_page_and_key_is_in_the_manual),
        cmocka_unit_test(every_probe_and_column_is_in_the_manual),
        cmocka_unit_test(a_grant_is_written_for_people),
        cmocka_unit_test(the_mark_of_an_idle_transaction_names_its_time),
        cmocka_unit_test(every_setting_is_in_the_manual),
        cmocka_unit_test(every_rule_is_in_the_manual),
        cmocka_unit_test(every_look_is_in_the_manual),
    };
    setenv("LC_ALL", "C.UTF-8", 1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
