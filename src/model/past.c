/* Good frames of the past within a budget. */
#include "model/past.h"

#include "base/mem.h"

#include <stdlib.h>

static struct past_frame *at(const struct past *p, size_t i)
{
    return &p->list[(p->first + i) % p->room];
}

static void drop(struct past *p, struct past_frame *f)
{
    p->bytes -= f->frame ? f->frame->bytes : 0;
    frame_unref(f->frame);
    *f = (struct past_frame){-1, -1, NULL};
}

static void forget_oldest(struct past *p)
{
    drop(p, at(p, 0));
    p->first = (p->first + 1) % p->room;
    p->n--;
}

/* Closes the holes, and doubles the room when there were few. */
static void widen(struct past *p)
{
    size_t room = p->room ? p->room : 64, kept = 0;
    for (size_t i = 0; i < p->n; i++)
        kept += at(p, i)->frame != NULL;
    room = kept > room / 2 ? room * 2 : room;
    struct past_frame *list = mem_array(room, sizeof(*list));
    kept = 0;
    for (size_t i = 0; i < p->n; i++)
        if (at(p, i)->frame)
            list[kept++] = *at(p, i);
    free(p->list);
    p->list = list;
    p->room = room;
    p->n = kept;
    p->first = 0;
}

/* Lets go what nobody looks back at, now that a new one comes: large answers would push out all that is small. */
static void thin(struct past *p, int target, int topic, int64_t now_us, unsigned least)
{
    int64_t newer_us = now_us;
    unsigned back = 0;
    for (size_t i = p->n; i > 0; i--) {
        struct past_frame *f = at(p, i - 1);
        if (f->target != target || f->topic != topic)
            continue;
        if (++back > least && now_us - newer_us >= PAST_RATE_US)
            drop(p, f);
        else
            newer_us = f->frame->taken_us;
    }
}

void past_keep(struct past *p, int target, int topic, const struct frame *f, unsigned least)
{
    thin(p, target, topic, f->taken_us, least);
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
    for (size_t i = 0; i < p->n; i++)
        if (at(p, i)->target == target)
            drop(p, at(p, i));
}

void past_clear(struct past *p)
{
    for (size_t i = 0; i < p->n; i++)
        frame_unref(at(p, i)->frame);
    free(p->list);
    *p = (struct past){.budget = p->budget};
}
