/* Gives the terminal back from a signal handler: a string and modes that were prepared beforehand, nothing
 * else. */
#include "ui/rescue.h"

#include "base/attr.h"

#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

static struct {
    volatile sig_atomic_t armed;
    int fd;
    struct termios modes;
    char bytes[512];
    size_t len;
    bool at_exit;
    _Alignas(64) char stack[16384];          /* a stack overflow is a crash too */
} rescue;

static void give_back(void)
{
    if (!rescue.armed)
        return;
    rescue.armed = 0;
    /* A terminal that takes no bytes now cannot be helped; the modes count more. */
    ssize_t ignored = write(rescue.fd, rescue.bytes, rescue.len);
    (void)ignored;
    tcsetattr(rescue.fd, TCSANOW, &rescue.modes);
}

/* SA_RESETHAND has put the default back: raised again, the signal ends the process as it would have. */
static void on_crash(int signo)
{
    static const char words[] = "pgvigil: a fault in it, or in a library of its, has ended it\n";
    bool ours = rescue.armed && signo != SIGTERM && signo != SIGINT && signo != SIGHUP && signo != SIGQUIT;
    give_back();
    ssize_t ignored = ours ? write(STDERR_FILENO, words, sizeof(words) - 1) : 0;
    (void)ignored;
    prctl(PR_SET_DUMPABLE, 0);      /* a core handler does not mind the limit, and there may be passwords */
    raise(signo);
}

void rescue_arm(int fd, const struct termios *modes, const char *bytes, size_t len)
{
    static const int signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGQUIT, SIGTERM, SIGINT, SIGHUP};
    struct sigaction crash = {.sa_handler = on_crash, .sa_flags = (int)(SA_RESETHAND | SA_ONSTACK)};
    sigaltstack(&(stack_t){.ss_sp = rescue.stack, .ss_size = sizeof(rescue.stack)}, NULL);
    rescue.fd = fd;
    rescue.modes = *modes;
    rescue.len = len < sizeof(rescue.bytes) ? len : sizeof(rescue.bytes);
    memcpy(rescue.bytes, bytes, rescue.len);
    /* Only the first time: later a loop may have taken some of them. */
    for (size_t i = 0; i < COUNT_OF(signals) && !rescue.at_exit; i++)
        sigaction(signals[i], &crash, NULL);
    if (!rescue.at_exit)
        atexit(give_back);
    rescue.at_exit = true;
    rescue.armed = 1;
}

void rescue_disarm(void)
{
    rescue.armed = 0;
}
