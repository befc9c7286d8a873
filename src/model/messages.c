/* The ring of messages. */
#include "model/messages.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

#define REPEAT_US 60000000LL    /* the same words within this time are counted, not said again */

static struct message *at(struct messages *m, unsigned i)
{
    return &m->list[(m->total - 1 - i) % MESSAGES_KEPT];
}

const struct message *messages_at(const struct messages *m, unsigned i)
{
    return i < m->total && i < MESSAGES_KEPT ? &m->list[(m->total - 1 - i) % MESSAGES_KEPT] : NULL;
}

/* Brings what was said a moment ago to the front, so that several servers that are down do not push all else out. */
static bool say_again(struct messages *m, const struct message *said)
{
    for (unsigned i = 0; i < m->total && i < MESSAGES_KEPT; i++) {
        struct message again = *at(m, i);
        if (said->wall_us - again.wall_us > REPEAT_US)
            return false;
        if (again.target != said->target || again.severity != said->severity || strcmp(again.text, said->text) != 0)
            continue;
        for (; i > 0; i--)
            *at(m, i) = *at(m, i - 1);
        again.repeats++;
        again.wall_us = said->wall_us;
        *at(m, 0) = again;
        return true;
    }
    return false;
}

void messages_say(struct messages *m, const struct message *said)
{
    if (say_again(m, said))
        return;
    struct message *next = &m->list[m->total++ % MESSAGES_KEPT];
    free(next->text);
    *next = *said;
    next->text = mem_string(said->text);
}

void messages_clear(struct messages *m)
{
    for (unsigned i = 0; i < MESSAGES_KEPT; i++)
        free(m->list[i].text);
    *m = (struct messages){0};
}
