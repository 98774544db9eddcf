/* The parts of the Linux guest's only program (main.c), and what they share.
 *
 * Whatever cannot be done ends the program by fail(), and with it the guest: a figure is printed
 * only after all that it rests on has worked. Each process of the guest runs one thread. */
#ifndef TESTS_BENCH_LINUX_GUEST_H
#define TESTS_BENCH_LINUX_GUEST_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The kernel's command line, as far as it is ours. */
struct guest {
        const char *role; /* `serve` or `call` */
        const char *own;  /* IPv4 addresses */
        const char *peer;
        const char *rows; /* of `call`: names of main.c, with commas between */
        unsigned mtu;
        unsigned count; /* of rounds in each row */
};

enum guest_port {
        PORT_TCP = 7002,
        PORT_UDP = 7003,
        PORT_SINK = 7004,
        PORT_RATE = 7005,
        PORT_HANDLE = 7006
};

/* TIPC's service type, of the range that is free for applications. */
enum { TIPC_SERVICE = 18888 };

/* A message says in its first word how long the answer is to be. */
enum { REQUEST_BYTES = 64, ANSWER_BYTES_MAX = 65536, BULK_BYTES = 32 << 20 };

/* Ends the guest with a line `bench failed: WHAT: errno's text`. */
_Noreturn void fail(const char *what);

/* setup.c: the modules that /modules lists, in its order; brings up a network device, with an
 * address (NULL: it has one) and an MTU (0: its own). */
void modules_load(void);
void address_set(const char *name, const char *address, unsigned mtu);

/* tipc.c: makes this node a node of TIPC, over the card. */
void tipc_start(const struct guest *guest);

/* wireguard.c: makes a tunnel to the peer; the address within it of who has that address. */
void wireguard_start(const struct guest *guest);
void tunnel_address(const char *address, char within[INET_ADDRSTRLEN]);

/* serve.c: starts a process for each service, and returns. */
void services_start(void);

/* A listening socket; its next connection, without delay. */
int tcp_listen(enum guest_port port);
int tcp_accept(int service);

/* flows.c: the process that answers them; 64 requests in flight on as many connections, tcp_rate_s,
 * or on one, tcp_pipelined_s; a stream to the peer, tcp_bytes_s, or within the tunnel,
 * wireguard_bytes_s. */
_Noreturn void serve_rate(void);
void row_tcp_rate(const struct guest *guest);
void row_tcp_pipelined(const struct guest *guest);
void row_tcp_bulk(const struct guest *guest);
void row_wireguard_bulk(const struct guest *guest);

/* nfs.c: serves files; reads one from its beginning to its end, nfs_bytes_s; opens, reads and
 * closes one of 4 KiB that the client has read before, nfs_open_ns. */
void nfs_serve(const struct guest *guest);
void row_nfs_seq(const struct guest *guest);
void row_nfs_open(const struct guest *guest);

/* rounds.c: a request and its answer, `count` times, one after the other. Print `bench NAME_ns N`
 * (the median) and `bench NAME_p99_ns N`. */
void rounds_udp(const struct guest *guest);
void rounds_tcp(const struct guest *guest, const char *name, unsigned answer_bytes, unsigned count);
void rounds_tipc(const struct guest *guest);

/* A connection to the peer's service, which is waited for. */
int tcp_connect(const struct guest *guest, enum guest_port port);

/* All of the bytes, or the guest fails. */
void bytes_read(int file, void *bytes, size_t count);
void bytes_write(int file, const void *bytes, size_t count);

/* Nanoseconds since the guest's boot. */
uint64_t now_ns(void);

#endif
