/* pgvigil doctor: what this role can and cannot see of each server, and the statements that would mend it. */
#include "assemble.h"
#include "cmd.h"

#include "base/mem.h"
#include "base/text.h"
#include "conf/conninfo.h"
#include "conf/url.h"
#include "model/blind.h"
#include "model/grant.h"
#include "model/shape.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MENDS_MAX 64
#define CLEAR_MEND     "switch ssl on there, and leave sslmode out of the conninfo"
#define CLEAR_MEND_APP "let it speak https"
#define UNVERIFIED_MEND "name its authority by sslrootcert, or say channel_binding=require where passwords are SCRAM"

/* Of one target: what was said, made safe, and what would mend it, which is hostile. */
struct visit {
    const struct setup *setup;
    struct engine *engine;
    const struct store *store;
    int target;
    const struct target *is;
    struct buf out;
    struct mend {
        char *statement;        /* each once */
        bool writes;            /* of a standby: to be run on its primary */
    } mends[MENDS_MAX];
    int nmends;
    bool hidden;                /* something is */
};

/* ---- what is said ---- */

enum sign { FINE, WORSE, HIDDEN, ABSENT };

/* "  ? tables             denied: permission denied for table t" */
static void say(struct visit *v, enum sign sign, const char *what, const char *format, ...) PRINTF_LIKE(4, 5);
static void say(struct visit *v, enum sign sign, const char *what, const char *format, ...)
{
    static const char *const signs[][2] = {{"·", "."}, {"!", "!"}, {"?", "?"}, {"–", "-"}};
    enum text_mode mode = text_locale_mode();
    char words[2048];
    va_list args;
    va_start(args, format);
    vsnprintf(words, sizeof(words), format, args);
    va_end(args);
    buf_printf(&v->out, "  %s ", signs[sign][mode == TEXT_ASCII]);
    size_t columns = text_safe_string(&v->out, what, mode);
    buf_printf(&v->out, "%*s", columns < 19 ? (int)(19 - columns) : 1, "");
    text_safe_string(&v->out, words, mode);
    buf_putc(&v->out, '\n');
    v->hidden = v->hidden || sign == HIDDEN;
}

static void mend(struct visit *v, const char *statement, bool writes)
{
    for (int i = 0; i < v->nmends; i++)
        if (strcmp(v->mends[i].statement, statement) == 0)
            return;
    if (v->nmends < MENDS_MAX)
        v->mends[v->nmends++] = (struct mend){mem_string(statement), writes && v->is->facts.standby};
}

static void mend_grant(struct visit *v, const char *grant)
{
    struct buf sql = {0};
    grant_put(&sql, grant, &v->is->facts);
    buf_putc(&sql, ';');
    mend(v, buf_text(&sql), true);
    buf_free(&sql);
}

/* ---- the way there ---- */

static void see_connection(struct visit *v)
{
    const struct facts *f = &v->is->facts;
    const char *tls = f->tls ? f->tls : "by Kerberos";
    if (f->trust == TRUST_LOCAL)
        say(v, FINE, "connection", f->tls ? "within this machine, encrypted, %s" : "within this machine", tls);
    else if (f->trust == TRUST_VERIFIED)
        say(v, FINE, "connection", "encrypted, %s, and verified", tls);
    else if (f->trust == TRUST_UNVERIFIED)
        say(v, WORSE, "connection", "encrypted, %s, but UNVERIFIED: somebody may stand between; " UNVERIFIED_MEND, tls);
    else
        say(v, WORSE, "connection", "CLEAR TEXT: who listens on the way reads all; %s",
            f->kind == TARGET_APP ? CLEAR_MEND_APP : CLEAR_MEND);
    const char *conninfo = v->setup->targets[v->target].conninfo;
    if (f->kind == TARGET_APP && url_has_secret(conninfo))
        say(v, WORSE, "password", "stands in the URL, or may: in pgvigil.yaml it is in no history, nor in sight of ps");
    else if (f->kind != TARGET_APP && conninfo_has_secret(conninfo))
        say(v, WORSE, "password", "stands in the conninfo: ~/.pgpass or a service keeps it out of histories and files");
}

static void see_role(struct visit *v)
{
    const struct facts *f = &v->is->facts;
    const char *user = f->user ? f->user : "?";
    if (f->kind == TARGET_POOLER)
        say(v, FINE, "role", "%s, of PgBouncer's stats_users or admin_users", user);
    else if (f->superuser)
        say(v, WORSE, "role", "%s is a superuser: it sees all, and needs no more than pg_monitor for that", user);
    else if (f->monitor)
        say(v, FINE, "role", "%s has pg_monitor, and is no superuser", user);
    else
        say(v, HIDDEN, "role", "%s has no pg_monitor: of others' sessions it sees only that they are there", user);
    if (f->kind == TARGET_SERVER && f->pooled)
        say(v, WORSE, "pooler", "the connection goes through a pooler: watch the server itself, and the pooler beside it");
}

