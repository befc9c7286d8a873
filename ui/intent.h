/* Every wish that the screen has of the engine. Without an engine (a screen test) nothing happens. */
#ifndef UI_INTENT_H
#define UI_INTENT_H

#include "engine/engine.h"

void intent_show(struct engine *e, int target, const int *topics, int ntopics);
void intent_show_also(struct engine *e, int target, const int *topics, int ntopics);
void intent_pause(struct engine *e, bool paused);
void intent_set_interval(struct engine *e, double seconds);
double intent_interval(const struct engine *e);     /* 2 without an engine */
void intent_refresh(struct engine *e, int target, bool connected);  /* samples, or connects, at once */
void intent_password(struct engine *e, int target, const char *secret);

#endif
