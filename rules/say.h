/* What rules have in common: reading an answer by the names of its columns, and saying what was found. */
#ifndef RULES_SAY_H
#define RULES_SAY_H

#include "base/text.h"
#include "spec/rule.h"

/* The newest good answer of a topic, what was derived from it if anything was; NULL: none. */
const struct frame *rule_frame(const struct rule_context *c, const char *topic);
/* Its counters per second; NULL: unknown. */
const struct frame *rule_rates(const struct rule_context *c, const char *topic);
/* Of a row, by the name of its column, as model/frame.h says. */
static inline double rule_number(const struct frame *f, uint32_t row, const char *column)
{
    return frame_named_number(f, row, column);
}
static inline struct frame_text rule_text(const struct frame *f, uint32_t row, const char *column)
{
    return frame_named_text(f, row, column);
}
static inline bool rule_is(const struct frame *f, uint32_t row, const char *column, const char *word)
{
    return frame_says(f, row, column, word);
}

/* The server that this target is, in the shape of all of them, and the name of one of its nodes. */
const struct cluster_node *rule_node(const struct rule_context *c);
const char *rule_node_name(const struct rule_context *c, const struct cluster_node *n);
/* The one that is the primary of its cluster now, be it out of reach or this one; NULL: none is watched. */
const struct cluster_node *rule_primary(const struct rule_context *c);

/* "A superuser can run: ", and of what a standby does not take where it can be run instead. */
void say_superuser(const struct rule_context *c, struct buf *out, bool writes);

/* What is shown of the subject cannot be judged now: it stays as it is, and says so. */
void rule_keep(const struct rule_context *c, uint64_t subject);

/* The level of a value at its limits. What is shown already stays until the value is below nine tenths of them. */
enum level rule_level(const struct rule_context *c, uint64_t subject, struct limit limit, double value);

uint64_t rule_subject(const char *bytes, size_t len);       /* a name as a subject: never 0 */

/* Of the topic `sessions`: not one of the server's own. A role without rights sees no types of others' sessions, but
 * that they have a user and a database. */
bool rule_is_client(const struct frame *sessions, uint32_t row);

/* ---- a judgement: say_begin, words, say_end ---- */

struct judgement say_begin(uint64_t subject, enum level level);
void say_end(const struct rule_context *c, struct judgement *j);      /* judged, and freed */

/* Numbers for people, into the words. */
void say_duration(struct buf *out, double seconds);
void say_bytes(struct buf *out, double bytes);
void say_count(struct buf *out, double count);
void say_percent(struct buf *out, double fraction);
void say_text(struct buf *out, struct frame_text t);        /* "?" for nothing */
/* A term of a filter: "column=text", quoted where it must be, behind a blank when it is not the first. Nothing for a text
 * that no filter can say. */
void say_filter(struct buf *out, const char *column, struct frame_text t);
/* "pid 4711 (billing, idle in transaction 12:04)" */
void say_session(struct buf *out, const struct frame *sessions, uint32_t row);

#endif
