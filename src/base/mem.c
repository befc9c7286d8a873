/* Allocation that cannot fail quietly. */
#include "base/mem.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static struct {
    int status;
    bool failed;
} memory = {.status = 1};

/* After all that is called at the end: before it, the words would go with the screen. */
static __attribute__((destructor)) void say_why(void)
{
    static const char words[] = "pgvigil: out of memory\n";
    ssize_t ignored = memory.failed ? write(STDERR_FILENO, words, sizeof(words) - 1) : 0;
    (void)ignored;
}

void mem_exhausted(void)
{
    if (memory.failed) {            /* what is called at the end wants memory too */
        say_why();
        _exit(memory.status);
    }
    memory.failed = true;
    exit(memory.status);
}

void mem_end_with(int status)
{
    memory.status = status;
}

static void *checked(void *p)
{
    if (!p)
        mem_exhausted();
    return p;
}

void *mem_new(size_t size)
{
    return checked(calloc(1, size ? size : 1));
}

void *mem_array(size_t n, size_t size)
{
    return checked(calloc(n ? n : 1, size ? size : 1));
}

void *mem_resize(void *old, size_t n, size_t size)
{
    if (size && n > SIZE_MAX / size)
        mem_exhausted();
    size_t bytes = n * size;
    return checked(realloc(old, bytes > 0 ? bytes : 1));
}

char *mem_string(const char *s)
{
    return s ? checked(strdup(s)) : NULL;
}

char *mem_bytes(const void *bytes, size_t n)
{
    if (n == SIZE_MAX)
        mem_exhausted();
    char *copy = checked(malloc(n + 1));
    if (n)
        memcpy(copy, bytes, n);
    copy[n] = '\0';
    return copy;
}

char *mem_secret(const char *s)
{
    char *copy = mem_string(s);
    if (copy)
        mlock(copy, strlen(copy) + 1);
    return copy;
}

void mem_forget(char *secret)
{
    if (!secret)
        return;
    size_t n = strlen(secret);
    mem_wipe(secret, n);
    munlock(secret, n + 1);
    free(secret);
}

void mem_wipe(void *p, size_t n)
{
    if (p && n)
        explicit_bzero(p, n);
}
