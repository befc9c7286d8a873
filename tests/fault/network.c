/* Namespaces, and a queue on the loopback interface that has room for one byte: a black hole without a
 * firewall. */
#include "tests/fault/network.h"

#include "tests/pty/proc.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define SPACES (CLONE_NEWNET | CLONE_NEWNS)

static bool loopback_up(void)
{
    struct ifreq r = {.ifr_flags = IFF_UP | IFF_RUNNING};
    strcpy(r.ifr_name, "lo");
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    bool done = fd >= 0 && ioctl(fd, SIOCSIFFLAGS, &r) == 0;
    if (fd >= 0)
        close(fd);
    return done;
}

bool network_enter(void)
{
    if ((unshare(SPACES) == 0 || proc_own_namespaces(SPACES, (int)getuid())) && loopback_up())
        return true;
    fprintf(stderr, "this machine gives no network namespace (%s): what a dead network does is not tested\n",
            strerror(errno));
    return false;
}

struct request {
    struct nlmsghdr head;
    struct tcmsg tc;
    char room[64];
};

static void add(struct request *r, unsigned short type, const void *data, size_t n)
{
    struct rtattr *a = (struct rtattr *)((char *)r + NLMSG_ALIGN(r->head.nlmsg_len));
    a->rta_type = type;
    a->rta_len = (unsigned short)RTA_LENGTH(n);
    memcpy(RTA_DATA(a), data, n);
    r->head.nlmsg_len = (unsigned)(NLMSG_ALIGN(r->head.nlmsg_len) + RTA_ALIGN(a->rta_len));
}

static bool tell_kernel(struct request *r)
{
    struct {
        struct nlmsghdr head;
        struct nlmsgerr err;
        char more[128];
    } answer = {.err = {.error = -EIO}};
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    bool done = fd >= 0 && send(fd, r, r->head.nlmsg_len, 0) > 0 &&
                recv(fd, &answer, sizeof(answer), 0) > 0 && answer.err.error == 0;
    if (!done)
        fprintf(stderr, "the loopback's queue cannot be changed: %s\n", strerror(-answer.err.error));
    if (fd >= 0)
        close(fd);
    return done;
}

bool network_drop(bool drop)
{
    struct request r = {
        .head = {.nlmsg_len = NLMSG_LENGTH(sizeof(struct tcmsg)), .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK},
        .tc = {.tcm_family = AF_UNSPEC, .tcm_ifindex = (int)if_nametoindex("lo"), .tcm_parent = TC_H_ROOT},
    };
    r.head.nlmsg_type = drop ? RTM_NEWQDISC : RTM_DELQDISC;
    r.head.nlmsg_flags |= drop ? NLM_F_CREATE | NLM_F_REPLACE : 0;
    if (drop) {
        r.tc.tcm_handle = 0x10000;
        add(&r, TCA_KIND, "bfifo", 6);
        add(&r, TCA_OPTIONS, &(struct tc_fifo_qopt){1}, sizeof(struct tc_fifo_qopt));
    }
    return tell_kernel(&r);
}

bool network_add_address(const char *address)
{
    struct ifreq r = {0};
    struct sockaddr_in *in = (struct sockaddr_in *)&r.ifr_addr;
    strcpy(r.ifr_name, "lo:1");
    in->sin_family = AF_INET;
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    bool done = fd >= 0 && inet_pton(AF_INET, address, &in->sin_addr) == 1 && ioctl(fd, SIOCSIFADDR, &r) == 0;
    if (!done)
        fprintf(stderr, "the address %s cannot be added: %s\n", address, strerror(errno));
    if (fd >= 0)
        close(fd);
    return done;
}

/* The socket stays open, and unread, until the process ends. */
bool network_silent_names(void)
{
    struct sockaddr_in to = {
        .sin_family = AF_INET, .sin_port = htons(53), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    char path[] = "/tmp/resolv-XXXXXX";
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), file = mkstemp(path);
    bool done = fd >= 0 && bind(fd, (struct sockaddr *)&to, sizeof(to)) == 0 && file >= 0 &&
                fchmod(file, 0644) == 0 && proc_write(path, "nameserver 127.0.0.1\n") &&
                mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
                mount(path, "/etc/resolv.conf", NULL, MS_BIND, NULL) == 0;
    if (!done)
        fprintf(stderr, "names cannot be made silent: %s\n", strerror(errno));
    if (file >= 0) {
        close(file);
        unlink(path);
    }
    return done;
}
