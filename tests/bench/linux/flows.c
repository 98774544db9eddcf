/* Many requests at once, and a stream of bytes, over TCP.
 *
 * One process on each side handles all connections of `rate`, by epoll, as fast servers do; it
 * answers what it has read with one write. */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include "tests/bench/linux/guest.h"

enum { IN_FLIGHT = 64, EVENTS = 64, SECOND = 1000000000 };

static char bytes[IN_FLIGHT * REQUEST_BYTES];
static char chunk[1 << 16];

/* ---- the server ---- */

static void epoll_add(int epoll, int file)
{
        struct epoll_event event = {.events = EPOLLIN, .data.fd = file};
        if (epoll_ctl(epoll, EPOLL_CTL_ADD, file, &event) != 0)
                fail("epoll");
}

/* Requests may come in parts, but each part is as long as its answer. */
static void connection_answer(int connection)
{
        ssize_t length = read(connection, bytes, sizeof bytes);
        if (length <= 0)
                close(connection);
        else
                bytes_write(connection, bytes, (size_t)length);
}

void serve_rate(void)
{
        struct epoll_event events[EVENTS];
        int epoll = epoll_create1(EPOLL_CLOEXEC), service = tcp_listen(PORT_RATE);
        epoll_add(epoll, service);
        for (;;) {
                int count = epoll_wait(epoll, events, EVENTS, -1);
                for (int i = 0; i < count; i++)
                        if (events[i].data.fd == service)
                                epoll_add(epoll, tcp_accept(service));
                        else
                                connection_answer(events[i].data.fd);
        }
}

/* ---- the client ---- */

static void rate_print(const char *name, uint64_t count, uint64_t took)
{
        printf("bench %s_s %lu\n", name, count * SECOND / took);
}

/* One request in flight on each of 64 connections. */
void row_tcp_rate(const struct guest *guest)
{
        struct epoll_event events[EVENTS];
        unsigned wanted = guest->count * 4, had = 0;
        int epoll = epoll_create1(EPOLL_CLOEXEC), connections[IN_FLIGHT];
        for (unsigned i = 0; i < IN_FLIGHT; i++) {
                connections[i] = tcp_connect(guest, PORT_RATE);
                epoll_add(epoll, connections[i]);
        }
        uint64_t begin = now_ns();
        for (unsigned i = 0; i < IN_FLIGHT; i++)
                bytes_write(connections[i], bytes, REQUEST_BYTES);
        while (had < wanted) {
                int count = epoll_wait(epoll, events, EVENTS, -1);
                for (int i = 0; i < count; i++) {
                        bytes_read(events[i].data.fd, bytes, REQUEST_BYTES);
                        bytes_write(events[i].data.fd, bytes, REQUEST_BYTES);
                        had++;
                }
        }
        rate_print("tcp_rate", had, now_ns() - begin);
        for (unsigned i = 0; i < IN_FLIGHT; i++)
                close(connections[i]);
        close(epoll);
}

/* 64 requests in flight on one connection. */
void row_tcp_pipelined(const struct guest *guest)
{
        uint64_t wanted = (uint64_t)guest->count * 4 * REQUEST_BYTES, had = 0;
        int connection = tcp_connect(guest, PORT_RATE);
        uint64_t begin = now_ns();
        bytes_write(connection, bytes, sizeof bytes);
        while (had < wanted) {
                ssize_t length = read(connection, bytes, sizeof bytes);
                if (length <= 0)
                        fail("tcp_pipelined");
                bytes_write(connection, bytes, (size_t)length);
                had += (uint64_t)length;
        }
        rate_print("tcp_pipelined", had / REQUEST_BYTES, now_ns() - begin);
        close(connection);
}

static void stream_measure(const struct guest *guest, const char *name)
{
        int connection = tcp_connect(guest, PORT_SINK);
        uint64_t total = BULK_BYTES, taken;
        uint64_t begin = now_ns();
        bytes_write(connection, &total, sizeof total);
        for (uint64_t sent = 0; sent < total; sent += sizeof chunk)
                bytes_write(connection, chunk, sizeof chunk);
        bytes_read(connection, &taken, sizeof taken);
        rate_print(name, taken, now_ns() - begin);
        close(connection);
}

void row_tcp_bulk(const struct guest *guest)
{
        stream_measure(guest, "tcp_bytes");
}

void row_wireguard_bulk(const struct guest *guest)
{
        char within[INET_ADDRSTRLEN];
        struct guest tunnel = *guest;
        tunnel_address(guest->peer, within);
        tunnel.peer = within;
        stream_measure(&tunnel, "wireguard_bytes");
}
