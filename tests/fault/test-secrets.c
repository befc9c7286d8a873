/* Secrets: a password goes in by every way that there is, and comes out nowhere. Each way has a word of its own, which
 * is then looked for in command lines, environments, screens, reports, logs, memory and cores. */
#include "tests/fault/fault.h"
#include "tests/pty/console.h"
#include "tests/pty/proc.h"
#include "tests/pty/visit.h"

#include "base/attr.h"
#include "base/compat.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define ASKS   "(nothing is shown while you type)"
#define SHADOW (1UL << 30)      /* a sanitizer's own map of the memory: nothing that a program has written */

static struct lab *lab;
static char file[400], setting[500];    /* of the way under test */

/* ---- looking for a word ---- */

static bool screen_has(struct pty *p, const char *word)
{
    size_t n;
    const char *bytes = pty_bytes(p, 0, &n);
    return memmem(bytes, n, word, strlen(word)) != NULL;
}

/* Copies of it in the memory of a process that may be written to; -1: we may not look. */
static int memory_has(pid_t pid, const char *word)
{
    char path[64], line[512], permissions[8];
    unsigned long from, to;
    int has = 0;
    snprintf(path, sizeof(path), "/proc/%d/maps", (int)pid);
    FILE *maps = fopen(path, "re");
    snprintf(path, sizeof(path), "/proc/%d/mem", (int)pid);
    int mem = open(path, O_RDONLY | O_CLOEXEC);
    while (maps && mem >= 0 && fgets(line, sizeof(line), maps)) {
        if (sscanf(line, "%lx-%lx %7s", &from, &to, permissions) != 3 || strncmp(permissions, "rw", 2) != 0 ||
            to - from > SHADOW)
            continue;
        char *bytes = malloc(to - from), *at = bytes;
        ssize_t n = pread(mem, bytes, to - from, (off_t)from);
        while (n > 0 && (at = memmem(at, (size_t)(bytes + n - at), word, strlen(word))) != NULL) {
            has++;
            at++;
        }
        free(bytes);
    }
    has = maps && mem >= 0 ? has : -1;
    if (maps)
        fclose(maps);
    if (mem >= 0)
        close(mem);
    return has;
}

/* ---- the ways ---- */

/* A password of its own for each way, that does open. */
static const char *new_word(int way)
{
    static char word[40];
    char sql[100];
    snprintf(word, sizeof(word), "canary-%d-%d", way, (int)getpid());
    snprintf(sql, sizeof(sql), "alter role secret password '%s'", word);
    assert_true(witness_do(lab_conninfo(lab, "primary"), sql));
    return word;
}

static void write_file(const char *name, const char *format, ...) PRINTF_LIKE(2, 3);
static void write_file(const char *name, const char *format, ...)
{
    va_list args;
    snprintf(file, sizeof(file), "%s/%s", lab_dir(lab), name);
    FILE *f = fopen(file, "w");
    assert_non_null(f);
    assert_int_equal(fchmod(fileno(f), 0600), 0);
    va_start(args, format);
    vfprintf(f, format, args);
    va_end(args);
    assert_int_equal(fclose(f), 0);
}

enum way { BY_KEYWORDS, BY_URI, BY_OPTION, BY_ENVIRONMENT, BY_PASSFILE, BY_SERVICE, BY_YAML, BY_PROMPT, WAYS };

static const char *const ways[WAYS] = {"a conninfo", "a URI", "--dbname", "PGPASSWORD", "a password file", "a service",
                                       "pgvigil.yaml", "the prompt"};

/* One argument more, and one setting of the environment, or NULL. */
static void prepare(enum way way, const char *word, char arg[900], const char **env)
{
    const char *conninfo = lab_conninfo(lab, "primary_password"), *port = strstr(conninfo, "port=") + 5;
    *env = NULL;
    snprintf(arg, 900, "%s", conninfo);
    if (way == BY_KEYWORDS)
        snprintf(arg, 900, "%s password='%s'", conninfo, word);
    else if (way == BY_URI)
        snprintf(arg, 900, "postgresql://secret:%s@/shop?host=%s&port=%.*s", word, lab_dir(lab), (int)strcspn(port, " "), port);
    else if (way == BY_OPTION)
        snprintf(arg, 900, "--dbname=%s password=%s", conninfo, word);
    else if (way == BY_ENVIRONMENT)
        snprintf(setting, sizeof(setting), "PGPASSWORD=%s", word);
    if (way == BY_PASSFILE) {
        write_file("way-pass", "*:*:*:*:%s\n", word);
        snprintf(setting, sizeof(setting), "PGPASSFILE=%s", file);
    } else if (way == BY_SERVICE) {
        write_file("way-service", "[way]\nhost=%s\nport=%.*s\ndbname=shop\nuser=secret\npassword=%s\n", lab_dir(lab),
                   (int)strcspn(port, " "), port, word);
        snprintf(setting, sizeof(setting), "PGSERVICEFILE=%s", file);
        snprintf(arg, 900, "service=way");
    } else if (way == BY_YAML) {
        write_file("way.yaml", "format: 1\ntargets:\n- name: way\n  conninfo: %s password=%s\n", conninfo, word);
        snprintf(arg, 900, "--config=%s", file);
    }
    if (way == BY_ENVIRONMENT || way == BY_PASSFILE || way == BY_SERVICE)
        *env = setting;
}

