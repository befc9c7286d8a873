/* Processes seen from outside, through /proc. A process that is gone has no memory, no time and no children;
 * its numbers are -1. A pid alone may be taken again: remember a struct proc to ask later whether it lives.
 */
#ifndef TESTS_PROC_H
#define TESTS_PROC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct proc {
    pid_t pid;
    uint64_t started;               /* clock ticks since boot; 0: never lived */
};

struct proc proc_of(pid_t pid);
bool proc_alive(struct proc who);   /* zombies do not live */
char proc_state(pid_t pid);         /* 'R', 'S', 'T', 'Z'..; 0: gone */
long proc_memory_kb(pid_t pid, const char *field); /* "RssAnon", "VmRSS", "VmHWM".. of /proc/PID/status */
double proc_cpu_ms(pid_t pid);      /* user and system time, in steps of 10 ms; reaped children not counted */
double proc_run_ms(pid_t pid);      /* the same to the nanosecond, where the kernel keeps it; else as above */
int proc_fds(pid_t pid);            /* open descriptors */
/* A program that keeps secrets lets only root look at its descriptors, its environment and its memory. Those that are
 * started from now on (by pty_start, or by who calls proc_let_look in the child) let us look all the same: they are in a
 * user namespace of their own, where we are root. */
void proc_will_look(bool will);
bool proc_let_look(void);           /* false: not on this machine */
/* Goes into a user namespace in which our user has this id, and into further ones (CLONE_NEW...). */
bool proc_own_namespaces(int more, int id);
bool proc_write(const char *path, const char *text);    /* a whole file, as the namespaces want it */
const char *proc_command(pid_t pid, char *out, size_t size);    /* argv joined by blanks; "" when gone */

/* Children, their children and so on, parents first. Returns how many were written, at most max. */
size_t proc_descendants(pid_t pid, struct proc *out, size_t max);
size_t proc_family(pid_t pid, struct proc *out, size_t max);     /* itself first */
bool proc_wait_gone(const struct proc *who, size_t n, int ms);  /* true when none of them lives any more */

bool proc_file_has(const char *path, const char *word);     /* any file: those of /proc do not tell their size */
int proc_family_has(pid_t pid, const char *file, const char *word);     /* in how many of them has /proc/PID/FILE it? */

#endif
