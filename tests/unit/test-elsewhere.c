/* Where a conninfo leads at this moment, and that nobody goes there for whom there is no room. */
#include "pg/connect.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define TWO(peer) peer "\n" peer "\n"

/* hosts NULL: it must not go anywhere. */
static const struct {
    const char *conninfo, *peers, *hosts, *addresses, *ports;
} cases[] = {
    {"host=127.0.0.1 port=6000", TWO("127.0.0.1 6000"), NULL, NULL, NULL},
    {"host=127.0.0.1 port=6000", "127.0.0.1 6000\n", "127.0.0.1", "127.0.0.1", "6000"},
    {"host=127.0.0.1 port=6001", TWO("127.0.0.1 6000"), "127.0.0.1", "127.0.0.1", "6001"},
    {"host=127.0.0.1", TWO("127.0.0.1 5432"), NULL, NULL, NULL},
    {"host=db hostaddr=127.0.0.2 port=6000", TWO("127.0.0.1 6000"), "db", "127.0.0.2", "6000"},
    {"host=db hostaddr=127.0.0.2 port=6000", TWO("127.0.0.2 6000"), NULL, NULL, NULL},
    /* one of them is enough: they may be one server's */
    {"host=127.0.0.2,127.0.0.1 port=6000", TWO("127.0.0.1 6000"), NULL, NULL, NULL},
    {"host=127.0.0.2,127.0.0.1 port=6000", "127.0.0.1 6000\n127.0.0.2 6000\n", NULL, NULL, NULL},
    {"host=127.0.0.2,127.0.0.1 port=6000,6001", TWO("127.0.0.1 6000"), "127.0.0.2,127.0.0.1", "127.0.0.2,127.0.0.1", "6000,6001"},
    {"host=localhost port=6000", TWO("127.0.0.1 6000"), NULL, NULL, NULL},
    {"host=/nowhere,127.0.0.1 port=6000", TWO("127.0.0.1 6001"), "/nowhere,127.0.0.1", ",127.0.0.1", "6000,6000"},
    {"host=/nowhere", TWO("local"), NULL, NULL, NULL},
    {"", TWO("local"), NULL, NULL, NULL},
    {"host=127.0.0.1", TWO("?"), NULL, NULL, NULL},
    {"host=/nowhere", "?\nlocal\n", NULL, NULL, NULL},
    {"host=", TWO("127.0.0.1 5432"), "", "", "5432"},
    {"host=no.such.name.invalid", TWO("127.0.0.1 5432"), NULL, NULL, NULL},
};

static void places_are_found_or_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct places p;
        struct refusal r = {0};
        struct connect_to to = {.conninfo = (char *)cases[i].conninfo, .peers = (char *)cases[i].peers};
        bool found = places_find(&p, &to, &r);
        if (found != (cases[i].hosts != NULL))
            fail_msg("%s beside %s: %s", cases[i].conninfo, cases[i].peers, found ? "found" : r.words);
        if (!found) {
            assert_true(r.words[0]);
            continue;
        }
        assert_string_equal(buf_text(&p.host), cases[i].hosts);
        assert_string_equal(buf_text(&p.address), cases[i].addresses);
        assert_string_equal(buf_text(&p.port), cases[i].ports);
        places_free(&p);
    }
}

int main(void)
{
    static const char *const unset[] = {"PGHOST", "PGHOSTADDR", "PGPORT", "PGSERVICE"};
    const struct CMUnitTest tests[] = {cmocka_unit_test(places_are_found_or_refused)};
    for (size_t i = 0; i < COUNT_OF(unset); i++)
        unsetenv(unset[i]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
