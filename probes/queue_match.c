/* One catalogue question for all definitions, cheap with 20,000 tables because every name is looked up by an
 * index; then which definition fits which schema. */
#include "probes/queue_match.h"

#include "base/mem.h"
#include "probes/queue_sql.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const struct column columns[] = {
    [CATALOGUE_SCHEMA] = {"schema", "schema", TYPE_TEXT, ROLE_KEY, UNIT_NONE, 0, 0, "Schema."},
    [CATALOGUE_NAME] = {"name", "name", TYPE_TEXT, ROLE_KEY, UNIT_NONE, 0, 0, "Table or function."},
    [CATALOGUE_PATTERN] = {"pattern", "pattern", TYPE_INT, ROLE_KEY, UNIT_NONE, 0, 0,
                           "Pattern that it matches, or -1."},
    [CATALOGUE_KIND] = {"kind", "kind", TYPE_TEXT, ROLE_LABEL, UNIT_NONE, 0, 0, "Kind of relation, or F."},
    [CATALOGUE_OID] = {"oid", "oid", TYPE_INT, ROLE_LABEL, UNIT_NONE, 0, 0, "Object identifier."},
    [CATALOGUE_USAGE] = {"usage", "usage", TYPE_BOOL, ROLE_LABEL, UNIT_NONE, 0, 0,
                         "We may look into the schema."},
    [CATALOGUE_READABLE] = {"readable", "readable", TYPE_BOOL, ROLE_LABEL, UNIT_NONE, 0, 0,
                            "We may select from it."},
    [CATALOGUE_HIDDEN] = {"hidden", "hidden", TYPE_BOOL, ROLE_LABEL, UNIT_NONE, 0, 0,
                          "Row security applies to us."},
    [CATALOGUE_ESTIMATE] = {"estimate", "rows", TYPE_INT, ROLE_GAUGE, UNIT_COUNT, 0, 0,
                            "Rows by the last analysis."},
    [CATALOGUE_COLUMNS] = {"columns", "columns", TYPE_TEXT, ROLE_LABEL, UNIT_NONE, 0, 0,
                           "Columns of interest."},
    [CATALOGUE_ROLE] = {"role", "role", TYPE_TEXT, ROLE_LABEL, UNIT_NONE, 0, 0, "Our role."},
};

const struct schema queue_catalogue_schema = {"queue_catalogue", CATALOGUE_WIDTH_, columns};

/* ---- the question ---- */

/* A list of names, each once. */
struct names {
    const char **list;
    size_t n, room;
};

static void names_add(struct names *names, const char *s)
{
    if (names->n == names->room) {
        names->room = names->room ? names->room * 2 : 64;
        names->list = mem_resize(names->list, names->room, sizeof(*names->list));
    }
    names->list[names->n++] = s;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void put_names(struct buf *out, struct names *names)
{
    if (names->n)
        qsort(names->list, names->n, sizeof(*names->list), by_text);
    buf_puts(out, "array[");
    bool first = true;
    for (size_t i = 0; i < names->n; i++) {
        if (i && strcmp(names->list[i - 1], names->list[i]) == 0)
            continue;
        buf_puts(out, first ? "" : ",");
        first = false;
        sql_literal(out, names->list[i]);
    }
    buf_puts(out, "]::name[]");
    free(names->list);
}

struct wanted {
    struct names tables, columns, patterns, functions, function_schemas;
};

static void want_tables(struct wanted *w, const struct queue_table *tables, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        names_add(tables[i].pattern ? &w->patterns : &w->tables, tables[i].name);
        for (size_t c = 0; c < tables[i].ncolumns; c++)
            names_add(&w->columns, tables[i].columns[c]);
    }
}

static void want(struct wanted *w, const struct queue_def *def)
{
    want_tables(w, def->detect, def->ndetect);
    want_tables(w, def->names_detect, def->nnames_detect);
    want_tables(w, def->optional, def->noptional);
    for (size_t i = 0; i < def->nvariants; i++)
        names_add(&w->columns, def->variants[i].column);
    for (size_t i = 0; i < def->ncached; i++)
        names_add(&w->columns, def->cached_columns[i]);
    for (size_t i = 0; i < def->nfunctions; i++) {
        names_add(&w->function_schemas, def->functions[i].key);
        names_add(&w->functions, def->functions[i].value);
    }
}

