/* Good frames of the past within a budget. */
#include "model/past.h"

#include "base/mem.h"

#include <stdlib.h>

static struct past_frame *at(const struct past *p, size_t i)
{
    return &p->list[(p->first + i) % p->room];
}

static void forget_oldest(struct past *p)
{
    struct past_frame *oldest = at(p, 0);
    p->bytes -= oldest->frame->bytes;
    frame_unref(oldest->frame);
    p->first = (p->first + 1) % p->room;
    p->n--;
}

static void widen(struct past *p)
{
    size_t room = p->room ? p->room * 2 : 64;
    struct past_frame *list = mem_array(room, sizeof(*list));
    for (size_t i = 0; i < p->n; i++)
        list[i] = *at(p, i);
    free(p->list);
    p->list = list;
    p->room = room;
    p->first = 0;
}

void past_keep(struct past *p, int target, int topic, const struct frame *f)
{
    if (f->bytes > p->budget)
        return;
    while (p->n > 0 && p->bytes + f->bytes > p->budget)
        forget_oldest(p);
    if (p->n == p->room)
        widen(p);
    p->n++;
    *at(p, p->n - 1) = (struct past_frame){target, topic, frame_ref(f)};
    p->bytes += f->bytes;
}

const struct frame *past_find(const struct past *p, int target, int topic, unsigned back)
{
    for (size_t i = p->n; i > 0; i--) {
        const struct past_frame *f = at(p, i - 1);
        if (f->target == target && f->topic == topic && back-- == 0)
            return f->frame;
    }
    return NULL;
}

void past_forget(struct past *p, int target)
{
    size_t kept = 0;
    for (size_t i = 0; i < p->n; i++) {
        struct past_frame f = *at(p, i);
        if (f.target != target) {
            *at(p, kept++) = f;
            continue;
        }
        p->bytes -= f.frame->bytes;
        frame_unref(f.frame);
    }
    p->n = kept;
}

void past_clear(struct past *p)
{
    for (size_t i = 0; i < p->n; i++)
        frame_unref(at(p, i)->frame);
    free(p->list);
    *p = (struct past){.budget = p->budget};
}
