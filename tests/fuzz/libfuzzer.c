/* libFuzzer's side: the environment variable FUZZ names the target.
 *     FUZZ=text tests/fuzz/fuzz -max_total_time=60 /tmp/new ../tests/fuzz/corpus/text */
#include "fuzz.h"

#include <locale.h>
#include <string.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static const struct fuzz_target *chosen;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    setlocale(LC_CTYPE, "C.UTF-8");
    const char *name = getenv("FUZZ");
    for (const struct fuzz_target *t = fuzz_targets; name && t->name; t++)
        if (strcmp(t->name, name) == 0)
            chosen = t;
    if (!chosen) {
        fputs("FUZZ must name a target of tests/fuzz/list.h\n", stderr);
        exit(2);
    }
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    chosen->run(bytes, len);
    return 0;
}
