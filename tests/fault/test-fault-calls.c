/* Calls that fail, the first, the second and so on, once or from then on: memory, writes, the pipes between screen and
 * watcher, descriptors, processes. Whatever fails, a program goes on or ends with a sentence, and never by a signal. */
#include "base/compat.h"
#include "tests/fault/fault.h"
#include "tests/fault/faulty.h"
#include "tests/fault/hostile.h"
#include "tests/pty/console.h"
#include "tests/pty/visit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>


static struct hostile *server;

static int set_up(void **state)
{
    (void)state;
    server = hostile_mode("healthy");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    hostile_stop(server);
    return 0;
}

/* ---- which calls fail ---- */

/* Every one of the first, then some of the others, more thinly. */
static int64_t point(int i, int points, int64_t calls)
{
    int64_t dense = points / 2 < calls ? points / 2 : calls;
    if (i < dense || calls <= points)
        return i + 1;
    return dense + 1 + (calls - dense) * (i - dense) / (points - dense);
}

/* What came of all the points. */
struct tally {
    int points, injected, ended, bad;
    int foreign;            /* ended by a signal within a library, which nobody can keep it from: some of glibc and
                               ncurses goes on without looking */
    char libraries[200];
    int64_t calls;
};

static void judge(const char *fault, const char *what, const struct tally *t)
{
    char words[100];
    printf("%s: %ld calls, %d points, %d of them reached; it ended at %d; within libraries at %d%s\n", what, (long)t->calls,
           t->points, t->injected, t->ended, t->foreign, t->libraries);
    snprintf(words, sizeof(words), "%s: calls failed", what);
    /* The counting visit may have made more of them than others do, on a busy machine. */
    fault_true(fault, words, t->injected > 0 && t->injected * 4 >= t->points);
    snprintf(words, sizeof(words), "%s: went wrong, of %d", what, t->points);
    fault_most(fault, words, t->bad, 0, "");
    snprintf(words, sizeof(words), "%s: a library broke down", what);
    fault_most(fault, words, 100.0 * t->foreign / t->points, 3, "%");
}

/* True when a library ended it, and not we. */
static bool is_foreign(struct tally *t, const struct faulty *f)
{
    if (!f->crashed || strncmp(f->culprit, "pgvigil", 7) == 0 || !f->culprit[0])
        return false;
    t->foreign++;
    if (!strstr(t->libraries, f->culprit)) {
        size_t n = strlen(t->libraries);
        snprintf(t->libraries + n, sizeof(t->libraries) - n, " %s", f->culprit);
    }
    return true;
}

/* ---- the console ---- */

static struct pty *start(struct faulty *f)
{
    return console_start(&(struct console_start){
        .args = (const char *const[]){hostile_conninfo(server), NULL},
        .env = (const char *const[]){faulty_preload(), faulty_setting(f), NULL}});
}

/* Some pages, and out. */
static void look_round(struct pty *p)
{
    pty_send(p, "2");
    pty_pump(p, 5);
    pty_send(p, ":messages<Enter>");
    pty_pump(p, 5);
    pty_send(p, "?");
    pty_pump(p, 5);
}

static bool has_data(struct pty *p)
{
    return pty_find(p, "PRIMARY", NULL, NULL);
}

/* Until it has data, or says that it has none, or has ended. */
static void await(struct pty *p)
{
    int64_t end = pty_now_us() + PATIENCE * 1000LL;
    while (pty_running(p) && !has_data(p) && !pty_find(p, "not connected", NULL, NULL) && pty_now_us() < end)
        pty_pump(p, 20);
}

static bool says_something(struct pty *p)
{
    const char *text = pty_text(p);
    return text[strspn(text, " \n")] != '\0';
}

/* quiet: the terminal itself may be what fails, so that there are no words. */
static void visit_once(struct tally *t, struct faulty *f, bool quiet, int64_t at, bool on)
{
    int status = -1;
    struct pty *p = start(f);
    await(p);
    bool went_on = pty_running(p);
    if (went_on) {
        pty_settle(p, 60);
        look_round(p);
        pty_send(p, "Q");
    }
    bool left = pty_wait_exit(p, PATIENCE, &status);
    bool good = left && (is_foreign(t, f) || (WIFEXITED(status) && !f->crashed)) &&
                (quiet || (pty_restored(p) && (went_on || says_something(p))));
    t->points++;
    t->injected += f->failed > 0;
    t->ended += !went_on;
    t->bad += !good;
    if (!good) {
        fprintf(stderr, "call %ld%s: status %x, signal %d in %s\n", (long)at, on ? " and on" : "", (unsigned)status,
                f->crashed, f->culprit);
        pty_print(p, "after a call that failed");
    }
    pty_free(p);
}

/* How many such calls a visit makes. */
static int64_t count_calls(struct faulty *f, enum faulty_call call)
{
    struct tally t = {0};
    faulty_set(f, call, 0, false);
    visit_once(&t, f, false, 0, false);
    assert_int_equal(t.bad, 0);
    return f->calls;
}

static void console_calls(const char *fault, const char *who, enum faulty_call call, const char *what, int points)
{
    struct faulty *f = faulty_new(who);
    int64_t calls = count_calls(f, call);
    struct tally t = {.calls = calls};
    bool quiet = call == FAULTY_WRITE && strcmp(who, "pgvigil") == 0;
    for (int on = 0; on < 2; on++)
        for (int i = 0; i < points && (calls > points || i < calls); i++) {
            int64_t at = point(i, points, calls);
            faulty_set(f, call, at, on);
            visit_once(&t, f, quiet, at, on);
        }
    faulty_end(f);
    judge(fault, what, &t);
}

