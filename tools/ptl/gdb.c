#include "gdb.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "complain.h"
#include "names.h"

bool gdb_check(const struct options *options)
{
        struct sockaddr_in address = {.sin_family = AF_INET,
                                      .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                                      .sin_port = htons((uint16_t)options->gdb_port)};
        int on = 1;
        if (!options->gdb_port)
                return true;
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        bool is_free = fd >= 0 && !setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) &&
                       !bind(fd, (struct sockaddr *)&address, sizeof address);
        int error = errno;
        close(fd);
        return is_free || complain("GDB=n%u:%u: %s; choose another port", options->gdb_node,
                                   options->gdb_port, strerror(error));
}

void gdb_announce(const struct layout *layout, const struct options *options)
{
        char where[PATH_MAX + NODE_FILE];
        if (!options->gdb_node)
                return;
        if (options->gdb_port)
                snprintf(where, sizeof where, "127.0.0.1:%u", options->gdb_port);
        else
                snprintf(where, sizeof where, "%s/n%u/gdb.sock", layout->shown, options->gdb_node);
        fprintf(stderr, "ptl: n%u waits for gdb; type:\n", options->gdb_node);
        fprintf(stderr, "gdb -ex 'target remote %s' %s/kernel/portolan.elf64\n", where,
                layout->build);
        /* All programs are linked to the same addresses, so the symbols of one at a time. */
        fprintf(stderr, "ptl: in gdb, for a server's symbols: add-symbol-file %s/user/fs.elf\n",
                layout->build);
}
