/* The stream of messages and the small pieces that bodies are made of. */
#include "wire/wire.h"

#include "base/mem.h"

#include <assert.h>
#include <string.h>

static const char magic[4] = "PGVW";
#define PROLOGUE_BYTES 6    /* magic, version low, version high */
#define HEAD_BYTES     8    /* length, checksum */
#define KEEP_BYTES     (256u << 10) /* of an empty stream's buffer; what one large message took is given back */

/* FNV-1a, 32 bits. Any single changed byte changes it, for every step is a bijection. */
static uint32_t checksum(const char *bytes, size_t n)
{
    uint32_t h = 2166136261u;
    for (size_t i = 0; i < n; i++)
        h = (h ^ (unsigned char)bytes[i]) * 16777619u;
    return h;
}

static void put_u32(char *at, uint32_t v)
{
    for (int i = 0; i < 4; i++)
        at[i] = (char)(v >> (8 * i));
}

static uint32_t get_u32(const char *at)
{
    const unsigned char *p = (const unsigned char *)at;
    return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

void wire_open(struct buf *out)
{
    buf_add(out, magic, sizeof(magic));
    buf_putc(out, WIRE_VERSION & 0xff);
    buf_putc(out, WIRE_VERSION >> 8);
}

void wire_feed(struct wire_stream *s, const void *bytes, size_t n)
{
    if (s->broken)
        return;
    if (s->at == s->in.len && s->in.room > KEEP_BYTES)
        buf_free(&s->in);
    else if (s->at == s->in.len)
        buf_clear(&s->in);
    else if (s->at > 0)
        buf_drop(&s->in, s->at);
    s->at = 0;
    buf_add(&s->in, bytes, n);
}

static bool open_stream(struct wire_stream *s)
{
    if (s->in.len - s->at < PROLOGUE_BYTES)
        return false;
    const unsigned char *p = (unsigned char *)s->in.data + s->at;
    s->broken = memcmp(p, magic, sizeof(magic)) != 0 || (p[4] | p[5] << 8) != WIRE_VERSION;
    s->opened = !s->broken;
    s->at += PROLOGUE_BYTES;
    return s->opened;
}

bool wire_next(struct wire_stream *s, struct wire_message *m)
{
    if (s->broken || (!s->opened && !open_stream(s)))
        return false;
    size_t have = s->in.len - s->at;
    const char *head = s->in.data + s->at, *body = head + HEAD_BYTES;
    if (have < HEAD_BYTES)
        return false;
    uint32_t length = get_u32(head);
    s->broken = length < 1 || length > WIRE_MESSAGE_MAX;
    if (s->broken || have - HEAD_BYTES < length)
        return false;
    unsigned type = (unsigned char)body[0];
    s->broken = checksum(body, length) != get_u32(head + 4) || type < WIRE_START || type >= WIRE_TYPE_COUNT_;
    if (s->broken)
        return false;
    *m = (struct wire_message){(enum wire_type)type, body + 1, length - 1};
    s->at += HEAD_BYTES + length;
    return true;
}

void wire_stream_free(struct wire_stream *s)
{
    if (s->in.data)
        mem_wipe(s->in.data, s->in.room);       /* a password may have passed through */
    buf_free(&s->in);
    *s = (struct wire_stream){0};
}

size_t wire_begin(struct buf *out, enum wire_type type)
{
    size_t mark = out->len;
    buf_add(out, "\0\0\0\0\0\0\0\0", HEAD_BYTES);
    buf_putc(out, (char)type);
    return mark;
}

void wire_end(struct buf *out, size_t mark)
{
    size_t length = out->len - mark - HEAD_BYTES;
    assert(length >= 1 && length <= WIRE_MESSAGE_MAX);
    put_u32(out->data + mark, (uint32_t)length);
    put_u32(out->data + mark + 4, checksum(out->data + mark + HEAD_BYTES, length));
}

void wire_put_uint(struct buf *out, uint64_t v)
{
    while (v >= 0x80) {
        buf_putc(out, (char)(v | 0x80));
        v >>= 7;
    }
    buf_putc(out, (char)v);
}

void wire_put_int(struct buf *out, int64_t v)
{
    wire_put_uint(out, (uint64_t)v << 1 ^ (v < 0 ? UINT64_MAX : 0));
}

void wire_put_real(struct buf *out, double v)
{
    uint64_t bits;
    memcpy(&bits, &v, sizeof(bits));
    for (int i = 0; i < 8; i++)
        buf_putc(out, (char)(bits >> (8 * i)));
}

void wire_put_text(struct buf *out, const char *bytes, size_t len)
{
    wire_put_uint(out, len);
    buf_add(out, bytes, len);
}

void wire_put_string(struct buf *out, const char *s)
{
    buf_putc(out, s != NULL);
    if (s)
        wire_put_text(out, s, strlen(s));
}

struct wire_body wire_body(const struct wire_message *m)
{
    const unsigned char *at = (const unsigned char *)m->body;
    return (struct wire_body){at, at + m->len, false};
}

static unsigned char wire_byte(struct wire_body *b)
{
    if (b->bad || b->at == b->end) {
        b->bad = true;
        return 0;
    }
    return *b->at++;
}

uint64_t wire_uint(struct wire_body *b)
{
    uint64_t v = 0;
    for (int shift = 0; shift < 64; shift += 7) {
        unsigned char byte = wire_byte(b);
        v |= (uint64_t)(byte & 0x7f) << shift;
        if (!(byte & 0x80)) {
            if (shift == 63 && byte > 1)
                b->bad = true;
            return b->bad ? 0 : v;
        }
    }
    b->bad = true;
    return 0;
}

uint64_t wire_uint_max(struct wire_body *b, uint64_t max)
{
    uint64_t v = wire_uint(b);
    if (v > max)
        b->bad = true;
    return b->bad ? 0 : v;
}

int64_t wire_int(struct wire_body *b)
{
    uint64_t v = wire_uint(b);
    return (int64_t)(v >> 1 ^ (v & 1 ? UINT64_MAX : 0));
}

double wire_real(struct wire_body *b)
{
    uint64_t bits = 0;
    for (int i = 0; i < 8; i++)
        bits |= (uint64_t)wire_byte(b) << (8 * i);
    double v;
    memcpy(&v, &bits, sizeof(v));
    return b->bad ? 0 : v;
}

struct frame_text wire_text(struct wire_body *b)
{
    uint64_t len = wire_uint(b);
    if (b->bad || len > (uint64_t)(b->end - b->at)) {
        b->bad = true;
        return (struct frame_text){"", 0};
    }
    const char *bytes = (const char *)b->at;
    b->at += len;
    return (struct frame_text){bytes, (uint32_t)len};
}

char *wire_string(struct wire_body *b)
{
    if (wire_byte(b) != 1)
        return NULL;
    struct frame_text t = wire_text(b);
    return b->bad ? NULL : mem_bytes(t.bytes, t.len);
}

bool wire_done(const struct wire_body *b)
{
    return !b->bad && b->at == b->end;
}
