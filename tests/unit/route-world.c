/* Servers that answer by the clock of the test. */
#include "tests/unit/route-world.h"

#include "base/mem.h"
#include "probes/list.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#define STEP_US (50 * US_PER_MS)

struct world world;

static const struct column columns[] = {
    {"key", "key", TYPE_INT, ROLE_KEY, UNIT_NONE, 0, 0, "Key."},
};
static const struct schema schema = {"one", COUNT_OF(columns), columns};
static const struct column light_columns[] = {
    {"timeline", "timeline", TYPE_INT, ROLE_KEY, UNIT_NONE, 0, 0, "Timeline."},
};
static const struct schema light_schema = {"server", COUNT_OF(light_columns), light_columns};
static const struct probe_sql heavy_sql[] = {{0, "heavy"}, {0, NULL}}, light_sql[] = {{0, "light"}, {0, NULL}};
static const struct probe heavy = {.name = "heavy", .title = "heavy", .help = "Heavy.", .schema = &schema,
                                   .kind = TARGET_SERVER, .sql = heavy_sql, .interval_s = 5, .background_s = 10,
                                   .dear = true, .anywhere = true};
static const struct probe light = {.name = "server", .title = "light", .help = "Light.", .schema = &light_schema,
                                   .kind = TARGET_SERVER, .sql = light_sql, .background = true};
static const struct probe *const probes[] = {&heavy, &light, &probe_replication, NULL};

static int64_t virtual_clock(void)
{
    return world.now_us;
}

static struct fake *fake_of(const struct pilot *p)
{
    return &world.servers[p->target];
}

static void forget_question(struct fake *s)
{
    free(s->question.sql);
    free(s->question.parameter);
    s->question = (struct question){0};
    s->busy = false;
}

void world_hang_up(int server)
{
    struct fake *s = &world.servers[server];
    if (s->far >= 0)
        close(s->far);
    s->far = -1;
    wire_stream_free(&s->in);
    forget_question(s);
}

/* Our end may have been given up meanwhile. */
static void say(struct fake *s, struct buf *b)
{
    ssize_t n = send(s->far, b->data, b->len, MSG_NOSIGNAL);
    assert_true(n < 0 || n == (ssize_t)b->len);
    buf_free(b);
    if (n < 0)
        world_hang_up((int)(s - world.servers));
}

static void say_facts(struct fake *s)
{
    char name[] = {(char)('a' + s->same_as), '\0'}, port[] = "5432";
    struct buf b = {0};
    struct facts f = {.kind = TARGET_SERVER, .version = 150000, .standby = s->standby, .host = name, .port = port,
                      .system_id = s->system_id, .started_us = 1 + s->same_as, .database = (char *)s->database};
    wire_put_facts(&b, &f);
    say(s, &b);
}

static bool virtual_spawn(struct pilot *p)
{
    struct fake *s = fake_of(p);
    struct buf b = {0};
    int ends[2];
    world_hang_up(p->target);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    s->far = ends[1];
    pilot_attach(p, ends[0]);
    wire_open(&b);
    if (s->refuses) {
        size_t mark = wire_begin(&b, WIRE_REFUSED);
        wire_put_string(&b, NULL);
        wire_put_string(&b, "Connection refused");
        wire_end(&b, mark);
    }
    say(s, &b);
    if (!s->refuses && !s->mute)
        say_facts(s);
    return true;
}

/* ---- answers ---- */

static int64_t position(int64_t at_us)
{
    return at_us / US_PER_MS;
}

static bool put_cell(struct wire_frame *w, const char *name, const char *column, const char *text, int64_t number)
{
    if (strcmp(name, column) != 0)
        return false;
    if (text)
        wire_frame_text(w, text, strlen(text));
    else
        wire_frame_int(w, number);
    return true;
}

/* Its own place, and of a standby what it receives. */
static void put_place(struct wire_frame *w, const struct fake *s, bool receiver)
{
    int64_t at = position(s->standby && s->replayed_us ? s->replayed_us : world.now_us);
    double heard = s->silent_receiver ? 100 : 0.1;
    wire_frame_row(w);
    for (int i = 0; i < probe_replication.schema->ncolumns; i++) {
        const char *column = probe_replication.schema->columns[i].name;
        bool put = put_cell(w, "kind", column, receiver ? "receiver" : "self", 0) ||
                   put_cell(w, "name", column, "name", 0) || put_cell(w, "id", column, NULL, 1) ||
                   (!receiver && put_cell(w, "wal_lsn", column, NULL, at)) ||
                   (receiver && (put_cell(w, "sent_lsn", column, NULL, at) ||
                                 put_cell(w, "replay_lsn", column, NULL, at) ||
                                 put_cell(w, "sender", column, s->sender ? s->sender : "a:5432", 0) ||
                                 put_cell(w, "paused", column, NULL, 0)));
        if (!put && receiver && strcmp(column, "message_age_s") == 0)
            wire_frame_real(w, heard);
        else if (!put)
            wire_frame_null(w);
    }
}

