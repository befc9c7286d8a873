/* The version matrix: every probe's SQL on real servers, on primary and standby, for a superuser, for pg_monitor and
 * for a role without any right; with odd names, foreign encodings and locked tables; and nothing in the logs.
 *
 *     matrix [FOLDER]...       FOLDER/bin has initdb and postgres; none: the newest PostgreSQL that is installed
 */
#include "tests/sql/matrix.h"

#include "base/clock.h"
#include "base/mem.h"
#include "engine/variant.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const struct place matrix_places[] = {
    {"primary super", "primary", SCENE_DATABASE, WHO_SUPERUSER, false, "primary"},
    {"monitor", "primary_monitor", SCENE_DATABASE, WHO_MONITOR, false, "primary"},
    {"plain", "primary_plain", SCENE_DATABASE, WHO_PLAIN, false, "primary"},
    {"standby super", "standby", SCENE_DATABASE, WHO_SUPERUSER, true, "standby"},
    {"monitor", "standby_monitor", SCENE_DATABASE, WHO_MONITOR, true, "standby"},
    {"plain", "standby_plain", SCENE_DATABASE, WHO_PLAIN, true, "standby"},
    {"SQL_ASCII", "primary", "raw", WHO_SUPERUSER, false, "primary"},
    {"LATIN1", "primary", "latin", WHO_SUPERUSER, false, "primary"},
    {"bytes", "primary", "by\377\376tes", WHO_SUPERUSER, false, "primary"},
    {"tasks super", "tasks", NULL, WHO_SUPERUSER, false, "primary"},
    {"tasks monitor", "tasks_monitor", NULL, WHO_MONITOR, false, "primary"},
    {"tasks plain", "tasks_plain", NULL, WHO_PLAIN, false, "primary"},
    {"tasks on standby", "standby", "tasks", WHO_SUPERUSER, true, "standby"},
    {"pooled plain", "pooled", NULL, WHO_PLAIN, false, "primary"},
    {"pooler stats", "pooler", NULL, WHO_MONITOR, false, "pooler"},
    {"pooler admin", "pooler_admin", NULL, WHO_SUPERUSER, false, "pooler"},
    {NULL},
};

static const char *const marks[] = {"-", "absent"};

/* Why a probe is not asked at a place; NULL: it is. */
static const char *not_asked(const struct matrix *m, int place, int probe)
{
    const struct facts *f = &m->sessions[place].facts;
    if (!m->sessions[place].conn || m->table->probes[probe]->kind != f->kind || m->table->probes[probe]->of)
        return marks[0];
    return variant_absent(m->table->probes[probe], f) ? marks[1] : NULL;
}

bool matrix_inquiry(struct matrix *m, int place, int probe, struct inquiry *q)
{
    *q = (struct inquiry){m->table->probes[probe], probe, &m->sessions[place], &m->engine->pilots[place],
                          matrix_places[place].who != WHO_PLAIN, &m->faults, &m->errors};
    return not_asked(m, place, probe) == NULL;
}

static void note_used(struct matrix *m, int probe, const struct facts *f)
{
    const struct probe_sql *sql = m->table->probes[probe]->plan ? NULL : variant_choose(m->table->probes[probe], f);
    if (sql && sql - m->table->probes[probe]->sql < VARIANTS_MAX)
        m->used[probe][sql - m->table->probes[probe]->sql] = true;
}

static bool check_status(struct matrix *m, const struct place *p, const struct probe *pr, const struct frame *f)
{
    bool may_be_denied = p->who == WHO_PLAIN && pr->grant;
    faults_check(&m->faults, f->status == FRAME_OK || (f->status == FRAME_DENIED && may_be_denied), "%s: %s %s%s",
                 frame_status_word(f->status), f->sqlstate, f->note ? f->note : "",
                 f->status == FRAME_DENIED && p->who == WHO_PLAIN ? "; and the probe does not say what to grant" : "");
    return f->status == FRAME_OK;
}

