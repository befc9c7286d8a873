/* pgvigil.yaml: what it sets, what it may not say and with which words, where it is looked for, how it is
 * shown. */
#include "conf/config.h"

#include "base/mem.h"
#include "conf/options.h"

#include <fcntl.h>
#include <math.h>
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

/* ---- another room's settings ---- */

struct history {
    bool on;
    int64_t memory;
    double keep_s, share;
    int64_t depth;
    int kind;
    char *dir, *label;
    struct words pages;
};

static const char *const kinds[] = {"small", "large", NULL};
static struct history history;
#define AT(f) offsetof(struct history, f)
static const struct setting history_table[] = {
    {"on", SETTING_BOOL, AT(on), 0, 0, NULL, "true", false, false, "Keep a history."},
    {"size.memory", SETTING_SIZE, AT(memory), 1024, 1048576, NULL, "64 kB", false, false, "Memory for it."},
    {"size.keep", SETTING_DURATION, AT(keep_s), 1, 86400, NULL, "1 h", false, false, "How long."},
    {"size.share", SETTING_FRACTION, AT(share), 0.1, 0.9, NULL, "50 %", false, false, "How much."},
    {"depth", SETTING_INT, AT(depth), -5, 100, NULL, "3", false, false, "How deep."},
    {"kind", SETTING_ENUM, AT(kind), 0, 0, kinds, "large", false, false, "Which."},
    {"dir", SETTING_TEXT, AT(dir), 0, 0, NULL, NULL, false, false, "Where."},
    {"label", SETTING_WORD, AT(label), 0, 0, NULL, NULL, false, true, "A secret word."},
    {"pages", SETTING_WORDS, AT(pages), 0, 3, NULL, "a, b", false, false, "Some words."},
    {NULL},
};

static const char *const probes[] = {"server", "sessions", "tables", NULL};
static const char *const pages[] = {"overview", "sessions", "queues", NULL};
static const char *const requests[] = {"quit", "refresh", "next", NULL};
static const struct threshold_form thresholds[] = {
    {"replication_lag", SETTING_DURATION, false, "10 s", "1 min", "How far a standby may be behind."},
    {"disk_free", SETTING_FRACTION, true, "20 %", "10 %", "How much disk should be left."},
    {"blocked", SETTING_INT, false, "1", NULL, "How many sessions may wait."},
    {NULL},
};
static const struct config_section sections[] = {{"history", "The past.", history_table, &history}, {NULL}};
static const struct rule_form rules[] = {
    {"blocked", "Sessions wait."}, {"replication_lag", "A standby is behind."}, {"archiving", "It fails."}, {NULL, NULL}};
static const struct config_form form = {probes, pages, requests, NULL, thresholds, sections, rules};

static bool load(struct config *c, const char *text, bool private, struct buf *report)
{
    struct conf_errors errors = {0};
    bool ok = config_parse(c, &form, "f", text, strlen(text), private, &errors);
    conf_errors_print(&errors, report);
    assert_true(ok == (errors.n == 0));
    conf_errors_free(&errors);
    return ok;
}

static void unload(struct config *c)
{
    config_free(c);
    options_free(history_table, &history);
}

static void without_a_file_all_is_default(void **state)
{
    (void)state;
    struct config c;
    struct conf_errors errors = {0};
    assert_true(config_load(&c, &form, NULL, &errors));
    assert_true(c.interval_s == 2 && c.background_s == 10);
    assert_string_equal(c.theme, "dark");
    assert_int_equal(c.glyphs, CHARSET_AUTO);
    assert_true(c.mouse);
    assert_int_equal(c.pages.n, 3);
    assert_string_equal(c.pages.list[2], "queues");
    assert_true(c.judging.thresholds[0].crit == 60 && c.judging.thresholds[1].warn == 0.2 && isnan(c.judging.thresholds[2].crit));
    assert_true(history.on && history.memory == 65536 && history.keep_s == 3600 && history.share == 0.5);
    assert_int_equal(history.kind, 1);
    assert_int_equal(history.pages.n, 2);
    unload(&c);
}