static void nothing_shows(const char *what, struct pty *p, const char *word)
{
    char words[120];
    snprintf(words, sizeof(words), "%s: on the terminal", what);
    fault_most("SEC", words, screen_has(p, word), 0, "");
    snprintf(words, sizeof(words), "%s: in the server's log", what);
    fault_most("SEC", words, proc_file_has(lab_log(lab, "primary"), word), 0, "");
}

static void a_console_shows_none(void **state)
{
    (void)state;
    static const char *const pages[] = {"server", "sessions", "queues", "statements", "messages", "why", "help"};
    for (enum way way = 0; way < WAYS; way++) {
        char arg[900], words[120];
        const char *env, *word = new_word((int)way);
        prepare(way, word, arg, &env);
        struct pty *p = console_start(&(struct console_start){
            .args = (const char *const[]){arg, NULL}, .env = (const char *const[]){env, NULL}});
        if (way == BY_PROMPT) {
            assert_true(pty_wait(p, ASKS, PATIENCE));
            pty_write(p, word, strlen(word));
            pty_send(p, "<Enter>");
        }
        assert_true(console_wait_data(p, PATIENCE));
        for (size_t i = 0; i < COUNT_OF(pages); i++) {
            char keys[40];
            snprintf(keys, sizeof(keys), ":%s<Enter>", pages[i]);
            pty_send(p, keys);
            pty_settle(p, fault_full() ? 300 : 60);
        }
        snprintf(words, sizeof(words), "%s: in a command line", ways[way]);
        fault_most("SEC", words, proc_family_has(pty_pid(p), "cmdline", word), 0, "");
        snprintf(words, sizeof(words), "%s: in an environment", ways[way]);
        fault_most("SEC", words, proc_family_has(pty_pid(p), "environ", word), 0, "");
        nothing_shows(ways[way], p, word);
        pty_send(p, "Q");
        assert_true(pty_wait_exit(p, PATIENCE, NULL));
        pty_free(p);
    }
}

/* The rest in one go: what they print, when it opens and when it does not. */
static void what_is_printed_has_none(void **state)
{
    (void)state;
    static const char *const front_ends[][2] = {{"report", "--text"}, {"report", "--json"}, {"report", "--csv"},
                                                {"check", "-w"},      {"doctor", "-w"}};
    for (enum way way = 0; way < BY_PROMPT; way++)
        for (size_t i = 0; i < COUNT_OF(front_ends); i++) {
            char arg[900], what[120];
            const char *env, *word = new_word((int)way);
            int status;
            bool opens = i % 2 == way % 2 || fault_full();
            prepare(way, word, arg, &env);
            if (!opens)
                assert_true(witness_do(lab_conninfo(lab, "primary"), "alter role secret password 'another'"));
            struct pty *p = console_start(&(struct console_start){
                .args = (const char *const[]){front_ends[i][0], front_ends[i][1], arg, NULL},
                .env = (const char *const[]){env, NULL}, .cols = 200});
            assert_true(pty_wait_exit(p, 3 * PATIENCE, &status));
            assert_true(WIFEXITED(status) && (WEXITSTATUS(status) != 2 || i == 3));      /* critical, of a check */
            snprintf(what, sizeof(what), "%s, %s %s", ways[way], front_ends[i][0], opens ? "that opens" : "that is refused");
            nothing_shows(what, p, word);
            pty_free(p);
        }
}

#define WORD "canary%zz canary"     /* with what makes a conninfo senseless */
#define LONG "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789"