/* Patterns are numbered in the order in which want() meets them; see queue_first_pattern. No arm is joined to
 * pg_class again: that would be a scan. */
static void put_tables(struct buf *out, struct wanted *w)
{
    static const char columns_of[] = "oid, relname, relnamespace, relkind, reltuples";
    buf_printf(out, "from (select %s, -1 as pattern from pg_class where relname = any(", columns_of);
    put_names(out, &w->tables);
    buf_puts(out, ")\n");
    for (size_t i = 0; i < w->patterns.n; i++) {
        buf_printf(out, "  union all select %s, %zu from pg_class where relname ~ ", columns_of, i);
        sql_literal(out, w->patterns.list[i]);
        buf_putc(out, '\n');
    }
    free(w->patterns.list);
    buf_puts(out, ") c join pg_namespace n on n.oid = c.relnamespace\n"
                  "where c.relkind in ('r', 'p', 'v', 'm', 'f') and n.nspname not in ('pg_catalog', "
                  "'information_schema')\n"
                  "  and n.nspname !~ '^pg_(toast|temp)'\n");
}

static void put_functions(struct buf *out, struct wanted *w)
{
    if (!w->functions.n)
        return;
    buf_puts(out, "union select n.nspname::text, p.proname::text, -1, 'F', null, null, null, null, null, "
                  "null, quote_ident(current_user)\n"
                  "from pg_proc p join pg_namespace n on n.oid = p.pronamespace\nwhere p.proname = any(");
    put_names(out, &w->functions);
    buf_puts(out, ") and n.nspname = any(");
    put_names(out, &w->function_schemas);
    buf_puts(out, ")\n");
}

void queue_catalogue_sql(struct buf *out, const struct queue_defs *defs)
{
    struct wanted w = {0};
    for (size_t i = 0; i < defs->n; i++)
        want(&w, defs->list[i]);
    buf_puts(
        out,
        "select n.nspname::text as schema, c.relname::text as name, c.pattern, c.relkind::text as kind,\n"
        "  c.oid::bigint as oid,\n"
        "  has_schema_privilege(n.oid, 'USAGE') as usage, has_table_privilege(c.oid, 'SELECT') as readable,\n"
        "  row_security_active(c.oid) as hidden, c.reltuples::bigint as estimate,\n"
        "  (select string_agg(a.attname::text, E'\\n') from pg_attribute a where a.attrelid = c.oid\n"
        "   and a.attnum > 0 and not a.attisdropped and a.attname = any(");
    put_names(out, &w.columns);
    buf_puts(out, ")) as columns,\n  quote_ident(current_user) as role\n");
    put_tables(out, &w);
    put_functions(out, &w);
}

int queue_first_pattern(const struct queue_defs *defs, size_t def, bool names)
{
    int n = 0;
    for (size_t i = 0; i <= def; i++) {
        const struct queue_def *d = defs->list[i];
        for (size_t t = 0; t < d->ndetect && (i < def || names); t++)
            n += d->detect[t].pattern;
        for (size_t t = 0; t < d->nnames_detect && i < def; t++)
            n += d->names_detect[t].pattern;
        for (size_t t = 0; t < d->noptional && i < def; t++)
            n += d->optional[t].pattern;
    }
    return n;
}

/* ---- the answer ---- */

static int text_order(struct frame_text a, struct frame_text b)
{
    size_t n = a.len < b.len ? a.len : b.len;
    int order = n ? memcmp(a.bytes, b.bytes, n) : 0;
    return order ? order : (a.len > b.len) - (a.len < b.len);
}

static struct frame_text text_of(const char *s)
{
    return (struct frame_text){s, (uint32_t)strlen(s)};
}

static int64_t number(const struct frame *f, uint32_t row, int column)
{
    return frame_cell(f, row, column)->i;
}

static int by_name(const void *a, const void *b, void *context)
{
    const struct frame *f = context;
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    int order = text_order(frame_text(f, x, CATALOGUE_NAME), frame_text(f, y, CATALOGUE_NAME));
    if (!order)
        order = text_order(frame_text(f, x, CATALOGUE_SCHEMA), frame_text(f, y, CATALOGUE_SCHEMA));
    int64_t p = number(f, x, CATALOGUE_PATTERN), q = number(f, y, CATALOGUE_PATTERN);
    return order ? order : (p > q) - (p < q);
}

