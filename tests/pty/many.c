/* A fleet out of a few clusters. Each server has a socket of its own, which is a link to that of its cluster; while the
 * servers are away it leads to a door where whoever comes is counted and turned away. */
#include "tests/pty/many.h"

#include "base/clock.h"
#include "base/mem.h"
#include "tests/pty/console.h"
#include "tests/pty/proc.h"
#include "tests/pty/visit.h"

#include <libpq-fe.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define A_GROUP      10
#define FIRST_PORT   7001
#define CLUSTERS     (MANY_MOST / MANY_A_CLUSTER)
#define WORKERS_MAX  (2 * MANY_MOST)
#define VISITORS_MAX 100000

struct visitors {
    unsigned n;
    int64_t at_us[VISITORS_MAX];        /* wall clock */
};

struct many {
    struct lab *labs[CLUSTERS];
    int nlabs, n;
    char dir[300], config[320];
    pid_t porter;
    struct visitors *visitors;          /* shared with the porter */
    int64_t mended_us;                  /* wall clock */
};

static void give_up(const char *what)
{
    perror(what);
    exit(99);
}

/* ---- databases that say that they are servers ---- */

/* In one database and in the copies of it; what is built in is called by its number, so it must make room. */
static const char *const template_steps[] = {
    "alter function pg_catalog.pg_control_system() rename to pg_control_system_built_in",
    "create function pg_catalog.pg_control_system(out pg_control_version int4, out catalog_version_no int4,"
    " out system_identifier int8, out pg_control_last_modified timestamptz) language sql stable as $$"
    " select 1300, 202209061, (extract(epoch from pg_catalog.pg_postmaster_start_time()) * 1000)::int8 * 1000000"
    " + (select oid::int8 from pg_catalog.pg_database where datname = pg_catalog.current_database()),"
    " pg_catalog.now() $$",
    "create extension if not exists pg_stat_statements",
};

static bool make_databases(const struct lab *lab, int n)
{
    char conninfo[600], sql[100];
    const char *primary = lab_conninfo(lab, "primary");
    bool good = witness_do(primary, "create database fleet template template0");
    snprintf(conninfo, sizeof(conninfo), "%.*s dbname=fleet user=postgres",
             (int)(strstr(primary, " dbname=") - primary), primary);
    for (size_t i = 0; good && i < COUNT_OF(template_steps); i++)
        good = witness_do(conninfo, template_steps[i]);
    for (int i = 0; good && i < n; i++) {
        snprintf(sql, sizeof(sql), "create database fleet%d template fleet strategy file_copy", i);
        good = witness_do(primary, sql);
    }
    return good;
}

/* ---- links and the door ---- */

static void link_path(const struct many *m, int i, char *out, size_t size)
{
    snprintf(out, size, "%s/.s.PGSQL.%d", m->dir, FIRST_PORT + i);
}

static void door_path(const struct many *m, char *out, size_t size)
{
    snprintf(out, size, "%s/door", m->dir);
}

static void server_path(const struct many *m, int i, char *out, size_t size)
{
    char host[200];
    int port;
    if (sscanf(lab_conninfo(m->labs[i / MANY_A_CLUSTER], "primary"), "host=%199s port=%d", host, &port) != 2)
        give_up("many: the lab's conninfo");
    snprintf(out, size, "%s/.s.PGSQL.%d", host, port);
}

/* A link is changed in one step: nobody finds none. */
static void lead(const struct many *m, int i, const char *to)
{
    char path[400], fresh[420];
    link_path(m, i, path, sizeof(path));
    snprintf(fresh, sizeof(fresh), "%s.new", path);
    if (symlink(to, fresh) < 0 || rename(fresh, path) < 0)
        give_up("many: symlink");
}

static NORETURN void be_porter(int listener, struct visitors *v)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (;;) {
        int fd = accept(listener, NULL, NULL);
        if (fd < 0)
            continue;
        if (v->n < VISITORS_MAX)
            v->at_us[v->n++] = clock_wall_us();
        close(fd);
    }
}