static const char full[] =
    "format: 1\ninterval: 500 ms\nbackground: 1 min\ntheme: light\nglyphs: ascii\ngraph: braille\nmouse: "
    "true\n"
    "probes:\n  tables: 60 s\n  server: false\n"
    "targets:\n- name: shop-1\n  conninfo: host=/tmp dbname=shop\n  group: shop\n  environment: prod\n  "
    "interval: 5 s\n"
    "  probes:\n    server: true\n    sessions: 3 s\n"
    "  thresholds:\n    disk_free:\n      crit: 1 %\n  rules:\n    blocked: true\n- name: b\n  service: billing\n"
    "groups:\n  shop:\n    thresholds:\n      replication_lag:\n        warn: 5 min\n    rules:\n      archiving:\n"
    "        runbook: call\n"
    "thresholds:\n  replication_lag:\n    warn: 1 s\n    crit: false\n  disk_free:\n    crit: 5 %\n"
    "rules:\n  blocked: off\n  replication_lag:\n    runbook: 'see: #1'\n"
    "pages:\n- queues\n- overview\nkeys:\n  refresh:\n  - r\n  - F5\n  quit: []\n"
    "history:\n  on: false\n  size:\n    memory: 1 MB\n    keep: 7 h\n  depth: -2\n  kind: small\n  dir: "
    "/var/x\n"
    "  label: hush\n  pages:\n  - x\n";

static void a_full_file_sets_everything(void **state)
{
    (void)state;
    struct config c;
    struct buf report = {0};
    load(&c, full, false, &report);
    assert_string_equal(buf_text(&report), "");
    assert_true(c.interval_s == 0.5 && c.background_s == 60 && c.mouse);
    assert_int_equal(c.graph, GRAPH_BRAILLE);
    assert_int_equal(c.ntargets, 2);
    assert_string_equal(c.targets[0].environment, "prod");
    assert_true(c.targets[0].interval_s == 5 && c.targets[0].background_s == 0);
    assert_true(config_probe(&c.targets[0], "server")->on);
    assert_true(config_probe(&c.targets[0], "sessions")->interval_s == 3);
    assert_false(config_probe(&c.targets[1], "server")->on);
    assert_true(config_probe(&c.targets[1], "tables")->interval_s == 60);
    assert_null(config_probe(&c.targets[1], "sessions"));
    assert_true(c.judging.thresholds[0].warn == 1 && isnan(c.judging.thresholds[0].crit));
    assert_true(!c.judging.rules[0].on && c.judging.rules[1].on && c.judging.rules[2].on && !c.judging.rules[0].runbook);
    assert_string_equal(c.judging.rules[1].runbook, "see: #1");
    assert_true(c.judging.thresholds[1].warn == 0.2 && fabs(c.judging.thresholds[1].crit - 0.05) < 1e-12);
    const struct judging *shop = &c.targets[0].judging, *b = &c.targets[1].judging;
    assert_true(shop->thresholds[0].warn == 300 && isnan(shop->thresholds[0].crit));
    assert_true(shop->thresholds[1].warn == 0.2 && fabs(shop->thresholds[1].crit - 0.01) < 1e-12);
    assert_true(shop->rules[0].on && strcmp(shop->rules[1].runbook, "see: #1") == 0);
    assert_string_equal(shop->rules[2].runbook, "call");
    assert_true(b->thresholds[0].warn == 1 && !b->rules[0].on && !b->rules[2].runbook);
    assert_int_equal(c.nkeys, 2);
    assert_string_equal(c.keys[0].request, "refresh");
    assert_string_equal(c.keys[0].keys.list[1], "F5");
    assert_int_equal(c.keys[1].keys.n, 0);
    assert_string_equal(c.pages.list[0], "queues");
    assert_true(!history.on && history.memory == 1048576 && history.keep_s == 25200 && history.depth == -2);
    assert_string_equal(history.label, "hush");
    unload(&c);
    buf_free(&report);
}

