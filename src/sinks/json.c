/* The report as one JSON document. All of it is ASCII: what is not is escaped, so that it is as safe on a
 * terminal as in a program. */
#include "sinks/report.h"

#include "base/clock.h"
#include "base/mem.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Text as JSON wants it: valid UTF-8, what is not becomes U+FFFD. */
static json_t *json_text(const char *bytes, size_t len)
{
    struct buf b = {0};
    for (size_t at = 0; at < len;) {
        uint32_t code;
        size_t n = text_decode(bytes + at, len - at, &code);
        if (n)
            buf_add(&b, bytes + at, n);
        else
            buf_puts(&b, "\xef\xbf\xbd");
        at += n ? n : 1;
    }
    json_t *j = json_stringn(buf_text(&b), b.len);
    buf_free(&b);
    return j;
}

static json_t *json_time(int64_t wall_us)
{
    char text[40];
    clock_iso8601(wall_us, text, sizeof(text));
    return json_string(text);
}

static json_t *json_cell(const struct frame *f, uint32_t row, int column)
{
    const struct cell *c = frame_cell(f, row, column);
    char lsn[24];
    if (!c->known)
        return json_null();
    switch (f->schema->columns[column].type) {
    case TYPE_BOOL:
        return json_boolean(c->i != 0);
    case TYPE_REAL:
        return json_real(c->d);
    case TYPE_TEXT:
        return json_text(f->text + c->t.at, c->t.len);
    case TYPE_TIME:
        return json_time(c->i);
    case TYPE_LSN:
        snprintf(lsn, sizeof(lsn), "%X/%X", (unsigned)((uint64_t)c->i >> 32), (unsigned)c->i);
        return json_string(lsn);
    default:
        return json_integer(c->i);
    }
}

static json_t *json_row(const struct frame *f, uint32_t row)
{
    json_t *object = json_object();
    for (int i = 0; i < f->schema->ncolumns; i++)
        if (f->schema->columns[i].role != ROLE_EPOCH)
            json_object_set_new(object, f->schema->columns[i].name, json_cell(f, row, i));
    return object;
}

static json_t *json_note(const struct report *r, int target, int k, const struct report_gap *gap)
{
    struct buf note = {0};
    bool any = report_note(r, target, k, gap, &note);
    json_t *j = any ? json_text(buf_text(&note), note.len) : json_null();
    buf_free(&note);
    return j;
}

static void json_add_breaker(json_t *object, const struct report *r, int target, int topic)
{
    struct guard_state guard = store_sight(r->store, target, topic, r->now_us).guard;
    const struct guard_step *step;
    json_t *steps = json_array();
    for (unsigned i = 0; (step = store_guard_step(r->store, target, topic, i)) != NULL; i++) {
        json_t *one = json_pack("{s:s, s:s, s:s}", "from", breaker_state_word(step->from), "to", breaker_state_word(step->to),
                                "why", step->why);
        json_object_set_new(one, "at", json_time(r->wall_us - (r->now_us - step->at_us)));
        json_array_append_new(steps, one);
    }
    if (guard.guarded)
        json_object_set_new(object, "breaker",
                            json_pack("{s:s, s:i, s:i, s:O}", "state", breaker_state_word(guard.state), "failures",
                                      (int)guard.failures, "trips", (int)guard.trips, "transitions", steps));
    json_decref(steps);
}

static json_t *json_frame(const struct report *r, int target, int k, const struct report_gap *gap)
{
    json_t *object = json_object(), *rows = json_array();
    const struct frame *f = report_frame(r, target, k);
    json_object_set_new(object, "probe", json_string(store_topic(r->store, r->topics[k])->name));
    json_object_set_new(object, "status", json_string(frame_status_word(f ? f->status : gap->status)));
    json_object_set_new(object, "note", json_note(r, target, k, gap));
    json_object_set_new(object, "taken", f ? json_time(f->wall_us) : json_null());
    json_object_set_new(object, "cost_us", f ? json_integer(f->cost_us) : json_null());
    json_object_set_new(object, "found", json_integer(f ? f->nfound : 0));
    if (f && f->from)
        json_object_set_new(object, "from", json_string(store_target(r->store, f->from - 1)->name));
    if (f && f->fallback)
        json_object_set_new(object, "fallback", json_true());
    json_add_breaker(object, r, target, r->topics[k]);
    for (uint32_t row = 0; f && row < f->nrows; row++)
        json_array_append_new(rows, json_row(f, row));
    json_object_set_new(object, "rows", rows);
    return object;
}

/* JSON_ENSURE_ASCII leaves DEL as it is. */
static void add_harmless(struct buf *out, const char *text)
{
    for (; *text; text++) {
        if (*text == 0x7f)
            buf_puts(out, "\\u007f");
        else
            buf_putc(out, *text);
    }
}

void report_json(const struct report *r, struct buf *out)
{
    json_set_alloc_funcs(mem_new, free);        /* its own would leave out what does not fit */
    json_t *document = json_object(), *targets = json_array();
    json_object_set_new(document, "format", json_integer(1));
    json_object_set_new(document, "taken", json_time(r->wall_us));
    for (int i = 0; i < store_targets(r->store); i++) {
        const struct target *t = store_target(r->store, i);
        json_t *target = json_object(), *frames = json_array();
        const char *tls = trust_word(t->facts.trust);
        json_object_set_new(target, "name", json_text(t->name, strlen(t->name)));
        json_object_set_new(target, "tls", tls ? json_string(tls) : json_null());
        for (int k = 0; k < r->ntopics; k++) {
            struct report_gap gap;
            if (report_gap(r, i, k, &gap) || report_frame(r, i, k))
                json_array_append_new(frames, json_frame(r, i, k, &gap));
        }
        json_object_set_new(target, "frames", frames);
        json_array_append_new(targets, target);
    }
    json_object_set_new(document, "targets", targets);
    char *text = json_dumps(document,
                            JSON_INDENT(1) | JSON_ENSURE_ASCII | JSON_PRESERVE_ORDER | JSON_REAL_PRECISION(12));
    json_decref(document);
    add_harmless(out, text ? text : "{}");
    buf_putc(out, '\n');
    free(text);
}
