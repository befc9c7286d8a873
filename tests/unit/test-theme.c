/* Themes: those that ship can be read by everybody (WCAG 2.1 contrast, and status colours that stay apart for
 * the colour-blind), and a broken one says where. */
#include "conf/theme.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static const char *const words[] = {
#define X(name, word, ...) word,
    LOOKS(X)
#undef X
};

static const char *const *directories(void)
{
    static char themes[512];
    static const char *list[2];
    snprintf(themes, sizeof(themes), "%s/themes", getenv("SRCDIR"));
    list[0] = themes;
    return list;
}

static struct theme shipped(const char *name)
{
    struct theme t;
    struct conf_errors errors = {0};
    struct buf report = {0};
    bool ok = theme_read(&t, name, directories(), &errors);
    conf_errors_print(&errors, &report);
    assert_string_equal(buf_text(&report), "");
    assert_true(ok);
    assert_string_equal(t.name, name);
    buf_free(&report);
    return t;
}

static void five_themes_ship(void **state)
{
    (void)state;
    static const char *const expected[] = {"colour-blind-safe", "dark", "high-contrast", "light", "mono"};
    char **names = theme_names(directories());
    for (size_t i = 0; i < COUNT_OF(expected); i++)
        assert_string_equal(names[i], expected[i]);
    assert_null(names[COUNT_OF(expected)]);
    theme_names_free(names);
    assert_true(shipped("light").light);
    assert_false(shipped("dark").light);
}

/* ---- contrast: https://www.w3.org/TR/WCAG21/#dfn-contrast-ratio ---- */

static double linear(int32_t rgb, int shift)
{
    double v = (rgb >> shift & 255) / 255.0;
    return v <= 0.04045 ? v / 12.92 : pow((v + 0.055) / 1.055, 2.4);
}

static double luminance(int32_t rgb)
{
    return 0.2126 * linear(rgb, 16) + 0.7152 * linear(rgb, 8) + 0.0722 * linear(rgb, 0);
}

static double contrast(int32_t a, int32_t b)
{
    double x = luminance(a), y = luminance(b);
    return (fmax(x, y) + 0.05) / (fmin(x, y) + 0.05);
}

/* What is no text needs 3:1: https://www.w3.org/TR/WCAG21/#non-text-contrast */
static bool is_text(int look)
{
    return look != LOOK_BORDER && look != LOOK_DISABLED && (look < LOOK_GRAPH || look > LOOK_GRAPH3);
}

struct bar {
    const char *theme;
    int32_t fg, bg; /* the terminal's own colours, as the theme assumes them */
    double text, other;
};

static const struct bar bars[] = {
    {"dark", 0xd0d0d0, 0x1c1c1c, 4.5, 3},
    {"colour-blind-safe", 0xd0d0d0, 0x1c1c1c, 4.5, 3},
    {"light", 0x303030, 0xf0f0f0, 4.5, 3},
    {"high-contrast", 0xffffff, 0x000000, 7, 7},
};

static void text_has_contrast(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(bars); i++) {
        struct theme t = shipped(bars[i].theme);
        for (int look = 0; look < LOOK_COUNT_; look++) {
            const struct style *s = &t.looks[look];
            double c =
                contrast(s->fg.rgb < 0 ? bars[i].fg : s->fg.rgb, s->bg.rgb < 0 ? bars[i].bg : s->bg.rgb);
            if (c < (is_text(look) ? bars[i].text : bars[i].other))
                fail_msg("%s of %s has %.2f:1", words[look], bars[i].theme, c);
        }
    }
}

/* ---- colour blindness: Machado, Oliveira, Fernandes 2009, severity 1, on linear RGB ---- */

static const double sights[][3][3] = {
    {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}},
    {{0.152286, 1.052583, -0.204868},
     {0.114503, 0.786281, 0.099216},
     {-0.003882, -0.048116, 1.051998}}, /* protanopia */
    {{0.367322, 0.860646, -0.227968},
     {0.280085, 0.672501, 0.047413},
     {-0.011820, 0.042940, 0.968881}}, /* deuteranopia */
    {{1.255528, -0.076749, -0.178779},
     {-0.078411, 0.930809, 0.147602},
     {0.004733, 0.691367, 0.303900}}, /* tritanopia */
};

