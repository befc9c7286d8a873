/* How long to wait before the next attempt. pgvigil uses full jitter, which spreads a herd best (AWS
 * Architecture Blog, "Exponential Backoff And Jitter"); the others are there for comparison and for the
 * simulator. Times are milliseconds. The random number is the caller's. */
#ifndef MODEL_BACKOFF_H
#define MODEL_BACKOFF_H

enum backoff_strategy {
    BACKOFF_FULL,           /* u * exp(n) */
    BACKOFF_EQUAL,          /* exp(n) / 2 + u * exp(n) / 2 */
    BACKOFF_NONE,           /* exp(n) */
    BACKOFF_PM50,           /* exp(n) * (0.5 + u): may pass the cap */
    BACKOFF_DECORRELATED    /* min(cap, base + u * (3 * previous - base)) */
};

struct backoff {
    enum backoff_strategy strategy;
    double base_ms, cap_ms, factor;     /* exp(n) = min(cap, base * factor^n) */
};

/* By how much the server matters now. A hundred consoles may lose one server in the same moment: with a shorter first
 * wait, or a mean below a second later, more than 25 of them would come to it in some tenth of a second. */
extern const struct backoff backoff_visible_first;  /* the screen shows it: anywhere in 0.8 s */
extern const struct backoff backoff_visible;        /* and then 0.67 to 1.33 s, whatever the attempt */
extern const struct backoff backoff_background;     /* from 2 s up to 10 s */
extern const struct backoff backoff_refused;        /* from 0.1 s up to 60 s: what will not mend by itself */

/* attempt: failures so far less one, 0 for the first wait. previous_ms: for BACKOFF_DECORRELATED alone.
 * u: 0 <= u < 1. */
double backoff_ms(const struct backoff *b, unsigned attempt, double previous_ms, double u);

#endif
