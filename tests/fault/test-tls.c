/* A server on another machine: encrypted, verified where there is something to verify by, named in red where not, and
 * never in clear text unless somebody has said so. The machine is this one, by an address that is no loopback. */
#include "tests/fault/certificate.h"
#include "tests/fault/fault.h"
#include "tests/fault/hostile.h"
#include "tests/fault/network.h"
#include "tests/pty/console.h"
#include "tests/pty/visit.h"

#include "base/attr.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define AWAY "10.77.0.1"
#define WORD "canary-of-a-way"

static struct lab *lab;
static bool network;
static char bare[300], rooted[300], data[300];      /* homes without and with authorities; the server's folder */

static char *words(char *out, size_t size, const char *format, ...) PRINTF_LIKE(3, 4);
static char *words(char *out, size_t size, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(out, size, format, args);
    va_end(args);
    return out;
}

static void write_file(const char *path, const char *text)
{
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs(text, f);
    assert_int_equal(fclose(f), 0);
    assert_int_equal(chmod(path, 0600), 0);
}

/* ---- the server ---- */

/* The server reads its key as somebody else than we are. */
static void serve_certificate(const char *name)
{
    struct stat owner;
    char from[400], to[400], command[900];
    assert_int_equal(stat(data, &owner), 0);
    for (const char *const *ending = (const char *const[]){"crt", "key", NULL}; *ending; ending++) {
        words(from, sizeof(from), "%s/%s.%s", bare, name, *ending);
        words(to, sizeof(to), "%s/server.%s", data, *ending);
        words(command, sizeof(command), "cp '%s' '%s' && chmod 600 '%s'", from, to, to);
        assert_int_equal(system(command), 0);
        assert_true(chown(to, owner.st_uid, owner.st_gid) == 0);
    }
}

static void configure(const char *ssl, const char *certificate)
{
    char sql[100];
    serve_certificate(certificate);
    assert_true(witness_do(lab_conninfo(lab, "primary"), words(sql, sizeof(sql), "alter system set ssl = %s", ssl)));
    assert_true(witness_do(lab_conninfo(lab, "primary"), "select pg_reload_conf()"));
    for (int i = 0; i < 50; i++) {
        if (witness_number(lab_conninfo(lab, "primary"),
                           words(sql, sizeof(sql), "select (current_setting('ssl') = '%s')::int", ssl)) == 1)
            break;
        usleep(100000);
    }
    usleep(200000);         /* the postmaster reads the certificate after it has told the others */
}

static bool open_to_all(void)
{
    static const char *const settings[] = {"listen_addresses = '*'", "ssl_cert_file = 'server.crt'",
                                           "ssl_key_file = 'server.key'", "log_connections = on"};
    char path[400], sql[100];
    words(path, sizeof(path), "%s/pg_hba.conf", data);
    FILE *f = fopen(path, "a");
    bool done = f && fputs("host all all " AWAY "/32 scram-sha-256\n", f) >= 0 && fclose(f) == 0;
    for (size_t i = 0; i < COUNT_OF(settings); i++)
        done = done && witness_do(lab_conninfo(lab, "primary"), words(sql, sizeof(sql), "alter system set %s", settings[i]));
    return done && lab_command(lab, "restart primary");
}

static bool make_homes(void)
{
    char path[400], command[800];
    words(data, sizeof(data), "%s/primary", lab_dir(lab));
    words(bare, sizeof(bare), "%s/bare", lab_dir(lab));
    words(rooted, sizeof(rooted), "%s/rooted", lab_dir(lab));
    words(path, sizeof(path), "%s/.postgresql", rooted);
    if (mkdir(bare, 0700) != 0 || mkdir(rooted, 0700) != 0 || mkdir(path, 0700) != 0)
        return false;
    words(command, sizeof(command), "cp '%s/authority.crt' '%s/root.crt'", bare, path);
    return certificate_make(bare, "authority", NULL, NULL) && certificate_make(bare, "right", "authority", "IP:" AWAY) &&
           certificate_make(bare, "misnamed", "authority", "DNS:other.example") &&
           certificate_make(bare, "stranger", NULL, NULL) && certificate_make(bare, "forged", "stranger", "IP:" AWAY) &&
           system(command) == 0;
}

