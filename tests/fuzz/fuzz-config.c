/* A hostile pgvigil.yaml: every fault has a place and a sentence that can be printed, what is accepted keeps
 * its promises, can be shown, read again, and never shows a conninfo. */
#include "fuzz.h"

#include "conf/config.h"

#include <string.h>

static const char *const probes[] = {"server", "sessions", "tables", NULL};
static const char *const pages[] = {"overview", "sessions", "queues", NULL};
static const char *const requests[] = {"quit", "refresh", NULL};
static const struct threshold_form thresholds[] = {
    {"lag", SETTING_DURATION, false, "10 s", "1 min", "Lag."},
    {"free", SETTING_FRACTION, true, "20 %", "10 %", "Free."},
    {"blocked", SETTING_INT, false, "1", NULL, "Blocked."},
    {NULL},
};
static const struct config_form form = {probes, pages, requests, NULL, thresholds, NULL};

static void check_faults(const struct conf_errors *errors)
{
    FUZZ_CHECK(errors->n <= CONF_ERRORS_MAX);
    for (size_t i = 0; i < errors->n; i++) {
        FUZZ_CHECK(strlen(errors->list[i].sentence) > 10);
        for (const char *p = errors->list[i].sentence; *p; p++)
            FUZZ_CHECK((unsigned char)*p >= 0x20 && *p != 0x7f);
    }
}

static bool check_targets(const struct config *c)
{
    bool conninfo = false;
    for (size_t i = 0; i < c->ntargets; i++) {
        const struct config_target *t = &c->targets[i];
        FUZZ_CHECK(t->name && (t->conninfo || t->service));
        conninfo = conninfo || t->conninfo;
    }
    return conninfo;
}

static void check_again(const struct buf *shown)
{
    struct config c;
    struct conf_errors errors = {0};
    FUZZ_CHECK(config_parse(&c, &form, "again", shown->data, shown->len, false, &errors));
    FUZZ_CHECK(errors.n == 0);
    config_free(&c);
}

FUZZ_TARGET(config)
{
    struct config c;
    struct conf_errors errors = {0};
    struct buf shown = {0};
    bool ok = config_parse(&c, &form, "fuzz", (const char *)bytes, len, len & 1, &errors);
    FUZZ_CHECK(ok == (errors.n == 0));
    check_faults(&errors);
    bool conninfo = check_targets(&c);
    config_show(&c, &shown);
    for (size_t i = 0; i < c.ntargets; i++)
        FUZZ_CHECK(!c.targets[i].conninfo || strlen(c.targets[i].conninfo) < 40 ||
                   !strstr(shown.data, c.targets[i].conninfo));
    if (ok && !conninfo)
        check_again(&shown);
    buf_free(&shown);
    conf_errors_free(&errors);
    config_free(&c);
}
