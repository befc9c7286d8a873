/* "The exact GRANT": a role without rights asks, the probe's own GRANT is run, and it asks again. */
#include "tests/sql/matrix.h"

#include "base/mem.h"
#include "ui/widgets/words.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define GRANTEE        "grantee of \"x\" 'y'"
#define GRANTEE_QUOTED "\"grantee of \"\"x\"\" 'y'\""
#define JUDGE          "judge"
#define TRIES          20          /* at a moment when nothing comes or goes between two answers */

struct trio {
    struct inquiry judge, other, grantee;       /* two superusers, and the role in question */
};

/* Counts of cells, by column, that are hidden from the second. */
static bool compare(const struct frame *all, const struct frame *other, unsigned *hidden, struct buf *why)
{
    if (all && other && all->status == FRAME_ABSENT && other->status == FRAME_ABSENT)
        return true;
    if (all && other && other->status == FRAME_OK) {
        inquiry_hidden(all, other, hidden);
        return true;
    }
    buf_clear(why);
    buf_printf(why, " anything: %s", other ? other->note : "there is nothing to ask");
    return false;
}

static bool no_more_hidden(const struct schema *s, const unsigned *base, const unsigned *hidden, struct buf *why)
{
    buf_clear(why);
    for (int i = 0; i < s->ncolumns; i++)
        if (hidden[i] > base[i])
            buf_printf(why, " %s (%u)", s->columns[i].name, hidden[i]);
    return why->len == 0;
}

/* Nothing that the judge sees is hidden from the grantee, but what is hidden from another superuser too: one's own
 * session looks different to oneself. In one of several tries. */
static bool sees_all(const struct trio *t, struct buf *why)
{
    bool sees = false, possible = true;
    for (int i = 0; i < TRIES && !sees && possible; i++) {
        unsigned base[SCHEMA_COLUMNS_MAX] = {0}, hidden[SCHEMA_COLUMNS_MAX] = {0};
        struct frame *all = inquiry_ask(&t->judge, NULL), *other = inquiry_ask(&t->other, NULL), *grantee = inquiry_ask(&t->grantee, NULL);
        possible = compare(all, other, base, why) && compare(all, grantee, hidden, why);
        sees = possible && no_more_hidden(all->schema, base, hidden, why);
        frame_unref(all);
        frame_unref(other);
        frame_unref(grantee);
        if (!sees)
            usleep(20000);
    }
    return sees;
}

/* The very words that the screen shows. */
static void run_grant(struct matrix *m, const char *grant, const struct facts *facts)
{
    struct buf sql = {0};
    words_grant(&sql, grant, facts, TEXT_UTF8);
    PGresult *r = PQexec(m->scene.primary, buf_text(&sql));
    faults_check(&m->faults, PQresultStatus(r) == PGRES_COMMAND_OK, "its GRANT fails: %s: %s", buf_text(&sql),
                 PQresultErrorMessage(r));
    PQclear(r);
    buf_free(&sql);
    scene_await_replay(&m->scene);
}

static void try_probe(struct matrix *m, const struct trio *t)
{
    struct buf why = {0};
    const char *grant = t->grantee.probe->grant;
    if (grant)
        run_grant(m, grant, &t->grantee.session->facts);
    bool sees = sees_all(t, &why);
    faults_check(&m->faults, sees, "%s a role does not see%s",
                 grant ? "after its GRANT" : "it says no GRANT, and without one", buf_text(&why));
    buf_free(&why);
}

/* The session is opened before the GRANT: a role must not have to connect again. */
static void try_at(struct matrix *m, int place, int probe)
{
    struct trio t;
    struct session judge, grantee;
    const struct place *p = &matrix_places[place];
    const char *conninfo = lab_conninfo(m->lab, p->way);
    if (!matrix_inquiry(m, place, probe, &t.other))
        return;
    faults_at(&m->faults, "%s grants on %s %s", m->version, p->way, t.other.probe->name);
    t.judge = t.grantee = t.other;
    need_quietly(m->scene.primary, "CREATE ROLE " GRANTEE_QUOTED " LOGIN");
    scene_await_replay(&m->scene);
    if (inquiry_open(&judge, conninfo, JUDGE, p->database) && inquiry_open(&grantee, conninfo, GRANTEE, p->database)) {
        t.judge.session = &judge;
        t.grantee.session = &grantee;
        try_probe(m, &t);
        session_close(&grantee);
        session_close(&judge);
    } else {
        faults_add(&m->faults, "a role cannot connect");
    }
    need_quietly(m->scene.primary, "DROP OWNED BY " GRANTEE_QUOTED);
    need_quietly(m->scene.primary, "DROP ROLE " GRANTEE_QUOTED);
}

