/* Placeholders, patterns and parameters of queue definitions. */
#include "conf/queue_sql.h"

#include "base/buf.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define NAME_CHARACTERS "abcdefghijklmnopqrstuvwxyz0123456789_."

/* ---- placeholders ---- */

/* The length of a placeholder at s, braces included; 0 when the brace is plain text, as in '{}' or {10,12}.
 */
static size_t placeholder_length(const char *s)
{
    if (*s != '{' || !islower((unsigned char)s[1]))
        return 0;
    size_t n = strspn(s + 1, NAME_CHARACTERS);
    return s[1 + n] == '}' ? n + 2 : 0;
}

static bool variants_have(const struct queue_def *def, const char *key)
{
    for (size_t i = 0; i < def->nvariants; i++) {
        const struct queue_variant *v = &def->variants[i];
        size_t k = 0;
        while (k < v->nvalues && strcmp(v->values[k].key, key) != 0)
            k++;
        if (k == v->nvalues)
            return false;
    }
    return def->nvariants > 0;
}

static bool has_param(const struct queue_def *def, const char *name)
{
    for (size_t i = 0; i < def->nparams; i++)
        if (strcmp(def->params[i].name, name) == 0)
            return true;
    return false;
}

/* False: there is no such placeholder here. */
static bool classify(const struct queue_def *def, const char *name, bool may_expand,
                     struct queue_piece *piece)
{
    static const struct {
        const char *name;
        enum piece_kind kind;
    } fixed[] = {{"s", PIECE_SCHEMA}, {"s_lit", PIECE_SCHEMA_LIT}, {"t", PIECE_TABLE}, {"q", PIECE_QUEUE}};
    for (size_t i = 0; i < COUNT_OF(fixed); i++)
        if (strcmp(name, fixed[i].name) == 0) {
            *piece = (struct queue_piece){fixed[i].kind, ""};
            return fixed[i].kind < PIECE_TABLE || may_expand;
        }
    if (strncmp(name, "v.", 2) == 0) {
        *piece = (struct queue_piece){PIECE_VARIANT, name + 2};
        return variants_have(def, name + 2);
    }
    *piece = (struct queue_piece){PIECE_PARAM, name};
    return has_param(def, name);
}

static void report_unknown(struct reader *r, const struct queue_def *def, const struct node *node,
                           const char *name, bool may_expand)
{
    struct buf all = {0};
    buf_puts(&all, may_expand ? "{s}, {s_lit}, {t}, {q}" : "{s}, {s_lit}");
    for (size_t i = 0; def->nvariants && i < def->variants[0].nvalues; i++)
        buf_printf(&all, ", {v.%.40s}", def->variants[0].values[i].key);
    for (size_t i = 0; i < def->nparams; i++)
        buf_printf(&all, ", {%.40s}", def->params[i].name);
    conf_error(r->errors, r->file, node->at, "There is no placeholder {%.60s} in %.60s: here are %.300s.",
               name, node->key ? node->key : "this", buf_text(&all));
    buf_free(&all);
}

static size_t count_pieces(const char *s)
{
    size_t n = 1;
    for (size_t len; *s; s += len) {
        len = placeholder_length(s);
        n += len ? 2 : 0;
        len = len ? len : 1;
    }
    return n;
}

static void add_text(struct arena *arena, struct queue_piece *pieces, size_t *n, const char *from,
                     const char *to)
{
    if (to > from)
        pieces[(*n)++] = (struct queue_piece){PIECE_TEXT, arena_bytes(arena, from, (size_t)(to - from))};
}

void queue_sql_read(struct reader *r, struct arena *arena, const struct queue_def *def,
                    const struct node *node, bool *expanded, struct queue_sql *out)
{
    if (!expect_kind(r, node, NODE_SCALAR, node->key ? node->key : "SQL"))
        return;
    if (!*node->text) {
        conf_error(r->errors, r->file, node->at, "%.60s takes SQL, not nothing.",
                   node->key ? node->key : "This");
        return;
    }
    bool may_expand = expanded && def->expand.n;
    struct queue_piece *pieces = arena_array(arena, count_pieces(node->text), sizeof(*pieces));
    size_t n = 0;
    const char *s = node->text, *from = s;
    for (size_t len; *s && !conf_errors_full(r->errors); s += len) {
        len = placeholder_length(s);
        if (!len) {
            len = 1;
            continue;
        }
        add_text(arena, pieces, &n, from, s);
        from = s + len;
        const char *name = arena_bytes(arena, s + 1, len - 2);
        if (!classify(def, name, may_expand, &pieces[n]))
            report_unknown(r, def, node, name, may_expand);
        else if (expanded && (pieces[n].kind == PIECE_TABLE || pieces[n].kind == PIECE_QUEUE))
            *expanded = true;
        n++;
    }
    add_text(arena, pieces, &n, from, s);
    *out = (struct queue_sql){pieces, n};
}

/* ---- patterns ---- */

static const char *skip_class(const char *p)
{
    size_t n = strspn(p + 1, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-");
    return n && p[1 + n] == ']' ? p + n + 2 : NULL;
}

static const char *skip_count(const char *p)
{
    char *end;
    unsigned long from = strtoul(p + 1, &end, 10), to = from;
    if (!isdigit((unsigned char)p[1]))
        return NULL;
    if (*end == ',' && isdigit((unsigned char)end[1]))
        to = strtoul(end + 1, &end, 10);
    return *end == '}' && from <= to && to <= 63 ? end + 1 : NULL;
}

bool queue_pattern_ok(const char *p)
{
    size_t atoms = 0;
    if (*p++ != '^')
        return false;
    while (p && *p && *p != '$') {
        if (*p == '[')
            p = skip_class(p);
        else
            p = isalnum((unsigned char)*p) || *p == '_' || *p == '.' ? p + 1 : NULL;
        if (p && *p == '{')
            p = skip_count(p);
        else if (p && *p && strchr("+*?", *p))
            p++;
        atoms++;
    }
    return p && p[0] == '$' && !p[1] && atoms > 0 && atoms <= 63;
}

/* ---- parameters ---- */

enum param_type queue_param_type(const struct node *node)
{
    static const char *const units[] = {"ms",      "s", "sec",  "second", "seconds", "min",  "minute",
                                        "minutes", "h", "hour", "hours",  "day",     "days", NULL};
    const char *s = node->text;
    size_t digits = strspn(s, "0123456789");
    if (digits && digits <= 9 && s[digits] == ' ' && is_one_of(s + digits + 1, units))
        return PARAM_INTERVAL;
    return digits && digits <= 18 && !s[digits] && !node->quoted ? PARAM_INTEGER : PARAM_TEXT;
}

const char *queue_param_literal(struct arena *arena, enum param_type type, const char *value)
{
    if (type == PARAM_INTEGER)
        return value;
    struct buf out = {0};
    buf_puts(&out, type == PARAM_INTERVAL ? "interval '" : strchr(value, '\\') ? " E'" : "'");
    for (const char *p = value; *p; p++)
        buf_printf(&out, *p == '\'' ? "''" : *p == '\\' ? "\\\\" : "%c", *p);
    buf_putc(&out, '\'');
    char *literal = arena_bytes(arena, buf_text(&out), out.len);
    buf_free(&out);
    return literal;
}
