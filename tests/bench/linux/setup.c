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

static void device_change(int control, unsigned long request, const char *name,
                          struct ifreq *device)
{
        strcpy(device->ifr_name, name);
        if (ioctl(control, request, device) != 0)
                fail(name);
}

static void device_address(int control, unsigned long request, const char *name, const char *text)
{
        struct ifreq device = {0};
        struct sockaddr_in *address = (struct sockaddr_in *)&device.ifr_addr;
        address->sin_family = AF_INET;
        inet_pton(AF_INET, text, &address->sin_addr);
        device_change(control, request, name, &device);
}

void address_set(const char *name, const char *address, unsigned mtu)
{
        int control = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        struct ifreq size = {.ifr_mtu = (int)mtu};
        struct ifreq up = {.ifr_flags = IFF_UP | IFF_RUNNING};
        if (mtu)
                device_change(control, SIOCSIFMTU, name, &size);
        if (address) {
                device_address(control, SIOCSIFADDR, name, address);
                device_address(control, SIOCSIFNETMASK, name, "255.255.255.0");
        }
        device_change(control, SIOCSIFFLAGS, name, &up);
        close(control);
}
