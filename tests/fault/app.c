/* The application: a process that listens, and one for each connection. */
#include "tests/fault/app.h"

#include <arpa/inet.h>
#include <errno.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static SSL *encrypted;   /* of the process that attends to one connection; NULL: in clear text */

struct app {
    pid_t pid;
    char url[64];
    volatile struct app_state *state;
};

static void put(int fd, const char *bytes, size_t n)
{
    while (n > 0) {
        ssize_t some = encrypted ? SSL_write(encrypted, bytes, (int)n) : send(fd, bytes, n, MSG_NOSIGNAL);
        if (some <= 0)
            _exit(0);
        bytes += some;
        n -= (size_t)some;
    }
}

static void put_text(int fd, const char *text)
{
    put(fd, text, strlen(text));
}

static void answer(int fd, const char *status, const char *body)
{
    char head[256];
    snprintf(head, sizeof(head), "HTTP/1.1 %s\r\nContent-Type: text/plain\r\nContent-Length: %zu\r\n\r\n", status,
             strlen(body));
    put_text(fd, head);
    put_text(fd, body);
}

static void say_json(const volatile struct app_state *s, char *out, size_t size)
{
    snprintf(out, size,
             "{\"status\":\"ok\",\"database\":{\"primary\":{\"max_open_connections\":%d,\"open_connections\":%d,"
             "\"in_use\":%d,\"idle\":%d,\"wait_count\":%d,\"wait_duration_ms\":%.3f},\"replicas\":[{"
             "\"open_connections\":2,\"in_use\":1,\"idle\":1}]}}",
             s->max, s->in_use + s->idle, s->in_use, s->idle, s->waits, s->waited_s * 1e3);
}

static void say_prometheus(const volatile struct app_state *s, char *out, size_t size)
{
    snprintf(out, size,
             "# TYPE go_sql_open_connections gauge\n"
             "go_sql_max_open_connections{db_name=\"primary\"} %d\ngo_sql_open_connections{db_name=\"primary\"} %d\n"
             "go_sql_in_use_connections{db_name=\"primary\"} %d\ngo_sql_idle_connections{db_name=\"primary\"} %d\n"
             "go_sql_wait_count_total{db_name=\"primary\"} %d\n"
             "go_sql_wait_duration_seconds_total{db_name=\"primary\"} %g\n",
             s->max, s->in_use + s->idle, s->in_use, s->idle, s->waits, s->waited_s);
}

static void drip(int fd, const char *body)
{
    char head[128];
    snprintf(head, sizeof(head), "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n", strlen(body));
    put_text(fd, head);
    for (; *body; body++) {
        put(fd, body, 1);
        usleep(100000);
    }
}

/* Until the other side has had enough. */
static void pour(int fd, const char *head, const char *line)
{
    put_text(fd, head);
    for (;;)
        put_text(fd, line);
}

static void pour_huge(int fd)
{
    char bytes[4096];
    memset(bytes, ' ', sizeof(bytes));
    put_text(fd, "HTTP/1.1 200 OK\r\nContent-Length: 2097152\r\n\r\n");
    for (int i = 0; i < 512; i++)
        put(fd, bytes, sizeof(bytes));
}

static void obey(int fd, const volatile struct app_state *s)
{
    char body[2048];
    switch ((enum app_mode)s->mode) {
    case APP_MODE_JSON:
        say_json(s, body, sizeof(body));
        answer(fd, "200 OK", body);
        return;
    case APP_MODE_PROMETHEUS:
        say_prometheus(s, body, sizeof(body));
        answer(fd, "200 OK", body);
        return;
    case APP_MODE_GARBAGE:
        answer(fd, "200 OK", "\033]52;c;aGk=\a\xff\xfe{{{ \x01\x02 go_sql");
        return;
    case APP_MODE_ENDLESS:
        pour(fd, "HTTP/1.1 200 OK\r\n\r\n", "{\"a\": {\"a\": {\"a\": {\"a\": ");
        return;
    case APP_MODE_HEADERS:
        pour(fd, "HTTP/1.1 200 OK\r\n", "X-More: and more and more and more and more and more\r\n");
        return;
    case APP_MODE_DRIP:
        say_json(s, body, sizeof(body));
        drip(fd, body);
        return;
    case APP_MODE_REDIRECT:
        put_text(fd, "HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\n\r\n");
        return;
    case APP_MODE_HUGE:
        pour_huge(fd);
        return;
    case APP_MODE_500:
        answer(fd, "500 Internal Server Error", "{\"open\":1,\"in_use\":1}");
        return;
    case APP_MODE_NO_HTTP:
        put_text(fd, "SSH-2.0-OpenSSH_9.2\r\n");
        _exit(0);
    default:
        pause();
    }
}

