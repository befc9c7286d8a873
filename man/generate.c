/* Makes a manual page: prose from a file, and where that has a line such as "@keys@", the tables of the program
 * itself. So they cannot disagree. */
#include "assemble.h"
#include "cmd.h"

#include "base/buf.h"
#include "base/compat.h"
#include "base/text.h"
#include "model/schema.h"
#include "probes/list.h"
#include "probes/queue_plan.h"
#include "rules/list.h"
#include "spec/theme.h"
#include "ui/keymap.h"
#include "ui/ui.h"
#include "ui/views/list.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- text in mdoc ---- */

/* One letter, harmless: nothing of it is a request or an escape. */
static void put_letter(struct buf *out, const char *s, size_t n, bool first)
{
    uint32_t code = 0;
    if (n > 1 && text_decode(s, n, &code))
        buf_printf(out, "\\[u%04" PRIX32 "]", code);
    else if (*s == '\\')
        buf_puts(out, "\\e");
    else if (*s == '-')
        buf_puts(out, "\\-");
    else if (first && (*s == '.' || *s == '\''))
        buf_printf(out, "\\&%c", *s);
    else
        buf_add(out, s, n);
}

/* Prose: each sentence on a line of its own, as mdoc wants it. */
static void put_prose(struct buf *out, const char *s)
{
    bool first = true;
    for (size_t n; *s; s += n) {
        uint32_t code;
        n = text_decode(s, strlen(s), &code);
        n = n ? n : 1;
        put_letter(out, s, n, first);
        first = (*s == '.' || *s == ':') && s[1] == ' ' && isupper((unsigned char)s[2]);
        if (first) {
            buf_putc(out, '\n');
            s++;
        }
    }
    buf_putc(out, '\n');
}

/* One argument of a macro, which quotes keep whole; "\&" keeps a word of one sign from being punctuation. */
static void put_word(struct buf *out, const char *s, size_t len)
{
    buf_puts(out, isalnum((unsigned char)*s) ? "\"" : "\"\\&");
    for (size_t i = 0; i < len; i++) {
        if (s[i] == '"')
            buf_puts(out, "\\(dq");
        else
            put_letter(out, s + i, 1, false);
    }
    buf_putc(out, '"');
}

/* ---- the front ends ---- */

static void put_options(struct buf *out, const struct command_option *rows)
{
    buf_puts(out, ".Bl -tag -width Ds\n");
    for (; rows && rows->name; rows++) {
        const char *a = rows->argument;
        buf_puts(out, ".It");
        if (rows->id < OPT_LONG)
            buf_printf(out, " Fl %c , ", rows->id);
        buf_printf(out, " Fl \\-%s", rows->name);
        if (a && *a == '[')
            buf_printf(out, " Ns Op Ns = Ns Ar %.*s", (int)strlen(a) - 3, a + 2);
        else if (a)
            buf_printf(out, " Ns = Ns Ar %s", a);
        buf_putc(out, '\n');
        put_prose(out, rows->help);
    }
    buf_puts(out, ".El\n");
}

static void put_exit_rows(struct buf *out, const struct exit_row *rows)
{
    buf_puts(out, ".Bl -tag -width 128+N -compact\n");
    for (const struct exit_row *e = rows; e->help; e++) {
        buf_printf(out, ".It %d%s\n", e->status, e->status == 128 ? "+N" : "");
        put_prose(out, e->help);
    }
    buf_puts(out, ".El\n");
}

static void put_commands(struct buf *out)
{
    for (int i = 0; commands[i]; i++) {
        const struct command *c = commands[i];
        buf_printf(out, ".Ss pgvigil %s\n", c->name);
        put_prose(out, c->about);
        if (c->options)
            put_options(out, c->options);
        if (c->exits) {
            buf_puts(out, ".Pp\nIt ends with\n");
            put_exit_rows(out, c->exits);
        }
    }
}

/* "check|show [FILE]" and "[NAME]...": what is in brackets may be left out. */
static void put_arguments(struct buf *out, const char *s)
{
    for (size_t n; *s; s += n + (s[n] == ' ')) {
        n = strcspn(s, " ");
        size_t name = strcspn(s, "] ") - 1;
        if (*s == '[')
            buf_printf(out, ".Op Ar %.*s%s\n", (int)name, s + 1, s[n - 1] == '.' ? " ..." : "");
        else
            buf_printf(out, ".Cm %.*s\n", (int)n, s);
    }
}

