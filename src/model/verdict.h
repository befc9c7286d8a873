/* What is wrong: findings, as rules judge them, and when one may come, change or go. Pure; time is an argument.
 *
 * A rule judges a target, and names a subject for each thing that it finds: a session, a queue, a standby; 0 is the
 * target itself. A finding comes up after `rise` judgements in a row that are worse than what is shown, and goes after
 * `clear` that are better. Nobody can read a line that flickers: what is shown of one subject changes at most once in
 * 10 s. What cannot be judged, because its evidence is old, is held as it was and says so. */
#ifndef MODEL_VERDICT_H
#define MODEL_VERDICT_H

#include "base/buf.h"

#include <stdbool.h>
#include <stdint.h>

enum level {
    LEVEL_FINE,
    LEVEL_NOTE,         /* worth knowing; nothing is wrong */
    LEVEL_UNKNOWN,      /* we are blind here, and why */
    LEVEL_WARN,
    LEVEL_CRIT,
    LEVEL_COUNT_
};

/* What a rule says of one subject. Its texts may hold server text: hostile. */
struct judgement {
    uint64_t subject;
    enum level level;
    double value;           /* that was judged, in the unit of the rule's limit; NaN: none */
    struct buf words;       /* one sentence, with the numbers and the cause */
    struct buf advice;      /* what to do; empty: what the rule says */
    struct buf filter;      /* of the page that proves it; empty: none */
};

struct finding {
    int rule;               /* its number */
    int target;
    uint64_t subject;
    enum level level;       /* as shown: never LEVEL_FINE */
    bool held;              /* its evidence is old: this was known last */
    bool swallowed;         /* another finding is its cause, and speaks for it */
    int64_t since_us;       /* it came up */
    int64_t changed_us;     /* its level changed last */
    int64_t judged_us;
    double value;
    const char *words, *advice, *filter;    /* never NULL; hostile */
};

/* How many judgements in a row it takes. */
struct steadiness {
    unsigned rise, clear;   /* 0 counts as 1 */
};

struct verdict;

struct verdict *verdict_new(void);
void verdict_free(struct verdict *v);

/* One round: begin, a judgement for each subject that is not fine, end. What is not named is fine. The judgement's
 * buffers stay the caller's. */
void verdict_begin(struct verdict *v, int rule, int target);
void verdict_say(struct verdict *v, const struct judgement *j, struct steadiness steady, int64_t now_us);
void verdict_end(struct verdict *v, struct steadiness steady, int64_t now_us);
/* In a round: this subject cannot be judged now. What is shown of it stays, and says so. */
void verdict_keep(struct verdict *v, uint64_t subject);
/* The rule cannot be judged there now. */
void verdict_hold(struct verdict *v, int rule, int target);
/* All that was found there was of another server: none of it is shown, or counts, any more. */
void verdict_forget(struct verdict *v, int target);
/* What the rule found there is explained by something else, or not. */
void verdict_swallow(struct verdict *v, int rule, int target, bool by_another);
/* True when anything that is shown has changed since the last call. */
bool verdict_changed(struct verdict *v);

/* Of one target, or of all (-1), worst first, then the oldest. Without those that are swallowed unless `all`. At most
 * max are written; returns how many there are. They are borrowed until the next judgement. */
unsigned verdict_list(const struct verdict *v, int target, bool all, const struct finding **out, unsigned max);
/* NULL: there is none, or it is not shown. */
const struct finding *verdict_find(const struct verdict *v, int rule, int target, uint64_t subject);
/* The worst level that is shown there and not swallowed. */
enum level verdict_worst(const struct verdict *v, int target);

/* The worst level that a rule shows there, swallowed or not. */
enum level verdict_of(const struct verdict *v, int rule, int target);

const char *level_word(enum level level);       /* "critical" */

#define VERDICT_QUIET_US 10000000LL     /* between two changes of what is shown of a subject */
#define VERDICT_SUBJECTS 64             /* of one rule and target: further ones are left out */

#endif
