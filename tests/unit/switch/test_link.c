/* What one link does to a stream of frames. */
#include "tests/unit/switch/cases.h"
#include "tools/switch/link.h"

enum { FRAMES = 20000, LENGTH = 1000 };

static struct link link_make(uint64_t seed)
{
        return (struct link){.prng = prng_make(seed, 1)};
}

START_TEST(without_impairment_nothing_happens)
{
        struct link link = link_make(1);
        const struct impairment none = {0};
        for (uint64_t now = 0; now < FRAMES; now++) {
                struct verdict v = link_decide(&link, &none, LENGTH, now);
                ck_assert_uint_eq(v.copies, 1);
                ck_assert_uint_eq(v.due, now);
                ck_assert(!v.delayed && !v.corrupted && !v.reordered);
        }
}
END_TEST

/* By itself, whatever else happens; and it is no chance. */
START_TEST(what_is_longer_than_the_mtu_is_dropped)
{
        struct link link = link_make(1);
        const struct impairment i = {.mtu = LENGTH - 14};
        ck_assert_uint_eq(link_decide(&link, &i, LENGTH, 0).copies, 1);
        struct verdict v = link_decide(&link, &i, LENGTH + 1, 0);
        ck_assert_uint_eq(v.copies, 0);
        ck_assert_int_eq(v.drop, DROP_TOO_LONG);
}
END_TEST

START_TEST(same_seed_gives_same_decisions)
{
        struct link a = link_make(7), b = link_make(7), c = link_make(8);
        const struct impairment i = {
            .loss = 300000, .duplicate = 300000, .corrupt = 300000, .delay = MS, .jitter = MS};
        unsigned different = 0;
        for (uint64_t now = 0; now < FRAMES * MS; now += MS) {
                struct verdict va = link_decide(&a, &i, LENGTH, now);
                struct verdict vb = link_decide(&b, &i, LENGTH, now);
                struct verdict vc = link_decide(&c, &i, LENGTH, now);
                ck_assert_uint_eq(va.copies, vb.copies);
                ck_assert_uint_eq(va.due, vb.due);
                ck_assert_uint_eq(va.corrupt_byte, vb.corrupt_byte);
                different += va.copies != vc.copies;
        }
        ck_assert_uint_gt(different, FRAMES / 10);
}
END_TEST

START_TEST(other_impairments_do_not_change_what_is_lost)
{
        struct link a = link_make(7), b = link_make(7);
        const struct impairment loss = {.loss = 300000};
        const struct impairment more = {.loss = 300000,
                                        .duplicate = PPM,
                                        .corrupt = PPM,
                                        .reorder = PPM,
                                        .delay = 2 * MS,
                                        .jitter = MS};
        for (uint64_t now = 0; now < FRAMES; now++) {
                bool lost_a = link_decide(&a, &loss, LENGTH, now).copies == 0;
                bool lost_b = link_decide(&b, &more, LENGTH, now).copies == 0;
                ck_assert(lost_a == lost_b);
        }
}
END_TEST

START_TEST(probabilities_are_kept)
{
        struct link link = link_make(3);
        const struct impairment i = {
            .loss = 100000, .duplicate = 50000, .reorder = 20000, .corrupt = 200000};
        unsigned lost = 0, doubled = 0, reordered = 0, corrupted = 0;
        for (uint64_t now = 0; now < FRAMES; now++) {
                struct verdict v = link_decide(&link, &i, LENGTH, now);
                lost += v.copies == 0;
                doubled += v.copies == 2;
                reordered += v.reordered;
                corrupted += v.corrupted;
                ck_assert(!v.corrupted || (v.corrupt_byte >= CORRUPT_FROM &&
                                           v.corrupt_byte < LENGTH && v.corrupt_bit < 8));
        }
        /* The seed is fixed, so these are exact outcomes with wide margins, not luck. */
        ck_assert(lost > 1800 && lost < 2200);
        ck_assert(doubled > 800 && doubled < 1000);
        ck_assert(reordered > 300 && reordered < 420);
        ck_assert(corrupted > 3400 && corrupted < 3800);
}
END_TEST

START_TEST(all_and_nothing_are_exact)
{
        struct link link = link_make(4);
        const struct impairment all = {.loss = PPM};
        for (unsigned n = 0; n < FRAMES; n++) {
                struct verdict v = link_decide(&link, &all, LENGTH, 0);
                ck_assert(v.copies == 0 && v.drop == DROP_LOSS);
        }
}
END_TEST

START_TEST(rate_spaces_frames_and_bounds_the_backlog)
{
        struct link link = link_make(5);
        const struct impairment i = {.rate = 1000000}; /* 1000 bytes take 8 ms */
        ck_assert_uint_eq(link_decide(&link, &i, LENGTH, 0).due, 8 * MS);
        ck_assert_uint_eq(link_decide(&link, &i, LENGTH, 0).due, 16 * MS);
        ck_assert_uint_eq(link_decide(&link, &i, LENGTH, 100 * MS).due, 108 * MS);
        unsigned taken = 0;
        struct verdict v;
        while ((v = link_decide(&link, &i, LENGTH, 100 * MS)).copies)
                taken++;
        ck_assert_int_eq(v.drop, DROP_QUEUE_FULL);
        ck_assert(taken >= LINK_BACKLOG_MAX / LENGTH - 1 && taken <= LINK_BACKLOG_MAX / LENGTH + 1);
}
END_TEST

START_TEST(jitter_stays_in_its_range_and_keeps_the_order)
{
        struct link link = link_make(6);
        const struct impairment i = {.delay = 5 * MS, .jitter = 4 * MS};
        uint64_t last = 0, least = UINT64_MAX, most = 0;
        for (uint64_t now = 0; now < FRAMES * 10 * MS; now += 10 * MS) {
                uint64_t delay = link_decide(&link, &i, LENGTH, now).due - now;
                least = delay < least ? delay : least;
                most = delay > most ? delay : most;
        }
        ck_assert(least >= MS && least < 11 * MS / 10);
        ck_assert(most <= 9 * MS && most > 89 * MS / 10);
        for (uint64_t now = FRAMES * 10 * MS; now < FRAMES * 11 * MS; now += MS / 10) {
                struct verdict v = link_decide(&link, &i, LENGTH, now);
                ck_assert_uint_ge(v.due, last);
                last = v.due;
        }
}
END_TEST

START_TEST(a_reordered_frame_is_passed_by_the_next)
{
        struct link link = link_make(6);
        const struct impairment all = {.reorder = PPM}, none = {0};
        struct verdict first = link_decide(&link, &all, LENGTH, 0);
        struct verdict second = link_decide(&link, &none, LENGTH, 1);
        ck_assert(first.reordered && first.due == REORDER_HOLD_NS);
        ck_assert_uint_eq(second.due, 1);
}
END_TEST

TCase *link_case(void)
{
        TCase *tcase = tcase_create("link");
        tcase_add_test(tcase, without_impairment_nothing_happens);
        tcase_add_test(tcase, what_is_longer_than_the_mtu_is_dropped);
        tcase_add_test(tcase, same_seed_gives_same_decisions);
        tcase_add_test(tcase, other_impairments_do_not_change_what_is_lost);
        tcase_add_test(tcase, probabilities_are_kept);
        tcase_add_test(tcase, all_and_nothing_are_exact);
        tcase_add_test(tcase, rate_spaces_frames_and_bounds_the_backlog);
        tcase_add_test(tcase, jitter_stays_in_its_range_and_keeps_the_order);
        tcase_add_test(tcase, a_reordered_frame_is_passed_by_the_next);
        return tcase;
}