static void check_role(struct matrix *m, const struct place *p, const struct session *s, const struct frame *f)
{
    enum server_role role = p->standby ? SERVER_STANDBY : SERVER_PRIMARY;
    if (s->facts.kind == TARGET_SERVER)
        faults_check(&m->faults, f->server_role == role, "the frame says role %d, not %d", (int)f->server_role,
                     (int)role);
}

/* Rates are of a second or more, and we ask faster than that: answers that others follow are dated back. */
static void publish_dated_back(const struct inquiry *q, struct frame *f, int followers)
{
    f->taken_us -= followers * 2 * US_PER_S;
    inquiry_publish(q, f);
}

/* The first round: whether it can be asked here at all, and something for others to go by. */
static const char *try_probe(struct matrix *m, int place, int probe)
{
    struct inquiry q;
    const struct place *p = &matrix_places[place];
    if (!matrix_inquiry(m, place, probe, &q))
        return not_asked(m, place, probe);
    note_used(m, probe, &q.session->facts);
    struct frame *f = inquiry_ask(&q, NULL);
    bool ok = f && !inquiry_is_absent(&q, f) && check_status(m, p, q.probe, f);
    const char *why = !f || ok ? NULL : frame_status_word(f->status);
    if (ok)
        publish_dated_back(&q, f, 4);
    frame_unref(f);
    return why;
}

/* The second round: all of the SQL, and three more answers, so that there is an interval in which even our own
 * statements are counted: they show from their second run on, and have a rate from the third. */
static void check_probe(struct matrix *m, int place, int probe, struct buf *cells)
{
    struct inquiry q;
    const struct place *p = &matrix_places[place];
    bool *given = m->given[probe], good = matrix_inquiry(m, place, probe, &q);
    int64_t took = 0;
    struct frame *f = NULL;
    for (int i = 0; i < 3 && good; i++) {
        frame_unref(f);
        f = inquiry_ask(&q, &took);
        good = f && check_status(m, p, q.probe, f);
        if (!good)
            break;
        if (i == 0 && !q.session->facts.pooled)
            inquiry_check_sql(&q, given);
        publish_dated_back(&q, f, 3 - i);
        check_role(m, p, q.session, f);
        inquiry_check_frames(&q, f, given);
        m->rows[place][probe] = f->nrows;
    }
    m->asked[probe] |= good;
    if (f)
        buf_printf(cells, " %8.1f ms%5u", (double)took / 1000, f->nrows);
    else
        buf_printf(cells, " %16s", "nothing to ask");
    frame_unref(f);
}

static void ask_all(struct matrix *m, int place, struct buf *cells)
{
    const struct place *p = &matrix_places[place];
    const char *why[PROBES_MAX];
    for (int round = 0; round < 2; round++)
        for (int i = 0; m->table->probes[i]; i++) {
            faults_at(&m->faults, "%s %s (%s) %s", m->version, p->way, p->name, m->table->probes[i]->name);
            if (round == 0)
                why[i] = try_probe(m, place, i);
            else if (why[i])
                buf_printf(&cells[i], " %16s", why[i]);
            else
                check_probe(m, place, i, &cells[i]);
        }
}

static int find_probe(const struct matrix *m, const char *name)
{
    int i = 0;
    while (m->table->probes[i] && strcmp(m->table->probes[i]->name, name) != 0)
        i++;
    return i;
}

/* Of whose kind is known now only the text of what is shown is asked. */
static void count_texts_again(struct matrix *m, int place)
{
    struct inquiry q;
    int texts = find_probe(m, "statement_texts");
    struct frame *f = matrix_inquiry(m, place, texts, &q) ? inquiry_ask(&q, NULL) : NULL;
    if (f && f->status == FRAME_OK)
        m->rows[place][texts] = f->nrows;
    frame_unref(f);
}

