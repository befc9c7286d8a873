/* The script: rules read from a file, each a regular expression and an answer. */
#include "tests/fault/script.h"

#include "base/mem.h"

#include <errno.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct rule {
    regex_t regex;
    struct answer answer;
    bool described;     /* its second line was read */
};

struct script {
    size_t n;
    struct rule *rules;
};

static bool add_rule(struct script *s, char *line, struct err *err)
{
    size_t n = strlen(line);
    if (n < 3 || line[n - 1] != '/')
        return err_set(err, "a rule is /regular expression/, this one has no / at its end");
    line[n - 1] = '\0';
    s->rules = mem_resize(s->rules, s->n + 1, sizeof(*s->rules));
    struct rule *rule = &s->rules[s->n];
    memset(rule, 0, sizeof(*rule));
    int code = regcomp(&rule->regex, line + 1, REG_EXTENDED | REG_ICASE | REG_NOSUB);
    if (code) {
        char why[128];
        regerror(code, &rule->regex, why, sizeof(why));
        return err_set(err, "not a regular expression: %s", why);
    }
    s->n++;
    return true;
}

static bool describe(struct rule *rule, char *line, struct err *err)
{
    rule->described = true;
    if (strncmp(line, "tag ", 4) == 0) {
        answer_tag(&rule->answer, line + 4);
        return true;
    }
    if (strncmp(line, "error ", 6) == 0) {
        if (strlen(line) < 13)
            return err_set(err, "an error is \"error SQLSTATE message\"");
        line[11] = '\0';
        answer_error(&rule->answer, line + 6, line + 12);
        return true;
    }
    for (char *rest = line, *item; (item = strsep(&rest, "\t"));) {
        char *colon = strchr(item, ':');
        if (!colon)
            return err_set(err, "a column is name:type, and tabs stand between columns");
        *colon = '\0';
        answer_column(&rule->answer, item, type_oid(colon + 1));
    }
    return true;
}

/* Undoes the escapes in place, returns the length. */
static size_t unescape(char *s)
{
    char *out = s, *start = s;
    for (; *s; s++) {
        if (*s != '\\' || !s[1]) {
            *out++ = *s;
            continue;
        }
        s++;
        unsigned code;
        if (*s == 'x' && sscanf(s + 1, "%2x", &code) == 1) {
            *out++ = (char)code;
            s += 2;
        } else {
            *out++ = *s == 't' ? '\t' : *s == 'n' ? '\n' : *s;
        }
    }
    return (size_t)(out - start);
}

static bool add_row(struct answer *a, char *line, struct err *err)
{
    if (a->kind != ANSWER_ROWS)
        return err_set(err, "rows cannot follow a tag or an error");
    answer_row(a);
    size_t col = 0;
    for (char *rest = line, *item; (item = strsep(&rest, "\t")); col++)
        if (col < a->ncols && strcmp(item, "\\N") != 0)
            answer_set(a, a->nrows - 1, col, item, unescape(item));
    if (col != a->ncols)
        return err_set(err, "the row has fewer or more cells than the rule has columns (%zu)", a->ncols);
    return true;
}

static bool add_line(struct script *s, char *line, bool *open, struct err *err)
{
    struct rule *rule = s->n ? &s->rules[s->n - 1] : NULL;
    if (line[0] == '#' && !*open)
        return true;
    if (!line[0]) {
        *open = false;
        return true;
    }
    if (!*open) {
        *open = true;
        return line[0] == '/' ? add_rule(s, line, err)
                              : err_set(err, "a rule begins with /regular expression/");
    }
    return rule->described ? add_row(&rule->answer, line, err) : describe(rule, line, err);
}

struct script *script_load(const char *path, struct err *err)
{
    FILE *f = fopen(path, "re");
    if (!f) {
        err_set(err, "cannot read %s: %s", path, strerror(errno));
        return NULL;
    }
    struct script *s = mem_new(sizeof(*s));
    char *line = NULL;
    size_t room = 0;
    bool good = true, open = false;
    for (int number = 1; good && getline(&line, &room, f) >= 0; number++) {
        struct err why;
        line[strcspn(line, "\r\n")] = '\0';
        good = add_line(s, line, &open, &why);
        if (!good)
            err_set(err, "%s:%d: %s", path, number, why.text);
    }
    free(line);
    fclose(f);
    if (good)
        return s;
    script_free(s);
    return NULL;
}

const struct answer *script_find(const struct script *s, const char *sql)
{
    for (size_t i = 0; s && i < s->n; i++)
        if (regexec(&s->rules[i].regex, sql, 0, NULL, 0) == 0)
            return &s->rules[i].answer;
    return NULL;
}

void script_free(struct script *s)
{
    for (size_t i = 0; s && i < s->n; i++) {
        regfree(&s->rules[i].regex);
        answer_free(&s->rules[i].answer);
    }
    if (s)
        free(s->rules);
    free(s);
}
