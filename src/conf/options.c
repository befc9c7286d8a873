/* Setting tables: defaults, strict reading with a suggestion for each unknown key, and the three ways in
 * which a table is printed. */
#include "conf/options.h"

#include "base/mem.h"
#include "base/suggest.h"
#include "conf/scalar.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define NAMES_MAX 200

size_t options_count(const struct setting *table)
{
    size_t n = 0;
    while (table[n].key)
        n++;
    return n;
}

static void *field_of(const struct setting *row, void *values)
{
    return (char *)values + row->at;
}

void options_defaults(const struct setting *table, void *values, struct origin *origins)
{
    for (size_t i = 0; table[i].key; i++) {
        bool ok =
            !table[i].preset || option_set_text(&table[i], table[i].preset, field_of(&table[i], values));
        if (!ok)
            abort();
        if (origins)
            origins[i] = (struct origin){.kind = ORIGIN_DEFAULT};
    }
}

void options_free(const struct setting *table, void *values)
{
    for (; table->key; table++)
        option_free(table, field_of(table, values));
}

bool options_set(const struct setting *table, const char *key, const char *text, void *values,
                 struct origin *origins, struct err *err)
{
    for (size_t i = 0; table[i].key; i++) {
        if (strcmp(table[i].key, key) != 0)
            continue;
        if (option_set_text(&table[i], text, field_of(&table[i], values))) {
            if (origins)
                origins[i] = (struct origin){.kind = ORIGIN_COMMAND_LINE};
            return true;
        }
        struct buf expected = {0};
        option_expects(&table[i], &expected);
        err_set(err, "%s takes %s, not \"%.60s\".", key, buf_text(&expected), table[i].secret ? "..." : text);
        buf_free(&expected);
        return false;
    }
    return err_set(err, "There is no setting \"%.60s\".", key);
}

/* ---- faults ---- */

static const char *nearest(const char *s, const char *const *names)
{
    struct suggest near = suggest_start(s);
    for (; *names; names++)
        suggest_offer(&near, *names);
    return near.best;
}

static void list_names(const char *const *names, struct buf *out)
{
    for (size_t i = 0; names[i] && out->len < 300; i++)
        buf_printf(out, "%s%s", i ? ", " : "", names[i]);
    if (out->len >= 300)
        buf_puts(out, ", ...");
}

static void unknown(struct reader *r, struct mark at, const char *what, const char *s,
                    const char *const *names)
{
    if (conf_errors_full(r->errors))
        return;
    const char *near = nearest(s, names);
    struct buf all = {0};
    list_names(names, &all);
    if (near)
        conf_error(r->errors, r->file, at, "There is no %s \"%.60s\": did you mean \"%s\"?", what, s, near);
    else if (all.len)
        conf_error(r->errors, r->file, at, "There is no %s \"%.60s\" here: there are %s.", what, s,
                   buf_text(&all));
    else
        conf_error(r->errors, r->file, at, "There is no %s \"%.60s\" here.", what, s);
    buf_free(&all);
}

void unknown_key(struct reader *r, const struct node *node, const char *const *names)
{
    unknown(r, node->key_at, "key", node->key, names);
}

void unknown_word(struct reader *r, const struct node *node, const char *const *names)
{
    unknown(r, node->at, "value", node->text, names);
}

bool expect_kind(struct reader *r, const struct node *node, enum node_kind kind, const char *what)
{
    static const char *const takes[] = {"a single value", "a list", "a map", ""};
    if (node->kind == kind)
        return true;
    if (node->kind != NODE_BROKEN)
        conf_error(r->errors, r->file, node->at, "%.60s takes %s, not %s.", what, takes[kind],
                   node_kind_word(node));
    return false;
}

/* ---- reading ---- */

/* What one level of a table is read with. */
struct level {
    const struct setting *table;
    const char *prefix;        /* "" or "history." */
    const char *const *others; /* at the top only */
    void *values;
    struct origin *origins;
    bool *given;
};

/* The names that may stand at a level, each once. */
static void level_names(const struct level *l, const char **names, struct buf *text)
{
    size_t n = 0, skip = strlen(l->prefix);
    for (const char *const *o = l->others; o && *o && n < NAMES_MAX - 1; o++)
        names[n++] = *o;
    size_t room = 1;
    for (size_t i = 0; l->table[i].key; i++)
        room += strlen(l->table[i].key) + 1;
    char *at = text->data = mem_new(room);
    for (size_t i = 0; l->table[i].key && n < NAMES_MAX - 1; i++) {
        const char *key = l->table[i].key;
        if (strncmp(key, l->prefix, skip) != 0)
            continue;
        size_t len = strcspn(key + skip, ".");
        memcpy(at, key + skip, len);
        names[n] = NULL;
        if (is_one_of(at, names)) {
            memset(at, 0, len);
            continue;
        }
        names[n++] = at;
        at += len + 1;
    }
    names[n] = NULL;
}

static void report_unknown(struct reader *r, const struct level *l, const struct node *node)
{
    const char *names[NAMES_MAX];
    struct buf text = {0};
    level_names(l, names, &text);
    unknown_key(r, node, names);
    buf_free(&text);
}

static void read_level(struct reader *r, const struct level *l, const struct node *map);

