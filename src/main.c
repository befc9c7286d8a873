/* pgvigil: finds the front end that was asked for and runs it. */
#include "cmd.h"

#include "base/compat.h"

#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

static const struct command *const commands[] = {
    &command_watch,
    &command_report,
    &command_demo,
    &command_config,
    &command_probes,
};

static int print_help(void)
{
    puts("pgvigil watches PostgreSQL servers and says what is wrong, and why.\n");
    puts("Usage:");
    for (size_t i = 0; i < COUNT_OF(commands); i++)
        printf("  pgvigil %s %s\n      %s\n", commands[i]->name, commands[i]->arguments, commands[i]->summary);
    return EXIT_OK;
}

int main(int argc, char **argv)
{
    setlocale(LC_CTYPE, "");
    signal(SIGPIPE, SIG_IGN);
    if (argc > 1 && strcmp(argv[1], "--version") == 0) {
        puts(PACKAGE_STRING);
        return EXIT_OK;
    }
    for (size_t i = 0; i < COUNT_OF(commands) && argc > 1; i++)
        if (strcmp(argv[1], commands[i]->name) == 0)
            return commands[i]->run(argc - 1, argv + 1);
    if (argc > 1 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-?") == 0))
        return print_help();
    return command_watch.run(argc, argv);
}
