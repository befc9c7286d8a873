/* The lines above a page that tell what is wrong with all of it: no connection, or a pause. */
#include "ui/inside.h"

#include "base/clock.h"
#include "base/format.h"
#include "base/text.h"

#include <stdio.h>
#include <string.h>

#define WHY "why"       /* the page that tells what a finding means */

enum { WIDE = 60, INDENT = 2, ROWS_MOST = 4, TALL_FROM = 10 };

static void add_words(const struct ui *ui, const struct link *link, struct buf *out)
{
    if (link->words[0]) {
        buf_puts(out, ": ");
        text_safe_string(out, link->words, ui->canvas->mode);
    }
}

static void say_down(const struct ui *ui, const struct link *link, const char *since, struct buf *out)
{
    char next[FORMAT_ROOM];
    buf_printf(out, "‼ not connected for %s", since);
    if (link->state == LINK_WAITING && link->next_us > ui->now_us)
        buf_printf(out, ", next try in %s", header_duration(next, ui, link->next_us - ui->now_us + US_PER_S - 1));
    else if (link->state != LINK_WAITING || link->lingering < 2)    /* else it waits for one to end, as the words say */
        buf_puts(out, ", trying now");
    add_words(ui, link, out);
    if (ui->canvas->columns >= WIDE && pages_find(ui, WHY) && strcmp(ui_top(ui)->view->name, WHY) != 0)
        buf_puts(out, " (:" WHY " tells more)");
}

static enum role_name say_trouble(const struct ui *ui, const struct target *t, struct buf *out)
{
    char since[FORMAT_ROOM];
    header_duration(since, ui, header_down_us(ui, t));
    if (header_is_down(&t->link)) {
        say_down(ui, &t->link, since, out);
        return LOOK_CRIT;
    }
    if (t->link.state == LINK_CONNECTING)
        buf_printf(out, "? connecting for %s", since);
    else if (t->link.state == LINK_PASSWORD)
        buf_puts(out, "! a password is needed: C-r asks for it");
    else
        buf_puts(out, "? not started");
    if (t->link.state != LINK_PASSWORD)         /* those say only that there was none */
        add_words(ui, &t->link, out);
    return t->link.state == LINK_NONE ? LOOK_UNKNOWN : LOOK_WARN;
}

static enum role_name say(const struct ui *ui, struct buf *out)
{
    const struct page *top = ui_top(ui);
    const struct target *t = top->target >= 0 ? store_target(ui->store, top->target) : NULL;
    char since[FORMAT_ROOM];
    if (t && t->link.state != LINK_UP)
        return say_trouble(ui, t, out);
    buf_printf(out, "! PAUSED for %s: no server is asked anything. Space goes on.",
               header_duration(since, ui, ui->now_us - ui->paused_us));
    return LOOK_WARN;
}

/* Draws it in `most` lines, or, without a canvas, counts those that it wants. */
static int put(const struct ui *ui, int columns, struct canvas *c, int most)
{
    struct buf text = {0}, spelt = {0}, line = {0};
    size_t used;
    int rows = 0;
    enum role_name look = say(ui, &text);
    canvas_spell(ui->canvas, &spelt, buf_text(&text));
    char sign[8] = "";
    const char *words = strchr(buf_text(&spelt), ' ') + 1;
    snprintf(sign, sizeof(sign), "%.*s", (int)(words - 1 - buf_text(&spelt)), buf_text(&spelt));
    struct text_wrap wrap = text_wrap(words, strlen(words), (size_t)(columns > INDENT ? columns - INDENT : 0),
                                      ui->canvas->mode);
    if (c)
        canvas_text(c, ui->layout.banner, 0, -1, look, sign);
    for (; text_wrap_next(&wrap, &line, &used); rows++) {
        if (c && rows < most)
            canvas_text(c, ui->layout.banner + rows, INDENT, -1, look, buf_text(&line));
        else if (c && rows == most)
            canvas_text(c, ui->layout.banner + rows - 1, columns - 1, -1, look, "…");
    }
    buf_free(&text);
    buf_free(&spelt);
    buf_free(&line);
    return rows;
}

int banner_rows(const struct ui *ui, int rows, int columns)
{
    int most = rows < TALL_FROM ? 1 : ROWS_MOST, wanted = put(ui, columns, NULL, 0);
    return wanted < most ? wanted : most;
}

void banner_draw(const struct ui *ui, struct canvas *c)
{
    put(ui, canvas_columns(c), c, ui->layout.banner_rows);
}
