/* What the simulator offers to the programs that run in it, besides system calls. The names are
 * found in the simulator when an image is loaded. */
#ifndef SIM_USER_MACHINE_H
#define SIM_USER_MACHINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Where RAM of the nodes lies in this process; everything else of a program's is above. */
#define SIM_MEMORY       0x0000200000000000ull
#define SIM_MEMORY_BYTES 0x0000000004000000ull /* of a node */
/* Where programs see memory that they map: windows onto that RAM, a part of them for each node. */
#define SIM_WINDOWS       0x0000280000000000ull
#define SIM_WINDOWS_BYTES 0x0000000002000000ull
#define SIM_MEMORY_END    0x0000300000000000ull

/* The node's clock: ns since its boot. */
uint64_t sim_clock(void);
void sim_random_bytes(void *to, size_t count);

/* The heap of the image that runs. */
void *sim_allocate(size_t bytes);
void *sim_reallocate(void *block, size_t bytes);
void sim_release(void *block);

_Noreturn void sim_program_failed(const char *what);

/* As crypto_scalarmult_curve25519() and …_base() of libsodium (curve.c). */
int sim_curve(uint8_t *out, const uint8_t *secret, const uint8_t *point);
int sim_curve_base(uint8_t *point, const uint8_t *secret);

/* Whether AES-GCM costs the nodes less than the other cipher. */
bool sim_aes(void);

/* The key log of the whole run: a line of netipc/crypto/keylog.h. */
void sim_key_log(const char *line, size_t length);

/* The card. It keeps what arrives until it is taken, and drops what it has no room for; when it
 * rests it raises its interrupt once for what arrives. It raises it, too, when its link goes or
 * comes; without one, what is sent is lost. */
void sim_card_start(unsigned line);
void sim_card_stop(void);
uint64_t sim_card_address(void);                /* MAC, first byte highest */
size_t sim_card_receive(void *to, size_t room); /* 0: nothing has arrived */
void sim_card_transmit(const void *frame, size_t length);
bool sim_card_rest(void); /* false: something has arrived */
bool sim_card_link(void);

#endif
