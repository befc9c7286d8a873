/* The line at the bottom when something is typed: filter, palette, password. */
#include "ui/inside.h"

#include "base/mem.h"
#include "base/text.h"

#include <stdio.h>
#include <string.h>

static struct line_history *history_of(struct ui *ui, const char *name)
{
    for (int i = 0; name && i < PROMPT_HISTORIES; i++) {
        if (!ui->histories[i].name[0])
            snprintf(ui->histories[i].name, sizeof(ui->histories[i].name), "%s", name);
        if (strcmp(ui->histories[i].name, name) == 0)
            return &ui->histories[i].lines;
    }
    return NULL;
}

void ui_ask(struct ui *ui, const struct ui_prompt *ask)
{
    overlay_close(ui);
    struct prompt *p = &ui->prompt;
    *p = (struct prompt){.ask = *ask, .history = ask->secret ? NULL : history_of(ui, ask->history)};
    snprintf(p->label, sizeof(p->label), "%s", ask->label);
    line_set(&p->line, ask->text);
    if (p->history)
        line_history_rewind(p->history);
    ui->overlay = OVERLAY_PROMPT;
    ui->dirty = true;
}

/* The answer leaves the prompt before the callback runs, which may ask the next question. */
static void finish(struct ui *ui, bool given)
{
    struct prompt *p = &ui->prompt;
    struct ui_prompt ask = p->ask;
    char text[LINE_MAX_BYTES + 1];
    bool palette = ui->overlay == OVERLAY_PALETTE;
    memcpy(text, p->line.text, p->line.len + 1);
    if (given && p->history)
        line_history_add(p->history, text);
    line_wipe(&p->line);
    ui->overlay = OVERLAY_NONE;
    ui->dirty = true;
    if (palette && given)
        palette_run(ui, text);
    else if (!palette && ask.done)
        ask.done(ask.arg, ui, given ? text : NULL);
    mem_wipe(text, sizeof(text));
}

void overlay_close(struct ui *ui)
{
    if (ui->overlay == OVERLAY_PICKER) {
        ui->overlay = OVERLAY_NONE;
        picker_end(&ui->picker);
    } else if (ui->overlay != OVERLAY_NONE) {
        finish(ui, false);
    }
    ui->dirty = true;
}

static void changed(struct ui *ui)
{
    struct prompt *p = &ui->prompt;
    p->err.text[0] = '\0';
    if (p->ask.check && !p->ask.check(p->ask.arg, p->line.text, &p->err) && !p->err.text[0])
        err_set(&p->err, "This cannot be used.");
    if (p->ask.live)
        p->ask.live(p->ask.arg, ui, p->line.text);
    if (ui->overlay == OVERLAY_PALETTE)
        palette_complete(ui);
}

/* What is wrong with it is shown beside it, and nothing has happened yet. */
void prompt_answer(struct ui *ui, const char *text)
{
    line_set(&ui->prompt.line, text);
    changed(ui);
    if (!ui->prompt.err.text[0])
        finish(ui, true);
}

void prompt_key(struct ui *ui, uint32_t key)
{
    enum { CTRL_C = 3, CTRL_G = 7 };
    struct prompt *p = &ui->prompt;
    if (key == K_ESCAPE || key == CTRL_C || key == CTRL_G) {
        finish(ui, false);
    } else if (key == K_ENTER) {
        if (!p->err.text[0])
            finish(ui, true);
    } else if ((key == K_UP || key == K_DOWN) && p->history) {
        if (line_history_walk(p->history, &p->line, key == K_UP ? -1 : 1))
            changed(ui);
    } else if (ui->overlay == OVERLAY_PALETTE && palette_key(ui, key)) {
        ui->dirty = true;
    } else if (line_key(&p->line, key)) {
        changed(ui);
    }
}

void prompt_paste(struct ui *ui, const char *bytes, size_t len)
{
    if (line_insert(&ui->prompt.line, bytes, len))
        changed(ui);
}

/* ---- drawing ---- */

/* The first byte shown, so that the cursor is in sight. */
static size_t first_shown(const struct line *l, int columns)
{
    size_t from = 0;
    char part[LINE_MAX_BYTES + 1];
    memcpy(part, l->text, l->at);
    part[l->at] = '\0';
    while (from < l->at && canvas_width(part + from, LINE_MAX_BYTES) >= columns)
        do
            from++;
        while (from < l->at && (part[from] & 0xc0) == 0x80);
    return from;
}

