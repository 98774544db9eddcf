/* Byte order and the Internet checksum, against values of the RFCs. */
#include "tests/unit/common/suites.h"

#include <stdlib.h>
#include <string.h>
#include "servers/common/byte_order.h"
#include "servers/common/checksum.h"

START_TEST(numbers_are_big_endian_at_any_alignment)
{
        uint8_t bytes[12] = {0};
        for (unsigned at = 0; at < 4; at++) {
                put32(bytes + at, 0x12345678);
                ck_assert_int_eq(memcmp(bytes + at, "\x12\x34\x56\x78", 4), 0);
                ck_assert_uint_eq(get32(bytes + at), 0x12345678);
                ck_assert_uint_eq(get16(bytes + at + 1), 0x3456);
                put32(bytes + at + 4, 0x9abcdef0);
                ck_assert_uint_eq(get64(bytes + at), 0x123456789abcdef0);
                put16(bytes + at, 0xfffe);
                ck_assert_uint_eq(get32(bytes + at), 0xfffe5678);
        }
}
END_TEST

/* The example of RFC 1071, section 3: the sum is ddf2, the checksum its complement. */
static const uint8_t example[] = {0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7};

START_TEST(the_checksum_is_that_of_the_rfc)
{
        ck_assert_uint_eq(checksum_fold(checksum_add(0, example, sizeof example)), 0x220d);
        uint32_t half = checksum_add(0, example, 4);
        ck_assert_uint_eq(checksum_fold(checksum_add(half, example + 4, 4)), 0x220d);
}
END_TEST

START_TEST(a_block_with_its_checksum_folds_to_zero)
{
        uint8_t block[sizeof example + 2];
        memcpy(block, example, sizeof example);
        put16(block + sizeof example, 0x220d);
        ck_assert_uint_eq(checksum_fold(checksum_add(0, block, sizeof block)), 0);
        block[3] ^= 1;
        ck_assert_uint_ne(checksum_fold(checksum_add(0, block, sizeof block)), 0);
}
END_TEST

START_TEST(an_odd_byte_counts_as_if_a_zero_followed)
{
        const uint8_t even[] = {1, 2, 3, 0};
        ck_assert_uint_eq(checksum_add(0, even, 3), checksum_add(0, even, 4));
        ck_assert_uint_eq(checksum_fold(checksum_add(0, NULL, 0)), 0xffff);
}
END_TEST

START_TEST(the_longest_packet_does_not_overflow_the_sum)
{
        size_t length = 65535;
        uint8_t *bytes = malloc(length);
        memset(bytes, 0xff, length);
        ck_assert_uint_eq(checksum_fold(checksum_add(0, bytes, length)), 0x00ff);
        free(bytes);
}
END_TEST

TCase *bytes_tests(void)
{
        TCase *tests = tcase_create("bytes");
        tcase_add_test(tests, numbers_are_big_endian_at_any_alignment);
        tcase_add_test(tests, the_checksum_is_that_of_the_rfc);
        tcase_add_test(tests, a_block_with_its_checksum_folds_to_zero);
        tcase_add_test(tests, an_odd_byte_counts_as_if_a_zero_followed);
        tcase_add_test(tests, the_longest_packet_does_not_overflow_the_sum);
        return tests;
}