static void what_is_shown_can_be_read_again(void **state)
{
    (void)state;
    struct config c;
    struct buf report = {0}, shown = {0}, again = {0};
    load(&c, full, false, &report);
    struct err err;
    assert_true(options_set(config_settings(), "theme", "mono", &c, c.origins, &err));
    assert_false(options_set(config_settings(), "interval", "soon", &c, c.origins, &err));
    assert_non_null(strstr(err.text, "interval takes a duration"));
    config_show(&c, &shown);
    const char *text = buf_text(&shown);
    assert_null(strstr(text, "dbname"));
    assert_null(strstr(text, "hush"));
    assert_non_null(strstr(text, "#conninfo: (set, not shown)"));
    assert_non_null(strstr(text, "interval: 500 ms                          # f:2:1\n"));
    assert_non_null(strstr(text, "theme: mono                               # command line\n"));
    assert_non_null(strstr(text, "    share: 50 %                           # default\n"));
    unload(&c);
    char *readable = mem_string(text), *conninfo = strstr(readable, "#conninfo: (set, not shown)");
    memcpy(conninfo, "conninfo: host=x           ", 27);
    load(&c, readable, false, &report);
    assert_string_equal(buf_text(&report), "");
    assert_true(c.interval_s == 0.5 && c.targets[0].interval_s == 5 && history.keep_s == 25200);
    assert_false(config_probe(&c.targets[1], "server")->on);
    assert_int_equal(c.pages.n, 2);
    assert_true(!c.judging.rules[0].on && c.judging.rules[1].on);
    assert_string_equal(c.judging.rules[1].runbook, "see: #1");
    const struct judging *shop = &c.targets[0].judging;
    assert_true(shop->thresholds[0].warn == 300 && fabs(shop->thresholds[1].crit - 0.01) < 1e-12 && shop->rules[0].on);
    assert_string_equal(shop->rules[2].runbook, "call");
    assert_false(c.targets[1].judging.rules[0].on);
    unload(&c);
    free(readable);
    buf_free(&report);
    buf_free(&shown);
    buf_free(&again);
}

/* As it is, and with the # of every setting removed, but for what must be made up. */
static void the_file_to_begin_with_is_right(void **state)
{
    (void)state;
    struct config c;
    struct buf init = {0}, open = {0}, report = {0};
    config_init(&form, &init);
    load(&c, buf_text(&init), false, &report);
    assert_string_equal(buf_text(&report), "");
    unload(&c);
    char *copy = mem_string(buf_text(&init)), *rest = copy;
    for (char *line; (line = strsep(&rest, "\n"));) {
        bool valued = line[0] == '#' && line[1] && (line[1] != ' ' || line[2] == ' ') &&
                      !strstr(line, " dir:") && !strstr(line, " label:");
        buf_printf(&open, "%s\n", valued ? line + 1 : line);
    }
    load(&c, buf_text(&open), false, &report);
    if (report.len)
        fputs(buf_text(&open), stderr);
    assert_string_equal(buf_text(&report), "");
    assert_int_equal(c.ntargets, 1);
    assert_true(c.interval_s == 2 && c.judging.thresholds[0].crit == 60 && history.keep_s == 3600);
    unload(&c);
    free(copy);
    buf_free(&init);
    buf_free(&open);
    buf_free(&report);
}

struct fault {
    const char *text, *report;
};

