/* Targets, frames and keys for tests of the screen. */
#include "tests/screen/scene.h"

#include "base/clock.h"
#include "base/mem.h"
#include "model/rates.h"
#include "probes/list.h"
#include "probes/queue_plan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* ---- targets ---- */

static void set_facts(struct store *store, int target, const char *version, enum target_kind kind,
                      bool standby)
{
    struct facts f = {.known = true, .kind = kind, .standby = standby, .monitor = true};
    f.version = kind == TARGET_POOLER ? 11800 : 150020;
    f.backend_pid = 4242;
    f.started_us = SCENE_WALL - (standby ? 5 : 12) * 86400 * US_PER_S;
    f.system_id = 7000000000000000001u;
    f.version_text = mem_string(version);
    f.user = mem_string("app");
    f.database = mem_string(kind == TARGET_POOLER ? "pgbouncer" : "shop");
    f.host = mem_string(kind == TARGET_POOLER ? "/run/pgbouncer" : "10.0.0.5");
    f.port = mem_string(kind == TARGET_POOLER ? "6432" : "5432");
    f.encoding = mem_string("UTF8");
    store_set_facts(store, target, &f);
}

static void set_link(struct store *store, int target, enum link_state state, int64_t now_us, double since_s,
                     const char *words)
{
    struct link l = {.state = state, .since_us = now_us - (int64_t)(since_s * 1e6), .connects = 1};
    l.next_us = state == LINK_WAITING ? now_us + 3 * US_PER_S : 0;
    l.failures = state == LINK_WAITING ? 5 : 0;
    snprintf(l.words, sizeof(l.words), "%s", words ? words : "");
    store_set_link(store, target, &l);
}

/* Counters a second, made once for all scenes. */
static const struct schema *rates_of(int topic, const struct schema *schema)
{
    static struct schema *made[64];
    assert_in_range(topic, 0, 63);
    if (!made[topic])
        made[topic] = rates_schema(schema);
    return made[topic];
}

static void add_topic(struct store *store, struct topic *t)
{
    t->rates_schema = rates_of(store_topics(store), t->schema);
    int topic = store_add_topic(store, t);
    for (int target = 0; target < store_targets(store); target++)
        store_set_timing(store, target, topic,
                         &(struct timing){.interval_us = 2 * US_PER_S, .deadline_us = 250 * US_PER_MS});
}

static void add_topics(struct store *store)
{
    for (int i = 0; probe_table[i]; i++) {
        const struct probe *p = probe_table[i];
        add_topic(store, &(struct topic){.name = p->name, .title = p->title, .help = p->help, .grant = p->grant,
                                         .schema = p->schema, .derived_schema = p->derived_schema});
    }
    add_topic(store, &(struct topic){.name = "queues", .title = "queues", .schema = &queues_schema});
}

struct store *scene_store(void)
{
    struct store *store = store_new(1 << 20);
    store_add_target(store, "primary", "shop", "prod");
    store_add_target(store, "standby-1", "shop", "staging");
    store_add_target(store, "pay-1", "pay", NULL);
    store_add_target(store, "pooler", "shop", "dev");
    add_topics(store);
    set_facts(store, 0, "15.20", TARGET_SERVER, false);
    set_facts(store, 1, "15.20", TARGET_SERVER, true);
    store_set_where(store, 2, "mon@pay-1.example:5432/pay");
    set_facts(store, 3, "1.18.0", TARGET_POOLER, false);
    set_link(store, 0, LINK_UP, SCENE_NOW, 3600, NULL);
    set_link(store, 1, LINK_UP, SCENE_NOW, 3600, NULL);
    set_link(store, 2, LINK_WAITING, SCENE_NOW, 14, "timeout expired");
    set_link(store, 3, LINK_UP, SCENE_NOW, 60, NULL);
    return store;
}

void scene_link(struct scene *s, int target, enum link_state state, double since_s, const char *words)
{
    set_link(s->store, target, state, s->now_us, since_s, words);
}

/* ---- the scene ---- */

static void on_quit(void *arg, int status)
{
    ((struct scene *)arg)->status = status;
}

static void on_suspend(void *arg)
{
    ((struct scene *)arg)->suspends++;
}

static void on_redraw(void *arg)
{
    ((struct scene *)arg)->redraws++;
}

static bool on_copy(void *arg, const char *bytes, size_t len, char *words, size_t size)
{
    struct scene *s = arg;
    snprintf(s->copied, sizeof(s->copied), "%.*s", (int)len, bytes);
    snprintf(words, size, "%zu bytes sent to the terminal.", len);
    return true;
}

static bool on_mouse(void *arg, bool on)
{
    (void)arg;
    return on;
}