static void put_synopsis(struct buf *out)
{
    for (int i = 0; commands[i]; i++) {
        const struct command *c = commands[i];
        buf_printf(out, ".Nm\n%s %s\n.Op Ar OPTION ...\n", i == 0 ? ".Op Cm" : ".Cm", c->name);
        put_arguments(out, c->arguments);
    }
}

static void put_connection(struct buf *out)
{
    put_options(out, connection_options);
}

static void put_every(struct buf *out)
{
    put_options(out, every_options);
}

static void put_exits(struct buf *out)
{
    put_exit_rows(out, exit_rows);
}

/* ---- pages and keys ---- */

static void put_key(struct buf *out, const struct key_row *row)
{
    const char *keys = row->keys;
    buf_puts(out, ".It");
    for (size_t n; *keys; keys += n + (keys[n] == ' ')) {
        n = strcspn(keys, " ");
        buf_puts(out, " Ic ");
        put_word(out, keys, n);
    }
    buf_printf(out, " Pq Cm %s\n", row->name);
    put_prose(out, row->help);
}

static void put_keys(struct buf *out)
{
    for (int group = 0; group < GROUP_PAGE; group++) {
        buf_printf(out, ".Ss %s\n.Bl -tag -width Ds\n", key_group_title((enum key_group)group));
        for (const struct key_row *row = common_keys; row->name; row++)
            if ((int)row->group == group)
                put_key(out, row);
        buf_puts(out, ".El\n");
    }
}

/* Keys that many pages have are told once, behind the pages. */
static bool is_common(const struct key_row *row)
{
    int n = 0;
    for (int i = 0; views[i]; i++)
        for (const struct key_row *k = views[i]->keys; k && k->name; k++)
            n += strcmp(k->name, row->name) == 0;
    return n > 1;
}

static void put_page(struct buf *out, const struct view *v)
{
    buf_printf(out, ".It Cm %s", v->name);
    if (v->digit)
        buf_printf(out, " Pq Ic %c", v->digit);
    buf_putc(out, '\n');
    put_prose(out, v->help);
    bool open = false;
    for (const struct key_row *k = v->keys; k && k->name; k++) {
        if (is_common(k))
            continue;
        buf_puts(out, open ? "" : ".Bl -tag -width Ds\n");
        open = true;
        put_key(out, k);
    }
    buf_puts(out, open ? ".El\n" : "");
}

static void put_pages(struct buf *out)
{
    buf_puts(out, ".Bl -tag -width Ds\n");
    for (int i = 0; views[i]; i++)
        put_page(out, views[i]);
    buf_puts(out, ".El\n");
}

static void put_page_keys(struct buf *out)
{
    struct buf seen = {0};      /* names, each between blanks */
    buf_puts(out, ".Bl -tag -width Ds\n");
    buf_putc(&seen, ' ');
    for (int i = 0; views[i]; i++)
        for (const struct key_row *k = views[i]->keys; k && k->name; k++) {
            char word[64];
            snprintf(word, sizeof(word), " %s ", k->name);
            if (!is_common(k) || strstr(buf_text(&seen), word))
                continue;
            buf_puts(&seen, word + 1);
            put_key(out, k);
        }
    buf_puts(out, ".El\n");
    buf_free(&seen);
}

static void put_palette(struct buf *out)
{
    const char *name, *argument, *help;
    buf_puts(out, ".Bl -tag -width Ds\n");
    for (int i = 0; ui_palette_command(i, &name, &argument, &help); i++) {
        buf_printf(out, ".It Cm %s", name);
        if (argument)
            buf_printf(out, " Ar %s", argument);
        buf_putc(out, '\n');
        put_prose(out, help);
    }
    buf_puts(out, ".El\n");
}

/* ---- probes ---- */

static void put_seconds(struct buf *out, double seconds, const char *otherwise)
{
    if (seconds > 0)
        buf_printf(out, "every %g s", seconds);
    else
        buf_puts(out, otherwise);
}

