/* What a session of ours is: harmless by its settings, and right about the server, even when that changes. */
#include "tests/sql/matrix.h"

#include "base/attr.h"

#include <stdlib.h>
#include <string.h>

static const struct {
    int from;               /* server version that has it */
    const char *name, *want;
} settings[] = {
    {0, "application_name", "pgvigil"},
    {0, "statement_timeout", "1500ms"},
    {0, "lock_timeout", "100ms"},
    {0, "idle_in_transaction_session_timeout", "5s"},
    {0, "default_transaction_read_only", "on"},
    {0, "search_path", "pg_catalog, pg_temp"},
    {0, "TimeZone", "UTC"},
    {0, "jit", "off"},
    {0, "work_mem", "32MB"},
    {0, "max_parallel_workers_per_gather", "0"},
    {140000, "client_connection_check_interval", "1s"},
    {170000, "transaction_timeout", "5s"},
};

static char *show(PGconn *conn, const char *name)
{
    struct buf sql = {0};
    buf_printf(&sql, "SHOW %s", name);
    char *value = need(conn, buf_text(&sql));
    buf_free(&sql);
    return value;
}

static void check_settings(struct matrix *m, const struct session *s)
{
    for (size_t i = 0; i < COUNT_OF(settings); i++) {
        if (s->facts.version < settings[i].from)
            continue;
        char *value = show(s->conn, settings[i].name);
        faults_check(&m->faults, strcmp(value, settings[i].want) == 0, "%s is %s, not %s", settings[i].name, value,
                     settings[i].want);
        free(value);
    }
    char *client = show(s->conn, "client_encoding"), *server = show(s->conn, "server_encoding");
    faults_check(&m->faults, strcmp(client, server) == 0, "the client's encoding is %s, the server's %s", client, server);
    free(client);
    free(server);
}

/* Behind a transaction pooler nothing that we set may reach the next client. */
static void check_no_leak(struct matrix *m, const struct place *p)
{
    PGconn *conn = need_connection(lab_conninfo(m->lab, p->way), NULL, NULL, "another client");
    for (size_t i = 1; i < COUNT_OF(settings); i++) {
        if (m->sessions[0].facts.version < settings[i].from || strcmp(settings[i].name, "TimeZone") == 0 ||
            strcmp(settings[i].name, "jit") == 0)
            continue;               /* the lab's servers have these two anyway */
        char *value = show(conn, settings[i].name);
        faults_check(&m->faults, strcmp(value, settings[i].want) != 0, "the next client of the pooler has our %s",
                     settings[i].name);
        free(value);
    }
    PQfinish(conn);
}

static void check_facts(struct matrix *m, const struct place *p, const struct facts *f)
{
    const struct facts *primary = &m->sessions[0].facts;
    faults_check(&m->faults, f->version >= 120000 && f->version == primary->version, "version %d", f->version);
    faults_check(&m->faults, f->standby == p->standby, "it takes the server for a %s", f->standby ? "standby" : "primary");
    faults_check(&m->faults, f->superuser == (p->who == WHO_SUPERUSER), "superuser: %d", f->superuser);
    faults_check(&m->faults, f->monitor == (p->who != WHO_PLAIN), "rights of pg_read_all_stats: %d", f->monitor);
    faults_check(&m->faults, f->system_id && f->system_id == primary->system_id, "another cluster than the primary's");
    faults_check(&m->faults, f->started_us > 0 && f->backend_pid > 0, "no start, or no pid of the backend");
    faults_check(&m->faults, f->user && f->database && f->version_text && f->encoding, "user, database or version unknown");
    faults_check(&m->faults, !p->database || (f->database && strcmp(f->database, p->database) == 0),
                 "another database than the one that was asked for");
    faults_check(&m->faults, f->pooled == (strncmp(p->way, "pooled", 6) == 0), "behind a pooler: %d", f->pooled);
}

void matrix_check_session(struct matrix *m, int place)
{
    const struct place *p = &matrix_places[place];
    const struct session *s = &m->sessions[place];
    if (!s->conn || s->facts.kind != TARGET_SERVER)
        return;
    faults_at(&m->faults, "%s %s (%s)", m->version, p->way, p->name);
    check_facts(m, p, &s->facts);
    if (s->facts.pooled)
        check_no_leak(m, p);
    else
        check_settings(m, s);
}

/* ---- promotion ---- */

static void ask_promoted(struct matrix *m, int place, int probe)
{
    struct inquiry q;
    const struct place *p = &matrix_places[place];
    if (!matrix_inquiry(m, place, probe, &q))
        return;
    faults_at(&m->faults, "%s %s (%s) after promotion, %s", m->version, p->way, p->name, q.probe->name);
    struct frame *f = inquiry_ask(&q, NULL);
    if (!f)
        return;
    bool may_be_denied = p->who == WHO_PLAIN && f->status == FRAME_DENIED;
    faults_check(&m->faults, f->status == FRAME_OK || may_be_denied || inquiry_is_absent(&q, f), "%s: %s %s",
                 frame_status_word(f->status), f->sqlstate, f->note ? f->note : "");
    faults_check(&m->faults, f->status != FRAME_OK || f->server_role == SERVER_PRIMARY, "the frame says role %d",
                 (int)f->server_role);
    frame_unref(f);
}

void matrix_try_promotion(struct matrix *m)
{
    faults_at(&m->faults, "%s promotion", m->version);
    if (!faults_check(&m->faults, lab_command(m->lab, "promote standby"), "%s", lab_answer(m->lab)))
        return;
    need_soon(m->scene.standby, "SELECT NOT pg_is_in_recovery()");
    for (int i = 0; matrix_places[i].name; i++)
        for (int j = 0; m->table->probes[j]; j++)
            if (matrix_places[i].standby)
                ask_promoted(m, i, j);
}
