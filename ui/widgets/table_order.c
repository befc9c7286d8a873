/* Which rows are shown, and in what order: hidden and filtered out first, then sorted, then put under their
 * parents in the tree. */
#include "ui/widgets/table_inside.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

/* What a row is sorted by, taken out of the sheet once. */
struct sort_row {
    uint32_t row;
    bool known;
    union {
        int64_t i;
        uint64_t u;
        double d;
        struct frame_text t;
    };
};

struct sort_by {
    const struct frame *sheet;
    enum type type;
    int nkeys;
    bool descending;
};

static bool is_digit(struct frame_text t, size_t i)
{
    return i < t.len && t.bytes[i] >= '0' && t.bytes[i] <= '9';
}

/* The number that begins at *i, without its zeros in front; *i is then behind it. */
static struct frame_text take_number(struct frame_text t, size_t *i)
{
    while (t.bytes[*i] == '0' && is_digit(t, *i + 1))
        ++*i;
    struct frame_text number = {t.bytes + *i, 0};
    while (is_digit(t, *i + number.len))
        number.len++;
    *i += number.len;
    return number;
}

/* Of two numbers without zeros in front the longer one is greater. */
static int compare_numbers(struct frame_text a, struct frame_text b)
{
    if (a.len != b.len)
        return a.len < b.len ? -1 : 1;
    return memcmp(a.bytes, b.bytes, a.len);
}