/* One more answer after the texts: by then the kinds of most of what ran are known, and our own questions are SELECTs. */
static void check_kinds(struct matrix *m, int place)
{
    struct inquiry q;
    int kinds = find_probe(m, "statement_kinds");
    if (!matrix_inquiry(m, place, find_probe(m, "statements"), &q))
        return;
    faults_at(&m->faults, "%s %s (%s) statement_kinds", m->version, matrix_places[place].way, matrix_places[place].name);
    struct frame *f = inquiry_ask(&q, NULL);
    if (f && f->status == FRAME_OK && q.all_seeing) {
        inquiry_publish(&q, f);
        struct sight s = store_sight(m->engine->store, m->engine->pilots[place].target, kinds, clock_boot_us());
        bool made = s.good && s.derived && s.derived->nrows == 6;
        if (faults_check(&m->faults, made, "it was not made from statements"))
            faults_check(&m->faults, frame_number(s.derived, 0, schema_find(s.derived->schema, "statements")) >= 1,
                         "no SELECT is known, although we ask some");
    }
    frame_unref(f);
    count_texts_again(m, place);
}

/* The columns of the table are the places, its rows the probes. */
static void ask_everywhere(struct matrix *m)
{
    struct buf cells[PROBES_MAX] = {{0}}, head = {0};
    for (int i = 0; matrix_places[i].name; i++) {
        buf_printf(&head, " %16s", matrix_places[i].name);
        ask_all(m, i, cells);
        check_kinds(m, i);
        matrix_check_session(m, i);
    }
    printf("\n%-20s%s\n", m->version, buf_text(&head));
    for (int i = 0; m->table->probes[i]; i++) {
        printf("%-20s%s\n", m->table->probes[i]->name, buf_text(&cells[i]));
        buf_free(&cells[i]);
    }
    buf_free(&head);
    fflush(stdout);
}

/* ---- sessions, and the engine that knows of them ---- */

static int64_t clock_now(void)
{
    return clock_boot_us();
}

static bool no_spawn(struct pilot *p)
{
    (void)p;
    return false;
}

static void make_engine(struct matrix *m)
{
    struct engine_target targets[PLACES_MAX];
    char names[PLACES_MAX][16];
    struct err err;
    int n = 0;
    for (; matrix_places[n].name; n++) {
        snprintf(names[n], sizeof(names[n]), "place_%d", n);
        targets[n] = (struct engine_target){.name = names[n], .conninfo = ""};
    }
    m->engine = engine_new(&(struct engine_setup){.probes = m->table->probes, .targets = targets, .ntargets = n,
                                                  .watcher_fd = -1, .past_bytes = 4u << 20}, &err);
    if (!m->engine)
        abort();
    m->engine->clock = clock_now;
    m->engine->spawn = no_spawn;
}

/* Facts go to the store as they would from a watcher: by the wire. */
static void tell_facts(struct matrix *m, int place)
{
    struct buf b = {0};
    struct wire_stream in = {0};
    struct wire_message message;
    struct facts facts;
    wire_open(&b);
    wire_put_facts(&b, &m->sessions[place].facts);
    wire_feed(&in, b.data, b.len);
    if (faults_check(&m->faults, wire_next(&in, &message) && wire_get_facts(&message, &facts),
                     "the facts do not survive the wire"))
        store_set_facts(m->engine->store, place, &facts);
    m->engine->pilots[place].epoch = 1;
    pilot_take_role(&m->engine->pilots[place], m->sessions[place].facts.standby ? SERVER_STANDBY : SERVER_PRIMARY);
    wire_stream_free(&in);
    buf_free(&b);
}

static void open_all(struct matrix *m)
{
    make_engine(m);
    for (int i = 0; matrix_places[i].name; i++) {
        const struct place *p = &matrix_places[i];
        struct session *s = &m->sessions[i];
        const char *conninfo = lab_conninfo(m->lab, p->way);
        *s = (struct session){0};
        faults_at(&m->faults, "%s %s (%s)", m->version, p->way, p->name);
        if (conninfo && faults_check(&m->faults, inquiry_open(s, conninfo, NULL, p->database), "cannot connect"))
            tell_facts(m, i);
    }
    if (m->sessions[0].conn)
        snprintf(m->version, sizeof(m->version), "%s", m->sessions[0].facts.version_text);
}