/* ---- each probe ---- */

static void say_trouble(struct visit *v, const struct probe *p, const struct frame *f)
{
    bool mendable = (p->needs & NEED_STATEMENTS) && facts_extension(&v->is->facts, "pg_stat_statements") < 0;
    const char *note = f->note ? f->note : "", *colon = f->note ? ": " : "";
    if (f->status == FRAME_ABSENT)
        say(v, mendable ? HIDDEN : ABSENT, p->name, "absent%s%s", colon, note);
    else
        say(v, HIDDEN, p->name, "%s%s%s", frame_status_word(f->status), colon, note);
    if (f->status == FRAME_DENIED && p->grant)
        mend_grant(v, p->grant);
    if (f->status == FRAME_DENIED && p->kind == TARGET_POOLER)
        mend(v, "-- in pgbouncer.ini add this role to stats_users, then: RELOAD;", false);
}

static void see_probe(struct visit *v, const struct probe *p, int topic)
{
    struct sight s = store_sight(v->store, v->target, topic, engine_now_us(v->engine));
    if (!engine_concerns(v->engine, v->target, topic))
        return;
    if (!s.newest && p->parameter)
        say(v, ABSENT, p->name, "nothing to ask");
    else if (!s.newest)
        say(v, HIDDEN, p->name, "no answer in time");
    else if (s.newest->status != FRAME_OK)
        say_trouble(v, p, s.newest);
    else if (grant_missing(p->grant, &v->is->facts)) {
        say(v, HIDDEN, p->name, "partly hidden");
        mend_grant(v, p->grant);
    } else
        say(v, FINE, p->name, "all of it");
}

/* ---- settings ---- */

static const struct frame *answer(const struct visit *v, const char *topic)
{
    struct sight s = store_sight(v->store, v->target, store_find_topic(v->store, topic), engine_now_us(v->engine));
    return s.state == SIGHT_FRESH && s.good->nrows > 0 ? s.good : NULL;
}

static double number(const struct frame *f, const char *column)
{
    int i = schema_find(f->schema, column);
    return frame_cell(f, 0, i)->known ? frame_number(f, 0, i) : NAN;
}

static void see_settings(struct visit *v, const struct frame *f)
{
    bool preloaded = number(f, "statements_preloaded") > 0, created = number(f, "statements_created") > 0, any = false;
    for (const struct blind_row *row = blind_rows; row->name; row++) {
        if (!blind_is(row, f))
            continue;
        say(v, row->hides ? HIDDEN : WORSE, row->name, "%s", row->means);
        any = any || strcmp(row->name, "pg_stat_statements") == 0;
        if (row->mend)
            mend(v, row->mend, row->writes);
    }
    if (!any && created)
        say(v, FINE, "pg_stat_statements", preloaded ? "preloaded and created" : "created");
    if (number(f, "track_activity_query_size") <= 1024) {
        say(v, WORSE, "query texts", "are cut after %.0f bytes", number(f, "track_activity_query_size"));
        mend(v, "ALTER SYSTEM SET track_activity_query_size = '4kB'; -- from the next restart on", false);
    }
}

/* ---- task queues ---- */

static bool same_system(const struct frame *f, uint32_t a, uint32_t b)
{
    for (const char *const *name = (const char *const[]){"definition", "schema", NULL}; *name; name++) {
        int column = schema_find(f->schema, *name);
        struct frame_text x = frame_text(f, a, column), y = frame_text(f, b, column);
        if (x.len != y.len || memcmp(x.bytes, y.bytes, x.len) != 0)
            return false;
    }
    return true;
}

/* From "no SELECT on t: GRANT SELECT ON t TO mon; and so for 3 tables more" what can be run. */
static void mend_by_note(struct visit *v, const char *grant)
{
    static const char more[] = "; and so ";
    const char *at = strstr(grant, more);
    struct buf sql = {0};
    buf_printf(&sql, "%.*s;", (int)(at ? at - grant : (long)strlen(grant)), grant);
    if (at)
        buf_printf(&sql, " -- %s", at + 2);
    mend(v, buf_text(&sql), true);
    buf_free(&sql);
}

static void see_system(struct visit *v, const struct frame *f, uint32_t row)
{
    struct frame_text name = frame_text(f, row, schema_find(f->schema, "definition"));
    struct frame_text note = frame_text(f, row, schema_find(f->schema, "note"));
    const char *grant = memmem(note.bytes, note.len, "GRANT ", 6);
    char what[64];
    unsigned queues = 0;
    for (uint32_t i = 0; i < f->nrows; i++)
        queues += same_system(f, row, i);
    snprintf(what, sizeof(what), "%.*s", (int)name.len, name.bytes);
    if (grant)
        mend_by_note(v, grant);
    if (note.len > 0)
        say(v, grant ? HIDDEN : WORSE, what, "%.*s", (int)note.len, note.bytes);
    else
        say(v, FINE, what, "%u %s, all of it", queues, queues == 1 ? "queue" : "queues");
}

