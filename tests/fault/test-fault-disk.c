/* Disks that are full, or not to be written or read: whatever prints notices, and the console, which writes nothing
 * but its screen, goes on. */
#include "tests/fault/fault.h"
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
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define LOST "Not all could be written to standard output"

static struct hostile *server;
static char dir[64];

static int set_up(void **state)
{
    (void)state;
    server = hostile_mode("healthy");
    fault_build_tree(dir, sizeof(dir));
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    hostile_stop(server);
    fault_remove_tree(dir);
    return 0;
}

/* What a command of the shell said, and how it ended: as from waitpid. */
struct result {
    int status;
    char words[16384];
};

static struct result run(const char *format, ...) PRINTF_LIKE(1, 2);
static struct result run(const char *format, ...)
{
    struct result r = {0};
    char command[9000];
    va_list args;
    va_start(args, format);
    vsnprintf(command, sizeof(command), format, args);
    va_end(args);
    FILE *f = popen(command, "re");
    assert_non_null(f);
    size_t n = fread(r.words, 1, sizeof(r.words) - 1, f);
    r.words[n] = '\0';
    r.status = pclose(f);
    return r;
}

static bool ended(const struct result *r, int status, const char *words)
{
    bool good = WIFEXITED(r->status) && WEXITSTATUS(r->status) == status && strstr(r->words, words);
    if (!good)
        fprintf(stderr, "ended with %x instead of %d, and not with \"%s\": %s\n", (unsigned)r->status, status, words,
                r->words);
    return good;
}

/* ---- what prints ---- */

static const struct {
    const char *arguments;
    bool connects;
    int status;             /* when its words are lost */
} prints[] = {
    {"report", true, 1},    {"report --json", true, 1}, {"report --csv", true, 1}, {"doctor", true, 1},
    {"check", true, 3},     {"probes", false, 1},       {"probes --sql", false, 1}, {"config show", false, 1},
    {"config init", false, 1}, {"config check", false, 1}, {"--help", false, 1},   {"--version", false, 1},
};

/* Its words for people go to the test, what it prints goes nowhere. */
static void all_that_prints_notices(void **state)
{
    (void)state;
    static const char *const nowhere[] = {">/dev/full", ">&-", ">\"$HOME/file\""};
    for (size_t i = 0; i < COUNT_OF(prints); i++)
        for (size_t k = 0; k < COUNT_OF(nowhere); k++) {
            char what[60], target[300];
            const char *quote = prints[i].connects ? "'" : "", *conninfo = hostile_conninfo(server);
            snprintf(target, sizeof(target), "%s%s%s", quote, prints[i].connects ? conninfo : "", quote);
            struct result r = run("export HOME=%s; exec prlimit --fsize=0 %s %s %s 2>&1 %s", dir, console_program(),
                                  prints[i].arguments, target, nowhere[k]);
            snprintf(what, sizeof(what), "%s %s", prints[i].arguments, nowhere[k]);
            fault_true("F13", what, ended(&r, prints[i].status, LOST));
        }
}

/* The k-th write fails, for every k: a limit that lies within it. */
static void each_write_of_a_report_fails(void **state)
{
    (void)state;
    enum { PORTION = 4096 };
    struct stat st;
    char file[100];
    snprintf(file, sizeof(file), "%s/report", dir);
    struct result whole = run("exec %s probes --sql 2>&1 >%s", console_program(), file);
    assert_true(ended(&whole, 0, ""));
    assert_int_equal(stat(file, &st), 0);
    int n = 0, noticed = 0;
    for (off_t size = 100; size < st.st_size; size += fault_full() ? PORTION : 4 * PORTION, n++) {
        struct result r = run("exec prlimit --fsize=%ld %s probes --sql 2>&1 >%s", (long)size, console_program(), file);
        noticed += ended(&r, 1, LOST);
    }
    fault_true("F14", "every write that fails is noticed", n > 2 && noticed == n);
    struct result r = run("exec prlimit --fsize=%ld %s probes --sql 2>&1 >%s", (long)st.st_size, console_program(), file);
    fault_true("F14", "and none that just fits", ended(&r, 0, ""));
    r = run("exec bash -c '{ sleep 0.2; %s probes 2>%s/words; echo $? >>%s/words; } | true; cat %s/words'",
            console_program(), dir, dir, dir);
    fault_true("F14", "who reads no more is no fault", ended(&r, 0, "141") && strcmp(r.words, "141\n") == 0);
}

/* ---- the console ---- */

/* $1: its surroundings, as words of a shell that end with a semicolon or nothing; redirections come after it. */
static struct pty *surrounded(const char *before, const char *after)
{
    char command[9000];
    snprintf(command, sizeof(command), "%s exec %s '%s' %s", before, console_program(), hostile_conninfo(server), after);
    return pty_start(&(struct pty_start){.argv = (const char *const[]){"sh", "-c", command, NULL},
                                         .env = (const char *const[]){"XDG_CONFIG_HOME", "PGVIGIL_CONFIG_DIR", NULL}});
}

static void lives(const char *what, struct pty *p)
{
    fault_true("F13", what, console_wait_data(p, PATIENCE) && console_wait_fresh(p, PATIENCE));
    fault_keys("F13", p);
    fault_true("F13", "and q leaves", visit_leave(p) == 0);
}

