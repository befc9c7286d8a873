/* Names from the configuration stay with what they named: a target that is at another address now, and one at whose
 * address another server answers. */
#include "rules/list.h"
#include "rules/say.h"

#include <inttypes.h>

#define MOVED_US   300000000LL      /* for how long it is news that the target is elsewhere */
#define ANOTHER_US 3600000000LL     /* and that it is another */

/* News first, then no more than worth knowing. */
static enum level level_of(const struct rule_context *c, int64_t news_us)
{
    const struct finding *shown = verdict_find(c->verdict, c->rule, c->target, 0);
    return shown && c->now_us - shown->since_us >= news_us ? LEVEL_NOTE : LEVEL_WARN;
}

static void say_address(struct buf *out, const char *host, const char *port)
{
    buf_printf(out, "%s%s%s", host ? host : "?", port ? ":" : "", port ? port : "");
}

static bool is_another(const struct target *t)
{
    return t->facts.system_id && t->first.system_id && t->facts.system_id != t->first.system_id;
}

static void judge_another(const struct rule_context *c)
{
    if (!is_another(c->is))
        return;
    struct judgement j = say_begin(0, level_of(c, ANOTHER_US));
    buf_puts(&j.words, "another server answers at ");
    say_address(&j.words, c->is->facts.host, c->is->facts.port);
    buf_printf(&j.words, ": its system identifier is %" PRIu64 ", and was %" PRIu64, c->is->facts.system_id,
               c->is->first.system_id);
    say_end(c, &j);
}

const struct rule rule_another = {
    .is = {"another_server", "Where this target was another cluster answers than at first: what is shown is of that one, and "
                             "nothing of before is mixed with it.",
           "If nobody built it anew: see what its name resolves to, its service, and who took its address.", "server"},
    .steady = {1, 1},
    .judge = judge_another,
};

static void judge_moved(const struct rule_context *c)
{
    const struct target *t = c->is;
    if (!t->facts.known || is_another(t) || !t->first.host || facts_at(&t->facts, t->first.host, t->first.port))
        return;
    struct judgement j = say_begin(0, level_of(c, MOVED_US));
    buf_printf(&j.words, "%s is on ", t->name);
    say_address(&j.words, t->facts.host, t->facts.port);
    buf_puts(&j.words, " now, not on ");
    say_address(&j.words, t->first.host, t->first.port);
    say_end(c, &j);
}

const struct rule rule_moved = {
    .is = {"moved", "The target has several hosts, and another one of them answers than at first.",
           "If nobody meant it: look why the first one is out of reach, or is in another role.", "server"},
    .steady = {1, 1},
    .judge = judge_moved,
};
