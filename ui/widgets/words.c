/* Puts the state of an answer into words: how old it is, what went wrong, and what to do about it. */
#include "ui/widgets/words.h"

#include "base/clock.h"
#include "base/format.h"
#include "model/grant.h"
#include "model/sqlstate.h"

#include <string.h>

/* Whole seconds below a minute: an age that is drawn with tenths would never stand still. */
void words_age(struct buf *out, int64_t us, enum text_mode mode)
{
    char text[FORMAT_ROOM];
    if (us < 60 * US_PER_S)
        buf_printf(out, "%d s", us < 0 ? 0 : (int)(us / US_PER_S));
    else
        buf_puts(out, format_duration(text, (double)us / US_PER_S, mode));
}

/* ---- grants ---- */

void words_grant(struct buf *out, const char *grant, const struct facts *facts, enum text_mode mode)
{
    struct buf filled = {0};
    grant_put(&filled, grant, facts);
    text_safe(out, buf_text(&filled), filled.len, mode);
    buf_free(&filled);
}

/* ---- the parts of a sentence ---- */

/* "ERROR words (42501)" of the newest answer. */
static void add_note(struct buf *out, const struct frame *f, enum text_mode mode)
{
    if (f->note)
        text_safe_string(out, f->note, mode);
    else
        buf_puts(out, "no reason was given");
    if (f->sqlstate[0] && strcmp(f->sqlstate, SQLSTATE_UNTRUSTED) != 0) {
        buf_puts(out, " (");
        text_safe_string(out, f->sqlstate, mode);
        buf_putc(out, ')');
    }
}

static const struct facts *facts_of(const struct target *target)
{
    return target && target->facts.known ? &target->facts : NULL;
}

static void add_grant_line(struct buf *out, const struct topic *topic, const struct target *target,
                           enum text_mode mode)
{
    if (!topic->grant)
        return;
    buf_printf(out, "To see it, a superuser can run%s:\n    ", grant_place(facts_of(target)));
    words_grant(out, topic->grant, facts_of(target), mode);
    buf_puts(out, ";\n");
}

static void add_next(struct buf *out, const struct link *link, int64_t now_us, enum text_mode mode)
{
    if (link->state == LINK_WAITING) {
        buf_puts(out, "Tried again in ");
        words_age(out, link->next_us > now_us ? link->next_us - now_us : 0, mode);
        buf_puts(out, "; Ctrl-R tries at once.\n");
    } else if (link->failures > 0) {
        buf_puts(out, "It is being tried again now.\n");
    }
}

static void add_link(struct buf *out, const struct target *target, int64_t now_us, enum text_mode mode)
{
    const struct link *link = &target->link;
    switch (link->state) {
    case LINK_NONE:
        buf_puts(out, "There is no connection yet.\n");
        break;
    case LINK_PASSWORD:
        buf_puts(out, "The server asks for a password.\n");
        break;
    case LINK_CONNECTING:
    case LINK_WAITING:
        buf_puts(out, link->failures > 0 || link->state == LINK_WAITING ? "No connection: " : "Connecting: ");
        text_safe_string(out, link->words, mode);
        buf_puts(out, "\n");
        add_next(out, link, now_us, mode);
        break;
    default:
        break;
    }
}

/* ---- no rows at all ---- */

static void explain_none(struct sight_words *w, const struct sight *s, const struct target *target,
                         int64_t now_us, enum text_mode mode)
{
    w->look = LOOK_LABEL;
    if (target && target->link.state != LINK_UP) {
        add_link(&w->body, target, now_us, mode);
    } else if (s->waiting_us >= 0) {
        buf_puts(&w->body, "Waiting for the first answer: ");
        words_age(&w->body, s->waiting_us, mode);
        if (s->deadline_us > 0) {
            buf_puts(&w->body, " of ");
            words_age(&w->body, s->deadline_us, mode);
        }
        buf_puts(&w->body, " at most.\n");
    } else {
        buf_puts(&w->body, "Not asked yet.\n");
    }
}

