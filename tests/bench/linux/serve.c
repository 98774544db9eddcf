/* The services, a process each, as ordinary servers are written: blocking calls, one thread. */
#include <arpa/inet.h>
#include <linux/tipc.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "tests/bench/linux/guest.h"

static char bytes[1 << 18];

/* The length of the answer that a request asks for. */
static size_t answer_length(const void *request)
{
        uint32_t length;
        memcpy(&length, request, sizeof length);
        return length <= ANSWER_BYTES_MAX ? length : ANSWER_BYTES_MAX;
}

/* ---- datagrams ---- */

static void datagrams_answer(int service)
{
        struct sockaddr_storage from;
        for (;;) {
                socklen_t from_length = sizeof from;
                ssize_t length = recvfrom(service, bytes, sizeof bytes, 0, (struct sockaddr *)&from,
                                          &from_length);
                if (length >= (ssize_t)sizeof(uint32_t))
                        sendto(service, bytes, answer_length(bytes), 0, (struct sockaddr *)&from,
                               from_length);
        }
}

static void serve_udp(void)
{
        int service = socket(AF_INET, SOCK_DGRAM, 0);
        struct sockaddr_in own = {.sin_family = AF_INET, .sin_port = htons(PORT_UDP)};
        if (bind(service, (struct sockaddr *)&own, sizeof own) != 0)
                fail("UDP");
        datagrams_answer(service);
}

static void serve_tipc(void)
{
        int service = socket(AF_TIPC, SOCK_RDM, 0);
        struct sockaddr_tipc own = {
            .family = AF_TIPC,
            .addrtype = TIPC_SERVICE_RANGE,
            .scope = TIPC_CLUSTER_SCOPE,
            .addr.nameseq = {.type = TIPC_SERVICE, .lower = 1, .upper = 1},
        };
        if (service < 0 || bind(service, (struct sockaddr *)&own, sizeof own) != 0)
                fail("TIPC");
        datagrams_answer(service);
}

/* ---- connections ---- */

int tcp_listen(enum guest_port port)
{
        int service = socket(AF_INET, SOCK_STREAM, 0), on = 1;
        struct sockaddr_in own = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
        setsockopt(service, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
        if (bind(service, (struct sockaddr *)&own, sizeof own) != 0 || listen(service, 128) != 0)
                fail("TCP");
        return service;
}

int tcp_accept(int service)
{
        int connection = accept(service, NULL, NULL), on = 1;
        if (connection < 0 || setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0)
                fail("accept");
        return connection;
}

/* A process for each connection. */
static void connections_serve(enum guest_port port, void (*serve)(int connection))
{
        int service = tcp_listen(port);
        for (;;) {
                int connection = tcp_accept(service);
                if (fork() == 0) {
                        close(service);
                        serve(connection);
                        _exit(0);
                }
                close(connection);
        }
}

/* False: the client has ended. */
static bool request_read(int connection)
{
        for (size_t have = 0; have < REQUEST_BYTES;) {
                ssize_t length = read(connection, bytes + have, REQUEST_BYTES - have);
                if (length <= 0)
                        return false;
                have += (size_t)length;
        }
        return true;
}

static void requests_answer(int connection)
{
        while (request_read(connection))
                bytes_write(connection, bytes, answer_length(bytes));
}

/* Takes as many bytes as the first eight say, and then says so. */
static void bytes_sink(int connection)
{
        uint64_t wanted, had = 0;
        bytes_read(connection, &wanted, sizeof wanted);
        while (had < wanted) {
                ssize_t length = read(connection, bytes, sizeof bytes);
                if (length <= 0)
                        return;
                had += (uint64_t)length;
        }
        bytes_write(connection, &had, sizeof had);
}

void services_start(void)
{
        signal(SIGCHLD, SIG_IGN);
        if (fork() == 0)
                serve_udp();
        if (fork() == 0)
                serve_tipc();
        if (fork() == 0)
                connections_serve(PORT_TCP, requests_answer);
        if (fork() == 0)
                connections_serve(PORT_SINK, bytes_sink);
        if (fork() == 0)
                serve_rate();
}
