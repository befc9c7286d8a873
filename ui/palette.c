/* The palette: pages, servers, commands and keys' names by a part of their name.
 *     :sessions @standby state:active      a page, of a server, with a filter
 *     :sessions 4711                       a page and the row to choose there
 *     :standby                             a server
 *     :interval 5                          a command and what it is to do */
#include "ui/inside.h"

#include "base/text.h"
#include "ui/fuzzy.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct command {
    const char *name;
    const char *argument;       /* what follows, in words; NULL: nothing */
    const char *help;
    void (*run)(struct ui *ui, const char *argument);
};

static void run_quit(struct ui *ui, const char *argument)
{
    (void)argument;
    input_leave(ui, 0);
}

static void run_interval(struct ui *ui, const char *argument)
{
    char *end;
    double seconds = strtod(argument, &end);
    bool milli = strcmp(end, "ms") == 0;
    if (end == argument || !(*end == '\0' || milli || strcmp(end, "s") == 0)) {
        ui_say(ui, SEV_WARN, "An interval is a number of seconds, as in :interval 5 or :interval 500ms.");
        return;
    }
    seconds = milli ? seconds / 1000 : seconds;
    if (!(seconds >= 0.1 && seconds <= 3600)) {
        ui_say(ui, SEV_WARN, "An interval is between 0.1 and 3600 seconds.");
        return;
    }
    intent_set_interval(ui->engine, seconds);
    ui_say(ui, SEV_INFO, "What is on the screen is sampled every %g s.", seconds);
}

static void run_theme(struct ui *ui, const char *argument)
{
    struct theme theme;
    struct err err = {{0}};
    if (!ui->host.theme)
        ui_say(ui, SEV_WARN, "There are no other themes here.");
    else if (!ui->host.theme(ui->host.arg, argument, &theme, &err))
        ui_say(ui, SEV_WARN, "%s", err.text);
    else
        ui->theme = theme;
    if (ui->host.redraw)
        ui->host.redraw(ui->host.arg);
}

static void run_target(struct ui *ui, const char *argument)
{
    const char *name = argument[0] == '@' ? argument + 1 : argument;
    int target = store_find_target(ui->store, name);
    if (target >= 0)
        pages_target(ui, target);
    else
        ui_say(ui, SEV_WARN, "There is no server \"%s\": Tab after @ lists them.", name);
}

/* A new file, so that a slip of the finger cannot cost an old one; never waits for a pipe. 0, or errno: then nothing of it
 * stays. */
static int write_new(const char *path, const struct buf *text)
{
    int error = 0, fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
    if (fd < 0)
        return errno;
    for (size_t done = 0; done < text->len && !error;) {
        ssize_t n = write(fd, text->data + done, text->len - done);
        error = n > 0 ? 0 : n < 0 ? errno : EIO;
        done += n > 0 ? (size_t)n : 0;
    }
    if (close(fd) != 0 && !error)
        error = errno;
    if (error)
        unlink(path);
    return error;
}

/* A disk that takes nothing is found to be wrong, until it has taken something. */
static void mind_disk(struct ui *ui, int error, const char *path)
{
    static const struct unwritten none;
    struct unwritten u = {.error = error, .at_us = ui->now_us};
    int n = store_targets(ui->store), target = ui->target >= 0 ? ui->target : 0;
    snprintf(u.path, sizeof(u.path), "%.*s", (int)sizeof(u.path) - 1, path);
    for (int i = 0; error == 0 && i < n; i++)
        store_set_unwritten(ui->store, i, &none);
    if (target < n && (error == ENOSPC || error == EDQUOT || error == EROFS || error == EIO))
        store_set_unwritten(ui->store, target, &u);
}

static void run_save(struct ui *ui, const char *argument)
{
    struct buf out = {0};
    char path[1024];
    bool home = argument[0] == '~' && argument[1] == '/' && getenv("HOME");
    snprintf(path, sizeof(path), "%s%s", home ? getenv("HOME") : "", home ? argument + 1 : argument);
    ui->dirty = true;
    ui_draw(ui);
    canvas_dump(ui->canvas, &out);
    int error = write_new(path, &out);
    mind_disk(ui, error, path);
    if (error == 0)
        ui_say(ui, SEV_INFO, "The screen is in %s.", path);
    else
        ui_say(ui, SEV_WARN, "The screen was not saved in %s: %s.", path, strerror(error));
    buf_free(&out);
}