/* CIE L*a*b* under D65. */
static void lab(int32_t rgb, const double sight[3][3], double out[3])
{
    double in[3] = {linear(rgb, 16), linear(rgb, 8), linear(rgb, 0)}, seen[3], xyz[3];
    static const double to_xyz[3][3] = {
        {0.4124, 0.3576, 0.1805}, {0.2126, 0.7152, 0.0722}, {0.0193, 0.1192, 0.9505}};
    static const double white[3] = {0.9505, 1, 1.089};
    for (int i = 0; i < 3; i++)
        seen[i] = fmin(1, fmax(0, sight[i][0] * in[0] + sight[i][1] * in[1] + sight[i][2] * in[2]));
    for (int i = 0; i < 3; i++) {
        double v = (to_xyz[i][0] * seen[0] + to_xyz[i][1] * seen[1] + to_xyz[i][2] * seen[2]) / white[i];
        xyz[i] = v > 0.008856 ? cbrt(v) : 7.787 * v + 16.0 / 116;
    }
    out[0] = 116 * xyz[1] - 16;
    out[1] = 500 * (xyz[0] - xyz[1]);
    out[2] = 200 * (xyz[1] - xyz[2]);
}

static double apart(int32_t a, int32_t b, const double sight[3][3])
{
    double x[3], y[3];
    lab(a, sight, x);
    lab(b, sight, y);
    return sqrt(pow(x[0] - y[0], 2) + pow(x[1] - y[1], 2) + pow(x[2] - y[2], 2));
}

static void status_colours_stay_apart(void **state)
{
    (void)state;
    static const int statuses[] = {LOOK_OK, LOOK_WARN, LOOK_CRIT, LOOK_UNKNOWN};
    struct theme t = shipped("colour-blind-safe");
    for (size_t sight = 0; sight < COUNT_OF(sights); sight++)
        for (size_t a = 0; a < COUNT_OF(statuses); a++)
            for (size_t b = a + 1; b < COUNT_OF(statuses); b++) {
                double d = apart(t.looks[statuses[a]].fg.rgb, t.looks[statuses[b]].fg.rgb, sights[sight]);
                if (d < 20)
                    fail_msg("%s and %s are %.1f apart for sight %zu", words[statuses[a]], words[statuses[b]],
                             d, sight);
            }
    int32_t ok = t.looks[LOOK_OK].fg.rgb;
    assert_true((ok & 255) > (ok >> 8 & 255)); /* blue, not green */
}

static void without_colours_what_matters_is_seen(void **state)
{
    (void)state;
    char **names = theme_names(directories());
    for (char **n = names; *n; n++) {
        struct theme t = shipped(*n);
        static const int seen[] = {LOOK_HEADER, LOOK_CURSOR, LOOK_WARN,  LOOK_CRIT, LOOK_MATCH,
                                   LOOK_PROD,   LOOK_KEY,    LOOK_TITLE, LOOK_MARK};
        for (size_t i = 0; i < COUNT_OF(seen); i++)
            if (t.looks[seen[i]].mono_attrs == t.looks[LOOK_TEXT].mono_attrs)
                fail_msg("%s of %s looks like text without colours", words[seen[i]], *n);
        assert_true(t.looks[LOOK_CRIT].mono_attrs != t.looks[LOOK_WARN].mono_attrs);
    }
    theme_names_free(names);
    struct theme mono = shipped("mono");
    for (int look = 0; look < LOOK_COUNT_; look++)
        assert_true(mono.looks[look].fg.rgb == COLOUR_DEFAULT && mono.looks[look].bg.c16 == COLOUR_DEFAULT);
}

static void fall_backs_follow_the_colour(void **state)
{
    (void)state;
    struct theme dark = shipped("dark"), light = shipped("light");
    assert_int_equal(dark.looks[LOOK_CRIT].fg.rgb, 0xff5f5f);
    assert_int_equal(dark.looks[LOOK_CRIT].fg.c16, 9);
    assert_int_equal(dark.looks[LOOK_CRIT].fg.c256, COLOUR_UNSET);
    assert_int_equal(dark.looks[LOOK_CRIT].mono_attrs, ATTR_BOLD | ATTR_REVERSE);
    assert_int_equal(dark.looks[LOOK_TEXT].fg.c256, COLOUR_DEFAULT);
    assert_int_equal(light.looks[LOOK_CRIT].fg.c16, 1);
    assert_int_equal(light.looks[LOOK_PROD].bg.rgb, 0xaf0000); /* from dark */
    assert_int_equal(light.looks[LOOK_CRIT].attrs, ATTR_BOLD);
}

