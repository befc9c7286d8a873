/* The audit of a terminal stream: what terminfo taught is allowed, all else is written down. */
#include "tests/pty/audit.h"

#include "base/attr.h"
#include "base/mem.h"
#include "tests/pty/utf8.h"

#include <curses.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <term.h>

#define SHAPES_MAX   256
#define SHAPE_MAX    24
#define SEQUENCE_MAX 256        /* longer ones are findings by themselves */
#define MARKS_MAX    2

enum state { TEXT, ESCAPE, CSI, STRING, STRING_ESCAPE };

struct audit {
    struct audit_rules rules;
    bool learning;
    char shapes[SHAPES_MAX][SHAPE_MAX];     /* "[H", "[?25h", "(B", "7" */
    size_t nshapes;
    bool controls[32];
    enum state state;
    uint64_t at, start;                     /* offset of the next byte; of the sequence or character */
    unsigned char held[SEQUENCE_MAX];       /* the sequence or character so far */
    size_t nheld;
    bool too_long;
    int marks;
    uint64_t count;
    struct audit_finding findings[AUDIT_KEPT];
};

/* What curses may send, by terminfo's names. Not here: palette, status line, printer, reset strings, reports.
 */
static const char *const capabilities[] = {
    "cup",   "hpa",   "vpa",   "home",  "cuu",   "cud",   "cuf",   "cub",  "cuu1", "cud1", "cuf1",  "cub1",
    "cr",    "nel",   "ind",   "ri",    "indn",  "rin",   "csr",   "sc",   "rc",   "ll",   "clear", "ed",
    "el",    "el1",   "ech",   "ich",   "ich1",  "dch",   "dch1",  "il",   "il1",  "dl",   "dl1",   "smir",
    "rmir",  "rep",   "sgr",   "sgr0",  "bold",  "dim",   "rev",   "smso", "rmso", "smul", "rmul",  "blink",
    "invis", "sitm",  "ritm",  "setaf", "setab", "setf",  "setb",  "op",   "smacs", "rmacs", "enacs", "smcup",
    "rmcup", "smkx",  "rmkx",  "civis", "cnorm", "cvvis", "smam",  "rmam",  "smm",   "rmm", "cbt",  "ht",
};

static const int extra_modes[] = {1000, 1002, 1004, 1006, 2004, 2026};

/* Characters that no server's text may put on a screen; the same list as vectors/sanitize.tsv. */
static const uint32_t forbidden[][2] = {
    {0x7F, 0x9F},       {0xAD, 0xAD},       {0x34F, 0x34F},     {0x61C, 0x61C},     {0x115F, 0x1160},
    {0x17B4, 0x17B5},   {0x180B, 0x180F},   {0x200B, 0x200F},   {0x2028, 0x202E},   {0x2060, 0x206F},
    {0x3164, 0x3164},   {0xE000, 0xF8FF},   {0xFDD0, 0xFDEF},   {0xFE00, 0xFE0F},   {0xFEFF, 0xFEFF},
    {0xFFA0, 0xFFA0},   {0xFFF0, 0xFFFB},   {0x1BCA0, 0x1BCA3}, {0x1D173, 0x1D17A}, {0xE0000, 0xE0FFF},
    {0xF0000, 0x10FFFF},
};

static const uint32_t combining[][2] = {
    {0x300, 0x36F},   {0x483, 0x489},   {0x591, 0x5BD},   {0x610, 0x61A},
    {0x64B, 0x65F},   {0x1AB0, 0x1AFF}, {0x1DC0, 0x1DFF}, {0x20D0, 0x20FF},
    {0x302A, 0x302D}, {0x3099, 0x309A}, {0xFE20, 0xFE2F},
};

static bool in_ranges(uint32_t c, const uint32_t (*ranges)[2], size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (c >= ranges[i][0] && c <= ranges[i][1])
            return true;
    return false;
}

