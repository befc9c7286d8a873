/* Names in the statements that we print for people to run: whatever a name holds, it is read back as that name. */
#include "model/grant.h"
#include "tests/unit/random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define NAMES 1000000

/* As PostgreSQL reads an identifier: documentation, "Lexical Structure". False: it is none, or more than one. */
static bool read_back(const char *text, char *out)
{
    if (*text != '"') {
        size_t n = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_");
        strcpy(out, text);
        return n > 0 && text[n] == '\0' && !(text[0] >= '0' && text[0] <= '9');
    }
    for (text++; *text; text++) {
        if (*text == '"' && *++text != '"')
            break;
        *out++ = *text;
    }
    *out = '\0';
    return *text == '\0';
}

static void any_name_comes_back(void **state)
{
    (void)state;
    static const char likely[] = "abz_09AZ\"\"\"'\\ ;-.{}$\n\x1b";
    struct random r = random_start("names");
    struct buf out = {0};
    for (int i = 0; i < NAMES; i++) {
        char name[64] = "", back[160] = "";
        unsigned n = 1 + random_below(&r, 62);
        for (unsigned k = 0; k < n; k++)
            name[k] = (char)(random_below(&r, 4) ? likely[random_below(&r, sizeof(likely) - 1)] : 1 + (int)random_below(&r, 255));
        buf_clear(&out);
        grant_name(&out, name);
        if (!read_back(buf_text(&out), back) || strcmp(back, name) != 0)
            fail_msg("%s became %s", name, buf_text(&out));
    }
    buf_free(&out);
}

static void words_of_the_language_are_quoted(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"monitor", "monitor"}, {"user", "\"user\""}, {"all", "\"all\""}, {"with", "\"with\""}, {"users", "users"},
        {"Mon\"itor", "\"Mon\"\"itor\""}, {"9lives", "\"9lives\""}, {"", "\"\""}, {"public", "public"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct buf out = {0};
        grant_name(&out, rows[i][0]);
        assert_string_equal(buf_text(&out), rows[i][1]);
        buf_free(&out);
    }
}

/* A name that looks like the place of another one is only a name. */
static void names_are_put_in_once(void **state)
{
    (void)state;
    struct facts f = {.known = true, .user = (char *)"{statements}\"; DROP ROLE x; --"};
    struct buf out = {0};
    grant_put(&out, "GRANT pg_monitor TO {role}", &f);
    assert_string_equal(buf_text(&out), "GRANT pg_monitor TO \"{statements}\"\"; DROP ROLE x; --\"");
    buf_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_name_comes_back),
        cmocka_unit_test(words_of_the_language_are_quoted),
        cmocka_unit_test(names_are_put_in_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
