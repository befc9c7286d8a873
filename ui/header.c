/* The top of the screen: who is watched, how sure we are of it, and where on the way one stands. */
#include "ui/inside.h"

#include "base/attr.h"
#include "base/clock.h"
#include "base/format.h"
#include "base/text.h"
#include "ui/fleet.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* A part of the header. When the line is narrow the ones with the highest `leaves` go first. */
struct part {
    char text[256];
    enum role_name look;
    int leaves;
    bool right, gone;
};

enum part_name {
    PART_NAME,
    PART_ROLE,
    PART_VERSION,
    PART_WHERE,
    PART_TRUST,
    PART_ENVIRONMENT,
    PART_BADGE,
    PART_AGE,
    PART_COUNT_
};

static const struct part parts_empty[PART_COUNT_] = {
    [PART_NAME] = {"", LOOK_HEADER, 0, false, false},   [PART_ROLE] = {"", LOOK_HEADER, 2, false, false},
    [PART_VERSION] = {"", LOOK_HEADER, 5, false, false}, [PART_WHERE] = {"", LOOK_HEADER, 6, false, false},
    [PART_TRUST] = {"", LOOK_CRIT, 0, true, false},
    [PART_ENVIRONMENT] = {"", LOOK_DEV, 3, true, false}, [PART_BADGE] = {"", LOOK_HEADER, 4, true, false},
    [PART_AGE] = {"", LOOK_HEADER, 0, true, false},
};

char *header_duration(char out[FORMAT_ROOM], const struct ui *ui, int64_t us)
{
    double seconds = floor((double)us / US_PER_S);
    if (seconds < 60)
        snprintf(out, FORMAT_ROOM, "%.0f s", seconds < 0 ? 0 : seconds);
    else
        format_duration(out, seconds, ui->canvas->mode);
    return out;
}

static enum role_name environment_look(const char *environment)
{
    if (strncmp(environment, "prod", 4) == 0)
        return LOOK_PROD;
    return strncmp(environment, "stag", 4) == 0 ? LOOK_STAGING : LOOK_DEV;
}

/* The role by the newest answer that knows it: a standby may have been promoted a second ago. */
static const char *role_words(const struct ui *ui, const struct target *t)
{
    const struct frame *newest = NULL;
    if (view_kind_of(t) != VIEW_SERVER)
        return view_kind_of(t) == VIEW_POOLER ? "PGBOUNCER" : "APP";
    for (int topic = 0; topic < store_topics(ui->store); topic++) {
        const struct frame *f = store_sight(ui->store, t->id, topic, ui->now_us).newest;
        if (f && f->server_role != SERVER_UNKNOWN && (!newest || f->taken_us > newest->taken_us))
            newest = f;
    }
    if (newest)
        return newest->server_role == SERVER_STANDBY ? "STANDBY" : "PRIMARY";
    return !t->facts.known ? "?" : t->facts.standby ? "STANDBY" : "PRIMARY";
}

static void safe_copy(const struct ui *ui, char *out, size_t size, const char *text)
{
    text_copy(out, size, text, strlen(text), ui->canvas->mode);
}

/* What tells servers apart comes first in importance: host, port and database; the role's name, and the middle of
 * a socket's folder, leave when the line is short. */
enum { NAME_LEAST = 16 };      /* columns of a target's name that always stay */
enum { HOST_WHOLE, HOST_SHORT, HOST_ALONE, WHERE_FORMS };

static const char *last_folder(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash && slash > path && slash[1] ? slash : NULL;
}

static void say_where(const struct ui *ui, const struct target *t, int form, char *out, size_t size)
{
    char raw[256];
    const struct facts *f = &t->facts;
    const char *host = f->host ? f->host : "", *tail = host[0] == '/' ? last_folder(host) : NULL;
    const char *user = form == HOST_WHOLE ? f->user : NULL;
    const char *dots = ui->canvas->mode == TEXT_ASCII ? "..." : "…";
    bool cut = form != HOST_WHOLE && tail;
    if (cut)
        host = form == HOST_ALONE ? "" : tail;
    if (f->known && f->user && f->database)
        snprintf(raw, sizeof(raw), "%s%s%s%s:%s/%s", user ? user : "", user ? "@" : "", cut ? dots : "", host,
                 f->port ? f->port : "", f->database);
    else
        snprintf(raw, sizeof(raw), "%s", t->where ? t->where : "");
    safe_copy(ui, out, size, raw);
}

/* The oldest of what the page reads. While all is fresh only the bound is shown, so that a line with no news
 * stays as it is; from then on the age grows. */