static int start_lab(void **state)
{
    (void)state;
    network = network_enter() && network_add_address(AWAY);
    lab = lab_start((const char *const[]){"--no-standby", "--no-pooler", NULL});
    return lab && make_homes() && open_to_all() ? 0 : -1;
}

static int stop_lab(void **state)
{
    (void)state;
    fault_remove_tree(bare);        /* they are root's where we are, and the lab is not */
    fault_remove_tree(rooted);
    lab_stop(lab);
    return 0;
}

static bool have_network(void)
{
    if (!network)
        fault_left_out("TLS", "namespaces", "no server can be on another machine");
    return network;
}

/* ---- a look ---- */

static char conninfo[600];

/* More of a conninfo behind it: later ones are stronger. */
static const char *away(const char *more)
{
    int port = 0;
    const char *at = strstr(lab_conninfo(lab, "primary"), "port=");
    assert_int_equal(sscanf(at, "port=%d", &port), 1);
    return words(conninfo, sizeof(conninfo), "host=" AWAY " port=%d dbname=shop user=secret password=%s %s", port,
                 lab_password(lab), more);
}

static const char *hostile_away(const struct hostile *h, const char *more)
{
    return words(conninfo, sizeof(conninfo), "host=" AWAY " port=%d dbname=test user=tester password=" WORD " %s",
                 hostile_port(h), more);
}

/* What a front end says, on a screen of 200 columns; env: one setting more, or NULL. */
static struct pty *look(const char *front_end, const char *target, const char *home, const char *env, int want)
{
    char home_setting[320];
    int status;
    words(home_setting, sizeof(home_setting), "HOME=%s", home);
    struct pty *p = console_start(&(struct console_start){
        .args = (const char *const[]){front_end, target, strcmp(front_end, "report") == 0 ? "--json" : NULL,
                                      "--probe=server", NULL},
        .rows = 50, .cols = 200, .env = (const char *const[]){home_setting, env, NULL}});
    assert_true(pty_wait_exit(p, 2 * PATIENCE, &status));
    if (!WIFEXITED(status) || WEXITSTATUS(status) != want)
        pty_print(p, front_end);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), want);
    return p;
}

static bool came(struct pty *p, const char *what)
{
    size_t n;
    const char *bytes = pty_bytes(p, 0, &n);
    bool found = memmem(bytes, n, what, strlen(what)) != NULL;
    if (!found)
        pty_print(p, what);
    return found;
}

static void reports(const char *what, const char *target, const char *home, const char *env, const char *tls)
{
    char want[80];
    struct pty *p = look("report", target, home, env, 0);
    fault_true("TLS", what, came(p, words(want, sizeof(want), "\"tls\": \"%s\"", tls)));
    pty_free(p);
}

enum { NOT_REACHED = 3 };

static void refuses(const char *what, const char *target, const char *home, const char *env, const char *sentence)
{
    struct pty *p = look("report", target, home, env, NOT_REACHED);
    fault_true("TLS", what, came(p, sentence));
    pty_free(p);
}

/* How many sessions the server has let in, or has asked for a password. */
static int logins(long from)
{
    const char *log = lab_log(lab, "primary");
    return log_count(log, from, "user=secret") + log_count(log, from, "authentication failed");
}

/* ---- a server with a certificate ---- */

static void one_whose_certificate_is_good_is_verified(void **state)
{
    (void)state;
    if (!have_network())
        return;
    char named[400];
    configure("on", "right");
    reports("an authority at home verifies by itself", away(""), rooted, NULL, "verified");
    reports("and so does one that is named", away(words(named, sizeof(named), "sslrootcert='%s/authority.crt'", bare)), bare,
            NULL, "verified");
    struct pty *p = look("doctor", away(""), rooted, NULL, 1);
    fault_true("TLS", "doctor says so", came(p, "and verified"));
    pty_free(p);
}

static void one_in_the_middle_gets_nothing(void **state)
{
    (void)state;
    if (!have_network())
        return;
    long from = log_end(lab_log(lab, "primary"));
    configure("on", "forged");
    refuses("a certificate of another authority", away(""), rooted, NULL,
            "SSL error: certificate verify failed: sslrootcert is of another authority, or somebody stands between");
    configure("on", "misnamed");
    refuses("a certificate of another name", away(""), rooted, NULL,
            "server certificate for \"other.example\" (and 1 other name) does not match host name \"" AWAY
            "\": name the host as its certificate does, or somebody stands between");
    fault_most("TLS", "logins tried there", logins(from), 0, "");
    configure("on", "right");
}

