/* The controller's inside, shared by its parts: ui.c, pages.c, input.c, header.c, bottom.c, prompt.c,
 * palette.c. Nobody else includes this. */
#ifndef UI_INSIDE_H
#define UI_INSIDE_H

#include "base/format.h"
#include "ui/intent.h"
#include "ui/line.h"
#include "ui/picker.h"
#include "ui/ui.h"

enum {
    DEPTH_MAX = 8,              /* pages on top of each other */
    POOL_MAX = 24,              /* pages that keep their state, seen or not */
    HISTORY_MAX = 32,
    HINTS_MAX = 24,
    PROMPT_HISTORIES = 6,
    CANDIDATES_MAX = 200,
    NUMBERED_MAX = 9,
    FLEET_FAST = 12,            /* targets: of more, a page of all of them asks for nothing and draws less often */
    TOPICS_MOST = 64
};

struct page {
    const struct view *view;
    struct view_state *state;
    int target;
    char *argument;             /* NULL: none */
    bool lent;                  /* its filter came with the row of another page, and goes when it is opened next */
    uint64_t used;              /* a counter: the page used longest ago makes room */
};

/* Where one was: the pages from the first to the top one. */
struct trail {
    int n;
    struct place {
        const struct view *view;
        int target;
        char *argument;
    } places[DEPTH_MAX];
};

/* A stretch of a line that answers to a click. */
struct span {
    int row, column, columns;
    int what;                   /* a request, or a depth of the stack */
};

struct spans {
    int n;
    struct span list[HINTS_MAX];
};

struct toast {
    enum severity severity;
    char text[512];
    int64_t until_us;           /* 0: stays until a key */
    bool drawn;
    unsigned more;              /* messages that it pushed away unseen */
    int target;                 /* that it is about; -1: none */
};

struct candidate {
    char text[64];              /* what the word becomes */
    const char *help;           /* NULL: none */
    int target;                 /* that it goes to; -1: it is no server */
    int score;
};

struct palette {
    struct candidate list[CANDIDATES_MAX];
    int n, at;
    size_t word;                /* where the word begins that is being completed */
    bool completing;            /* Tab goes on through the list */
};

struct prompt {
    struct ui_prompt ask;       /* strings in it are not kept */
    char label[32];
    struct line line;
    struct line_history *history;   /* NULL: none */
    struct err err;
};

enum overlay { OVERLAY_NONE, OVERLAY_PROMPT, OVERLAY_PALETTE, OVERLAY_PICKER };

struct layout {
    int header, crumbs, banner, banner_rows, bottom;    /* rows; -1: not shown */
    struct rect body;
};

struct ui {
    struct store *store;
    struct engine *engine;
    const struct view *const *views;
    struct keymap *keymap;
    struct theme theme;
    struct ui_host host;
    struct canvas *canvas;
    int64_t now_us, wall_us, drawn_us;
    bool dirty, mouse, saying;
    bool soon, later;           /* something changed that may wait for others: see ui_draw */

    struct page *pool[POOL_MAX];
    int npool;
    uint64_t uses;
    struct page *stack[DEPTH_MAX];
    int depth;
    struct trail history[HISTORY_MAX];
    int nhistory, history_at;
    int target;                 /* the last one looked at; -1: there are none */
    const struct view *numbered[VIEW_KIND_COUNT_][NUMBERED_MAX];    /* of each kind: by number from 1 on; NULL: none */

    enum overlay overlay;
    struct prompt prompt;
    struct palette palette;
    struct picker picker;
    struct ui_pick pick;        /* callbacks of the picker */
    struct copies {
        struct ui_copy *items;
        int n;
    } copies;
    struct {
        char name[16];
        struct line_history lines;
    } histories[PROMPT_HISTORIES];
    struct {
        int64_t *since_us;      /* by target: of the link for which a password was asked, plus 1; 0: not asked */
        int n;
    } asked;

