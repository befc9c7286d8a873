/* What all three forms of the report say, whatever it looks like: which frame, and what there is to say of it. */
#include "sinks/report.h"

#include "model/grant.h"

#include <string.h>

const struct frame *report_frame(const struct report *r, int target, int k)
{
    struct sight s = store_sight(r->store, target, r->topics[k], r->now_us);
    const struct frame *look = r->looks ? r->looks[target * r->ntopics + k] : NULL;
    if (s.newest && s.newest == s.good && look)
        return look;
    if (s.newest && s.newest == s.good && s.derived && s.derived->schema == s.good->schema)
        return s.derived;
    return s.newest;
}

bool report_gap(const struct report *r, int target, int k, struct report_gap *gap)
{
    const struct target *t = store_target(r->store, target);
    bool up = t->link.state == LINK_UP;
    *gap = (struct report_gap){up ? FRAME_TIMEOUT : FRAME_LOST,
                               up || !t->link.words[0] ? "no answer in time" : t->link.words};
    return r->expected[target * r->ntopics + k];
}

bool report_grant(const struct report *r, int target, int k, struct buf *out)
{
    const struct frame *f = report_frame(r, target, k);
    const struct topic *topic = store_topic(r->store, r->topics[k]);
    const struct facts *facts = &store_target(r->store, target)->facts;
    bool denied = f && f->status == FRAME_DENIED && topic->grant && facts->known;
    bool partly = f && f->status == FRAME_OK && grant_missing(topic->grant, facts);
    if (!denied && !partly)
        return false;
    buf_printf(out, "%s%s: ", denied ? "to see it" : "partly hidden; to see all", grant_place(facts));
    grant_put(out, topic->grant, facts);
    buf_putc(out, ';');
    return true;
}

bool report_source(const struct report *r, const struct frame *f, struct buf *out)
{
    if (f->from)
        buf_printf(out, "from %s", store_target(r->store, f->from - 1)->name);
    else if (f->fallback)
        buf_puts(out, "from the primary: no standby was seen to be fit");
    return f->from || f->fallback;
}

bool report_note(const struct report *r, int target, int k, const struct report_gap *gap, struct buf *out)
{
    const struct frame *f = report_frame(r, target, k);
    struct buf grant = {0};
    buf_puts(out, f ? (f->note ? f->note : "") : gap->note);
    if (report_grant(r, target, k, &grant)) {
        buf_puts(out, out->len ? "; " : "");
        buf_puts(out, buf_text(&grant));
    }
    buf_free(&grant);
    return out->len > 0;
}