static void say_age(const struct ui *ui, const struct page *page, struct part *part)
{
    char text[FORMAT_ROOM];
    int64_t oldest = -1, bound = 0;
    bool stale = false, waiting = true;
    for (int i = 0; page->view->reads && page->view->reads[i]; i++) {
        int topic = store_find_topic(ui->store, page->view->reads[i]);
        struct sight s = {0};
        if (topic >= 0)
            s = store_sight(ui->store, page->target, topic, ui->now_us);
        if (topic < 0 || !s.good)
            continue;
        waiting = false;
        stale |= s.state != SIGHT_FRESH;
        oldest = s.age_us > oldest ? s.age_us : oldest;
        bound = s.interval_us + s.deadline_us > bound ? s.interval_us + s.deadline_us : bound;
    }
    if (!page->view->reads)
        return;
    if (waiting)
        snprintf(part->text, sizeof(part->text), "no data");
    else if (stale)
        snprintf(part->text, sizeof(part->text), "STALE %s", header_duration(text, ui, oldest));
    else if (bound <= VIEW_BOUND_US)
        snprintf(part->text, sizeof(part->text), "age <%lld s", (long long)((bound + US_PER_S - 1) / US_PER_S));
    else
        snprintf(part->text, sizeof(part->text), "age %s", header_duration(text, ui, oldest));
    part->look = waiting ? LOOK_UNKNOWN : stale ? LOOK_STALE : LOOK_HEADER;
}

int64_t header_down_us(const struct ui *ui, const struct target *t)
{
    return ui->now_us - (t->link.down_us ? t->link.down_us : t->link.since_us);
}

/* An attempt after a failure is still "down": only the first one is news. */
bool header_is_down(const struct link *link)
{
    return link->state == LINK_WAITING || (link->state == LINK_CONNECTING && link->failures > 0);
}

static void say_link(const struct ui *ui, const struct target *t, struct part *part)
{
    static const char *const words[LINK_STATE_COUNT_] = {"idle", "connecting", "up", "password", "down"};
    char text[FORMAT_ROOM];
    enum link_state shown = header_is_down(&t->link) ? LINK_WAITING : t->link.state;
    snprintf(part->text, sizeof(part->text), "%s %s", words[shown],
             header_duration(text, ui, header_down_us(ui, t)));
    part->look = shown == LINK_WAITING ? LOOK_CRIT : LOOK_WARN;
}

static void say_target(const struct ui *ui, const struct page *page, struct part *parts)
{
    const struct target *t = store_target(ui->store, page->target);
    char version[64];
    safe_copy(ui, parts[PART_NAME].text, sizeof(parts->text), t->name);
    snprintf(parts[PART_ROLE].text, sizeof(parts->text), "· %s", role_words(ui, t));
    if (t->facts.known && t->facts.version_text) {
        safe_copy(ui, version, sizeof(version), t->facts.version_text);
        snprintf(parts[PART_VERSION].text, sizeof(parts->text), "%s%s",
                 view_kind_of(t) == VIEW_SERVER ? "PG " : "", version);
    }
    const char *alarm = trust_alarm(t->facts.trust);
    if (alarm && t->facts.kind != TARGET_APP)
        snprintf(parts[PART_TRUST].text, sizeof(parts->text), "%s", alarm);
    if (t->environment) {
        char word[32];
        safe_copy(ui, word, sizeof(word), t->environment);
        for (char *p = word; *p; p++)
            *p = *p >= 'a' && *p <= 'z' ? (char)(*p - 'a' + 'A') : *p;
        snprintf(parts[PART_ENVIRONMENT].text, sizeof(parts->text), " %s ", word);
        parts[PART_ENVIRONMENT].look = environment_look(t->environment);
    }
    if (t->link.state == LINK_UP)
        say_age(ui, page, &parts[PART_AGE]);
    else
        say_link(ui, t, &parts[PART_AGE]);
}

static void say_fleet(const struct ui *ui, const struct page *page, struct part *parts)
{
    struct fleet_counts counts = fleet_count(ui->store);
    static const struct {
        enum part_name part;
        enum level level;
        enum role_name look;
        const char *glyph;
    } worst[] = {{PART_ENVIRONMENT, LEVEL_CRIT, LOOK_CRIT, "‼"},
                 {PART_BADGE, LEVEL_WARN, LOOK_WARN, "!"},
                 {PART_AGE, LEVEL_UNKNOWN, LOOK_UNKNOWN, "?"}};
    char groups[32] = "";
    int n = counts.servers;
    snprintf(parts[PART_NAME].text, sizeof(parts->text), "%s", page->view->title);
    if (counts.groups > 1)
        snprintf(groups, sizeof(groups), ", %d groups", counts.groups);
    snprintf(parts[PART_ROLE].text, sizeof(parts->text), "%d server%s%s", n, n == 1 ? "" : "s", groups);
    for (size_t i = 0; i < COUNT_OF(worst); i++) {
        struct part *part = &parts[worst[i].part];
        *part = (struct part){.look = worst[i].look, .right = true, .leaves = 0};
        if (counts.levels[worst[i].level])
            snprintf(part->text, sizeof(part->text), "%d %s", counts.levels[worst[i].level], worst[i].glyph);
    }
}

