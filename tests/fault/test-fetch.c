/* The fetcher's program alone, at the far end of a pipe, against applications of every kind. */
#include "tests/fault/app.h"
#include "tests/fault/certificate.h"

#include "base/attr.h"
#include "base/buf.h"
#include "probes/list.h"
#include "wire/frames.h"

#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define PATIENCE_MS 10000
#define SCHEMA 7

struct fetcher {
    pid_t pid;
    int fd;
    struct wire_stream in;
    char where[256], fault[256];    /* that it has told */
};

static NORETURN void become_fetcher(int fd)
{
    char path[4096];
    snprintf(path, sizeof(path), "%s/pgvigil-fetch", getenv("BUILDDIR") ? getenv("BUILDDIR") : ".");
    dup2(fd, 3);
    execl(path, "pgvigil-fetch", (char *)NULL);
    _exit(127);
}

static void tell(struct fetcher *f, struct buf *b)
{
    assert_int_equal(send(f->fd, b->data, b->len, MSG_NOSIGNAL), b->len);
    buf_free(b);
}

static void spawn(struct fetcher *f)
{
    int ends[2];
    *f = (struct fetcher){0};
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    f->pid = fork();
    if (f->pid == 0)
        become_fetcher(ends[1]);
    close(ends[1]);
    f->fd = ends[0];
}

static void start_with(struct fetcher *f, enum wire_type type, const char *url, const char *ca)
{
    struct buf b = {0};
    spawn(f);
    wire_open(&b);
    size_t mark = wire_begin(&b, type);
    wire_put_string(&b, url);
    wire_put_string(&b, ca);
    wire_end(&b, mark);
    wire_put_schema(&b, SCHEMA, probe_app_pools.schema);
    tell(f, &b);
}

static void start(struct fetcher *f, enum wire_type type, const char *url)
{
    start_with(f, type, url, NULL);
}

static void stop(struct fetcher *f)
{
    close(f->fd);
    kill(f->pid, SIGKILL);
    waitpid(f->pid, NULL, 0);
    wire_stream_free(&f->in);
}

static void keep(char *out, size_t size, char *text)
{
    snprintf(out, size, "%s", text ? text : "");
    free(text);
}

/* The next message that is more than progress; WIRE_TYPE_COUNT_: it ended, or said nothing for too long. */
static enum wire_type hear(struct fetcher *f, struct wire_message *m)
{
    char bytes[65536];
    for (;;) {
        while (wire_next(&f->in, m)) {
            struct wire_body b = wire_body(m);
            if (m->type == WIRE_WHERE) {
                keep(f->fault, sizeof(f->fault), wire_string(&b));
                keep(f->where, sizeof(f->where), wire_string(&b));
            } else if (m->type == WIRE_REFUSED) {
                free(wire_string(&b));
                keep(f->fault, sizeof(f->fault), wire_string(&b));
            }
            if (m->type != WIRE_PHASE && m->type != WIRE_WHERE)
                return m->type;
        }
        struct pollfd p = {.fd = f->fd, .events = POLLIN};
        ssize_t n = poll(&p, 1, PATIENCE_MS) == 1 ? read(f->fd, bytes, sizeof(bytes)) : 0;
        if (n <= 0)
            return WIRE_TYPE_COUNT_;
        wire_feed(&f->in, bytes, (size_t)n);
    }
}

static void hear_facts(struct fetcher *f)
{
    struct wire_message m;
    struct facts facts;
    if (hear(f, &m) != WIRE_FACTS)
        fail_msg("no facts: %s", f->fault);
    assert_true(wire_get_facts(&m, &facts));
    assert_int_equal(facts.kind, TARGET_APP);
    facts_clear(&facts);
}

static struct frame *ask(struct fetcher *f, unsigned id)
{
    struct buf b = {0};
    struct wire_message m;
    struct question q = {.id = id, .schema = SCHEMA, .simple = true, .max_rows = 100, .max_bytes = 1 << 20,
                         .sql = (char *)"GET"};
    unsigned got;
    wire_put_question(&b, &q);
    tell(f, &b);
    assert_int_equal(hear(f, &m), WIRE_FRAME);
    assert_true(wire_get_frame_id(&m, &got) && got == id);
    struct frame *frame = wire_get_frame(&m, probe_app_pools.schema);
    assert_non_null(frame);
    return frame;
}