struct scene *scene_new(const struct view *const *views, int rows, int columns, enum text_mode mode,
                        const char *page)
{
    struct scene *s = test_calloc(1, sizeof(*s));
    struct err err = {{0}};
    wishes_forget();
    s->store = scene_store();
    s->status = -1;
    s->ui = ui_new(&(struct ui_setup){
        .store = s->store,
        .engine = (struct engine *)wishes_made(),
        .views = views,
        .mode = mode,
        .glyphs = GLYPHS_BLOCKS,
        .mouse = true,
        .page = page,
        .host = {.arg = s, .quit = on_quit, .suspend = on_suspend, .redraw = on_redraw, .copy = on_copy,
                 .mouse = on_mouse},
    }, &err);
    if (!s->ui)
        fail_msg("%s", err.text);
    s->now_us = SCENE_NOW;
    s->wall_us = SCENE_WALL;
    ui_set_time(s->ui, s->now_us, s->wall_us);
    ui_resize(s->ui, rows, columns);
    return s;
}

void scene_free(struct scene *s)
{
    ui_free(s->ui);
    store_free(s->store);
    test_free(s);
}

/* ---- frames ---- */

static void set_cell(struct scene *s, struct frame_builder *b, const struct schema *schema, int column,
                     const char *text)
{
    double number = strncmp(text, "now", 3) == 0 ? strtod(text + 3, NULL) : strtod(text, NULL);
    if (column < 0)
        fail_msg("no such column in %s", schema->name);
    if (strcmp(text, "-") == 0)
        return;
    switch (schema->columns[column].type) {
    case TYPE_TEXT: frame_build_text(b, column, text, strlen(text)); return;
    case TYPE_REAL: frame_build_real(b, column, number); return;
    case TYPE_TIME: frame_build_int(b, column, s->wall_us + (int64_t)(number * 1e6)); return;
    case TYPE_LSN: frame_build_int(b, column, strtoll(text, NULL, 0)); return;
    default: frame_build_int(b, column, strtoll(text, NULL, 10));
    }
}

static int split(char *line, char *cells[], int most)
{
    int n = 0;
    for (char *at = line; at && n < most;) {
        cells[n++] = at;
        at = strchr(at, '\t');
        if (at)
            *at++ = '\0';
    }
    return n;
}

static struct frame *seal(struct scene *s, struct frame_builder *b, double age_s, bool standby)
{
    int64_t age = (int64_t)(age_s * 1e6);
    return frame_seal(b, &(struct frame_head){.taken_us = s->now_us - age,
                                              .wall_us = s->wall_us - age,
                                              .cost_us = 1200,
                                              .epoch = 1,
                                              .server_role = standby ? SERVER_STANDBY : SERVER_PRIMARY});
}

static FILE *open_frames(const char *file, char *line, size_t size)
{
    char path[512];
    snprintf(path, sizeof(path), "%s/tests/screen/frames/%s.tsv", getenv("SRCDIR"), file);
    FILE *in = fopen(path, "r");
    if (!in || !fgets(line, (int)size, in))
        fail_msg("cannot read %s", path);
    line[strcspn(line, "\n")] = '\0';
    return in;
}

enum { FRAME_GOOD, FRAME_RATES, FRAME_DERIVED, FRAME_KINDS };

void scene_publish(struct scene *s, int target, const char *file, double age_s)
{
    char line[8192], *cells[SCHEMA_COLUMNS_MAX];
    int columns[SCHEMA_COLUMNS_MAX], ncolumns = 0, kind = FRAME_GOOD;
    FILE *in = open_frames(file, line, sizeof(line));
    int topic = store_find_topic(s->store, line);
    if (topic < 0)
        fail_msg("no topic %s", line);
    const struct topic *t = store_topic(s->store, topic);
    const struct schema *schemas[FRAME_KINDS] = {t->schema, t->rates_schema, t->derived_schema};
    struct frame_builder *b[FRAME_KINDS] = {frame_build(t->schema), NULL, NULL};
    for (bool names = true; fgets(line, sizeof(line), in); names = false) {
        line[strcspn(line, "\n")] = '\0';
        if (strncmp(line, "rates\t", 6) == 0 || strncmp(line, "derived\t", 8) == 0) {
            kind = line[0] == 'r' ? FRAME_RATES : FRAME_DERIVED;
            assert_non_null(schemas[kind]);
            b[kind] = frame_build(schemas[kind]);
            ncolumns = split(strchr(line, '\t') + 1, cells, SCHEMA_COLUMNS_MAX);
            for (int i = 0; i < ncolumns; i++)
                columns[i] = schema_find(schemas[kind], cells[i]);
            continue;
        }
        int n = split(line, cells, SCHEMA_COLUMNS_MAX);
        if (!names)
            frame_build_row(b[kind]);
        for (int i = 0; i < n; i++)
            if (names)
                columns[i] = schema_find(t->schema, cells[i]);
            else if (i < ncolumns)
                set_cell(s, b[kind], schemas[kind], columns[i], cells[i]);
        ncolumns = names ? n : ncolumns;
    }
    fclose(in);
    bool standby = store_target(s->store, target)->facts.standby;
    struct frame *frames[FRAME_KINDS] = {NULL};
    for (int i = 0; i < FRAME_KINDS; i++)
        if (b[i])
            frames[i] = seal(s, b[i], age_s, standby);
    struct sight before = store_sight(s->store, target, topic, s->now_us);
    for (int i = FRAME_RATES; i < FRAME_KINDS; i++)
        if (frames[i])
            frames[i]->over_us = before.good ? frames[FRAME_GOOD]->taken_us - before.good->taken_us : before.interval_us;
    store_publish(s->store, target, topic, frames[FRAME_GOOD], frames[FRAME_RATES], frames[FRAME_DERIVED]);
}

