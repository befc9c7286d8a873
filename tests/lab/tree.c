/* Making, copying and removing directory trees, by descriptor, so that no link can lead astray. */
#include "tests/lab/tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#define OPEN_DIR (O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)

bool tree_make(const char *path, struct tree_id *id, struct err *err)
{
    struct stat st;
    if (mkdir(path, 0700) != 0 || lstat(path, &st) != 0)
        return err_set(err, "Cannot make the directory %s: %s.", path, strerror(errno));
    *id = (struct tree_id){st.st_dev, st.st_ino};
    return true;
}

static bool is_dots(const char *name)
{
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/* Takes fd. */
static bool empty(int fd, dev_t dev)
{
    bool all = true;
    DIR *dir = fdopendir(fd);
    if (dir == NULL) {
        close(fd);
        return false;
    }
    for (struct dirent *e; (e = readdir(dir)) != NULL;) {
        struct stat st;
        if (is_dots(e->d_name) || unlinkat(fd, e->d_name, 0) == 0)
            continue;
        int below = openat(fd, e->d_name, OPEN_DIR);
        bool ours = below >= 0 && fstat(below, &st) == 0 && st.st_dev == dev;
        if (!ours && below >= 0)
            close(below);
        all = ours && empty(below, dev) && unlinkat(fd, e->d_name, AT_REMOVEDIR) == 0 && all;
    }
    closedir(dir);
    return all;
}

bool tree_remove(const char *path, struct tree_id id)
{
    struct stat st;
    int fd = open(path, OPEN_DIR);
    if (fd < 0)
        return errno == ENOENT;
    if (fstat(fd, &st) != 0 || st.st_dev != id.dev || st.st_ino != id.ino) {
        close(fd);
        return false;
    }
    return empty(fd, id.dev) && rmdir(path) == 0;
}

static bool copy_file(int from_dir, int to_dir, const char *name, const struct stat *st)
{
    int in = openat(from_dir, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    int out = openat(to_dir, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, st->st_mode & 0777);
    off_t left = st->st_size;
    while (in >= 0 && out >= 0 && left > 0) {
        ssize_t n = sendfile(out, in, NULL, (size_t)left);
        if (n <= 0)
            break;
        left -= n;
    }
    bool done = in >= 0 && out >= 0 && left == 0;
    if (in >= 0)
        close(in);
    if (out >= 0)
        close(out);
    return done;
}

static bool copy_below(int from, int to);

static bool copy_one(int from, int to, const char *name)
{
    struct stat st;
    if (fstatat(from, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
        return false;
    if (S_ISREG(st.st_mode))
        return copy_file(from, to, name, &st);
    if (!S_ISDIR(st.st_mode))
        return true;
    if (mkdirat(to, name, st.st_mode & 0777) != 0)
        return false;
    return copy_below(openat(from, name, OPEN_DIR), openat(to, name, OPEN_DIR));
}

/* Takes both. */
static bool copy_below(int from, int to)
{
    DIR *dir = from >= 0 ? fdopendir(from) : NULL;
    bool all = dir != NULL && to >= 0;
    for (struct dirent *e; all && (e = readdir(dir)) != NULL;)
        all = is_dots(e->d_name) || copy_one(from, to, e->d_name);
    if (dir != NULL)
        closedir(dir);
    else if (from >= 0)
        close(from);
    if (to >= 0)
        close(to);
    return all;
}

bool tree_copy(const char *from, const char *to, struct err *err)
{
    struct tree_id id;
    if (!tree_make(to, &id, err))
        return false;
    if (!copy_below(open(from, OPEN_DIR), open(to, OPEN_DIR)))
        return err_set(err, "Cannot copy %s to %s: %s.", from, to, strerror(errno));
    return true;
}