static void an_authority_that_is_not_there_is_no_reason_to_do_without(void **state)
{
    (void)state;
    if (!have_network())
        return;
    long from = log_end(lab_log(lab, "primary"));
    refuses("an authority that is not there", away("sslrootcert=/nowhere/root.crt"), bare, NULL,
            "root certificate file \"/nowhere/root.crt\" does not exist");
    refuses("PGSSLMODE of the user stays", away(""), bare, "PGSSLMODE=verify-full", "does not exist");
    fault_most("TLS", "logins tried there", logins(from), 0, "");
}

static void without_authorities_it_is_encrypted_and_red(void **state)
{
    (void)state;
    if (!have_network())
        return;
    char home[320];
    reports("without authorities", away(""), bare, NULL, "unverified");
    reports("verify-ca says nothing of the name", away("sslmode=verify-ca"), rooted, NULL, "unverified");
    reports("bound to the channel", away("channel_binding=require"), bare, NULL, "verified");
    struct pty *p = look("doctor", away(""), bare, NULL, 1);
    fault_true("TLS", "doctor says UNVERIFIED", came(p, "but UNVERIFIED: somebody may stand between"));
    pty_free(p);
    p = console_start(&(struct console_start){
        .args = (const char *const[]){away(""), NULL},
        .env = (const char *const[]){words(home, sizeof(home), "HOME=%s", bare), NULL}});
    assert_true(console_wait_data(p, PATIENCE));
    int row, col;
    assert_true(pty_find(p, "unverified", &row, &col));
    struct pty_cell plain = pty_cell(p, 0, 1), tag = pty_cell(p, row, col);
    fault_true("TLS", "the first line says so, in a colour of its own", row == 0 && (tag.fg != plain.fg || tag.bg != plain.bg));
    pty_resize(p, 12, 40);
    fault_true("TLS", "on a small screen too", pty_wait_regex(p, "^ .*unverified", PATIENCE));
    visit_leave(p);
}

/* ---- a server without ---- */

static void one_without_tls_is_refused(void **state)
{
    (void)state;
    if (!have_network())
        return;
    struct hostile *h = hostile_start((const char *const[]){"--address", AWAY, "--auth", "cleartext", NULL});
    static const char sentence[] = "server does not support SSL, but SSL was required: switch ssl on there, or say "
                                   "sslmode=disable to send all in clear text";
    char home[320];
    refuses("a server without TLS", hostile_away(h, ""), bare, NULL, sentence);
    refuses("the same with authorities", hostile_away(h, ""), rooted, NULL, sentence);
    words(conninfo, sizeof(conninfo), "host=tunnel," AWAY " hostaddr=127.0.0.1, port=1,%d user=tester password=" WORD,
          hostile_port(h));
    refuses("the same behind a tunnel that is shut, by its name", conninfo, bare, NULL, sentence);
    struct pty *p = console_start(&(struct console_start){
        .args = (const char *const[]){hostile_away(h, ""), NULL}, .cols = 160,
        .env = (const char *const[]){words(home, sizeof(home), "HOME=%s", bare), NULL}});
    fault_true("TLS", "the page says why", pty_wait(p, "does not support SSL", PATIENCE));
    pty_send(p, ":why<Enter>");
    fault_true("TLS", "and what it is", pty_wait(p, "is not trusted", PATIENCE));
    for (int i = 0; i < 4; i++) {
        pty_send(p, "<C-r>");
        pty_settle(p, 300);
    }
    fault_most("TLS", "start-ups sent after five attempts", (double)hostile_count(h, "startup"), 0, "");
    fault_most("TLS", "passwords sent", (double)hostile_count(h, "password"), 0, "");
    visit_leave(p);
    hostile_stop(h);
}

