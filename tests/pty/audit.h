/* Judges every byte that a program wrote to its terminal. Allowed are printable characters in valid UTF-8,
 * and the control bytes and escape sequences that curses can make from this terminal's terminfo entry, plus
 * the modes of mouse (1000, 1002, 1006), focus (1004), paste (2004) and synchronized output (2026). All else
 * is a finding: other control bytes, DEL, C1 raw or encoded, characters that reorder, hide or join text, OSC,
 * DCS, APC, PM and SOS strings, unknown sequences, reports, more than two combining marks in a row. */
#ifndef TESTS_AUDIT_H
#define TESTS_AUDIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct audit;

struct audit_rules {
    const char *term;       /* terminfo name; the test ends when it is not known */
    bool ascii_only;        /* the program runs in a locale without UTF-8 */
    bool title;             /* OSC 0 and 2 with harmless text, ended by BEL or ST */
    bool clipboard;         /* OSC 52 */
};

#define AUDIT_KEPT 32       /* findings remembered; all are counted */

struct audit_finding {
    uint64_t offset;        /* of its first byte in the stream */
    char what[96];
};

struct audit *audit_new(const struct audit_rules *rules);
void audit_feed(struct audit *a, const void *bytes, size_t n);  /* in pieces of any size */
bool audit_end(struct audit *a);            /* a sequence or character cut short is a finding; true: clean */
uint64_t audit_count(const struct audit *a);
const struct audit_finding *audit_at(const struct audit *a, size_t i); /* NULL from AUDIT_KEPT or count on */
void audit_print(const struct audit *a);    /* on stderr */
void audit_free(struct audit *a);

/* The whole in one call: prints what it finds, true when clean. */
bool audit_bytes(const struct audit_rules *rules, const void *bytes, size_t n);

#endif