static SSL *encrypt(int fd, const char *certificate)
{
    char path[600];
    SSL_CTX *c = SSL_CTX_new(TLS_server_method());
    signal(SIGPIPE, SIG_IGN);
    snprintf(path, sizeof(path), "%s.crt", certificate);
    bool good = SSL_CTX_use_certificate_file(c, path, SSL_FILETYPE_PEM) == 1;
    snprintf(path, sizeof(path), "%s.key", certificate);
    SSL *ssl = good && SSL_CTX_use_PrivateKey_file(c, path, SSL_FILETYPE_PEM) == 1 ? SSL_new(c) : NULL;
    if (!ssl || SSL_set_fd(ssl, fd) != 1 || SSL_accept(ssl) != 1)
        _exit(0);
    return ssl;
}

static ssize_t take(int fd, char *bytes, size_t size)
{
    return encrypted ? SSL_read(encrypted, bytes, (int)size) : read(fd, bytes, size);
}

/* One question after the other, as long as the connection is kept. */
static void attend(int fd, const char *certificate, volatile struct app_state *s)
{
    char bytes[4096];
    size_t n = 0;
    ssize_t some;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    encrypted = certificate ? encrypt(fd, certificate) : NULL;
    while (n < sizeof(bytes) - 1 && (some = take(fd, bytes + n, sizeof(bytes) - 1 - n)) > 0) {
        n += (size_t)some;
        bytes[n] = '\0';
        if (!strstr(bytes, "\r\n\r\n"))
            continue;
        s->asked++;
        obey(fd, s);
        n = 0;
    }
    _exit(0);
}

static void serve(int listener, const char *certificate, volatile struct app_state *s)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    signal(SIGCHLD, SIG_IGN);
    for (int fd = 3; fd < 1024; fd++)
        if (fd != listener)
            close(fd);          /* a pipe of the test's, held open here, would look as if the test still listened */
    for (;;) {
        int fd = accept(listener, NULL, NULL);
        if (fd < 0 && errno != EINTR)
            _exit(1);
        if (fd >= 0 && fork() == 0)
            attend(fd, certificate, s);
        if (fd >= 0)
            close(fd);
    }
}

struct app *app_start_tls(enum app_mode mode, const char *certificate)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(at);
    struct app *a = calloc(1, sizeof(*a));
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    void *shared = mmap(NULL, sizeof(struct app_state), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (!a || fd < 0 || shared == MAP_FAILED || bind(fd, (struct sockaddr *)&at, sizeof(at)) != 0 ||
        listen(fd, 32) != 0 || getsockname(fd, (struct sockaddr *)&at, &len) != 0) {
        perror("the application cannot be played");
        exit(1);
    }
    a->state = shared;
    *(struct app_state *)shared = (struct app_state){.mode = mode, .in_use = 3, .idle = 2, .max = 10};
    snprintf(a->url, sizeof(a->url), "%s://127.0.0.1:%d/metrics/database", certificate ? "https" : "http",
             ntohs(at.sin_port));
    a->pid = fork();
    if (a->pid == 0)
        serve(fd, certificate, a->state);
    close(fd);
    return a;
}

struct app *app_start(enum app_mode mode)
{
    return app_start_tls(mode, NULL);
}

void app_stop(struct app *a)
{
    if (!a)
        return;
    kill(a->pid, SIGKILL);
    waitpid(a->pid, NULL, 0);
    munmap((void *)a->state, sizeof(struct app_state));
    free(a);
}

const char *app_url(const struct app *a)
{
    return a->url;
}

volatile struct app_state *app_state(struct app *a)
{
    return a->state;
}
