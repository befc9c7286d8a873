/* The book of findings. */
#include "model/verdict.h"

#include "base/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct entry {
    struct finding finding;     /* its level is LEVEL_FINE while nothing is shown */
    char *words, *advice, *filter;
    unsigned worse, better;     /* judgements in a row */
    bool ever;                  /* it was shown: changed_us counts */
    bool named;                 /* in the round under way */
};

struct verdict {
    struct entry *list;
    unsigned n, room;
    int rule, target;           /* of the round under way */
    bool changed;
};

static const char *const level_words[LEVEL_COUNT_] = {"fine", "note", "unknown", "warning", "critical"};

const char *level_word(enum level level)
{
    return level_words[level];
}

struct verdict *verdict_new(void)
{
    return mem_new(sizeof(struct verdict));
}

static void free_entry(struct entry *e)
{
    free(e->words);
    free(e->advice);
    free(e->filter);
}

void verdict_free(struct verdict *v)
{
    if (!v)
        return;
    for (unsigned i = 0; i < v->n; i++)
        free_entry(&v->list[i]);
    free(v->list);
    free(v);
}

/* ---- one subject ---- */

static bool is_of(const struct entry *e, int rule, int target)
{
    return e->finding.rule == rule && e->finding.target == target;
}

static struct entry *entry_of(struct verdict *v, uint64_t subject)
{
    unsigned subjects = 0;
    for (unsigned i = 0; i < v->n; i++) {
        if (!is_of(&v->list[i], v->rule, v->target))
            continue;
        subjects++;
        if (v->list[i].finding.subject == subject)
            return &v->list[i];
    }
    if (subjects >= VERDICT_SUBJECTS)
        return NULL;
    if (v->n == v->room) {
        v->room = v->room ? 2 * v->room : 16;
        v->list = mem_resize(v->list, v->room, sizeof(*v->list));
    }
    struct entry *e = &v->list[v->n++];
    *e = (struct entry){.finding = {.rule = v->rule, .target = v->target, .subject = subject, .value = NAN,
                                    .words = "", .advice = "", .filter = ""}};
    return e;
}

static void set_text(char **field, const struct buf *text)
{
    if (*field && strcmp(*field, buf_text(text)) == 0)
        return;
    free(*field);
    *field = mem_string(buf_text(text));
}

static void take_words(struct entry *e, const struct judgement *j)
{
    set_text(&e->words, &j->words);
    set_text(&e->advice, &j->advice);
    set_text(&e->filter, &j->filter);
    e->finding.words = e->words;
    e->finding.advice = e->advice;
    e->finding.filter = e->filter;
    e->finding.value = j->value;
}

static void show(struct verdict *v, struct entry *e, enum level level, int64_t now_us)
{
    if (e->finding.level == LEVEL_FINE)
        e->finding.since_us = now_us;
    e->finding.level = level;
    e->finding.changed_us = now_us;
    e->ever = true;
    e->worse = e->better = 0;
    v->changed = true;
}

/* The words follow the newest judgement as long as it says that something is wrong: so a finding that is about to go
 * keeps its last ones. */
static void judge(struct verdict *v, struct entry *e, enum level level, struct steadiness steady, int64_t now_us)
{
    struct finding *f = &e->finding;
    v->changed = v->changed || (f->held && f->level != LEVEL_FINE);
    f->held = false;
    f->judged_us = now_us;
    e->worse = level > f->level ? e->worse + 1 : 0;
    e->better = level < f->level ? e->better + 1 : 0;
    bool due = (e->worse && e->worse >= steady.rise) || (e->better && e->better >= steady.clear);
    if (due && (!e->ever || now_us - f->changed_us >= VERDICT_QUIET_US))
        show(v, e, level, now_us);
}

void verdict_begin(struct verdict *v, int rule, int target)
{
    v->rule = rule;
    v->target = target;
    for (unsigned i = 0; i < v->n; i++)
        v->list[i].named = false;
}

void verdict_say(struct verdict *v, const struct judgement *j, struct steadiness steady, int64_t now_us)
{
    struct entry *e = entry_of(v, j->subject);
    if (!e || e->named)
        return;
    e->named = true;
    if (j->level != LEVEL_FINE)
        take_words(e, j);
    judge(v, e, j->level, steady, now_us);
}

/* Nothing is shown of it, and nothing has to be remembered for its sake. */
static bool is_over(const struct entry *e, int64_t now_us)
{
    return e->finding.level == LEVEL_FINE && e->worse == 0 &&
           (!e->ever || now_us - e->finding.changed_us >= VERDICT_QUIET_US);
}