/* ---- rows that say themselves what is missing ---- */

/* "no SELECT on a.b: GRANT ...; GRANT ...; no SELECT on ...": each GRANT ends at a semicolon or at the end. */
static int run_note(struct matrix *m, PGconn *conn, const char *note)
{
    int n = 0;
    for (const char *at = note; (at = strstr(at, "GRANT ")) != NULL; n++) {
        char *sql = mem_bytes(at, strcspn(at, ";"));
        PGresult *r = PQexec(conn, sql);
        faults_check(&m->faults, PQresultStatus(r) == PGRES_COMMAND_OK, "a row's GRANT fails: %s: %s", sql,
                     PQresultErrorMessage(r));
        at += strlen(sql);
        PQclear(r);
        free(sql);
    }
    return n;
}

static int run_notes(struct matrix *m, PGconn *conn, const struct frame *f)
{
    int n = 0, note = schema_find(f->schema, "note");
    for (uint32_t row = 0; note >= 0 && row < f->nrows; row++)
        if (frame_text(f, row, note).len > 0)
            n += run_note(m, conn, frame_text(f, row, note).bytes);
    return n;
}

/* A note may name one table of many: the next answer names the next one. */
static void follow_notes(struct matrix *m, const struct trio *t, PGconn *conn)
{
    struct buf why = {0};
    int granted = 1, all = 0;
    for (int i = 0; i < TRIES && granted > 0; i++) {
        struct frame *f = inquiry_ask(&t->grantee, NULL);
        granted = f ? run_notes(m, conn, f) : 0;
        all += granted;
        frame_unref(f);
    }
    faults_check(&m->faults, all > 0, "no row says what to grant");
    faults_check(&m->faults, granted == 0, "rows go on asking for more, after %d grants", all);
    bool sees = sees_all(t, &why);
    faults_check(&m->faults, sees, "after all that was asked for the role still does not see%s", buf_text(&why));
    buf_free(&why);
}

static void try_notes(struct matrix *m)
{
    struct trio t;
    struct session judge, grantee;
    int place = 0, probe = 0;
    while (strcmp(matrix_places[place].way, "tasks") != 0)
        place++;
    while (strcmp(m->table->probes[probe]->name, "queues") != 0)
        probe++;
    const char *conninfo = lab_conninfo(m->lab, "tasks");
    PGconn *conn = need_connection(conninfo, NULL, NULL, "grants");
    faults_at(&m->faults, "%s notes of %s", m->version, m->table->probes[probe]->name);
    need_quietly(conn, "CREATE ROLE " GRANTEE_QUOTED " LOGIN");
    bool asked = matrix_inquiry(m, place, probe, &t.other) && inquiry_open(&judge, conninfo, JUDGE, NULL) &&
                 inquiry_open(&grantee, conninfo, GRANTEE, NULL);
    if (faults_check(&m->faults, asked, "a role cannot connect")) {
        t.judge = t.grantee = t.other;
        t.judge.session = &judge;
        t.grantee.session = &grantee;
        follow_notes(m, &t, conn);
        session_close(&judge);
        session_close(&grantee);
    }
    need_quietly(conn, "DROP OWNED BY " GRANTEE_QUOTED);
    need_quietly(conn, "DROP ROLE " GRANTEE_QUOTED);
    PQfinish(conn);
}

void matrix_try_grants(struct matrix *m)
{
    need_quietly(m->scene.primary, "CREATE ROLE " JUDGE " LOGIN SUPERUSER");
    for (int i = 0; matrix_places[i].name; i++) {
        const struct place *p = &matrix_places[i];
        for (int j = 0; m->table->probes[j]; j++)
            if (p->who == WHO_SUPERUSER && p->database && strcmp(p->database, SCENE_DATABASE) == 0)
                try_at(m, i, j);
    }
    try_notes(m);
}
