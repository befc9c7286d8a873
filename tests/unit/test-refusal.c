/* What is said of a connection that cannot be: libpq's words without their frame, and what to do. */
#include "pg/connect.h"

#include "base/attr.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define ELSEWHERE "name another host by -h or host="
#define ADVICE "not allowed: name this user under stats_users or admin_users in pgbouncer.ini"

static void words_are_short_and_say_what_to_do(void **state)
{
    (void)state;
    static const struct {
        const char *message, *words;
    } rows[] = {
        {"connection to server at \"x\", port 1 failed: FATAL:  28P01: no\nmore\n", "no"},
        {"connection to server on socket \"/x/.s.PGSQL.5432\" failed: No such file or directory\n\tIs the server running?\n",
         "/x/.s.PGSQL.5432: No such file or directory: no server has that socket: start it, or " ELSEWHERE},
        {"connection to server on socket \"/x\" failed: Connection refused\n",
         "/x: Connection refused: it was left behind by a server that is gone: start it, or " ELSEWHERE},
        {"connection to server on socket \"/x\" failed: FATAL:  3D000: no such\n", "no such"},
        {"connection to server at \"x\" (::1), port 1 failed: Connection refused\n\tIs the server running?\n",
         "Connection refused: nobody listens there: start it, or look at host, port and listen_addresses"},
        {"could not translate host name \"x\" to address: Name or service not known\n",
         "could not translate host name \"x\" to address: Name or service not known: mend the name, or look at the DNS"},
        {"connection to server at \"x\", port 1 failed: fe_sendauth: no password supplied\n",
         "no password supplied: put one into ~/.pgpass or PGPASSWORD"},
        {"connection to server at \"x\", port 1 failed: FATAL:  28000: no pg_hba.conf entry for host \"y\"\n",
         "no pg_hba.conf entry for host \"y\": add a line for it there and reload"},
        {"FATAL:  28000: Connection refused\n", "Connection refused"},                 /* a server's own words */
        {"connection to server at \"x\", port 80 failed: received invalid response to SSL negotiation: H\n",
         "received invalid response to SSL negotiation: H: no PostgreSQL listens there"},
        {"something else\nConnection refused\n", "something else"},
        {"FATAL:  08P01: not allowed\n", ADVICE},
        {"connection to server at \"x\", port 1 failed: FATAL:  not allowed\n", ADVICE},
        {"FATAL:  not allowed here\n", "not allowed here"},
        {"connection to server at \"x\" (10.0.0.1), port 1 failed: SSL error: certificate verify failed\n",
         "SSL error: certificate verify failed: sslrootcert is of another authority, or somebody stands between"},
        {"connection to server at \"x\", port 1 failed: Connection refused\n"
         "connection to server at \"y\", port 1 failed: server does not support SSL, but SSL was required\n",
         "server does not support SSL, but SSL was required: switch ssl on there, or say sslmode=disable to send all in clear text"},
        {"FATAL:  certificate verify failed\n", "certificate verify failed"},       /* a server's own words */
        {"", ""},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char words[256];
        session_words(rows[i].message, words, sizeof(words));
        assert_string_equal(words, rows[i].words);
    }
}

