/* Bytes through a ring: whatever the counts and wherever its end lies, what comes out is what went
 * in, and nothing beside it is touched. */
#include "tests/unit/rt/suites.h"

#include <stdbool.h>
#include <string.h>

#include "servers/rt/pure/ring.h"

enum { SIZE = 7, AROUND = 0x5a }; /* no power of two */

/* Byte number n of an endless stream. */
static uint8_t streamed(uint64_t number)
{
        return (uint8_t)(number * 31 + 1);
}

/* Each length at each place, the last with counts that have long run beyond 32 bits. */
START_TEST(what_went_in_comes_out)
{
        const uint64_t begin = _i ? 7000000007ull * SIZE : 0;
        for (uint64_t at = begin; at < begin + 2 * SIZE; at++)
                for (size_t count = 0; count <= SIZE; count++) {
                        uint8_t ring[SIZE], given[SIZE], got[SIZE];
                        memset(ring, AROUND, sizeof ring);
                        memset(got, AROUND, sizeof got);
                        for (size_t i = 0; i < count; i++)
                                given[i] = streamed(at + i);
                        ring_copy_in(ring, SIZE, at, given, count);
                        ring_copy_out(ring, SIZE, at, got, count);
                        for (size_t i = 0; i < SIZE; i++) {
                                bool is_in = i < count;
                                ck_assert_uint_eq(got[i], is_in ? streamed(at + i) : AROUND);
                                ck_assert_uint_eq(ring[(at + i) % SIZE],
                                                  is_in ? streamed(at + i) : AROUND);
                        }
                }
}
END_TEST

TCase *ring_tests(void)
{
        TCase *tests = tcase_create("ring");
        tcase_add_loop_test(tests, what_went_in_comes_out, 0, 2);
        return tests;
}
