/* gdb is told to work in the build folder, so that the paths in what it is told stay short. */
#include "tools/ptl/gdb.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tools/lib/complain.h"
#include "tools/ptl/names.h"

/* Whether the TCP port of GDB=n2:1234 is free. */
static bool port_check(const struct options *options)
{
        struct sockaddr_in address = {.sin_family = AF_INET,
                                      .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                                      .sin_port = htons((uint16_t)options->gdb_port)};
        int on = 1;
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        bool is_free = fd >= 0 && !setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) &&
                       !bind(fd, (struct sockaddr *)&address, sizeof address);
        int error = errno;
        close(fd);
        return is_free || complain("GDB=n%u:%u: %s; choose another port", options->gdb_node,
                                   options->gdb_port, strerror(error));
}

/* The unix socket as gdb is to name it: from the build folder, where it is told to work. */
static void socket_name(const struct layout *layout, const struct options *options,
                        char name[PATH_MAX + NODE_FILE])
{
        size_t length = strlen(layout->build);
        const char *run = layout->run;
        if (!strncmp(run, layout->build, length) && run[length] == '/')
                run += length + 1;
        snprintf(name, PATH_MAX + NODE_FILE, "%s/n%u/gdb.sock", run, options->gdb_node);
}

bool gdb_check(const struct layout *layout, const struct options *options)
{
        char name[PATH_MAX + NODE_FILE];
        if (!options->gdb_node)
                return true;
        if (options->gdb_port)
                return port_check(options);
        socket_name(layout, options, name);
        return strlen(name) < sizeof((struct sockaddr_un *)0)->sun_path ||
               complain("GDB=n%u: gdb cannot reach a socket with so long a path as %s; give a TCP "
                        "port, as in GDB=n%u:1234",
                        options->gdb_node, name, options->gdb_node);
}

/* Prints an argument for a shell, whatever is in it. */
static void argument_print(const char *before, const char *text)
{
        fprintf(stderr, " '%s", before);
        for (; *text; text++)
                if (*text == '\'')
                        fputs("'\\''", stderr);
                else
                        fputc(*text, stderr);
        fputc('\'', stderr);
}

/* The symbols of init and of what is in the boot archive. Each program has addresses of its own. */
static void symbols_print(const struct layout *layout)
{
        char folder[PATH_MAX];
        struct dirent **programs;
        fputs(" -ex 'add-symbol-file user/init.elf'", stderr);
        if (snprintf(folder, sizeof folder, "%s/boot/root/bin", layout->build) >= PATH_MAX)
                return;
        int count = scandir(folder, &programs, NULL, alphasort);
        for (int i = 0; i < count; i++) {
                if (programs[i]->d_name[0] != '.')
                        fprintf(stderr, " -ex 'add-symbol-file user/%s.elf'", programs[i]->d_name);
                free(programs[i]);
        }
        if (count >= 0)
                free(programs);
}

void gdb_announce(const struct layout *layout, const struct options *options)
{
        char name[PATH_MAX + NODE_FILE];
        if (!options->gdb_node)
                return;
        fprintf(stderr, "ptl: n%u waits for gdb; type:\ngdb -cd", options->gdb_node);
        argument_print("", layout->build);
        fputs(" kernel/portolan.elf64 -ex 'set confirm off'", stderr);
        symbols_print(layout);
        if (options->gdb_port)
                snprintf(name, sizeof name, "127.0.0.1:%u", options->gdb_port);
        else
                socket_name(layout, options, name);
        fputs(" -ex", stderr);
        argument_print("target remote ", name);
        fputc('\n', stderr);
}
