/* Runs the console for a long time on a lab with a standby and a pooler, restarts the primary now and then, turns the
 * pages, and looks at what every process of ours takes: memory, descriptors, CPU. Fits a line through the memory.
 *
 * SOAK_MINUTES (60), SOAK_SESSIONS (300). Fails when descriptors or zombies grow, or memory passes what is promised. */
#include "base/clock.h"
#include "tests/lab/lab_client.h"
#include "tests/pty/console.h"
#include "tests/pty/proc.h"
#include "tests/pty/pty.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    FAMILY_MAX = 16,
    SAMPLES_MAX = 100000,
    EVERY_S = 10,           /* a sample */
    TURN_S = 60,            /* another page */
    RESTART_S = 600,        /* the primary crashes and comes back */
    WARM_S = 120,           /* what is taken until then is no growth */
    SLOPE_FROM = 30         /* minutes: the rings fill for an hour, and a line through less says nothing */
};

struct line {
    double n, x, y, xx, xy;
};

struct soak {
    struct lab *lab;
    struct pty *p;
    int64_t start_us;
    int minutes, targets;
    struct line screen, watcher;    /* kB by hours */
    double screen_most, watcher_most;
    int fds_first, fds_last, zombies;
    unsigned samples;
};

static int setting(const char *name, int otherwise)
{
    const char *text = getenv(name);
    return text && atoi(text) > 0 ? atoi(text) : otherwise;
}

static void line_add(struct line *l, double x, double y)
{
    l->n++;
    l->x += x;
    l->y += y;
    l->xx += x * x;
    l->xy += x * y;
}

/* Least squares; NaN when there is no line. */
static double line_slope(const struct line *l)
{
    double d = l->n * l->xx - l->x * l->x;
    return l->n < 3 || d <= 0 ? NAN : (l->n * l->xy - l->x * l->y) / d;
}

static double elapsed_s(const struct soak *s)
{
    return (double)(clock_boot_us() - s->start_us) / US_PER_S;
}

static void sample(struct soak *s)
{
    struct proc family[FAMILY_MAX];
    size_t n = proc_descendants(pty_pid(s->p), family, FAMILY_MAX);
    double screen = (double)proc_memory_kb(pty_pid(s->p), "RssAnon"), largest = 0, hours = elapsed_s(s) / 3600;
    int fds = proc_fds(pty_pid(s->p));
    for (size_t i = 0; i < n; i++) {
        largest = fmax(largest, (double)proc_memory_kb(family[i].pid, "RssAnon"));
        s->zombies += proc_state(family[i].pid) == 'Z';
    }
    s->screen_most = fmax(s->screen_most, screen);
    s->watcher_most = fmax(s->watcher_most, largest);
    if (elapsed_s(s) < WARM_S)
        return;
    s->fds_first = s->samples++ == 0 ? fds : s->fds_first;
    s->fds_last = fds;
    line_add(&s->screen, hours, screen);
    line_add(&s->watcher, hours, largest);
    if (s->samples % (TURN_S / EVERY_S) == 1) {
        printf("%5.0f s: screen %.0f kB, largest watcher %.0f kB, %zu workers, %d descriptors, CPU %.0f ms\n",
               elapsed_s(s), screen, largest, n, fds, proc_cpu_ms(pty_pid(s->p)));
        fflush(stdout);
    }
}

/* The screen is read all the while: a full pty would hold the console up. */
static void run(struct soak *s)
{
    double next_sample = 0, next_turn = TURN_S, next_restart = RESTART_S;
    while (elapsed_s(s) < s->minutes * 60.0) {
        pty_settle(s->p, 500);
        if (elapsed_s(s) >= next_sample) {
            sample(s);
            next_sample += EVERY_S;
        }
        if (elapsed_s(s) >= next_turn) {
            pty_send(s->p, "<Tab>");
            next_turn += TURN_S;
        }
        if (elapsed_s(s) >= next_restart) {
            if (!lab_command(s->lab, "kill9 primary") || !lab_command(s->lab, "restart primary"))
                printf("the lab's primary did not come back\n");
            next_restart += RESTART_S;
        }
    }
}

static int judge(const struct soak *s)
{
    double screen_limit = 8 * 1024 + 1024.0 * (s->targets - 1), watcher_limit = 4 * 1024;
    double slope = line_slope(&s->screen);
    bool good = s->samples > 0 && s->screen_most <= screen_limit && s->watcher_most <= watcher_limit &&
                s->zombies == 0 && s->fds_last <= s->fds_first + 2 && (s->minutes < SLOPE_FROM || !(slope > 1024));
    printf("%d minutes, %d targets: screen at most %.0f kB of %.0f, %+.0f kB an hour; watcher at most %.0f kB of %.0f, "
           "%+.0f kB an hour; descriptors %d, at last %d; zombies %d: %s\n",
           s->minutes, s->targets, s->screen_most, screen_limit, slope, s->watcher_most, watcher_limit,
           line_slope(&s->watcher), s->fds_first, s->fds_last, s->zombies, good ? "pass" : "FAIL");
    return good ? 0 : 1;
}

int main(void)
{
    char sessions[20];
    struct soak s = {.minutes = setting("SOAK_MINUTES", 60), .targets = 3};
    snprintf(sessions, sizeof(sessions), "%d", setting("SOAK_SESSIONS", 300));
    proc_will_look(true);
    s.lab = lab_start((const char *const[]){"--load", "light", "--sessions", sessions, NULL});
    if (!s.lab)
        return 1;
    const char *args[] = {lab_conninfo(s.lab, "primary"), lab_conninfo(s.lab, "standby"),
                          lab_conninfo(s.lab, "pooler"), NULL};
    s.p = console_start(&(struct console_start){.args = args, .rows = 60, .cols = 200});
    s.start_us = clock_boot_us();
    run(&s);
    int status = judge(&s);
    pty_free(s.p);
    lab_stop(s.lab);
    return status;
}
