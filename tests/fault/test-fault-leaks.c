/* What is taken is given back: memory and descriptors of the screen over many watchers, and of a watcher over many
 * questions. In a sanitizer's build each ends by looking for what it has lost, which its exit status tells. */
#include "base/compat.h"
#include "base/mem.h"
#include "tests/fault/fault.h"
#include "tests/pty/console.h"
#include "tests/pty/proc.h"
#include "tests/pty/visit.h"
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
#include <unistd.h>

#include <cmocka.h>

#define PAST_KB 2048    /* of answers that are kept; it fills meanwhile, and no further */

static struct lab *lab;

static const char *built(const char *name)
{
    static char path[4096];
    const char *build = getenv("BUILDDIR") ? getenv("BUILDDIR") : ".";
    snprintf(path, sizeof(path), "%s/%s", build, name);
    return path;
}

/* ---- the screen ---- */

/* C-r, so that nobody waits for the backoff. */
static void renew_watcher(struct pty *p)
{
    struct proc old[4];
    assert_int_equal(proc_descendants(pty_pid(p), old, COUNT_OF(old)), 1);
    kill(old[0].pid, SIGKILL);
    for (int i = 0; proc_alive(old[0]) && i < 500; i++)
        pty_pump(p, 10);
    pty_settle(p, 20);
    pty_send(p, "<C-r>");
    if (!console_wait_fresh(p, PATIENCE))
        fail_msg("no new watcher");
}

static void renew(struct pty *p, int n)
{
    for (int i = 0; i < n; i++)
        renew_watcher(p);
}

static void many_watchers_of_one_screen(void **state)
{
    (void)state;
    int warm = fault_full() ? 30 : 5, n = fault_full() ? 200 : 10;
    struct pty *p = visit(lab, "primary");
    pty_settle(p, 1000);
    renew(p, warm);
    pty_settle(p, 1000);
    int fds = proc_fds(pty_pid(p));
    long kb = proc_memory_kb(pty_pid(p), "RssAnon");
    renew(p, n);
    pty_settle(p, 1000);
    char words[80];
    snprintf(words, sizeof(words), "descriptors more after %d watchers", n);
    fault_most("F25", words, proc_fds(pty_pid(p)) - fds, 0, "");
    snprintf(words, sizeof(words), "memory more after %d watchers, the past included", n);
    if (LIMITS_FIT)
        fault_most("F25", words, (double)(proc_memory_kb(pty_pid(p), "RssAnon") - kb), PAST_KB + 512, "kB");
    fault_true("F25", "no zombie, one watcher", proc_descendants(pty_pid(p), (struct proc[4]){{0}}, 4) == 1);
    fault_true("F25", "one session", witness_wait_sessions(lab_conninfo(lab, "primary"), 1, p, 2000));
    fault_true("F25", "nothing lost at the end of the screen", visit_leave(p) == 0);
}

static void every_page_and_out(void **state)
{
    (void)state;
    struct pty *p = visit(lab, "primary");
    for (char page = '1'; page <= '9'; page++) {
        pty_send(p, (char[]){page, '\0'});
        pty_settle(p, 300);
        pty_send(p, "<Enter>");
        pty_settle(p, 100);
        pty_send(p, "?");
        pty_settle(p, 50);
        pty_send(p, "<Esc><Esc>/x<Enter><Esc>");
        pty_settle(p, 50);
    }
    fault_true("F25", "nothing lost by the pages", visit_leave(p) == 0);
}

/* ---- the watcher ---- */

static const struct column columns[] = {
    {"n", "n", TYPE_INT, ROLE_KEY, UNIT_NONE, 0, 0, "A number."},
    {"words", "words", TYPE_TEXT, ROLE_LABEL, UNIT_NONE, 0, 0, "Words."},
};
static const struct schema schema = {"leaks", COUNT_OF(columns), columns};

