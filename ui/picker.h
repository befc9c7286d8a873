/* A list on top of a page, to choose one of or to tick several. Typing narrows it. */
#ifndef UI_PICKER_H
#define UI_PICKER_H

#include "ui/canvas.h"
#include "ui/line.h"
#include "ui/ui.h"

struct picker_item {
    char *text, *help;
    bool on, fixed;
};

struct picker {
    char *title;
    struct picker_item *items;
    int nitems;
    int *shown;             /* indices of items that fit what was typed, best first */
    int nshown;
    int at, top;            /* within shown: the cursor, the first row in sight */
    bool many;
    int help_at;            /* column of the help, behind the longest text */
    struct line narrow;
    struct rect place;      /* where the list was drawn last, for clicks */
};

enum picker_answer { PICKER_GOES_ON, PICKER_CLOSED, PICKER_CHOSEN, PICKER_TICKED, PICKER_FIXED };

void picker_start(struct picker *p, const struct ui_pick *pick);
void picker_end(struct picker *p);
/* CHOSEN, TICKED, and FIXED (a tick that cannot be changed): *item says which. `request` is what the key asks for elsewhere. */
enum picker_answer picker_key(struct picker *p, uint32_t key, int request, int *item);
enum picker_answer picker_click(struct picker *p, int row, int column, bool twice, int *item);
void picker_paste(struct picker *p, const char *bytes, size_t len);
void picker_move(struct picker *p, int by);
void picker_draw(struct picker *p, struct canvas *c);

#endif
