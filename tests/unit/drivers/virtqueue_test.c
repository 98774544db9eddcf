/* The virtqueue against a device that exists only here: it follows the specification where a test
 * wants it to, and lies where a test wants that. */
#include <stdlib.h>
#include <string.h>
#include "drivers/lib/virtqueue.h"
#include "tests/unit/drivers/suites.h"

enum { SIZE = 8, PHYSICAL = 0x100000, BUFFER_BYTES = 100 };

static struct virtqueue queue;
static void *memory;
static struct vring device; /* the device's view of the same memory */
static uint16_t device_seen;

static void set_up(void)
{
        memory = aligned_alloc(VIRTQUEUE_ALIGNMENT, 4096);
        ck_assert_ptr_nonnull(memory);
        virtqueue_init(&queue, memory, PHYSICAL, SIZE, false);
        vring_init(&device, SIZE, memory, VIRTQUEUE_ALIGNMENT);
        device_seen = 0;
}

static void tear_down(void)
{
        free(memory);
}

static void device_uses(uint32_t id, uint32_t length)
{
        device.used->ring[device.used->idx % SIZE] =
            (struct vring_used_elem){.id = id, .len = length};
        device.used->idx++;
}

/* Takes the next available buffer and returns its id; fails the test if there is none. */
static uint16_t device_takes(void)
{
        ck_assert_uint_ne(device_seen, device.avail->idx);
        return device.avail->ring[device_seen++ % SIZE];
}

START_TEST(sizes_that_are_not_allowed_have_no_bytes)
{
        ck_assert_uint_eq(virtqueue_bytes(0), 0);
        ck_assert_uint_eq(virtqueue_bytes(6), 0);
        ck_assert_uint_eq(virtqueue_bytes(2 * VIRTQUEUE_SIZE_MAX), 0);
        ck_assert_uint_gt(virtqueue_bytes(VIRTQUEUE_SIZE_MAX), 0);
}
END_TEST

START_TEST(the_parts_are_where_the_device_is_told)
{
        ck_assert_uint_eq(virtqueue_descriptors(&queue), PHYSICAL);
        ck_assert_uint_eq(virtqueue_available(&queue) - PHYSICAL,
                          (uint64_t)((char *)device.avail - (char *)memory));
        ck_assert_uint_eq(virtqueue_used(&queue) - PHYSICAL,
                          (uint64_t)((char *)device.used - (char *)memory));
        ck_assert_uint_eq(virtqueue_used(&queue) % VRING_USED_ALIGN_SIZE, 0);
}
END_TEST

START_TEST(buffers_go_to_the_device_and_come_back_for_many_rounds)
{
        for (uint32_t round = 0; round < 70000; round++) {
                uint32_t cookie, written;
                uint16_t id;
                ck_assert(virtqueue_add(&queue, 0x5000 + round, BUFFER_BYTES, true, round));
                ck_assert(virtqueue_publish(&queue));
                id = device_takes();
                ck_assert_uint_eq(device.desc[id].addr, 0x5000 + round);
                ck_assert_uint_eq(device.desc[id].len, BUFFER_BYTES);
                ck_assert_uint_eq(device.desc[id].flags, VRING_DESC_F_WRITE);
                ck_assert(!virtqueue_used_waits(&queue));
                device_uses(id, 64);
                ck_assert(virtqueue_used_waits(&queue));
                ck_assert(virtqueue_take_used(&queue, &cookie, &written));
                ck_assert(!virtqueue_used_waits(&queue));
                ck_assert_uint_eq(cookie, round);
                ck_assert_uint_eq(written, 64);
                ck_assert(!virtqueue_take_used(&queue, &cookie, &written));
        }
}
END_TEST

START_TEST(nothing_is_shown_before_publish_and_no_more_than_fits_is_added)
{
        for (uint32_t i = 0; i < SIZE; i++)
                ck_assert(virtqueue_add(&queue, 0x5000, 1, false, i));
        ck_assert(!virtqueue_add(&queue, 0x5000, 1, false, SIZE));
        ck_assert_uint_eq(device.avail->idx, 0);
        ck_assert(virtqueue_publish(&queue));
        ck_assert_uint_eq(device.avail->idx, SIZE);
        ck_assert(!virtqueue_publish(&queue));
}
END_TEST

