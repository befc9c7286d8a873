/* An answer made up from the text of a question: enough of SQL to find the outermost select list. */
#include "tests/fault/answer.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <strings.h>

#define NAME_MAX_BYTES 64

static bool word_char(char c)
{
    return isalnum((unsigned char)c) || c == '_' || c == '$';
}

/* Where to go on after s: over a quoted string, a quoted name, a comment or one character. */
static const char *step(const char *s)
{
    if (*s == '\'' || *s == '"') {
        const char *end = strchr(s + 1, *s);
        return end ? end + 1 : s + strlen(s);
    }
    if (strncmp(s, "--", 2) == 0)
        return s + strcspn(s, "\n");
    if (strncmp(s, "/*", 2) == 0) {
        const char *end = strstr(s + 2, "*/");
        return end ? end + 2 : s + strlen(s);
    }
    return s + 1;
}

/* The first place from s to end, outside of quotes and parentheses, where the word stands; end if none. */
static const char *find_word(const char *s, const char *end, const char *word)
{
    int depth = 0;
    size_t n = strlen(word);
    for (const char *start = s; s < end; s = step(s)) {
        depth += (*s == '(') - (*s == ')');
        if (depth == 0 && strncasecmp(s, word, n) == 0 && (s == start || !word_char(s[-1])) &&
            !word_char(s[n]))
            return s;
    }
    return end;
}

static const char *find_comma(const char *s, const char *end)
{
    int depth = 0;
    for (; s < end; s = step(s)) {
        depth += (*s == '(' || *s == '[') - (*s == ')' || *s == ']');
        if (depth == 0 && *s == ',')
            return s;
    }
    return end;
}

static const char *trim_end(const char *s, const char *end)
{
    while (end > s && isspace((unsigned char)end[-1]))
        end--;
    return end;
}

/* Copies the word (or "quoted name") that ends at end; returns where it starts. */
static const char *word_before(const char *s, const char *end, char *out)
{
    const char *start = end = trim_end(s, end);
    bool quoted = end > s && end[-1] == '"';
    if (quoted)
        end--;
    for (start = end; start > s && (quoted ? start[-1] != '"' : word_char(start[-1]));)
        start--;
    size_t n = (size_t)(end - start);
    snprintf(out, NAME_MAX_BYTES, "%.*s", (int)(n < NAME_MAX_BYTES ? n : NAME_MAX_BYTES - 1), start);
    return quoted && start > s ? start - 1 : start;
}

static unsigned type_by_name(const char *name)
{
    static const struct {
        const char *part, *type;
    } parts[] = {
        {"blocked_by", "text"}, {"pid", "int4"},   {"_start", "timestamptz"}, {"_at", "timestamptz"},
        {"count", "int8"},      {"bytes", "int8"}, {"size", "int8"},          {"_lsn", "pg_lsn"},
        {"is_", "bool"},        {"age", "int8"},   {"_id", "int8"},           {"has_", "bool"},
        {"identifier", "int8"},
    };
    for (size_t i = 0; i < COUNT_OF(parts); i++)
        if (strstr(name, parts[i].part))
            return type_oid(parts[i].type);
    return 25;
}

