/* Which key asks for what. Starts with the defaults of the rows; pgvigil.yaml may give any row other keys.
 * One key means one thing on a page: a conflict is an error when the program starts, not a surprise at night.
 */
#ifndef UI_KEYMAP_H
#define UI_KEYMAP_H

#include "base/buf.h"
#include "base/err.h"
#include "spec/keymap.h"

#include <stdbool.h>
#include <stdint.h>

struct keymap;

/* The common rows, in the order of enum request, ended by a NULL name. */
extern const struct key_row common_keys[];

struct keymap *keymap_new(void);        /* the common rows with their default keys */
void keymap_free(struct keymap *m);

/* Adds a page's own rows under the page's name; both are borrowed. NULL rows are fine. */
void keymap_add(struct keymap *m, const char *page, const struct key_row *rows);

/* Gives a row other keys than its own, as text; nkeys 0 leaves it without any. A page's own row gets them on all
 * pages that have one of that name. Unknown names and keys are refused with a sentence that suggests the nearest name. */
bool keymap_bind(struct keymap *m, const char *name, const char *const *keys, int nkeys, struct err *err) MUST_CHECK;

/* True when no key means two things on any page; call after the last bind. between: NULL, or it is given the names of
 * the two rows that are wrong together. */
bool keymap_check(const struct keymap *m, const char *between[2], struct err *err) MUST_CHECK;

/* REQ_NONE when the key means nothing there. page NULL: only the common rows. */
int keymap_request(const struct keymap *m, const char *page, uint32_t key);
/* The row of a request; NULL: no such. */
const struct key_row *keymap_row(const struct keymap *m, const char *page, int request);
/* Rows by number, for help and palettes: first the page's own, then the common ones. NULL past the end. */
const struct key_row *keymap_each(const struct keymap *m, const char *page, int i);

/* The keys of a request for people, "k Up C-p"; at most `most` of them (0: all). Empty when it has none. */
void keymap_keys_text(const struct keymap *m, const char *page, int request, int most, struct buf *out);

/* "k", "C-r", "<C-r>", "F1", "PgUp", "<lt>"; names in any case. K_NONE: not a key. */
uint32_t keymap_parse_key(const char *text);
/* The other way: as keymap_parse_key reads it. out holds 16 bytes. */
void keymap_key_text(uint32_t key, char out[16]);

const char *key_group_title(enum key_group group);

#endif
