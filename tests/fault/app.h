/* An application that tells of its connection pools by HTTP, and misbehaves as it is told. For tests: it goes when the
 * test goes. */
#ifndef TESTS_FAULT_APP_H
#define TESTS_FAULT_APP_H

enum app_mode {
    APP_MODE_JSON,
    APP_MODE_PROMETHEUS,
    APP_MODE_GARBAGE,       /* bytes without a sense behind good headers */
    APP_MODE_ENDLESS,       /* a body that never ends, as fast as it can */
    APP_MODE_HEADERS,       /* the same of headers */
    APP_MODE_DRIP,          /* a byte of a good answer each 100 ms */
    APP_MODE_REDIRECT,      /* to file:///etc/passwd */
    APP_MODE_HUGE,          /* 2 MB, as it says beforehand */
    APP_MODE_500,
    APP_MODE_SILENCE,       /* takes the question, and says nothing */
    APP_MODE_NO_HTTP,
    APP_MODE_COUNT_
};

struct app_state {          /* of the pool primary, as it is told next */
    int mode;
    int in_use, idle, max;
    int waits;
    double waited_s;
    int asked;              /* questions so far: the server counts them */
};

struct app;

struct app *app_start(enum app_mode mode);          /* never NULL: a test without it ends here */
/* With TLS; certificate is the path of its certificate and key, without .crt and .key. NULL: without. */
struct app *app_start_tls(enum app_mode mode, const char *certificate);
void app_stop(struct app *a);
const char *app_url(const struct app *a);           /* http://127.0.0.1:PORT/metrics/database */
volatile struct app_state *app_state(struct app *a);    /* shared with it: writing here changes what it says */

#endif
