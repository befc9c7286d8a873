/* The one place where the screen talks to the engine. */
#include "ui/intent.h"

void intent_show(struct engine *e, int target, const int *topics, int ntopics)
{
    if (e)
        engine_show(e, target, topics, ntopics);
}

void intent_show_also(struct engine *e, int target, const int *topics, int ntopics)
{
    if (e)
        engine_show_also(e, target, topics, ntopics);
}

void intent_pause(struct engine *e, bool paused)
{
    if (e)
        engine_pause(e, paused);
}

void intent_set_interval(struct engine *e, double seconds)
{
    if (e)
        engine_set_interval(e, seconds);
}

double intent_interval(const struct engine *e)
{
    return e ? engine_interval(e) : 2.0;
}

void intent_refresh(struct engine *e, int target, bool connected)
{
    if (e && connected)
        engine_sample_now(e, target);
    else if (e)
        engine_reconnect(e, target);
}

void intent_password(struct engine *e, int target, const char *secret)
{
    if (e)
        engine_password(e, target, secret);
}
