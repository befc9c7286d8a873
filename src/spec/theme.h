/* Named roles for everything that is drawn. A page says what a cell means, the theme how it looks; no page
 * names a colour. A role that tells a status always goes with a glyph or a word: never colour alone. */
#ifndef SPEC_THEME_H
#define SPEC_THEME_H

#include <stdbool.h>
#include <stdint.h>

/* Each look, its name in theme files, and what is drawn in it. */
#define LOOKS(X) \
    X(TEXT, "text", "plain") \
    X(LABEL, "label", "headings of rows, units, things that may recede") \
    X(HEADER, "header", "the top line") \
    X(TITLE, "title", "names of pages and columns") \
    X(BORDER, "border", "frames and rules") \
    X(KEY, "key", "a key's name in a hint") \
    X(HINT, "hint", "what that key does") \
    X(DISABLED, "disabled", "a key that does nothing now") \
    X(CURSOR, "cursor", "the selected row") \
    X(MARK, "mark", "a marked row") \
    X(OK, "ok", "fine") \
    X(WARN, "warn", "needs a look") \
    X(CRIT, "crit", "needs a hand, now") \
    X(UNKNOWN, "unknown", "nobody knows") \
    X(STALE, "stale", "too old to be trusted") \
    X(NULL, "null", "the sign for a value that is unknown") \
    X(GRAPH, "graph", "sparklines and bars") \
    X(GRAPH2, "graph2", "the second part of a stacked one") \
    X(GRAPH3, "graph3", "the third") \
    X(ADDED, "added", "a row that is new since the last look") \
    X(MATCH, "match", "the found part of a text") \
    X(PROD, "prod", "the tag of a production server") \
    X(STAGING, "staging", "of a staging server") \
    X(DEV, "dev", "of any other") \
    X(MESSAGE, "message", "the message line") \
    X(INPUT, "input", "what the user types")

enum role_name {
#define X(name, ...) LOOK_##name,
    LOOKS(X)
#undef X
    LOOK_COUNT_
};

enum attribute {
    ATTR_BOLD = 1, ATTR_DIM = 2, ATTR_REVERSE = 4, ATTR_UNDERLINE = 8, ATTR_ITALIC = 16
};

#define COLOUR_DEFAULT (-1)     /* the terminal's own */
#define COLOUR_UNSET   (-2)     /* the file says nothing: theme_quantise fills it in from rgb */

struct colour {
    int32_t rgb;                /* 0xRRGGBB, or COLOUR_DEFAULT */
    int16_t c256;               /* 0..255, COLOUR_DEFAULT or COLOUR_UNSET */
    int16_t c16;                /* 0..15, COLOUR_DEFAULT or COLOUR_UNSET */
};

struct style {
    struct colour fg, bg;
    uint8_t attrs;              /* bits of enum attribute, with colours */
    uint8_t mono_attrs;         /* the same without any colour */
};

struct theme {
    char name[32];
    bool light;                 /* made for a light background */
    struct style looks[LOOK_COUNT_];
};

#endif