START_TEST(buffers_may_come_back_in_any_order)
{
        uint32_t cookie, written;
        uint16_t ids[3];
        for (uint32_t i = 0; i < 3; i++)
                virtqueue_add(&queue, 0x5000, BUFFER_BYTES, i != 1, i);
        virtqueue_publish(&queue);
        for (unsigned i = 0; i < 3; i++)
                ids[i] = device_takes();
        device_uses(ids[2], 7);
        device_uses(ids[1], 99);
        device_uses(ids[0], 8);
        ck_assert(virtqueue_take_used(&queue, &cookie, &written) && cookie == 2 && written == 7);
        /* One that the device only reads has no length, whatever the device says. */
        ck_assert(virtqueue_take_used(&queue, &cookie, &written) && cookie == 1 && written == 0);
        ck_assert(virtqueue_take_used(&queue, &cookie, &written) && cookie == 0 && written == 8);
        ck_assert_ptr_null(queue.broken);
}
END_TEST

/* One id for all, in the order in which they were added. */
START_TEST(a_buffer_in_pieces_is_a_chain_and_comes_back_piece_by_piece)
{
        for (uint32_t round = 0; round < 3 * SIZE; round++) {
                uint32_t cookie, written;
                virtqueue_add(&queue, 0x4000, 9, false, 99);
                ck_assert(virtqueue_add(&queue, 0x5000, 10, false, 0));
                ck_assert(virtqueue_add_piece(&queue, 0x6000, 20, 1));
                ck_assert(virtqueue_add_piece(&queue, 0x7000, 30, 2));
                virtqueue_publish(&queue);
                ck_assert_uint_eq(device.avail->idx, 2 * (round + 1));
                uint16_t alone = device_takes(), head = device_takes(), id = head;
                for (unsigned i = 0; i < 3; i++) {
                        ck_assert_uint_eq(device.desc[id].addr, 0x5000 + i * 0x1000);
                        ck_assert_uint_eq(device.desc[id].len, 10 + i * 10);
                        ck_assert_uint_eq(device.desc[id].flags, i < 2 ? VRING_DESC_F_NEXT : 0);
                        id = device.desc[id].next;
                }
                device_uses(head, 0);
                for (uint32_t i = 0; i < 3; i++)
                        ck_assert(virtqueue_take_used(&queue, &cookie, &written) && cookie == i);
                ck_assert(!virtqueue_take_used(&queue, &cookie, &written));
                device_uses(alone, 0);
                ck_assert(virtqueue_take_used(&queue, &cookie, &written) && cookie == 99);
                ck_assert_uint_eq(queue.free_count, SIZE);
        }
}
END_TEST

START_TEST(a_piece_is_no_buffer_that_the_device_may_give_back)
{
        uint32_t cookie, written;
        virtqueue_add(&queue, 0x5000, 10, false, 0);
        virtqueue_add_piece(&queue, 0x6000, 20, 1);
        virtqueue_publish(&queue);
        device_uses(device.desc[device_takes()].next, 0);
        ck_assert(!virtqueue_take_used(&queue, &cookie, &written));
        ck_assert_ptr_nonnull(queue.broken);
}
END_TEST

START_TEST(no_piece_is_added_beyond_the_last_descriptor)
{
        for (uint32_t i = 0; i < SIZE; i++)
                ck_assert(i == 0 ? virtqueue_add(&queue, 0x5000, 1, false, i)
                                 : virtqueue_add_piece(&queue, 0x5000, 1, i));
        ck_assert(!virtqueue_add_piece(&queue, 0x5000, 1, SIZE));
        virtqueue_publish(&queue);
        ck_assert_uint_eq(device.avail->idx, 1);
}
END_TEST

START_TEST(a_used_index_that_runs_ahead_breaks_the_queue)
{
        uint32_t cookie, written;
        virtqueue_add(&queue, 0x5000, BUFFER_BYTES, true, 1);
        virtqueue_publish(&queue);
        device.used->idx = 2;
        ck_assert(!virtqueue_take_used(&queue, &cookie, &written));
        ck_assert_ptr_nonnull(queue.broken);
}
END_TEST

START_TEST(a_used_id_that_the_device_does_not_have_breaks_the_queue)
{
        static const uint32_t ids[] = {SIZE, UINT32_MAX, 5};
        uint32_t cookie, written;
        virtqueue_add(&queue, 0x5000, BUFFER_BYTES, true, 1);
        virtqueue_publish(&queue);
        device_uses(ids[_i], 1);
        ck_assert(!virtqueue_take_used(&queue, &cookie, &written));
        ck_assert_ptr_nonnull(queue.broken);
}
END_TEST

