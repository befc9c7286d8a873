/* Tells the kind of a statement. Quotes, comments and parentheses are passed over as PostgreSQL reads them: "Lexical
 * Structure" in its documentation. In a WITH the verb is the first one that stands outside of all parentheses and is not
 * a name, for UPDATE, INSERT and DELETE may be names of what WITH defines. */
#include "model/statement_kind.h"

#include "base/attr.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

struct reader {
    const char *at, *end;
    int depth;                  /* of parentheses */
};

struct word {
    const char *bytes;
    size_t len;                 /* 0: the end of the text */
};

static bool is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* A letter of a name: all bytes of other alphabets count. */
static bool in_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || (c & 0x80);
}

static bool sees(const struct reader *r, const char *what)
{
    size_t len = strlen(what);
    return (size_t)(r->end - r->at) >= len && memcmp(r->at, what, len) == 0;
}

static void pass_line(struct reader *r)
{
    const char *feed = memchr(r->at, '\n', (size_t)(r->end - r->at));
    r->at = feed ? feed + 1 : r->end;
}

/* They may be nested. */
static void pass_comment(struct reader *r)
{
    int depth = 0;
    do {
        bool opens = sees(r, "/*"), closes = sees(r, "*/");
        depth += opens ? 1 : closes ? -1 : 0;
        r->at += opens || closes ? 2 : 1;
    } while (depth > 0 && r->at < r->end);
}

/* A doubled quote is two strings beside each other. escapes: a backslash takes the next byte with it. */
static void pass_quoted(struct reader *r, bool escapes)
{
    char quote = *r->at++;
    while (r->at < r->end && *r->at != quote)
        r->at += escapes && *r->at == '\\' && r->at + 1 < r->end ? 2 : 1;
    r->at += r->at < r->end;
}

/* $tag$ ... $tag$; $1 is a parameter. */
static void pass_dollar(struct reader *r)
{
    const char *tag = r->at++;
    if (r->at < r->end && *r->at >= '0' && *r->at <= '9')
        return;
    while (r->at < r->end && in_word(*r->at))
        r->at++;
    if (r->at == r->end || *r->at != '$')
        return;
    size_t len = (size_t)(++r->at - tag);
    const char *close = memmem(r->at, (size_t)(r->end - r->at), tag, len);
    r->at = close ? close + len : r->end;
}

/* The next word that stands outside of quotes and comments, or a comma; parentheses are counted on the way. */
static struct word next_word(struct reader *r)
{
    while (r->at < r->end) {
        const char *begin = r->at;
        if (in_word(*begin)) {
            while (r->at < r->end && (in_word(*r->at) || *r->at == '$'))
                r->at++;
            bool prefix = r->at - begin == 1 && r->at < r->end && *r->at == '\'';
            if (!prefix)
                return (struct word){begin, (size_t)(r->at - begin)};
            pass_quoted(r, (*begin | 0x20) == 'e');
        } else if (sees(r, "--")) {
            pass_line(r);
        } else if (sees(r, "/*")) {
            pass_comment(r);
        } else if (*begin == '\'') {
            pass_quoted(r, false);
        } else if (*begin == '"') {
            pass_quoted(r, false);
            return (struct word){begin, (size_t)(r->at - begin)};
        } else if (*begin == '$') {
            pass_dollar(r);
        } else {
            r->depth += *begin == '(' ? 1 : *begin == ')' ? -1 : 0;
            r->at++;
            if (*begin == ',')
                return (struct word){begin, 1};
        }
    }
    return (struct word){r->end, 0};
}

static bool is(struct word w, const char *what)
{
    return w.len == strlen(what) && strncasecmp(w.bytes, what, w.len) == 0;
}

static enum statement_kind kind_of_verb(struct word w)
{
    static const struct {
        const char *verb;
        enum statement_kind kind;
    } verbs[] = {{"SELECT", STATEMENT_SELECT}, {"INSERT", STATEMENT_INSERT}, {"UPDATE", STATEMENT_UPDATE},
                 {"DELETE", STATEMENT_DELETE}, {"VALUES", STATEMENT_SELECT}, {"TABLE", STATEMENT_SELECT},
                 {"MERGE", STATEMENT_OTHER}};
    for (size_t i = 0; i < COUNT_OF(verbs); i++)
        if (is(w, verbs[i].verb))
            return verbs[i].kind;
    return STATEMENT_UNKNOWN;
}

/* After these in a WITH comes a name, whatever word it is. */
static bool before_name(struct word w)
{
    static const char *const words[] = {"WITH", "RECURSIVE", ",", "BY", "CYCLE", "SET", "USING"};
    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (is(w, words[i]))
            return true;
    return false;
}

/* depth: of the WITH itself, which may stand in parentheses. */
static enum statement_kind main_verb(struct reader *r, int depth)
{
    bool name = true;
    for (struct word w = next_word(r); w.len > 0; w = next_word(r)) {
        enum statement_kind kind = name ? STATEMENT_UNKNOWN : kind_of_verb(w);
        if (r->depth > depth)
            continue;
        if (kind != STATEMENT_UNKNOWN)
            return kind;
        name = before_name(w);
    }
    return STATEMENT_UNKNOWN;
}

/* What may stand before the first word. */
static void pass_blanks(struct reader *r)
{
    while (r->at < r->end) {
        if (sees(r, "--"))
            pass_line(r);
        else if (sees(r, "/*"))
            pass_comment(r);
        else if (is_blank(*r->at) || *r->at == '(')
            r->depth += *r->at++ == '(';
        else
            return;
    }
}

enum statement_kind statement_kind(const char *text, size_t len)
{
    struct reader r = {text, text + len, 0};
    pass_blanks(&r);
    bool begins = r.at < r.end && (*r.at | 0x20) >= 'a' && (*r.at | 0x20) <= 'z';
    if (!begins)
        return STATEMENT_UNKNOWN;
    struct word first = next_word(&r);
    if (is(first, "WITH"))
        return main_verb(&r, r.depth);
    enum statement_kind kind = kind_of_verb(first);
    return kind == STATEMENT_UNKNOWN ? STATEMENT_OTHER : kind;
}

const char *statement_kind_word(enum statement_kind kind)
{
    static const char *const words[STATEMENT_KIND_COUNT_] = {"unknown", "SELECT", "INSERT", "UPDATE", "DELETE", "other"};
    return words[kind];
}
