/* What a page says about the answer that it shows, or about why there is none. All text that comes out is
 * safe. */
#ifndef UI_WORDS_H
#define UI_WORDS_H

#include "base/buf.h"
#include "model/store.h"
#include "ui/canvas.h"

#include <stdbool.h>

struct sight_words {
    bool rows;                  /* sight.good can be drawn; else `body` says why not */
    bool stale;                 /* everything must be drawn as stale */
    enum role_name look;        /* of banner and body */
    struct buf banner;          /* one line above the rows; empty: nothing to say */
    struct buf body;            /* lines, ended by line feeds */
};

/* target may be NULL. The caller frees the words. */
void words_of_sight(struct sight_words *w, const struct sight *sight, const struct topic *topic,
                    const struct target *target, int64_t now_us, enum text_mode mode);
void words_free(struct sight_words *w);

/* Wraps the body in the clip's width from this row on. Returns the rows used. */
int words_draw_body(const struct sight_words *w, struct canvas *c, int row);

/* Why a topic has no answer, in a few words ("timeout 12 s ago"), for rows that have no room for more. */
void words_short(struct buf *out, const struct sight *sight, const struct target *target,
                 enum text_mode mode);

/* "12 s", "4:10": an age that is drawn again and again. */
void words_age(struct buf *out, int64_t us, enum text_mode mode);

/* A grant with {role} and {statements}, the schema of that extension, filled in and quoted as SQL needs it, made safe.
 * Statements are apart by ";". facts NULL: "your_role". */
void words_grant(struct buf *out, const char *grant, const struct facts *facts, enum text_mode mode);

#endif