static const struct fault faults[] = {
    {"", "f:1:1: The file is empty: begin it with format: 1.\n"},
    {"theme: dark\n", "f:1:1: The key \"format\" is missing: begin the file with format: 1.\n"},
    {"format: 2\n", "f:1:9: This version of pgvigil reads format: 1 only.\n"},
    {"- a\n", "f:1:1: the file takes a map, not a list.\n"},
    {"format: 1\nintervall: 2 s\n", "f:2:1: There is no key \"intervall\": did you mean \"interval\"?\n"},
    {"format: 1\nhistory:\n  size:\n    mem: 1 MB\n",
     "f:4:5: There is no key \"mem\": did you mean \"memory\"?\n"},
    {"format: 1\nmouse: yes\n", "f:2:8: mouse takes true or false, not \"yes\".\n"},
    {"format: 1\nmouse: banana\n", "f:2:8: mouse takes true or false, not \"banana\".\n"},
    {"format: 1\nmouse: 'true'\n", "f:2:8: mouse takes true or false, not text in quotes, \"true\".\n"},
    {"format: 1\ninterval: 2\n", "f:2:11: interval takes a duration with its unit, such as 250 ms, 2 s, 10 "
                                 "min, 1 h or 7 d, from 100 ms to 1 h, "
                                 "not \"2\".\n"},
    {"format: 1\ninterval: 0 s\n", "f:2:11: interval takes a duration with its unit, such as 250 ms, 2 s, 10 "
                                   "min, 1 h or 7 d, from 100 ms to 1 h, "
                                   "not \"0 s\".\n"},
    {"format: 1\ntheme:\n",
     "f:2:7: theme takes a word of letters, digits, \"_\", \"-\" and \".\", at most 63 long, not nothing.\n"},
    {"format: 1\nglyphs: asci\n", "f:2:9: There is no value \"asci\": did you mean \"ascii\"?\n"},
    {"format: 1\nhistory:\n  size:\n    share: 95 %\n    memory: 2 TB\n  depth: 1e3\n  pages: x\n",
     "f:4:12: share takes a share, such as 80 % or 0.8, from 10 % to 90 %, not \"95 %\".\n"
     "f:5:13: memory takes a size with its unit, such as 512 kB, 64 MB or 1 GB, from 1 kB to 1 MB, not \"2 "
     "TB\".\n"
     "f:6:10: depth takes a whole number, from -5 to 100, not \"1e3\".\n"
     "f:7:10: pages takes a list of words, 0 to 3 of them, not \"x\".\n"},
    {"format: 1\ntargets:\n- name: a\n- name: a\n  service: x\n- service: y\n- name: 'b c'\n  service: z\n- "
     "x\n",
     "f:3:3: This target has neither conninfo nor service: add one, such as conninfo: host=10.0.0.5 "
     "dbname=app.\n"
     "f:4:9: The name \"a\" is taken by the target on line 3: choose another.\n"
     "f:6:3: The key \"name\" is missing here. What the target is called here; no two may have the same "
     "name.\n"
     "f:7:9: name takes a word of letters, digits, \"_\", \"-\" and \".\", at most 63 long, not \"b c\".\n"
     "f:9:3: each of the targets takes a map, not a single value.\n"},
    {"format: 1\ntargets:\n- name: a\n  conninfo: host=x password=hush\n",
     "f:4:13: This conninfo holds a password, but the file is not private: chmod 600 it and own it, or "
     "better, "
     "move the password to ~/.pgpass.\n"},
    {"format: 1\ntargets:\n- name: a\n  kind: app\n  url: file:///etc/passwd\n- name: b\n  kind: app\n"
     "- name: c\n  kind: app\n  url: http://u:p@h/\n- name: d\n  kind: app\n  url: http://h/\n  conninfo: host=x\n"
     "- name: e\n  url: http://h/\n  service: x\n- name: f\n  kind: pooler\n  service: x\n- name: g\n  kind: app\n"
     "  url: https://\n",
     "f:5:8: The URL of an application begins with http:// or https://.\n"
     "f:6:3: This application has no url: add one, such as url: http://127.0.0.1:8080/metrics/database.\n"
     "f:10:8: This url may hold a secret, but the file is not private: chmod 600 it and own it.\n"
     "f:14:3: An application has a url alone: its database is a target of its own, with a conninfo or a service.\n"
     "f:16:3: Only an application has url: add kind: app, or take it away.\n"
     "f:19:9: There is no value \"pooler\" here: there are server, app.\n"
     "f:23:8: The URL of an application names no host, as http://127.0.0.1:8080/metrics/database does.\n"},
    {"format: 1\ntargets:\n- name: a\n  kind: app\n  url: https://h/\n  ca: ca.crt\n- name: b\n  kind: app\n"
     "  url: http://h/\n  ca: /ca.crt\n- name: c\n  conninfo: host=x\n  ca: /ca.crt\n",
     "f:6:7: A file of certificates is named by its whole path, from / on.\n"
     "f:10:7: Without TLS nobody shows a certificate: let the url begin with https://.\n"
     "f:13:3: Only an application has ca: add kind: app, or take it away.\n"},
    {"format: 1\nprobes:\n  servr: true\n  tables: often\n  sessions: 10 ms\n",
     "f:3:3: There is no key \"servr\": did you mean \"server\"?\n"
     "f:4:11: The probe tables takes true, false or an interval such as 60 s.\n"
     "f:5:13: sessions takes a duration with its unit, such as 250 ms, 2 s, 10 min, 1 h or 7 d, from 100 ms "
     "to 1 d, "
     "not \"10 ms\".\n"},
    {"format: 1\nthresholds:\n  lag: 1\n  disk_free:\n    warn: 5 %\n  blocked:\n    warm: 3\n",
     "f:3:3: There is no key \"lag\" here: there are replication_lag, disk_free, blocked.\n"
     "f:4:3: crit of disk_free must be lower than warn, or nothing ever warns: less is worse.\n"
     "f:7:5: There is no key \"warm\": did you mean \"warn\"?\n"},
    {"format: 1\nrules:\n  blockd: off\n  blocked: maybe\n  archiving:\n    enabled: 'true'\n    runbok: x\n"
     "  replication_lag:\n    enabled: no\n    runbook: ''\n",
     "f:3:3: There is no key \"blockd\": did you mean \"blocked\"?\n"
     "f:4:12: The rule blocked takes true, false, off, or a map with enabled and runbook.\n"
     "f:6:14: enabled takes true or false, not text in quotes, \"true\".\n"
     "f:7:5: There is no key \"runbok\": did you mean \"runbook\"?\n"
     "f:9:14: enabled takes true or false, not \"no\".\n"
     "f:10:14: runbook takes text, 1 to 1000 bytes long, not \"\".\n"},
    {"format: 1\ntargets:\n- name: a\n  service: x\n  group: shop\n  thresholds:\n    lag: 1\n  rules:\n    blocked: 1\n"
     "groups:\n  shop:\n    probes: {}\n    rules: off\n  shp: {}\n",
     "f:7:5: There is no key \"lag\" here: there are replication_lag, disk_free, blocked.\n"
     "f:9:14: The rule blocked takes true, false, off, or a map with enabled and runbook.\n"
     "f:12:5: There is no key \"probes\": did you mean \"rules\"?\n"
     "f:13:12: rules takes a map, not a single value.\n"
     "f:14:3: No target is in the group \"shp\": say group: shp in one.\n"},
    {"format: 1\nrules: off\n", "f:2:8: rules takes a map, not a single value.\n"},
    {"format: 1\nrules:\n  blocked: off\n  blocked: true\n", "f:4:3: The key \"blocked\" stands twice: it is first on line 3; remove one.\n"},
    {"format: 1\npages:\n- overview\n- overview\n- quues\n",
     "f:4:3: \"overview\" stands twice in this list: remove one.\n"
     "f:5:3: There is no value \"quues\": did you mean \"queues\"?\n"},
    {"format: 1\nkeys:\n  quit:\n  - q\n  - ''\n  - q\n  refresh:\n  - q\n  nexd:\n  - n\n",
     "f:5:5: \"\" is not the name of a key: see the keys under ? in the console.\n"
     "f:6:5: The key \"q\" stands twice in this list: remove one.\n"
     "f:9:3: There is no key \"nexd\": did you mean \"next\"?\n"},
};