static void PRINTF_LIKE(2, 3) find(struct audit *a, const char *format, ...)
{
    if (a->count < AUDIT_KEPT) {
        struct audit_finding *f = &a->findings[a->count];
        f->offset = a->start;
        va_list args;
        va_start(args, format);
        vsnprintf(f->what, sizeof(f->what), format, args);
        va_end(args);
    }
    a->count++;
}

/* ---- shapes of sequences ---- */

static bool known_shape(const struct audit *a, const char *shape)
{
    for (size_t i = 0; i < a->nshapes; i++)
        if (strcmp(a->shapes[i], shape) == 0)
            return true;
    return false;
}

static void judge_shape(struct audit *a, const char *shape)
{
    if (known_shape(a, shape))
        return;
    if (!a->learning) {
        find(a, "sequence ESC %s is not in the terminfo entry of %s", shape, a->rules.term);
    } else if (a->nshapes < SHAPES_MAX) {
        snprintf(a->shapes[a->nshapes++], SHAPE_MAX, "%s", shape);
    } else {
        fprintf(stderr, "audit: SHAPES_MAX is too small\n");
        exit(99);
    }
}

/* "[?1;25h" is judged as "[?1h" and "[?25h". */
static void judge_modes(struct audit *a, const char *params, char final)
{
    const char *prefix = *params == '?' ? "?" : "";
    for (const char *at = params + strlen(prefix);; at++) {
        char shape[SHAPE_MAX];
        int digits = (int)strspn(at, "0123456789");
        snprintf(shape, sizeof(shape), "[%s%.*s%c", prefix, digits > 8 ? 8 : digits, at, final);
        judge_shape(a, shape);
        at += digits;
        if (*at != ';')
            break;
    }
}

/* What may be said with any number is judged by its letters alone; what sets, asks or reports, word for word.
 */
static void judge_csi(struct audit *a)
{
    char params[SEQUENCE_MAX], shape[SHAPE_MAX];
    size_t n = a->nheld - 3;    /* between "ESC [" and the final byte */
    memcpy(params, a->held + 2, n);
    params[n] = '\0';
    char final = (char)a->held[a->nheld - 1];
    size_t numbers = strspn(params, "0123456789;:");
    if ((final == 'h' || final == 'l') && strspn(params, "?0123456789;") == n)
        judge_modes(a, params, final);
    else if (strchr("tncqipuxy", final) || numbers != n) {
        snprintf(shape, sizeof(shape), "[%.20s%c", params, final);
        judge_shape(a, shape);
    } else {
        snprintf(shape, sizeof(shape), "[%c", final);
        judge_shape(a, shape);
    }
}

static void judge_escape(struct audit *a)
{
    char shape[SHAPE_MAX];
    snprintf(shape, sizeof(shape), "%.*s", (int)(a->nheld - 1), (const char *)a->held + 1);
    judge_shape(a, shape);
}

/* ---- strings: OSC and its kin ---- */

static bool harmless(const unsigned char *s, size_t n)
{
    while (n) {
        uint32_t c;
        int length = utf8_read(s, n, &c);
        if (length <= 0 || c < 0x20 || in_ranges(c, forbidden, COUNT_OF(forbidden)))
            return false;
        s += length;
        n -= (size_t)length;
    }
    return true;
}

static bool starts(const struct audit *a, const char *with)
{
    return a->nheld >= strlen(with) && memcmp(a->held, with, strlen(with)) == 0;
}

static void judge_string(struct audit *a)
{
    bool title = a->rules.title && (starts(a, "\x1b]0;") || starts(a, "\x1b]2;"));
    bool clipboard = a->rules.clipboard && starts(a, "\x1b]52;");
    if (clipboard || (title && !a->too_long && harmless(a->held + 4, a->nheld - 4)))
        return;
    find(a, "string sequence ESC %c%.20s", a->held[1],
         a->held[1] == ']' && harmless(a->held + 2, a->nheld - 2) ? (const char *)a->held + 2 : "..");
}

/* ---- bytes ---- */

static void hold(struct audit *a, unsigned char c)
{
    if (a->nheld + 1 < SEQUENCE_MAX)
        a->held[a->nheld++] = c;
    else
        a->too_long = true;
    a->held[a->nheld] = '\0';
}

