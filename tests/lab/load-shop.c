/* The shop's traffic: web requests that come in waves, billing, reports, housekeeping, and somebody who
 * forgets to commit. Actors share the catalogue of rows in shop.sql: 4000 customers, 1000 products. */
#include "base/mem.h"
#include "tests/lab/actor.h"

#include <stdlib.h>

#define CUSTOMERS 4000
#define PRODUCTS  1000
#define WEB_RATE  16.0 /* requests a second of one web process, on average */

static void browse(struct stage *s)
{
    stage_run(s, "SELECT id, sku, title, price, stock FROM shop.products WHERE id = %ld",
              1 + stage_pick(s, PRODUCTS));
    stage_run(s,
              "SELECT id, status, total, placed_at FROM shop.orders WHERE customer_id = %ld "
              "ORDER BY placed_at DESC LIMIT 10",
              1 + stage_pick(s, CUSTOMERS));
}

static void fill_cart(struct stage *s)
{
    long customer = 1 + stage_pick(s, CUSTOMERS);
    stage_run(s, "UPDATE shop.carts SET items = items %% 9 + 1, updated_at = now() WHERE customer_id = %ld",
              customer);
    stage_run(s,
              "INSERT INTO shop.events (customer_id, kind, detail) VALUES (%ld, 'cart', '{\"page\": %ld}')",
              customer, stage_pick(s, 50));
}

static void order(struct stage *s)
{
    long product = 1 + stage_pick(s, PRODUCTS - 1);
    stage_run(s, "BEGIN");
    stage_run(s,
              "WITH o AS (INSERT INTO shop.orders (customer_id, total) VALUES (%ld, %.2f) RETURNING id) "
              "INSERT INTO shop.order_items (order_id, product_id, quantity, price) "
              "SELECT id, %ld, 1, 9.90 FROM o UNION ALL SELECT id, %ld, 2, 4.50 FROM o",
              1 + stage_pick(s, CUSTOMERS), stage_between(s, 10, 300), product, product + 1);
    stage_run(
        s, "UPDATE shop.products SET stock = CASE WHEN stock > 0 THEN stock - 1 ELSE 1000 END WHERE id = %ld",
        product);
    stage_run(s, stage_pick(s, 40) == 0 ? "ROLLBACK" : "COMMIT");
}

static void search(struct stage *s)
{
    stage_run(s, "SELECT count(*) FROM shop.products WHERE title LIKE '%%%ld%%'", stage_pick(s, 100));
}

double act_web(struct stage *s)
{
    long what = stage_pick(s, 100);
    if (what < 55)
        browse(s);
    else if (what < 78)
        fill_cart(s);
    else if (what < 96)
        order(s);
    else
        search(s);
    return stage_between(s, 0.2, 1.8) / (WEB_RATE * s->rate * stage_wave(s, 70));
}

double act_billing(struct stage *s)
{
    stage_run(s, "BEGIN");
    stage_run(s, "SET LOCAL lock_timeout = '60s'");
    stage_run(s, "INSERT INTO shop.invoices (order_id, amount) SELECT id, total FROM shop.orders "
                 "WHERE status = 'new' ORDER BY placed_at DESC LIMIT 20");
    stage_run(
        s,
        "UPDATE shop.orders SET status = 'paid' WHERE id IN (SELECT id FROM shop.orders WHERE status = 'new' "
        "ORDER BY placed_at LIMIT 30 FOR UPDATE SKIP LOCKED)");
    stage_run(s, "UPDATE shop.invoices SET state = 'paid' WHERE id = (SELECT max(id) FROM shop.invoices)");
    stage_pause(stage_between(s, 0.02, 0.3));
    stage_run(s, "COMMIT");
    return stage_between(s, 0.8, 3) / s->rate;
}

/* A slow query now and then, 2 to 6 s. */
double act_report(struct stage *s)
{
    if (s->turn == 0)
        return 3;
    if (s->turn % 3 == 0)
        stage_run(
            s, "SELECT date_trunc('hour', placed_at) AS hour, status, count(*), sum(total) FROM shop.orders "
               "GROUP BY 1, 2 ORDER BY 1 DESC, 2");
    else
        stage_run(s, "SELECT region, orders, revenue FROM shop.revenue_by_region(%.1f) ORDER BY revenue DESC",
                  stage_between(s, 2, 6));
    return stage_between(s, 8, 25);
}

double act_cron(struct stage *s)
{
    static const char *const jobs[] = {
        "DELETE FROM shop.events WHERE at < now() - interval '2 minutes'",
        "VACUUM (ANALYZE) shop.events",
        "DELETE FROM shop.orders WHERE id <= (SELECT max(id) - 60000 FROM shop.orders)",
        "DELETE FROM shop.invoices WHERE id <= (SELECT max(id) - 20000 FROM shop.invoices)",
        "ANALYZE shop.orders",
    };
    stage_run(s, "SET lock_timeout = '5s'");
    stage_run(s, "%s", jobs[s->turn % (long)COUNT_OF(jobs)]);
    return stage_between(s, 4, 9);
}

/* Idle in transaction for a while, as a tool whose user went for coffee. */
double act_forget(struct stage *s)
{
    if (s->turn == 0)
        return 5;
    stage_run(s, "BEGIN");
    stage_run(s, "UPDATE shop.customers SET name = name WHERE id = %ld", 1 + stage_pick(s, CUSTOMERS));
    stage_pause(stage_between(s, 10, 30));
    stage_run(s, "COMMIT");
    return stage_between(s, 20, 50);
}

#define LOOK_ONCE "SELECT id, email, name FROM shop.customers WHERE id = 42"

/* Idle sessions, its own among them. Looking after them asks nothing of the server. */
double act_hold_sessions(struct stage *s)
{
    if (s->held == NULL) {
        s->held = mem_array((size_t)s->number + 1, sizeof *s->held);
        stage_run(s, LOOK_ONCE);
    }
    for (int i = 0; i < s->number - 1; i++) {
        PGconn **c = &s->held[i];
        if (*c != NULL && PQconsumeInput(*c) == 1 && PQstatus(*c) == CONNECTION_OK)
            continue;
        PQfinish(*c);
        *c = stage_connect(s, s->actor->user, s->actor->name);
        if (PQstatus(*c) != CONNECTION_OK)
            return 0.5;
        PQclear(PQexec(*c, LOOK_ONCE));
    }
    return 1;
}
