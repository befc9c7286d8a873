/* Questions, by the simple and by the extended protocol, and their answers. */
#include "tests/fault/modes.h"
#include "tests/fault/session.h"

#include "base/mem.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define PARAMS_MAX 64

void session_log(const struct session *s, const char *event, const char *text)
{
    if (!s->options->log)
        return;
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    char clean[161];
    size_t n = 0;
    for (; text[n] && n + 1 < sizeof(clean); n++)
        clean[n] = text[n] < ' ' || text[n] > '~' ? ' ' : text[n];
    clean[n] = '\0';
    fprintf(s->options->log, "%lld %ld %s %s\n", now.tv_sec * 1000LL + now.tv_nsec / 1000000, s->number,
            event, clean);
    fflush(s->options->log);
}

bool session_sick(const struct session *s)
{
    const struct options *o = s->options;
    return s->shared->sick && (!o->first || s->number <= o->first) && s->asked >= o->after;
}

void session_ready(struct session *s)
{
    link_begin(&s->link, 'Z');
    link_int8(&s->link, s->transaction);
    link_end(&s->link);
    link_flush(&s->link);
}

/* ---- prepared statements ---- */

static struct prepared *find_prepared(struct session *s, const char *name)
{
    for (size_t i = 0; i < s->nprepared; i++)
        if (strcmp(s->prepared[i].name, name) == 0)
            return &s->prepared[i];
    return NULL;
}

static void drop_prepared(struct session *s, const char *name)
{
    struct prepared *p = find_prepared(s, name);
    if (!p)
        return;
    free(p->name);
    free(p->sql);
    free(p->types);
    *p = s->prepared[--s->nprepared];
}

/* The largest $n in the text. */
static int count_params(const char *sql)
{
    int most = 0;
    for (const char *at = sql; (at = strchr(at, '$')); at++) {
        int n = isdigit((unsigned char)at[1]) ? atoi(at + 1) : 0;
        most = n > most && n <= PARAMS_MAX ? n : most;
    }
    return most;
}

/* ---- finding an answer ---- */

static void follow_transaction(struct session *s, const struct answer *a)
{
    if (a->kind != ANSWER_TAG)
        return;
    if (strcmp(a->tag, "BEGIN") == 0 || strcmp(a->tag, "START") == 0)
        s->transaction = 'T';
    else if (strcmp(a->tag, "COMMIT") == 0 || strcmp(a->tag, "ROLLBACK") == 0 || strcmp(a->tag, "END") == 0)
        s->transaction = 'I';
}

static void made_up(struct session *s, const char *sql, struct answer *a)
{
    const struct answer *scripted = script_find(s->options->script, sql);
    const struct guess_facts facts = {s->options->version, s->user, s->database, (int)getpid()};
    if (scripted)
        answer_copy(a, scripted);
    else
        answer_guess(a, &facts, sql);
    follow_transaction(s, a);
}

static bool to_upstream(const struct session *s, const char *sql)
{
    return s->upstream && !script_find(s->options->script, sql);
}

/* Is this answer to be spoilt? Then its shape is, before anything of it is told. */
static bool spoil(struct session *s, struct answer *a)
{
    const struct mode *mode = s->options->mode;
    bool sick = session_sick(s) && (mode->shape || mode->act) && (a->kind == ANSWER_ROWS || s->options->all);
    if (sick && mode->shape)
        mode->shape(s, a);
    return sick;
}

/* Rows and end of an answer whose columns were told; the mode may do as it likes. */
static void tell(struct session *s, struct answer *a, bool sick)
{
    if (a->kind == ANSWER_ROWS)
        s->asked++;
    s->skipping = a->kind == ANSWER_ERROR;
    if (sick && s->options->mode->act)
        s->options->mode->act(s, a);
    else
        answer_send_rows(a, &s->link);
}

/* ---- the simple protocol ---- */

/* The end of the first statement: its semicolon, or the end of the text. */
static const char *statement_end(const char *s)
{
    for (; *s && *s != ';'; s++) {
        if (*s != '\'' && *s != '"')
            continue;
        const char *close = strchr(s + 1, *s);
        s = close ? close : s + strlen(s) - 1;
    }
    return s;
}

static void simple_statement(struct session *s, const char *sql)
{
    struct answer a = {0};
    session_log(s, "query", sql);
    if (to_upstream(s, sql))
        upstream_simple(s, sql, &a);
    else
        made_up(s, sql, &a);
    bool sick = spoil(s, &a);
    if (a.kind == ANSWER_ROWS)
        answer_send_columns(&a, &s->link);
    tell(s, &a, sick);
    answer_free(&a);
}

static bool blank(const char *s)
{
    return s[strspn(s, " \t\r\n;")] == '\0';
}

static void simple_query(struct session *s, const char *text)
{
    if (blank(text)) {
        simple_statement(s, "");
        session_ready(s);
        return;
    }
    s->skipping = false;
    while (!blank(text) && !s->skipping) {
        const char *end = statement_end(text);
        char *sql = mem_bytes(text, (size_t)(end - text));
        if (!blank(sql))
            simple_statement(s, sql);
        free(sql);
        text = *end ? end + 1 : end;
    }
    s->skipping = false;
    session_ready(s);
}

/* ---- the extended protocol ---- */

/* Reads a message's parts; what is missing reads as zero. */
struct reader {
    const char *at, *end;
};

static const char *read_string(struct reader *r)
{
    const char *s = r->at, *zero = s < r->end ? memchr(s, 0, (size_t)(r->end - s)) : NULL;
    r->at = zero ? zero + 1 : r->end;
    return zero ? s : "";
}

