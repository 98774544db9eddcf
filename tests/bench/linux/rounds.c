/* Rounds: a request of 64 bytes, and its answer. */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/tipc.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>
#include "tests/bench/linux/guest.h"
#include "tests/bench/marks.h"
#include "tests/bench/samples.h"

enum { TRIES = 300 };

static uint64_t samples[SAMPLES_MAX];
static char bytes[ANSWER_BYTES_MAX];

static void print(const char *name, unsigned count)
{
        samples_sort(samples, count);
        printf("bench %s_ns %lu\n", name, sample_median(samples, count));
        printf("bench %s_p99_ns %lu\n", name, sample_p99(samples, count));
}

static struct sockaddr_in peer_address(const struct guest *guest, enum guest_port port)
{
        struct sockaddr_in peer = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
        inet_pton(AF_INET, guest->peer, &peer.sin_addr);
        return peer;
}

int tcp_connect(const struct guest *guest, enum guest_port port)
{
        struct sockaddr_in peer = peer_address(guest, port);
        for (unsigned i = 0; i < TRIES; i++) {
                int connection = socket(AF_INET, SOCK_STREAM, 0), on = 1;
                if (connect(connection, (struct sockaddr *)&peer, sizeof peer) == 0) {
                        setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
                        return connection;
                }
                close(connection);
                usleep(100000);
        }
        fail("no connection");
}

/* ---- datagrams ---- */

static void datagram_socket_prepare(int client, const struct sockaddr *peer, socklen_t length)
{
        struct timeval second = {.tv_sec = 1};
        setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &second, sizeof second);
        for (unsigned i = 0; i < TRIES; i++) {
                uint32_t answer = REQUEST_BYTES;
                memcpy(bytes, &answer, sizeof answer);
                if (sendto(client, bytes, REQUEST_BYTES, 0, peer, length) == REQUEST_BYTES &&
                    recv(client, bytes, sizeof bytes, 0) == REQUEST_BYTES)
                        return;
                usleep(100000);
        }
        fail("no answer");
}

/* The first rounds, in which caches fill, are not counted. */
static void datagram_rounds(const char *name, int client, const struct sockaddr *peer,
                            socklen_t length, unsigned count)
{
        uint32_t answer = REQUEST_BYTES;
        datagram_socket_prepare(client, peer, length);
        for (unsigned i = 0; i < SAMPLES_WARM_UP + count; i++) {
                memcpy(bytes, &answer, sizeof answer);
                uint64_t begin = now_ns();
                if (sendto(client, bytes, REQUEST_BYTES, 0, peer, length) != REQUEST_BYTES ||
                    recv(client, bytes, sizeof bytes, 0) != REQUEST_BYTES)
                        fail(name);
                if (i >= SAMPLES_WARM_UP)
                        samples[i - SAMPLES_WARM_UP] = now_ns() - begin;
        }
        close(client);
        print(name, count);
}

void rounds_udp(const struct guest *guest)
{
        struct sockaddr_in peer = peer_address(guest, PORT_UDP);
        datagram_rounds("udp", socket(AF_INET, SOCK_DGRAM, 0), (struct sockaddr *)&peer,
                        sizeof peer, guest->count);
}

void rounds_tipc(const struct guest *guest)
{
        struct sockaddr_tipc peer = {
            .family = AF_TIPC,
            .addrtype = TIPC_SERVICE_ADDR,
            .addr.name.name = {.type = TIPC_SERVICE, .instance = 1},
        };
        datagram_rounds("tipc", socket(AF_TIPC, SOCK_RDM, 0), (struct sockaddr *)&peer, sizeof peer,
                        guest->count);
}

/* ---- TCP ---- */

void rounds_tcp(const struct guest *guest, const char *name, unsigned answer_bytes, unsigned count)
{
        int connection = tcp_connect(guest, PORT_TCP);
        uint32_t answer = answer_bytes;
        bench_mark_row();
        for (unsigned i = 0; i < SAMPLES_WARM_UP + count; i++) {
                if (i == SAMPLES_WARM_UP)
                        bench_mark_begin();
                memcpy(bytes, &answer, sizeof answer);
                uint64_t begin = now_ns();
                bytes_write(connection, bytes, REQUEST_BYTES);
                bytes_read(connection, bytes, answer_bytes);
                if (i >= SAMPLES_WARM_UP)
                        samples[i - SAMPLES_WARM_UP] = now_ns() - begin;
        }
        bench_mark_end();
        close(connection);
        print(name, count);
}
