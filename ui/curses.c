/* The terminal by ncurses. Its output goes to a file in memory and from there to the outlet; the terminal's
 * modes are set here, because ncurses cannot do that through the file. */
#include "ui/curses.h"

#include "base/mem.h"
#include "ui/clipboard.h"
#include "ui/outlet.h"
#include "ui/paste.h"
#include "ui/rescue.h"
#include "ui/theme.h"
#include "ui/tty.h"

#define NCURSES_WIDECHAR 1
#include <curses.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

enum {
    PASTE_START = KEY_MAX + 1, PASTE_END,       /* key codes of our own */
    SYNC_FROM = 512                             /* bytes of a picture worth the wrapping */
};

struct terminal {
    SCREEN *screen;
    FILE *memory;
    struct outlet out;
    struct termios saved, raw;
    WINDOW *keys;               /* a pad: reading from it draws nothing */
    struct terminal_about about;
    bool own_default;           /* the terminal has a default colour */
    bool brackets;              /* pasted text comes marked as such */
    bool left;                  /* given back, and not taken again */
    struct paste paste;
    struct canvas *shadow;      /* what the terminal shows */
    bool spoilt;
    struct theme theme;
    int pairs[LOOK_COUNT_];
    attr_t looks[LOOK_COUNT_];
    bool plain[LOOK_COUNT_];    /* a blank of that look is a blank */
    char *sync_begin, *sync_end;
    cchar_t line[TTY_COLUMNS_MOST];
};

/* ---- taking over ---- */

static void collect(struct terminal *t)
{
    if (!outlet_collect(&t->out, fileno(t->memory)))
        t->spoilt = true;
}

static const char *capability(const char *name)
{
    const char *text = tigetstr(name);
    return text && text != (char *)-1 ? text : NULL;
}

/* Every mode that may be on, switched off: the crash handler has no time to find out which. */
static void arm(struct terminal *t)
{
    static const char *const wanted[] = {"rmkx", "sgr0", "rmcup", "cnorm"};
    struct buf bytes = {0};
    if (t->brackets)
        buf_puts(&bytes, "\033[?2004l");
    if (capability("kmous"))
        buf_puts(&bytes, "\033[?1000l\033[?1002l\033[?1006l");
    for (size_t i = 0; i < COUNT_OF(wanted); i++)
        if (capability(wanted[i]))
            buf_puts(&bytes, capability(wanted[i]));
    rescue_arm(t->out.fd, &t->saved, buf_text(&bytes), bytes.len);
    buf_free(&bytes);
}

static void set_brackets(struct terminal *t, bool on)
{
    if (t->brackets)
        outlet_add(&t->out, on ? "\033[?2004h" : "\033[?2004l", 8);
}

static void choose_colours(struct terminal *t, const struct terminal_setup *setup)
{
    const char *no = getenv("NO_COLOR");
    bool mono = setup->colour == COLOUR_NEVER || (setup->colour == COLOUR_AUTO && no && no[0]);
    if (mono || !has_colors() || start_color() != OK)
        return;
    t->own_default = use_default_colors() == OK;
    t->about.colours = COLORS >= 256 ? 256 : COLORS >= 16 ? 16 : COLORS >= 8 ? 8 : 0;
    if (COLORS > 256 && tigetflag("RGB") > 0)
        t->about.colours = 16777216;
}

/* ncurses takes these for itself; they are the loop's, or the rescue's. */
static SCREEN *new_screen(FILE *memory)
{
    static const int signals[] = {SIGINT, SIGTERM, SIGTSTP, SIGWINCH};
    struct sigaction before[COUNT_OF(signals)];
    for (size_t i = 0; i < COUNT_OF(signals); i++)
        sigaction(signals[i], NULL, &before[i]);
    SCREEN *screen = newterm(NULL, memory, stdin);
    for (size_t i = 0; i < COUNT_OF(signals); i++)
        sigaction(signals[i], &before[i], NULL);
    return screen;
}

static void set_up_keys(struct terminal *t)
{
    t->keys = newpad(1, 1);
    if (!t->keys)
        mem_exhausted();        /* without it no key would ever come */
    keypad(t->keys, TRUE);
    nodelay(t->keys, TRUE);
    set_escdelay(25);
    typeahead(-1);
    define_key("\033[200~", PASTE_START);
    define_key("\033[201~", PASTE_END);
    mouseinterval(0);
    t->brackets = tty_marks_paste() || capability("BE") != NULL;
}

