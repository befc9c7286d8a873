/* The test's side of faulty.h. */
#include "tests/fault/faulty.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static char path[64], setting[80];

struct faulty *faulty_new(const char *who)
{
    snprintf(path, sizeof(path), "/tmp/faulty-XXXXXX");
    int fd = mkostemp(path, O_CLOEXEC);
    struct faulty *f = MAP_FAILED;
    if (fd >= 0 && fchmod(fd, 0666) == 0 && ftruncate(fd, sizeof(*f)) == 0)
        f = mmap(NULL, sizeof(*f), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (f == MAP_FAILED) {
        perror("faulty");
        exit(99);
    }
    close(fd);
    snprintf(f->who, sizeof(f->who), "%s", who);
    return f;
}

const char *faulty_setting(const struct faulty *f)
{
    (void)f;
    snprintf(setting, sizeof(setting), "FAULTY=%s", path);
    return setting;
}

const char *faulty_preload(void)
{
    static char words[PATH_MAX + 20];
    const char *build = getenv("BUILDDIR") ? getenv("BUILDDIR") : ".";
    snprintf(words, sizeof(words), "LD_PRELOAD=%s/tests/fault/faulty.so", build);
    return words;
}

void faulty_set(struct faulty *f, enum faulty_call call, int64_t at, bool on)
{
    f->call = FAULTY_NONE;
    f->at = at;
    f->on = on;
    f->calls = f->failed = 0;
    f->crashed = 0;
    memset(f->culprit, 0, sizeof(f->culprit));
    f->call = (int)call;
}

void faulty_end(struct faulty *f)
{
    munmap(f, sizeof(*f));
    unlink(path);
}