static unsigned char lower(char c)
{
    return (unsigned char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
}

/* As people count: shop-9 comes before shop-10. */
static int compare_text(struct frame_text a, struct frame_text b)
{
    size_t i = 0, k = 0;
    while (i < a.len && k < b.len) {
        int order;
        if (is_digit(a, i) && is_digit(b, k)) {
            struct frame_text x = take_number(a, &i), y = take_number(b, &k);
            order = compare_numbers(x, y);
        } else {
            order = lower(a.bytes[i++]) - lower(b.bytes[k++]);
        }
        if (order)
            return order;
    }
    return (i < a.len) - (k < b.len);
}

static struct sort_row sort_row(const struct frame *f, uint32_t row, int column)
{
    struct sort_row s = {.row = row};
    if (column < 0)
        return s;
    const struct cell *c = frame_cell(f, row, column);
    s.known = c->known;
    if (f->schema->columns[column].type == TYPE_TEXT)
        s.t = frame_text(f, row, column);
    else
        s.i = c->i;     /* or d, by the same bytes */
    return s;
}

static int compare_known(const struct sort_row *a, const struct sort_row *b, enum type type)
{
    switch (type) {
    case TYPE_TEXT:
        return compare_text(a->t, b->t);
    case TYPE_REAL:
        return (a->d > b->d) - (a->d < b->d);
    case TYPE_LSN:
        return (a->u > b->u) - (a->u < b->u);
    default:
        return (a->i > b->i) - (a->i < b->i);
    }
}

/* Equal rows stand by their keys, so that their order is the same in every answer, then as the answer came.
 */
static int compare_ties(const struct sort_by *by, uint32_t a, uint32_t b)
{
    for (int i = 0; i < by->nkeys; i++) {
        struct sort_row x = sort_row(by->sheet, a, i), y = sort_row(by->sheet, b, i);
        if (x.known != y.known)
            return x.known ? -1 : 1;
        int order = compare_known(&x, &y, by->sheet->schema->columns[i].type);
        if (order)
            return order;
    }
    return (a > b) - (a < b);
}

static int compare_rows(const void *x, const void *y, void *arg)
{
    const struct sort_row *a = x, *b = y;
    const struct sort_by *by = arg;
    if (a->known != b->known)
        return a->known ? -1 : 1;
    int order = a->known ? compare_known(a, b, by->type) : 0;
    if (order)
        return by->descending ? -order : order;
    return compare_ties(by, a->row, b->row);
}

static void sort_rows(const struct table *t, struct row_order *o)
{
    if (t->sort < 0)
        return;
    struct sort_by by = {t->sheet, t->schema->columns[t->sort].type, schema_keys(t->schema), t->descending};
    struct sort_row *rows = mem_array(o->n + 1, sizeof(*rows));
    for (uint32_t i = 0; i < o->n; i++)
        rows[i] = sort_row(t->sheet, o->rows[i], t->sort);
    qsort_r(rows, o->n, sizeof(*rows), compare_rows, &by);
    for (uint32_t i = 0; i < o->n; i++)
        o->rows[i] = rows[i].row;
    free(rows);
}

static void choose_rows(struct table *t, struct row_order *o)
{
    t->total = 0;
    for (uint32_t row = 0; row < t->sheet->nrows; row++) {
        if (t->form->hide && t->form->hide(t->arg, t->sheet, row))
            continue;
        t->total++;
        if (!t->filter || filter_match(t->filter, t->sheet, row, t->rates))
            o->rows[o->n++] = row;
    }
}

/* A forest over rows, as lists of children; TABLE_ROOT ends a list. */
struct forest {
    uint32_t *parent, *child, *sibling, *stack;
    uint8_t *depth;             /* by row; one more than in the order, 0: not placed yet */
};

/* The nearest row above that is shown; rows between that the filter hides are skipped. */
static uint32_t shown_parent(const struct frame *sheet, const struct forest *f, const uint8_t *shown,
                             uint32_t row)
{
    uint32_t up = f->parent[row];
    for (uint32_t steps = 0; up < sheet->nrows && steps < sheet->nrows; steps++) {
        if (shown[up])
            return up == row ? TABLE_ROOT : up;
        up = f->parent[up];
    }
    return TABLE_ROOT;
}

/* Lists are built from the back, so that children stand in the sorted order. */
static void link_children(const struct table *t, const struct row_order *o, struct forest *f)
{
    uint8_t *shown = mem_array(t->sheet->nrows, 1);
    uint32_t *parents = mem_array(t->sheet->nrows, sizeof(*parents));
    for (uint32_t i = 0; i < o->n; i++)
        shown[o->rows[i]] = 1;
    for (uint32_t i = o->n; i-- > 0;) {
        uint32_t row = o->rows[i], up = parents[row] = shown_parent(t->sheet, f, shown, row);
        if (up != TABLE_ROOT) {
            f->sibling[row] = f->child[up];
            f->child[up] = row;
        }
    }
    for (uint32_t i = 0; i < o->n; i++)
        f->parent[o->rows[i]] = parents[o->rows[i]];
    free(shown);
    free(parents);
}

/* Places a row and all below it. A row that was placed already closes a cycle, and is left where it is. */
static void place_tree(struct forest *f, uint32_t root, struct row_order *o)
{
    uint32_t height = 0;
    if (f->depth[root])
        return;
    f->depth[root] = 1;
    f->stack[height++] = root;
    while (height > 0) {
        uint32_t row = f->stack[--height];
        o->depth[o->n] = f->depth[row] - 1;
        o->rows[o->n++] = row;
        uint32_t first = height;
        for (uint32_t child = f->child[row]; child != TABLE_ROOT; child = f->sibling[child]) {
            if (f->depth[child])
                continue;
            f->depth[child] = f->depth[row] < UINT8_MAX ? f->depth[row] + 1 : UINT8_MAX;
            f->stack[height++] = child;
        }
        for (uint32_t low = first, high = height; low + 1 < high; low++) {
            uint32_t swap = f->stack[low];
            f->stack[low] = f->stack[--high];
            f->stack[high] = swap;
        }
    }
}

static void grow_trees(const struct table *t, struct row_order *o)
{
    size_t n = t->sheet->nrows;
    uint32_t *sorted = mem_array(n, sizeof(*sorted)), count = o->n;
    struct forest f = {mem_array(n, sizeof(uint32_t)), mem_array(n, sizeof(uint32_t)),
                       mem_array(n, sizeof(uint32_t)), mem_array(n, sizeof(uint32_t)), mem_array(n, 1)};
    memset(f.child, 0xff, n * sizeof(uint32_t));
    memset(f.sibling, 0xff, n * sizeof(uint32_t));
    memset(f.parent, 0xff, n * sizeof(uint32_t));
    t->form->parents(t->arg, t->sheet, f.parent);
    link_children(t, o, &f);
    memcpy(sorted, o->rows, count * sizeof(*sorted));
    o->n = 0;
    for (uint32_t i = 0; i < count; i++)
        if (f.parent[sorted[i]] == TABLE_ROOT)
            place_tree(&f, sorted[i], o);
    for (uint32_t i = 0; i < count; i++)    /* only cycles are left */
        place_tree(&f, sorted[i], o);
    free(sorted);
    free(f.parent);
    free(f.child);
    free(f.sibling);
    free(f.stack);
    free(f.depth);
}

void table_arrange(struct table *t, struct row_order *o)
{
    size_t n = t->sheet->nrows;
    *o = (struct row_order){mem_array(n + 1, sizeof(*o->rows)), mem_array(n + 1, 1),
                            mem_array(n + 1, sizeof(*o->place)), 0};
    choose_rows(t, o);
    sort_rows(t, o);
    if (t->form->parents && t->branch >= 0 && n > 0)
        grow_trees(t, o);
    memset(o->place, 0xff, n * sizeof(*o->place));
    for (uint32_t i = 0; i < o->n; i++)
        o->place[o->rows[i]] = i;
}

/* ---- rows that keep their places ---- */

struct placed {
    uint32_t row, place, was;
};

static int by_old_place(const void *a, const void *b)
{
    const struct placed *x = a, *y = b;
    if (x->was != y->was)
        return x->was < y->was ? -1 : 1;
    return (x->place > y->place) - (x->place < y->place);
}

void table_keep_places(struct table *t, const struct frame *old, const struct row_index *index,
                       const struct row_order *order)
{
    struct row_order *o = &t->order;
    struct placed *rows = mem_array(o->n + 1, sizeof(*rows));
    uint8_t *depth = mem_array(o->n + 1, 1);
    memcpy(depth, o->depth, o->n);
    for (uint32_t i = 0; i < o->n; i++) {
        uint32_t row = o->rows[i], twin = row_index_twin(&t->index, t->sheet, row);
        uint32_t was = row_index_find(index, old, t->sheet, row, t->index.hash[row], twin);
        rows[i] = (struct placed){row, i, was == NO_PLACE ? NO_PLACE : order->place[was]};
    }
    qsort(rows, o->n, sizeof(*rows), by_old_place);
    for (uint32_t i = 0; i < o->n; i++) {
        o->rows[i] = rows[i].row;
        o->depth[i] = depth[rows[i].place];
        o->place[o->rows[i]] = i;
    }
    free(rows);
    free(depth);
}
