/* Names for the targets that were given without one: short, and by what tells them apart. */
#include "cmd.h"

#include "base/buf.h"
#include "base/mem.h"
#include "conf/conninfo.h"
#include "conf/url.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME_CELLS   24     /* of the header's 80 that a name may take */
#define SUFFIX_CELLS 12

/* What may be in a name, from the plainest on; the first that makes them all different is taken. */
enum plan { BY_PLACE, BY_PLACE_AND_PORT, BY_DATABASE, BY_DATABASE_AND_PORT, BY_BOTH, PLANS };

struct traits {
    char place[CONNINFO_PART];      /* service, host, or the database behind a socket */
    char database[CONNINFO_PART];   /* never empty */
    char port[CONNINFO_PART];       /* empty for a service, which says it elsewhere */
};

static bool is_socket(const char *host)
{
    return host[0] == '/' || host[0] == '@';
}

static const char *first_of(const char *a, const char *b, const char *c)
{
    return a && a[0] ? a : b && b[0] ? b : c;
}

static void copy(char out[CONNINFO_PART], const char *text)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-:";
    snprintf(out, CONNINFO_PART, "%s", text);
    for (char *c = out; *c; c++)
        if (!strchr(plain, *c))
            *c = '_';
}

static struct traits app_traits(const char *url)
{
    struct traits out = {.place = ""};
    char host[URL_HOST], port[URL_HOST];
    url_place(url, host, port);
    copy(out.place, host);
    copy(out.database, "app");
    copy(out.port, port);
    return out;
}

static struct traits traits_of(const struct engine_target *t)
{
    struct conninfo_parts p;
    struct traits out = {.place = ""};
    if (t->app)
        return app_traits(t->conninfo);
    conninfo_read(t->conninfo, &p);
    const char *host = first_of(t->host, p.host, p.service[0] ? "" : first_of(getenv("PGHOST"), NULL, ""));
    copy(out.database, first_of(p.database, p.service[0] ? p.service : getenv("PGDATABASE"), "local"));
    copy(out.place, first_of(p.service, is_socket(host) ? NULL : host, out.database));
    if (!p.service[0])
        copy(out.port, first_of(t->port, p.port, first_of(getenv("PGPORT"), NULL, "5432")));
    return out;
}

/* Whole labels go first from a name of the domain name system; what is left of an address is its end. */
static void put_fitting(struct buf *out, const char *text, size_t cells)
{
    size_t len = strlen(text), cut = len;
    bool address = strspn(text, "0123456789abcdefABCDEF.:") == len && strpbrk(text, "0123456789");
    while (!address && cut > cells && memrchr(text, '.', cut))
        cut = (size_t)((const char *)memrchr(text, '.', cut) - text);
    if (cut > cells && address)
        text += cut - cells;
    buf_add(out, text, cut < cells ? cut : cells);
}

static char *name_by(const struct traits *t, enum plan plan, const char *more)
{
    struct buf out = {0}, suffix = {0};
    const char *base = plan == BY_DATABASE || plan == BY_DATABASE_AND_PORT ? t->database : t->place;
    if ((plan == BY_PLACE_AND_PORT || plan == BY_DATABASE_AND_PORT) && t->port[0])
        buf_printf(&suffix, ":%s", t->port);
    else if (plan == BY_BOTH)
        buf_printf(&suffix, "/%s", t->database);
    if (suffix.len > SUFFIX_CELLS)
        suffix.len = SUFFIX_CELLS;
    put_fitting(&out, base, NAME_CELLS - suffix.len - strlen(more));
    buf_add(&out, buf_text(&suffix), suffix.len);
    buf_puts(&out, more);
    buf_free(&suffix);
    return buf_take(&out);
}

static bool is_taken(const struct setup *s, int target)
{
    for (int i = 0; i < s->ntargets; i++)
        if (i != target && s->targets[i].name && strcmp(s->targets[i].name, s->targets[target].name) == 0)
            return true;
    return false;
}

static void forget_names(struct setup *s, const bool *ours)
{
    for (int i = 0; i < s->ntargets; i++)
        if (ours[i]) {
            free((char *)s->targets[i].name);
            s->targets[i].name = NULL;
        }
}

static bool try_plan(struct setup *s, const struct traits *traits, const bool *ours, enum plan plan)
{
    bool differ = true;
    for (int i = 0; i < s->ntargets && differ; i++)
        if (ours[i]) {
            s->targets[i].name = name_by(&traits[i], plan, "");
            differ = !is_taken(s, i);
        }
    if (!differ)
        forget_names(s, ours);
    return differ;
}

/* They cannot be told apart by what they say: by number then. */
static void number(struct setup *s, const struct traits *traits, const bool *ours)
{
    for (int i = 0; i < s->ntargets; i++)
        for (int n = 1; ours[i] && (n == 1 || is_taken(s, i)); n++) {
            char more[16] = "";
            if (n > 1)
                snprintf(more, sizeof(more), "-%d", n);
            free((char *)s->targets[i].name);
            s->targets[i].name = name_by(&traits[i], BY_PLACE, more);
        }
}

void setup_name(struct setup *s)
{
    struct traits *traits = mem_array((size_t)s->ntargets, sizeof(*traits));
    bool *ours = mem_array((size_t)s->ntargets, sizeof(*ours)), named = false;
    for (int i = 0; i < s->ntargets; i++) {
        ours[i] = !s->targets[i].name;
        traits[i] = ours[i] ? traits_of(&s->targets[i]) : (struct traits){.place = ""};
    }
    for (int plan = 0; plan < PLANS && !named; plan++)
        named = try_plan(s, traits, ours, (enum plan)plan);
    if (!named)
        number(s, traits, ours);
    free(traits);
    free(ours);
}