static void the_console_lives_without_a_disk(void **state)
{
    (void)state;
    char empty[200], command[600];
    snprintf(empty, sizeof(empty), "export HOME=%s/home; mkdir -p $HOME;", dir);
    lives("stderr is full", surrounded("", "2>/dev/full"));
    lives("stderr is closed", surrounded("", "2>&-"));
    lives("no home", surrounded("export HOME=/nonexistent;", ""));
    lives("no $HOME", surrounded("unset HOME;", ""));
    lives("a home of its own", surrounded(empty, ""));
    snprintf(command, sizeof(command), "%s/home", dir);
    fault_true("F13", "in which it has written nothing", rmdir(command) == 0);
    struct pty *p = surrounded("ulimit -f 0;", "");
    int status = -1;
    bool left = pty_wait_exit(p, PATIENCE, &status);
    fault_true("F13", "no file may grow: a sentence", left && WIFEXITED(status) && WEXITSTATUS(status) == 2 &&
               pty_find(p, "ulimit -f", NULL, NULL) && pty_restored(p));
    pty_free(p);
}

/* Somebody who may not read it: root may read all. */
static void a_configuration_that_cannot_be_read(void **state)
{
    (void)state;
    const char *nobody = geteuid() == 0 ? "setpriv --reuid=65534 --regid=65534 --clear-groups" : "";
    for (int whole = 0; whole < 2; whole++) {
        struct result r = run("mkdir -p %s/c; echo 'interval: 1' >%s/c/pgvigil.yaml; chmod 0 %s/c%s;"
                              " PGVIGIL_CONFIG_DIR=%s/c exec %s %s/pgvigil report host=nowhere 2>&1", dir, dir, dir,
                              whole ? "" : "/pgvigil.yaml", dir, nobody, dir);
        fault_true("F13", whole ? "its folder cannot be entered: a sentence" : "its file cannot be read: a sentence",
                   ended(&r, 2, "Permission denied"));
        run("chmod 755 %s/c", dir);
    }
}

/* ---- real file systems ---- */

static bool have_mounts(void)
{
    struct result r = run("unshare -Urm mount -t tmpfs none /mnt 2>&1");
    if (r.status != 0)
        fault_left_out("F13", "namespaces", "no disk can be made that is full");
    return r.status == 0;
}

/* What is to be saved there is a finding, until it could be saved somewhere else. */
static void tells(const char *what, struct pty *p, const char *words)
{
    char save[200];
    snprintf(save, sizeof(save), ":save-display %s/saved\r", dir);
    bool told = console_wait_data(p, PATIENCE);
    pty_send(p, ":save-display ~/screen\r");
    told = told && pty_wait(p, "was not saved in", PATIENCE);
    pty_send(p, ":overview\r");
    told = told && pty_wait(p, words, PATIENCE);
    pty_send(p, save);
    told = told && pty_wait_gone(p, words, 3 * PATIENCE);
    if (!told)
        pty_print(p, what);
    fault_true("F13", what, told);
    run("rm -f %s/saved", dir);
}

static void a_disk_that_is_full_and_one_that_is_read_only(void **state)
{
    (void)state;
    if (!have_mounts())
        return;
    char mount[300], before[1000];
    snprintf(mount, sizeof(mount), "mkdir -p %s/disk && mount -t tmpfs -o size=16k none %s/disk", dir, dir);
    struct result r = run("exec unshare -Urm sh -c '%s; exec %s probes --sql >%s/disk/x' 2>&1", mount, console_program(), dir);
    fault_true("F13", "a disk that is full", ended(&r, 1, LOST));
    snprintf(before, sizeof(before), "%s; head -c 99999 /dev/zero >%s/disk/zero 2>/dev/null;"
             " export HOME=%s/disk TMPDIR=%s/disk;", mount, dir, dir, dir);
    static const char *const kinds[][4] = {
        {"a home that is full", "", "and is told to be", "No space left on device on this machine"},
        {"a home that is read-only", "mount -o remount,ro none $HOME;", "and is told to be",
         "Read-only file system on this machine"}};
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        char command[9000];
        snprintf(command, sizeof(command), "%s %s exec %s \"%s\" 2>&1", before, kinds[i][1], console_program(),
                 hostile_conninfo(server));
        struct pty *p = pty_start(&(struct pty_start){
            .argv = (const char *const[]){"unshare", "-Urm", "sh", "-c", command, NULL},
            .env = (const char *const[]){"XDG_CONFIG_HOME", "PGVIGIL_CONFIG_DIR", NULL}});
        tells(kinds[i][2], p, kinds[i][3]);
        lives(kinds[i][0], p);
    }
}

int main(int argc, char **argv)
{
    static const struct fault_test tests[] = {
        FAULT(all_that_prints_notices),
        FAULT(each_write_of_a_report_fails),
        FAULT(the_console_lives_without_a_disk),
        FAULT(a_configuration_that_cannot_be_read),
        FAULT(a_disk_that_is_full_and_one_that_is_read_only),
    };
    return fault_run(argc, argv, tests, COUNT_OF(tests), set_up, tear_down);
}