static void set_up_sync(struct terminal *t)
{
    const char *sync = capability("Sync");
    if (sync) {
        t->sync_begin = mem_string(tiparm(sync, 1));
        t->sync_end = mem_string(tiparm(sync, 2));
    }
}

static void fill_in(struct terminal *t, const struct terminal_setup *setup)
{
    int rows, columns;
    tty_size(&rows, &columns);
    resizeterm(rows, columns);
    t->about.mode = setup->text == TEXT_FORCE_ASCII ? TEXT_ASCII : text_locale_mode();
    t->about.glyphs = tty_glyphs(t->about.mode, setup->braille, setup->text == TEXT_FORCE_UTF8);
    choose_colours(t, setup);
    set_up_keys(t);
    set_up_sync(t);
    nonl();
    t->shadow = canvas_new(rows, columns, t->about.mode);
    t->spoilt = true;
    arm(t);
    tcsetattr(STDIN_FILENO, TCSANOW, &t->raw);
    set_brackets(t, true);
    terminal_mouse(t, setup->mouse);
    collect(t);
    signal(SIGTTOU, SIG_IGN);       /* from now on we ask whose the terminal is, and are not stopped half-way */
}

struct terminal *terminal_open(const struct terminal_setup *setup, struct err *err)
{
    if (!tty_check(err))
        return NULL;
    struct terminal *t = mem_new(sizeof(*t));
    t->memory = outlet_memory(err);
    if (!t->memory)
        goto fail;
    if (tcgetattr(STDIN_FILENO, &t->saved) != 0) {
        err_set(err, "The terminal cannot be taken over: %m.");
        goto fail;
    }
    t->about.input = STDIN_FILENO;
    t->raw = t->saved;
    tty_make_raw(&t->raw);
    rescue_arm(STDOUT_FILENO, &t->saved, "", 0);    /* ncurses itself may break down, for want of memory */
    t->screen = new_screen(t->memory);
    if (!t->screen || !capability("cup") || !capability("clear")) {
        tty_refuse(t->screen != NULL, err);
        goto fail;
    }
    outlet_open(&t->out, STDOUT_FILENO);
    fill_in(t, setup);
    return t;
fail:
    rescue_disarm();
    if (t->screen)
        delscreen(t->screen);
    if (t->memory)
        fclose(t->memory);
    free(t);
    return NULL;
}

/* ---- giving back ---- */

/* In the background the modes are the shell's; what we have drawn goes away all the same. */
static void leave(struct terminal *t)
{
    if (t->left)
        return;
    t->left = true;
    set_brackets(t, false);
    if (t->about.mouse)
        mousemask(0, NULL);
    endwin();
    collect(t);
    outlet_finish(&t->out, 300);
    if (!tty_in_background())
        tcsetattr(STDIN_FILENO, TCSANOW, &t->saved);
    rescue_disarm();
}

void terminal_close(struct terminal *t)
{
    if (!t)
        return;
    leave(t);
    delwin(t->keys);
    delscreen(t->screen);
    fclose(t->memory);
    outlet_close(&t->out);
    buf_free(&t->paste.text);
    canvas_free(t->shadow);
    free(t->sync_begin);
    free(t->sync_end);
    free(t);
}

void terminal_resume(struct terminal *t)
{
    if (tty_in_background())
        return;
    t->left = false;
    arm(t);
    tcsetattr(STDIN_FILENO, TCSANOW, &t->raw);
    set_brackets(t, true);
    terminal_mouse(t, t->about.mouse);
    terminal_spoil(t);
}

void terminal_suspend(struct terminal *t)
{
    bool mouse = t->about.mouse;
    leave(t);
    tty_stop();
    t->about.mouse = mouse;
    terminal_resume(t);
}

/* ---- what comes in ---- */

static const struct {
    int code;
    uint32_t key;
} codes[] = {
    {KEY_UP, K_UP},       {KEY_DOWN, K_DOWN}, {KEY_LEFT, K_LEFT},           {KEY_RIGHT, K_RIGHT},
    {KEY_HOME, K_HOME},   {KEY_END, K_END},   {KEY_PPAGE, K_PAGE_UP},       {KEY_NPAGE, K_PAGE_DOWN},
    {KEY_IC, K_INSERT},   {KEY_DC, K_DELETE}, {KEY_BACKSPACE, K_BACKSPACE}, {KEY_BTAB, K_BACK_TAB},
    {KEY_ENTER, K_ENTER},
};

