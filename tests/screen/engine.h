/* What the screen wished of the engine, for tests to look at. */
#ifndef TESTS_SCREEN_ENGINE_H
#define TESTS_SCREEN_ENGINE_H

#include "engine/engine.h"

struct wishes {
    int shown_target, shown[64], nshown, also;
    bool paused;
    double interval;
    int samples, reconnects;
    int passwords, password_target;
    char password[128];         /* "(none)": the user gave up */
};

struct wishes *wishes_made(void);
void wishes_forget(void);

#endif