static pid_t start_watcher(int *fd)
{
    int ends[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    pid_t pid = fork();
    if (pid == 0) {
        dup2(ends[1], 3);
        if (proc_let_look())
            execl(built("pgvigil-watch"), "pgvigil-watch", (char *)NULL);
        _exit(127);
    }
    close(ends[1]);
    *fd = ends[0];
    return pid;
}

static void tell(int fd, struct buf *b)
{
    assert_int_equal(send(fd, b->data, b->len, MSG_NOSIGNAL), b->len);
    buf_free(b);
}

/* Until an answer of that kind has come. */
static void await(int fd, struct wire_stream *in, enum wire_type type)
{
    struct wire_message m;
    char bytes[65536];
    for (;;) {
        while (wire_next(in, &m))
            if (m.type == type)
                return;
        struct pollfd p = {.fd = fd, .events = POLLIN};
        ssize_t n = poll(&p, 1, PATIENCE) == 1 ? read(fd, bytes, sizeof(bytes)) : 0;
        if (n <= 0)
            fail_msg("the watcher does not answer");
        wire_feed(in, bytes, (size_t)n);
    }
}

static void connect_it(int fd, struct wire_stream *in)
{
    struct buf b = {0};
    wire_open(&b);
    size_t mark = wire_begin(&b, WIRE_START);
    wire_put_string(&b, lab_conninfo(lab, "primary"));
    for (int i = 0; i < 6; i++)
        wire_put_string(&b, NULL);
    wire_end(&b, mark);
    wire_put_schema(&b, 0, &schema);
    tell(fd, &b);
    await(fd, in, WIRE_FACTS);
}

static void ask_and_learn(int fd, struct wire_stream *in, int n)
{
    for (int i = 0; i < n; i++) {
        struct buf b = {0};
        wire_put_question(&b, &(struct question){.id = (unsigned)i + 1, .schema = 0, .max_rows = 1000, .max_bytes = 1 << 20,
            .sql = (char *)(i % 3 ? "select 1 as n, repeat('x', 999) as words from generate_series(1, 99)"
                                  : "select 1/0 as n, '' as words")});
        wire_end(&b, wire_begin(&b, WIRE_LEARN));
        tell(fd, &b);
        await(fd, in, WIRE_FRAME);
        await(fd, in, WIRE_FACTS);
    }
}

static void many_questions_of_one_watcher(void **state)
{
    (void)state;
    struct wire_stream in = {0};
    int fd, status = -1;
    pid_t pid = start_watcher(&fd);
    connect_it(fd, &in);
    ask_and_learn(fd, &in, 50);
    int fds = proc_fds(pid);
    long kb = proc_memory_kb(pid, "RssAnon");
    ask_and_learn(fd, &in, fault_full() ? 2000 : 200);
    fault_most("F25", "descriptors more after many questions", proc_fds(pid) - fds, 0, "");
    if (LIMITS_FIT)
        fault_most("F25", "memory more after many questions", (double)(proc_memory_kb(pid, "RssAnon") - kb), 128, "kB");
    close(fd);
    wire_stream_free(&in);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    fault_true("F25", "nothing lost at the end of the watcher", WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

/* Where the sanitizer does not look, the lines above say nothing. */
static void what_is_lost_is_found(void **state)
{
    (void)state;
    char command[5000];
    snprintf(command, sizeof(command), "FAKE_WATCH=leak %s 2>/dev/null", built("tests/fault/fake-watch"));
    bool found = system(command) != 0;
    fault_true("F25", "a sanitizer's build finds what is lost, others do not look", found == !LIMITS_FIT);
}

int main(int argc, char **argv)
{
    static const struct fault_test tests[] = {
        FAULT(many_watchers_of_one_screen),
        FAULT(every_page_and_out),
        FAULT(many_questions_of_one_watcher),
        FAULT(what_is_lost_is_found),
    };
    proc_will_look(true);
    return fault_run_lab(argc, argv, tests, COUNT_OF(tests), &lab, (const char *const[]){"--no-standby", "--no-pooler", NULL});
}