static void faults_are_named_all_at_once(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(faults); i++) {
        struct config c;
        struct buf report = {0};
        assert_false(load(&c, faults[i].text, false, &report));
        assert_string_equal(buf_text(&report), faults[i].report);
        for (size_t t = 0; t < c.ntargets; t++)
            assert_true(c.targets[t].name && (c.targets[t].conninfo || c.targets[t].service || c.targets[t].url));
        unload(&c);
        buf_free(&report);
    }
}

static void passwords_are_seen_in_every_form(void **state)
{
    (void)state;
    static const char *const with[] = {
        "host=x password=y",           "password = y",
        "password='a b' host=x",       "sslpassword=x",
        "postgres://u:p@h/d",          "postgresql://u:p@h",
        "postgresql://h/d?password=x", "postgresql://h/d?p%61ssword=x",
        "postgresql+x://u:p@h/d",      "u:p@h/d",
    };
    static const char *const without[] = {
        "host=x dbname=y",
        "passfile=/home/x/.pgpass",
        "postgres://u@h:5432/d",
        "postgresql://h:5432/d",
        "service=x",
        "host=::1,@abstract",
        "a@b",
        "",
    };
    for (size_t i = 0; i < COUNT_OF(with); i++)
        assert_true(conninfo_has_secret(with[i]));
    for (size_t i = 0; i < COUNT_OF(without); i++)
        assert_false(conninfo_has_secret(without[i]));
}

