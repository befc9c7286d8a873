/* One file into memory. */
#include "conf/file.h"

#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool complain(struct conf_errors *errors, const char *path, const char *why, const char *what_to_do)
{
    conf_error(errors, path, (struct mark){0}, "The file cannot be read: %s. %s", why, what_to_do);
    return false;
}

static bool check(int fd, const char *path, size_t max, struct file_facts *facts, struct conf_errors *errors)
{
    struct stat st;
    if (fstat(fd, &st) != 0)
        return complain(errors, path, strerror(errno), "Look at the file system.");
    if (!S_ISREG(st.st_mode))
        return complain(errors, path, "it is not a regular file", "Name a file.");
    *facts = (struct file_facts){st.st_mode & 07777, st.st_uid == geteuid(), st.st_uid == 0};
    if (st.st_mode & S_IWOTH) {
        conf_error(errors, path, (struct mark){0},
                   "Everybody may write to this file (mode %04o), so it is not believed: chmod o-w it.",
                   facts->mode);
        return false;
    }
    if ((size_t)st.st_size > max) {
        conf_error(errors, path, (struct mark){0}, "The file is too large: at most %zu kB are read.",
                   max / 1024);
        return false;
    }
    return true;
}

/* A file may grow while it is read: one byte more than allowed is enough to know. */
static bool slurp(int fd, size_t max, struct buf *out)
{
    char *all = mem_new(max + 2);
    size_t n = 0;
    ssize_t got;
    while ((got = read(fd, all + n, max + 1 - n)) != 0) {
        if (got > 0)
            n += (size_t)got;
        else if (errno != EINTR)
            break;
    }
    *out = (struct buf){all, n, max + 2};
    return got == 0;
}

bool file_read(const char *path, size_t max, struct buf *out, struct file_facts *facts, bool *missing,
               struct conf_errors *errors)
{
    if (missing)
        *missing = false;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0) {
        if (missing && (errno == ENOENT || errno == ENOTDIR)) {
            *missing = true;
            return false;
        }
        return complain(errors, path, strerror(errno), "Check its name and its permissions.");
    }
    bool ok = check(fd, path, max, facts, errors);
    if (ok && !slurp(fd, max, out))
        ok = complain(errors, path, strerror(errno), "Look at the file system.");
    close(fd);
    return ok;
}

void file_wipe(struct buf *out)
{
    mem_wipe(out->data, out->len);
    buf_free(out);
}
