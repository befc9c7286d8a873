/* From answers to what is remembered of a server. */
#include "model/trace.h"

#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SETTLE_US    120000000LL    /* the process that served a connection which broke may linger for wal_sender_timeout */
#define STANDBYS_MAX 64
#define SLOTS_MAX    64

/* ---- role and timeline ---- */

static int64_t whole(const struct frame *f, const char *column)
{
    int i = f->nrows > 0 ? schema_find(f->schema, column) : -1;
    const struct cell *c = i < 0 ? NULL : frame_cell(f, 0, i);
    return c && c->known ? c->i : 0;
}

static void forget_standbys(struct trace *t)
{
    free(t->standbys);
    t->standbys = NULL;
    t->nstandbys = 0;
}

/* Who followed a primary has another one to follow once that is none. */
static void take_role(struct trace *t, const struct frame *f)
{
    if (f->server_role == SERVER_UNKNOWN || f->server_role == t->role)
        return;
    t->was = t->role;
    t->role = f->server_role;
    t->role_us = f->taken_us;
    t->timeline = 0;
    t->fork = 0;
    t->nslots = 0;
    if (t->was == SERVER_PRIMARY)
        forget_standbys(t);
}

static void take_server(struct trace *t, const struct frame *f)
{
    int64_t timeline = whole(f, "timeline");
    if (t->role != SERVER_PRIMARY)
        return;
    if (!t->fork || timeline != t->timeline)
        t->fork = (uint64_t)whole(f, "wal_lsn");
    t->timeline = timeline;
}

/* ---- standbys ---- */

static bool is_word(struct frame_text t, const char *word)
{
    return t.len == strlen(word) && memcmp(t.bytes, word, t.len) == 0;
}

/* One that follows: a base backup does not, and the first copy of a subscribed table is over soon. Whose role may not see
 * the state cannot tell them apart. */
static bool follows(const struct frame *f, uint32_t row)
{
    struct frame_text state = frame_named_text(f, row, "state");
    if (!frame_says(f, row, "kind", "sender") || state.len == 0 || is_word(state, "backup"))
        return false;
    struct frame_text name = frame_named_text(f, row, "name");
    bool copies = name.len > 3 && memcmp(name.bytes, "pg_", 3) == 0 && memmem(name.bytes, name.len, "_sync_", 6);
    return !copies && !is_word(name, "pg_basebackup");
}

static void set_text(char *field, size_t room, struct frame_text t)
{
    snprintf(field, room, "%.*s", (int)(t.len < room ? t.len : room - 1), t.bytes);
}

static struct trace_standby standby_of(const struct frame *f, uint32_t row)
{
    struct trace_standby s = {.n = 1, .came_us = f->taken_us, .seen_us = f->taken_us};
    set_text(s.name, sizeof(s.name), frame_named_text(f, row, "name"));
    set_text(s.client, sizeof(s.client), frame_named_text(f, row, "client"));
    s.slot = frame_named_text(f, row, "slot").len > 0;
    s.starts = frame_says(f, row, "state", "startup");
    return s;
}

const struct trace_standby *trace_standby(const struct trace *t, const char *name, const char *client)
{
    for (unsigned i = 0; i < t->nstandbys; i++)
        if (strcmp(t->standbys[i].name, name) == 0 && strcmp(t->standbys[i].client, client) == 0)
            return &t->standbys[i];
    return NULL;
}

/* The one that was gone for longest makes room. */
static struct trace_standby *room_for_one(struct trace *t)
{
    struct trace_standby *oldest = t->standbys;
    if (t->nstandbys < STANDBYS_MAX) {
        t->standbys = mem_resize(t->standbys, (size_t)t->nstandbys + 1, sizeof(*t->standbys));
        return &t->standbys[t->nstandbys++];
    }
    for (unsigned i = 1; i < t->nstandbys; i++)
        if (t->standbys[i].seen_us < oldest->seen_us)
            oldest = &t->standbys[i];
    return oldest;
}

/* Those who follow now; the list is freed by the caller. */
static unsigned list_standbys(const struct frame *f, struct trace_standby **list)
{
    unsigned n = 0;
    *list = mem_array((size_t)f->nrows + 1, sizeof(**list));
    for (uint32_t row = 0; row < f->nrows; row++)
        if (follows(f, row))
            (*list)[n++] = standby_of(f, row);
    return n;
}

/* That there are more counts when it lasts. */
static void count(struct trace_standby *s, const struct trace_standby *now, unsigned nnow, int64_t now_us)
{
    unsigned n = 0, slots = 0;
    for (unsigned i = 0; i < nnow; i++) {
        bool same = strcmp(now[i].name, s->name) == 0 && strcmp(now[i].client, s->client) == 0;
        n += same;
        slots += same && now[i].slot;
    }
    if (n > 0)
        s->slot = slots == n;
    if (n >= s->n)
        s->seen_us = now_us;
    if (n <= s->n) {
        s->more_us = 0;
    } else if (!s->more_us) {
        s->more_us = now_us;
    } else if (now_us - s->more_us >= SETTLE_US) {
        s->n = n;
        s->more_us = 0;
    }
}

