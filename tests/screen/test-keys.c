/* Any keys, clicks, sizes and answers in any order: nothing crashes, and nothing unsafe is ever in a cell. */
#include "tests/screen/scene.h"
#include "tests/unit/random.h"
#include "ui/views/list.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { STEPS = 3000, ROUNDS = 12 };

static uint32_t any_key(struct random *r)
{
    static const uint32_t letters[] = {0xe9, 0x65e5, 0x301, 0x202e, 0x1f600, 0x9b, 0x7f, 0};
    switch (random_below(r, 4)) {
    case 0: return 1 + random_below(r, 31);
    case 1: return 32 + random_below(r, 95);
    case 2: return K_UP + random_below(r, K_END_ - K_UP);
    default:
        return random_below(r, 6) ? ':' + random_below(r, 60) : letters[random_below(r, COUNT_OF(letters))];
    }
}

static void any_paste(struct random *r, struct ui *ui)
{
    char bytes[64];
    size_t len = random_below(r, sizeof(bytes));
    for (size_t i = 0; i < len; i++)
        bytes[i] = (char)random_next(r);
    ui_paste(ui, bytes, len);
}

static void any_message(struct random *r, struct scene *s)
{
    char text[100];
    size_t len = random_below(r, sizeof(text) - 1);
    for (size_t i = 0; i < len; i++)
        text[i] = (char)(1 + random_below(r, 255));
    text[len] = '\0';
    store_say(s->store, s->wall_us, (enum severity)random_below(r, SEV_COUNT_), (int)random_below(r, 5) - 1,
              text);
}

static void any_link(struct random *r, struct scene *s)
{
    static const char *const words[] = {"", "\033[31mred", "no route to host", "\xff\xfe",
                                        "日本日本日本日本日本日本日本日本"};
    scene_link(s, (int)random_below(r, 4), (enum link_state)random_below(r, LINK_STATE_COUNT_),
               random_below(r, 9), words[random_below(r, COUNT_OF(words))]);
}

static void any_pick(struct random *r, struct ui *ui)
{
    static const struct ui_item items[] = {
        {"one", "first", true, false}, {"two", NULL, false, true}, {"日本", "é", false, false}};
    ui_choose(ui, &(struct ui_pick){.title = "pick", .items = items, .nitems = (int)random_below(r, 4),
                                    .many = random_below(r, 2)});
}

static void any_step(struct random *r, struct scene *s)
{
    static const int rows[] = {1, 2, 3, 5, 9, 10, 12, 24, 60, 200},
                     columns[] = {1, 2, 3, 8, 20, 40, 80, 120, 500};
    switch (random_below(r, 24)) {
    case 0:
        ui_resize(s->ui, rows[random_below(r, COUNT_OF(rows))], columns[random_below(r, COUNT_OF(columns))]);
        break;
    case 1: any_paste(r, s->ui); break;
    case 2: any_message(r, s); break;
    case 3: any_link(r, s); break;
    case 4: scene_publish(s, (int)random_below(r, 2), "sessions", random_below(r, 5)); break;
    case 5: scene_refuse(s, 0, "sessions", FRAME_TIMEOUT, "no answer \033[5m"); break;
    case 6: scene_wait(s, random_below(r, 100) / 7.0); break;
    case 7: any_pick(r, s->ui); break;
    case 8: case 9:
        ui_mouse(s->ui, (enum mouse_button)random_below(r, 3), (int)random_below(r, 70),
                 (int)random_below(r, 130));
        break;
    default: ui_key(s->ui, any_key(r));
    }
}

/* Every cell holds one letter that is safe to draw, and wide ones are whole. */
static void check_canvas(const struct canvas *c)
{
    for (int i = 0; i < c->rows * c->columns; i++) {
        const struct canvas_cell *cell = &c->cells[i];
        assert_true(cell->look < LOOK_COUNT_);
        if (cell->columns == 0) {
            assert_true(i % c->columns > 0 && cell[-1].columns == 2);
            continue;
        }
        assert_true(cell->columns == 1 || (i + 1) % c->columns > 0);
        size_t len = strlen(cell->utf8);
        for (size_t k = 0; k < len; k++)
            assert_true((unsigned char)cell->utf8[k] >= 0x20 && cell->utf8[k] != 0x7f);
        if (c->mode == TEXT_ASCII && (len != 1 || (unsigned char)cell->utf8[0] >= 0x7f))
            fail_msg("row %d column %d of %d: \"%s\"", i / c->columns, i % c->columns, c->columns,
                     cell->utf8);
        struct buf safe = {0};
        text_safe(&safe, cell->utf8, len, TEXT_UTF8);
        assert_string_equal(buf_text(&safe), cell->utf8);
        buf_free(&safe);
    }
    assert_true(c->cursor_row < c->rows && c->cursor_column < c->columns);
}

static void random_keys_break_nothing(void **state)
{
    (void)state;
    struct random r = random_start("keys");
    for (int round = 0; round < ROUNDS; round++) {
        struct scene *s = scene_new(views, 24, 80, round % 2 ? TEXT_ASCII : TEXT_UTF8, NULL);
        for (int i = 0; i < STEPS; i++) {
            any_step(&r, s);
            if (i % 4 == 0)
                ui_draw(s->ui);
            if (i % 50 == 0)
                check_canvas(ui_canvas(s->ui));
        }
        scene_free(s);
    }
}

static void every_size_is_drawn(void **state)
{
    (void)state;
    struct scene *s = scene_new(views, 24, 80, TEXT_UTF8, NULL);
    scene_publish(s, 0, "sessions", 1);
    for (int rows = 1; rows <= 30; rows++)
        for (int columns = 1; columns <= 90; columns += 1 + columns / 9)
            for (int overlay = 0; overlay < 4; overlay++) {
                static const char *const keys[] = {"?", ":", "L", "/"};
                ui_resize(s->ui, rows, columns);
                scene_keys(s, keys[overlay]);
                check_canvas(ui_canvas(s->ui));
                scene_keys(s, "Esc Esc");
            }
    ui_resize(s->ui, 200, 500);
    ui_draw(s->ui);
    check_canvas(ui_canvas(s->ui));
    scene_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_keys_break_nothing),
        cmocka_unit_test(every_size_is_drawn),
    };
    if (!setlocale(LC_CTYPE, "C.UTF-8") || chdir("/proc") != 0)      /* :save-display finds no place there */
        return 99;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
