/* What rules have in common. */
#include "rules/say.h"

#include "base/format.h"
#include "base/hash.h"
#include "model/filter.h"
#include "model/grant.h"

#include <math.h>
#include <string.h>

#define CLEAR_AT 0.9    /* of a limit: what is shown goes below this */

static struct sight sight_of(const struct rule_context *c, const char *topic)
{
    int i = store_find_topic(c->store, topic);
    struct sight none = {0};
    return i < 0 ? none : store_sight(c->store, c->target, i, c->now_us);
}

const struct frame *rule_frame(const struct rule_context *c, const char *topic)
{
    struct sight s = sight_of(c, topic);
    return s.derived ? s.derived : s.good;
}

const struct frame *rule_rates(const struct rule_context *c, const char *topic)
{
    return sight_of(c, topic).rates;
}

const struct cluster_node *rule_node(const struct rule_context *c)
{
    return &c->shape->nodes[c->shape->nodes[c->target].same];
}

const char *rule_node_name(const struct rule_context *c, const struct cluster_node *n)
{
    return store_target(c->store, n->same)->name;
}

const struct cluster_node *rule_primary(const struct rule_context *c)
{
    int cluster = rule_node(c)->cluster, primary = cluster < 0 ? -1 : c->shape->clusters[cluster].primary;
    return primary < 0 ? NULL : &c->shape->nodes[primary];
}

void say_superuser(const struct rule_context *c, struct buf *out, bool writes)
{
    const char *place = writes ? grant_place(&c->is->facts) : "";
    const struct cluster_node *primary = *place ? rule_primary(c) : NULL;
    buf_printf(out, "A superuser can run%s%s%s: ", place, primary ? " " : "", primary ? rule_node_name(c, primary) : "");
}

void rule_keep(const struct rule_context *c, uint64_t subject)
{
    verdict_keep(c->verdict, subject);
}

bool rule_is_client(const struct frame *f, uint32_t row)
{
    if (rule_text(f, row, "backend_type").len > 0)
        return rule_is(f, row, "backend_type", "client backend");
    return rule_text(f, row, "user").len > 0 && rule_text(f, row, "database").len > 0;
}

enum level rule_level(const struct rule_context *c, uint64_t subject, struct limit limit, double value)
{
    const struct finding *shown = verdict_find(c->verdict, c->rule, c->target, subject);
    enum level now = shown ? shown->level : LEVEL_FINE;
    if (value >= limit.crit * (now >= LEVEL_CRIT ? CLEAR_AT : 1))
        return LEVEL_CRIT;
    return value >= limit.warn * (now >= LEVEL_WARN ? CLEAR_AT : 1) ? LEVEL_WARN : LEVEL_FINE;
}

uint64_t rule_subject(const char *bytes, size_t len)
{
    uint64_t h = hash_bytes(HASH_START, bytes, len);
    return h ? h : 1;
}

struct judgement say_begin(uint64_t subject, enum level level)
{
    return (struct judgement){.subject = subject, .level = level, .value = NAN};
}

void say_end(const struct rule_context *c, struct judgement *j)
{
    verdict_say(c->verdict, j, c->steady, c->now_us);
    buf_free(&j->words);
    buf_free(&j->advice);
    buf_free(&j->filter);
}

/* Words are kept in UTF-8; where they are shown they are made fit for the terminal. */
void say_duration(struct buf *out, double seconds)
{
    char text[FORMAT_ROOM];
    if (seconds >= 10 && seconds < 60)
        buf_printf(out, "%.0f s", floor(seconds));
    else
        buf_puts(out, format_duration(text, seconds, TEXT_UTF8));
}

void say_bytes(struct buf *out, double bytes)
{
    char text[FORMAT_ROOM];
    buf_puts(out, format_bytes(text, bytes, TEXT_UTF8));
}

void say_count(struct buf *out, double count)
{
    char text[FORMAT_ROOM];
    buf_puts(out, format_count(text, count, TEXT_UTF8));
}

void say_percent(struct buf *out, double fraction)
{
    char text[FORMAT_ROOM];
    buf_puts(out, format_percent(text, fraction, TEXT_UTF8));
}

void say_text(struct buf *out, struct frame_text t)
{
    if (t.len == 0)
        buf_puts(out, "?");
    buf_add(out, t.bytes, t.len);
}

void say_filter(struct buf *out, const char *column, struct frame_text t)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
    bool quoted = false;
    if (t.len == 0 || t.len > FILTER_TEXT_MAX / 4)
        return;
    for (size_t i = 0; i < t.len; i++) {
        if (t.bytes[i] == '"' || t.bytes[i] == '\\' || (unsigned char)t.bytes[i] < ' ')
            return;
        quoted = quoted || !memchr(plain, t.bytes[i], sizeof(plain) - 1);
    }
    buf_printf(out, "%s%s=%s%.*s%s", out->len ? " " : "", column, quoted ? "\"" : "", (int)t.len, t.bytes, quoted ? "\"" : "");
}

void say_session(struct buf *out, const struct frame *f, uint32_t row)
{
    double age = rule_number(f, row, "xact_age_s");
    buf_printf(out, "pid %.0f (", rule_number(f, row, "pid"));
    say_text(out, rule_text(f, row, rule_text(f, row, "user").len > 0 ? "user" : "backend_type"));
    buf_puts(out, ", ");
    say_text(out, rule_text(f, row, "state"));
    if (age >= 0) {
        buf_putc(out, ' ');
        say_duration(out, age);
    }
    buf_putc(out, ')');
}
