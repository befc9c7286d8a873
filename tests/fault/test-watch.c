/* The watcher's program alone, at the far end of a pipe, against servers and networks as they are. */
#include "base/attr.h"
#include "base/buf.h"
#include "base/mem.h"
#include "tests/lab/lab_client.h"
#include "wire/frames.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <libpq-fe.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define PATIENCE_MS 10000

static const char *built(const char *name)
{
    static char path[4096];
    snprintf(path, sizeof(path), "%s/%s", getenv("BUILDDIR") ? getenv("BUILDDIR") : ".", name);
    return path;
}

struct watcher {
    pid_t pid;
    int fd;
    struct wire_stream in;
};

static NORETURN void become_watcher(int fd)
{
    dup2(fd, 3);
    execl(built("pgvigil-watch"), "pgvigil-watch", (char *)NULL);
    _exit(127);
}

static void start(struct watcher *w)
{
    int ends[2];
    *w = (struct watcher){0};
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    w->pid = fork();
    if (w->pid == 0)
        become_watcher(ends[1]);
    close(ends[1]);
    w->fd = ends[0];
}

static void stop(struct watcher *w)
{
    close(w->fd);
    if (w->pid > 0) {
        kill(w->pid, SIGKILL);
        waitpid(w->pid, NULL, 0);
    }
    wire_stream_free(&w->in);
}

static void tell(struct watcher *w, struct buf *b)
{
    assert_int_equal(send(w->fd, b->data, b->len, MSG_NOSIGNAL), b->len);
    buf_free(b);
}

static void tell_start(struct watcher *w, const char *conninfo)
{
    struct buf b = {0};
    wire_open(&b);
    size_t mark = wire_begin(&b, WIRE_START);
    wire_put_string(&b, conninfo);
    for (int i = 0; i < 6; i++)
        wire_put_string(&b, NULL);
    wire_end(&b, mark);
    tell(w, &b);
}

static void tell_learn(struct watcher *w)
{
    struct buf b = {0};
    wire_end(&b, wire_begin(&b, WIRE_LEARN));
    tell(w, &b);
}

/* The next message that is more than progress. False: it ended, or said nothing for too long. */
static bool hear(struct watcher *w, struct wire_message *m)
{
    char bytes[65536];
    for (;;) {
        while (wire_next(&w->in, m))
            if (m->type != WIRE_PHASE && m->type != WIRE_WHERE)
                return true;
        struct pollfd p = {.fd = w->fd, .events = POLLIN};
        ssize_t n = poll(&p, 1, PATIENCE_MS) == 1 ? read(w->fd, bytes, sizeof(bytes)) : 0;
        if (n <= 0)
            return false;
        wire_feed(&w->in, bytes, (size_t)n);
    }
}

static void hear_facts(struct watcher *w, struct facts *f)
{
    struct wire_message m;
    if (!hear(w, &m))
        fail_msg("the watcher ended without a word");
    if (m.type == WIRE_REFUSED) {
        struct wire_body b = wire_body(&m);
        free(wire_string(&b));
        fail_msg("refused: %s", wire_string(&b));
    }
    assert_true(wire_get_facts(&m, f));
}

static void do_sql(const char *conninfo, const char *sql)
{
    PGconn *c = PQconnectdb(conninfo);
    PGresult *r = PQexec(c, sql);
    if (PQresultStatus(r) != PGRES_COMMAND_OK && PQresultStatus(r) != PGRES_TUPLES_OK)
        fail_msg("%s: %s", sql, PQerrorMessage(c));
    PQclear(r);
    PQfinish(c);
}

static struct lab *lab;

static int start_lab(void **state)
{
    (void)state;
    lab = lab_start((const char *const[]){NULL});
    return lab ? 0 : -1;
}

static int stop_lab(void **state)
{
    (void)state;
    lab_stop(lab);
    return 0;
}

