/* Keys and what they ask for. A binding is one row with its keys; a page's bindings stand beside the common
 * ones under the page's name. */
#include "ui/keymap.h"

#include "base/mem.h"
#include "base/suggest.h"
#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { KEYS_MAX = 8 };

struct binding {
    const char *page;           /* NULL: everywhere */
    const struct key_row *row;
    uint32_t keys[KEYS_MAX];
    int nkeys;
};

struct keymap {
    struct binding *bindings;
    int n;
};

const struct key_row common_keys[] = {
#define X(id, ...) {REQ_##id, __VA_ARGS__},
    REQUESTS(X)
#undef X
    {0},
};

static const char *const group_titles[GROUP_COUNT_] = {
    "Moving", "Going places", "Finding", "Tables", "Time", "The program", "This page",
};

const char *key_group_title(enum key_group group)
{
    return group_titles[group];
}

/* ---- keys and their names ---- */

static const struct key_name {
    uint32_t key;
    const char *name;
} key_names[] = {
    {K_UP, "Up"}, {K_DOWN, "Down"}, {K_LEFT, "Left"}, {K_RIGHT, "Right"}, {K_HOME, "Home"}, {K_END, "End"},
    {K_PAGE_UP, "PgUp"}, {K_PAGE_DOWN, "PgDn"}, {K_INSERT, "Ins"}, {K_DELETE, "Del"},
    {K_BACKSPACE, "BS"}, {K_BACK_TAB, "S-Tab"}, {K_TAB, "Tab"}, {K_ENTER, "Enter"}, {K_ESCAPE, "Esc"},
    {K_SPACE, "Space"}, {'<', "lt"},
    /* Second names, read but not written. */
    {K_PAGE_UP, "PageUp"}, {K_PAGE_DOWN, "PageDown"}, {K_INSERT, "Insert"}, {K_DELETE, "Delete"},
    {K_BACKSPACE, "Backspace"}, {K_ENTER, "CR"}, {K_ENTER, "Return"}, {K_ESCAPE, "Escape"}, {'>', "gt"},
};

static uint32_t parse_function_key(const char *name)
{
    char *end;
    if ((name[0] != 'F' && name[0] != 'f') || name[1] < '1' || name[1] > '9')
        return K_NONE;
    long n = strtol(name + 1, &end, 10);
    return *end == '\0' && n <= 12 ? K_F1 + (uint32_t)n - 1 : (uint32_t)K_NONE;
}

static uint32_t parse_control(const char *name)
{
    if ((name[0] != 'C' && name[0] != 'c') || name[1] != '-' || name[2] == '\0' || name[3] != '\0')
        return K_NONE;
    char c = name[2] >= 'a' && name[2] <= 'z' ? (char)(name[2] - 'a' + 'A') : name[2];
    return c > '@' && c <= '_' ? (uint32_t)(c - '@') : (uint32_t)K_NONE;
}

static uint32_t parse_name(const char *name)
{
    for (size_t i = 0; i < COUNT_OF(key_names); i++)
        if (strcasecmp(key_names[i].name, name) == 0)
            return key_names[i].key;
    uint32_t key = parse_function_key(name);
    return key ? key : parse_control(name);
}

uint32_t keymap_parse_key(const char *text)
{
    char name[16];
    uint32_t code;
    size_t len = strlen(text), letter = text_decode(text, len, &code);
    if (letter > 0 && letter == len)
        return code > 0x20 && code != 0x7f && (code < 0x80 || code > 0x9f) ? code : (uint32_t)K_NONE;
    if (len >= sizeof(name) || len == 0)
        return K_NONE;
    bool bracketed = text[0] == '<' && text[len - 1] == '>' && len > 2;
    snprintf(name, sizeof(name), "%.*s", (int)(bracketed ? len - 2 : len), bracketed ? text + 1 : text);
    return parse_name(name);
}