static void draw_secret(const struct line *l, struct canvas *c, int row, int x)
{
    (void)l;
    canvas_text(c, row, x, -1, LOOK_LABEL, "(nothing is shown while you type)");
    canvas_cursor(c, row, x);
}

static void draw_line(const struct line *l, struct canvas *c, int row, int x, int columns)
{
    size_t from = first_shown(l, columns);
    char part[LINE_MAX_BYTES + 1];
    memcpy(part, l->text + from, l->at - from);
    part[l->at - from] = '\0';
    canvas_text(c, row, x, columns, LOOK_INPUT, l->text + from);
    int before = canvas_width(part, columns);
    canvas_cursor(c, row, x + (before < columns ? before : columns - 1));
}

/* Beside the text, or above it where there is no room: Enter does nothing, and this is why. */
static void draw_wrong(const struct prompt *p, struct canvas *c, int row, int room)
{
    int columns = canvas_columns(c);
    bool fits = canvas_width(p->err.text, columns) <= room;
    if (!p->err.text[0])
        return;
    if (fits || (row == 0 && room > 8))
        canvas_right(c, row, columns - room, room, LOOK_WARN, p->err.text);
    if (fits || row == 0)
        return;
    canvas_fill(c, row - 1, 0, 1, columns, LOOK_WARN, " ");
    canvas_words(c, row - 1, 0, -1, LOOK_WARN, p->err.text);
}

void prompt_draw(struct ui *ui, struct canvas *c)
{
    const struct prompt *p = &ui->prompt;
    int row = ui->layout.bottom >= 0 ? ui->layout.bottom : canvas_rows(c) - 1;
    int columns = canvas_columns(c), most = columns / 2;
    bool palette = ui->overlay == OVERLAY_PALETTE;
    int x = canvas_text(c, row, 0, most, LOOK_KEY, palette ? ":" : p->label);
    if (!palette && x < most)
        x += canvas_text(c, row, x, most - x, LOOK_KEY, ": ");
    if (p->ask.secret)
        draw_secret(&p->line, c, row, x);
    else
        draw_line(&p->line, c, row, x, columns - x > 1 ? columns - x : 1);
    draw_wrong(p, c, row, columns - x - canvas_width(p->line.text, columns) - 3);
    if (palette)
        palette_draw(ui, c);
}

/* ---- passwords ---- */

static void password_given(void *arg, struct ui *ui, const char *text)
{
    const struct target *t = arg;
    intent_password(ui->engine, t->id, text);
    if (!text)
        ui_say(ui, SEV_INFO, "No password for %s: press C-r to be asked again.", t->name);
}

static int64_t *asked(struct ui *ui, int target)
{
    int n = store_targets(ui->store);
    if (ui->asked.n < n) {
        ui->asked.since_us = mem_resize(ui->asked.since_us, (size_t)n, sizeof(*ui->asked.since_us));
        memset(ui->asked.since_us + ui->asked.n, 0, (size_t)(n - ui->asked.n) * sizeof(*ui->asked.since_us));
        ui->asked.n = n;
    }
    return &ui->asked.since_us[target];
}

void prompt_password_again(struct ui *ui, int target)
{
    *asked(ui, target) = 0;
}

/* Once for each time that a watcher asks; C-r makes it ask again. */
void prompt_password(struct ui *ui)
{
    if (ui->overlay != OVERLAY_NONE)
        return;
    for (int i = 0; i < store_targets(ui->store); i++) {
        const struct target *t = store_target(ui->store, i);
        if (t->link.state != LINK_PASSWORD || *asked(ui, i) == t->link.since_us + 1)
            continue;
        char label[48], name[24];
        *asked(ui, i) = t->link.since_us + 1;
        text_copy(name, sizeof(name), t->name, strlen(t->name), ui->canvas->mode);
        snprintf(label, sizeof(label), "%s%s", canvas_columns(ui->canvas) > 40 ? "password for " : "", name);
        ui_ask(ui,
               &(struct ui_prompt){.label = label, .secret = true, .done = password_given, .arg = (void *)t});
        return;
    }
}
