/* The watcher: one connection, one question at a time, one answer for each. It has no timers of its own: its
 * parent kills it when it is late, and one process lives for one connection. */
#include "base/mem.h"
#include "pg/ask.h"
#include "pg/session.h"
#include "worker/pipe.h"

#include <malloc.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SCHEMAS_MAX  256
#define MEMORY_BYTES (256u << 20)
#define KEEP_BYTES   (256u << 10)       /* of the answer buffer between two questions */

struct watcher {
    struct wire_stream in;
    struct buf out;
    struct session session;
    struct schema *schemas[SCHEMAS_MAX];
    struct connect_to to;
    enum wire_phase phase;
    ino_t socket;                       /* inode of the socket that the parent was given */
    bool told;                          /* a phase has been told */
};

static void tell_phase(void *arg, enum wire_phase phase, int fd)
{
    struct watcher *w = arg;
    struct stat st = {0};
    bool fresh = fd >= 0 && fstat(fd, &st) == 0 && st.st_ino != w->socket;
    if (w->told && phase == w->phase && !fresh)
        return;
    w->told = true;
    w->phase = phase;
    if (fresh)
        w->socket = st.st_ino;
    size_t mark = wire_begin(&w->out, WIRE_PHASE);
    wire_put_uint(&w->out, phase);
    wire_end(&w->out, mark);
    pipe_send(&w->out, fresh ? fd : -1);
}

static void say(struct watcher *w, enum wire_type type, const char *sqlstate, const char *words)
{
    size_t mark = wire_begin(&w->out, type);
    wire_put_string(&w->out, sqlstate);
    wire_put_string(&w->out, words);
    wire_end(&w->out, mark);
    pipe_send(&w->out, -1);
}

/* False: the conninfo makes no sense. */
static bool tell_where(struct watcher *w)
{
    struct buf where = {0};
    char fault[256];
    bool wrong = session_fault(&w->to, fault, sizeof(fault));
    if (!wrong)                         /* what is wrong may be a password in another's place */
        session_where(&w->to, &where);
    say(w, WIRE_WHERE, wrong ? fault : NULL, buf_text(&where));
    if (wrong)
        say(w, WIRE_REFUSED, NULL, fault);
    buf_free(&where);
    return !wrong;
}

/* Connects, or says why not. Without a connection there is nothing left to do but wait for a password. */
static void connect_session(struct watcher *w, const char *password)
{
    struct refusal r;
    if (session_open(&w->session, &w->to, password, tell_phase, w, &r)) {
        wire_put_facts(&w->out, &w->session.facts);
        pipe_send(&w->out, -1);
    } else if (r.needs_password) {
        w->socket = 0;
        say(w, WIRE_NEED_PASSWORD, r.sqlstate, r.words);
    } else {
        say(w, WIRE_REFUSED, r.sqlstate, r.words);
        _exit(0);
    }
}

static void start(struct watcher *w, const struct wire_message *m)
{
    struct wire_body b = wire_body(m);
    if (w->to.conninfo)
        _exit(1);
    w->to = (struct connect_to){wire_string(&b), wire_string(&b), wire_string(&b), wire_string(&b), NULL};
    char *password = wire_string(&b), *weak = wire_string(&b);
    w->to.peers = wire_string(&b);
    if (!wire_done(&b) || !w->to.conninfo)
        _exit(1);
    if (weak)
        setenv("PGPASSWORD", weak, 1);      /* libpq's own place for it; /proc shows the environment of the start */
    session_isolate(&w->to);
    if (!tell_where(w) || m->type == WIRE_JUDGE)
        _exit(0);
    connect_session(w, password);
    mem_forget(password);
    mem_forget(weak);
}

static void use_password(struct watcher *w, const struct wire_message *m)
{
    struct wire_body b = wire_body(m);
    char *password = wire_string(&b);
    if (!wire_done(&b) || !password || !w->to.conninfo || w->session.conn)
        _exit(1);
    connect_session(w, password);
    mem_forget(password);
}

static void learn_schema(struct watcher *w, const struct wire_message *m)
{
    unsigned number;
    struct schema *s = wire_get_schema(m, &number);
    if (!s || number >= SCHEMAS_MAX)
        _exit(1);
    schema_free(w->schemas[number]);
    w->schemas[number] = s;
}

static void end_if_lost(struct watcher *w)
{
    if (w->session.conn && PQstatus(w->session.conn) == CONNECTION_OK)
        return;
    const struct refusal *end = &w->session.farewell;
    char words[256] = "the connection was lost";
    if (w->session.conn)
        session_words(PQerrorMessage(w->session.conn), words, sizeof(words));
    say(w, WIRE_REFUSED, end->words[0] ? end->sqlstate : NULL, end->words[0] ? end->words : words);
    _exit(0);
}

/* Nobody here listens, but libpq keeps what comes until it is asked for. */
static void forget_notifications(struct watcher *w)
{
    PGnotify *n;
    while ((n = PQnotifies(w->session.conn)) != NULL)
        PQfreemem(n);
}

static void answer(struct watcher *w, const struct wire_message *m)
{
    struct question q;
    if (!wire_get_question(m, &q))
        _exit(1);
    if (q.schema >= SCHEMAS_MAX || !w->schemas[q.schema] || !w->session.conn)
        _exit(1);
    ask(&w->session, &q, w->schemas[q.schema], &w->out);
    free(q.sql);
    free(q.parameter);
    pipe_send(&w->out, -1);
    if (w->out.room > KEEP_BYTES) {
        buf_free(&w->out);
        malloc_trim(0);
    }
    end_if_lost(w);
    forget_notifications(w);
}

static void learn(struct watcher *w)
{
    struct refusal r = {0};
    if (!w->session.conn)
        _exit(1);
    if (session_learn(&w->session, &r)) {
        wire_put_facts(&w->out, &w->session.facts);
        pipe_send(&w->out, -1);
    } else {
        say(w, WIRE_REFUSED, r.sqlstate, r.words);
        _exit(0);
    }
}

static void obey(struct watcher *w, const struct wire_message *m)
{
    switch (m->type) {
    case WIRE_START:
    case WIRE_JUDGE:
        start(w, m);
        break;
    case WIRE_PASSWORD:
        use_password(w, m);
        break;
    case WIRE_SCHEMA:
        learn_schema(w, m);
        break;
    case WIRE_ASK:
        answer(w, m);
        break;
    case WIRE_LEARN:
        learn(w);
        break;
    default:
        _exit(1);
    }
}

/* Waits for the parent, and meanwhile notices when the server hangs up. */
static void wait_for_work(struct watcher *w)
{
    struct pollfd p[2] = {{.fd = WORKER_FD, .events = POLLIN},
                          {.fd = w->session.conn ? PQsocket(w->session.conn) : -1, .events = POLLIN}};
    if (poll(p, 2, -1) < 0)
        return;
    if (p[0].revents) {
        if (!pipe_receive(&w->in)) {
            session_close(&w->session);     /* says goodbye: the server counts others as abandoned sessions */
            exit(0);
        }
    } else if (p[1].revents) {
        PQconsumeInput(w->session.conn);
        end_if_lost(w);
        forget_notifications(w);
    }
}

int main(void)
{
    static struct watcher w;
    struct wire_message m;
    pipe_confine(MEMORY_BYTES);
    wire_open(&w.out);
    pipe_send(&w.out, -1);
    for (;;) {
        while (wire_next(&w.in, &m))
            obey(&w, &m);
        if (w.in.broken)
            _exit(1);
        wait_for_work(&w);
    }
}
