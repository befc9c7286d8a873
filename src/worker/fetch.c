/* The fetcher: asks an application for its pools by HTTP, and answers as a watcher does. One URL, one question at a
 * time. What the application sends is as hostile as a server: nothing is followed, nothing but http and https is
 * spoken, sizes and times have their caps, and the parent kills what is late all the same. */
#include "base/clock.h"
#include "base/mem.h"
#include "wire/frames.h"
#include "worker/app.h"
#include "worker/pipe.h"

#include <curl/curl.h>
#include <malloc.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define SCHEMAS_MAX   256
#define MEMORY_BYTES  (256u << 20)
#define BODY_MAX      (1u << 20)
#define HEADERS_MAX   (64u << 10)
#define TIMEOUT_MS    1800L         /* below the parent's 2 s: then the answer says what there was */
#define KEEP_BYTES    (64u << 10)   /* of a body between two questions */

struct fetcher {
    struct wire_stream in;
    struct buf out, body;
    size_t headers;                 /* bytes of them so far */
    CURL *curl;
    char *where;                    /* the URL without user, password, query and fragment; NULL: not started */
    char *host, *port, *tls;
    struct schema *schemas[SCHEMAS_MAX];
    struct app_answer answer;
    char reason[CURL_ERROR_SIZE];   /* libcurl's own words, with times in them: for TLS alone */
    char words[256];                /* why the newest fetch failed; empty: it did not */
};

/* ---- the transfer ---- */

static size_t take_body(char *bytes, size_t size, size_t n, void *arg)
{
    struct fetcher *f = arg;
    if (f->body.len + size * n > BODY_MAX)
        return 0;
    buf_add(&f->body, bytes, size * n);
    return size * n;
}

static size_t take_header(char *bytes, size_t size, size_t n, void *arg)
{
    struct fetcher *f = arg;
    (void)bytes;
    f->headers += size * n;
    return f->headers > HEADERS_MAX ? 0 : size * n;
}

static enum frame_status fail(struct fetcher *f, CURLcode code)
{
    bool timeout = code == CURLE_OPERATION_TIMEDOUT;
    bool tls = code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CONNECT_ERROR ||
               code == CURLE_SSL_CACERT_BADFILE;
    if (code == CURLE_WRITE_ERROR || code == CURLE_FILESIZE_EXCEEDED)
        snprintf(f->words, sizeof(f->words), "the application's answer is too large: more than %u kB",
                 (f->headers > HEADERS_MAX ? HEADERS_MAX : BODY_MAX) >> 10);
    else if (timeout)
        snprintf(f->words, sizeof(f->words), "the application did not answer within %.1f s", TIMEOUT_MS / 1000.0);
    else if (code == CURLE_UNSUPPORTED_PROTOCOL || code == CURLE_WEIRD_SERVER_REPLY)
        snprintf(f->words, sizeof(f->words), "what answers there does not speak HTTP");
    else
        snprintf(f->words, sizeof(f->words), "%s", tls && f->reason[0] ? f->reason : curl_easy_strerror(code));
    return timeout ? FRAME_TIMEOUT : FRAME_LOST;
}

static enum frame_status judge_status(struct fetcher *f, long status)
{
    if (status >= 300 && status < 400)
        snprintf(f->words, sizeof(f->words), "the application sends us to another address (HTTP %ld), which is not "
                                             "followed: name that one as the url", status);
    else
        snprintf(f->words, sizeof(f->words), "the application answers with HTTP status %ld", status);
    return FRAME_FAILED;
}

/* Fills in the answer, or words and the status that says which kind of failure it was. */
static enum frame_status fetch(struct fetcher *f)
{
    long status = 0;
    buf_clear(&f->body);
    f->headers = 0;
    f->words[0] = f->reason[0] = '\0';
    CURLcode code = curl_easy_perform(f->curl);
    if (code != CURLE_OK)
        return fail(f, code);
    curl_easy_getinfo(f->curl, CURLINFO_RESPONSE_CODE, &status);
    if (status != 200)
        return judge_status(f, status);
    if (!app_read(&f->answer, buf_text(&f->body), f->body.len)) {
        snprintf(f->words, sizeof(f->words), "%s", f->answer.fault);
        return FRAME_FAILED;
    }
    return FRAME_OK;
}

/* ---- what is told ---- */

static void say(struct fetcher *f, enum wire_type type, const char *first, const char *words)
{
    size_t mark = wire_begin(&f->out, type);
    wire_put_string(&f->out, first);
    wire_put_string(&f->out, words);
    wire_end(&f->out, mark);
    pipe_send(&f->out, -1);
}

