/* Applications on the real screen: one that is silent disturbs nobody, and an exhausted pool is named with its cause. */
#include "tests/fault/app.h"
#include "tests/fault/fault.h"
#include "tests/lab/lab_client.h"
#include "tests/pty/console.h"
#include "tests/pty/visit.h"

#include "base/attr.h"

#include <libpq-fe.h>
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

#define INTERVAL_MS 2000
#define POOL        10

static struct lab *lab;
static char config[4096];

/* The application first, so that its overview is the first screen. */
static struct pty *open_console(const struct app *a)
{
    snprintf(config, sizeof(config), "%s/app.yaml", lab_dir(lab));
    FILE *f = fopen(config, "w");
    assert_non_null(f);
    fprintf(f, "format: 1\ntargets:\n- name: shop-api\n  kind: app\n  url: %s\n  application: billing-api\n"
               "  group: shop\n- name: shop-1\n  conninfo: %s\n  group: shop\n", app_url(a),
            lab_conninfo(lab, "primary"));
    assert_int_equal(fclose(f), 0);
    return console_start(&(struct console_start){.args = (const char *const[]){"--config", config, "--page=overview", NULL}});
}

static void leave(struct pty *p)
{
    pty_send(p, "Q");
    assert_true(pty_wait_exit(p, PATIENCE, NULL));
    pty_free(p);
}

/* ---- one that says nothing ---- */

static void a_silent_application_holds_up_nobody(void **state)
{
    (void)state;
    struct app *a = app_start(APP_MODE_JSON);
    struct pty *p = open_console(a);
    assert_true(pty_wait(p, "shop-api · APP", PATIENCE));
    assert_true(pty_wait(p, "3 of 10", PATIENCE));
    app_state(a)->mode = APP_MODE_SILENCE;
    int64_t since = pty_now_us();
    assert_true(pty_wait(p, "did not answer within", 3 * PATIENCE));
    fault_most("APP", "silent application is said to be", fault_since_ms(since), 2 * INTERVAL_MS + 1000, "ms");
    fault_keys("APP", p);
    pty_send(p, "}");
    assert_true(pty_wait(p, "PRIMARY", PATIENCE));
    pty_send(p, "{");
    app_state(a)->mode = APP_MODE_PROMETHEUS;
    since = pty_now_us();
    assert_true(pty_wait(p, "3 of 10", 2 * PATIENCE) && pty_wait_gone(p, "not connected", 2 * PATIENCE));
    fault_most("APP", "and is read again when it speaks", fault_since_ms(since), 2 * INTERVAL_MS + 1500, "ms");
    leave(p);
    app_stop(a);
}

/* ---- the incident ---- */

static PGconn *hold(bool in_tx)
{
    const char *const keywords[] = {"dbname", "application_name", NULL};
    const char *const values[] = {lab_conninfo(lab, "primary"), "billing-api", NULL};
    PGconn *c = PQconnectdbParams(keywords, values, 1);
    PQclear(PQexec(c, in_tx ? "BEGIN; SELECT 1" : "SELECT 1"));
    assert_int_equal(PQstatus(c), CONNECTION_OK);
    return c;
}

static void exhaust(struct app *a, PGconn **held)
{
    for (int i = 0; i < POOL; i++)
        held[i] = hold(i < POOL - 1);
    volatile struct app_state *s = app_state(a);
    s->idle = 0;
    s->in_use = POOL;
    s->waits += 14;
}

static void recover(struct app *a, PGconn **held)
{
    for (int i = 0; i < POOL; i++)
        PQfinish(held[i]);
    volatile struct app_state *s = app_state(a);
    s->in_use = 2;
    s->idle = 3;
    s->waited_s += 150;
}

static void an_exhausted_pool_is_named_with_its_cause(void **state)
{
    (void)state;
    static const char cause[] = "pool primary: all 10 in use, 14 wait; on shop-1: 9 idle in transaction [0-9]";
    struct app *a = app_start(APP_MODE_JSON);
    struct pty *p = open_console(a);
    PGconn *held[POOL];
    assert_true(pty_wait(p, "3 of 10", PATIENCE));
    pty_settle(p, 2 * INTERVAL_MS + 500);
    exhaust(a, held);
    int64_t since = pty_now_us();
    assert_true(pty_wait_regex(p, cause, 3 * INTERVAL_MS));
    fault_most("APP", "exhausted pool named with its cause", fault_since_ms(since), 2 * INTERVAL_MS + 300, "ms");
    pty_send(p, "<Enter>");
    assert_true(pty_wait(p, "pools of the application", PATIENCE));
    pty_send(p, "<Esc>");
    pty_send(p, "}");
    assert_true(pty_wait_regex(p, "shop-api: pool primary: all 10 in use", PATIENCE));    /* on its server too */
    pty_send(p, "{");
    pty_settle(p, 11000);       /* what is shown changes once in 10 s at most */
    assert_true(pty_wait_regex(p, cause, 100));
    recover(a, held);
    since = pty_now_us();
    assert_true(pty_wait_gone(p, "pool primary: all", 5 * INTERVAL_MS));
    fault_most("APP", "cleared after it was over", fault_since_ms(since), 3 * INTERVAL_MS + 300, "ms");
    leave(p);
    app_stop(a);
}

int main(int argc, char **argv)
{
    static const struct fault_test tests[] = {
        FAULT(a_silent_application_holds_up_nobody),
        FAULT(an_exhausted_pool_is_named_with_its_cause),
    };
    return fault_run_lab(argc, argv, tests, COUNT_OF(tests), &lab,
                         (const char *const[]){"--no-standby", "--no-pooler", NULL});
}
