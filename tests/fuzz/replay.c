/* Runs every target over its corpus, without libFuzzer, and over changed and cut copies of each input. A
 * target without inputs fails. FUZZ_ROUNDS says how many changed copies there are of each (200). */
#include "../unit/random.h"
#include "fuzz.h"

#include <dirent.h>
#include <errno.h>
#include <locale.h>
#include <string.h>

enum { INPUT_MAX = 1 << 16 };

static size_t read_input(const char *folder, const char *name, uint8_t *out)
{
    char path[4096];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    FILE *file = fopen(path, "r");
    if (!file) {
        fprintf(stderr, "%s: %s\n", path, strerror(errno));
        exit(1);
    }
    size_t n = fread(out, 1, INPUT_MAX, file);
    fclose(file);
    return n;
}

/* A copy of its own size, so that a sanitizer sees a read past the end. */
static void run_exact(const struct fuzz_target *target, const uint8_t *bytes, size_t len)
{
    uint8_t *copy = malloc(len ? len : 1);
    if (!copy)
        abort();
    memcpy(copy, bytes, len);
    target->run(copy, len);
    free(copy);
}

static void run_changed(const struct fuzz_target *target, struct random *r, const uint8_t *bytes, size_t len)
{
    static uint8_t changed[INPUT_MAX];
    memcpy(changed, bytes, len);
    for (uint32_t i = 0, n = len ? 1 + random_below(r, 4) : 0; i < n; i++) {
        uint32_t at = random_below(r, (uint32_t)len);
        switch (random_below(r, 3)) {
        case 0:
            changed[at] = (uint8_t)random_next(r);
            break;
        case 1:
            changed[at] ^= (uint8_t)(1u << random_below(r, 8));
            break;
        default:
            changed[at] = bytes[random_below(r, (uint32_t)len)];
        }
    }
    run_exact(target, changed, random_below(r, 4) ? len : random_below(r, (uint32_t)len + 1));
}

static unsigned replay(const struct fuzz_target *target, const char *corpus, struct random *r, long rounds)
{
    static uint8_t input[INPUT_MAX];
    char folder[2048];
    snprintf(folder, sizeof(folder), "%s/%s", corpus, target->name);
    DIR *dir = opendir(folder);
    unsigned n = 0;
    for (struct dirent *entry; dir && (entry = readdir(dir));) {
        if (entry->d_name[0] == '.')
            continue;
        size_t len = read_input(folder, entry->d_name, input);
        run_exact(target, input, len);
        for (long i = 0; i < rounds; i++)
            run_changed(target, r, input, len);
        n++;
    }
    if (dir)
        closedir(dir);
    printf("%s: %u inputs\n", target->name, n);
    return n;
}

int main(int argc, char **argv)
{
    setlocale(LC_CTYPE, "C.UTF-8");
    const char *top = getenv("SRCDIR"), *wanted = getenv("FUZZ_ROUNDS");
    char corpus[1024];
    snprintf(corpus, sizeof(corpus), "%s/tests/fuzz/corpus", top ? top : ".");
    struct random r = random_start("fuzz replay");
    int failed = 0;
    for (const struct fuzz_target *t = fuzz_targets; t->name; t++)
        if (argc < 2 || strcmp(argv[1], t->name) == 0)
            failed |= replay(t, corpus, &r, wanted ? atol(wanted) : 200) == 0;
    return failed;
}