/* Another of that name came when this one went, or later: it is the same at another address. */
static bool came_elsewhere(const struct trace *t, const struct trace_standby *gone, int64_t now_us)
{
    for (unsigned i = 0; i < t->nstandbys; i++) {
        const struct trace_standby *s = &t->standbys[i];
        if (s->seen_us == now_us && s->came_us > gone->came_us && s->came_us > gone->seen_us - SETTLE_US &&
            strcmp(s->name, gone->name) == 0)
            return true;
    }
    return false;
}

/* ---- slots ---- */

static bool was_used(const struct trace *t, const char *name)
{
    for (unsigned i = 0; i < t->nslots; i++)
        if (strcmp(t->slots[i].name, name) == 0)
            return true;
    return false;
}

static void take_slots(struct trace *t, const struct frame *f)
{
    for (uint32_t row = 0; row < f->nrows && t->nslots < SLOTS_MAX; row++) {
        struct trace_slot slot;
        if (!frame_says(f, row, "kind", "slot") || !(frame_named_number(f, row, "active") > 0))
            continue;
        set_text(slot.name, sizeof(slot.name), frame_named_text(f, row, "name"));
        if (was_used(t, slot.name))
            continue;
        t->slots = mem_resize(t->slots, (size_t)t->nslots + 1, sizeof(*t->slots));
        t->slots[t->nslots++] = slot;
    }
}

bool trace_slot_is_spare(const struct trace *t, const struct frame *f, uint32_t row)
{
    char name[sizeof(t->slots->name)];
    set_text(name, sizeof(name), frame_named_text(f, row, "name"));
    bool much = frame_says(f, row, "wal_status", "extended") || frame_says(f, row, "wal_status", "unreserved") ||
                frame_says(f, row, "wal_status", "lost");
    return f->server_role == SERVER_STANDBY && !much && !was_used(t, name);
}

/* ---- of one answer ---- */

static void take_replication(struct trace *t, const struct frame *f)
{
    struct trace_standby *now;
    unsigned n = list_standbys(f, &now);
    take_slots(t, f);
    for (unsigned i = 0; i < n; i++)
        if (!now[i].starts && !trace_standby(t, now[i].name, now[i].client))
            *room_for_one(t) = now[i];
    for (unsigned i = 0; i < t->nstandbys; i++)
        count(&t->standbys[i], now, n, f->taken_us);
    for (unsigned i = 0; i < t->nstandbys; i++)
        if (t->standbys[i].seen_us < f->taken_us && came_elsewhere(t, &t->standbys[i], f->taken_us))
            t->standbys[i--] = t->standbys[--t->nstandbys];
    free(now);
}

/* ---- sessions that wait ---- */

/* Sessions mostly stay in their order: it is looked for from where the one before was found. */
static const struct trace_wait *find_wait(const struct trace *t, uint64_t session, unsigned *from)
{
    for (unsigned i = 0; i < t->nwaits; i++) {
        unsigned at = (*from + i) % t->nwaits;
        if (t->waits[at].session == session) {
            *from = at + 1;
            return &t->waits[at];
        }
    }
    return NULL;
}

static void take_sessions(struct trace *t, const struct frame *f)
{
    struct trace_wait *waits = NULL;
    unsigned n = 0, room = 0, from = 0;
    for (uint32_t row = 0; row < f->nrows; row++) {
        if (frame_named_text(f, row, "blocked_by").len == 0)
            continue;
        if (n == room) {
            room = room ? 2 * room : 16;
            waits = mem_resize(waits, room, sizeof(*waits));
        }
        uint64_t session = frame_key_hash(f, row);
        const struct trace_wait *before = find_wait(t, session, &from);
        waits[n++] = before ? *before : (struct trace_wait){session, f->taken_us, !t->sessions};
    }
    free(t->waits);
    t->waits = waits;
    t->nwaits = n;
    t->sessions = true;
}

int64_t trace_waits_since(const struct trace *t, const struct frame *sessions, uint32_t row)
{
    unsigned from = 0;
    const struct trace_wait *w = find_wait(t, frame_key_hash(sessions, row), &from);
    return !w || (w->already && w->since_us == sessions->taken_us) ? INT64_MIN : w->since_us;
}

/* ---- all of it ---- */

void trace_take(struct trace *t, const char *topic, const struct frame *f)
{
    take_role(t, f);
    if (strcmp(topic, "server") == 0)
        take_server(t, f);
    else if (strcmp(topic, "replication") == 0)
        take_replication(t, f);
    else if (strcmp(topic, "sessions") == 0)
        take_sessions(t, f);
}

void trace_clear(struct trace *t)
{
    forget_standbys(t);
    free(t->slots);
    free(t->waits);
    *t = (struct trace){0};
}