static uint32_t key_of(int code)
{
    if (code >= KEY_F(1) && code <= KEY_F(12))
        return K_F1 + (uint32_t)(code - KEY_F(1));
    for (size_t i = 0; i < COUNT_OF(codes); i++)
        if (codes[i].code == code)
            return codes[i].key;
    return K_NONE;
}

static bool read_mouse(struct event *event)
{
    MEVENT m;
    if (getmouse(&m) != OK || m.x < 0 || m.y < 0)
        return false;
    *event = (struct event){.kind = EVENT_MOUSE, .row = m.y, .column = m.x};
    if (m.bstate & BUTTON4_PRESSED)
        event->button = MOUSE_WHEEL_UP;
    else if (m.bstate & BUTTON5_PRESSED)
        event->button = MOUSE_WHEEL_DOWN;
    else
        event->button = MOUSE_CLICK;
    return m.bstate & (BUTTON1_PRESSED | BUTTON4_PRESSED | BUTTON5_PRESSED);
}

static bool end_paste(struct terminal *t, struct event *event)
{
    t->paste.going = false;
    *event = (struct event){.kind = EVENT_PASTE, .bytes = buf_text(&t->paste.text), .len = t->paste.text.len};
    return true;
}

/* One thing read by curses; false: it is no event by itself. */
static bool take(struct terminal *t, bool special, wint_t letter, struct event *event, int64_t now_us)
{
    if (special && letter == PASTE_START) {
        paste_begin(&t->paste, now_us);
        return false;
    }
    if (special && letter == PASTE_END)
        return t->paste.going && end_paste(t, event);
    if (t->paste.going) {
        if (!special)
            paste_add(&t->paste, (wchar_t)letter, now_us);
        return false;
    }
    if (special && letter == KEY_MOUSE)
        return read_mouse(event);
    *event = (struct event){.kind = EVENT_KEY, .key = special ? key_of((int)letter) : (uint32_t)letter};
    if (!special && letter == 0x7f)
        event->key = K_BACKSPACE;
    return event->key != K_NONE;
}

bool terminal_read(struct terminal *t, struct event *event, int64_t now_us)
{
    wint_t letter;
    if (paste_is_overdue(&t->paste, now_us))
        return end_paste(t, event);
    for (;;) {
        if (tty_hung_up()) {
            *event = (struct event){.kind = EVENT_GONE};
            return true;
        }
        int got = wget_wch(t->keys, &letter);
        if (got == ERR)
            return false;
        if (take(t, got == KEY_CODE_YES, letter, event, now_us))
            return true;
    }
}

bool terminal_mouse(struct terminal *t, bool on)
{
    mmask_t wanted = BUTTON1_PRESSED | BUTTON4_PRESSED | BUTTON5_PRESSED;
    t->about.mouse = tty_sends_mouse() && mousemask(on ? wanted : 0, NULL) != 0;
    collect(t);
    return t->about.mouse;
}

bool terminal_resize(struct terminal *t, int *rows, int *columns)
{
    tty_size(rows, columns);
    if (*rows == t->shadow->rows && *columns == t->shadow->columns)
        return false;
    resizeterm(*rows, *columns);
    canvas_resize(t->shadow, *rows, *columns);
    t->spoilt = true;
    return true;
}

/* ---- what goes out ---- */

static attr_t attrs_of(unsigned attrs)
{
    return (attrs & ATTR_BOLD ? A_BOLD : 0) | (attrs & ATTR_DIM ? A_DIM : 0) |
           (attrs & ATTR_REVERSE ? A_REVERSE : 0) | (attrs & ATTR_UNDERLINE ? A_UNDERLINE : 0) |
           (attrs & ATTR_ITALIC ? A_ITALIC : 0);
}

static void learn_theme(struct terminal *t, const struct theme *theme)
{
    t->theme = *theme;
    t->spoilt = true;
    for (int i = 0; i < LOOK_COUNT_; i++) {
        const struct style *s = &theme->looks[i];
        bool bright = false, ignored = false;
        t->pairs[i] = 0;
        t->looks[i] = attrs_of(t->about.colours ? s->attrs : s->mono_attrs);
        t->plain[i] = !(t->looks[i] & (A_REVERSE | A_UNDERLINE));
        if (!t->about.colours)
            continue;
        int fg = theme_colour(&s->fg, t->about.colours, &bright),
            bg = theme_colour(&s->bg, t->about.colours, &ignored);
        t->plain[i] = t->plain[i] && bg < 0;
        fg = fg < 0 && !t->own_default ? COLOR_WHITE : fg;
        bg = bg < 0 && !t->own_default ? COLOR_BLACK : bg;
        int pair = fg == -1 && bg == -1 ? 0 : alloc_pair(fg, bg);
        t->pairs[i] = pair > 0 ? pair : 0;
        t->looks[i] |= bright ? A_BOLD : 0;
    }
}