static void the_parts_of_a_conninfo_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *conninfo, *host, *port, *database, *service;
    } rows[] = {
        {"", "", "", "", ""},
        {"shop", "", "", "shop", ""},
        {"host=db1,db2 port=1,2 dbname=shop user=u", "db1", "1", "shop", ""},
        {"host = 'a b'  dbname='it\\'s'", "a b", "", "it's", ""},
        {"service=s password=hush", "", "", "", "s"},
        {"hostaddr=10.0.0.5", "10.0.0.5", "", "", ""},
        {"options='-c host=x' host=y", "y", "", "", ""},
        {"passfile=/dbname=z host=h", "h", "", "", ""},
        {"postgresql://u:hush@db1:5433,db2/shop?sslmode=require", "db1", "5433", "shop", ""},
        {"postgresql://u@x:hush@db1", "db1", "", "", ""},
        {"postgresql://u:hush?hush@db1?user=me@x", "db1", "", "", ""},
        {"postgresql://u:hu/hush@db1/d", "", "", "", ""},
        {"postgresql://u:hu@hu/hush@db1:1/d", "", "", "", ""},
        {"postgresql+x://u:hush@db1/d", "", "", "", ""},
        {"postgres://[::1]:7/d", "::1", "7", "d", ""},
        {"postgres://%2Fvar%2Frun/d%20e?port=8", "/var/run", "8", "d e", ""},
        {"postgres:///?host=/tmp&dbname=d", "/tmp", "", "d", ""},
        {"dbname=postgres://u:hush@h/d", "", "", "", ""},
        {"host=x bogus", "x", "", "", ""},
        {"host='x", "x", "", "", ""},
        {"postgres://[::1", "::1", "", "", ""},
        {"postgres://h/%", "h", "", "%", ""},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct conninfo_parts p;
        conninfo_read(rows[i].conninfo, &p);
        assert_string_equal(p.host, rows[i].host);
        assert_string_equal(p.port, rows[i].port);
        assert_string_equal(p.database, rows[i].database);
        assert_string_equal(p.service, rows[i].service);
    }
}

