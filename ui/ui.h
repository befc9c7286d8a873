/* The controller: owns the canvas, the stack of pages, the lines at the top and the one at the bottom, and
 * what lies on top of a page (prompt, list, palette). Keys, clicks and pasted text come in; a canvas comes
 * out. It knows no terminal: ui/console.c joins it with one, tests call it alone.
 *
 * Nothing here waits. Handlers change state and ask the engine; ui_draw draws once, at the end of a turn. */
#ifndef UI_UI_H
#define UI_UI_H

#include "base/err.h"
#include "model/store.h"
#include "ui/canvas.h"
#include "ui/keymap.h"
#include "ui/view.h"

struct ui;

/* What the terminal, the files and the program do for the ui. Any may be NULL. */
struct ui_host {
    void *arg;
    void (*quit)(void *arg, int status);
    void (*suspend)(void *arg);
    void (*redraw)(void *arg); /* the terminal's picture is spoilt: all of it again */
    bool (*mouse)(void *arg, bool on);                      /* returns whether it is on now */
    /* Sends to the clipboard; says in words how (or why not) in `words`. */
    bool (*copy)(void *arg, const char *bytes, size_t len, char *words, size_t size);
    bool (*theme)(void *arg, const char *name, struct theme *out, struct err *err);
    const char *const *theme_names;                         /* ends with NULL */
};

struct ui_setup {
    struct store *store;
    struct engine *engine;              /* NULL in tests */
    const struct view *const *views;    /* ends with NULL; the first one opens */
    struct keymap *keymap;              /* taken; from ui_keys, then bound anew; NULL: the defaults */
    const struct theme *theme;          /* copied; NULL: built in */
    enum text_mode mode;
    enum glyphs glyphs;
    bool mouse;                         /* it is on */
    const char *page;                   /* name of the page to open first; NULL: the first view */
    int target;                         /* its target */
    const char *const *order;           /* names of the pages that have numbers, from 1 on; NULL: as they say */
    int norder;
    struct ui_host host;
};

/* The default keys of everything: the common rows and those of the views. */
struct keymap *ui_keys(const struct view *const *views);

/* NULL only when the keys conflict or the page is unknown. */
struct ui *ui_new(const struct ui_setup *setup, struct err *err) MUST_CHECK;
void ui_free(struct ui *ui);

/* ---- what comes in, by console.c or a test ---- */

void ui_set_time(struct ui *ui, int64_t now_us, int64_t wall_us);       /* at the start of a turn */
void ui_resize(struct ui *ui, int rows, int columns);
void ui_key(struct ui *ui, uint32_t key);
enum mouse_button { MOUSE_CLICK, MOUSE_WHEEL_UP, MOUSE_WHEEL_DOWN };
void ui_mouse(struct ui *ui, enum mouse_button button, int row, int column);
void ui_paste(struct ui *ui, const char *bytes, size_t len);
/* Draws when something changed since the last time, or an age on the screen did; false: the canvas is as it
 * was. */
bool ui_draw(struct ui *ui);
const struct canvas *ui_canvas(const struct ui *ui);
const struct theme *ui_theme(const struct ui *ui);

/* ---- for views and widgets ---- */

void ui_dirty(struct ui *ui);           /* something on the screen changed without a key or a frame */

/* A line at the bottom. Info goes by itself after 4 s, a warning and an error stay until a key is pressed.
 * All are kept for :messages. The text may hold hostile bytes; it is made safe when drawn. */
void ui_say(struct ui *ui, enum severity severity, const char *format, ...) PRINTF_LIKE(3, 4);

/* Opens a page on top of this one. target -1: the target of the page that is open. argument and filter are
 * copied, may be NULL. false: no such page (said on the message line). */
bool ui_open(struct ui *ui, const char *page, int target, const char *argument, const char *filter);
void ui_close(struct ui *ui);           /* one page back; the last one stays */

/* A one-line editor at the bottom. The callbacks may be NULL. `done` gets NULL when the user gave up; `live`
 * gets the text after each change. Text is UTF-8 and safe: control characters cannot be typed. */
struct ui_prompt {
    const char *label;                  /* "filter" */
    const char *history;                /* prompts with the same word share a history; NULL: none is kept */
    const char *text;                   /* to begin with; NULL: empty */
    bool secret;                        /* not shown, wiped after `done` */
    void (*done)(void *arg, struct ui *ui, const char *text);
    void (*live)(void *arg, struct ui *ui, const char *text);
    /* Tells what is wrong with the text so far, in err; shown while typing. true: fine. */
    bool (*check)(void *arg, const char *text, struct err *err);
    void *arg;                          /* lives as long as the page that asks */
};
void ui_ask(struct ui *ui, const struct ui_prompt *prompt);

/* A list on top of the page, to choose one of or to tick several. Typing narrows it. Strings are copied. */
struct ui_item {
    const char *text;                   /* safe */
    const char *help;                   /* at the right, dim; NULL: nothing */
    bool on;                            /* ticked, or the current one */
    bool fixed;                         /* the tick cannot be changed */
};
struct ui_pick {
    const char *title;
    const struct ui_item *items;
    int nitems;
    bool many;                          /* ticks instead of one choice */
    const char *fixed;                  /* why a tick is fixed, a sentence that is not copied; NULL: none is */
    void (*chosen)(void *arg, struct ui *ui, int item);             /* one choice */
    void (*ticked)(void *arg, struct ui *ui, int item, bool on);    /* at once, with each tick */
    void *arg;
};
void ui_choose(struct ui *ui, const struct ui_pick *pick);

/* The copy menu: what may be copied from here, by name. One item is copied at once. Both are copied by ui. */
struct ui_copy {
    const char *name;                   /* "cell", "row", "query" */
    const char *bytes;
    size_t len;
};
void ui_copy(struct ui *ui, const struct ui_copy *items, int nitems);

bool ui_paused(const struct ui *ui);
/* A prompt or a list lies on top: rows keep their order meanwhile. */
bool ui_covered(const struct ui *ui);
const struct keymap *ui_keymap(const struct ui *ui);
const struct view *const *ui_views(const struct ui *ui);
/* The key '1' to '9' that opens a page; 0: none does. */
int ui_page_number(const struct ui *ui, const struct view *view);
/* The page below a help page, for its keys. */
const struct view *ui_view_below(const struct ui *ui);
/* Why a request does nothing now; NULL: it does something. About the page below a help page. */
const char *ui_disabled(const struct ui *ui, int request);

/* What the palette does beside going to pages and servers, by number, for the manual; the argument may be NULL. False
 * for the number behind the last. */
bool ui_palette_command(int i, const char **name, const char **argument, const char **help);

#endif
