/* What the columns of the topic `sessions` mean, for every page that shows sessions. */
#ifndef UI_VIEWS_SESSIONS_H
#define UI_VIEWS_SESSIONS_H

#include "ui/views/probe_page.h"

/* The columns by number: page_find_names(session_names, ...) fills a context's tables. */
enum session_column {
    S_PID,
    S_USER,
    S_DATABASE,
    S_APPLICATION,
    S_STATE,
    S_STATE_AGE,
    S_XACT_AGE,
    S_QUERY_AGE,
    S_WAIT,
    S_BLOCKED_BY,
    S_BLOCKS,
    S_XMIN_AGE,
    S_TYPE,
    S_LEADER,
    S_QUERY,
    S_AGE
};
extern const char *const session_names[];

/* age_s: the time that matters in a session's state. Unknown for the idle, so that they sort last. */
extern const struct sheet_extra session_extras[];

#define SESSION_IDLE_IN_TX_WARN_S 10.0      /* idle in transaction is worth a mark from here on; the help says so */

/* Functions of a struct table_form. arg is a struct page_context. */
enum row_mark session_mark(void *arg, const struct frame *sheet, uint32_t row);
void session_parents(void *arg, const struct frame *sheet, uint32_t *parent);
bool session_cell(void *arg, const struct frame *sheet, uint32_t row, int column, enum text_mode mode,
                  struct buf *out);

enum session_kind {
    SESSION_ACTIVE, SESSION_IDLE, SESSION_IN_TX,    /* client sessions, by state */
    SESSION_OTHER,                                  /* a client's, in another state */
    SESSION_BACKGROUND,                             /* the server's own process */
    SESSION_HIDDEN,                                 /* our role may not see what it is */
    SESSION_KIND_COUNT_
};
/* at: the columns of f by session_names. */
enum session_kind session_kind(const int *at, const struct frame *f, uint32_t row);
bool session_is_ours(const struct page_context *context, const struct frame *sheet, uint32_t row);

struct session_sums {
    unsigned kinds[SESSION_KIND_COUNT_];
    unsigned clients;           /* all but background */
    unsigned waiting;           /* for a lock */
};
struct session_sums session_count(const int *at, const struct frame *f);

#endif
