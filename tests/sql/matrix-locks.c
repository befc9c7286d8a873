/* Locks, broken texts and logs: what the probes do on a bad day, and what the server writes about them. */
#include "tests/sql/matrix.h"
#include "tests/sql/sampler.h"


#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WAIT_MOST_US        150000
#define TRANSACTION_MOST_US 2000000
#define ANSWER_MOST_US      2000000
#define ROUNDS              20

/* ---- locks ---- */

static void ask_in_storm(struct matrix *m, int place, const struct inquiry *q)
{
    const struct place *p = &matrix_places[place];
    bool ok = true;
    faults_at(&m->faults, "%s %s (%s) under locks, %s", m->version, p->way, p->name, q->probe->name);
    for (int round = 0; round < ROUNDS && ok; round++) {
        int64_t took;
        struct frame *f = inquiry_ask(q, &took);
        if (!f)
            return;
        ok = (f->status == FRAME_OK || inquiry_is_absent(q, f)) && took < ANSWER_MOST_US;
        faults_check(&m->faults, ok, "%s after %.0f ms: %s", frame_status_word(f->status), (double)took / 1000,
                     f->note ? f->note : "");
        faults_check(q->faults, !ok || 2 * f->nrows >= m->rows[place][q->topic], "%u rows, where there were %u", f->nrows,
                     m->rows[place][q->topic]);
        frame_unref(f);
    }
}

static void judge_samples(struct matrix *m, const char *server, struct sampler *sampler)
{
    struct samples s = sampler_stop(sampler);
    faults_at(&m->faults, "%s %s under locks", m->version, server);
    faults_check(&m->faults, s.seen > 0, "in %u looks no session named pgvigil was seen", s.looks);
    /* On a machine that let the sampler itself wait, a server's timers came as late. */
    faults_check(&m->faults, s.wait_us <= WAIT_MOST_US + s.gap_us, "a session of ours waited %.0f ms for a lock",
                 (double)s.wait_us / 1000);
    faults_check(&m->faults, s.transaction_us <= TRANSACTION_MOST_US, "a transaction of ours took %.0f ms",
                 (double)s.transaction_us / 1000);
    printf("%s %s under locks: longest wait %.0f ms, longest transaction %.0f ms, %u looks, at most %.0f ms apart\n",
           m->version, server, (double)s.wait_us / 1000, (double)s.transaction_us / 1000, s.looks,
           (double)s.gap_us / 1000);
}

/* The sampler must see a wait that is there. */
static void prove_sampler(struct matrix *m)
{
    struct sampler sampler = sampler_start(lab_conninfo(m->lab, "primary"));
    PGconn *conn = need_connection(lab_conninfo(m->lab, "primary"), NULL, SCENE_DATABASE, "pgvigil");
    need_quietly(conn, "SET lock_timeout = '100ms'");
    PQclear(PQexec(conn, "SELECT count(*) FROM public.reader"));
    PQfinish(conn);
    struct samples s = sampler_stop(&sampler);
    m->errors++;
    faults_at(&m->faults, "%s", m->version);
    faults_check(&m->faults, s.wait_us > 50000, "a wait of 100 ms was seen as %.0f ms", (double)s.wait_us / 1000);
}

/* Where tables are locked: the scene's database, and the queues'. */
static bool is_watched(const struct place *p)
{
    return (p->database && strcmp(p->database, SCENE_DATABASE) == 0) || strcmp(p->way, "tasks") == 0;
}

void matrix_try_locks(struct matrix *m)
{
    scene_storm(&m->scene);
    prove_sampler(m);
    struct sampler primary = sampler_start(lab_conninfo(m->lab, "primary"));
    struct sampler standby = sampler_start(lab_conninfo(m->lab, "standby"));
    for (int i = 0; matrix_places[i].name; i++) {
        const struct place *p = &matrix_places[i];
        struct inquiry q;
        for (int j = 0; m->table->probes[j]; j++)
            if (p->who != WHO_PLAIN && is_watched(p) && matrix_inquiry(m, i, j, &q))
                ask_in_storm(m, i, &q);
    }
    judge_samples(m, "primary", &primary);
    judge_samples(m, "standby", &standby);
    scene_calm(&m->scene);
}

