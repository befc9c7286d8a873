/* The list of faults in a user's files. */
#include "conf/errors.h"

#include "base/mem.h"
#include "conf/utf8.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SENTENCE_BYTES 600

bool conf_errors_full(const struct conf_errors *errors)
{
    return errors->n >= CONF_ERRORS_MAX;
}

/* A copy in which nothing can steer a terminal. */
static char *harmless(const char *s)
{
    struct buf out = {0};
    for (size_t left = strlen(s); left;) {
        size_t n = utf8_length(s, left);
        if (n && !utf8_forbidden(s, n) && *s != '\n' && *s != '\t')
            buf_add(&out, s, n);
        else
            buf_putc(&out, '?');
        n = n ? n : 1;
        s += n;
        left -= n;
    }
    return buf_take(&out);
}

void conf_error(struct conf_errors *errors, const char *file, struct mark at, const char *format, ...)
{
    if (conf_errors_full(errors))
        return;
    char text[SENTENCE_BYTES];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    if (errors->n == errors->room) {
        errors->room = errors->room ? errors->room * 2 : 8;
        errors->list = mem_resize(errors->list, errors->room, sizeof(*errors->list));
    }
    errors->list[errors->n++] = (struct conf_error){harmless(file), at, harmless(text)};
}

static int by_place(const void *a, const void *b)
{
    const struct conf_error *x = a, *y = b;
    if (x->at.line != y->at.line)
        return x->at.line < y->at.line ? -1 : 1;
    return (x->at.column > y->at.column) - (x->at.column < y->at.column);
}

void conf_errors_sort(struct conf_errors *errors)
{
    for (size_t from = 0, to; from < errors->n; from = to) {
        for (to = from; to < errors->n && strcmp(errors->list[to].file, errors->list[from].file) == 0; to++)
            continue;
        qsort(errors->list + from, to - from, sizeof(*errors->list), by_place);
    }
}

void conf_errors_print(const struct conf_errors *errors, struct buf *out)
{
    for (size_t i = 0; i < errors->n; i++) {
        const struct conf_error *e = &errors->list[i];
        if (e->at.line)
            buf_printf(out, "%s:%u:%u: %s\n", e->file, e->at.line, e->at.column, e->sentence);
        else
            buf_printf(out, "%s: %s\n", e->file, e->sentence);
    }
    if (conf_errors_full(errors))
        buf_printf(out, "Only the first %d faults are listed.\n", CONF_ERRORS_MAX);
}

void conf_errors_free(struct conf_errors *errors)
{
    for (size_t i = 0; i < errors->n; i++) {
        free(errors->list[i].file);
        free(errors->list[i].sentence);
    }
    free(errors->list);
    *errors = (struct conf_errors){0};
}