static const struct command commands[] = {
    {"interval", "SECONDS", "How often what is on the screen is sampled.", run_interval},
    {"theme", "NAME", "Other colours.", run_theme},
    {"target", "NAME", "Shows another server.", run_target},
    {"save-display", "FILE", "Writes the screen as text into a new file.", run_save},
    {"q", NULL, "Leaves the program.", run_quit},
    {0},
};

bool ui_palette_command(int i, const char **name, const char **argument, const char **help)
{
    *name = commands[i].name;
    *argument = commands[i].argument;
    *help = commands[i].help;
    return *name != NULL;
}

static const struct command *find_command(const char *name)
{
    for (const struct command *c = commands; c->name; c++)
        if (strcmp(c->name, name) == 0)
            return c;
    return NULL;
}

static const struct key_row *find_row(const struct ui *ui, const char *name)
{
    const struct key_row *row;
    for (int i = 0; (row = keymap_each(ui->keymap, ui_top(ui)->view->name, i)); i++)
        if (strcmp(row->name, name) == 0 && row->request != REQ_PALETTE && row->request != REQ_ENTER)
            return row;
    return NULL;
}

/* ---- completing ---- */

static struct candidate *offer(struct palette *p, const char *word, const char *prefix, const char *text,
                               const char *help, int bonus)
{
    int score = fuzzy_score(word, text), to = p->n;
    if (score < 0 || p->n == CANDIDATES_MAX)
        return NULL;
    score += bonus;
    for (; to > 0 && p->list[to - 1].score < score; to--)
        p->list[to] = p->list[to - 1];
    p->list[to] = (struct candidate){.help = help, .target = -1, .score = score};
    snprintf(p->list[to].text, sizeof(p->list[to].text), "%s%s", prefix, text);
    p->n++;
    return &p->list[to];
}

/* They stand with an @, so that what Tab leaves behind means the server, whatever else has its name. */
static void offer_targets(struct ui *ui, const char *word)
{
    for (int i = 0; i < store_targets(ui->store); i++) {
        struct candidate *c = offer(&ui->palette, word, "@", store_target(ui->store, i)->name, NULL, 0);
        if (c)
            c->target = i;
    }
}

static void offer_first_words(struct ui *ui, const char *word)
{
    const struct key_row *row;
    for (int i = 0; ui->views[i]; i++)
        offer(&ui->palette, word, "", ui->views[i]->name, ui->views[i]->help, 3);
    for (const struct command *c = commands; c->name; c++)
        offer(&ui->palette, word, "", c->name, c->help, 2);
    for (int i = 0; (row = keymap_each(ui->keymap, ui_top(ui)->view->name, i)); i++) {
        bool page = row->request >= REQ_PAGE_1 && row->request <= REQ_PAGE_9;
        bool move = row->request > REQ_NONE && row->group == GROUP_MOVE;
        const char *why = input_disabled(ui, ui_top(ui), row->request);
        bool means = !why || why[0];
        if (!page && !move && means && !pages_find(ui, row->name) && find_row(ui, row->name))
            offer(&ui->palette, word, "", row->name, row->help, 1);
    }
    offer_targets(ui, word);
}

static void offer_themes(struct ui *ui, const char *word)
{
    for (int i = 0; ui->host.theme_names && ui->host.theme_names[i]; i++)
        offer(&ui->palette, word, "", ui->host.theme_names[i], NULL, 0);
}

/* The list for the last word that is typed. After " /" all is filter, and nothing is offered. */
void palette_complete(struct ui *ui)
{
    struct palette *p = &ui->palette;
    const char *text = ui->prompt.line.text, *blank = strrchr(text, ' ');
    const char *word = blank ? blank + 1 : text;
    p->n = p->at = 0;
    p->completing = false;
    p->word = (size_t)(word - text);
    if (text[0] == '/' || strstr(text, " /"))
        return;
    if (word[0] == '@')
        offer_targets(ui, word + 1);
    else if (p->word == 0)
        offer_first_words(ui, word);
    else if (strncmp(text, "theme ", 6) == 0)
        offer_themes(ui, word);
    else if (strncmp(text, "target ", 7) == 0)
        offer_targets(ui, word);
}

static void take_candidate(struct ui *ui)
{
    struct palette *p = &ui->palette;
    struct line *l = &ui->prompt.line;
    l->text[p->word] = '\0';
    l->len = l->at = p->word;
    line_insert(l, p->list[p->at].text, strlen(p->list[p->at].text));
}