/* ---- faults ---- */

struct fault {
    const char *text, *report; /* of the file x.yaml; @ stands for the directory */
};

static const struct fault faults[] = {
    {"", "@/x.yaml:1:1: The file is empty: begin it with format: 1.\n"},
    {"looks: []\n",
     "@/x.yaml:1:1: A theme begins with format: 1.\n@/x.yaml:1:8: looks takes a map, not a list.\n"},
    {"format: 1\nbase: y\n", "@/x.yaml:2:7: There is no theme \"y\": there are x.\n"
                             "@/x.yaml:2:7: The theme \"y\" under this one cannot be used.\n"},
    {"format: 1\nbase: ../x\n", NULL},
    {"format: 1\nlooks:\n  crit:\n    fg: #ff5f5f\n    bg: red\n    atr: []\n    attr:\n    - blink\n    "
     "c16:\n      fg: orange\n      gb: red\n"
     "    c256:\n      fg: 256\n  crid: {}\n",
     "@/x.yaml:4:8: fg takes default or a colour such as '#ff5f5f', in quotes.\n"
     "@/x.yaml:5:9: bg takes default or a colour such as '#ff5f5f', in quotes.\n"
     "@/x.yaml:6:5: There is no key \"atr\": did you mean \"attr\"?\n"
     "@/x.yaml:8:7: There is no value \"blink\" here: there are bold, dim, reverse, underline, italic.\n"
     "@/x.yaml:10:11: There is no value \"orange\" here: there are black, red, green, yellow, blue, magenta, "
     "cyan, white, "
     "bright-black, bright-red, bright-green, bright-yellow, bright-blue, bright-magenta, bright-cyan, "
     "bright-white, default.\n"
     "@/x.yaml:11:7: There is no key \"gb\": did you mean \"bg\"?\n"
     "@/x.yaml:13:11: fg takes a whole number, from 0 to 255, not \"256\".\n"
     "@/x.yaml:14:3: There is no key \"crid\": did you mean \"crit\"?\n"},
    {"format: 1\nbase: x\n", NULL},
};

static void expand(const char *text, const char *directory, struct buf *out)
{
    for (; *text; text++)
        if (*text == '@')
            buf_puts(out, directory);
        else
            buf_putc(out, *text);
}

static void check_fault(const char *directory, const struct fault *fault)
{
    const char *list[] = {directory, NULL};
    struct buf path = {0}, report = {0}, expected = {0};
    struct conf_errors errors = {0};
    struct theme t;
    buf_printf(&path, "%s/x.yaml", directory);
    FILE *f = fopen(path.data, "w");
    assert_non_null(f);
    fputs(fault->text, f);
    assert_int_equal(fclose(f), 0);
    assert_false(theme_read(&t, "x", list, &errors));
    conf_errors_sort(&errors);
    conf_errors_print(&errors, &report);
    if (fault->report) {
        expand(fault->report, directory, &expected);
        assert_string_equal(buf_text(&report), buf_text(&expected));
    }
    assert_true(errors.n > 0);
    assert_int_equal(unlink(path.data), 0);
    conf_errors_free(&errors);
    buf_free(&path);
    buf_free(&report);
    buf_free(&expected);
}

static void a_broken_theme_says_where(void **state)
{
    (void)state;
    char directory[] = "/tmp/pgvigil-theme-XXXXXX";
    assert_non_null(mkdtemp(directory));
    for (size_t i = 0; i < COUNT_OF(faults); i++)
        check_fault(directory, &faults[i]);
    assert_int_equal(rmdir(directory), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(five_themes_ship),
        cmocka_unit_test(text_has_contrast),
        cmocka_unit_test(status_colours_stay_apart),
        cmocka_unit_test(without_colours_what_matters_is_seen),
        cmocka_unit_test(fall_backs_follow_the_colour),
        cmocka_unit_test(a_broken_theme_says_where),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