static void start_sequence(struct audit *a)
{
    a->state = ESCAPE;
    a->start = a->at;
    a->nheld = 0;
    a->too_long = false;
    hold(a, '\x1b');
}

static void judge_control(struct audit *a, unsigned char c)
{
    if (a->learning)
        a->controls[c] = true;
    else if (!a->controls[c])
        find(a, "control byte 0x%02x", c);
}

static void judge_character(struct audit *a, uint32_t c)
{
    bool mark = in_ranges(c, combining, COUNT_OF(combining));
    a->marks = mark ? a->marks + 1 : 0;
    if (in_ranges(c, forbidden, COUNT_OF(forbidden)) || (c & 0xFFFE) == 0xFFFE)
        find(a, "character U+%04X", (unsigned)c);
    else if (a->rules.ascii_only && c > 0x7E)
        find(a, "character U+%04X where only ASCII is understood", (unsigned)c);
    else if (a->marks == MARKS_MAX + 1)
        find(a, "more than %d combining marks", MARKS_MAX);
}

static void text_byte(struct audit *a, unsigned char c);

static void high_byte(struct audit *a, unsigned char c)
{
    uint32_t code;
    if (!a->nheld)
        a->start = a->at;
    hold(a, c);
    int length = utf8_read(a->held, a->nheld, &code);
    if (length < 0)
        return;
    size_t had = a->nheld;
    a->nheld = 0;
    if (length > 0) {
        judge_character(a, code);
        return;
    }
    find(a, "invalid UTF-8, byte 0x%02x", a->held[0]);
    if (had > 1)
        text_byte(a, c);        /* it ended the broken character and may begin another */
}

static void text_byte(struct audit *a, unsigned char c)
{
    if (a->nheld && c < 0x80) {
        find(a, "invalid UTF-8, byte 0x%02x", a->held[0]);
        a->nheld = 0;
    }
    if (c >= 0x80) {
        high_byte(a, c);
        return;
    }
    a->start = a->at;
    if (c == 0x1B)
        start_sequence(a);
    else if (c < 0x20)
        judge_control(a, c);
    else
        judge_character(a, c);
}

static void end_sequence(struct audit *a)
{
    a->state = TEXT;
    a->nheld = 0;
}

/* A byte that cannot stand here ends the sequence as a finding and is judged as text. */
static void broken_sequence(struct audit *a, unsigned char c)
{
    find(a, "sequence broken by byte 0x%02x", c);
    end_sequence(a);
    text_byte(a, c);
}

static void escape_byte(struct audit *a, unsigned char c)
{
    hold(a, c);
    if (a->nheld == 2 && c == '[')
        a->state = CSI;
    else if (a->nheld == 2 && strchr("]P_^X", c) && c)
        a->state = STRING;
    else if (c < 0x20 || c > 0x7E)
        broken_sequence(a, c);
    else if (c >= 0x30) {
        judge_escape(a);
        end_sequence(a);
    }
}

static void csi_byte(struct audit *a, unsigned char c)
{
    hold(a, c);
    if (c < 0x20 || c > 0x7E)
        broken_sequence(a, c);
    else if (c >= 0x40) {
        if (a->too_long)
            find(a, "sequence longer than %d bytes", SEQUENCE_MAX);
        else
            judge_csi(a);
        end_sequence(a);
    }
}

static void string_byte(struct audit *a, unsigned char c)
{
    if (a->state == STRING_ESCAPE || c == 0x07) {
        judge_string(a);
        end_sequence(a);
        if (c != '\\' && c != 0x07)
            text_byte(a, c);
    } else if (c == 0x1B) {
        a->state = STRING_ESCAPE;
    } else {
        hold(a, c);
    }
}

void audit_feed(struct audit *a, const void *bytes, size_t n)
{
    const unsigned char *s = bytes;
    for (size_t i = 0; i < n; i++, a->at++) {
        switch (a->state) {
        case TEXT:
            text_byte(a, s[i]);
            break;
        case ESCAPE:
            escape_byte(a, s[i]);
            break;
        case CSI:
            csi_byte(a, s[i]);
            break;
        case STRING:
        case STRING_ESCAPE:
            string_byte(a, s[i]);
            break;
        }
    }
}

