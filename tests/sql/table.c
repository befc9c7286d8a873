/* Joins the probes as the program does, without its configuration. */
#include "tests/sql/table.h"

#include "base/mem.h"
#include "conf/queues.h"
#include "probes/list.h"

#include <stdio.h>
#include <stdlib.h>

static void read_definitions(struct table *t)
{
    struct conf_errors errors = {0};
    struct buf text = {0};
    const char *source = getenv("SRCDIR");
    buf_printf(&text, "%s/probes/queues", source ? source : ".");
    char *folder = buf_take(&text);
    if (!queue_book_read_all(t->book, folder, false, false, &errors)) {
        conf_errors_print(&errors, &text);
        fprintf(stderr, "%s: %s\n", folder, buf_text(&text));
        exit(1);
    }
    conf_errors_free(&errors);
    free(folder);
}

struct table *table_new(void)
{
    struct table *t = mem_new(sizeof(*t));
    size_t n = 0;
    t->book = queue_book_new();
    t->names = queue_names_new();
    read_definitions(t);
    t->data.defs = queue_book_defs(t->book);
    t->data.names = t->names;
    t->queues = queues_probe(&t->data);
    while (probe_table[n])
        n++;
    t->probes = mem_array(n + 2, sizeof(*t->probes));
    for (size_t i = 0; i < n; i++)
        t->probes[i] = probe_table[i];
    t->probes[n] = &t->queues;
    return t;
}

void table_free(struct table *t)
{
    queue_book_free(t->book);
    queue_names_free(t->names);
    free(t->probes);
    free(t);
}