static double cell(const struct frame *f, uint32_t row, const char *column)
{
    return frame_number(f, row, schema_find(f->schema, column));
}

static void expect_pools(enum app_mode mode, uint32_t rows)
{
    struct app *a = app_start(mode);
    struct fetcher f;
    start(&f, WIRE_START, app_url(a));
    hear_facts(&f);
    assert_string_equal(f.where, app_url(a));
    app_state(a)->waits = 14;
    app_state(a)->waited_s = 2.5;
    for (unsigned id = 1; id <= 3; id++) {
        struct frame *frame = ask(&f, id);
        assert_int_equal(frame->status, FRAME_OK);
        assert_int_equal(frame->nrows, rows);
        assert_memory_equal(frame_text(frame, 0, 0).bytes, "primary", 7);
        assert_float_equal(cell(frame, 0, "open"), 5, 0);
        assert_float_equal(cell(frame, 0, "in_use"), 3, 0);
        assert_float_equal(cell(frame, 0, "max_open"), 10, 0);
        assert_float_equal(cell(frame, 0, "wait_count"), 14, 0);
        assert_float_equal(cell(frame, 0, "wait_duration_s"), 2.5, 1e-9);
        frame_unref(frame);
    }
    stop(&f);
    app_stop(a);
}

static void both_forms_are_fetched(void **state)
{
    (void)state;
    expect_pools(APP_MODE_JSON, 2);
    expect_pools(APP_MODE_PROMETHEUS, 1);
}

static const struct {
    enum app_mode mode;
    const char *words;
} bad[] = {
    {APP_MODE_GARBAGE, "neither JSON nor go_sql_ lines"},
    {APP_MODE_ENDLESS, "too large: more than 1024 kB"},
    {APP_MODE_HEADERS, "too large: more than 64 kB"},
    {APP_MODE_DRIP, "did not answer within 1.8 s"},
    {APP_MODE_REDIRECT, "to another address (HTTP 302), which is not followed"},
    {APP_MODE_HUGE, "too large: more than 1024 kB"},
    {APP_MODE_500, "HTTP status 500"},
    {APP_MODE_SILENCE, "did not answer within 1.8 s"},
    {APP_MODE_NO_HTTP, "does not speak HTTP"},
};

static int64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

static void expect_refusal(struct fetcher *f, const char *words, int64_t since_ms)
{
    struct wire_message m;
    assert_int_equal(hear(f, &m), WIRE_REFUSED);
    if (!strstr(f->fault, words))
        fail_msg("wanted \"%s\", got \"%s\"", words, f->fault);
    assert_in_range(now_ms() - since_ms, 0, 3000);
    assert_int_equal(hear(f, &m), WIRE_TYPE_COUNT_);
}

/* At the first question, and at one after good ones. */
static void a_bad_answer_is_said_in_time(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        struct app *a = app_start(bad[i].mode);
        struct fetcher f;
        int64_t began = now_ms();
        start(&f, WIRE_START, app_url(a));
        expect_refusal(&f, bad[i].words, began);
        stop(&f);
        app_state(a)->mode = APP_MODE_JSON;
        start(&f, WIRE_START, app_url(a));
        hear_facts(&f);
        app_state(a)->mode = bad[i].mode;
        began = now_ms();
        struct frame *frame = ask(&f, 1);
        assert_int_not_equal(frame->status, FRAME_OK);
        assert_int_equal(frame->nrows, 0);
        assert_non_null(strstr(frame->note, bad[i].words));
        frame_unref(frame);
        expect_refusal(&f, bad[i].words, began);
        stop(&f);
        app_stop(a);
    }
}

/* ---- TLS ---- */

