/* The buddy allocator. */
#include "tests/unit/kernel/host_tests.h"

enum { BLOCKS = 400, ROUNDS = 20000 };

static struct block {
        paddr_t start;
        unsigned order;
} blocks[BLOCKS];

static uint64_t bytes_of(unsigned order)
{
        return (uint64_t)PAGE_SIZE << order;
}

static void check_block(unsigned index)
{
        struct block new = blocks[index];
        bool apart = true;
        ck_assert_uint_eq(new.start % bytes_of(new.order), 0);
        for (unsigned i = 0; i < BLOCKS; i++) {
                struct block old = blocks[i];
                if (i == index || !old.start)
                        continue;
                apart &= old.start + bytes_of(old.order) <= new.start ||
                         new.start + bytes_of(new.order) <= old.start;
        }
        ck_assert(apart);
}

START_TEST(blocks_are_aligned_and_never_overlap_and_all_come_back)
{
        uint64_t free = frame_free_bytes(), taken = 0;
        srandom(2);
        for (unsigned round = 0; round < ROUNDS; round++) {
                unsigned index = (unsigned)random() % BLOCKS;
                struct block *block = &blocks[index];
                if (block->start) {
                        frame_give(block->start, block->order);
                        taken -= bytes_of(block->order);
                        block->start = 0;
                } else {
                        block->order = (unsigned)random() % 6;
                        block->start = frame_take(block->order, random() % 2);
                        if (!block->start)
                                continue;
                        taken += bytes_of(block->order);
                        check_block(index);
                }
                ck_assert_uint_eq(frame_free_bytes(), free - taken);
        }
        for (unsigned i = 0; i < BLOCKS; i++)
                if (blocks[i].start)
                        frame_give(blocks[i].start, blocks[i].order);
        ck_assert_uint_eq(frame_free_bytes(), free);
}
END_TEST

START_TEST(buddies_merge_into_the_largest_block_again)
{
        static paddr_t all[WORLD_BYTES / PAGE_SIZE + 1], large_blocks[WORLD_BYTES / PAGE_SIZE];
        unsigned count = 0, large = 0;
        world_begin();
        while ((large_blocks[large] = frame_take(FRAME_ORDERS - 1, false)))
                large++;
        ck_assert_uint_gt(large, 2);
        for (unsigned i = 0; i < large; i++)
                frame_give(large_blocks[i], FRAME_ORDERS - 1);
        while ((all[count] = frame_take(0, false)))
                count++;
        ck_assert_uint_eq(frame_free_bytes(), 0);
        while (count)
                frame_give(all[--count], 0);
        while (large--)
                ck_assert_uint_ne(frame_take(FRAME_ORDERS - 1, false), 0);
        ck_assert_uint_eq(frame_take(FRAME_ORDERS - 1, false), 0);
        ck_assert_uint_eq(frame_take(FRAME_ORDERS, false), 0);
}
END_TEST

/* Owners are entries of this list; one in PINNED cannot be moved. */
static paddr_t owned[WORLD_BYTES / PAGE_SIZE + 1];
static unsigned moves;

static void move_owned(void *owner, paddr_t from, paddr_t to)
{
        paddr_t *entry = owner;
        ck_assert_uint_eq(*entry, from);
        *entry = to;
        frame_set_owner(to, entry, true);
        moves++;
}

START_TEST(a_block_is_cleared_of_what_can_be_moved)
{
        enum { ORDER = 3, PINNED = 64 };
        unsigned count = 0, remaining = 0, in_use = 0, blocks = 0;
        paddr_t block;
        world_begin();
        moves = 0;
        while ((owned[count] = frame_take(0, false))) {
                frame_set_owner(owned[count], &owned[count], count % PINNED != 0);
                count++;
        }
        ck_assert_uint_eq(frame_clear(ORDER, move_owned), 0); /* nothing is free */
        for (unsigned i = 0; i < count; i++) {
                if (i % 2 || i % PINNED == 0) {
                        remaining++;
                } else {
                        frame_give(owned[i], 0);
                        owned[i] = 0;
                }
        }
        ck_assert_uint_eq(frame_take(ORDER, true), 0);
        uint64_t free = frame_free_bytes();
        while ((block = frame_clear(ORDER, move_owned))) {
                ck_assert_uint_eq(block % bytes_of(ORDER), 0);
                free -= bytes_of(ORDER);
                ck_assert_uint_eq(frame_free_bytes(), free);
                blocks++;
        }
        for (unsigned i = 0; i < count; i++)
                in_use += owned[i] && frame_owner(owned[i]) == &owned[i];
        ck_assert_uint_eq(in_use, remaining);
        ck_assert_uint_gt(blocks, 0);
        ck_assert_uint_gt(moves, 0);
        ck_assert_uint_lt(free, bytes_of(ORDER)); /* all that is free could be had */
}
END_TEST

START_TEST(a_shared_frame_is_free_when_the_last_owner_drops_it)
{
        uint64_t free = frame_free_bytes();
        paddr_t frame = frame_take(0, false);
        ck_assert(!frame_shared(frame));
        frame_share(frame);
        frame_share(frame);
        frame_drop(frame);
        ck_assert(frame_shared(frame));
        frame_drop(frame);
        ck_assert(!frame_shared(frame));
        ck_assert_uint_eq(frame_free_bytes(), free - PAGE_SIZE);
        frame_drop(frame);
        ck_assert_uint_eq(frame_free_bytes(), free);
        ck_assert(machine_is_freed(direct(frame)));
}
END_TEST

/* Two zones: what DMA needs is kept as long as there is anything above 4 GiB. */
START_TEST(low_memory_is_taken_last_and_only_it_serves_dma)
{
        const paddr_t limit = 1ull << 32, high_bytes = 32 << 20;
        struct boot_machine description = {
            .highest = limit + high_bytes,
            .free_count = 2,
            .free = {{MACHINE_START, 3 << 20}, {limit, limit + high_bytes}},
        };
        machine_start_with(&description);
        ck_assert_uint_ge(frame_take(0, false), limit);
        ck_assert_uint_lt(frame_take(3, true), limit);
        while (frame_take(0, true))
                ;
        ck_assert_uint_eq(frame_take(0, true), 0);
        ck_assert_uint_ge(frame_take(0, false), limit);
        while (frame_take(0, false))
                ;
        ck_assert_uint_eq(frame_free_bytes(), 0);
}
END_TEST

Suite *frames_suite(void)
{
        TCase *tests;
        Suite *suite = world_suite("frames", &tests);
        tcase_add_test(tests, blocks_are_aligned_and_never_overlap_and_all_come_back);

        tcase_add_test(tests, a_shared_frame_is_free_when_the_last_owner_drops_it);
        TCase *exhausting = tcase_create("exhausting");
        suite_add_tcase(suite, exhausting);
        tcase_add_test(exhausting, buddies_merge_into_the_largest_block_again);
        tcase_add_test(exhausting, a_block_is_cleared_of_what_can_be_moved);
        tcase_add_test(exhausting, low_memory_is_taken_last_and_only_it_serves_dma);
        return suite;
}
