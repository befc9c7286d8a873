/* Rows by identity: the index of a sheet, and sets of keys that outlive it. */
#include "ui/widgets/table_inside.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

/* The slot of a hash, or the free one where it belongs. */
static uint32_t *slot_of(const struct row_index *x, uint64_t hash)
{
    uint32_t at = (uint32_t)hash & x->mask;
    while (x->slots[at] && x->hash[x->slots[at] - 1] != hash)
        at = (at + 1) & x->mask;
    return &x->slots[at];
}

void row_index_make(struct row_index *x, const struct frame *sheet)
{
    uint32_t size = 16;
    while (size < 2 * sheet->nrows)
        size *= 2;
    x->mask = size - 1;
    x->hash = mem_array(sheet->nrows + 1, sizeof(*x->hash));
    x->next = mem_array(sheet->nrows + 1, sizeof(*x->next));
    x->slots = mem_array(size, sizeof(*x->slots));
    for (uint32_t row = sheet->nrows; row-- > 0;) {
        x->hash[row] = frame_key_hash(sheet, row);
        uint32_t *slot = slot_of(x, x->hash[row]);
        x->next[row] = *slot;
        *slot = row + 1;
    }
}

void row_index_free(struct row_index *x)
{
    free(x->hash);
    free(x->next);
    free(x->slots);
    *x = (struct row_index){0};
}

uint32_t row_index_find(const struct row_index *x, const struct frame *sheet, const struct frame *other,
                        uint32_t as, uint64_t hash, uint32_t twin)
{
    uint32_t found = NO_PLACE;
    for (uint32_t link = *slot_of(x, hash); link; link = x->next[link - 1]) {
        if (!frame_same_key(other, as, sheet, link - 1))
            continue;
        found = link - 1;
        if (twin-- == 0)
            break;
    }
    return found;
}

uint32_t row_index_twin(const struct row_index *x, const struct frame *sheet, uint32_t row)
{
    uint32_t twin = 0;
    for (uint32_t link = *slot_of(x, x->hash[row]); link && link - 1 != row; link = x->next[link - 1])
        if (frame_same_key(sheet, link - 1, sheet, row))
            twin++;
    return twin;
}

bool row_index_knows(const struct row_index *x, uint64_t hash)
{
    return x->slots && *slot_of(x, hash) != 0;
}

void row_order_free(struct row_order *o)
{
    free(o->rows);
    free(o->depth);
    free(o->place);
    *o = (struct row_order){0};
}

struct frame *row_key_frame(const struct schema *keys, const struct frame *sheet, uint32_t row)
{
    struct frame_builder *b = frame_build(keys);
    frame_build_row(b);
    for (int i = 0; i < keys->ncolumns; i++) {
        const struct cell *c = frame_cell(sheet, row, i);
        if (!c->known)
            continue;
        if (keys->columns[i].type == TYPE_TEXT)
            frame_build_text(b, i, sheet->text + c->t.at, c->t.len);
        else if (keys->columns[i].type == TYPE_REAL)
            frame_build_real(b, i, c->d);
        else
            frame_build_int(b, i, c->i);
    }
    return frame_seal(b, &(struct frame_head){.status = FRAME_OK});
}

/* The place of the first key with this hash, or where it would stand. */
static uint32_t first_of(const struct row_keys *k, uint64_t hash)
{
    uint32_t low = 0, high = k->n;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (k->keys[middle].hash < hash)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static uint32_t place_of(const struct row_keys *k, const struct frame *sheet, uint32_t row, uint64_t hash)
{
    for (uint32_t i = first_of(k, hash); i < k->n && k->keys[i].hash == hash; i++)
        if (frame_same_key(k->keys[i].key, 0, sheet, row))
            return i;
    return NO_PLACE;
}

bool row_keys_has(const struct row_keys *k, const struct frame *sheet, uint32_t row, uint64_t hash)
{
    return k->n > 0 && place_of(k, sheet, row, hash) != NO_PLACE;
}

void row_keys_add(struct row_keys *k, const struct schema *keys, const struct frame *sheet, uint32_t row,
                  uint64_t hash)
{
    if (row_keys_has(k, sheet, row, hash))
        return;
    if (k->n == k->room) {
        k->room = k->room ? 2 * k->room : 16;
        k->keys = mem_resize(k->keys, k->room, sizeof(*k->keys));
    }
    uint32_t at = first_of(k, hash);
    memmove(&k->keys[at + 1], &k->keys[at], (k->n - at) * sizeof(*k->keys));
    k->keys[at] = (struct row_key){hash, row_key_frame(keys, sheet, row)};
    k->n++;
}

void row_keys_remove(struct row_keys *k, const struct frame *sheet, uint32_t row, uint64_t hash)
{
    uint32_t at = place_of(k, sheet, row, hash);
    if (at == NO_PLACE)
        return;
    frame_unref(k->keys[at].key);
    k->n--;
    memmove(&k->keys[at], &k->keys[at + 1], (k->n - at) * sizeof(*k->keys));
}

void row_keys_clear(struct row_keys *k)
{
    for (uint32_t i = 0; i < k->n; i++)
        frame_unref(k->keys[i].key);
    free(k->keys);
    *k = (struct row_keys){0};
}