/* In a container the console is process 1, and so is the parent of an orphan. */
static void its_parent_may_be_process_1(void **state)
{
    (void)state;
    struct watcher w = {0};
    int ends[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    pid_t between = fork(), test = getpid();
    if (between == 0) {
        pid_t parent = getpid();
        if (fork() > 0)
            _exit(0);
        while (getppid() == parent)
            usleep(1000);
        if (getppid() == test)
            _exit(1);
        become_watcher(ends[1]);
    }
    close(ends[1]);
    w.fd = ends[0];
    waitpid(between, NULL, 0);
    struct facts f;
    tell_start(&w, lab_conninfo(lab, "primary"));
    hear_facts(&w, &f);
    facts_clear(&f);
    stop(&w);
}

/* ---- a refusal in the server's own language ---- */

static void serve_refusal(int listener, const char *severity)
{
    char bytes[1024];
    struct buf b = {0};
    int c = accept(listener, NULL, NULL);
    if (read(c, bytes, sizeof(bytes)) <= 0)
        _exit(1);
    buf_puts(&b, "S");
    buf_add(&b, severity, strlen(severity) + 1);
    buf_add(&b, "C28P01", 7);
    const char words[] = "Mno entry, and no:  blanks";
    buf_add(&b, words, sizeof(words));
    buf_add(&b, "", 1);
    unsigned char head[5] = {'E', 0, 0, (unsigned char)((b.len + 4) >> 8), (unsigned char)(b.len + 4)};
    if (write(c, head, 5) != 5 || write(c, b.data, b.len) != (ssize_t)b.len)
        _exit(1);
    shutdown(c, SHUT_WR);
    while (read(c, bytes, sizeof(bytes)) > 0)
        ;
    _exit(0);
}

static int listen_anywhere(int backlog, int *port)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(a);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
    assert_int_equal(listen(fd, backlog), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &len), 0);
    *port = ntohs(a.sin_port);
    return fd;
}

static void a_refusal_is_read_in_any_language(void **state)
{
    (void)state;
    static const char *const severities[] = {"FATAL", "ВАЖНО", "致命错误", "KATASTROFALNY", "ÖLÜMCÜL", "치명적오류"};
    for (size_t i = 0; i < COUNT_OF(severities); i++) {
        struct watcher w;
        struct wire_message m;
        char conninfo[128];
        int port, listener = listen_anywhere(5, &port);
        pid_t server = fork();
        if (server == 0)
            serve_refusal(listener, severities[i]);
        snprintf(conninfo, sizeof(conninfo), "host=127.0.0.1 port=%d user=u dbname=d sslmode=disable", port);
        start(&w);
        tell_start(&w, conninfo);
        assert_true(hear(&w, &m) && m.type == WIRE_REFUSED);
        struct wire_body b = wire_body(&m);
        char *sqlstate = wire_string(&b), *words = wire_string(&b);
        assert_string_equal(sqlstate, "28P01");
        assert_string_equal(words, "no entry, and no:  blanks");
        free(sqlstate);
        free(words);
        stop(&w);
        close(listener);
        kill(server, SIGKILL);
        waitpid(server, NULL, 0);
    }
}

/* A port whose queue of connections is full: the kernel drops what comes, as a black hole does. */
static int full_port(int *port)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int listener = listen_anywhere(0, port);
    a.sin_port = htons((uint16_t)*port);
    for (int i = 0; i < 4; i++) {       /* left open: they fill the queue until the test ends */
        int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (connect(s, (struct sockaddr *)&a, sizeof(a)) != 0 && errno != EINPROGRESS)
            fail_msg("connect: %s", strerror(errno));
    }
    return listener;
}

static void rights_are_learned_again(void **state)
{
    (void)state;
    struct watcher w;
    struct facts f;
    start(&w);
    tell_start(&w, lab_conninfo(lab, "primary_plain"));
    hear_facts(&w, &f);
    assert_false(f.monitor);
    int extensions = f.nextensions, pid = f.backend_pid;
    facts_clear(&f);
    do_sql(lab_conninfo(lab, "primary"), "GRANT pg_monitor TO plain; CREATE SCHEMA again;"
                                         " CREATE EXTENSION pageinspect SCHEMA again");
    tell_learn(&w);
    hear_facts(&w, &f);
    do_sql(lab_conninfo(lab, "primary"), "REVOKE pg_monitor FROM plain; DROP EXTENSION pageinspect");
    assert_true(f.monitor);
    assert_int_equal(f.nextensions, extensions + 1);
    assert_int_equal(f.backend_pid, pid);
    facts_clear(&f);
    stop(&w);
}