static void answer(struct fake *s)
{
    struct wire_frame w;
    struct buf b = {0};
    bool is_heavy = strcmp(s->question.sql, "heavy") == 0, is_light = strcmp(s->question.sql, "light") == 0;
    const char *sqlstate = is_heavy ? s->sqlstate : NULL;
    wire_frame_begin(&w, &b, s->question.id, is_heavy ? &schema : is_light ? &light_schema : probe_replication.schema);
    if (is_light) {
        wire_frame_row(&w);
        wire_frame_int(&w, s->timeline);
    } else if (!is_heavy) {
        put_place(&w, s, false);
        if (s->standby)
            put_place(&w, s, true);
    }
    wire_frame_end(&w, &(struct frame_head){
        .status = !sqlstate ? FRAME_OK : strcmp(sqlstate, "57014") == 0 ? FRAME_TIMEOUT : FRAME_FAILED,
        .sqlstate = sqlstate, .taken_us = world.now_us, .cost_us = is_heavy ? s->takes_us : 1000,
        .server_role = s->standby ? SERVER_STANDBY : SERVER_PRIMARY});
    forget_question(s);
    say(s, &b);
}

/* One question at a time on each connection: a second one before the answer is what must never be. */
static void take_question(struct fake *s, struct question *q)
{
    bool is_heavy = strcmp(q->sql, "heavy") == 0;
    assert_false(s->busy);
    s->busy = true;
    s->question = *q;
    s->asked[is_heavy ? HEAVY : strcmp(q->sql, "light") == 0 ? LIGHT : LAG]++;
    s->answer_us = world.now_us + (is_heavy ? s->takes_us : s->others_take_us);
    if (is_heavy && s->turns)
        s->standby = s->turns = false;
    if (is_heavy && s->chokes) {
        s->answer_us = INT64_MAX;
        s->chokes = false;
    }
    if (is_heavy && s->dies) {
        s->dies = false;
        world_hang_up((int)(s - world.servers));
    }
}

static void listen_to(struct fake *s)
{
    char bytes[65536];
    struct wire_message m;
    ssize_t n;
    while (s->far >= 0 && (n = recv(s->far, bytes, sizeof(bytes), MSG_DONTWAIT)) > 0)
        wire_feed(&s->in, bytes, (size_t)n);
    while (s->far >= 0 && wire_next(&s->in, &m)) {
        struct question q;
        if (m.type == WIRE_LEARN && !s->frozen)
            say_facts(s);
        else if (m.type == WIRE_ASK && wire_get_question(&m, &q))
            take_question(s, &q);
    }
    if (s->far >= 0 && s->busy && !s->frozen && world.now_us >= s->answer_us)
        answer(s);
}

/* ---- the loop ---- */

void world_begin(int n)
{
    world_begin_in(n, (const char *[SERVERS_MAX]){NULL});
}

void world_begin_in(int n, const char *const groups[SERVERS_MAX])
{
    struct engine_target targets[SERVERS_MAX];
    static const char *const names[SERVERS_MAX] = {"a", "b", "c", "d", "e"};
    struct err err;
    world = (struct world){.n = n, .now_us = 1000 * US_PER_S};
    for (int i = 0; i < n; i++) {
        world.servers[i] = (struct fake){.standby = i > 0, .database = "shop", .system_id = 7, .timeline = 1, .same_as = i,
                                         .far = -1};
        targets[i] = (struct engine_target){.name = names[i], .conninfo = "", .group = groups[i]};
    }
    struct engine *e = engine_new(&(struct engine_setup){.probes = probes, .targets = targets, .ntargets = n,
                                                         .watcher_fd = -1, .past_bytes = 10000}, &err);
    assert_non_null(e);
    world.engine = e;
    e->clock = virtual_clock;
    e->spawn = virtual_spawn;
    engine_tick(e);
}

void world_end(void)
{
    for (int i = 0; i < world.n; i++)
        world_hang_up(i);
    engine_free(world.engine);
}

void world_show(int server, int topic)
{
    world.shown = true;
    engine_show(world.engine, server, &topic, 1);
}

void world_run(double seconds)
{
    if (!world.shown)
        world_show(0, HEAVY);
    for (int64_t end = world.now_us + (int64_t)(seconds * US_PER_S); world.now_us < end;) {
        world.now_us += STEP_US;
        engine_tick(world.engine);
        for (int i = 0; i < world.n; i++) {
            struct pilot *p = &world.engine->pilots[i];
            listen_to(&world.servers[i]);
            if (p->fd >= 0)
                pilot_hear(p);
            schedule_next(p);
            assert_true(p->state == PILOT_UP || !p->errand.of);     /* who is not there has no errand */
        }
    }
}

struct sight world_sight(int server, int topic)
{
    return store_sight(world.engine->store, server, topic, world.now_us);
}

unsigned world_asked(int server, int topic)
{
    unsigned n = world.servers[server].asked[topic];
    world.servers[server].asked[topic] = 0;
    return n;
}

void world_forget(void)
{
    for (int i = 0; i < world.n; i++)
        memset(world.servers[i].asked, 0, sizeof(world.servers[i].asked));
}

double world_lag(int server)
{
    const struct frame *f = world_sight(server, LAG).derived;
    int lag = f ? schema_find(f->schema, "lag_s") : -1;
    return f && f->nrows > 1 ? frame_number(f, 1, lag) : NAN;
}