#define POINTS(full, quick) (fault_full() ? (full) : (quick))

/* A sanitizer's allocator is its own. */
static bool have_allocator(void)
{
    if (!LIMITS_FIT)
        fault_left_out("F19", "allocator", "memory that is the sanitizer's cannot be refused");
    return LIMITS_FIT;
}

static void memory_of_the_screen(void **state)
{
    (void)state;
    if (have_allocator())
        console_calls("F19", "pgvigil", FAULTY_ALLOCATE, "memory of the screen", POINTS(400, 12));
}

static void memory_of_the_watcher(void **state)
{
    (void)state;
    if (have_allocator())
        console_calls("F19", "pgvigil-watch", FAULTY_ALLOCATE, "memory of the watcher", POINTS(200, 6));
}

static struct pty *start_within(long kb)
{
    char command[9000];
    snprintf(command, sizeof(command), "ulimit -v %ld; exec %s '%s'", kb, console_program(), hostile_conninfo(server));
    return pty_start(&(struct pty_start){.argv = (const char *const[]){"bash", "-c", command, NULL},
                                         .env = (const char *const[]){"HOME=/nonexistent", NULL}});
}

/* From what its libraries take to what it needs. */
static void memory_within_limits(void **state)
{
    int bad = 0, ran = 0, n = 0;
    (void)state;
    if (!have_allocator())
        return;
    for (long kb = 6000; kb <= 16000; kb += fault_full() ? 100 : 1000, n++) {
        int status = -1;
        struct pty *p = start_within(kb);
        await(p);
        bool runs = pty_running(p);
        if (runs)
            pty_send(p, "Q");
        bool left = pty_wait_exit(p, PATIENCE, &status);
        bool good = left && WIFEXITED(status) && pty_restored(p) && (runs || says_something(p));
        ran += runs;
        bad += !good;
        if (!good) {
            fprintf(stderr, "%ld kB: status %x\n", kb, (unsigned)status);
            pty_print(p, "with little memory");
        }
        pty_free(p);
    }
    fault_true("F19", "within limits of memory: it ran with some of them", ran > 0 && ran < n);
    fault_most("F19", "within limits of memory: went wrong", bad, 0, "");
}

static void writes(void **state)
{
    (void)state;
    console_calls("F14", "pgvigil", FAULTY_WRITE, "writes to the terminal and in memory", POINTS(50, 6));
}

static void pipes(void **state)
{
    (void)state;
    console_calls("F14", "pgvigil", FAULTY_SEND, "the screen's pipes", POINTS(50, 6));
    console_calls("F14", "pgvigil-watch", FAULTY_SEND, "the watcher's pipe and socket", POINTS(50, 6));
}

static void descriptors_and_processes(void **state)
{
    (void)state;
    console_calls("F20", "pgvigil", FAULTY_OPEN, "the screen's descriptors", POINTS(50, 8));
    console_calls("F20", "pgvigil-watch", FAULTY_OPEN, "the watcher's descriptors", POINTS(50, 4));
    console_calls("F20", "pgvigil", FAULTY_FORK, "processes", POINTS(3, 1));
}

/* ---- what prints ---- */

static size_t print_once(struct tally *t, struct faulty *f, const char *arguments, size_t whole)
{
    static char words[200000];
    char command[9000];
    snprintf(command, sizeof(command), "export '%s' '%s' HOME=/nonexistent; exec %s %s 2>&1", faulty_preload(),
             faulty_setting(f), console_program(), arguments);
    FILE *out = popen(command, "re");
    assert_non_null(out);
    size_t n = fread(words, 1, sizeof(words) - 1, out);
    int status = pclose(out);
    words[n] = '\0';
    bool failed = status != 0, good = (is_foreign(t, f) || WIFEXITED(status)) && n > 0 && (failed || n > whole * 3 / 4);
    t->points++;
    t->injected += f->failed > 0;
    t->ended += failed;
    t->bad += !good;
    if (!good)
        fprintf(stderr, "%s: call %ld%s: status %x: %.500s\n", arguments, (long)f->at, f->on ? " and on" : "",
                (unsigned)status, words);
    return n;
}

static void command_calls(const char *what, const char *arguments, int points)
{
    struct tally t = {0};
    struct faulty *f = faulty_new("pgvigil");
    faulty_set(f, FAULTY_ALLOCATE, 0, false);
    size_t whole = print_once(&t, f, arguments, 0);
    int64_t calls = t.calls = f->calls;
    t.points = 0;
    for (int on = 0; on < 2; on++)
        for (int i = 0; i < points && (calls > points || i < calls); i++) {
            faulty_set(f, FAULTY_ALLOCATE, point(i, points, calls), on);
            print_once(&t, f, arguments, whole);
        }
    faulty_end(f);
    judge("F19", what, &t);
}

static void memory_of_what_prints(void **state)
{
    char arguments[400];
    (void)state;
    if (!have_allocator())
        return;
    snprintf(arguments, sizeof(arguments), "report --json '%s'", hostile_conninfo(server));
    command_calls("memory of report", arguments, POINTS(200, 6));
    command_calls("memory of config check", "config check", POINTS(200, 10));
}

int main(int argc, char **argv)
{
    static const struct fault_test tests[] = {
        FAULT(memory_of_the_screen),
        FAULT(memory_within_limits),
        FAULT(memory_of_the_watcher),
        FAULT(memory_of_what_prints),
        FAULT(writes),
        FAULT(pipes),
        FAULT(descriptors_and_processes),
    };
    return fault_run(argc, argv, tests, COUNT_OF(tests), set_up, tear_down);
}