bool palette_key(struct ui *ui, uint32_t key)
{
    enum { CTRL_N = 14, CTRL_P = 16 };
    struct palette *p = &ui->palette;
    bool forward = key == K_TAB || key == CTRL_N;
    if (!forward && key != K_BACK_TAB && key != CTRL_P)
        return false;
    if (p->n == 0)
        return true;
    if (p->completing || key == CTRL_N || key == CTRL_P)
        p->at = (p->at + (forward ? 1 : p->n - 1)) % p->n;
    if (key == K_TAB || key == K_BACK_TAB) {
        take_candidate(ui);
        p->completing = true;
    }
    return true;
}

void palette_open(struct ui *ui)
{
    ui_ask(ui, &(struct ui_prompt){.label = "", .history = "palette"});
    ui->overlay = OVERLAY_PALETTE;
    palette_complete(ui);
}

static void draw_about(const struct ui *ui, const struct candidate *cand, struct canvas *c, int row, int x,
                       enum role_name look)
{
    char words[300];
    if (cand->target >= 0)
        header_about(ui, store_target(ui->store, cand->target), words, sizeof(words));
    if (cand->target >= 0 || cand->help)
        canvas_words(c, row, x, -1, look == LOOK_CURSOR ? look : LOOK_LABEL, cand->target >= 0 ? words : cand->help);
}

void palette_draw(struct ui *ui, struct canvas *c)
{
    const struct palette *p = &ui->palette;
    struct rect body = ui->layout.body;
    int rows = p->n < 10 ? p->n : 10, columns = canvas_columns(c);
    rows = rows > body.rows ? body.rows : rows;
    int top = p->at >= rows ? p->at - rows + 1 : 0, first = body.row + body.rows - rows;
    for (int i = 0; i < rows; i++) {
        const struct candidate *cand = &p->list[top + i];
        enum role_name look = top + i == p->at ? LOOK_CURSOR : LOOK_TEXT;
        canvas_fill(c, first + i, 0, 1, columns, look, " ");
        int used = canvas_textf(c, first + i, 0, 24, look, "%s%s", top + i == p->at ? "▸" : " ", cand->text);
        int x = used < 20 ? 20 : used + 2;
        if (columns > x + 10)
            draw_about(ui, cand, c, first + i, x, look);
    }
}

/* ---- running ---- */

struct wish {
    char name[64], target[64], argument[32];
    const char *rest;           /* what stands behind the name, as it was typed */
    struct buf filter;
};

/* A server may come first; behind a "/" there is no name. */
static void parse_name(const char *text, struct wish *w)
{
    const char *at = text + strspn(text, " ");
    while (*at == '@') {
        size_t len = strcspn(at, " ");
        snprintf(w->target, sizeof(w->target), "%.*s", (int)len - 1, at + 1);
        at += len + strspn(at + len, " ");
    }
    size_t len = *at == '/' ? 0 : strcspn(at, " ");
    snprintf(w->name, sizeof(w->name), "%.*s", (int)len, at);
    w->rest = at + len + strspn(at + len, " ");
}

static bool is_number(const char *word, size_t len)
{
    return len > 0 && len < 20 && strspn(word, "0123456789") >= len;
}

static void add_word(struct buf *filter, const char *word, size_t len)
{
    buf_puts(filter, filter->len > 0 ? " " : "");
    buf_add(filter, word, len);
}

/* Behind a page's name: a server, the page's argument, and what is neither is its filter. Behind a "/" all is. */
static void parse_rest(struct wish *w, const struct view *view)
{
    for (const char *at = w->rest; *at;) {
        size_t len = strcspn(at, " ");
        bool argument = view && view->argument && !w->argument[0] && w->filter.len == 0 && is_number(at, len);
        if (*at == '/') {
            add_word(&w->filter, at + 1, strlen(at + 1));
            return;
        }
        if (*at == '@')
            snprintf(w->target, sizeof(w->target), "%.*s", (int)len - 1, at + 1);
        else if (argument)
            snprintf(w->argument, sizeof(w->argument), "%.*s", (int)len, at);
        else
            add_word(&w->filter, at, len);
        at += len + strspn(at + len, " ");
    }
}

static bool is_known(const struct ui *ui, const char *name)
{
    return pages_find(ui, name) || find_command(name) || find_row(ui, name);
}