static void start_porter(struct many *m)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    char path[400];
    door_path(m, path, sizeof(path));
    snprintf(a.sun_path, sizeof(a.sun_path), "%.107s", path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof(a)) < 0 || listen(fd, SOMAXCONN) < 0)
        give_up("many: the door");
    m->visitors = mmap(NULL, sizeof(*m->visitors), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (m->visitors == MAP_FAILED)
        give_up("many: mmap");
    fflush(NULL);
    m->porter = fork();
    if (m->porter == 0)
        be_porter(fd, m->visitors);
    close(fd);
}

static char own_dir[300];               /* removed at the latest when the program ends */
static pid_t owner;

static void remove_dir(void)
{
    char command[400];
    snprintf(command, sizeof(command), "rm -rf '%s'", own_dir);
    if (own_dir[0] && owner == getpid() && system(command) != 0)
        perror(own_dir);
    own_dir[0] = '\0';
}

/* Not in that of a lab, which may belong to another user. */
static void make_dir(struct many *m)
{
    const char *tmp = getenv("TMPDIR");
    snprintf(m->dir, sizeof(m->dir), "%.200s/fleet-XXXXXX", tmp && tmp[0] ? tmp : "/tmp");
    if (!mkdtemp(m->dir))
        give_up("many: mkdtemp");
    memcpy(own_dir, m->dir, sizeof(own_dir));
    owner = getpid();
    atexit(remove_dir);
    snprintf(m->config, sizeof(m->config), "%s/pgvigil.yaml", m->dir);
}

static void make_links(struct many *m)
{
    char to[400];
    for (int i = 0; i < m->n; i++) {
        server_path(m, i, to, sizeof(to));
        lead(m, i, to);
    }
}

/* ---- from start to end ---- */

struct many *many_start(int n)
{
    struct many *m = mem_new(sizeof(*m));
    for (m->n = n < MANY_MOST ? n : MANY_MOST; m->nlabs * MANY_A_CLUSTER < m->n;) {
        struct lab *lab = lab_start((const char *const[]){"--no-standby", "--no-pooler", "--no-tcp", NULL});
        int left = m->n - m->nlabs * MANY_A_CLUSTER;
        m->labs[m->nlabs] = lab;
        m->nlabs += lab != NULL;
        if (!lab || !make_databases(lab, left < MANY_A_CLUSTER ? left : MANY_A_CLUSTER)) {
            many_stop(m);
            return NULL;
        }
    }
    make_dir(m);
    make_links(m);
    start_porter(m);
    return m;
}

void many_stop(struct many *m)
{
    if (!m)
        return;
    if (m->porter > 0) {
        kill(m->porter, SIGKILL);
        waitpid(m->porter, NULL, 0);
    }
    if (m->visitors)
        munmap(m->visitors, sizeof(*m->visitors));
    for (int i = 0; i < m->nlabs; i++)
        lab_stop(m->labs[i]);
    remove_dir();
    free(m);
}

const char *many_conninfo(const struct many *m, int i, const char *user, char *out, size_t size)
{
    snprintf(out, size, "host=%s port=%d dbname=fleet%d user=%s", m->dir, FIRST_PORT + i, i % MANY_A_CLUSTER, user);
    return out;
}

const char *many_config(struct many *m, int n)
{
    char conninfo[600];
    FILE *f = fopen(m->config, "w");
    if (!f || fchmod(fileno(f), 0600) < 0)
        give_up("many: its pgvigil.yaml");
    fprintf(f, "format: 1\ntargets:\n");
    for (int i = 0; i < n; i++)
        fprintf(f, "- name: s%03d\n  group: g%02d\n  conninfo: %s\n", i + 1, i / A_GROUP + 1,
                many_conninfo(m, i, "monitor", conninfo, sizeof(conninfo)));
    fclose(f);
    return m->config;
}