/* What a client asks for before it trusts a server. */
static void known_value(const struct guess_facts *facts, const char *s, const char *end, char *out,
                        size_t size)
{
    static const struct {
        const char *part, *value;
    } known[] = {
        {"is_superuser", "off"}, {"pg_has_role", "t"}, {"system_identifier", "7000000000000000001"},
        {"postmaster_start_time", "1767225600000000"}, {"extname", "plpgsql"}, {"extversion", "1.0"},
        {"nspname", "pg_catalog"}, {"is_in_recovery", "f"}, {"server_encoding", "UTF8"},
    };
    char expr[400];
    size_t n = (size_t)(end - s);
    snprintf(expr, sizeof(expr), "%.*s", (int)(n < sizeof(expr) ? n : sizeof(expr) - 1), s);
    int major = atoi(facts->version),
        minor = strchr(facts->version, '.') ? atoi(strchr(facts->version, '.') + 1) : 0;
    if (strstr(expr, "server_version_num"))
        snprintf(out, size, "%d", major * 10000 + minor);
    else if (strstr(expr, "server_version"))
        snprintf(out, size, "%s", facts->version);
    else if (strstr(expr, "current_user") || strstr(expr, "session_user"))
        snprintf(out, size, "%s", facts->user);
    else if (strstr(expr, "current_database"))
        snprintf(out, size, "%s", facts->database);
    else if (strstr(expr, "pg_backend_pid"))
        snprintf(out, size, "%d", facts->pid);
    else if (strstr(expr, "'epoch', pg_catalog.clock_timestamp()"))
        snprintf(out, size, "%lld000000", (long long)time(NULL));
    for (size_t i = 0; i < COUNT_OF(known) && !out[0]; i++)
        if (strstr(expr, known[i].part))
            snprintf(out, size, "%s", known[i].value);
}

/* One item of the list: "expr", "expr AS name", "expr::type name", "schema.table.name", "function(..)". */
static void guess_column(struct answer *a, const char *s, const char *end)
{
    char name[NAME_MAX_BYTES], type[NAME_MAX_BYTES] = "", maybe[NAME_MAX_BYTES];
    end = trim_end(s, end);
    const char *as = find_word(s, end, "as");
    word_before(s, end, name);
    const char *expr_end = trim_end(s, as);
    if (as == end && expr_end > s && expr_end[-1] == ')') {     /* f(..) is called f */
        const char *open = s;
        while (open < end && *open != '(')
            open++;
        word_before(s, open, name);
    }
    const char *start = word_before(s, expr_end, maybe);
    if (start - s >= 2 && start[-1] == ':' && start[-2] == ':') {
        snprintf(type, sizeof(type), "%s", maybe);
        if (as == end)
            word_before(s, start - 2, name);
    }
    answer_column(a, name[0] ? name : "?column?", type[0] ? type_oid(type) : type_by_name(name));
}

static void guess_rows(struct answer *a, const struct guess_facts *facts, const char *sql)
{
    static const size_t most = 400;
    const char *end = sql + strlen(sql), *list = find_word(sql, end, "select"), *items = list;
    if (list < end) {
        items = list += strlen("select");
        end = find_word(list, end, "from");
    }
    for (; list < end && a->ncols < most; list++) {
        const char *comma = find_comma(list, end);
        guess_column(a, list, comma);
        list = comma;
    }
    if (!a->ncols)
        answer_column(a, "?column?", 25);
    answer_row(a);
    for (size_t i = 0; i < a->ncols; i++) {
        const char *comma = find_comma(items, end);
        char value[100] = "";
        known_value(facts, items, comma, value, sizeof(value));
        const char *say = value[0] ? value : type_example(a->cols[i].oid);
        answer_set(a, 0, i, say, strlen(say));
        items = comma < end ? comma + 1 : end;
    }
}

void answer_guess(struct answer *a, const struct guess_facts *facts, const char *sql)
{
    static const char *const rows[] = {"select", "with", "values", "table", "show", "explain"};
    const char *s = sql;
    while (*s &&
           (isspace((unsigned char)*s) || *s == '(' || strncmp(s, "--", 2) == 0 || strncmp(s, "/*", 2) == 0))
        s = step(s);
    char word[32];
    size_t n = strcspn(s, " \t\r\n;(");
    snprintf(word, sizeof(word), "%.*s", n < sizeof(word) ? (int)n : (int)sizeof(word) - 1, s);
    for (char *c = word; *c; c++)
        *c = (char)toupper((unsigned char)*c);
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (strcasecmp(word, rows[i]) == 0) {
            guess_rows(a, facts, s);
            return;
        }
    answer_tag(a, word);
    if (!word[0])
        a->kind = ANSWER_EMPTY;
}