static void tell_phase(struct fetcher *f, enum wire_phase phase)
{
    size_t mark = wire_begin(&f->out, WIRE_PHASE);
    wire_put_uint(&f->out, phase);
    wire_end(&f->out, mark);
    pipe_send(&f->out, -1);
}

static void tell_facts(struct fetcher *f)
{
    enum trust trust = f->tls ? TRUST_VERIFIED : host_is_local(f->host) ? TRUST_LOCAL : TRUST_CLEAR;
    struct facts facts = {.kind = TARGET_APP, .host = f->host, .port = f->port, .tls = f->tls, .trust = trust,
                          .version_text = (char *)(f->answer.form == APP_JSON ? "JSON" : "Prometheus")};
    wire_put_facts(&f->out, &facts);
    pipe_send(&f->out, -1);
}

static void put_row(struct wire_frame *frame, const struct schema *s, const struct app_pool *p)
{
    wire_frame_row(frame);
    for (int i = 0; i < s->ncolumns; i++) {
        int v = 0;
        while (v < APP_VALUE_COUNT_ && strcmp(s->columns[i].name, app_value_names[v]) != 0)
            v++;
        double value = v < APP_VALUE_COUNT_ ? p->values[v] : NAN;
        if (s->columns[i].type == TYPE_TEXT && strcmp(s->columns[i].name, "pool") == 0)
            wire_frame_text(frame, p->name, strlen(p->name));
        else if (isnan(value) || (s->columns[i].type != TYPE_INT && s->columns[i].type != TYPE_REAL))
            wire_frame_null(frame);
        else if (s->columns[i].type == TYPE_INT)
            wire_frame_int(frame, (int64_t)value);
        else
            wire_frame_real(frame, value);
    }
}

static void answer(struct fetcher *f, const struct wire_message *m)
{
    struct question q;
    struct wire_frame frame;
    if (!wire_get_question(m, &q) || q.schema >= SCHEMAS_MAX || !f->schemas[q.schema] || !f->where)
        _exit(1);
    int64_t taken = clock_boot_us(), wall = clock_wall_us();
    enum frame_status status = fetch(f);
    wire_frame_begin(&frame, &f->out, q.id, f->schemas[q.schema]);
    for (unsigned i = 0; status == FRAME_OK && i < f->answer.n && i < q.max_rows; i++)
        put_row(&frame, f->schemas[q.schema], &f->answer.pools[i]);
    wire_frame_end(&frame, &(struct frame_head){
        .status = status, .note = f->words[0] ? f->words : NULL, .taken_us = taken, .wall_us = wall,
        .cost_us = clock_boot_us() - taken, .nfound = status == FRAME_OK ? f->answer.found : 0});
    pipe_send(&f->out, -1);
    free(q.sql);
    free(q.parameter);
    if (status != FRAME_OK) {
        say(f, WIRE_REFUSED, NULL, f->words);       /* as with a server: what gives no answer is down */
        _exit(0);
    }
    if (f->body.room > KEEP_BYTES) {
        buf_free(&f->body);
        malloc_trim(0);
    }
}

/* ---- the URL ---- */

static char *part(CURLU *url, CURLUPart which, unsigned flags)
{
    char *text = NULL;
    char *copy = curl_url_get(url, which, &text, flags) == CURLUE_OK ? mem_string(text) : NULL;
    curl_free(text);
    return copy;
}

/* The URL as it may be shown. False: it makes no sense, and words say why. */
static bool understand(struct fetcher *f, const char *text)
{
    static const CURLUPart secrets[] = {CURLUPART_USER, CURLUPART_PASSWORD, CURLUPART_OPTIONS, CURLUPART_QUERY,
                                        CURLUPART_FRAGMENT};
    CURLU *url = curl_url();
    CURLUcode code = curl_url_set(url, CURLUPART_URL, text, 0);
    char *scheme = code == CURLUE_OK ? part(url, CURLUPART_SCHEME, 0) : NULL;
    bool tls = scheme && strcmp(scheme, "https") == 0, ok = tls || (scheme && strcmp(scheme, "http") == 0);
    if (code != CURLUE_OK)
        snprintf(f->words, sizeof(f->words), "%s", curl_url_strerror(code));
    else if (!ok)
        snprintf(f->words, sizeof(f->words), "only http and https are spoken");
    for (size_t i = 0; ok && i < COUNT_OF(secrets); i++)
        curl_url_set(url, secrets[i], NULL, 0);
    f->where = ok ? part(url, CURLUPART_URL, 0) : mem_string("");
    f->host = ok ? part(url, CURLUPART_HOST, 0) : NULL;
    f->port = ok ? part(url, CURLUPART_PORT, CURLU_DEFAULT_PORT) : NULL;
    f->tls = tls ? mem_string("https") : NULL;
    free(scheme);
    curl_url_cleanup(url);
    return ok;
}

