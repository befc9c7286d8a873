/* pgvigil, without the name of a front end: the console. */
#include "assemble.h"
#include "cmd.h"

#include "base/suggest.h"
#include "ui/console.h"
#include "ui/views/list.h"

#include <string.h>
#include <unistd.h>

enum { OPT_ASCII = OPT_LONG, OPT_UTF8, OPT_COLOR, OPT_NO_MOUSE, OPT_BRAILLE, OPT_PAGE };

struct watch {
    struct setup setup;
    struct terminal_setup terminal;
    const char *page;
};

static bool parse_color(struct terminal_setup *t, const char *word, struct err *err)
{
    static const char *const words[] = {"auto", "never", "always"};
    for (int i = 0; i < (int)COUNT_OF(words); i++)
        if (!word || strcmp(word, words[i]) == 0) {
            t->colour = word ? (enum colour_choice)i : COLOUR_ALWAYS;
            return true;
        }
    return err_set(err, "--color takes auto, never or always, not \"%s\".", word);
}

static bool choose_page(struct watch *w, const char *name, struct err *err)
{
    struct suggest near = suggest_start(name);
    for (int i = 0; views[i]; i++) {
        suggest_offer(&near, views[i]->name);
        if (strcmp(views[i]->name, name) == 0)
            w->page = views[i]->name;
    }
    if (!w->page && near.best)
        return err_set(err, "There is no page \"%s\"; did you mean \"%s\"?", name, near.best);
    return w->page ? true : err_set(err, "There is no page \"%s\": \"man pgvigil\" lists them.", name);
}

static bool take(void *arg, const struct command_option *option, char *value, struct err *err)
{
    struct watch *w = arg;
    switch (option->id) {
    case OPT_ASCII:
        w->terminal.text = TEXT_FORCE_ASCII;
        return true;
    case OPT_UTF8:
        w->terminal.text = TEXT_FORCE_UTF8;
        return true;
    case OPT_COLOR:
        return parse_color(&w->terminal, value, err);
    case OPT_NO_MOUSE:
        w->terminal.mouse = false;
        return true;
    case OPT_BRAILLE:
        w->terminal.braille = true;
        return true;
    case OPT_PAGE:
        return choose_page(w, value, err);
    default:
        return setup_option(&w->setup, option->id, value, err);
    }
}

/* What the user asked for on this command line, else in the configuration. */
static struct terminal_setup choose_terminal(const struct terminal_setup *asked, const struct config *c)
{
    struct terminal_setup t = *asked;
    if (t.text == TEXT_BY_LOCALE && c->glyphs != CHARSET_AUTO)
        t.text = c->glyphs == CHARSET_ASCII ? TEXT_FORCE_ASCII : TEXT_FORCE_UTF8;
    t.mouse = asked->mouse && c->mouse;
    t.braille |= c->graph == GRAPH_BRAILLE;
    return t;
}

/* The parts of the console that the configuration names: its keys and its theme. */
static bool choose_looks(const struct setup *s, struct console_setup *c, struct theme *theme, struct err *err)
{
    struct conf_errors errors = {0};
    struct buf said = {0};
    c->keymap = assembly_keys(s->assembly, &errors);
    conf_errors_print(&errors, &said);
    if (!c->keymap)
        err_set(err, "%.*s", (int)said.len - 1, buf_text(&said));      /* without the end of the line */
    buf_free(&said);
    conf_errors_free(&errors);
    c->theme = theme;
    return c->keymap && assembly_theme(s->assembly, s->assembly->config.theme, theme, err);
}

/* The page that was named, else the first one in the configuration; of several servers all at once, unless that is
 * another one than it always was. */
static const char *first_page(const struct setup *s, const char *named)
{
    const struct words *pages = &s->assembly->config.pages;
    const char *first = pages->n ? pages->list[0] : views[0]->name;
    if (named)
        return named;
    return s->ntargets > 1 && strcmp(first, views[0]->name) == 0 ? fleet_view.name : first;
}

static int run_console(const struct setup *s, struct engine *engine, struct terminal *terminal, const char *page,
                       struct err *err)
{
    struct theme theme;
    const struct words *pages = &s->assembly->config.pages;
    struct console_setup c = {.engine = engine, .terminal = terminal, .views = views,
                              .page = first_page(s, page),
                              .order = (const char *const *)pages->list, .norder = (int)pages->n,
                              .find_theme = assembly_theme, .arg = s->assembly,
                              .theme_names = (const char *const *)s->assembly->themes};
    if (choose_looks(s, &c, &theme, err))
        return console_run(&c, err);
    keymap_free(c.keymap);
    return EXIT_USAGE;
}

int watch_setup(const struct setup *s, const struct terminal_setup *asked, const char *page)
{
    static const struct terminal_setup plain = {.mouse = true};
    struct terminal_setup setup = choose_terminal(asked ? asked : &plain, &s->assembly->config);
    struct err err = {0};
    struct engine *engine = NULL;
    struct terminal *terminal = NULL;
    int status = EXIT_USAGE, watcher = find_worker("pgvigil-watch", &err);
    if (watcher >= 0 && (terminal = terminal_open(&setup, &err)) != NULL &&
        (engine = setup_engine(s, watcher, false, &err)) != NULL)
        status = run_console(s, engine, terminal, page, &err);
    terminal_close(terminal);
    if (err.text[0])
        complain(status, "%s", err.text);
    engine_free(engine);
    if (watcher >= 0)
        close(watcher);
    return status;
}

static int run_watch(int argc, char **argv)
{
    struct watch w = {.terminal = {.mouse = true}};
    struct err err = {0};
    int status;
    if (command_line_read(&command_watch, &argc, &argv, take, &w, &status))
        status = !setup_assemble(&w.setup)                     ? EXIT_USAGE
                 : setup_arguments(&w.setup, argc, argv, &err) ? watch_setup(&w.setup, &w.terminal, w.page)
                                                               : complain(EXIT_USAGE, "%s", err.text);
    setup_free(&w.setup);
    return status;
}

static const struct command_option options[] = {
    {OPT_PAGE, "page", "NAME", "Begin on this page instead of the overview, or of the fleet when there are several targets."},
    {OPT_ASCII, "ascii", NULL, "Draw with ASCII alone."},
    {OPT_UTF8, "utf8", NULL, "Draw with blocks and lines also where the terminal's font is doubted."},
    {OPT_BRAILLE, "braille", NULL, "Draw graphs in braille, which shows twice as much of the past."},
    {OPT_COLOR, "color", "[=WHEN]", "Use colours: auto, always or never; alone it means always. NO_COLOR makes auto never."},
    {OPT_NO_MOUSE, "no-mouse", NULL, "Leave the mouse to the terminal; M gives it to pgvigil later."},
    {.name = NULL},
};

const struct command command_watch = {
    .name = "watch",
    .arguments = "[TARGET]...",
    .summary = "Open the console; the word may be left out.",
    .about = "Opens a console that watches PostgreSQL servers, their standbys and their PgBouncers. A target is the "
             "name of one in pgvigil.yaml or of a group there, a conninfo (\"host=db1 dbname=shop\"), a URI "
             "(\"postgresql://db1/shop\"), a service (\"service=shop\"), a database, or the URL of an "
             "application's connection pools (\"app+http://api/pools\"). Without any it opens all that are in "
             "pgvigil.yaml, or else the one that libpq's environment names. ? shows the keys, q leaves.",
    .options = options,
    .connects = true,
    .run = run_watch,
};
