/* The vectors that vectors.py has printed (vectors.txt), by name. A name that is not there fails
 * the test. */
#ifndef TESTS_UNIT_CRYPTO_VECTORS_H
#define TESTS_UNIT_CRYPTO_VECTORS_H

#include <stddef.h>
#include <stdint.h>

enum { VECTOR_MAX = 1024 };

struct vector {
        size_t count;
        uint8_t bytes[VECTOR_MAX];
};

/* The bytes of the vector GROUP.NAME. */
struct vector vector(const char *group, const char *name);

#endif
