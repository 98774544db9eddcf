/* The sending socket is separate from the receiving one: a connected datagram socket would refuse
 * what a restarted QEMU sends. */
#include "tools/switch/ports.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tools/lib/socket.h"

static int datagram_socket(void)
{
        return socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

bool ports_add(struct ports *ports, const char *name, struct problem *problem)
{
        struct node_port *port = &ports->port[ports->count];
        *port = (struct node_port){.in = -1, .out = -1};
        snprintf(port->in_path, sizeof port->in_path, "%s/switch.sock", name);
        snprintf(port->out_path, sizeof port->out_path, "%s/qemu.sock", name);
        if (mkdir(name, 0777) < 0 && errno != EEXIST)
                return problem_set(problem, "%s: %s; it must lie in a folder that can be written",
                                   name, strerror(errno));
        port->backlog = calloc(BACKLOG_MAX, sizeof *port->backlog);
        if (!port->backlog)
                return problem_set(problem, "%s: memory used up; end something", name);
        port->in = datagram_socket();
        ports->count++;
        struct sockaddr_un address;
        unlink(port->in_path);
        if (port->in < 0 || !socket_address(&address, port->in_path) ||
            bind(port->in, (struct sockaddr *)&address, sizeof address) < 0)
                return problem_set(problem, "%s: %s; it must lie in a folder that can be written",
                                   port->in_path, strerror(errno));
        return true;
}

static void out_close(struct node_port *port)
{
        if (port->out >= 0)
                close(port->out);
        port->out = -1;
        port->count = 0;
}

static bool out_connect(struct node_port *port)
{
        struct sockaddr_un address;
        port->out = datagram_socket();
        if (port->out >= 0 && socket_address(&address, port->out_path) &&
            connect(port->out, (struct sockaddr *)&address, sizeof address) == 0)
                return true;
        out_close(port);
        return false;
}

static bool is_full(int error)
{
        return error == EAGAIN || error == EWOULDBLOCK || error == ENOBUFS || error == ENOMEM;
}

/* Sends to the reader of now. False with is_full(errno), or with the socket closed. */
static bool frame_send(struct node_port *port, const uint8_t *frame, size_t length)
{
        ssize_t sent;
        do
                sent = send(port->out, frame, length, MSG_DONTWAIT | MSG_NOSIGNAL);
        while (sent < 0 && errno == EINTR);
        if (sent >= 0)
                return true;
        if (!is_full(errno))
                out_close(port);
        return false;
}

static bool backlog_add(struct node_port *port, const uint8_t *frame, size_t length)
{
        if (port->count == BACKLOG_MAX)
                return false;
        struct backlog_frame *slot = &port->backlog[(port->first + port->count) % BACKLOG_MAX];
        slot->length = length;
        memcpy(slot->bytes, frame, length);
        port->count++;
        return true;
}

void ports_flush(struct ports *ports, unsigned number)
{
        struct node_port *port = &ports->port[number];
        while (port->count > 0) {
                const struct backlog_frame *frame = &port->backlog[port->first];
                if (!frame_send(port, frame->bytes, frame->length))
                        return;
                port->first = (port->first + 1) % BACKLOG_MAX;
                port->count--;
        }
}

enum delivery ports_send(struct ports *ports, unsigned number, const uint8_t *frame, size_t length)
{
        struct node_port *port = &ports->port[number];
        ports_flush(ports, number);
        if (port->count > 0)
                return backlog_add(port, frame, length) ? DELIVERED : DELIVERY_SLOW;
        /* Twice: the reader that we knew may be gone, and a restarted QEMU be there instead. */
        for (unsigned attempt = 0; attempt < 2; attempt++) {
                if (port->out < 0 && !out_connect(port))
                        return DELIVERY_NO_RECEIVER;
                if (frame_send(port, frame, length))
                        return DELIVERED;
                if (port->out >= 0)
                        return backlog_add(port, frame, length) ? DELIVERED : DELIVERY_SLOW;
        }
        return DELIVERY_NO_RECEIVER;
}

bool ports_receive(struct ports *ports, unsigned number, uint8_t bytes[DATAGRAM_MAX],
                   size_t *length)
{
        ssize_t got;
        do
                got = recv(ports->port[number].in, bytes, DATAGRAM_MAX, MSG_DONTWAIT);
        while (got < 0 && errno == EINTR);
        *length = got < 0 ? 0 : (size_t)got;
        return got >= 0;
}

bool ports_waits(const struct ports *ports, unsigned number)
{
        return ports->port[number].count > 0;
}

void ports_close(struct ports *ports)
{
        for (unsigned i = 0; i < ports->count; i++) {
                struct node_port *port = &ports->port[i];
                out_close(port);
                if (port->in >= 0) {
                        close(port->in);
                        unlink(port->in_path);
                }
                free(port->backlog);
        }
        ports->count = 0;
}
