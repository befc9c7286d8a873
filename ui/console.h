/* The console at work: joins the engine's loop, the terminal and the controller. */
#ifndef UI_CONSOLE_H
#define UI_CONSOLE_H

#include "engine/engine.h"
#include "ui/curses.h"
#include "ui/ui.h"

struct console_setup {
    struct engine *engine;
    struct terminal *terminal; /* opened before anything is connected, so that its errors come first */
    const struct view *const *views;        /* ends with NULL */
    struct keymap *keymap;                  /* taken; from ui_keys; NULL: the defaults */
    const struct theme *theme;              /* NULL: built in */
    const char *page;                       /* to open first; NULL: the first view */
    int target;                             /* its target; -1: the fleet */
    const char *const *order;               /* names of the pages that have numbers; NULL: the defaults */
    int norder;
    bool (*find_theme)(void *arg, const char *name, struct theme *out, struct err *err);     /* NULL: none */
    const char *const *theme_names;         /* ends with NULL; may be NULL */
    void *arg;
};

/* Until the user leaves (0), the terminal is gone (129) or a signal says so (128 + its number). 2 with err
 * when the keys or the page are wrong. Signals other than those, SIGPIPE among them, are the caller's. */
int console_run(const struct console_setup *setup, struct err *err) MUST_CHECK;

#endif
