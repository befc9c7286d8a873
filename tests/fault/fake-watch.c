/* A watcher gone wrong, in place of pgvigil-watch: says on its pipe what $FAKE_WATCH names. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PIPE 3

static void send_noise(unsigned seed, size_t n)
{
    char bytes[4096];
    while (n > 0) {
        size_t some = n < sizeof(bytes) ? n : sizeof(bytes);
        for (size_t i = 0; i < some; i++) {
            seed = seed * 1103515245U + 12345U;
            bytes[i] = (char)(seed >> 16);
        }
        if (write(PIPE, bytes, some) < 0)
            return;
        n -= some;
    }
}

/* As a real one begins, with a hostile head after it. */
static void send_after_greeting(void)
{
    static const char huge[] = "PGVW\1\0\0\0\x02\xff\xff\xff\x7f";
    if (write(PIPE, huge, sizeof(huge) - 1) < 0)
        return;
    send_noise(7, 100000);
}

/* Descriptors ride along until the kernel takes no more. */
static void send_descriptors(void)
{
    char byte = 0;
    union {
        struct cmsghdr head;
        char room[CMSG_SPACE(4 * sizeof(int))];
    } control = {0};
    struct iovec io = {&byte, 1};
    struct msghdr m = {
        .msg_iov = &io, .msg_iovlen = 1, .msg_control = control.room, .msg_controllen = sizeof(control.room)};
    int fds[4] = {0, 1, 2, PIPE};
    control.head = (struct cmsghdr){
        .cmsg_len = CMSG_LEN(sizeof(fds)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
    memcpy(CMSG_DATA(&control.head), fds, sizeof(fds));
    for (int i = 0; i < 100; i++)
        if (sendmsg(PIPE, &m, MSG_NOSIGNAL) < 0)
            return;
}

/* By several calls, so that no register still knows where it is. */
static void lose_memory(void)
{
    for (volatile int i = 0; i < 20; i++) {
        char *volatile lost = malloc(100 + (size_t)i);
        lost[0] = 1;
        lost = NULL;
    }
}

int main(void)
{
    const char *what = getenv("FAKE_WATCH");
    signal(SIGPIPE, SIG_IGN);
    what = what ? what : "";
    if (strcmp(what, "garbage") == 0)
        send_noise((unsigned)getpid(), 1 << 20);
    else if (strcmp(what, "greeting") == 0)
        send_after_greeting();
    else if (strcmp(what, "descriptors") == 0)
        send_descriptors();
    else if (strcmp(what, "words") == 0)
        dprintf(2, "\033]52;c;aGk=\a\033[31m\xe2\x80\xae hostile words \x9b\n");
    else if (strcmp(what, "chatter") == 0)
        while (dprintf(2, "and another thing\n") > 0)
            ;
    else if (strcmp(what, "leak") == 0)
        lose_memory();
    else if (strcmp(what, "silent") == 0)
        pause();
    return 0;
}