static void a_serializable_role_can_be_watched_on_a_standby(void **state)
{
    (void)state;
    struct watcher w;
    struct facts f;
    do_sql(lab_conninfo(lab, "primary"), "ALTER ROLE plain SET default_transaction_isolation = 'serializable'");
    for (int i = 0; i < 100; i++) {
        PGconn *c = PQconnectdb(lab_conninfo(lab, "standby_plain"));
        PGresult *r = PQexec(c, "SHOW default_transaction_isolation");
        bool there = strcmp(PQgetvalue(r, 0, 0), "serializable") == 0;
        PQclear(r);
        PQfinish(c);
        if (there)
            break;
        assert_true(i < 99);
        usleep(50000);
    }
    start(&w);
    tell_start(&w, lab_conninfo(lab, "standby_plain"));
    hear_facts(&w, &f);
    assert_true(f.standby);
    facts_clear(&f);
    stop(&w);
    do_sql(lab_conninfo(lab, "primary"), "ALTER ROLE plain RESET default_transaction_isolation");
}

/* ---- the report, which asks with it ---- */

static void report(const char *arguments, const char *conninfo, char *out, size_t size)
{
    char command[8192];
    snprintf(command, sizeof(command), "%s report --json %s '%s' 2>&1", built("pgvigil"), arguments, conninfo);
    FILE *f = popen(command, "r");
    size_t n = fread(out, 1, size - 1, f);
    out[n] = '\0';
    pclose(f);
}

/* Before the engine loses patience with the first. */
/* The lab's primary as the last of a list of hosts whose others have the port. */
static void expect_the_last_host(int port)
{
    char conninfo[512], out[65536];
    PGconn *c = PQconnectdb(lab_conninfo(lab, "primary"));
    assert_int_equal(PQstatus(c), CONNECTION_OK);
    snprintf(conninfo, sizeof(conninfo), "host=127.0.0.1,localhost,%s port=%d,%d,%s dbname=shop user=postgres",
             PQhost(c), port, port, PQport(c));
    PQfinish(c);
    report("--probe server", conninfo, out, sizeof(out));
    if (!strstr(out, "\"status\": \"ok\""))
        fail_msg("%s", out);
}

static void a_silent_address_does_not_hide_the_next(void **state)
{
    (void)state;
    int silent, listener = full_port(&silent);
    expect_the_last_host(silent);
    close(listener);
}

/* Its statistics of rows are zeros that nobody counted. */
static void a_standby_counts_no_rows(void **state)
{
    (void)state;
    char out[262144];
    report("--probe tables", lab_conninfo(lab, "standby"), out, sizeof(out));
    assert_non_null(strstr(out, "\"dead_rows\": null"));
    assert_null(strstr(out, "\"dead_rows\": 0"));
    assert_non_null(strstr(out, "\"seq_scans\": "));
}

/* As a stopped postmaster does: the kernel takes the connection, and then nobody speaks. */
static void a_host_that_hangs_does_not_hide_the_next(void **state)
{
    (void)state;
    int port, listener = listen_anywhere(8, &port);
    expect_the_last_host(port);
    close(listener);
}

static void a_revoked_function_costs_no_page(void **state)
{
    (void)state;
    static const char *const roles[] = {"primary_plain", "standby_plain"};
    char out[65536];
    do_sql(lab_conninfo(lab, "primary"), "REVOKE EXECUTE ON FUNCTION pg_control_checkpoint(), pg_control_system()"
                                         " FROM PUBLIC");
    usleep(500000);
    for (size_t i = 0; i < COUNT_OF(roles); i++) {
        report("--probe server --probe replication", lab_conninfo(lab, roles[i]), out, sizeof(out));
        if (strstr(out, "\"denied\""))
            fail_msg("%s", out);
        assert_non_null(strstr(out, "\"status\": \"ok\""));
    }
    do_sql(lab_conninfo(lab, "primary"), "GRANT EXECUTE ON FUNCTION pg_control_checkpoint(), pg_control_system()"
                                         " TO PUBLIC");
}

/* Behind a pooler the server's session may hold somebody's temporary tables, under any name. */
static void temporary_tables_do_not_stand_in(void **state)
{
    (void)state;
    char out[65536];
    do_sql(lab_conninfo(lab, "pooled"), "CREATE TEMPORARY TABLE pg_stat_activity (fake int);"
                                        " CREATE TEMPORARY TABLE pg_database (fake int)");
    report("--probe sessions --probe pools", lab_conninfo(lab, "pooled"), out, sizeof(out));
    if (strstr(out, "\"absent\"") || !strstr(out, "\"status\": \"ok\""))
        fail_msg("%s", out);
}