/* ---- taken away and brought back ---- */

void many_cut(struct many *m)
{
    char path[400];
    door_path(m, path, sizeof(path));
    m->visitors->n = 0;
    for (int i = 0; i < m->n; i++)
        lead(m, i, path);
    for (int i = 0; i < m->nlabs; i++)
        if (!witness_do(lab_conninfo(m->labs[i], "primary"), "select pg_terminate_backend(pid) from pg_stat_activity"
                                                             " where application_name like 'pgvigil%'"))
            exit(99);
}

void many_mend(struct many *m)
{
    char path[400];
    m->mended_us = clock_wall_us();
    for (int i = 0; i < m->n; i++) {
        server_path(m, i, path, sizeof(path));
        lead(m, i, path);
    }
}

static int ascending(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static int peak_of(int64_t *at_us, size_t n)
{
    int most = 0;
    qsort(at_us, n, sizeof(*at_us), ascending);
    for (size_t i = 0, first = 0; i < n; i++) {
        while (at_us[i] - at_us[first] >= 100 * US_PER_MS)
            first++;
        most = (int)(i - first + 1) > most ? (int)(i - first + 1) : most;
    }
    return most;
}

/* When the session began that the console has there now, by the same machine's wall clock; NaN: it has none. */
static double session_us(const struct many *m, int i)
{
    char conninfo[600], sql[300];
    snprintf(sql, sizeof(sql), "select extract(epoch from max(backend_start)) * 1e6 from pg_stat_activity"
                               " where application_name like 'pgvigil%%' and datname = current_database()");
    return witness_number(many_conninfo(m, i, "postgres", conninfo, sizeof(conninfo)), sql);
}

struct many_herd many_herd(const struct many *m, int n)
{
    struct many_herd h = {.first_s = NAN, .last_s = 0};
    size_t turned_away = m->visitors->n, k = turned_away;
    int64_t *all = mem_array(turned_away + (size_t)n, sizeof(*all));
    memcpy(all, m->visitors->at_us, turned_away * sizeof(*all));
    for (int i = 0; i < n; i++) {
        double began_us = session_us(m, i), s = (began_us - (double)m->mended_us) / 1e6;
        h.first_s = i == 0 ? s : h.first_s;
        h.last_s = isnan(s) || s > h.last_s ? s : h.last_s;     /* once it is NaN, it stays so */
        if (!isnan(began_us))
            all[k++] = (int64_t)began_us;
    }
    h.attempts = (int)k;
    h.peak = peak_of(all, k);
    free(all);
    return h;
}

/* ---- what it costs ---- */

struct many_cost many_watch(struct pty *p, int seconds)
{
    static struct proc workers[WORKERS_MAX];
    static double kb[WORKERS_MAX];
    struct many_cost c = {0};
    size_t n = proc_descendants(pty_pid(p), workers, WORKERS_MAX);
    double screen = proc_run_ms(pty_pid(p)), before = screen;
    for (size_t i = 0; i < n; i++)
        before += proc_run_ms(workers[i].pid);
    int64_t start = pty_now_us();
    pty_settle(p, seconds * 1000);
    double took_ms = (double)(pty_now_us() - start) / 1000, after = proc_run_ms(pty_pid(p));
    c.screen_cpu = (after - screen) / took_ms;
    for (size_t i = 0; i < n; i++) {
        after += proc_run_ms(workers[i].pid);
        kb[i] = (double)proc_memory_kb(workers[i].pid, "RssAnon");
    }
    c.cpu = (after - before) / took_ms;
    c.screen_kb = (double)proc_memory_kb(pty_pid(p), "RssAnon");
    c.workers = (int)n;
    c.worker_kb = sample_quantile(kb, n, 0.5);
    c.worker_most_kb = sample_quantile(kb, n, 1);
    return c;
}
