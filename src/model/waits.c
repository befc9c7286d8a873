/* From texts of pids to sets of rows, and through them. */
#include "model/waits.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

#define WORD_BITS 64
#define ROWS_MOST 8192      /* more than any answer has, unless a watcher has gone mad: sets grow with the square */

/* ---- pids ---- */

struct holder {
    int64_t pid;
    uint32_t row;
};

static int by_pid(const void *a, const void *b)
{
    int64_t x = ((const struct holder *)a)->pid, y = ((const struct holder *)b)->pid;
    return (x > y) - (x < y);
}

static struct holder *sort_pids(const struct frame *f, uint32_t n, int pid)
{
    struct holder *all = mem_array(n, sizeof(*all));
    for (uint32_t row = 0; row < n; row++)
        all[row] = (struct holder){frame_cell(f, row, pid)->known ? frame_cell(f, row, pid)->i : -1, row};
    qsort(all, n, sizeof(*all), by_pid);
    return all;
}

/* The next number in a text of numbers and blanks; -1 at the end. */
static int64_t next_pid(const char **at, const char *end)
{
    while (*at < end && (**at < '0' || **at > '9'))
        (*at)++;
    if (*at == end)
        return -1;
    int64_t pid = 0;
    while (*at < end && **at >= '0' && **at <= '9' && pid < INT32_MAX)
        pid = pid * 10 + (*(*at)++ - '0');
    return pid;
}

/* ---- sets of rows ---- */

static void add(uint64_t *set, struct waits_span *span, uint32_t row)
{
    uint32_t word = row / WORD_BITS;
    set[word] |= 1ull << row % WORD_BITS;
    *span = span->to == 0 ? (struct waits_span){word, word + 1}
                          : (struct waits_span){word < span->from ? word : span->from, word < span->to ? span->to : word + 1};
}

static void take_row(struct waits *w, uint32_t row, struct frame_text blocked_by, const struct holder *all)
{
    uint64_t *ahead = &w->ahead[row * w->words];
    const char *at = blocked_by.bytes, *end = at + blocked_by.len;
    struct holder wanted = {0};
    while ((wanted.pid = next_pid(&at, end)) >= 0) {
        const struct holder *found = bsearch(&wanted, all, w->n, sizeof(*all), by_pid);
        w->prepared[row] = w->prepared[row] || wanted.pid == 0;
        if (found)
            add(ahead, &w->spans[row], found->row);
    }
}

void waits_find(struct waits *w, const struct frame *f, int pid, int blocked_by)
{
    uint32_t n = f->nrows < ROWS_MOST ? f->nrows : ROWS_MOST;
    size_t words = (n + WORD_BITS - 1) / WORD_BITS;
    *w = (struct waits){.n = n, .words = words, .ahead = mem_array(n * words, sizeof(*w->ahead)),
                        .spans = mem_array(n, sizeof(*w->spans)), .prepared = mem_array(n, sizeof(*w->prepared)),
                        .seen = mem_array(words, sizeof(*w->seen)), .reached = mem_array(n, sizeof(*w->reached))};
    if (pid < 0 || blocked_by < 0)
        return;
    struct holder *all = sort_pids(f, n, pid);
    for (uint32_t row = 0; row < n; row++)
        take_row(w, row, frame_text(f, row, blocked_by), all);
    free(all);
}

/* Reaches those in the way of a row that are new; n there are before. */
static uint32_t reach(struct waits *w, uint32_t row, uint32_t n)
{
    const uint64_t *ahead = &w->ahead[row * w->words];
    for (uint32_t i = w->spans[row].from; i < w->spans[row].to; i++) {
        uint64_t fresh = ahead[i] & ~w->seen[i];
        w->seen[i] |= fresh;
        for (; fresh; fresh &= fresh - 1)
            w->reached[n++] = i * WORD_BITS + (uint32_t)__builtin_ctzll(fresh);
    }
    return n;
}

uint32_t waits_climb(struct waits *w, uint32_t row, bool *prepared)
{
    *prepared = false;
    if (row >= w->n)
        return 0;
    memset(w->seen, 0, w->words * sizeof(*w->seen));
    w->seen[row / WORD_BITS] |= 1ull << row % WORD_BITS;
    *prepared = w->prepared[row];
    uint32_t n = reach(w, row, 0);
    for (uint32_t i = 0; i < n; i++) {
        *prepared = *prepared || w->prepared[w->reached[i]];
        n = reach(w, w->reached[i], n);
    }
    return n;
}

void waits_free(struct waits *w)
{
    free(w->ahead);
    free(w->spans);
    free(w->prepared);
    free(w->seen);
    free(w->reached);
}
