/* Faults within a process: a library that is loaded before all others (faulty.so, by LD_PRELOAD) and does what a
 * file in memory says, which the test and the process share. The test's side is in faulty_client.c. */
#ifndef TESTS_FAULT_FAULTY_H
#define TESTS_FAULT_FAULTY_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum faulty_call {
    FAULTY_NONE,
    FAULTY_ALLOCATE,        /* malloc and its kin: no memory */
    FAULTY_WRITE,           /* write: EIO, as of the terminal and of files in memory; not stdio's own */
    FAULTY_SEND,            /* send, sendmsg: EPIPE, as of the pipes between screen and watcher */
    FAULTY_OPEN,            /* open, pipe2, socket, socketpair, memfd_create, eventfd: EMFILE */
    FAULTY_FORK,            /* fork: EAGAIN */
};

struct faulty {
    char who[32];           /* the program, by the end of its argv[0], or with a * its beginning; others are left alone */
    _Atomic int call;       /* an enum faulty_call */
    _Atomic int64_t at;     /* the at-th such call fails, from 1 on, of all processes of that name together; 0: none */
    _Atomic bool on;        /* and all that follow */
    _Atomic int64_t calls;  /* so far */
    _Atomic int64_t failed; /* of them */
    _Atomic int crashed;    /* the signal that ended such a process; 0: none */
    char culprit[64];       /* then the file that it happened in: the first below libc that was on its way there */
    _Atomic int64_t wall_us, boot_us, monotonic_us; /* the clocks are that much ahead */
};

/* Never NULL. Settings for the environment of a process, good until faulty_end. */
struct faulty *faulty_new(const char *who);
const char *faulty_setting(const struct faulty *f);     /* FAULTY=.. */
const char *faulty_preload(void);                       /* LD_PRELOAD=.. */
void faulty_set(struct faulty *f, enum faulty_call call, int64_t at, bool on); /* counts anew */
void faulty_end(struct faulty *f);

#endif