static void put_timing(struct buf *out, const struct probe *p)
{
    buf_puts(out, "Asked ");
    put_seconds(out, p->interval_s, "at the target's interval");
    buf_puts(out, " while it is on the screen, ");
    if (p->background)
        put_seconds(out, p->background_s, "at the target's background interval");
    buf_puts(out, p->background ? " while it is not" : "and not otherwise");
    buf_printf(out, "; at most %u rows.\n", p->max_rows ? p->max_rows : FRAME_ROWS_DEFAULT);
    if (p->anywhere)
        buf_puts(out, "A standby that is fit answers it for its primary.\n");
}

/* What stands in braces is filled in by the program: people get words for it. */
static void put_grant(struct buf *out, const char *grant)
{
    static const struct {
        const char *mark, *word;
    } marks[] = {{"{role}", "ROLE"}, {"{statements}", "schema\\-of\\-pg_stat_statements"}};
    buf_puts(out, ".Dl ");
    while (*grant) {
        size_t i = 0;
        while (i < COUNT_OF(marks) && strncmp(grant, marks[i].mark, strlen(marks[i].mark)) != 0)
            i++;
        if (i == COUNT_OF(marks)) {
            buf_putc(out, *grant++);
        } else {
            buf_puts(out, marks[i].word);
            grant += strlen(marks[i].mark);
        }
    }
    buf_putc(out, '\n');
}

static void put_needs(struct buf *out, const struct probe *p)
{
    if (p->of)
        buf_printf(out, "It is made from each answer of\n.Sy %s .\n", p->of);
    else
        buf_printf(out, "It is asked of %s.\n",
                   p->kind == TARGET_APP ? "applications, by HTTP" : target_kind_word(p->kind));
    if (p->needs & NEED_STATEMENTS)
        buf_puts(out, "It needs the extension\n.Sy pg_stat_statements ,\npreloaded and created in the database.\n");
    if (p->grant) {
        buf_puts(out, "To see all of it a role needs\n");
        put_grant(out, p->grant);
    } else {
        buf_puts(out, p->plan ? "It needs\n.Ql SELECT\non the tables that it counts.\n"
                      : p->kind == TARGET_APP ? "It needs no right beyond that to read the URL.\n"
                      : p->kind == TARGET_POOLER ? "The role must be one of its\n.Sy stats_users\nor\n.Sy admin_users .\n"
                                               : "It needs no right beyond that to connect.\n");
    }
}

static void put_columns(struct buf *out, const struct schema *s)
{
    buf_puts(out, ".Bl -tag -width Ds\n");
    for (int i = 0; i < s->ncolumns; i++) {
        const struct column *c = &s->columns[i];
        const char *unit = unit_word(c->unit);
        buf_printf(out, ".It Va %s Pq %s, %s%s%s\n", c->name, type_word(c->type), role_word(c->role), *unit ? ", " : "",
                   unit);
        put_prose(out, c->help);
    }
    buf_puts(out, ".El\n");
}

static void put_probe(struct buf *out, const struct probe *p)
{
    buf_printf(out, ".Ss %s\n", p->name);
    put_prose(out, p->help);
    if (!p->of)
        put_timing(out, p);
    put_needs(out, p);
    put_columns(out, p->schema);
    if (p->derived_schema) {
        buf_puts(out, ".Pp\nFrom each answer and the one before, pgvigil works out what the page shows:\n");
        put_columns(out, p->derived_schema);
    }
}

static void put_probes(struct buf *out)
{
    struct probe queues = queues_probe(NULL);
    for (int i = 0; probe_table[i]; i++)
        put_probe(out, probe_table[i]);
    put_probe(out, &queues);
}

/* ---- rules ---- */

static void put_rule(struct buf *out, const struct rule *r)
{
    buf_printf(out, ".Ss %s\n", r->is.name);
    put_prose(out, r->is.help);
    buf_puts(out, ".Pp\nTo do: ");
    put_prose(out, r->is.advice);
    if (r->reads || r->is.page)
        buf_puts(out, ".Pp\n");
    if (r->reads)
        buf_puts(out, "It reads\n");
    for (int i = 0; r->reads && r->reads[i]; i++)
        buf_printf(out, ".Cm %s%s\n", r->reads[i], r->reads[i + 1] ? " ," : " .");
    if (r->is.page)
        buf_printf(out, "The page\n.Cm %s\nproves it.\n", r->is.page);
}