static void explain_failure(struct sight_words *w, const struct sight *s, const struct topic *topic,
                            const struct target *target, int64_t now_us, enum text_mode mode)
{
    static const char *const sentences[FRAME_STATUS_COUNT_] = {
        [FRAME_OK] = "The answer cannot be shown: ",
        [FRAME_DENIED] = "? Denied: ",
        [FRAME_ABSENT] = "? This server does not have it: ",
        [FRAME_TIMEOUT] = "? No answer in time: ",
        [FRAME_LOST] = "? The connection is lost: ",
        [FRAME_FAILED] = "? The server could not answer: ",
    };
    w->look = LOOK_UNKNOWN;
    buf_puts(&w->body, sentences[s->newest->status]);
    add_note(&w->body, s->newest, mode);
    buf_puts(&w->body, "\n");
    if (s->newest->status == FRAME_DENIED)
        add_grant_line(&w->body, topic, target, mode);
    if (s->newest->status == FRAME_LOST && target)
        add_link(&w->body, target, now_us, mode);
}

/* ---- rows, but ---- */

static void banner_stale(struct sight_words *w, const struct sight *s, enum text_mode mode)
{
    w->stale = true;
    w->look = LOOK_STALE;
    buf_puts(&w->banner,
             s->state == SIGHT_STALE ? "= STALE: these rows are " : "= NOT FRESH: these rows are ");
    words_age(&w->banner, s->age_us, mode);
    buf_puts(&w->banner, " old");
    if (s->newest && s->newest->status != FRAME_OK) {
        buf_printf(&w->banner, "; %s: ", frame_status_word(s->newest->status));
        add_note(&w->banner, s->newest, mode);
    } else if (s->waiting_us >= 0) {
        buf_puts(&w->banner, "; no answer for ");
        words_age(&w->banner, s->waiting_us, mode);
    }
}

/* A role that may not see everything gets rows with holes: it is told what would fill them. */
static void banner_partial(struct sight_words *w, const struct topic *topic, const struct target *target,
                           enum text_mode mode)
{
    if (!target || !grant_missing(topic->grant, &target->facts))
        return;
    w->look = LOOK_UNKNOWN;
    buf_printf(&w->banner, "? partly hidden; to see all%s: ", grant_place(facts_of(target)));
    words_grant(&w->banner, topic->grant, facts_of(target), mode);
}

void words_of_sight(struct sight_words *w, const struct sight *s, const struct topic *topic,
                    const struct target *target, int64_t now_us, enum text_mode mode)
{
    *w = (struct sight_words){.look = LOOK_LABEL, .rows = s->good != NULL};
    if (!s->good && s->newest)
        explain_failure(w, s, topic, target, now_us, mode);
    else if (!s->good)
        explain_none(w, s, target, now_us, mode);
    else if (s->state != SIGHT_FRESH)
        banner_stale(w, s, mode);
    else
        banner_partial(w, topic, target, mode);
}

void words_free(struct sight_words *w)
{
    buf_free(&w->banner);
    buf_free(&w->body);
}

int words_draw_body(const struct sight_words *w, struct canvas *c, int row)
{
    struct buf line = {0};
    size_t columns;
    int first = row, width = c->clip.columns > 4 ? c->clip.columns - 2 : c->clip.columns;
    struct text_wrap wrap = text_wrap(buf_text(&w->body), w->body.len, (size_t)width, c->mode);
    while (row < c->clip.rows && text_wrap_next(&wrap, &line, &columns))
        canvas_text(c, row++, width < c->clip.columns ? 1 : 0, -1, w->look, buf_text(&line));
    buf_free(&line);
    return row - first;
}

void words_short(struct buf *out, const struct sight *s, const struct target *target, enum text_mode mode)
{
    if (s->newest && s->newest->status != FRAME_OK) {
        buf_printf(out, "%s: ", frame_status_word(s->newest->status));
        add_note(out, s->newest, mode);
    } else if (s->good && s->state != SIGHT_FRESH) {
        buf_puts(out, "stale, ");
        words_age(out, s->age_us, mode);
        buf_puts(out, " old");
    } else if (target->link.state != LINK_UP) {
        buf_puts(out, target->link.state == LINK_CONNECTING ? "connecting" : "no connection");
    } else if (s->waiting_us >= 0) {
        buf_puts(out, "waiting for the first answer, ");
        words_age(out, s->waiting_us, mode);
    } else {
        buf_puts(out, "not asked yet");
    }
}