/* What is wrong is said without what is secret in it. */
static void mistakes_are_told_without_it(void **state)
{
    (void)state;
    static const char *const conninfos[] = {
        "host=/nowhere password=" WORD,          "host=/nowhere password='" WORD,
        "postgresql://u:" WORD "@/d?host=/x",    "postgresql://u:canary@[::1/d",
        "postgresql://u@/d?password=" WORD,      "postgresql://u:canary@h:port/d",
        "host=/nowhere password=canary bogus=1", "password=canary host=/nowhere port=x",
        "app+http://me:canary@/x",               "app+ftp://me:canary@host/x",
        "app+http://me:canary@127.0.0.1:1/x?token=canary", "https://me:canary@host/x",
        "sslpassword=canary sslkey=/nowhere host=127.0.0.1 port=1",
        "postgresql://u:ca/canary@h/d",          "postgresql://u:canary/x@h/d",
        "postgresql://u:can@ary-canary@h/d",     "postgresql://u:canary/x?y=canary@h/d",
        "postgresql://u:canary@[::1/" LONG LONG, "postgresql://u:x\"canary%9!@h/d",
        "mysql://u:canary@127.0.0.1:1/d",        "postgresql+psycopg2://u:canary@127.0.0.1:1/d",
        "u:canary@127.0.0.1:1/d",                "dbname=postgresql://u:canary@127.0.0.1:1/d",
    };
    for (size_t i = 0; i < COUNT_OF(conninfos); i++)
        for (const char *const *front = (const char *const[]){"report", "check", "doctor", "watch", NULL}; *front; front++) {
            int status;
            struct pty *p = console_start(&(struct console_start){
                .args = (const char *const[]){*front, conninfos[i], NULL}, .cols = 200});
            if (strcmp(*front, "watch") == 0) {
                pty_settle(p, 300);
                pty_send(p, ":messages<Enter>");
                pty_settle(p, 100);
                pty_send(p, "Q");
            }
            assert_true(pty_wait_exit(p, 2 * PATIENCE, &status));
            if (screen_has(p, "canary")) {
                pty_print(p, conninfos[i]);
                fail_msg("%s shows what is in %s", *front, conninfos[i]);
            }
            pty_free(p);
        }
}

/* `config show` and the faults of a file. */
static void a_configuration_is_shown_without_it(void **state)
{
    (void)state;
    static const char *const files[] = {
        "format: 1\ntargets:\n- name: a\n  conninfo: host=/x password=canary\n",
        "format: 1\ntargets:\n- name: a\n  conninfo: postgresql://u:canary@h/d\n",
        "format: 1\ntargets:\n- name: a\n  kind: app\n  url: http://me:canary@127.0.0.1:1/x?token=canary\n",
        "format: 1\ntargets:\n- name: a\n  password: canary\n",
        "format: 1\ntargets:\n- name: a\n  conninfo: \"host=/x password=canary\n",
        "format: 1\ntargets:\n- name: a\n  conninfo: host=/x password=canary\n  conninfo: host=/x password=canary2\n",
        "format: 1\ntargets:\n- name: a\n  conninfo: [host=/x, password=canary]\n",
        "format: 1\ntargets:\n- name: a\n  conninfo: host=/x password=my canary\n  service: b\n",
        "format: 1\ntargets:\n- name: a\n\tconninfo: host=/x password=canary\n",
        "format: 1\ntargets:\n- name: a\n  kind: app\n  url: ftp://me:canary@host/x\n",
        "format: 1\ntargets:\n- conninfo: host=/x password=canary\n- conninfo: host=/x password=canary\n",
    };
    for (size_t i = 0; i < COUNT_OF(files); i++)
        for (const char *const *what = (const char *const[]){"show", "check", NULL}; *what; what++) {
            char option[500];
            int status;
            write_file("way.yaml", "%s", files[i]);
            snprintf(option, sizeof(option), "--config=%s", file);
            struct pty *p = console_start(&(struct console_start){
                .args = (const char *const[]){"config", option, *what, NULL}, .cols = 200});
            assert_true(pty_wait_exit(p, 2 * PATIENCE, &status));
            if (screen_has(p, "canary") || !WIFEXITED(status)) {
                pty_print(p, files[i]);
                fail_msg("config %s shows what is in %s", *what, files[i]);
            }
            pty_free(p);
        }
}

/* ---- what is left behind ---- */

static struct pty *asked(void)
{
    struct pty *p = console_start(&(struct console_start){
        .args = (const char *const[]){lab_conninfo(lab, "primary_password"), NULL}});
    assert_true(pty_wait(p, ASKS, PATIENCE));
    return p;
}

