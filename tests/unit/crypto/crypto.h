/* The suites of this folder. */
#ifndef TESTS_UNIT_CRYPTO_CRYPTO_H
#define TESTS_UNIT_CRYPTO_CRYPTO_H

#include <check.h>

Suite *noise_suite(void);
Suite *handshake_suite(void);
Suite *cookie_suite(void);
Suite *protect_suite(void);
Suite *replay_suite(void);
Suite *freshness_suite(void);
Suite *keys_suite(void);

#endif