static void no_setting_of_ours_stays_in_the_pool(void **state)
{
    (void)state;
    char out[262144];
    report("", lab_conninfo(lab, "pooled"), out, sizeof(out));
    assert_non_null(strstr(out, "\"status\": \"ok\""));
    PGconn *c = PQconnectdb(lab_conninfo(lab, "pooled"));
    PGresult *r = PQexec(c, "SELECT coalesce(string_agg(name || '=' || setting, ' '), '') FROM pg_settings"
                            " WHERE source = 'session' AND name IN ('statement_timeout', 'lock_timeout',"
                            " 'search_path', 'default_transaction_read_only', 'jit',"
                            " 'default_transaction_isolation', 'idle_in_transaction_session_timeout')");
    assert_string_equal(PQgetvalue(r, 0, 0), "");
    PQclear(r);
    PQfinish(c);
}

static bool shows_secret(pid_t pid)
{
    char path[64], bytes[4096];
    snprintf(path, sizeof(path), "/proc/%d/cmdline", (int)pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = read(fd, bytes, sizeof(bytes));
    close(fd);
    return n > 0 && memmem(bytes, (size_t)n, "s3cret", 6);
}

static bool dumps_core(pid_t pid)
{
    char path[64], bytes[4096];
    snprintf(path, sizeof(path), "/proc/%d/limits", (int)pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = read(fd, bytes, sizeof(bytes) - 1);
    close(fd);
    bytes[n > 0 ? n : 0] = '\0';
    const char *core = strstr(bytes, "Max core file size");
    return !core || strtol(core + strlen("Max core file size"), NULL, 10) != 0 || strstr(core, "file size  unlimited");
}

static void no_password_shows_in_ps(void **state)
{
    (void)state;
    int silent, listener = full_port(&silent);
    setrlimit(RLIMIT_CORE, &(struct rlimit){1 << 20, 1 << 20});
    static const char *const forms[][2] = {{"-d", "%s"}, {"--dbname=%s", NULL}, {"%s", NULL}};
    for (size_t i = 0; i < COUNT_OF(forms); i++) {
        char conninfo[128], first[160], second[160];
        snprintf(conninfo, sizeof(conninfo), "host=127.0.0.1 port=%d user=u password=s3cret", silent);
        const char *at = strchr(forms[i][0], '%');
        snprintf(first, sizeof(first), "%.*s%s", at ? (int)(at - forms[i][0]) : 99, forms[i][0], at ? conninfo : "");
        snprintf(second, sizeof(second), "%s", conninfo);
        pid_t pid = fork();
        if (pid == 0) {
            int null = open("/dev/null", O_RDWR);
            dup2(null, 1);
            dup2(null, 2);
            execl(built("pgvigil"), "pgvigil", "report", first, forms[i][1] ? second : NULL, (char *)NULL);
            _exit(127);
        }
        usleep(300000);
        bool seen = shows_secret(pid);
        assert_false(dumps_core(pid));
        kill(pid, SIGKILL);
        waitpid(pid, NULL, 0);
        if (seen)
            fail_msg("a password in %s is there for all to see", forms[i][0]);
    }
    close(listener);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(its_parent_may_be_process_1),
        cmocka_unit_test(a_refusal_is_read_in_any_language),
        cmocka_unit_test(a_silent_address_does_not_hide_the_next),
        cmocka_unit_test(a_host_that_hangs_does_not_hide_the_next),
        cmocka_unit_test(a_standby_counts_no_rows),
        cmocka_unit_test(rights_are_learned_again),
        cmocka_unit_test(a_serializable_role_can_be_watched_on_a_standby),
        cmocka_unit_test(a_revoked_function_costs_no_page),
        cmocka_unit_test(temporary_tables_do_not_stand_in),
        cmocka_unit_test(no_setting_of_ours_stays_in_the_pool),
        cmocka_unit_test(no_password_shows_in_ps),
    };
    return cmocka_run_group_tests(tests, start_lab, stop_lab);
}
