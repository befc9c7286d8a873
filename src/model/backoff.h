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

/* Caps by how much the server matters now. 100 ms base, factor 2. */
extern const struct backoff backoff_visible;        /* 1 s: the screen shows it */
extern const struct backoff backoff_background;     /* 10 s */
extern const struct backoff backoff_refused;        /* 60 s: after an authentication failure */

/* attempt: failures so far less one, 0 for the first wait. previous_ms: for BACKOFF_DECORRELATED alone.
 * u: 0 <= u < 1. */
double backoff_ms(const struct backoff *b, unsigned attempt, double previous_ms, double u);

#endif