void header_about(const struct ui *ui, const struct target *t, char *out, size_t size)
{
    char version[64] = "", where[160];
    if (t->facts.known && t->facts.version_text)
        safe_copy(ui, version, sizeof(version), t->facts.version_text);
    say_where(ui, t, HOST_WHOLE, where, sizeof(where));
    const char *before = !version[0] ? "" : view_kind_of(t) == VIEW_SERVER ? "  PG " : "  ";
    snprintf(out, size, "Server: %s%s%s%s%s", t->facts.known ? role_words(ui, t) : "not connected yet", before,
             version, where[0] ? "  " : "", where);
}

static int width_of(const struct part *p)
{
    return p->gone || !p->text[0] ? 0 : canvas_width(p->text, 255) + 2;
}

static int sum_of(const struct part *parts)
{
    int sum = 0;
    for (int i = 0; i < PART_COUNT_; i++)
        sum += width_of(&parts[i]);
    return sum;
}

/* The longest form of the address that has room, else the shortest. */
static void choose_where(const struct ui *ui, const struct target *t, struct part *parts, int columns)
{
    for (int form = HOST_WHOLE; form < WHERE_FORMS; form++) {
        say_where(ui, t, form, parts[PART_WHERE].text, sizeof(parts->text));
        if (sum_of(parts) <= columns)
            return;
    }
}

/* A name of any length must not push out whether this is a primary. */
static void shorten_name(const struct ui *ui, struct part *parts, int columns)
{
    char *name = parts[PART_NAME].text;
    int over = sum_of(parts) - width_of(&parts[PART_WHERE]) - columns, width = canvas_width(name, 255);
    if (over <= 0 || width <= NAME_LEAST)
        return;
    struct buf cut = {0};
    text_cut(&cut, name, strlen(name), (size_t)(width - over > NAME_LEAST ? width - over : NAME_LEAST),
             ui->canvas->mode);
    snprintf(name, sizeof(parts->text), "%s", buf_text(&cut));
    buf_free(&cut);
}

/* Lets parts go until the line fits. The address is shortened before it leaves. */
static int fit(struct part *parts, int columns)
{
    for (int level = 6;; level--) {
        int sum = sum_of(parts);
        int where = width_of(&parts[PART_WHERE]);
        if (sum <= columns)
            return where;
        if (where > 0 && where - (sum - columns) >= 12)
            return where - (sum - columns);
        if (level == 1)
            return where;       /* the name is cut by what is left of the line */
        for (int i = 0; i < PART_COUNT_; i++)
            parts[i].gone |= parts[i].leaves == level;
    }
}

static int right_width(const struct part *parts)
{
    int sum = -2;
    for (int i = 0; i < PART_COUNT_; i++)
        sum += parts[i].right ? width_of(&parts[i]) : 0;
    return sum;
}

/* On the narrowest screens: the age is a number, and stays whole. */
static void shorten_alarm(struct part *parts, int columns)
{
    static const char *const forms[] = {"!TLS", "!"};
    for (size_t i = 0; i < COUNT_OF(forms) && width_of(&parts[PART_TRUST]) > 0 && right_width(parts) > columns; i++)
        snprintf(parts[PART_TRUST].text, sizeof(parts->text), "%s", forms[i]);
}

/* The right side first: the name is cut by what is left of the line. */
static void draw_parts(struct canvas *c, int row, struct part *parts)
{
    int columns = canvas_columns(c), where = fit(parts, columns - 1), x = 1, end = columns - 1;
    shorten_alarm(parts, end);
    for (int i = PART_COUNT_ - 1; i >= 0; i--)
        if (parts[i].right && width_of(&parts[i]) > 0 && end > 0) {
            int start = end - (width_of(&parts[i]) - 2);
            start = start > 0 ? start : 0;
            canvas_text(c, row, start, end - start, parts[i].look, parts[i].text);
            end = start - 2;
        }
    for (int i = 0; i < PART_COUNT_; i++)
        if (!parts[i].right && width_of(&parts[i]) > 0 && end >= x + 2) {      /* two letters and an ellipsis, or nothing */
            int room = end - x + 1;
            int used = canvas_text(c, row, x, i == PART_WHERE && where - 2 < room ? where - 2 : room,
                                   parts[i].look, parts[i].text);
            if (i == PART_NAME)
                canvas_attrs(c, row, x, used, ATTR_BOLD);
            x += used + (i == PART_NAME ? 1 : 2);
        }
}

