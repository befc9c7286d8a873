/* All findings of a server, and of the selected one what it means, since when, and what to do. */
#include "base/clock.h"
#include "base/mem.h"
#include "ui/ui.h"
#include "ui/views/list.h"
#include "ui/views/verdict.h"
#include "ui/widgets/words.h"

#include <stdlib.h>
#include <string.h>

enum { LIST_MAX = 128, TEXT_AT = 2 };

struct view_state {
    int selected;
    bool moved;                 /* by a key: then it is the place that counts, else the finding */
    struct verdict_id id;       /* of the selected one */
    int top;                    /* first one in sight */
    int rows;                   /* of the list, as drawn last */
    const struct finding *list[LIST_MAX];       /* of the drawing under way */
    int n;
};

static struct view_state *open_why(const struct view_scene *scene)
{
    (void)scene;
    return mem_new(sizeof(struct view_state));
}

static void close_why(struct view_state *s)
{
    free(s);
}

/* What is explained by something else comes too, receding: here one looks for everything. */
static void take(struct view_state *s, const struct view_scene *scene)
{
    unsigned n = verdict_list(store_verdict(scene->store), scene->target, true, s->list, LIST_MAX);
    s->n = n < LIST_MAX ? (int)n : LIST_MAX;
    int at = s->moved ? -1 : verdict_where(s->list, s->n, s->id);
    s->selected = at >= 0 ? at : s->selected;
    s->selected = s->selected >= s->n ? s->n - 1 : s->selected < 0 ? 0 : s->selected;
    s->moved = false;
    if (s->n > 0)
        s->id = verdict_id(s->list[s->selected]);
}

static void add_line(struct buf *out, const char *label, const char *text)
{
    if (text && text[0])
        buf_printf(out, "%s%s\n", label, text);
}

static void add_times(struct buf *out, const struct finding *f, const struct view_scene *scene, enum text_mode mode)
{
    buf_printf(out, "%s for ", level_word(f->level));
    words_age(out, scene->now_us - f->since_us, mode);
    if (f->changed_us > f->since_us) {
        buf_puts(out, ", as such for ");
        words_age(out, scene->now_us - f->changed_us, mode);
    }
    buf_puts(out, ", judged ");
    words_age(out, scene->now_us - f->judged_us, mode);
    buf_puts(out, " ago");
    if (f->held)
        buf_puts(out, "; what proves it is too old to judge it now");
    if (f->swallowed)
        buf_puts(out, "; it follows from what is above, and is shown here alone");
    buf_putc(out, '\n');
}

/* Returns the rows used. Words from servers are made safe by the wrapping. */
static int draw_evidence(const struct view_state *s, const struct view_scene *scene, struct canvas *c, int row)
{
    const struct finding *f = s->list[s->selected];
    const struct rule_info *rule = store_rule(scene->store, f->rule);
    struct buf text = {0}, line = {0};
    size_t columns;
    buf_puts(&text, f->words);
    buf_puts(&text, "\n\n");
    add_times(&text, f, scene, c->mode);
    add_line(&text, "", rule->help);
    buf_putc(&text, '\n');
    add_line(&text, "To do: ", f->advice[0] ? f->advice : rule->advice);
    add_line(&text, "Runbook: ", store_runbook(scene->store, f->target, f->rule));
    add_line(&text, "Enter opens: ", rule->page);
    buf_printf(&text, "Rule: %s", rule->name);
    int width = c->clip.columns > 2 * TEXT_AT + 8 ? c->clip.columns - 2 * TEXT_AT : c->clip.columns;
    struct text_wrap wrap = text_wrap(buf_text(&text), text.len, (size_t)width, c->mode);
    for (int first = row; row < c->clip.rows && text_wrap_next(&wrap, &line, &columns); row++)
        canvas_text(c, row, width < c->clip.columns ? TEXT_AT : 0, -1, row == first ? verdict_look(f) : LOOK_TEXT,
                    buf_text(&line));
    buf_free(&text);
    buf_free(&line);
    return row;
}

static void draw_why(struct view_state *s, const struct view_scene *scene, struct canvas *c)
{
    take(s, scene);
    if (s->n == 0) {
        canvas_text(c, 0, 1, -1, LOOK_LABEL, "Nothing is found to be wrong here.");
        return;
    }
    int most = c->clip.rows / 2 > 1 ? c->clip.rows / 2 : 1;
    s->rows = s->n < most ? s->n : most;
    if (s->selected < s->top || s->selected >= s->top + s->rows)
        s->top = s->selected < s->top ? s->selected : s->selected - s->rows + 1;
    for (int i = 0; i < s->rows; i++) {
        const struct finding *f = s->list[s->top + i];
        canvas_sentence(c, i, 3, -1, f->swallowed ? LOOK_LABEL : verdict_look(f), f->words, strlen(f->words));
        if (s->top + i == s->selected) {
            canvas_look(c, i, 0, c->clip.columns, LOOK_CURSOR);
            canvas_text(c, i, 0, 1, LOOK_CURSOR, "▸");
            canvas_cursor(c, i, 0);
        }
        canvas_text(c, i, 1, 1, verdict_look(f), verdict_glyph(f));
    }
    canvas_fill(c, s->rows, 0, 1, c->clip.columns, LOOK_BORDER, "─");
    draw_evidence(s, scene, c, s->rows + 1);
}

static bool move_to(struct view_state *s, int place)
{
    s->selected = place < 0 ? 0 : place;
    s->moved = true;
    return true;
}

static bool handle_why(struct view_state *s, const struct view_scene *scene, int request)
{
    switch (request) {
    case REQ_UP:
        return move_to(s, s->selected - 1);
    case REQ_DOWN:
        return move_to(s, s->selected + 1);
    case REQ_TOP:
        return move_to(s, 0);
    case REQ_END:
        return move_to(s, LIST_MAX);
    case REQ_ENTER:
        take(s, scene);
        if (s->n > 0 && store_rule(scene->store, s->list[s->selected]->rule)->page)
            verdict_open(scene, s->list[s->selected]);
        return true;
    default:
        return false;
    }
}

static void why_status(struct view_state *s, const struct view_scene *scene, struct buf *out)
{
    take(s, scene);
    if (s->n > 0)
        buf_printf(out, "%d of %d", s->selected + 1, s->n);
}

static bool click_why(struct view_state *s, const struct view_scene *scene, int row, int column, bool twice)
{
    (void)column;
    if (row < 0 || row >= s->rows)
        return false;
    move_to(s, s->top + row);
    return twice ? handle_why(s, scene, REQ_ENTER) : true;
}

static const char *disabled_why(struct view_state *s, const struct view_scene *scene, int request)
{
    if (request != REQ_ENTER)
        return view_no_table(s, scene, request);
    take(s, scene);
    if (s->n == 0)
        return "";
    return store_rule(scene->store, s->list[s->selected]->rule)->page ? NULL : "No page shows more of this.";
}

const struct view why_view = {
    .name = "why",
    .title = "why",
    .help = "Everything that was found to be wrong with this server, worst first, and of the selected one the evidence: "
            "since when, what it means and what to do. ‼ is critical, ! a warning, ? cannot be known, · worth knowing, = "
            "known last.",
    .open = open_why,
    .close = close_why,
    .draw = draw_why,
    .handle = handle_why,
    .click = click_why,
    .status = why_status,
    .disabled = disabled_why,
};