void verdict_end(struct verdict *v, struct steadiness steady, int64_t now_us)
{
    for (unsigned i = 0; i < v->n; i++) {
        struct entry *e = &v->list[i];
        if (!is_of(e, v->rule, v->target) || e->named)
            continue;
        judge(v, e, LEVEL_FINE, steady, now_us);
        if (is_over(e, now_us)) {
            free_entry(e);
            v->list[i--] = v->list[--v->n];
        }
    }
}

static void hold(struct verdict *v, struct entry *e)
{
    v->changed = v->changed || (!e->finding.held && e->finding.level != LEVEL_FINE);
    e->finding.held = true;
    e->worse = e->better = 0;
}

void verdict_keep(struct verdict *v, uint64_t subject)
{
    for (unsigned i = 0; i < v->n; i++) {
        struct entry *e = &v->list[i];
        if (!is_of(e, v->rule, v->target) || e->finding.subject != subject || e->finding.level == LEVEL_FINE)
            continue;
        e->named = true;
        hold(v, e);
    }
}

void verdict_hold(struct verdict *v, int rule, int target)
{
    for (unsigned i = 0; i < v->n; i++)
        if (is_of(&v->list[i], rule, target))
            hold(v, &v->list[i]);
}

void verdict_forget(struct verdict *v, int target)
{
    for (unsigned i = 0; i < v->n; i++) {
        struct entry *e = &v->list[i];
        if (e->finding.target != target)
            continue;
        v->changed = v->changed || e->finding.level != LEVEL_FINE;
        free_entry(e);
        v->list[i--] = v->list[--v->n];
    }
}

void verdict_swallow(struct verdict *v, int rule, int target, bool by_another)
{
    for (unsigned i = 0; i < v->n; i++) {
        struct finding *f = &v->list[i].finding;
        if (!is_of(&v->list[i], rule, target) || f->swallowed == by_another)
            continue;
        f->swallowed = by_another;
        v->changed = v->changed || f->level != LEVEL_FINE;
    }
}

bool verdict_changed(struct verdict *v)
{
    bool changed = v->changed;
    v->changed = false;
    return changed;
}

/* ---- reading ---- */

static int worst_first(const void *a, const void *b)
{
    const struct finding *x = *(const struct finding *const *)a, *y = *(const struct finding *const *)b;
    if (x->level != y->level)
        return x->level > y->level ? -1 : 1;
    if (x->since_us != y->since_us)
        return x->since_us < y->since_us ? -1 : 1;
    if (x->rule != y->rule)
        return x->rule < y->rule ? -1 : 1;
    if (x->target != y->target)
        return x->target < y->target ? -1 : 1;
    return x->subject < y->subject ? -1 : x->subject > y->subject;
}

static bool is_shown(const struct finding *f, int target, bool all)
{
    return f->level != LEVEL_FINE && (target < 0 || f->target == target) && (all || !f->swallowed);
}

unsigned verdict_list(const struct verdict *v, int target, bool all, const struct finding **out, unsigned max)
{
    const struct finding **found = mem_array(v->n ? v->n : 1, sizeof(const struct finding *));
    unsigned n = 0;
    for (unsigned i = 0; i < v->n; i++) {
        if (is_shown(&v->list[i].finding, target, all))
            found[n++] = &v->list[i].finding;
    }
    qsort(found, n, sizeof(const struct finding *), worst_first);
    for (unsigned i = 0; i < n && i < max; i++)
        out[i] = found[i];
    free(found);
    return n;
}

const struct finding *verdict_find(const struct verdict *v, int rule, int target, uint64_t subject)
{
    for (unsigned i = 0; i < v->n; i++) {
        const struct finding *f = &v->list[i].finding;
        if (is_of(&v->list[i], rule, target) && f->subject == subject && f->level != LEVEL_FINE)
            return f;
    }
    return NULL;
}

enum level verdict_worst(const struct verdict *v, int target)
{
    enum level worst = LEVEL_FINE;
    for (unsigned i = 0; i < v->n; i++)
        if (is_shown(&v->list[i].finding, target, false) && v->list[i].finding.level > worst)
            worst = v->list[i].finding.level;
    return worst;
}

enum level verdict_of(const struct verdict *v, int rule, int target)
{
    enum level worst = LEVEL_FINE;
    for (unsigned i = 0; i < v->n; i++)
        if (is_of(&v->list[i], rule, target) && v->list[i].finding.level > worst)
            worst = v->list[i].finding.level;
    return worst;
}