/* Kept where it is needed for the next connection, and nowhere else; a refused one is gone. */
static void memory_keeps_what_it_needs(void **state)
{
    (void)state;
    struct pty *p = asked();
    const char *word = new_word(20);
    pty_write(p, word, strlen(word));
    pty_send(p, "<Enter>");
    assert_true(console_wait_data(p, PATIENCE));
    pty_settle(p, 500);
    int copies = memory_has(pty_pid(p), word);
    assert_true(copies > 0);
    fault_most("SEC", "copies of one that opens", copies, 1, "");
    for (int i = 0; i < 5; i++) {
        pty_send(p, "<C-r>");
        pty_settle(p, 500);
        assert_true(console_wait_fresh(p, PATIENCE));
    }
    fault_most("SEC", "copies after five reconnects", memory_has(pty_pid(p), word), 1, "");
    visit_leave(p);
    p = asked();
    pty_write(p, "canary-of-a-wrong-word", 22);
    pty_send(p, "<Enter>");
    assert_true(pty_wait_regex(p, "password authentication failed", PATIENCE));
    pty_settle(p, 500);
    fault_most("SEC", "copies of one that was refused", memory_has(pty_pid(p), "canary-of-a-wrong-word"), 0, "");
    visit_leave(p);
}

/* Who is not root may look into no process of its own user. */
static void nobody_else_may_look(void **state)
{
    (void)state;
    (void)state;
    proc_will_look(false);
    struct pty *p = visit(lab, "primary");
    fault_true("SEC", "root alone may look into the memory",
               (memory_has(pty_pid(p), "pgvigil") >= 0) == (geteuid() == 0 || !LIMITS_FIT));
    visit_leave(p);
    proc_will_look(true);
}

/* All have a limit of 0 for cores; and where somebody raises that, or cores go to a pipe, the kernel makes none. */
static void nobody_leaves_a_core(void **state)
{
    (void)state;
    struct proc all[16];
    setrlimit(RLIMIT_CORE, &(struct rlimit){RLIM_INFINITY, RLIM_INFINITY});
    struct pty *p = visit(lab, "primary");
    size_t n = proc_family(pty_pid(p), all, COUNT_OF(all));
    fault_true("SEC", "there are a screen and a watcher", n == 2);
    int limited = proc_family_has(pty_pid(p), "limits", "Max core file size        0                    0 ");
    fault_most("SEC", "processes without the limit", (double)n - limited, 0, "");
    for (size_t i = 0; i < n && LIMITS_FIT; i++)
        prlimit(all[i].pid, RLIMIT_CORE, &(struct rlimit){RLIM_INFINITY, RLIM_INFINITY}, NULL);
    int status = 0;
    pty_signal(p, SIGSEGV);
    assert_true(pty_wait_exit(p, PATIENCE, &status) && WIFSIGNALED(status));
    fault_true("SEC", "a crash leaves no core", !WCOREDUMP(status) || !LIMITS_FIT);
    pty_free(p);
}

static bool has_open(pid_t pid, const char *name)
{
    bool found = false;
    for (int fd = 0; fd < 64; fd++) {
        char path[64], to[500];
        snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)pid, fd);
        ssize_t n = readlink(path, to, sizeof(to));
        found |= n == (ssize_t)strlen(name) && memcmp(to, name, (size_t)n) == 0;
    }
    return found;
}

/* A worker gains nothing from programs with more rights, and not more memory than its share. */
static void workers_are_confined(void **state)
{
    (void)state;
    write_file("left-open", "x");
    struct pty *p = pty_start(&(struct pty_start){
        .argv = (const char *const[]){"/bin/sh", "-c", "exec 9<\"$0\"; exec \"$@\"", file, console_program(),
                                      lab_conninfo(lab, "primary"), NULL}});
    assert_true(console_wait_data(p, PATIENCE));
    fault_true("SEC", "no new privileges", proc_family_has(pty_pid(p), "status", "NoNewPrivs:\t1") >= 1);
    fault_true("SEC", "the screen has what a shell left open", has_open(pty_pid(p), file));
    struct proc all[16];
    size_t n = proc_family(pty_pid(p), all, COUNT_OF(all));
    for (size_t i = 1; i < n; i++) {
        fault_true("SEC", "a worker has not", !has_open(all[i].pid, file));
        fault_true("SEC", "nor does it go before the screen", getpriority(PRIO_PROCESS, (id_t)all[i].pid) == 5);
    }
    if (LIMITS_FIT)
        fault_true("SEC", "256 MB at most",
                   proc_family_has(pty_pid(p), "limits", "Max address space         268435456            268435456") == 1);
    fault_most("SEC", "programs that are set-uid", system("test ! -u $BUILDDIR/pgvigil -a ! -u $BUILDDIR/pgvigil-watch"), 0, "");
    visit_leave(p);
}