static void encode(uint32_t code, char out[16])
{
    if (code < 0x80)
        snprintf(out, 16, "%c", (int)code);
    else if (code < 0x800)
        snprintf(out, 16, "%c%c", (int)(0xc0 | code >> 6), (int)(0x80 | (code & 0x3f)));
    else if (code < 0x10000)
        snprintf(out, 16, "%c%c%c", (int)(0xe0 | code >> 12), (int)(0x80 | (code >> 6 & 0x3f)),
                 (int)(0x80 | (code & 0x3f)));
    else
        snprintf(out, 16, "%c%c%c%c", (int)(0xf0 | code >> 18), (int)(0x80 | (code >> 12 & 0x3f)),
                 (int)(0x80 | (code >> 6 & 0x3f)), (int)(0x80 | (code & 0x3f)));
}

void keymap_key_text(uint32_t key, char out[16])
{
    for (size_t i = 0; i < COUNT_OF(key_names); i++)
        if (key_names[i].key == key && key != '<' && key != '>') {
            snprintf(out, 16, "%s", key_names[i].name);
            return;
        }
    if (key >= K_F1 && key <= K_F12)
        snprintf(out, 16, "F%d", (int)(key - K_F1 + 1));
    else if (key > 0 && key < 0x20)
        snprintf(out, 16, "C-%c", key <= 26 ? (int)(key - 1 + 'a') : (int)(key + '@'));
    else
        encode(key, out);
}

/* ---- bindings ---- */

static void set_defaults(struct binding *b)
{
    char word[16];
    int used = 0;
    for (const char *at = b->row->keys; at && sscanf(at, "%15s%n", word, &used) == 1; at += used)
        if (b->nkeys < KEYS_MAX)
            b->keys[b->nkeys++] = keymap_parse_key(word);
}

void keymap_add(struct keymap *m, const char *page, const struct key_row *rows)
{
    for (const struct key_row *row = rows; row && row->name; row++) {
        m->bindings = mem_resize(m->bindings, (size_t)m->n + 1, sizeof(*m->bindings));
        m->bindings[m->n] = (struct binding){.page = page, .row = row};
        set_defaults(&m->bindings[m->n++]);
    }
}

struct keymap *keymap_new(void)
{
    struct keymap *m = mem_new(sizeof(*m));
    keymap_add(m, NULL, common_keys);
    return m;
}

void keymap_free(struct keymap *m)
{
    if (m)
        free(m->bindings);
    free(m);
}

