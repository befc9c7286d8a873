/* The front's side of the workload: which actors should run, starting them, and starting anew who died. */
#include "tests/lab/actor.h"

#include "base/clock.h"
#include "tests/lab/lab.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#define AGAIN_US (2 * US_PER_S)

static size_t find(const char *name)
{
    size_t i = 0;
    while (i < nactors - 1 && strcmp(actors[i].name, name) != 0)
        i++;
    return i;
}

static bool start(struct lab *lab, size_t i, int arg, struct err *err)
{
    char primary[12], pooler[12], rate[12], number[12], log[KEEPER_DIR_MAX + 20];
    snprintf(primary, sizeof primary, "%d", lab->servers[cluster_primary(lab)].port);
    snprintf(pooler, sizeof pooler, "%d", lab->servers[SERVER_POOLER].port);
    snprintf(rate, sizeof rate, "%d", lab->wishes.rate);
    snprintf(number, sizeof number, "%d", arg);
    snprintf(log, sizeof log, "%s/load.log", lab->keeper.dir);
    const char *argv[] = {"/proc/self/exe", "--actor", actors[i].name, lab->keeper.dir, primary, pooler, rate,
                          number,           NULL};
    lab->actors[i].wanted = true;
    return keeper_run(&lab->keeper, argv, log, &lab->actors[i].pid, err);
}

static void end(struct lab *lab, size_t i)
{
    struct lab_actor *a = &lab->actors[i];
    a->wanted = false;
    if (a->pid == 0)
        return;
    kill(a->pid, SIGTERM);
    keeper_ended(&lab->keeper, a->pid, 2000, NULL);
    a->pid = 0;
}

static bool fits(const struct lab *lab, size_t i, enum load load)
{
    return actors[i].least != LOAD_OFF && actors[i].least <= load &&
           (!actors[i].pooled || lab->servers[SERVER_POOLER].wanted);
}

bool actors_load(struct lab *lab, enum load load, struct err *err)
{
    lab->load = load;
    for (size_t i = 0; i < nactors; i++) {
        if (actors[i].least == LOAD_OFF)
            continue;
        if (!fits(lab, i, load))
            end(lab, i);
        else if (lab->actors[i].pid == 0 && !start(lab, i, 0, err))
            return false;
    }
    return true;
}

/* Asks until a count is in its range, or for tries times 50 ms. */
static bool await(struct lab *lab, const char *sql, long low, long high, int tries, struct err *err)
{
    long n = -1;
    PGconn *conn = db_open(lab, cluster_primary(lab), "shop", "postgres", err);
    for (int i = 0; conn != NULL && i < tries && !lab->keeper.hung_up; i++) {
        if (!db_number(conn, sql, &n, err) || (n >= low && n <= high))
            break;
        keeper_poll(&lab->keeper, -1, 50);
    }
    PQfinish(conn);
    return n >= low && n <= high;
}

bool actors_sessions(struct lab *lab, int n, struct err *err)
{
    size_t i = find(ACTOR_SESSIONS);
    end(lab, i);
    lab->nsessions = n;
    if (n > 0 && !start(lab, i, n, err))
        return false;
    if (!await(lab, "SELECT count(*) FROM pg_stat_activity WHERE application_name = '" ACTOR_SESSIONS "'", n,
               n, 1200, err))
        return err_set(err, "The %d sessions were not there within 60 s; see %s/load.log.", n,
                       lab->keeper.dir);
    return true;
}

bool actors_block(struct lab *lab, int seconds, struct err *err)
{
    static const char waiting[] = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = "
                                  "'shop.invoices'::regclass";
    size_t i = find(ACTOR_BLOCK);
    end(lab, i);
    if (seconds == 0)
        return await(lab, waiting, 0, 0, 800, err) ||
               err_set(err, "Sessions still wait for a lock after 40 s.");
    if (!start(lab, i, seconds, err))
        return false;
    lab->actors[i].wanted = false; /* once is enough */
    return await(lab, waiting, 4, 1000, 200, err) || err_set(err, "The blocking chain did not come about.");
}

static void start_again(struct lab *lab, size_t i)
{
    struct err err = {""};
    bool holds = i == find(ACTOR_SESSIONS);
    if (!start(lab, i, holds ? lab->nsessions : 0, &err))
        fprintf(stderr, "pgvigil-lab: %s\n", err.text);
}

void actors_tend(struct lab *lab)
{
    long long now = clock_boot_us();
    for (size_t i = 0; i < nactors; i++) {
        struct lab_actor *a = &lab->actors[i];
        if (a->pid > 0 && keeper_ended(&lab->keeper, a->pid, 0, NULL)) {
            a->pid = 0;
            a->again_us = now + AGAIN_US;
        } else if (a->pid == 0 && a->wanted && now >= a->again_us) {
            start_again(lab, i);
        }
    }
}