START_TEST(the_same_id_twice_breaks_the_queue)
{
        uint32_t cookie, written;
        for (unsigned i = 0; i < 2; i++)
                virtqueue_add(&queue, 0x5000, BUFFER_BYTES, true, i);
        virtqueue_publish(&queue);
        device_uses(device_takes(), 1);
        device_uses(0, 1);
        ck_assert(virtqueue_take_used(&queue, &cookie, &written));
        ck_assert(!virtqueue_take_used(&queue, &cookie, &written));
        ck_assert_ptr_nonnull(queue.broken);
}
END_TEST

START_TEST(more_bytes_than_fit_break_the_queue)
{
        uint32_t cookie, written;
        virtqueue_add(&queue, 0x5000, BUFFER_BYTES, true, 1);
        virtqueue_publish(&queue);
        device_uses(device_takes(), BUFFER_BYTES + 1);
        ck_assert(!virtqueue_take_used(&queue, &cookie, &written));
        ck_assert_ptr_nonnull(queue.broken);
}
END_TEST

START_TEST(without_event_indices_flags_suppress_notifications)
{
        device.used->flags = VRING_USED_F_NO_NOTIFY;
        virtqueue_add(&queue, 0x5000, 1, false, 0);
        ck_assert(!virtqueue_publish(&queue));
        virtqueue_interrupts_off(&queue);
        ck_assert_uint_eq(device.avail->flags, VRING_AVAIL_F_NO_INTERRUPT);
        ck_assert(virtqueue_interrupts_on(&queue, 5));
        ck_assert_uint_eq(device.avail->flags, 0);
        device_uses(device_takes(), 0);
        ck_assert(!virtqueue_interrupts_on(&queue, 5));
}
END_TEST

START_TEST(with_event_indices_each_side_is_told_when_it_asked)
{
        uint32_t cookie, written;
        virtqueue_init(&queue, memory, PHYSICAL, SIZE, true);
        vring_avail_event(&device) = 1; /* the device asks for the second buffer */
        virtqueue_add(&queue, 0x5000, 1, false, 0);
        ck_assert(!virtqueue_publish(&queue));
        virtqueue_add(&queue, 0x5000, 1, false, 1);
        ck_assert(virtqueue_publish(&queue));

        ck_assert(virtqueue_interrupts_on(&queue, 2));
        ck_assert_uint_eq(vring_used_event(&device), 1);
        ck_assert(!vring_need_event(vring_used_event(&device), 1, 0));
        ck_assert(vring_need_event(vring_used_event(&device), 2, 1));
        device_uses(device_takes(), 0);
        ck_assert(virtqueue_interrupts_on(&queue, 2));
        device_uses(device_takes(), 0);
        ck_assert(!virtqueue_interrupts_on(&queue, 2));
        while (virtqueue_take_used(&queue, &cookie, &written))
                ;
        virtqueue_interrupts_off(&queue);
        for (uint16_t i = 2; i < 2 + SIZE; i++)
                ck_assert(!vring_need_event(vring_used_event(&device), (uint16_t)(i + 1), i));
}
END_TEST

Suite *virtqueue_suite(void)
{
        Suite *suite = suite_create("virtqueue");
        TCase *tests = tcase_create("virtqueue");
        tcase_set_timeout(tests, 60);
        tcase_add_checked_fixture(tests, set_up, tear_down);
        tcase_add_test(tests, sizes_that_are_not_allowed_have_no_bytes);
        tcase_add_test(tests, the_parts_are_where_the_device_is_told);
        tcase_add_test(tests, buffers_go_to_the_device_and_come_back_for_many_rounds);
        tcase_add_test(tests, nothing_is_shown_before_publish_and_no_more_than_fits_is_added);
        tcase_add_test(tests, buffers_may_come_back_in_any_order);
        tcase_add_test(tests, a_buffer_in_pieces_is_a_chain_and_comes_back_piece_by_piece);
        tcase_add_test(tests, a_piece_is_no_buffer_that_the_device_may_give_back);
        tcase_add_test(tests, no_piece_is_added_beyond_the_last_descriptor);
        tcase_add_test(tests, a_used_index_that_runs_ahead_breaks_the_queue);
        tcase_add_loop_test(tests, a_used_id_that_the_device_does_not_have_breaks_the_queue, 0, 3);
        tcase_add_test(tests, the_same_id_twice_breaks_the_queue);
        tcase_add_test(tests, more_bytes_than_fit_break_the_queue);
        tcase_add_test(tests, without_event_indices_flags_suppress_notifications);
        tcase_add_test(tests, with_event_indices_each_side_is_told_when_it_asked);
        suite_add_tcase(suite, tests);
        return suite;
}