static void clear_text_is_what_somebody_has_to_say(void **state)
{
    (void)state;
    if (!have_network())
        return;
    char home[320], path[400], setting[420], both[900];
    struct hostile *h = hostile_start((const char *const[]){"--address", AWAY, "--auth", "scram", "--password", WORD,
                                                            "--behind", lab_conninfo(lab, "primary"), NULL});
    reports("sslmode=disable in the conninfo is obeyed", hostile_away(h, "sslmode=disable"), bare, NULL, "none");
    reports("sslmode=prefer too", hostile_away(h, "sslmode=prefer"), bare, NULL, "none");
    reports("PGSSLMODE too", hostile_away(h, ""), bare, "PGSSLMODE=disable", "none");
    words(path, sizeof(path), "%s/service.conf", bare);
    write_file(path, words(both, sizeof(both), "[way]\nhost=" AWAY "\nport=%d\nuser=tester\ndbname=test\npassword=" WORD
                                               "\nsslmode=disable\n", hostile_port(h)));
    reports("a service too", "service=way", bare, words(setting, sizeof(setting), "PGSERVICEFILE=%s", path), "none");
    struct pty *p = console_start(&(struct console_start){
        .args = (const char *const[]){hostile_away(h, "sslmode=disable"), NULL},
        .env = (const char *const[]){words(home, sizeof(home), "HOME=%s", bare), NULL}});
    assert_true(console_wait_data(p, PATIENCE));
    fault_true("TLS", "the first line says CLEAR TEXT", strstr(pty_row(p, 0), "CLEAR TEXT") != NULL);
    visit_leave(p);
    hostile_stop(h);
}

/* Even then the password itself is not for everybody on the way; what SCRAM makes of it is, until it is done. */
static void no_password_goes_in_clear_text(void **state)
{
    (void)state;
    if (!have_network())
        return;
    static const char plain[] = "the server wants the password in clear text over a line that is not encrypted: it was not sent",
                      hidden[] = "the server does not say plainly what it asks for, over a line that is not encrypted: the "
                                 "password was not sent";
    static const struct {
        const char *auth, *more, *words;
    } rows[] = {
        {"cleartext", "sslmode=disable", plain},     {"hidden", "sslmode=disable", hidden},
        {"hidden-split", "sslmode=disable", hidden}, {"after-n", "sslmode=prefer", hidden},
        {"hidden-scram", "sslmode=disable", plain},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct hostile *h = hostile_start((const char *const[]){"--address", AWAY, "--auth", rows[i].auth, "--password", WORD, NULL});
        refuses(rows[i].auth, hostile_away(h, rows[i].more), bare, NULL, rows[i].words);
        fault_most("TLS", "passwords sent in clear text", log_count(hostile_log(h), 0, WORD), 0, "");
        if (!strstr(rows[i].auth, "scram"))
            fault_most("TLS", "passwords sent", (double)hostile_count(h, "password"), 0, "");
        assert_true(hostile_count(h, "connect") > 0);
        hostile_stop(h);
    }
}

/* Within this machine there is nobody to hear it. */
static void this_machine_needs_none(void **state)
{
    (void)state;
    struct hostile *h = hostile_start((const char *const[]){"--auth", "cleartext", "--password", WORD, "--behind",
                                                            lab_conninfo(lab, "primary"), NULL});
    char at[200];
    words(at, sizeof(at), "host=localhost port=%d dbname=test user=tester password=" WORD, hostile_port(h));
    reports("localhost", at, bare, NULL, "local");
    reports("a socket", lab_conninfo(lab, "primary"), rooted, NULL, "local");
    assert_true(hostile_count(h, "password") > 0 && log_count(hostile_log(h), 0, WORD) > 0);    /* the counts do count */
    hostile_stop(h);
}

int main(int argc, char **argv)
{
    static const struct fault_test tests[] = {
        FAULT(one_whose_certificate_is_good_is_verified),
        FAULT(one_in_the_middle_gets_nothing),
        FAULT(an_authority_that_is_not_there_is_no_reason_to_do_without),
        FAULT(without_authorities_it_is_encrypted_and_red),
        FAULT(one_without_tls_is_refused),
        FAULT(clear_text_is_what_somebody_has_to_say),
        FAULT(no_password_goes_in_clear_text),
        FAULT(this_machine_needs_none),
    };
    return fault_run(argc, argv, tests, COUNT_OF(tests), start_lab, stop_lab);
}
