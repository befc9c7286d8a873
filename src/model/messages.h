/* What was said lately, newest first, as many as are kept. */
#ifndef MODEL_MESSAGES_H
#define MODEL_MESSAGES_H

#include "model/store.h"

enum { MESSAGES_KEPT = 500 };

/* Start with zeros; end with messages_clear. */
struct messages {
    struct message list[MESSAGES_KEPT];
    unsigned total;             /* since the start */
};

/* Copies the text. The same words within a minute are counted, not said again. */
void messages_say(struct messages *m, const struct message *said);
/* i = 0 is the newest. NULL past the end. */
const struct message *messages_at(const struct messages *m, unsigned i);
void messages_clear(struct messages *m);

#endif
