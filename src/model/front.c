/* Who uses which server. */
#include "model/front.h"

#include "model/shape.h"

#include <stdlib.h>
#include <string.h>

/* ---- applications ---- */

static bool is(struct frame_text t, const char *word)
{
    return t.len == strlen(word) && memcmp(t.bytes, word, t.len) == 0;
}

static bool begins(struct frame_text t, const char *word)
{
    return t.len >= strlen(word) && memcmp(t.bytes, word, strlen(word)) == 0;
}

static void count_session(struct front_sessions *s, const struct frame *f, uint32_t row)
{
    struct frame_text state = frame_named_text(f, row, "state");
    double age_s = frame_named_number(f, row, "state_age_s");
    s->n++;
    if (begins(state, "idle in transaction")) {
        s->in_tx++;
        s->oldest_s = age_s > s->oldest_s ? age_s : s->oldest_s;
    }
    if (!is(state, "active"))
        return;
    if (begins(frame_named_text(f, row, "wait"), "Lock:"))
        s->locked++;
    else
        s->active++;
}

static struct front_sessions seen_on(const struct store *s, int server, const char *application, int64_t now_us)
{
    struct front_sessions seen = {.server = server};
    int topic = store_find_topic(s, "sessions");
    struct sight sight = topic < 0 ? (struct sight){0} : store_sight(s, server, topic, now_us);
    const struct frame *f = sight.state == SIGHT_FRESH ? sight.derived ? sight.derived : sight.good : NULL;
    for (uint32_t row = 0; f && row < f->nrows; row++)
        if (frame_says(f, row, "application", application))
            count_session(&seen, f, row);
    return seen;
}

struct front_sessions front_of_app(const struct store *s, int app, bool replica, int64_t now_us)
{
    struct front_sessions best = {.server = -1};
    bool best_fits = false;
    const struct target *is_app = store_target(s, app);
    for (int i = 0; is_app->group && is_app->application && i < store_targets(s); i++) {
        const struct target *t = store_target(s, i);
        if (i == app || !t->group || strcmp(t->group, is_app->group) != 0 || t->facts.kind != TARGET_SERVER)
            continue;
        struct front_sessions seen = seen_on(s, i, is_app->application, now_us);
        bool fits = (shape_role(s, i, now_us) == SERVER_STANDBY) == replica;
        if (seen.n > 0 && (best.server < 0 || fits > best_fits || (fits == best_fits && seen.n > best.n))) {
            best = seen;
            best_fits = fits;
        }
    }
    return best;
}

/* ---- poolers ---- */

/* Of a machine itself: a socket's folder, or a loopback address. */
static bool is_local(struct frame_text host)
{
    return host.len == 0 || host.bytes[0] == '/' || host.bytes[0] == '@' || begins(host, "127.") ||
           is(host, "localhost") || is(host, "::1");
}

static struct frame_text word(const char *text)
{
    return (struct frame_text){text ? text : "", text ? (uint32_t)strlen(text) : 0};
}

bool front_serves(const struct facts *pooler, struct frame_text host, int64_t port, const struct facts *server)
{
    if (!pooler->known || !server->known || server->kind != TARGET_SERVER || !server->port || !server->host ||
        atoll(server->port) != port)
        return false;
    if (is(host, server->host))
        return true;
    bool folders = host.len > 0 && host.bytes[0] == '/' && server->host[0] == '/';
    if (!is_local(host) || folders)
        return false;
    return is_local(word(pooler->host)) ? is_local(word(server->host)) : is(word(pooler->host), server->host);
}