static int read_int16(struct reader *r)
{
    uint16_t net = 0;
    if (r->end - r->at >= 2)
        memcpy(&net, r->at, 2);
    r->at += r->end - r->at >= 2 ? 2 : r->end - r->at;
    return (int16_t)ntohs(net);
}

static int32_t read_int32(struct reader *r)
{
    uint32_t net = 0;
    if (r->end - r->at >= 4)
        memcpy(&net, r->at, 4);
    r->at += r->end - r->at >= 4 ? 4 : r->end - r->at;
    return (int32_t)ntohl(net);
}

static void done(struct session *s, char type)
{
    link_begin(&s->link, type);
    link_end(&s->link);
}

static void fail(struct session *s, const char *sqlstate, const char *text)
{
    error_send(&s->link, "ERROR", sqlstate, text, NULL);
    s->skipping = true;
}

static void on_parse(struct session *s, struct reader r)
{
    const char *name = read_string(&r), *sql = read_string(&r);
    drop_prepared(s, name);
    s->prepared = mem_resize(s->prepared, s->nprepared + 1, sizeof(*s->prepared));
    struct prepared *p = &s->prepared[s->nprepared++];
    *p = (struct prepared){mem_string(name), mem_string(sql), count_params(sql),
                           mem_array(PARAMS_MAX, sizeof(unsigned))};
    int told = read_int16(&r);
    for (int i = 0; i < told && i < PARAMS_MAX; i++)
        p->types[i] = (unsigned)read_int32(&r);
    session_log(s, "parse", sql);
    struct answer error = {0};
    if (to_upstream(s, sql) && !upstream_prepare(s, p, &error)) {
        fail(s, error.sqlstate, error.message);
        drop_prepared(s, name);
    } else {
        done(s, '1');
    }
    answer_free(&error);
}

/* The parameters' values in their formats, then the answer; it waits in the portal for Describe and Execute.
 */
static void on_bind(struct session *s, struct reader r)
{
    read_string(&r);
    struct prepared *p = find_prepared(s, read_string(&r));
    if (!p) {
        fail(s, "26000", "prepared statement does not exist");
        return;
    }
    int formats[PARAMS_MAX] = {0}, lengths[PARAMS_MAX] = {0}, nformats = read_int16(&r);
    const char *values[PARAMS_MAX] = {NULL};
    for (int i = 0; i < nformats && i < PARAMS_MAX; i++)
        formats[i] = read_int16(&r);
    char *copies[PARAMS_MAX] = {NULL};
    int nvalues = read_int16(&r);
    for (int i = 0; i < nvalues && i < PARAMS_MAX; i++) {
        lengths[i] = read_int32(&r);
        if (nformats == 1)
            formats[i] = formats[0];
        if (lengths[i] < 0 || lengths[i] > r.end - r.at)
            continue;
        values[i] = copies[i] = mem_bytes(r.at, (size_t)lengths[i]);
        r.at += lengths[i];
    }
    answer_free(&s->portal);
    if (to_upstream(s, p->sql))
        upstream_execute(s, p, values, lengths, formats, &s->portal);
    else
        made_up(s, p->sql, &s->portal);
    for (int i = 0; i < PARAMS_MAX; i++)
        free(copies[i]);
    session_log(s, "bind", p->sql);
    s->portal_sick = spoil(s, &s->portal);
    done(s, '2');
}

static void describe_statement(struct session *s, const char *name)
{
    struct prepared *p = find_prepared(s, name);
    if (!p) {
        fail(s, "26000", "prepared statement does not exist");
        return;
    }
    struct answer a = {0};
    if (to_upstream(s, p->sql))
        upstream_describe(s, p, &a);
    else
        made_up(s, p->sql, &a);
    spoil(s, &a);
    link_begin(&s->link, 't');
    link_int16(&s->link, p->nparams);
    for (int i = 0; i < p->nparams; i++)
        link_int32(&s->link, p->types[i] ? p->types[i] : 25);
    link_end(&s->link);
    answer_send_columns(&a, &s->link);
    answer_free(&a);
}

static void on_describe(struct session *s, struct reader r)
{
    char what = r.at < r.end ? *r.at++ : 0;
    if (what == 'S')
        describe_statement(s, read_string(&r));
    else if (s->portal.kind != ANSWER_ERROR)
        answer_send_columns(&s->portal, &s->link);
    /* an error is told at Execute; until then the portal has no shape */
}

static void on_close(struct session *s, struct reader r)
{
    if (r.at < r.end && *r.at++ == 'S')
        drop_prepared(s, read_string(&r));
    done(s, '3');
}

static void extended(struct session *s, char type, struct reader r)
{
    switch (type) {
    case 'P':
        on_parse(s, r);
        break;
    case 'B':
        on_bind(s, r);
        break;
    case 'D':
        on_describe(s, r);
        break;
    case 'E':
        tell(s, &s->portal, s->portal_sick);
        break;
    case 'C':
        on_close(s, r);
        break;
    default:
        fail(s, "08P01", "this message is not known here");
        break;
    }
}

NORETURN void session_serve(struct session *s)
{
    struct buf body = {0};
    for (;;) {
        char type = link_read(&s->link, true, &body);
        struct reader r = {buf_text(&body), buf_text(&body) + body.len};
        switch (type) {
        case 'X':
            session_log(s, "bye", "");
            link_close(&s->link);
        case 'Q':
            simple_query(s, read_string(&r));
            break;
        case 'S':
            s->skipping = false;
            session_ready(s);
            break;
        case 'H':
            link_flush(&s->link);
            break;
        case 'd': case 'c': case 'f':       /* COPY's, from a client that believed us */
            break;
        default:
            if (!s->skipping)
                extended(s, type, r);
            break;
        }
    }
}