static void set_up(struct fetcher *f, const char *url, const char *ca)
{
    CURL *c = curl_easy_init();
    f->curl = c;
    if (!c)
        _exit(1);
    CURLcode code = curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
    code = code ? code : curl_easy_setopt(c, CURLOPT_URL, url);
    if (ca) {
        code = code ? code : curl_easy_setopt(c, CURLOPT_CAINFO, ca);
        code = code ? code : curl_easy_setopt(c, CURLOPT_CAPATH, NULL);    /* these alone */
    }
    code = code ? code : curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L);
    code = code ? code : curl_easy_setopt(c, CURLOPT_PROXY, "");       /* whatever the environment says */
    code = code ? code : curl_easy_setopt(c, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    code = code ? code : curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
    code = code ? code : curl_easy_setopt(c, CURLOPT_QUICK_EXIT, 1L);  /* waits for no look-up that hangs */
    code = code ? code : curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, TIMEOUT_MS);
    code = code ? code : curl_easy_setopt(c, CURLOPT_MAXFILESIZE, (long)BODY_MAX);
    code = code ? code : curl_easy_setopt(c, CURLOPT_BUFFERSIZE, 16384L);
    code = code ? code : curl_easy_setopt(c, CURLOPT_USERAGENT, "pgvigil");
    code = code ? code : curl_easy_setopt(c, CURLOPT_ERRORBUFFER, f->reason);
    code = code ? code : curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, take_body);
    code = code ? code : curl_easy_setopt(c, CURLOPT_WRITEDATA, f);
    code = code ? code : curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, take_header);
    code = code ? code : curl_easy_setopt(c, CURLOPT_HEADERDATA, f);
    if (code != CURLE_OK)
        _exit(1);
}

/* ---- the parent's wishes ---- */

static void start(struct fetcher *f, const struct wire_message *m)
{
    struct wire_body b = wire_body(m);
    if (f->where)
        _exit(1);
    char *url = wire_string(&b), *ca = wire_string(&b);
    if (!wire_done(&b) || !url)
        _exit(1);
    bool ok = understand(f, url);
    say(f, WIRE_WHERE, ok ? NULL : f->words, f->where);
    if (!ok)
        say(f, WIRE_REFUSED, NULL, f->words);
    if (!ok || m->type == WIRE_JUDGE)
        _exit(0);
    set_up(f, url, ca);
    free(ca);
    mem_wipe(url, strlen(url));
    free(url);
    tell_phase(f, WIRE_CONNECT);
    if (fetch(f) == FRAME_OK) {
        tell_facts(f);
        return;
    }
    say(f, WIRE_REFUSED, NULL, f->words);
    _exit(0);
}

static void learn_schema(struct fetcher *f, const struct wire_message *m)
{
    unsigned number;
    struct schema *s = wire_get_schema(m, &number);
    if (!s || number >= SCHEMAS_MAX)
        _exit(1);
    schema_free(f->schemas[number]);
    f->schemas[number] = s;
}

static void obey(struct fetcher *f, const struct wire_message *m)
{
    switch (m->type) {
    case WIRE_START:
    case WIRE_JUDGE:
        start(f, m);
        break;
    case WIRE_SCHEMA:
        learn_schema(f, m);
        break;
    case WIRE_ASK:
        answer(f, m);
        break;
    case WIRE_LEARN:
        if (!f->where)
            _exit(1);
        tell_facts(f);
        break;
    default:
        _exit(1);
    }
}

int main(void)
{
    static struct fetcher f;
    const struct rlimit none = {0, 0};
    struct wire_message m;
    mallopt(M_ARENA_MAX, 1);            /* names are looked up in a thread, whose own arena would cost 128 MB of room */
    pipe_confine(MEMORY_BYTES);
    setrlimit(RLIMIT_FSIZE, &none);
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != 0)
        _exit(1);
    wire_open(&f.out);
    pipe_send(&f.out, -1);
    for (;;) {
        while (wire_next(&f.in, &m))
            obey(&f, &m);
        if (f.in.broken)
            _exit(1);
        if (!pipe_receive(&f.in))
            _exit(0);
    }
}