/* ---- learning from terminfo ---- */

/* Feeds a capability's expansion, without its "$<5>" delays. */
static void learn(struct audit *a, const char *s)
{
    while (s && *s) {
        const char *delay = strstr(s, "$<");
        audit_feed(a, s, delay ? (size_t)(delay - s) : strlen(s));
        const char *end = delay ? strchr(delay, '>') : NULL;
        s = end ? end + 1 : NULL;
    }
}

static void learn_capability(struct audit *a, const char *name)
{
    static const int numbers[] = {0, 1, 2, 9, 17, 200};
    char *s = tigetstr(name);
    if (!s || s == (char *)-1)
        return;
    if (!strchr(s, '%')) {
        learn(a, s);
        return;
    }
    for (size_t i = 0; i < COUNT_OF(numbers); i++) {
        int n = numbers[i];
        learn(a, strcmp(name, "rep") == 0 ? tparm(s, 'x', n + 2, 0, 0, 0, 0, 0, 0, 0)
                                          : tparm(s, n, n, n, n, n, n, n, n, n));
    }
    for (int i = 0; i < 9 && strcmp(name, "sgr") == 0; i++)
        learn(a, tparm(s, i == 0, i == 1, i == 2, i == 3, i == 4, i == 5, i == 6, i == 7, i == 8));
}

static void learn_terminfo(struct audit *a)
{
    int why;
    if (setupterm(a->rules.term, 1, &why) == ERR) {
        fprintf(stderr, "audit: no terminfo entry for %s\n", a->rules.term);
        exit(99);
    }
    a->learning = true;
    for (size_t i = 0; i < COUNT_OF(capabilities); i++)
        learn_capability(a, capabilities[i]);
    del_curterm(cur_term);
    for (size_t i = 0; i < COUNT_OF(extra_modes); i++) {
        char shape[SHAPE_MAX];
        snprintf(shape, sizeof(shape), "[?%dh", extra_modes[i]);
        judge_shape(a, shape);
        snprintf(shape, sizeof(shape), "[?%dl", extra_modes[i]);
        judge_shape(a, shape);
    }
    a->learning = false;
    a->at = a->start = a->count = 0;
}

struct audit *audit_new(const struct audit_rules *rules)
{
    struct audit *a = mem_new(sizeof(*a));
    a->rules = *rules;
    learn_terminfo(a);
    if (rules->title) {
        a->learning = true;
        learn(a, "\x1b[22;0t\x1b[23;0t\x1b[22;2t\x1b[23;2t");
        a->learning = false;
        a->at = a->start = 0;
    }
    return a;
}

bool audit_end(struct audit *a)
{
    if (a->state != TEXT)
        find(a, "sequence cut short");
    else if (a->nheld)
        find(a, "character cut short");
    end_sequence(a);
    return a->count == 0;
}

uint64_t audit_count(const struct audit *a)
{
    return a->count;
}

const struct audit_finding *audit_at(const struct audit *a, size_t i)
{
    return i < AUDIT_KEPT && i < a->count ? &a->findings[i] : NULL;
}

void audit_print(const struct audit *a)
{
    const struct audit_finding *f;
    for (size_t i = 0; (f = audit_at(a, i)); i++)
        fprintf(stderr, "audit: byte %llu: %s\n", (unsigned long long)f->offset, f->what);
    if (a->count > AUDIT_KEPT)
        fprintf(stderr, "audit: %llu findings in all\n", (unsigned long long)a->count);
}

void audit_free(struct audit *a)
{
    free(a);
}

bool audit_bytes(const struct audit_rules *rules, const void *bytes, size_t n)
{
    struct audit *a = audit_new(rules);
    audit_feed(a, bytes, n);
    bool clean = audit_end(a);
    audit_print(a);
    audit_free(a);
    return clean;
}