static void a_host_is_this_machine_or_another(void **state)
{
    (void)state;
    static const struct {
        const char *host;
        bool local;
    } rows[] = {
        {NULL, true}, {"", true}, {"/run/postgresql", true}, {"@abstract", true}, {"localhost", true}, {"127.0.0.1", true},
        {"127.9.9.9", true}, {"::1", true}, {"127.0.0.1.evil.example", false}, {"localhost.evil.example", false},
        {"10.0.0.1", false}, {"0.0.0.0", false}, {"::", false}, {"::ffff:10.0.0.1", false}, {"127.1", false}, {"db1", false},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (host_is_local(rows[i].host) != rows[i].local)
            fail_msg("%s", rows[i].host ? rows[i].host : "(none)");
}

#define LONG   "0123456789012345678901234567890123456789012345678901234567890123456789"
#define ENCODE "in the user and the password of a URI, write / as %2F and @ as %40"
#define HEAD   "a URI has to begin with postgresql:// or postgres://"
#define ALONE  "a URI stands alone, in place of the conninfo: a host or a database is only a name"

static void a_conninfo_is_judged_without_a_server(void **state)
{
    (void)state;
    static const struct {
        const char *conninfo, *port, *words;    /* words NULL: nothing is wrong with it */
    } rows[] = {
        {"", NULL, NULL},
        {"shop", NULL, NULL},
        {"host=no.such.name.invalid port=5432", NULL, NULL},
        {"host=192.0.2.1", NULL, NULL},
        {"host=x port=5432,", NULL, "could not match 2 port numbers to 1 hosts"},
        {"host=x,y port=5432,", NULL, NULL},
        {"host=x port=abc", "5432", NULL},
        {"host=x port=5432", "0x", "invalid integer value \"0x\" for connection option \"port\""},
        {"host=x bogus=1", NULL, "invalid connection option \"bogus\""},
        {"host=x keepalives=maybe", NULL, "invalid integer value \"maybe\" for connection option \"keepalives\""},
        {"service=nosuch", NULL, "definition of service \"nosuch\" not found"},
        {"host=x password=my hush hush", NULL, "missing \"=\" after \"\" in connection info string"},
        {"host=x password=my hush=hush", NULL, "invalid connection option \"\""},
        {"postgresql://u:100%hush@h/d", NULL, "invalid percent-encoded token: \"\""},
        {"postgresql://h/d?password=50%hush", NULL, "invalid percent-encoded token: \"\""},
        {"host=x password=hush sslmode=maybe", NULL, "invalid sslmode value: \"maybe\""},
        {"postgresql://u:hush@[::1/d", NULL,
         "end of string reached when looking for matching \"]\" in IPv6 host address in URI"},
        {"postgresql://u:hush@[::1/" LONG LONG LONG LONG, NULL,
         "end of string reached when looking for matching \"]\" in IPv6 host address in URI"},
        {"postgresql://u:hush@[::1]x/d", NULL, "unexpected character \"x\" at position 26 in URI (expected \":\" or \"/\")"},
        {"postgresql://u:x\"hush%9!@h/d", NULL, "invalid percent-encoded token: \"\""},
        {"host=x password=a\"b\"hush hush", NULL, "missing \"=\" after \"\" in connection info string"},
        {"host=x password='hu\nsh", NULL, "unterminated quoted string in connection info string"},
        {"host=x password=hu hu\nsh=1", NULL, "missing \"=\" after \"\" in connection info string"},
        {"postgresql://u:hu/hush@h/d", NULL, ENCODE},
        {"postgresql://u:hush/x@h/d", NULL, ENCODE},
        {"postgresql://u:hush/x?y@h/d", NULL, "missing key/value separator \"=\" in URI query parameter: \"\""},
        {"postgresql://u:hush/x?host=hush@h/d", NULL, "invalid integer value \"\" for connection option \"port\""},
        {"postgresql://u:543210/x?host=hush@h/d", NULL, "invalid port number: \"\""},
        {"postgresql://u:5432/hush@h/d", NULL, ENCODE},
        {"postgresql://u:hu@hush@h/d", NULL, ENCODE},
        {"postgresql://u:hu@@hush@h/d", NULL, ENCODE},
        {"postgresql://u:hu@hush/x@h/d", NULL, ENCODE},
        {"postgresql://u:hush@h1:1,u:hush@h2:2/d", NULL, ENCODE},
        {"postgresql://u:hush@@abstract/d", NULL, NULL},
        {"postgresql://u:hush?@h?user=me@realm", NULL, NULL},
        {"postgresql://u:hu%2Fh%40sh@[::1]:1,h2:2/a%40b?user=me@realm", NULL, NULL},
        {"postgresql://u@%2Frun%2Fa@b/d", NULL, ENCODE},
        {"postgresql+psycopg2://u:hush@h/d", NULL, HEAD},
        {"mysql://u:hush@h/d", NULL, HEAD},
        {"jdbc:postgresql://h/d?user=u&password=hush", NULL, HEAD},
        {"POSTGRESQL://u:hush@h/d", NULL, HEAD},
        {" postgresql://u:hush@h/d", NULL, HEAD},
        {"u:hush@h/d", NULL, HEAD},
        {"postgresql:/u:hush@h/d", NULL, HEAD},
        {"host=x password=hu://sh", NULL, NULL},
        {"host=::1,@abstract dbname=a@b", NULL, NULL},
        {"host=x dbname=postgresql://u:hush@h/d", NULL, ALONE},
        {"host=postgresql://u:hush@h/d", NULL, ALONE},
        {"host=x password=hush port=hush", NULL, "invalid integer value \"\" for connection option \"port\""},
        {"host=x password=hush keepalives=hush", NULL, "invalid integer value \"\" for connection option \"keepalives\""},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct connect_to to = {.conninfo = (char *)rows[i].conninfo, .port = (char *)rows[i].port};
        char words[256] = "";
        if (session_fault(&to, words, sizeof(words)) != (rows[i].words != NULL))
            fail_msg("%s: \"%s\"", rows[i].conninfo, words);
        assert_string_equal(words, rows[i].words ? rows[i].words : "");
        assert_null(strstr(words, "hush"));
    }
}

static void is_set(const char *conninfo, const char *name, const char *want)
{
    const char *value = getenv(name);
    if (strcmp(value ? value : "", want ? want : "") != 0)
        fail_msg("%s: %s is %s", conninfo, name, value ? value : "not set");
}

/* To another machine, without authorities to verify it by and with some. */
static void what_goes_away_is_encrypted(void **state)
{
    (void)state;
    static const struct {
        const char *conninfo, *mode, *auth, *mode_rooted, *auth_rooted;     /* NULL: nothing is set */
    } rows[] = {
        {"host=/run", NULL, NULL, NULL, NULL},
        {"host=localhost,127.0.0.1,::1", NULL, NULL, NULL, NULL},
        {"host=db1", "require", "!password", "verify-full", NULL},
        {"host=localhost,db1", "require", "!password", "verify-full", NULL},
        {"hostaddr=10.0.0.1", "require", "!password", "verify-full", NULL},
        {"host=db1 hostaddr=127.0.0.1", NULL, NULL, NULL, NULL},
        {"host=localhost hostaddr=10.0.0.1", "require", "!password", "verify-full", NULL},
        {"host=tunnel,db2 hostaddr=127.0.0.1,", "require", "!password", "verify-full", NULL},
        {"host=db1,tunnel hostaddr=,127.0.0.1", "require", "!password", "verify-full", NULL},
        {"host=tunnel,,/run hostaddr=127.0.0.1,,", NULL, NULL, NULL, NULL},
        {"hostaddr=127.0.0.1,", NULL, NULL, NULL, NULL},
        {"host=db1 sslmode=disable", "require", "!password", "verify-full", "!password"},
        {"host=db1 sslmode=prefer", "require", "!password", "verify-full", "!password"},
        {"host=db1 sslmode=require", "require", "!password", "verify-full", NULL},
        {"host=db1 sslmode=verify-ca", "require", NULL, "verify-full", NULL},
    };
    char roots[] = "/tmp/pgvigil-roots.XXXXXX", home[100], path[120];
    assert_non_null(mkdtemp(roots));
    snprintf(home, sizeof(home), "%s/.postgresql", roots);
    snprintf(path, sizeof(path), "%s/root.crt", home);
    assert_true(mkdir(home, 0700) == 0 && close(creat(path, 0600)) == 0);
    for (size_t i = 0; i < 2 * COUNT_OF(rows); i++) {
        size_t row = i / 2;
        bool rooted = i % 2;
        setenv("HOME", rooted ? roots : "/nonexistent", 1);
        unsetenv("PGSSLMODE");
        unsetenv("PGREQUIREAUTH");
        trust_prepare(&(struct connect_to){.conninfo = (char *)rows[row].conninfo});
        is_set(rows[row].conninfo, "PGSSLMODE", rooted ? rows[row].mode_rooted : rows[row].mode);
        is_set(rows[row].conninfo, "PGREQUIREAUTH", rooted ? rows[row].auth_rooted : rows[row].auth);
    }
    assert_true(unlink(path) == 0 && rmdir(home) == 0 && rmdir(roots) == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_host_is_this_machine_or_another),
        cmocka_unit_test(words_are_short_and_say_what_to_do),
        cmocka_unit_test(a_conninfo_is_judged_without_a_server),
        cmocka_unit_test(what_goes_away_is_encrypted),
    };
    unsetenv("PGSERVICE");
    unsetenv("PGSERVICEFILE");
    setenv("HOME", "/nonexistent", 1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
