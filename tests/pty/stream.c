/* The bytes on their way to libvterm: modes are remembered, repeated characters spelt out. */
#include "tests/pty/state.h"

#include <stdlib.h>
#include <string.h>

enum { TEXT, ESCAPE, CSI };

#define REPEAT_MAX 4096

static void remember_mode(struct stream *s, int mode, bool on)
{
    size_t i = 0;
    while (i < s->nmodes && s->modes[i].mode != mode)
        i++;
    if (i == MODES_MAX)
        return;
    s->modes[i].mode = mode;
    s->modes[i].on = on;
    if (i == s->nmodes)
        s->nmodes++;
}

/* "ESC [ ? 1006 ; 1000 h" */
static void remember_modes(struct stream *s, bool on)
{
    char *at = s->csi + 3;
    while (*at >= '0' && *at <= '9') {
        remember_mode(s, (int)strtol(at, &at, 10), on);
        if (*at == ';')
            at++;
    }
}

static void repeat(struct pty *p)
{
    struct stream *s = &p->stream;
    long n = strtol(s->csi + 2, NULL, 10);
    for (long i = 0; i < (n < 1 ? 1 : n > REPEAT_MAX ? REPEAT_MAX : n); i++)
        vterm_input_write(p->vt, s->last, s->nlast);
}

static void end_of_csi(struct pty *p, char final)
{
    struct stream *s = &p->stream;
    s->csi[s->ncsi] = '\0';
    if (final == 'b' && s->ncsi > 2 && s->csi[2] != '?')
        repeat(p);
    else
        vterm_input_write(p->vt, s->csi, s->ncsi);
    if (s->csi[2] == '?' && (final == 'h' || final == 'l'))
        remember_modes(s, final == 'h');
    s->state = TEXT;
}

/* One byte of an escape sequence; it reaches libvterm when the sequence is whole, or proves to be none. */
static void sequence_byte(struct pty *p, char c)
{
    struct stream *s = &p->stream;
    s->csi[s->ncsi++] = c;
    if (s->state == ESCAPE && c == '[') {
        s->state = CSI;
        return;
    }
    bool final = s->state == CSI && c >= 0x40 && c <= 0x7E;
    if (final) {
        end_of_csi(p, c);
    } else if (s->state == ESCAPE || c < 0x20 || s->ncsi + 1 == sizeof(s->csi)) {
        vterm_input_write(p->vt, s->csi, s->ncsi);
        s->state = TEXT;
    }
}

static void remember_character(struct stream *s, unsigned char c)
{
    if (c < 0x20)
        return;
    if ((c & 0xC0) != 0x80 || s->nlast == sizeof(s->last))
        s->nlast = 0;
    s->last[s->nlast++] = (char)c;
}

void stream_feed(struct pty *p, const char *bytes, size_t n)
{
    struct stream *s = &p->stream;
    size_t start = 0;
    for (size_t i = 0; i < n; i++) {
        if (s->state != TEXT) {
            sequence_byte(p, bytes[i]);
            start = i + 1;
        } else if (bytes[i] == '\x1b') {
            vterm_input_write(p->vt, bytes + start, i - start);
            s->csi[0] = bytes[i];
            s->ncsi = 1;
            s->state = ESCAPE;
            start = i + 1;
        } else {
            remember_character(s, (unsigned char)bytes[i]);
        }
    }
    if (start < n)
        vterm_input_write(p->vt, bytes + start, n - start);
}