/* ---- files ---- */

static void put(const char *path, const char *text, mode_t mode)
{
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs(text, f);
    assert_int_equal(fclose(f), 0);
    assert_int_equal(chmod(path, mode), 0);
}

static void check_file(const char *path, const char *text, mode_t mode, const char *sentence)
{
    struct config c;
    struct conf_errors errors = {0};
    struct buf report = {0};
    put(path, text, mode);
    bool ok = config_load(&c, &form, path, &errors);
    conf_errors_print(&errors, &report);
    assert_true(ok == !sentence);
    if (sentence)
        assert_non_null(strstr(buf_text(&report), sentence));
    assert_null(strstr(buf_text(&report), "hush"));
    unload(&c);
    conf_errors_free(&errors);
    buf_free(&report);
}

static void files_are_found_and_judged(void **state)
{
    (void)state;
    char dir[] = "/tmp/pgvigil-config-XXXXXX", inner[64], path[128];
    assert_non_null(mkdtemp(dir));
    snprintf(path, sizeof(path), "%s/pgvigil.yaml", dir);
    const char *secret = "format: 1\ntargets:\n- name: a\n  conninfo: postgres://u:hush@h/d\n";
    check_file(path, "format: 1\n", 0644, NULL);
    check_file(path, "format: 1\n", 0646, "Everybody may write to this file (mode 0646)");
    check_file(path, secret, 0600, NULL);
    check_file(path, secret, 0640, "chmod 600 it");
    setenv("PGVIGIL_CONFIG_DIR", dir, 1);
    char *found = config_find();
    assert_string_equal(found, path);
    free(found);
    assert_int_equal(unlink(path), 0);
    assert_null(config_find());
    unsetenv("PGVIGIL_CONFIG_DIR");
    snprintf(inner, sizeof(inner), "%s/pgvigil", dir);
    assert_int_equal(mkdir(inner, 0700), 0);
    snprintf(path, sizeof(path), "%s/pgvigil.yaml", inner);
    put(path, "format: 1\n", 0600);
    setenv("XDG_CONFIG_HOME", dir, 1);
    found = config_find();
    assert_string_equal(found, path);
    free(found);
    struct config c;
    struct conf_errors errors = {0};
    assert_false(config_load(&c, &form, inner, &errors));
    assert_non_null(strstr(errors.list[0].sentence, "not a regular file"));
    unload(&c);
    assert_int_equal(unlink(path), 0);
    assert_false(config_load(&c, &form, path, &errors));
    assert_non_null(strstr(errors.list[1].sentence, "No such file"));
    unload(&c);
    conf_errors_free(&errors);
    assert_int_equal(rmdir(inner), 0);
    assert_int_equal(rmdir(dir), 0);
}

static void the_manual_has_every_setting(void **state)
{
    (void)state;
    struct buf out = {0};
    config_manual(&form, &out);
    for (const struct setting *s = config_settings(); s->key; s++) {
        char item[80];
        snprintf(item, sizeof(item), ".It Cm %s\n", s->key);
        assert_non_null(strstr(buf_text(&out), item));
    }
    assert_non_null(strstr(buf_text(&out), ".It Cm size.memory\n"));
    assert_non_null(strstr(buf_text(&out), ".It Cm disk_free\n"));
    buf_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_file_all_is_default),   cmocka_unit_test(a_full_file_sets_everything),
        cmocka_unit_test(what_is_shown_can_be_read_again), cmocka_unit_test(the_file_to_begin_with_is_right),
        cmocka_unit_test(faults_are_named_all_at_once),    cmocka_unit_test(passwords_are_seen_in_every_form),
        cmocka_unit_test(files_are_found_and_judged),      cmocka_unit_test(the_manual_has_every_setting),
        cmocka_unit_test(the_parts_of_a_conninfo_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