/* In a locale that is not UTF-8 there is only ASCII in a cell. */
static void to_wide(const struct canvas_cell *cell, wchar_t out[4])
{
    size_t len = strlen(cell->utf8), at = 0;
    int n = 0;
    uint32_t code;
    while (at < len && n < 3) {
        size_t used = text_decode(cell->utf8 + at, len - at, &code);
        if (used == 0)
            break;
        out[n++] = (wchar_t)code;
        at += used;
    }
    out[n] = L'\0';
}

static void draw_row(struct terminal *t, const struct canvas *c, int row)
{
    int n = 0;
    for (int x = 0; x < c->columns && x < TTY_COLUMNS_MOST; x++) {
        const struct canvas_cell *cell = &c->cells[(size_t)row * (size_t)c->columns + (size_t)x];
        wchar_t wide[4];
        if (cell->columns == 0)
            continue;
        to_wide(cell, wide);
        enum role_name look = canvas_joined_look(c, row, x, t->plain);
        setcchar(&t->line[n++], wide, t->looks[look] | attrs_of(cell->attrs), (short)t->pairs[look], NULL);
    }
    mvadd_wchnstr(row, 0, t->line, n);
}

static void draw_changes(struct terminal *t, const struct canvas *c)
{
    size_t width = (size_t)c->columns * sizeof(*c->cells);
    for (int row = 0; row < c->rows; row++) {
        struct canvas_cell *old = &t->shadow->cells[(size_t)row * (size_t)c->columns];
        const struct canvas_cell *new = &c->cells[(size_t)row * (size_t)c->columns];
        if (!t->spoilt && memcmp(old, new, width) == 0)
            continue;
        draw_row(t, c, row);
        memcpy(old, new, width);
    }
}

/* Last of all, so that eyes and screen readers find the row. */
static void place_cursor(const struct canvas *c)
{
    curs_set(c->cursor_row >= 0 ? 1 : 0);
    move(c->cursor_row >= 0 ? c->cursor_row : 0, c->cursor_row >= 0 ? c->cursor_column : 0);
}

static void send_picture(struct terminal *t)
{
    size_t before = t->out.waiting.len;
    wrefresh(stdscr);
    bool wrap = t->sync_begin && lseek(fileno(t->memory), 0, SEEK_CUR) >= SYNC_FROM;
    if (wrap)
        outlet_add(&t->out, t->sync_begin, strlen(t->sync_begin));
    collect(t);
    if (wrap && t->out.waiting.len > before)
        outlet_add(&t->out, t->sync_end, strlen(t->sync_end));
    outlet_flush(&t->out);
}

bool terminal_show(struct terminal *t, const struct canvas *c, const struct theme *theme)
{
    if (!outlet_flush(&t->out))
        return false;
    if (c->rows != t->shadow->rows || c->columns != t->shadow->columns)
        return true;                    /* the next turn brings one of the right size */
    if (memcmp(&t->theme, theme, sizeof(*theme)) != 0)
        learn_theme(t, theme);
    if (t->spoilt)
        clearok(curscr, TRUE);
    draw_changes(t, c);
    place_cursor(c);
    t->spoilt = false;
    send_picture(t);
    return true;
}

bool terminal_flush(struct terminal *t)
{
    return outlet_flush(&t->out);
}

bool terminal_gone(const struct terminal *t)
{
    return t->out.broken;
}

void terminal_spoil(struct terminal *t)
{
    t->spoilt = true;
}

bool terminal_copy(struct terminal *t, const char *bytes, size_t len, char *words, size_t size)
{
    struct buf out = {0};
    bool sent = clipboard_send(bytes, len, &out, words, size);
    outlet_add(&t->out, out.data, out.len);
    outlet_flush(&t->out);
    buf_free(&out);
    return sent;
}

const struct terminal_about *terminal_about(const struct terminal *t)
{
    return &t->about;
}

void terminal_size(const struct terminal *t, int *rows, int *columns)
{
    *rows = t->shadow->rows;
    *columns = t->shadow->columns;
}

uint64_t terminal_bytes(const struct terminal *t)
{
    return t->out.total;
}