/* Both NULL, or the same words. */
static bool same_page(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

static const struct binding *find_name(const struct keymap *m, const char *name)
{
    for (int i = 0; i < m->n; i++)
        if (strcmp(m->bindings[i].row->name, name) == 0)
            return &m->bindings[i];
    return NULL;
}

static bool unknown_name(const struct keymap *m, const char *name, struct err *err)
{
    char safe[64];
    struct suggest nearest = suggest_start(name);
    for (int i = 0; i < m->n; i++)
        suggest_offer(&nearest, m->bindings[i].row->name);
    text_copy(safe, sizeof(safe), name, strlen(name), TEXT_ASCII);
    if (nearest.best)
        return err_set(err, "There is no request \"%s\" to bind a key to: did you mean \"%s\"?", safe, nearest.best);
    return err_set(err, "There is no request \"%s\" to bind a key to: the help page (?) lists them all.",
                   safe);
}

bool keymap_bind(struct keymap *m, const char *name, const char *const *keys, int nkeys, struct err *err)
{
    char safe[64];
    uint32_t parsed[KEYS_MAX] = {0};
    if (!find_name(m, name))
        return unknown_name(m, name, err);
    if (nkeys > KEYS_MAX)
        return err_set(err, "\"%s\" has %d keys: at most %d are possible.", name, nkeys, KEYS_MAX);
    for (int i = 0; i < nkeys; i++) {
        parsed[i] = keymap_parse_key(keys[i]);
        text_copy(safe, sizeof(safe), keys[i], strlen(keys[i]), TEXT_ASCII);
        if (parsed[i] == K_NONE)
            return err_set(err, "\"%s\" is not a key: write k, C-r, F1, PgUp, Enter, Esc, Tab or Space.",
                           safe);
    }
    for (int i = 0; i < m->n; i++) {
        if (strcmp(m->bindings[i].row->name, name) != 0)
            continue;
        memcpy(m->bindings[i].keys, parsed, sizeof(parsed));
        m->bindings[i].nkeys = nkeys;
    }
    return true;
}

static bool shares_key(const struct binding *a, const struct binding *b, uint32_t *key)
{
    for (int i = 0; i < a->nkeys; i++)
        for (int j = 0; j < b->nkeys; j++)
            if (a->keys[i] == b->keys[j]) {
                *key = a->keys[i];
                return true;
            }
    return false;
}

static bool check_pair(const struct binding *a, const struct binding *b, struct err *err)
{
    uint32_t key;
    char text[16];
    bool meet = !a->page || !b->page || same_page(a->page, b->page);
    if (!meet || !shares_key(a, b, &key))
        return true;
    keymap_key_text(key, text);
    const char *page = a->page ? a->page : b->page;
    return err_set(err, "The key %s means both \"%s\" and \"%s\"%s%s: give one of them another key.", text,
                   a->row->name, b->row->name, page ? " on the page " : "", page ? page : "");
}

static bool can_leave(const struct keymap *m, struct err *err)
{
    const struct binding *quit = find_name(m, "quit"), *close = find_name(m, "close");
    const struct binding *interrupt = find_name(m, "interrupt");
    return quit->nkeys + close->nkeys + interrupt->nkeys > 0 ||
           err_set(err, "No key leaves the program: give \"quit\", \"close\" or \"interrupt\" one.");
}

static void set_between(const char *between[2], const char *a, const char *b)
{
    if (between) {
        between[0] = a;
        between[1] = b;
    }
}

bool keymap_check(const struct keymap *m, const char *between[2], struct err *err)
{
    for (int i = 0; i < m->n; i++)
        for (int j = i + 1; j < m->n; j++) {
            set_between(between, m->bindings[i].row->name, m->bindings[j].row->name);
            if (!check_pair(&m->bindings[i], &m->bindings[j], err))
                return false;
        }
    set_between(between, "quit", "close");
    return can_leave(m, err);
}

/* ---- looking up ---- */

static bool applies(const struct binding *b, const char *page)
{
    return !b->page || same_page(b->page, page);
}

int keymap_request(const struct keymap *m, const char *page, uint32_t key)
{
    for (int i = 0; i < m->n; i++)
        for (int k = 0; applies(&m->bindings[i], page) && k < m->bindings[i].nkeys; k++)
            if (m->bindings[i].keys[k] == key)
                return m->bindings[i].row->request;
    return REQ_NONE;
}

static const struct binding *find_request(const struct keymap *m, const char *page, int request)
{
    for (int i = 0; i < m->n; i++)
        if (applies(&m->bindings[i], page) && m->bindings[i].row->request == request)
            return &m->bindings[i];
    return NULL;
}

const struct key_row *keymap_row(const struct keymap *m, const char *page, int request)
{
    const struct binding *b = find_request(m, page, request);
    return b ? b->row : NULL;
}

const struct key_row *keymap_each(const struct keymap *m, const char *page, int i)
{
    for (int own = 1; own >= 0; own--)
        for (int k = 0; k < m->n; k++)
            if (applies(&m->bindings[k], page) && (m->bindings[k].page != NULL) == own && i-- == 0)
                return m->bindings[k].row;
    return NULL;
}

void keymap_keys_text(const struct keymap *m, const char *page, int request, int most, struct buf *out)
{
    char text[16];
    const struct binding *b = find_request(m, page, request);
    for (int k = 0; b && k < b->nkeys && (most == 0 || k < most); k++) {
        keymap_key_text(b->keys[k], text);
        buf_printf(out, "%s%s", k ? " " : "", text);
    }
}