static void put_rules(struct buf *out)
{
    for (int i = 0; rule_table[i]; i++)
        put_rule(out, rule_table[i]);
}

/* ---- settings and colours ---- */

/* Those of nobody: no file of the user's is read. */
static void put_settings(struct buf *out)
{
    struct assembly a;
    struct conf_errors errors = {0};
    setenv("PGVIGIL_CONFIG_DIR", "/nonexistent", 1);
    if (!assemble(&a, NULL, &errors))
        conf_errors_print(&errors, out);
    config_manual(&a.form, out);
    conf_errors_free(&errors);
    assembly_free(&a);
}

static void put_looks(struct buf *out)
{
    static const struct {
        const char *name, *help;
    } looks[] = {
#define X(id, name, help) {name, help},
        LOOKS(X)
#undef X
    };
    buf_puts(out, ".Bl -tag -width disabled -compact\n");
    for (size_t i = 0; i < COUNT_OF(looks); i++) {
        buf_printf(out, ".It Cm %s\n", looks[i].name);
        put_prose(out, looks[i].help);
    }
    buf_puts(out, ".El\n");
}

/* ---- the page ---- */

static void put_system(struct buf *out)
{
    buf_printf(out, ".Os %s\n", PACKAGE_STRING);
}

static void put_grants(struct buf *out)
{
    for (int i = 0; probe_table[i]; i++) {
        const char *grant = probe_table[i]->grant;
        bool new = grant != NULL;
        for (int k = 0; new && k < i; k++)
            new = !probe_table[k]->grant || strcmp(probe_table[k]->grant, grant) != 0;
        if (new)
            put_grant(out, grant);
    }
}

static const struct {
    const char *line;
    void (*put)(struct buf *out);
} tables[] = {
    {"@os@", put_system},           {"@synopsis@", put_synopsis}, {"@commands@", put_commands},
    {"@connection@", put_connection}, {"@every@", put_every},     {"@exits@", put_exits},
    {"@pages@", put_pages},         {"@page-keys@", put_page_keys}, {"@keys@", put_keys},
    {"@probes@", put_probes},       {"@grants@", put_grants},   {"@palette@", put_palette},
    {"@settings@", put_settings},   {"@looks@", put_looks},     {"@rules@", put_rules},
};

/* Prose may name the folders that configure has chosen. */
static void put_with_places(struct buf *out, const char *line)
{
    static const struct {
        const char *name, *path;
    } places[] = {{"@sysconfdir@", SYSCONFDIR}, {"@pkgdatadir@", PKGDATADIR}};
    for (size_t i = 0; i < COUNT_OF(places); i++) {
        const char *at = strstr(line, places[i].name);
        if (at) {
            buf_printf(out, "%.*s%s%s\n", (int)(at - line), line, places[i].path, at + strlen(places[i].name));
            return;
        }
    }
    buf_printf(out, "%s\n", line);
}

static bool put_line(struct buf *out, const char *line)
{
    if (*line != '@') {
        put_with_places(out, line);
        return true;
    }
    for (size_t i = 0; i < COUNT_OF(tables); i++)
        if (strcmp(line, tables[i].line) == 0) {
            tables[i].put(out);
            return true;
        }
    return false;
}

int main(int argc, char **argv)
{
    FILE *in = argc == 2 ? fopen(argv[1], "r") : NULL;
    char line[512];
    struct buf out = {0};
    bool ok = in != NULL;
    if (!in)
        return complain(1, "%s: %s", argc == 2 ? argv[1] : "usage: generate PAGE.in", argc == 2 ? strerror(errno) : "");
    for (int n = 1; ok && fgets(line, sizeof(line), in); n++) {
        line[strcspn(line, "\n")] = '\0';
        ok = put_line(&out, line);
        if (!ok)
            complain(1, "%s:%d: there is no table %s; man/generate.c has them all", argv[1], n, line);
    }
    fclose(in);
    ok = ok && fwrite(buf_text(&out), 1, out.len, stdout) == out.len && fflush(stdout) == 0;
    buf_free(&out);
    return ok ? 0 : 1;
}