static void read_key(struct reader *r, const struct level *l, const struct node *node)
{
    size_t before = strlen(l->prefix), len = strlen(node->key);
    for (size_t i = 0; l->table[i].key; i++) {
        const struct setting *row = &l->table[i];
        if (strncmp(row->key, l->prefix, before) != 0 || strncmp(row->key + before, node->key, len) != 0)
            continue;
        if (row->key[before + len] == '\0') {
            l->given[i] = true;
            if (option_read(r, node, row, field_of(row, l->values)) && l->origins)
                l->origins[i] = (struct origin){ORIGIN_FILE, node->key_at.line, node->key_at.column};
            return;
        }
        if (row->key[before + len] == '.') {
            char *prefix = mem_bytes(row->key, before + len + 1);
            struct level inner = {l->table, prefix, NULL, l->values, l->origins, l->given};
            if (expect_kind(r, node, NODE_MAP, node->key))
                read_level(r, &inner, node);
            free(prefix);
            return;
        }
    }
    if (!l->others || !is_one_of(node->key, l->others))
        report_unknown(r, l, node);
}

static void read_level(struct reader *r, const struct level *l, const struct node *map)
{
    for (const struct node *c = map->first; c && !conf_errors_full(r->errors); c = c->next)
        read_key(r, l, c);
}

void options_read(struct reader *r, const struct node *map, const struct setting *table,
                  const char *const *others, void *values, struct origin *origins)
{
    bool *given = mem_array(options_count(table), sizeof(*given));
    struct level top = {table, "", others, values, origins, given};
    if (map)
        read_level(r, &top, map);
    for (size_t i = 0; map && table[i].key; i++)
        if (table[i].required && !given[i])
            conf_error(r->errors, r->file, map->at, "The key \"%s\" is missing here. %s", table[i].key,
                       table[i].help);
    free(given);
}

/* ---- printing ---- */

static void show_origin(const struct origin *o, const char *file, struct buf *out)
{
    if (!o || o->kind == ORIGIN_DEFAULT)
        buf_puts(out, "default");
    else if (o->kind == ORIGIN_COMMAND_LINE)
        buf_puts(out, "command line");
    else
        buf_printf(out, "%s:%u:%u", file, o->line, o->column);
}

/* The maps that a dotted key lies in are opened when the key before it was not in them. */
static const char *open_maps(const struct setting *table, size_t i, int *indent, const char *mark,
                             struct buf *out)
{
    const char *key = table[i].key, *before = i ? table[i - 1].key : "";
    for (const char *dot; (dot = strchr(key, '.')); key = dot + 1, *indent += 2) {
        size_t path = (size_t)(dot - table[i].key) + 1;
        if (strncmp(before, table[i].key, path) != 0)
            buf_printf(out, "%s%*s%.*s:\n", mark, *indent, "", (int)(dot - key), key);
    }
    return key;
}

void options_show(const struct setting *table, const void *values, const struct origin *origins,
                  const char *file, int indent, struct buf *out)
{
    for (size_t i = 0; table[i].key; i++) {
        const void *field = (const char *)values + table[i].at;
        int in = indent;
        const char *key = open_maps(table, i, &in, "", out);
        struct buf line = {0};
        bool shown = option_is_set(&table[i], field) && !table[i].secret;
        buf_printf(&line, "%*s%s%s: ", in, "", shown ? "" : "#", key);
        if (shown)
            option_show(&table[i], field, &line);
        else
            buf_puts(&line, option_is_set(&table[i], field) ? "(set, not shown)" : "(not set)");
        buf_printf(out, "%-40s  # ", buf_text(&line));
        show_origin(origins ? &origins[i] : NULL, file, out);
        buf_putc(out, '\n');
        buf_free(&line);
    }
}

void options_init(const struct setting *table, int indent, struct buf *out)
{
    for (size_t i = 0; table[i].key; i++) {
        int in = indent;
        const char *key = open_maps(table, i, &in, "#", out);
        struct buf takes = {0};
        option_expects(&table[i], &takes);
        buf_printf(out, "%*s# %s\n%*s# Takes %s.\n", in, "", table[i].help, in, "", buf_text(&takes));
        buf_printf(out, "#%*s%s:", in, "", key);
        if (table[i].type == SETTING_WORDS)
            buf_printf(out, " [%s]", table[i].preset ? table[i].preset : "");
        else if (table[i].preset)
            buf_printf(out, " %s", table[i].preset);
        buf_puts(out, "\n");
        buf_free(&takes);
    }
}

/* mdoc gives a meaning to a line that begins with a dot or a quote, and to a backslash; it wants each sentence on a
 * line of its own. */
static void manual_text(const char *s, struct buf *out)
{
    if (*s == '.' || *s == '\'')
        buf_puts(out, "\\&");
    for (; *s; s++) {
        buf_printf(out, *s == '\\' ? "\\e" : *s == '-' ? "\\-" : "%c", *s);
        if (*s == '.' && s[1] == ' ' && s[2] >= 'A' && s[2] <= 'Z') {
            buf_putc(out, '\n');
            s++;
        }
    }
}

void options_manual(const struct setting *table, const char *prefix, struct buf *out)
{
    buf_puts(out, ".Bl -tag -width Ds\n");
    for (; table->key; table++) {
        buf_printf(out, ".It Cm %s%s\n", prefix, table->key);
        manual_text(table->help, out);
        struct buf takes = {0};
        option_expects(table, &takes);
        buf_puts(out, "\nTakes ");
        manual_text(buf_text(&takes), out);
        buf_puts(out, ".\n");
        if (table->preset) {
            buf_puts(out, "Default: ");
            manual_text(table->preset, out);
            buf_puts(out, ".\n");
        }
        buf_free(&takes);
    }
    buf_puts(out, ".El\n");
}