static void see_queues(struct visit *v)
{
    const struct frame *f = answer(v, "queues");
    for (uint32_t row = 0; f && row < f->nrows; row++) {
        uint32_t first = 0;
        while (!same_system(f, first, row))
            first++;
        if (first == row)
            see_system(v, f, row);
    }
}

/* ---- one after the other ---- */

/* " on its primary shop", when that is watched too; a cluster's other servers take none of it. */
static void say_place(struct visit *v)
{
    struct cluster_shape shape = shape_look(v->store, engine_now_us(v->engine));
    int cluster = shape.nodes[v->target].cluster, primary = cluster < 0 ? -1 : shape.clusters[cluster].primary;
    buf_puts(&v->out, grant_place(&v->is->facts));
    if (primary >= 0)
        buf_printf(&v->out, " %s", store_target(v->store, primary)->name);
    cluster_shape_free(&shape);
}

static void print_mends(struct visit *v, bool elsewhere)
{
    bool any = false;
    for (int i = 0; i < v->nmends; i++) {
        if (v->mends[i].writes != elsewhere)
            continue;
        if (!any) {
            buf_puts(&v->out, "  to mend it");
            if (elsewhere)
                say_place(v);
            buf_puts(&v->out, ", as a superuser:\n");
        }
        any = true;
        buf_puts(&v->out, "    ");
        text_safe_string(&v->out, v->mends[i].statement, text_locale_mode());
        buf_putc(&v->out, '\n');
        free(v->mends[i].statement);
    }
}

static void print_visit(struct visit *v)
{
    print_mends(v, false);
    print_mends(v, true);
    fputs(buf_text(&v->out), stdout);
    buf_free(&v->out);
}

static void see_target(struct visit *v)
{
    const struct facts *f = &v->is->facts;
    buf_printf(&v->out, "%s: %s ", v->is->name, target_kind_word(f->kind));
    text_safe_string(&v->out, f->version_text ? f->version_text : "?", text_locale_mode());
    buf_putc(&v->out, '\n');
    if (f->kind != TARGET_APP)
        see_role(v);
    see_connection(v);
    for (int i = 0; i < store_topics(v->store); i++)
        see_probe(v, v->setup->assembly->probes[i], i);
    const struct frame *settings = f->kind == TARGET_SERVER ? answer(v, "eyesight") : NULL;
    if (settings)
        see_settings(v, settings);
    if (f->kind == TARGET_SERVER)
        see_queues(v);
}

static int print_all(const struct setup *setup, struct engine *e)
{
    const struct store *store = engine_store(e);
    bool hidden = false;
    for (int i = 0; i < store_targets(store); i++) {
        struct visit v = {.setup = setup, .engine = e, .store = store, .target = i, .is = store_target(store, i)};
        if (!v.is->facts.known)
            continue;
        see_target(&v);
        hidden = hidden || v.hidden;
        print_visit(&v);
    }
    fflush(stdout);             /* before what is complained of */
    int status = look_status(store);
    return status != EXIT_OK ? status : hidden ? EXIT_TROUBLE : EXIT_OK;
}

static int see_all(void *arg, struct engine *e)
{
    int n = store_topics(engine_store(e)), *asked = mem_array((size_t)n, sizeof(*asked));
    for (int i = 0; i < n; i++)
        asked[i] = i;
    look_once(e, asked, n);
    free(asked);
    return print_all(arg, e);
}

static bool take(void *arg, const struct command_option *option, char *value, struct err *err)
{
    return setup_option(arg, option->id, value, err);
}

static int run_doctor(int argc, char **argv)
{
    struct setup setup = {0};
    struct err err = {0};
    int status;
    if (command_line_read(&command_doctor, &argc, &argv, take, &setup, &status))
        status = !setup_assemble(&setup)                     ? EXIT_USAGE
                 : setup_arguments(&setup, argc, argv, &err) ? look_with(&setup, EXIT_USAGE, see_all, &setup)
                                                             : complain(EXIT_USAGE, "%s", err.text);
    setup_free(&setup);
    return status;
}

static const struct exit_row exits[] = {
    {EXIT_OK, "All can be seen."},
    {EXIT_TROUBLE, "Something is hidden or late, or something went wrong while running."},
    EXIT_ROWS_REST,
};

const struct command command_doctor = {
    .name = "doctor",
    .arguments = "[TARGET]...",
    .summary = "Say what this role can and cannot see, and what would mend it.",
    .about = "Asks each target everything once and says what its role can see, what is hidden from it, late or absent, and "
             "why; which settings and missing extensions blind all who look; which task queues may not be read; and "
             "whether the connection is encrypted. Then it prints the statements that would mend it, for a superuser to "
             "read and to run, and of a standby those that its primary takes: it changes nothing by itself.",
    .connects = true,
    .exits = exits,
    .run = run_doctor,
};
