/* Makes the copy menu of a row. */
#include "ui/widgets/copy.h"

#include "ui/ui.h"
#include "ui/widgets/cell.h"

#include <string.h>

/* Lines stay lines, so that a comment in a query does not swallow what follows; all else is made safe. */
static void add_lines(struct buf *out, struct frame_text t)
{
    while (t.len > 0) {
        const char *end = memchr(t.bytes, '\n', t.len);
        uint32_t len = end ? (uint32_t)(end - t.bytes) : t.len;
        text_safe(out, t.bytes, len, TEXT_UTF8);
        if (!end)
            return;
        buf_putc(out, '\n');
        t.bytes += len + 1;
        t.len -= len + 1;
    }
}

static void add_value(struct buf *out, const struct frame *f, uint32_t row, int column)
{
    struct cell_print print = {TEXT_UTF8, 0, 0};
    if (f->schema->columns[column].type == TYPE_TEXT)
        add_lines(out, frame_text(f, row, column));
    else
        cell_short(out, f, row, column, &print);
}

static void add_row(struct buf *out, const struct frame *f, uint32_t row, const int *columns, int ncolumns)
{
    struct cell_print print = {TEXT_UTF8, 0, 0};
    for (int i = 0; i < ncolumns; i++) {
        if (i > 0)
            buf_putc(out, '\t');
        cell_short(out, f, row, columns[i], &print);
    }
}

void copy_row(struct ui *ui, const struct frame *f, uint32_t row, const int *columns, int ncolumns)
{
    enum { MOST = 12 };
    struct buf values[MOST] = {{0}};
    struct ui_copy items[MOST];
    int n = 0;
    add_row(&values[n], f, row, columns, ncolumns);
    items[n++] = (struct ui_copy){.name = "row"};
    for (int i = 0; i < ncolumns && n < MOST; i++) {
        const struct column *is = &f->schema->columns[columns[i]];
        if ((i > 0 && is->type != TYPE_TEXT) || !frame_cell(f, row, columns[i])->known)
            continue;
        add_value(&values[n], f, row, columns[i]);
        items[n++] = (struct ui_copy){.name = is->heading};
    }
    for (int i = 0; i < n; i++) {
        items[i].bytes = buf_text(&values[i]);
        items[i].len = values[i].len;
    }
    ui_copy(ui, items, n);
    for (int i = 0; i < n; i++)
        buf_free(&values[i]);
}