/* ---- texts ---- */

static void ask_with_bad_texts(struct matrix *m, const struct place *p, const struct inquiry *q)
{
    struct frame *f = inquiry_ask(q, NULL);
    if (!f)
        return;
    faults_at(&m->faults, "%s %s (%s) with bad texts, %s", m->version, p->way, p->name, q->probe->name);
    bool may_fail = strcmp(q->probe->name, "statement_texts") == 0 && strncmp(f->sqlstate, "22", 2) == 0;
    faults_check(&m->faults, f->status == FRAME_OK || inquiry_is_absent(q, f) || (f->status == FRAME_FAILED && may_fail), "%s: %s",
                 frame_status_word(f->status), f->note ? f->note : "");
    frame_unref(f);
}

void matrix_try_texts(struct matrix *m)
{
    scene_bad_texts(&m->scene);
    for (int i = 0; matrix_places[i].name; i++) {
        const struct place *p = &matrix_places[i];
        struct inquiry q;
        for (int j = 0; m->table->probes[j]; j++)
            if (p->who == WHO_SUPERUSER && !p->standby && p->database && matrix_inquiry(m, i, j, &q))
                ask_with_bad_texts(m, p, &q);
    }
    scene_good_texts(&m->scene);
}

/* ---- logs ---- */

static const char *const servers[] = {"primary", "standby", "pooler"};

void matrix_mark_logs(struct matrix *m)
{
    for (size_t i = 0; i < COUNT_OF(servers); i++) {
        FILE *f = lab_log(m->lab, servers[i]) ? fopen(lab_log(m->lab, servers[i]), "re") : NULL;
        if (f && fseek(f, 0, SEEK_END) == 0)
            m->log_marks[i] = ftell(f);
        if (f)
            fclose(f);
    }
}

/* The prefix ends with the application's name; PgBouncer's log tells of us by the words of its complaint alone. */
static bool is_complaint(const char *line, bool pooler)
{
    static const char *const words[] = {" pgvigil ERROR:", " pgvigil FATAL:", " pgvigil PANIC:", " pgvigil WARNING:",
                                        " pgvigil LOG:"};
    if (pooler)
        return (strstr(line, " ERROR ") || strstr(line, " WARNING ")) && strstr(line, " C-0x");
    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (strstr(line, words[i]))
            return true;
    return false;
}

static void tell_line(char *line)
{
    line[strcspn(line, "\n")] = '\0';
    for (char *c = line; *c; c++)
        if (!isprint((unsigned char)*c))
            *c = '?';
    printf("    %s\n", line);
}

static unsigned read_log(const struct matrix *m, size_t server, bool tell)
{
    char line[4096];
    unsigned n = 0;
    FILE *f = lab_log(m->lab, servers[server]) ? fopen(lab_log(m->lab, servers[server]), "re") : NULL;
    if (f && fseek(f, m->log_marks[server], SEEK_SET) != 0)
        rewind(f);
    while (f && fgets(line, sizeof(line), f))
        if (is_complaint(line, strcmp(servers[server], "pooler") == 0)) {
            n++;
            if (tell)
                tell_line(line);
        }
    if (f)
        fclose(f);
    return n;
}

void matrix_read_logs(struct matrix *m)
{
    unsigned complaints = 0;
    for (size_t i = 0; i < COUNT_OF(servers); i++)
        complaints += read_log(m, i, false);
    faults_at(&m->faults, "%s logs", m->version);
    if (faults_check(&m->faults, complaints <= m->errors, "%u complaints about us, %u of them expected", complaints,
                     m->errors))
        return;
    for (size_t i = 0; i < COUNT_OF(servers); i++)
        read_log(m, i, true);
}
