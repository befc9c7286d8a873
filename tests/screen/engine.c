/* An engine that asks nobody: it remembers what the screen wished for. Stands in for libengine.a in screen
 * tests. */
#include "tests/screen/engine.h"

#include <stdio.h>
#include <string.h>

static struct wishes wishes = {.interval = 2};

struct wishes *wishes_made(void)
{
    return &wishes;
}

void wishes_forget(void)
{
    wishes = (struct wishes){.interval = 2, .shown_target = -1};
}

void engine_show(struct engine *e, int target, const int *topics, int ntopics)
{
    (void)e;
    wishes.shown_target = target;
    wishes.nshown = ntopics > 64 ? 64 : ntopics;
    memcpy(wishes.shown, topics, sizeof(*topics) * (size_t)wishes.nshown);
}

void engine_show_also(struct engine *e, int target, const int *topics, int ntopics)
{
    (void)e;
    (void)topics;
    (void)target;
    wishes.also += ntopics;
}

void engine_pause(struct engine *e, bool paused)
{
    (void)e;
    wishes.paused = paused;
}

bool engine_paused(const struct engine *e)
{
    (void)e;
    return wishes.paused;
}

void engine_set_interval(struct engine *e, double seconds)
{
    (void)e;
    wishes.interval = seconds;
}

double engine_interval(const struct engine *e)
{
    (void)e;
    return wishes.interval;
}

void engine_sample_now(struct engine *e, int target)
{
    (void)e;
    (void)target;
    wishes.samples++;
}

void engine_reconnect(struct engine *e, int target)
{
    (void)e;
    (void)target;
    wishes.reconnects++;
}

void engine_password(struct engine *e, int target, const char *secret)
{
    (void)e;
    wishes.password_target = target;
    wishes.passwords++;
    snprintf(wishes.password, sizeof(wishes.password), "%s", secret ? secret : "(none)");
}
