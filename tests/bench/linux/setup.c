/* Modules and addresses, before anything can be measured. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "tests/bench/linux/guest.h"

static void module_load(const char *path)
{
        int file = open(path, O_RDONLY | O_CLOEXEC);
        if (file < 0 || syscall(SYS_finit_module, file, "", 0) != 0)
                fail(path);
        close(file);
}

void modules_load(void)
{
        char path[256];
        FILE *list = fopen("/modules", "re");
        if (!list)
                fail("/modules");
        while (fgets(path, sizeof path, list)) {
                path[strcspn(path, "\n")] = 0;
                module_load(path);
        }
        fclose(list);
}

static void card_change(int control, unsigned long request, struct ifreq *card, const char *what)
{
        strcpy(card->ifr_name, "eth0");
        if (ioctl(control, request, card) != 0)
                fail(what);
}

static void card_address(int control, unsigned long request, const char *text)
{
        struct ifreq card = {0};
        struct sockaddr_in *address = (struct sockaddr_in *)&card.ifr_addr;
        address->sin_family = AF_INET;
        inet_pton(AF_INET, text, &address->sin_addr);
        card_change(control, request, &card, text);
}

void address_set(const struct guest *guest)
{
        int control = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        struct ifreq loopback = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING};
        struct ifreq mtu = {.ifr_mtu = (int)guest->mtu};
        struct ifreq up = {.ifr_flags = IFF_UP | IFF_RUNNING};
        if (ioctl(control, SIOCSIFFLAGS, &loopback) != 0)
                fail("lo");
        card_change(control, SIOCSIFMTU, &mtu, "MTU");
        card_address(control, SIOCSIFADDR, guest->own);
        card_address(control, SIOCSIFNETMASK, "255.255.255.0");
        card_change(control, SIOCSIFFLAGS, &up, "eth0");
        close(control);
}
