/* The ChaCha20 block function (RFC 8439, section 2.3). Pure. */
#ifndef RT_CHACHA20_H
#define RT_CHACHA20_H

#include <stdint.h>

enum { CHACHA20_KEY = 32, CHACHA20_BLOCK = 64 };

/* One block of the key stream: counter and nonce are the last four words of the state. */
void chacha20_block(const uint8_t key[CHACHA20_KEY], const uint32_t counter_nonce[4],
                    uint8_t block[CHACHA20_BLOCK]);

#endif