/* "ses" is as good as "sessions" when it fits nothing better. */
static void guess_name(struct ui *ui, struct wish *w, int chosen)
{
    struct palette *p = &ui->palette;
    if (!w->name[0] || is_known(ui, w->name))
        return;
    if (chosen < 0 || chosen >= p->n || p->word != 0) {
        p->n = 0;
        offer_first_words(ui, w->name);
        chosen = 0;
    }
    if (p->n > 0 && p->list[chosen].target < 0) {
        snprintf(w->name, sizeof(w->name), "%s", p->list[chosen].text);
    } else if (p->n > 0) {
        w->name[0] = '\0';
        snprintf(w->target, sizeof(w->target), "%s", p->list[chosen].text + 1);
    }
}

static bool find_wished_target(struct ui *ui, const struct wish *w, int *target)
{
    *target = ui->target;
    if (!w->target[0])
        return true;
    int found = store_find_target(ui->store, w->target), best = 0;
    for (int i = 0; found < 0 && i < store_targets(ui->store); i++) {
        int score = fuzzy_score(w->target, store_target(ui->store, i)->name);
        if (score > best) {
            best = score;
            *target = i;
        }
    }
    if (found >= 0)
        *target = found;
    if (found < 0 && best == 0)
        ui_say(ui, SEV_WARN, "There is no server \"%s\": Tab after @ lists them.", w->target);
    return found >= 0 || best > 0;
}

/* A key by its name, and the answer to what it asks. */
static void run_key(struct ui *ui, const struct key_row *row, const char *answer)
{
    bool asks = row->request == REQ_FILTER || row->request == REQ_SEARCH;
    if (answer[0] && !asks) {
        ui_say(ui, SEV_WARN, ":%s takes nothing after it.", row->name);
        return;
    }
    input_request(ui, row->request);
    if (answer[0] && ui->overlay == OVERLAY_PROMPT)
        prompt_answer(ui, answer);
}

/* As if it were typed there: a wrong filter stays in the prompt, and the one of before in the table. A page that shows
 * one row in full is opened anew. ":server standby" means the server of that name. */
static void filter_page(struct ui *ui, const char *filter)
{
    const struct page *top = ui_top(ui);
    const char *why = input_disabled(ui, top, REQ_FILTER);
    int target = store_find_target(ui->store, filter);
    if (!why)
        run_key(ui, keymap_row(ui->keymap, NULL, REQ_FILTER), filter);
    else if (why[0])
        pages_push(ui, top->view, top->target, top->argument, filter);
    else if (target >= 0)
        pages_target(ui, target);
    else
        ui_say(ui, SEV_WARN, "The page %s has no rows to filter: \"%s\" was left out.", top->view->title, filter);
}

static void run_page(struct ui *ui, const struct view *view, struct wish *w)
{
    int target;
    parse_rest(w, view);
    if (!find_wished_target(ui, w, &target))
        return;
    if (view)
        pages_jump(ui, view, target, w->argument[0] ? w->argument : NULL, NULL);
    else if (w->target[0])
        pages_target(ui, target);
    if (w->filter.len > 0)
        filter_page(ui, buf_text(&w->filter));
}

static void run_command(struct ui *ui, const struct command *command, const char *argument)
{
    if (command->argument && !argument[0])
        ui_say(ui, SEV_WARN, ":%s needs a %s after it.", command->name, command->argument);
    else if (!command->argument && argument[0])
        ui_say(ui, SEV_WARN, ":%s takes nothing after it.", command->name);
    else
        command->run(ui, argument);
}

/* Commands and keys are of the program or of the page: a server before them is gone to first. */
static void run_word(struct ui *ui, struct wish *w)
{
    const struct command *command = find_command(w->name);
    const struct key_row *row = find_row(ui, w->name);
    int target;
    if (!command && !row) {
        ui_say(ui, SEV_WARN, "There is no page, server or command \"%s\": Tab lists them.", w->name);
        return;
    }
    if (!find_wished_target(ui, w, &target))
        return;
    if (w->target[0])
        pages_target(ui, target);
    if (command)
        run_command(ui, command, w->rest);
    else
        run_key(ui, row, w->rest);
}

void palette_run(struct ui *ui, const char *text)
{
    struct wish wish = {{0}};
    parse_name(text, &wish);
    guess_name(ui, &wish, ui->palette.at);
    const struct view *view = pages_find(ui, wish.name);
    if (view || !wish.name[0])
        run_page(ui, view, &wish);
    else
        run_word(ui, &wish);
    buf_free(&wish.filter);
}
