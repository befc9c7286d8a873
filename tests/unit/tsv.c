/* The reader of the vector files. */
#include "tsv.h"

#include "base/buf.h"
#include "base/mem.h"

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static char *read_all(const char *name)
{
    const char *folder = getenv("VECTORS");
    if (!folder)
        fail_msg("VECTORS is not set: run the tests with make check");
    struct buf path = {0}, text = {0};
    buf_printf(&path, "%s/%s", folder, name);
    FILE *file = fopen(buf_text(&path), "r");
    if (!file)
        fail_msg("%s: %s", buf_text(&path), strerror(errno));
    char chunk[4096];
    for (size_t n; (n = fread(chunk, 1, sizeof(chunk), file)) > 0;)
        buf_add(&text, chunk, n);
    fclose(file);
    buf_free(&path);
    return buf_take(&text);
}

static void add_field(struct tsv *t, char *field, size_t column, size_t *room)
{
    size_t used = t->nrows * t->ncolumns + column;
    if (used == *room) {
        *room = *room ? *room * 2 : 256;
        t->fields = mem_resize(t->fields, *room, sizeof(*t->fields));
    }
    t->fields[used] = field;
}

static void add_header(struct tsv *t, char *line)
{
    for (char *field; (field = strsep(&line, "\t"));) {
        t->names = mem_resize(t->names, t->ncolumns + 1, sizeof(*t->names));
        t->names[t->ncolumns++] = field;
    }
}

struct tsv tsv_read(const char *name)
{
    struct tsv t = {.text = read_all(name)};
    size_t room = 0;
    for (char *rest = t.text, *line; (line = strsep(&rest, "\n"));) {
        if (*line == '#' || *line == '\0')
            continue;
        if (!t.names) {
            add_header(&t, line);
            continue;
        }
        size_t column = 0;
        for (char *field; (field = strsep(&line, "\t")); column++) {
            if (column == t.ncolumns || *field == '\0')
                fail_msg("%s: row %zu is ragged", name, t.nrows + 1);
            add_field(&t, field, column, &room);
        }
        if (column != t.ncolumns)
            fail_msg("%s: row %zu is ragged", name, t.nrows + 1);
        t.nrows++;
    }
    if (t.nrows == 0)
        fail_msg("%s has no rows", name);
    return t;
}

void tsv_free(struct tsv *t)
{
    free(t->text);
    free(t->names);
    free(t->fields);
    *t = (struct tsv){0};
}

const char *tsv_text(const struct tsv *t, size_t row, const char *column)
{
    for (size_t i = 0; i < t->ncolumns; i++)
        if (strcmp(t->names[i], column) == 0)
            return t->fields[row * t->ncolumns + i];
    fail_msg("there is no column %s", column);
    return NULL;
}

bool tsv_none(const struct tsv *t, size_t row, const char *column)
{
    return strcmp(tsv_text(t, row, column), "-") == 0;
}

double tsv_number(const struct tsv *t, size_t row, const char *column)
{
    const char *text = tsv_text(t, row, column);
    if (strcmp(text, "-") == 0)
        return NAN;
    char *end;
    double x = strtod(text, &end);
    if (end == text || *end)
        fail_msg("%s is not a number", text);
    return x;
}

uint64_t tsv_lsn(const char *text)
{
    unsigned high, low;
    char more;
    if (sscanf(text, "%X/%X%c", &high, &low, &more) != 2)
        fail_msg("%s is not an LSN", text);
    return (uint64_t)high << 32 | low;
}

int tsv_word(const char *text, const char *const *words, size_t nwords)
{
    for (size_t i = 0; i < nwords; i++)
        if (strcmp(words[i], text) == 0)
            return (int)i;
    fail_msg("%s is not one of the words known here", text);
    return -1;
}