static void close_all(struct matrix *m)
{
    for (int i = 0; matrix_places[i].name; i++)
        if (m->sessions[i].conn)
            session_close(&m->sessions[i]);
    engine_free(m->engine);
}

/* ---- the whole run ---- */

static struct lab *start_lab(const char *folder)
{
    char bindir[600];
    const char *args[6] = {"--no-tcp"};
    int n = 1;
    snprintf(bindir, sizeof(bindir), "%s/bin", folder ? folder : "");
    if (folder) {
        args[n++] = "--bindir";
        args[n++] = bindir;
    }
    if (access("/usr/sbin/pgbouncer", X_OK) != 0) {
        puts("There is no PgBouncer here: what is asked of one is not tried.");
        args[n++] = "--no-pooler";
    }
    return lab_start(args);
}

static void run_version(struct matrix *m, const char *folder)
{
    int64_t started = clock_boot_us();
    snprintf(m->version, sizeof(m->version), "%s", folder ? folder : "installed");
    m->errors = 0;
    m->lab = start_lab(folder);
    faults_at(&m->faults, "%s", folder ? folder : "installed");
    if (!faults_check(&m->faults, m->lab != NULL, "the lab does not start"))
        return;
    scene_set(&m->scene, m->lab);
    matrix_mark_logs(m);
    open_all(m);
    ask_everywhere(m);
    matrix_try_grants(m);
    matrix_try_locks(m);
    matrix_try_texts(m);
    matrix_try_promotion(m);
    close_all(m);
    matrix_read_logs(m);
    scene_clear(&m->scene);
    lab_stop(m->lab);
    printf("%s took %.1f s, %d faults so far\n", m->version, (double)(clock_boot_us() - started) / 1e6, m->faults.count);
}

/* The name stands in the text as a word of its own. */
static bool mentions(const char *sql, const char *name)
{
    static const char word[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
    size_t len = strlen(name);
    for (const char *at = sql; (at = strstr(at, name)) != NULL; at++)
        if ((at == sql || !strchr(word, at[-1])) && (!at[len] || !strchr(word, at[len])))
            return true;
    return false;
}

/* On a version that this run does not know. A console's columns change with PgBouncer, of which there is one here:
 * their help says of which version they are. */
static bool another_variant_may_give(const struct matrix *m, int probe, const struct column *c)
{
    const struct probe_sql *sql = m->table->probes[probe]->sql;
    if (m->table->probes[probe]->simple)
        return strstr(c->help, "(from ") || strstr(c->help, "(before ");
    for (int v = 0; sql && sql[v].sql; v++)
        if ((v >= VARIANTS_MAX || !m->used[probe][v]) && mentions(sql[v].sql, c->name))
            return true;
    return false;
}

/* A column that no version fills would be an empty column for ever. Applications are no servers: tests/fault has them. */
static void check_columns(struct matrix *m)
{
    for (int i = 0; m->table->probes[i]; i++) {
        if (m->table->probes[i]->kind == TARGET_APP)
            continue;
        const struct schema *schema = m->table->probes[i]->schema;
        if (m->table->probes[i]->of)
            continue;           /* it asks nothing */
        faults_at(&m->faults, "%s", m->table->probes[i]->name);
        faults_check(&m->faults, m->asked[i], "it was answered nowhere");
        /* What a plan's frame holds depends on what its questions find. */
        for (int c = 0; c < schema->ncolumns && !m->table->probes[i]->plan; c++)
            faults_check(&m->faults, m->given[i][c] || another_variant_may_give(m, i, &schema->columns[c]),
                         "no server fills the column \"%s\"", schema->columns[c].name);
    }
}

int main(int argc, char **argv)
{
    struct matrix *m = mem_new(sizeof(*m));
    m->table = table_new();
    for (int i = 1; i < argc; i++)
        run_version(m, argv[i]);
    if (argc == 1)
        run_version(m, NULL);
    check_columns(m);
    printf("%d checks, %d faults\n", m->faults.checks, m->faults.count);
    bool passed = m->faults.count == 0 && m->faults.checks > 100;
    table_free(m->table);
    free(m);
    return passed ? 0 : 1;
}