static void who_shows_a_good_certificate_is_believed(void **state)
{
    static const struct {
        const char *certificate, *ca, *refusal;
    } cases[] = {
        {"right", "authority.crt", NULL},
        {"right", NULL, "certificate"},                 /* the system knows nothing of that authority */
        {"right", "stranger.crt", "certificate"},
        {"forged", "authority.crt", "certificate"},
        {"misnamed", "authority.crt", "127.0.0.1"},
        {"right", "nowhere.crt", "nowhere.crt"},
    };
    char dir[] = "/tmp/fetch-XXXXXX", certificate[64], ca[64], command[80];
    (void)state;
    assert_non_null(mkdtemp(dir));
    assert_true(certificate_make(dir, "authority", NULL, NULL) && certificate_make(dir, "stranger", NULL, NULL) &&
                certificate_make(dir, "right", "authority", "IP:127.0.0.1") &&
                certificate_make(dir, "forged", "stranger", "IP:127.0.0.1") &&
                certificate_make(dir, "misnamed", "authority", "DNS:other.example"));
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct fetcher f;
        snprintf(certificate, sizeof(certificate), "%s/%s", dir, cases[i].certificate);
        snprintf(ca, sizeof(ca), "%s/%s", dir, cases[i].ca ? cases[i].ca : "");
        struct app *a = app_start_tls(APP_MODE_JSON, certificate);
        start_with(&f, WIRE_START, app_url(a), cases[i].ca ? ca : NULL);
        if (cases[i].refusal)
            expect_refusal(&f, cases[i].refusal, now_ms());
        else
            hear_facts(&f);
        assert_int_equal(app_state(a)->asked, cases[i].refusal ? 0 : 1);
        stop(&f);
        app_stop(a);
    }
    snprintf(command, sizeof(command), "rm -r %s", dir);
    assert_int_equal(system(command), 0);
}

static void only_http_is_spoken(void **state)
{
    (void)state;
    static const char *const urls[] = {"file:///etc/passwd", "ftp://127.0.0.1/x", "gopher://127.0.0.1:70/x", "127.0.0.1",
                                       "dict://127.0.0.1/x", "http://", "http://a b/", ""};
    for (size_t i = 0; i < COUNT_OF(urls); i++) {
        struct fetcher f;
        struct wire_message m;
        start(&f, WIRE_START, urls[i]);
        assert_int_equal(hear(&f, &m), WIRE_REFUSED);
        assert_true(f.fault[0] != '\0');
        assert_int_equal(hear(&f, &m), WIRE_TYPE_COUNT_);
        stop(&f);
    }
}

/* What may be shown holds no secret; who only judges asks nobody. */
static void an_address_is_shown_without_its_secrets(void **state)
{
    (void)state;
    struct fetcher f;
    struct wire_message m;
    start(&f, WIRE_JUDGE, "http://me:s3cret@127.0.0.1:9/metrics?token=s3cret#s3cret");
    assert_int_equal(hear(&f, &m), WIRE_TYPE_COUNT_);
    assert_string_equal(f.where, "http://127.0.0.1:9/metrics");
    assert_string_equal(f.fault, "");
    stop(&f);
}

static void nothing_of_the_environment_counts(void **state)
{
    (void)state;
    setenv("http_proxy", "http://127.0.0.1:1", 1);
    setenv("all_proxy", "http://127.0.0.1:1", 1);
    expect_pools(APP_MODE_JSON, 2);
    unsetenv("http_proxy");
    unsetenv("all_proxy");
}

/* A parent that says what makes no sense is none. */
static void nonsense_ends_it(void **state)
{
    (void)state;
    static const enum wire_type types[] = {WIRE_PASSWORD, WIRE_FRAME, WIRE_ASK, WIRE_LEARN, WIRE_FACTS};
    for (size_t i = 0; i < COUNT_OF(types); i++) {
        struct fetcher f;
        struct wire_message m;
        struct buf b = {0};
        int status;
        spawn(&f);
        wire_open(&b);
        wire_end(&b, wire_begin(&b, types[i]));
        tell(&f, &b);
        assert_int_equal(hear(&f, &m), WIRE_TYPE_COUNT_);
        waitpid(f.pid, &status, 0);
        assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 1);
        close(f.fd);
        wire_stream_free(&f.in);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_forms_are_fetched),
        cmocka_unit_test(a_bad_answer_is_said_in_time),
        cmocka_unit_test(who_shows_a_good_certificate_is_believed),
        cmocka_unit_test(only_http_is_spoken),
        cmocka_unit_test(an_address_is_shown_without_its_secrets),
        cmocka_unit_test(nothing_of_the_environment_counts),
        cmocka_unit_test(nonsense_ends_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