void catalogue_open(struct catalogue *c, const struct frame *frame)
{
    *c = (struct catalogue){frame, mem_array(frame->nrows, sizeof(*c->rows))};
    for (uint32_t i = 0; i < frame->nrows; i++)
        c->rows[i] = i;
    if (frame->nrows)
        qsort_r(c->rows, frame->nrows, sizeof(*c->rows), by_name, (void *)frame);
}

void catalogue_close(struct catalogue *c)
{
    free(c->rows);
    *c = (struct catalogue){0};
}

bool catalogue_flag(const struct catalogue *c, uint32_t row, int column)
{
    return number(c->frame, row, column) != 0;
}

/* The first place, in order of name and schema, that is not before (name, schema). */
static uint32_t lower_bound(const struct catalogue *c, const char *name, const char *schema)
{
    uint32_t from = 0, to = c->frame->nrows;
    while (from < to) {
        uint32_t middle = from + (to - from) / 2, row = c->rows[middle];
        int order = text_order(frame_text(c->frame, row, CATALOGUE_NAME), text_of(name));
        if (!order)
            order = text_order(frame_text(c->frame, row, CATALOGUE_SCHEMA), text_of(schema));
        if (order < 0)
            from = middle + 1;
        else
            to = middle;
    }
    return from;
}

static bool is_at(const struct catalogue *c, uint32_t row, int column, const char *text)
{
    return text_order(frame_text(c->frame, row, column), text_of(text)) == 0;
}

static bool is_function(const struct catalogue *c, uint32_t row)
{
    return is_at(c, row, CATALOGUE_KIND, "F");
}

static int64_t find(const struct catalogue *c, const char *schema, const char *name, bool function)
{
    for (uint32_t i = lower_bound(c, name, schema); i < c->frame->nrows; i++) {
        uint32_t row = c->rows[i];
        if (!is_at(c, row, CATALOGUE_NAME, name) || !is_at(c, row, CATALOGUE_SCHEMA, schema))
            return -1;
        if (is_function(c, row) == function)
            return row;
    }
    return -1;
}

int64_t catalogue_table(const struct catalogue *c, const char *schema, const char *name)
{
    return find(c, schema, name, false);
}

bool catalogue_has_column(const struct catalogue *c, uint32_t row, const char *column)
{
    struct frame_text all = frame_text(c->frame, row, CATALOGUE_COLUMNS);
    size_t n = strlen(column);
    for (const char *p = all.bytes, *end = p + all.len; p < end;) {
        const char *stop = memchr(p, '\n', (size_t)(end - p));
        stop = stop ? stop : end;
        if ((size_t)(stop - p) == n && memcmp(p, column, n) == 0)
            return true;
        p = stop + 1;
    }
    return false;
}

bool catalogue_has_columns(const struct catalogue *c, uint32_t row, const struct queue_table *table)
{
    for (size_t i = 0; i < table->ncolumns; i++)
        if (!catalogue_has_column(c, row, table->columns[i]))
            return false;
    return true;
}

/* ---- which schemas ---- */

static bool pattern_in(const struct catalogue *c, const struct queue_table *table, int pattern,
                       const char *schema)
{
    for (uint32_t i = 0; i < c->frame->nrows; i++)
        if (number(c->frame, i, CATALOGUE_PATTERN) == pattern && is_at(c, i, CATALOGUE_SCHEMA, schema) &&
            catalogue_has_columns(c, i, table))
            return true;
    return false;
}

static bool all_in(const struct catalogue *c, const struct queue_table *tables, size_t n, int pattern,
                   const char *schema)
{
    for (size_t i = 0; i < n; i++) {
        int64_t row = tables[i].pattern ? -1 : catalogue_table(c, schema, tables[i].name);
        if (tables[i].pattern ? !pattern_in(c, &tables[i], pattern++, schema)
                              : row < 0 || !catalogue_has_columns(c, (uint32_t)row, &tables[i]))
            return false;
    }
    return true;
}

static bool listed(char *const *list, size_t n, const char *s)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(list[i], s) == 0)
            return true;
    return false;
}

