/* A setting: one row says what a key of the configuration means. Strict reading, defaults, `config show`,
 * `config init` and the manual's tables all come from such rows. A room keeps its rows in one const table. */
#ifndef SPEC_OPTION_H
#define SPEC_OPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum setting_type {
    SETTING_BOOL,     /* bool; only true and false */
    SETTING_INT,      /* int64_t */
    SETTING_DURATION, /* double, seconds; written with a unit: 250 ms, 2 s, 10 min, 1 h, 7 d */
    SETTING_SIZE,     /* int64_t, bytes; written with a unit, in powers of 1024: 512 kB, 64 MB */
    SETTING_FRACTION, /* double, 0 to 1; written 80 % or 0.8 */
    SETTING_ENUM,     /* int, the index in words */
    SETTING_TEXT,     /* char *, owned; NULL when not set */
    SETTING_WORD,     /* char *, owned: a letter or digit, then letters, digits, "_", "-", "."; at most 63 */
    SETTING_WORDS,    /* struct words, owned: a list of different words */
    SETTING_TYPE_COUNT_
};

struct words {
    char **list;
    size_t n;
};

struct setting {
    const char *key; /* its place under the table's map, with dots: "history.memory"; NULL ends the table */
    enum setting_type type;
    size_t at;       /* offset of its field in the struct that the table fills in */
    double min, max; /* of numbers, in base units; of texts and lists, their length; both 0: no limit */
    const char *const *words; /* SETTING_ENUM: what may be said. SETTING_WORDS: what may be listed, or NULL
                               * for any word. Ends with NULL */
    const char *preset;       /* the default, as one would write it; NULL: not set (0, false, empty) */
    bool required;
    bool secret;      /* never printed */
    const char *help; /* one sentence, ends with a full stop */
};

enum origin_kind { ORIGIN_DEFAULT, ORIGIN_FILE, ORIGIN_COMMAND_LINE };

struct origin { /* where a value came from; kept beside the values, one for each row */
    enum origin_kind kind;
    unsigned line, column; /* of ORIGIN_FILE */
};

#endif