    bool paused;
    int64_t paused_us;
    struct toast toast;
    struct spans hints, crumbs;
    struct layout layout;
    int click_row, click_column;            /* of the last click in the body; -1: none */
};

static inline struct page *ui_top(const struct ui *ui)
{
    return ui->stack[ui->depth - 1];
}

/* pages.c */
struct view_scene pages_scene(struct ui *ui, const struct page *page);
const struct view *pages_find(const struct ui *ui, const char *name);
/* Gives the pages their numbers: in the order of the names, or by their own digits when there are none. */
void pages_number(struct ui *ui, const char *const *names, int nnames);
/* The page with a number, for the kind of target that is looked at; NULL: none has it. */
const struct view *pages_digit(const struct ui *ui, int digit);
/* NULL: the page can show this target; else the page of that target's kind with the same number, or the first. */
const struct view *pages_instead(const struct ui *ui, const struct view *view, int target);
bool pages_push(struct ui *ui, const struct view *view, int target, const char *argument, const char *filter);
/* A numbered page stands right above the first one, wherever one comes from; others go on top. */
void pages_jump(struct ui *ui, const struct view *view, int target, const char *argument, const char *filter);
const struct view *pages_home(const struct ui *ui); /* the page of all servers; NULL: there is none */
void pages_pop_to(struct ui *ui, int depth);
void pages_step(struct ui *ui, int step);           /* through the numbered pages */
void pages_target(struct ui *ui, int target);       /* the same pages of another target */
void pages_history(struct ui *ui, int step);
bool pages_can_walk(const struct ui *ui, int step);
void pages_show(struct ui *ui);                     /* tells the engine what is on the screen */
bool pages_read(const struct ui *ui, const struct view *view, int topic);   /* at the screen's size of now */
void pages_free(struct ui *ui);

/* input.c */
void input_request(struct ui *ui, int request);     /* with its reason when it is disabled */
/* Why a request does nothing on a page now; NULL: it does something; "": it means nothing there. */
const char *input_disabled(struct ui *ui, const struct page *page, int request);
void input_leave(struct ui *ui, int status);
void input_pick_key(struct ui *ui, uint32_t key, int request);
void input_pick_click(struct ui *ui, int row, int column, bool twice);

/* header.c, bottom.c */
int64_t header_down_us(const struct ui *ui, const struct target *t); /* how long it has not been connected */
void header_about(const struct ui *ui, const struct target *t, char *out, size_t size);  /* what it is; safe text */
bool header_is_down(const struct link *link);      /* an attempt after a failure is still "down" */
char *header_duration(char out[FORMAT_ROOM], const struct ui *ui, int64_t us);
void header_draw(struct ui *ui, struct canvas *c);

/* ---- banner.c: what is wrong with the whole page ---- */
int banner_rows(const struct ui *ui, int rows, int columns);     /* that it takes of a screen of this size */
void banner_draw(const struct ui *ui, struct canvas *c);
void bottom_draw(struct ui *ui, struct canvas *c);
void toast_say(struct ui *ui, enum severity severity, const char *text);

/* prompt.c */
void prompt_key(struct ui *ui, uint32_t key);
void prompt_paste(struct ui *ui, const char *bytes, size_t len);
void prompt_answer(struct ui *ui, const char *text);    /* as if this were typed and entered */
void prompt_draw(struct ui *ui, struct canvas *c);
void prompt_password(struct ui *ui);                /* when a target waits for one */
void prompt_password_again(struct ui *ui, int target);  /* at the next drawing */
void overlay_close(struct ui *ui);                  /* as if the user had given up */

/* palette.c */
void palette_open(struct ui *ui);
void palette_complete(struct ui *ui);               /* the list for what is typed so far */
bool palette_key(struct ui *ui, uint32_t key);
void palette_run(struct ui *ui, const char *text);
void palette_draw(struct ui *ui, struct canvas *c);

#endif
