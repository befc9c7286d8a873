/* Task queues: tasks whose worker is gone, and queues that only grow. */
#include "rules/list.h"
#include "rules/say.h"

#include "model/shape.h"

#include <math.h>
#include <string.h>

static const char *const reads[] = {"queues", NULL};

static uint64_t subject_of(const struct frame *f, uint32_t row)
{
    return frame_key_hash(f, row);
}

/* At the start: whether one may still turn out to be our primary. */
static bool others_come(const struct rule_context *c)
{
    for (int i = 0; i < store_targets(c->store); i++) {
        const struct target *t = store_target(c->store, i);
        if (!t->facts.known && t->link.failures == 0 && (t->link.state == LINK_NONE || t->link.state == LINK_CONNECTING))
            return true;
    }
    return false;
}

/* A standby holds its primary's tasks: when that is watched too, they are judged there. */
static const struct frame *queues_of(const struct rule_context *c)
{
    bool elsewhere = shape_original_in(c->store, c->shape, c->target) >= 0 ||
                     (rule_node(c)->role == SERVER_STANDBY && others_come(c));
    return elsewhere ? NULL : rule_frame(c, "queues");
}

static void say_queue(struct buf *out, const struct frame *f, uint32_t row)
{
    say_text(out, rule_text(f, row, "definition"));
    buf_puts(out, " ");
    say_text(out, rule_text(f, row, "queue"));
}

/* Of this queue alone: others of its system may be fine. */
static void say_row_filter(struct buf *out, const struct frame *f, uint32_t row)
{
    say_filter(out, "definition", rule_text(f, row, "definition"));
    say_filter(out, "queue", rule_text(f, row, "queue"));
}

/* "at least 1,000"; counting stops at a limit. */
static void say_number(struct buf *out, const struct frame *f, uint32_t row, double n)
{
    buf_puts(out, rule_number(f, row, "capped") > 0 ? "at least " : "");
    say_count(out, n);
}

/* The cause before the name of the queue: that can be long, and a narrow screen cuts what is last. */
static void say_stuck(struct buf *out, const struct frame *f, uint32_t row, double stuck)
{
    double oldest = rule_number(f, row, "stuck_s"), ready = rule_number(f, row, "ready");
    say_number(out, f, row, stuck);
    buf_puts(out, stuck == 1 ? " task stuck, worker gone or slow: " : " tasks stuck, worker gone or slow: ");
    say_queue(out, f, row);
    if (oldest > 0) {
        buf_puts(out, stuck == 1 ? ", running for " : ", the oldest running for ");
        say_duration(out, oldest);
    }
    if (rule_number(f, row, "running") == stuck && ready > 0)
        buf_puts(out, "; nothing else runs");
}

static void judge_stuck(const struct rule_context *c)
{
    const struct frame *f = queues_of(c);
    for (uint32_t row = 0; f && row < f->nrows; row++) {
        double stuck = rule_number(f, row, "stuck");
        enum level level = rule_level(c, subject_of(f, row), store_limit(c->store, c->target, LIMIT_STUCK_TASKS), stuck);
        if (isnan(stuck))
            rule_keep(c, subject_of(f, row));
        if (level == LEVEL_FINE)
            continue;
        struct judgement j = say_begin(subject_of(f, row), level);
        j.value = stuck;
        say_stuck(&j.words, f, row, stuck);
        say_row_filter(&j.filter, f, row);
        say_end(c, &j);
    }
}

const struct rule rule_stuck = {
    .is = {"stuck_tasks", "Tasks run for longer than their queue's definition allows: mostly their worker has died.",
           "Look whether the worker runs. If it is dead its tasks can go back to the queue; if it is slow they would run "
           "twice.",
           "queues"},
    .kind = TARGET_SERVER,
    .reads = reads,
    .steady = {1, 1},
    .judge = judge_stuck,
};

static void judge_depth(const struct rule_context *c)
{
    const struct frame *f = queues_of(c);
    for (uint32_t row = 0; f && row < f->nrows; row++) {
        double ready = rule_number(f, row, "ready"), oldest = rule_number(f, row, "oldest_s");
        enum level level = rule_level(c, subject_of(f, row), store_limit(c->store, c->target, LIMIT_QUEUE_DEPTH), ready);
        if (isnan(ready))
            rule_keep(c, subject_of(f, row));
        if (level == LEVEL_FINE)
            continue;
        struct judgement j = say_begin(subject_of(f, row), level);
        j.value = ready;
        say_queue(&j.words, f, row);
        buf_puts(&j.words, ": ");
        say_number(&j.words, f, row, ready);
        buf_puts(&j.words, ready == 1 ? " task waits" : " tasks wait");
        if (oldest > 0) {
            buf_puts(&j.words, ready == 1 ? ", for " : ", the oldest for ");
            say_duration(&j.words, oldest);
        }
        say_row_filter(&j.filter, f, row);
        say_end(c, &j);
    }
}

const struct rule rule_depth = {
    .is = {"queue_depth", "More tasks wait than the limit queue_depth says.",
           "See whether workers run, and whether tasks come in faster than they can be done.", "queues"},
    .kind = TARGET_SERVER,
    .reads = reads,
    .steady = {1, 2},
    .judge = judge_depth,
};

/* Queues come in one answer: those that may not be read have a note instead of numbers. Said once for all. */
static void judge_rights(const struct rule_context *c)
{
    const struct frame *f = rule_frame(c, "queues");
    struct judgement j = say_begin(0, LEVEL_UNKNOWN);
    unsigned n = 0;
    for (uint32_t row = 0; row < f->nrows; row++) {
        struct frame_text note = rule_text(f, row, "note");
        if (!memmem(note.bytes, note.len, "GRANT ", 6))
            continue;
        buf_puts(&j.words, n++ ? ", " : "task queues may not be read: ");
        say_text(&j.words, rule_text(f, row, "definition"));
        if (n == 1)
            say_text(&j.advice, note);
    }
    if (n == 0)
        return;
    if (n > 1)
        buf_puts(&j.advice, ". The page has one for each of the others.");
    buf_puts(&j.filter, "note~GRANT");
    say_end(c, &j);
}

const struct rule rule_queue_rights = {
    .is = {"queue_rights", "Tables of task queues are there, and this role may not read them.",
           "The page of the queues shows the GRANT that each needs.", "queues"},
    .kind = TARGET_SERVER,
    .reads = reads,
    .steady = {1, 1},
    .judge = judge_rights,
};