/* ---- where it comes from ---- */

/* Whose host is named in the configuration is asked there, whatever the environment says. */
static void a_poisoned_environment_moves_nothing(void **state)
{
    (void)state;
    char option[500], service_file[500];
    int status;
    write_file("poison-service", "[poison]\nhost=127.0.0.66\nhostaddr=127.0.0.66\nport=6666\nuser=evil\ndbname=evil\n");
    snprintf(service_file, sizeof(service_file), "PGSERVICEFILE=%s", file);
    write_file("poison.yaml", "format: 1\ntargets:\n- name: way\n  conninfo: %s\n", lab_conninfo(lab, "primary"));
    snprintf(option, sizeof(option), "--config=%s", file);
    struct pty *p = console_start(&(struct console_start){
        .args = (const char *const[]){"report", "--json", "--probe=instance", option, NULL}, .cols = 200, .rows = 100,
        .env = (const char *const[]){"PGHOST=127.0.0.66", "PGHOSTADDR=127.0.0.66", "PGPORT=6666", "PGUSER=evil",
                                     "PGDATABASE=evil", "PGSERVICE=poison", service_file, "PATH=/nowhere",
                                     "PGOPTIONS=-c search_path=evil -c default_transaction_read_only=off", NULL}});
    assert_true(pty_wait_exit(p, 2 * PATIENCE, &status));
    fault_true("SEC", "a poisoned environment: same target",
               WIFEXITED(status) && WEXITSTATUS(status) == 0 && pty_find(p, "\"ok\"", NULL, NULL));
    pty_free(p);
}

/* libpq says so on its standard error, which is no place for a console. */
static void a_password_file_for_all_to_read_is_told(void **state)
{
    (void)state;
    const char *word = new_word(30);
    write_file("way-open", "*:*:*:*:%s\n", word);
    assert_int_equal(chmod(file, 0644), 0);
    snprintf(setting, sizeof(setting), "PGPASSFILE=%s", file);
    struct pty *p = console_start(&(struct console_start){
        .args = (const char *const[]){lab_conninfo(lab, "primary_password"), NULL}, .cols = 200,
        .env = (const char *const[]){setting, NULL}});
    assert_true(pty_wait(p, ASKS, PATIENCE));
    pty_send(p, "<Esc>:messages<Enter>");
    fault_true("SEC", "a password file that all may read is told", pty_wait(p, "has group or world access", PATIENCE));
    nothing_shows("a file for all", p, word);
    pty_send(p, "Q");
    assert_true(pty_wait_exit(p, PATIENCE, NULL));
    pty_free(p);
}

/* A grep that finds nothing proves something when it can find. */
static void what_is_planted_is_found(void **state)
{
    (void)state;
    struct pty *p = pty_start(&(struct pty_start){
        .argv = (const char *const[]){"/bin/sh", "-c", "echo planted-$$; : planted-arg; read x", NULL},
        .env = (const char *const[]){"PLANT=planted-env", NULL}});
    char word[40];
    snprintf(word, sizeof(word), "planted-%d", (int)pty_pid(p));
    assert_true(pty_wait(p, word, PATIENCE));
    assert_true(screen_has(p, word) && proc_family_has(pty_pid(p), "cmdline", "planted-arg") == 1);
    assert_int_equal(proc_family_has(pty_pid(p), "environ", "planted-env"), 1);
    assert_true(memory_has(pty_pid(p), "planted-env") > 0);
    assert_false(proc_file_has(lab_log(lab, "primary"), "planted"));
    assert_true(witness_do(lab_conninfo(lab, "primary"), "do $$ begin raise log 'planted-log'; end $$"));
    assert_true(proc_file_has(lab_log(lab, "primary"), "planted-log"));
    pty_free(p);
}

int main(int argc, char **argv)
{
    static const struct fault_test tests[] = {
        FAULT(what_is_planted_is_found),
        FAULT(a_console_shows_none),
        FAULT(what_is_printed_has_none),
        FAULT(mistakes_are_told_without_it),
        FAULT(a_configuration_is_shown_without_it),
        FAULT(memory_keeps_what_it_needs),
        FAULT(nobody_else_may_look),
        FAULT(nobody_leaves_a_core),
        FAULT(workers_are_confined),
        FAULT(a_poisoned_environment_moves_nothing),
        FAULT(a_password_file_for_all_to_read_is_told),
    };
    proc_will_look(true);
    return fault_run_lab(argc, argv, tests, COUNT_OF(tests), &lab, (const char *const[]){"--no-standby", "--no-pooler", NULL});
}
