/* Named roles for everything that is drawn. A page says what a cell means, the theme how it looks; no page
 * names a colour. A role that tells a status always goes with a glyph or a word: never colour alone. */
#ifndef SPEC_THEME_H
#define SPEC_THEME_H

#include <stdbool.h>
#include <stdint.h>

enum role_name {
    LOOK_TEXT,          /* plain */
    LOOK_LABEL,         /* headings of rows, units, things that may recede */
    LOOK_HEADER,        /* the top line */
    LOOK_TITLE,         /* names of pages and columns */
    LOOK_BORDER,
    LOOK_KEY,           /* a key's name in a hint */
    LOOK_HINT,          /* what that key does */
    LOOK_DISABLED,      /* a key that does nothing now */
    LOOK_CURSOR,        /* the selected row */
    LOOK_MARK,          /* a marked row */
    LOOK_OK,
    LOOK_WARN,
    LOOK_CRIT,
    LOOK_UNKNOWN,
    LOOK_STALE,
    LOOK_NULL,          /* the sign for a value that is unknown */
    LOOK_GRAPH,         /* sparklines and bars, and two more for stacked ones */
    LOOK_GRAPH2,
    LOOK_GRAPH3,
    LOOK_ADDED,         /* a row that is new since the last look */
    LOOK_MATCH,         /* the found part of a text */
    LOOK_PROD,          /* environment tags */
    LOOK_STAGING,
    LOOK_DEV,
    LOOK_MESSAGE,       /* the message line */
    LOOK_INPUT,         /* what the user types */
    LOOK_COUNT_
};

enum attribute {
    ATTR_BOLD = 1, ATTR_DIM = 2, ATTR_REVERSE = 4, ATTR_UNDERLINE = 8, ATTR_ITALIC = 16
};

#define COLOUR_DEFAULT (-1)     /* the terminal's own */

struct colour {
    int32_t rgb;                /* 0xRRGGBB, or COLOUR_DEFAULT */
    int16_t c256;               /* 0..255 or COLOUR_DEFAULT; filled in by quantising when the file says nothing */
    int16_t c16;                /* 0..15 or COLOUR_DEFAULT */
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