void scene_refuse(struct scene *s, int target, const char *topic, enum frame_status status, const char *note)
{
    int i = store_find_topic(s->store, topic);
    struct frame_builder *b = frame_build(store_topic(s->store, i)->schema);
    struct frame *f = frame_seal(
        b,
        &(struct frame_head){.status = status, .note = note, .taken_us = s->now_us, .wall_us = s->wall_us});
    store_publish(s->store, target, i, f, NULL, NULL);
}

/* ---- keys and text ---- */

void scene_keys(struct scene *s, const char *keys)
{
    char word[16];
    int used = 0;
    for (const char *at = keys; sscanf(at, "%15s%n", word, &used) == 1; at += used) {
        uint32_t key = keymap_parse_key(word);
        if (key == K_NONE)
            fail_msg("\"%s\" is not a key", word);
        ui_key(s->ui, key);
        ui_draw(s->ui);
    }
}

void scene_type(struct scene *s, const char *text)
{
    uint32_t code;
    size_t len = strlen(text), used;
    for (size_t at = 0; at < len; at += used) {
        used = text_decode(text + at, len - at, &code);
        assert_true(used > 0);
        ui_key(s->ui, code);
        ui_draw(s->ui);
    }
}

void scene_wait(struct scene *s, double seconds)
{
    s->now_us += (int64_t)(seconds * 1e6);
    s->wall_us += (int64_t)(seconds * 1e6);
    ui_set_time(s->ui, s->now_us, s->wall_us);
}

const char *scene_text(struct scene *s)
{
    static struct buf text;
    ui_draw(s->ui);
    buf_clear(&text);
    canvas_dump(ui_canvas(s->ui), &text);
    return buf_text(&text);
}

void scene_expect(struct scene *s, const char *part)
{
    const char *text = scene_text(s);
    if (!strstr(text, part))
        fail_msg("\"%s\" is not on the screen:\n%s", part, text);
}

void scene_expect_not(struct scene *s, const char *part)
{
    const char *text = scene_text(s);
    if (strstr(text, part))
        fail_msg("\"%s\" is on the screen:\n%s", part, text);
}

static char *read_all(const char *path)
{
    struct buf all = {0};
    char part[4096];
    size_t n;
    FILE *in = fopen(path, "r");
    while (in && (n = fread(part, 1, sizeof(part), in)) > 0)
        buf_add(&all, part, n);
    if (in)
        fclose(in);
    return all.data ? buf_take(&all) : mem_string("");
}

static void write_all(const char *path, const char *text)
{
    FILE *out = fopen(path, "w");
    assert_non_null(out);
    assert_true(fputs(text, out) >= 0);
    assert_int_equal(fclose(out), 0);
}

void scene_golden(struct scene *s, const char *name)
{
    char path[512];
    const char *text = scene_text(s);
    snprintf(path, sizeof(path), "%s/tests/screen/golden/%s.txt", getenv("SRCDIR"), name);
    if (getenv("UPDATE_GOLDEN")) {
        write_all(path, text);
        return;
    }
    char *wanted = read_all(path);
    bool same = strcmp(wanted, text) == 0;
    if (!same)
        print_error("%s: wanted\n%s\nbut the screen is\n%s\n", name, wanted, text);
    free(wanted);
    assert_true(same);
}

void scene_golden_of(struct scene *s, const char *page, const char *size)
{
    char name[80];
    snprintf(name, sizeof(name), "%s-%s", page, size);
    scene_golden(s, name);
}

const struct scene_size scene_sizes[8] = {
    {24, 80, TEXT_UTF8, "80x24"},          {40, 120, TEXT_UTF8, "120x40"},
    {12, 40, TEXT_UTF8, "40x12"},          {24, 80, TEXT_ASCII, "80x24-ascii"},
    {40, 120, TEXT_ASCII, "120x40-ascii"}, {12, 40, TEXT_ASCII, "40x12-ascii"},
    {60, 200, TEXT_UTF8, "200x60"},        {5, 20, TEXT_UTF8, "20x5"},
};
