/* The bottom line: what one types, or a message, or the keys that matter here. */
#include "ui/inside.h"

#include "base/clock.h"
#include "base/text.h"

#include <stdio.h>
#include <string.h>

enum {
    TOAST_US = 4 * US_PER_S,
    NARROW = 40                 /* columns */
};

static const char *const severity_glyphs[SEV_COUNT_] = {"·", "!", "‼"};
static const enum role_name severity_looks[SEV_COUNT_] = {LOOK_MESSAGE, LOOK_WARN, LOOK_CRIT};

/* A milder message does not push away one that has not been seen yet. */
void toast_say(struct ui *ui, enum severity severity, const char *text)
{
    struct toast *t = &ui->toast;
    bool waiting = t->text[0] && t->until_us == 0;
    ui->dirty = true;
    if (waiting && severity < t->severity) {
        t->more++;
        return;
    }
    unsigned more = waiting ? t->more + 1 : 0;
    *t = (struct toast){.severity = severity, .more = more, .target = -1};
    snprintf(t->text, sizeof(t->text), "%s", text);
    t->until_us = severity == SEV_INFO ? ui->now_us + TOAST_US : 0;
}

static void draw_toast(struct ui *ui, struct canvas *c, int row)
{
    struct toast *t = &ui->toast;
    char more[32] = "";
    int columns = canvas_columns(c), tail = 0;
    if (t->more)
        tail = snprintf(more, sizeof(more), " +%u more: L", t->more);
    if (tail > columns / 2)
        tail = 0;
    int x = canvas_text(c, row, 0, -1, severity_looks[t->severity], severity_glyphs[t->severity]);
    canvas_raw(c, row, x + 1, columns - x - 1 - tail, severity_looks[t->severity], t->text, strlen(t->text));
    if (tail)
        canvas_right(c, row, columns - tail, tail, LOOK_LABEL, more);
    t->drawn = true;
}

/* ---- hints ---- */

static const char *key_words(const struct ui *ui, int request, struct buf *out)
{
    keymap_keys_text(ui->keymap, ui_top(ui)->view->name, request, 1, out);
    bool pretty = ui->canvas->glyphs != GLYPHS_ASCII;
    if (pretty && strcmp(buf_text(out), "Enter") == 0)
        return "⏎";
    return pretty && strcmp(buf_text(out), "Space") == 0 ? "␣" : buf_text(out);
}

/* What the page says that a key does now, or its row. On a narrow screen q is the way back: Esc never quits. */
static const char *hint_of(struct ui *ui, const struct key_row *key, bool narrow)
{
    struct view_scene scene = pages_scene(ui, ui_top(ui));
    const struct view *view = ui_top(ui)->view;
    const char *own = view->hint ? view->hint(ui_top(ui)->state, &scene, key->request) : NULL;
    bool first = ui->depth == 1;
    if (key->request == REQ_BACK && (first || narrow))
        return NULL;
    if (key->request == REQ_QUIT && !first)
        return narrow ? "back" : NULL;
    return own ? own : key->request == REQ_PAUSE && ui->paused ? "go on" : key->hint;
}

/* Draws one hint at x when it fits whole; returns the columns used. */
static int draw_hint(struct ui *ui, struct canvas *c, int row, int x, int end, const struct key_row *key)
{
    const char *why = input_disabled(ui, ui_top(ui), key->request);
    const char *hint = hint_of(ui, key, canvas_columns(c) < NARROW);
    if (!hint || !hint[0])
        return 0;
    struct buf name = {0};
    const char *words = key_words(ui, key->request, &name);
    int used = canvas_width(words, 20) + 1 + canvas_width(hint, 40);
    bool drawn = words[0] && x + used <= end && !(why && !why[0]);
    if (drawn) {
        int k = canvas_text(c, row, x, -1, why ? LOOK_DISABLED : LOOK_KEY, words);
        canvas_text(c, row, x + k + 1, -1, why ? LOOK_DISABLED : LOOK_HINT, hint);
        if (ui->hints.n < HINTS_MAX)
            ui->hints.list[ui->hints.n++] = (struct span){row, x, used, key->request};
    }
    buf_free(&name);
    return drawn ? used + 2 : 0;
}

/* On a narrow screen the first ones stay: the way on and back and to help, then the page's own, then the
 * rest. */
static int hint_rank(const struct key_row *key)
{
    static const int first[] = {REQ_ENTER, REQ_BACK, REQ_QUIT, REQ_HELP, REQ_PALETTE};
    for (size_t i = 0; i < COUNT_OF(first); i++)
        if (key->request == first[i])
            return 0;
    return key->request >= REQ_VIEW ? 1 : 2;
}

static void draw_hints(struct ui *ui, struct canvas *c, int row)
{
    char interval[24];
    int columns = canvas_columns(c), end = columns, x = 1;
    int wide = snprintf(interval, sizeof(interval), columns < 60 ? "%g s" : "every %g s", intent_interval(ui->engine));
    if (columns >= NARROW) {
        canvas_right(c, row, columns - wide - 1, wide, LOOK_LABEL, interval);
        end -= wide + 2;
    }
    const struct key_row *key;
    for (int rank = 0; rank < 3; rank++)
        for (int i = 0; (key = keymap_each(ui->keymap, ui_top(ui)->view->name, i)); i++) {
            if (hint_rank(key) == rank)
                x += draw_hint(ui, c, row, x, end, key);
        }
}

/* A list has keys of its own; letters are for typing there. */
static void draw_picker_hints(struct ui *ui, struct canvas *c, int row)
{
    static const struct { const char *key, *ascii, *hint; bool many, one; } keys[] = {
        {"↑↓", "Up Down", "move", true, true},
        {"␣", "Space", "show/hide", true, false},
        {"⏎", "Enter", "done", true, false},
        {"⏎", "Enter", "choose", false, true},
        {"", "", "type to find", true, true},
        {"Esc", "Esc", "close", true, true},
    };
    int x = 1;
    for (size_t i = 0; i < COUNT_OF(keys); i++) {
        const char *key = ui->canvas->glyphs == GLYPHS_ASCII ? keys[i].ascii : keys[i].key;
        int used = canvas_width(key, 20) + (key[0] ? 1 : 0), all = used + canvas_width(keys[i].hint, 40);
        if (!(ui->picker.many ? keys[i].many : keys[i].one) || x + all > canvas_columns(c))
            continue;
        canvas_text(c, row, x, -1, LOOK_KEY, key);
        canvas_text(c, row, x + used, -1, LOOK_HINT, keys[i].hint);
        x += all + 2;
    }
}

void bottom_draw(struct ui *ui, struct canvas *c)
{
    int row = ui->layout.bottom >= 0 ? ui->layout.bottom : canvas_rows(c) - 1;
    bool typing = ui->overlay == OVERLAY_PROMPT || ui->overlay == OVERLAY_PALETTE;
    ui->hints.n = 0;
    if (ui->layout.bottom < 0 && !typing && !ui->toast.text[0])
        return;
    canvas_fill(c, row, 0, 1, canvas_columns(c), LOOK_TEXT, " ");
    if (typing)
        prompt_draw(ui, c);
    else if (ui->toast.text[0])
        draw_toast(ui, c, row);
    else if (ui->overlay == OVERLAY_PICKER)
        draw_picker_hints(ui, c, row);
    else
        draw_hints(ui, c, row);
}
