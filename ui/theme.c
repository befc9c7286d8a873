/* The built-in theme, and rgb brought down to 256 and 16 colours. */
#include "ui/theme.h"

#include "base/attr.h"

#include <stdio.h>
#include <string.h>

#define NONE           {COLOUR_DEFAULT, COLOUR_DEFAULT, COLOUR_DEFAULT}
#define RGB(rgb, c16)  {rgb, COLOUR_UNSET, c16}

static const struct style builtin[LOOK_COUNT_] = {
    [LOOK_TEXT] = {NONE, NONE, 0, 0},
    [LOOK_LABEL] = {RGB(0x949494, 7), NONE, 0, 0},
    [LOOK_HEADER] = {RGB(0xd0d0d0, 0), RGB(0x303030, 7), 0, ATTR_REVERSE},
    [LOOK_TITLE] = {RGB(0x87afd7, 6), NONE, ATTR_BOLD, ATTR_BOLD},
    [LOOK_BORDER] = {RGB(0x585858, 7), NONE, 0, 0},
    [LOOK_KEY] = {RGB(0xafd7ff, 14), NONE, ATTR_BOLD, ATTR_BOLD},
    [LOOK_HINT] = {RGB(0x949494, 7), NONE, 0, 0},
    [LOOK_DISABLED] = {RGB(0x626262, 8), NONE, 0, ATTR_DIM},
    [LOOK_CURSOR] = {RGB(0xffffff, 15), RGB(0x005f87, 4), 0, ATTR_REVERSE},
    [LOOK_MARK] = {RGB(0xffd75f, 11), NONE, 0, ATTR_UNDERLINE},
    [LOOK_OK] = {RGB(0x87af87, 2), NONE, 0, 0},
    [LOOK_WARN] = {RGB(0xffaf00, 11), NONE, 0, ATTR_BOLD},
    [LOOK_CRIT] = {RGB(0xff5f5f, 9), NONE, ATTR_BOLD, ATTR_BOLD | ATTR_REVERSE},
    [LOOK_UNKNOWN] = {RGB(0xaf87d7, 13), NONE, 0, 0},
    [LOOK_STALE] = {RGB(0x808080, 7), NONE, 0, ATTR_DIM},
    [LOOK_NULL] = {RGB(0x626262, 8), NONE, 0, ATTR_DIM},
    [LOOK_GRAPH] = {RGB(0x5fafd7, 6), NONE, 0, 0},
    [LOOK_GRAPH2] = {RGB(0x87af5f, 2), NONE, 0, 0},
    [LOOK_GRAPH3] = {RGB(0xd78787, 5), NONE, 0, 0},
    [LOOK_ADDED] = {RGB(0x87d787, 10), NONE, 0, ATTR_BOLD},
    [LOOK_MATCH] = {RGB(0x000000, 0), RGB(0xffd75f, 3), 0, ATTR_BOLD | ATTR_UNDERLINE},
    [LOOK_PROD] = {RGB(0xffffff, 15), RGB(0xaf0000, 1), ATTR_BOLD, ATTR_BOLD | ATTR_REVERSE},
    [LOOK_STAGING] = {RGB(0x000000, 0), RGB(0xd7af5f, 3), 0, ATTR_REVERSE},
    [LOOK_DEV] = {RGB(0x000000, 0), RGB(0x87af87, 2), 0, ATTR_REVERSE},
    [LOOK_MESSAGE] = {NONE, NONE, 0, 0},
    [LOOK_INPUT] = {NONE, NONE, ATTR_BOLD, ATTR_BOLD},
};

void theme_builtin(struct theme *out)
{
    *out = (struct theme){.name = "default"};
    memcpy(out->looks, builtin, sizeof(builtin));
    theme_quantise(out);
}

static int distance(int32_t a, int32_t b)
{
    int red = (a >> 16 & 255) - (b >> 16 & 255), green = (a >> 8 & 255) - (b >> 8 & 255),
        blue = (a & 255) - (b & 255);
    return 3 * red * red + 6 * green * green + blue * blue;
}

/* The 6x6x6 cube of xterm's palette has these steps; the greys go from 8 to 238 in tens. */
static int nearest_step(int value)
{
    static const int steps[] = {0, 95, 135, 175, 215, 255};
    int best = 0;
    for (int i = 1; i < 6; i++)
        if ((value - steps[i]) * (value - steps[i]) < (value - steps[best]) * (value - steps[best]))
            best = i;
    return best;
}

int theme_nearest_256(int32_t rgb)
{
    static const int steps[] = {0, 95, 135, 175, 215, 255};
    int red = nearest_step(rgb >> 16 & 255), green = nearest_step(rgb >> 8 & 255),
        blue = nearest_step(rgb & 255);
    int mean = ((rgb >> 16 & 255) + (rgb >> 8 & 255) + (rgb & 255)) / 3;
    int grey = mean < 8 ? 0 : mean > 238 ? 23 : (mean - 3) / 10;
    int32_t cube_rgb = steps[red] << 16 | steps[green] << 8 | steps[blue];
    int32_t grey_rgb = (8 + 10 * grey) * 0x010101;
    return distance(rgb, grey_rgb) < distance(rgb, cube_rgb) ? 232 + grey : 16 + 36 * red + 6 * green + blue;
}

int theme_nearest_16(int32_t rgb)
{
    static const int32_t palette[16] = {
        0x000000, 0xcd0000, 0x00cd00, 0xcdcd00, 0x0000ee, 0xcd00cd, 0x00cdcd, 0xe5e5e5,
        0x7f7f7f, 0xff0000, 0x00ff00, 0xffff00, 0x5c5cff, 0xff00ff, 0x00ffff, 0xffffff,
    };
    int best = 0;
    for (int i = 1; i < 16; i++)
        if (distance(rgb, palette[i]) < distance(rgb, palette[best]))
            best = i;
    return best;
}

static void quantise(struct colour *c)
{
    bool own = c->rgb < 0;
    if (c->c256 == COLOUR_UNSET)
        c->c256 = (int16_t)(own ? COLOUR_DEFAULT : theme_nearest_256(c->rgb));
    if (c->c16 == COLOUR_UNSET)
        c->c16 = (int16_t)(own ? COLOUR_DEFAULT : theme_nearest_16(c->rgb));
}

void theme_quantise(struct theme *t)
{
    for (int i = 0; i < LOOK_COUNT_; i++) {
        quantise(&t->looks[i].fg);
        quantise(&t->looks[i].bg);
    }
}

int theme_colour(const struct colour *c, int colours, bool *bright)
{
    int n = colours >= 256 ? c->c256 : c->c16;
    if (colours > 256 && c->rgb >= 0)
        return c->rgb < 8 ? 8 : c->rgb;         /* direct colour keeps the first eight for the palette */
    if (n < 8 || colours > 8)
        return n;
    *bright = true;
    return n - 8;
}