/* READ ONLY is no fence around a superuser: what is looked at may do harm in its name. */
static void say_badge(const struct target *t, struct part *part)
{
    snprintf(part->text, sizeof(part->text), t->facts.superuser ? "VIEW SUPERUSER" : "VIEW");
    if (t->facts.superuser)
        part->look = LOOK_WARN;
}

static void draw_header(struct ui *ui, struct canvas *c, int row)
{
    struct part parts[PART_COUNT_];
    const struct page *top = ui_top(ui);
    char text[FORMAT_ROOM];
    memcpy(parts, parts_empty, sizeof(parts));
    if (top->target >= 0)
        say_target(ui, top, parts);
    else
        say_fleet(ui, top, parts);
    if (top->target >= 0)
        say_badge(store_target(ui->store, top->target), &parts[PART_BADGE]);
    if (ui->paused) {
        snprintf(parts[PART_AGE].text, sizeof(parts->text), " PAUSED %s ",
                 header_duration(text, ui, ui->now_us - ui->paused_us));
        parts[PART_AGE].look = LOOK_WARN;
    }
    shorten_name(ui, parts, canvas_columns(c) - 1);
    if (top->target >= 0)
        choose_where(ui, store_target(ui->store, top->target), parts, canvas_columns(c) - 1);
    canvas_fill(c, row, 0, 1, canvas_columns(c), LOOK_HEADER, " ");
    draw_parts(c, row, parts);
}

/* ---- the way here ---- */

static void add_crumb(struct ui *ui, struct canvas *c, int *x, const char *text, int depth)
{
    int row = ui->layout.crumbs, at = *x;
    if (at > 1)
        at += canvas_text(c, row, at, -1, LOOK_LABEL, " › ");
    int used = canvas_text(c, row, at, -1, LOOK_TITLE, text);
    if (ui->crumbs.n < HINTS_MAX)
        ui->crumbs.list[ui->crumbs.n++] = (struct span){row, at, used, depth};
    *x = at + used;
}

/* What stands before a tab gives way to what stands behind it. */
static void draw_status(struct canvas *c, int row, int x, const char *status)
{
    const char *tab = strchr(status, '\t'), *rest = tab ? tab + 1 : status;
    int room = canvas_columns(c) - x - 4, fixed = canvas_width(rest, room), used = 0;
    char chip[1024] = "";
    if (tab)
        snprintf(chip, sizeof(chip), "%.*s", (int)(tab - status), status);
    if (room <= 3)
        return;
    if (tab && room - fixed > 6)
        used = canvas_width(chip, room - fixed - 2) + 2;
    int at = canvas_columns(c) - used - fixed - 1;
    canvas_fill(c, row, at - 1, 1, canvas_columns(c), LOOK_LABEL, " ");
    if (used > 0)
        canvas_text(c, row, at, used - 2, LOOK_LABEL, chip);
    canvas_right(c, row, at + used, fixed, LOOK_LABEL, rest);
}

static void draw_crumbs(struct ui *ui, struct canvas *c)
{
    int x = 1, before = -2;
    canvas_fill(c, ui->layout.crumbs, 0, 1, canvas_columns(c), LOOK_BORDER, "─");
    canvas_text(c, ui->layout.crumbs, 0, 1, LOOK_TEXT, " ");
    for (int i = 0; i < ui->depth; i++) {
        const struct page *page = ui->stack[i];
        char text[128];
        bool new_target = page->target >= 0 && page->target != before;
        if (new_target) {
            safe_copy(ui, text, sizeof(text), store_target(ui->store, page->target)->name);
            add_crumb(ui, c, &x, text, i + 1);
        }
        if (i > 0 || page->target < 0) {
            snprintf(text, sizeof(text), "%s", page->view->title);
            if (page->argument)
                safe_copy(ui, text, sizeof(text), page->argument);
            add_crumb(ui, c, &x, text, i + 1);
        }
        before = page->target >= 0 ? page->target : before;
    }
    canvas_text(c, ui->layout.crumbs, x, -1, LOOK_TEXT, " ");
    struct page *top = ui_top(ui);
    struct view_scene scene = pages_scene(ui, top);
    struct buf status = {0};
    if (top->view->status)
        top->view->status(top->state, &scene, &status);
    if (status.len > 0)
        draw_status(c, ui->layout.crumbs, x, buf_text(&status));
    buf_free(&status);
}

void header_draw(struct ui *ui, struct canvas *c)
{
    ui->crumbs.n = 0;
    if (ui->layout.header >= 0)
        draw_header(ui, c, ui->layout.header);
    if (ui->layout.crumbs >= 0)
        draw_crumbs(ui, c);
    if (ui->layout.banner >= 0)
        banner_draw(ui, c);
}