/* Could this row be the table by which a definition is found first? */
static bool is_anchor(const struct catalogue *c, uint32_t row, const struct queue_table *anchor, int pattern)
{
    if (is_function(c, row) || number(c->frame, row, CATALOGUE_PATTERN) != (anchor->pattern ? pattern : -1))
        return false;
    return (anchor->pattern || is_at(c, row, CATALOGUE_NAME, anchor->name)) &&
           catalogue_has_columns(c, row, anchor);
}

char **catalogue_schemas(const struct catalogue *c, const struct queue_table *tables, size_t n,
                         int first_pattern, const struct queue_pair *functions, size_t nfunctions, size_t max,
                         size_t *found)
{
    char **schemas = mem_array(max, sizeof(*schemas));
    *found = 0;
    for (size_t i = 0; i < nfunctions; i++)
        if (find(c, functions[i].key, functions[i].value, true) < 0)
            return schemas;
    for (uint32_t i = 0; i < c->frame->nrows && *found < max; i++) {
        uint32_t row = c->rows[i];
        if (!is_anchor(c, row, &tables[0], first_pattern))
            continue;
        struct frame_text schema = frame_text(c->frame, row, CATALOGUE_SCHEMA);
        char *name = mem_bytes(schema.bytes, schema.len);
        if (!listed(schemas, *found, name) && all_in(c, tables, n, first_pattern, name))
            schemas[(*found)++] = name;
        else
            free(name);
    }
    return schemas;
}

const struct queue_variant *queue_choose_variant(const struct catalogue *c, const struct queue_def *def,
                                                 const char *schema)
{
    const struct queue_variant *chosen = NULL;
    for (size_t i = 0; i < def->nvariants; i++) {
        int64_t row = catalogue_table(c, schema, def->variants[i].table);
        if (row >= 0 && catalogue_has_column(c, (uint32_t)row, def->variants[i].column))
            chosen = &def->variants[i];
    }
    return chosen;
}

/* ---- rights ---- */

/* A name as people write it: quoted only where it must be. */
static void put_plain(struct buf *out, const char *name)
{
    bool plain = *name && strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") == strlen(name) &&
                 (*name < '0' || *name > '9');
    if (plain)
        buf_puts(out, name);
    else
        sql_identifier(out, name);
}

void queue_grant(struct buf *out, const char *schema, const char *table, bool usage, const char *role_sql,
                 enum server_role role)
{
    buf_puts(out, "no SELECT on ");
    put_plain(out, schema);
    buf_putc(out, '.');
    put_plain(out, table);
    buf_puts(out, role == SERVER_STANDBY ? "; on its primary: " : ": ");
    if (!usage) {
        buf_puts(out, "GRANT USAGE ON SCHEMA ");
        put_plain(out, schema);
        buf_printf(out, " TO %s; ", role_sql);
    }
    buf_puts(out, "GRANT SELECT ON ");
    put_plain(out, schema);
    buf_putc(out, '.');
    put_plain(out, table);
    buf_printf(out, " TO %s", role_sql);
}

bool queue_problem(const struct catalogue *c, const struct queue_table *tables, size_t n, const char *schema,
                   struct buf *why)
{
    for (size_t i = 0; i < n; i++) {
        int64_t row = tables[i].pattern ? -1 : catalogue_table(c, schema, tables[i].name);
        if (row < 0)
            continue;
        bool usage = catalogue_flag(c, (uint32_t)row, CATALOGUE_USAGE);
        bool readable = usage && catalogue_flag(c, (uint32_t)row, CATALOGUE_READABLE);
        bool hidden = catalogue_flag(c, (uint32_t)row, CATALOGUE_HIDDEN);
        if (readable && !hidden)
            continue;
        buf_puts(why, why->len ? "; " : "");
        struct frame_text role = frame_text(c->frame, (uint32_t)row, CATALOGUE_ROLE);
        if (!readable) {
            queue_grant(why, schema, tables[i].name, usage, role.bytes, c->frame->server_role);
        } else {
            put_plain(why, schema);
            buf_putc(why, '.');
            put_plain(why, tables[i].name);
            buf_puts(why,
                     " hides its rows by row security: connect as its owner or as a role with BYPASSRLS");
        }
    }
    return why->len > 0;
}
