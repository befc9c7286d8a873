/* Names of keys and of the mouse's deeds, coded as the terminal's modes ask for. */
#include "tests/pty/state.h"

#include <stdlib.h>
#include <string.h>

struct named_key {
    const char *name;
    const char *bytes;          /* sent as they are; NULL: by libvterm */
    VTermKey key;
    VTermModifier modifier;
};

static const struct named_key named[] = {
    {"Enter", "\r"},
    {"Esc", "\x1b"},
    {"Tab", "\t"},
    {"Space", " "},
    {"BS", "\x7f"},
    {"lt", "<"},
    {"S-Tab", NULL, VTERM_KEY_TAB, VTERM_MOD_SHIFT},
    {"Del", NULL, VTERM_KEY_DEL, VTERM_MOD_NONE},
    {"Ins", NULL, VTERM_KEY_INS, VTERM_MOD_NONE},
    {"Up", NULL, VTERM_KEY_UP, VTERM_MOD_NONE},
    {"Down", NULL, VTERM_KEY_DOWN, VTERM_MOD_NONE},
    {"Left", NULL, VTERM_KEY_LEFT, VTERM_MOD_NONE},
    {"Right", NULL, VTERM_KEY_RIGHT, VTERM_MOD_NONE},
    {"Home", NULL, VTERM_KEY_HOME, VTERM_MOD_NONE},
    {"End", NULL, VTERM_KEY_END, VTERM_MOD_NONE},
    {"PgUp", NULL, VTERM_KEY_PAGEUP, VTERM_MOD_NONE},
    {"PgDn", NULL, VTERM_KEY_PAGEDOWN, VTERM_MOD_NONE},
};

struct mouse_deed {
    const char *name;
    int button;                 /* libvterm's: 1 left, 2 middle, 3 right, 4 and 5 the wheel */
    bool press, release;
};

static const struct mouse_deed deeds[] = {
    {"Click", 1, true, true},    {"RightClick", 3, true, true}, {"Press", 1, true, false},
    {"Release", 1, false, true}, {"WheelUp", 4, true, false},   {"WheelDown", 5, true, false},
};

static bool send_named(struct pty *p, const char *name)
{
    for (size_t i = 0; i < COUNT_OF(named); i++) {
        if (strcmp(named[i].name, name) != 0)
            continue;
        if (named[i].bytes)
            buf_puts(&p->reply, named[i].bytes);
        else
            vterm_keyboard_key(p->vt, named[i].key, named[i].modifier);
        return true;
    }
    return false;
}

static bool send_function_key(struct pty *p, const char *name)
{
    char *end;
    long n = name[0] == 'F' ? strtol(name + 1, &end, 10) : 0;
    if (n < 1 || n > 12 || *end)
        return false;
    vterm_keyboard_key(p->vt, (VTermKey)VTERM_KEY_FUNCTION(n), VTERM_MOD_NONE);
    return true;
}

/* C-x and M-x; C-\ and its neighbours too. */
static bool send_modified(struct pty *p, const char *name)
{
    if (strlen(name) != 3 || name[1] != '-' || (name[0] != 'C' && name[0] != 'M'))
        return false;
    if (name[0] == 'M')
        buf_putc(&p->reply, '\x1b');
    buf_putc(&p->reply, name[0] == 'M' ? name[2] : (char)(name[2] & 0x1F));
    return true;
}

/* libvterm 0.1 reports clicks that nobody asked for: hence the look at the modes.
 * A mouse that moves before it clicks would report the motion in mode 1003 only, as a real one does. */
static bool send_mouse(struct pty *p, const char *name)
{
    char deed[16];
    int row, col, used = 0;
    if (sscanf(name, "%15[A-Za-z]:%d,%d%n", deed, &row, &col, &used) != 3 || name[used])
        return false;
    for (size_t i = 0; i < COUNT_OF(deeds); i++) {
        if (strcmp(deeds[i].name, deed) != 0)
            continue;
        if (!pty_mode(p, 1000) && !pty_mode(p, 1002) && !pty_mode(p, 1003))
            return true;
        vterm_mouse_move(p->vt, row, col, VTERM_MOD_NONE);
        if (deeds[i].press)
            vterm_mouse_button(p->vt, deeds[i].button, true, VTERM_MOD_NONE);
        if (deeds[i].release)
            vterm_mouse_button(p->vt, deeds[i].button, false, VTERM_MOD_NONE);
        return true;
    }
    return false;
}

/* Terminals bracket a paste and report focus only when the program asked for it. */
static bool send_report(struct pty *p, const char *name)
{
    static const struct {
        const char *name;
        int mode;
        const char *bytes;
    } reports[] = {
        {"Paste", 2004, "\x1b[200~"},
        {"/Paste", 2004, "\x1b[201~"},
        {"Focus", 1004, "\x1b[I"},
        {"Blur", 1004, "\x1b[O"},
    };
    for (size_t i = 0; i < COUNT_OF(reports); i++) {
        if (strcmp(reports[i].name, name) != 0)
            continue;
        if (pty_mode(p, reports[i].mode))
            buf_puts(&p->reply, reports[i].bytes);
        return true;
    }
    return false;
}

/* What stands between < and >; returns where to go on. */
static const char *send_name(struct pty *p, const char *open)
{
    const char *close = strchr(open, '>');
    char name[32] = "";
    if (close && (size_t)(close - open) < sizeof(name))
        memcpy(name, open + 1, (size_t)(close - open - 1));
    if (!name[0] || !(send_named(p, name) || send_function_key(p, name) || send_modified(p, name) ||
                      send_mouse(p, name) || send_report(p, name))) {
        fprintf(stderr, "pty: no such key: %s\n", open);
        exit(99);
    }
    return close + 1;
}

void pty_send(struct pty *p, const char *keys)
{
    pty_pump(p, 0);     /* the modes of the last output count */
    while (*keys) {
        if (*keys == '<')
            keys = send_name(p, keys);
        else
            buf_putc(&p->reply, *keys++);
    }
    pty_flush(p);
}

void pty_write(struct pty *p, const void *bytes, size_t n)
{
    buf_add(&p->reply, bytes, n);
    pty_flush(p);
}
