/* Memory objects and mappings: what can be mapped where, snapshots, faults on them. */
#include <stdio.h>
#include "tests/kernel/harness.h"

#define AT 0x50000000ull

static volatile uint64_t *const window = (volatile uint64_t *)AT;

static outcome_t map(handle_t memory, uint64_t address, uint64_t offset, uint64_t bytes,
                     unsigned flags)
{
        return sys_memory_map(0, memory, address, offset, bytes, flags, NULL);
}

static uint64_t map_somewhere(handle_t memory, uint64_t pages, unsigned flags)
{
        uint64_t address = 0;
        CHECK_OK(sys_memory_map(0, memory, 0, 0, pages * 4096, flags, &address));
        return address;
}

static void new_memory_is_zero_and_stays_when_unmapped(void)
{
        handle_t memory = make_memory(40);
        map_at(memory, AT);
        for (unsigned i = 0; i < 40 * 512; i += 64)
                CHECK_EQ(window[i], 0);
        window[39 * 512] = 5;
        CHECK_OK(sys_memory_unmap(0, AT, 40 * 4096));
        CHECK_OK(map(memory, AT, 39 * 4096, 4096, MAP_READ));
        CHECK_EQ(window[0], 5);
}

static void wrong_mappings_are_refused(void)
{
        handle_t memory = make_memory(4), readable;
        CHECK_NOT(map(memory, AT + 1, 0, 4096, MAP_READ), MALFORMED);
        CHECK_NOT(map(memory, AT, 1, 4096, MAP_READ), MALFORMED);
        CHECK_NOT(map(memory, AT, 0, 0, MAP_READ), MALFORMED);
        CHECK_NOT(map(memory, AT, 0, 5 * 4096, MAP_READ), MALFORMED);
        CHECK_NOT(map(memory, AT, 4 * 4096, 4096, MAP_READ), MALFORMED);
        CHECK_NOT(map(memory, AT, UINT64_MAX & ~4095ull, 8192, MAP_READ), MALFORMED);
        CHECK_NOT(sys_memory_map(0, memory, 0, 0, 4097, MAP_READ, NULL), MALFORMED);
        CHECK_NOT(map(memory, USER_END, 0, 4096, MAP_READ), MALFORMED);
        CHECK_NOT(map(memory, USER_END - 4096, 0, 8192, MAP_READ), MALFORMED);
        CHECK_NOT(map(memory, 0xffff800000000000, 0, 4096, MAP_READ), MALFORMED);
        CHECK_NOT(map(memory, AT, 0, 4096, MAP_READ | MAP_WRITE | MAP_EXECUTE), MALFORMED);
        CHECK_OK(sys_handle_copy(memory, RIGHT_READ, &readable));
        CHECK_NOT(map(readable, AT, 0, 4096, MAP_READ | MAP_WRITE), REFUSED);
        CHECK_NOT(map(readable, AT, 0, 4096, MAP_READ | MAP_EXECUTE), REFUSED);
        CHECK_OK(map(readable, AT, 0, 4096, MAP_READ));
        CHECK_NOT(sys_memory_protect(0, AT, 4096, MAP_READ | MAP_WRITE), REFUSED);
        CHECK_NOT(map(memory, AT, 0, 4096, MAP_READ), BUSY);
        CHECK_OK(map(memory, AT + 4096, 0, 3 * 4096, MAP_READ));
        CHECK_NOT(map(memory, AT - 4096, 0, 2 * 4096, MAP_READ), BUSY);
        sys_handle_close(readable);
        CHECK_OK(sys_memory_unmap(0, AT, 4 * 4096));
}

static void sizes_beyond_all_bounds_are_refused(void)
{
        handle_t memory;
        const uint64_t bad[] = {
            0,          1,          4097,       UINT64_MAX, UINT64_MAX & ~4095ull,
            1ull << 38, 1ull << 39, 1ull << 40, 1ull << 52, 1ull << 63};
        for (unsigned i = 0; i < 10; i++) {
                CHECK(sys_memory_create(0, bad[i], MEMORY_ANONYMOUS, 0, &memory) != OUTCOME_OK);
                CHECK(sys_memory_create(0, bad[i], MEMORY_DMA, boot->hardware, &memory) !=
                      OUTCOME_OK);
        }
        CHECK_NOT(sys_memory_create(0, 4096, 7, 0, &memory), MALFORMED);
}

/* On machines that have so much: boot_machines.sh has one. */
static void memory_goes_beyond_a_gibibyte(void)
{
        const uint64_t bytes = 1536ull << 20, last = bytes / 8 - 1;
        handle_t memory, copy;
        uint64_t used = 0, limit = 0;
        CHECK_OK(sys_account_info(0, &used, &limit));
        if (limit - used < 2 * bytes + (64 << 20))
                return;
        CHECK_OK(sys_memory_create(0, bytes, MEMORY_ANONYMOUS, 0, &memory));
        uint64_t at = map_somewhere(memory, bytes / 4096, MAP_READ | MAP_WRITE);
        volatile uint64_t *words = (volatile uint64_t *)at;
        for (uint64_t i = 0; i < bytes / 8; i += 1 << 20)
                words[i] = i + 1;
        words[last] = 7;
        CHECK_OK(sys_memory_snapshot(memory, &copy));
        words[last] = 8;
        CHECK_OK(sys_memory_protect(0, at + 4096, bytes - 4096, MAP_READ));
        CHECK_OK(sys_memory_unmap(0, at, bytes - 4096));
        CHECK_EQ(words[last], 8);
        CHECK_OK(map(copy, at, 0, bytes - 4096, MAP_READ));
        for (uint64_t i = 0; i < bytes / 8; i += 1 << 20)
                CHECK_EQ(words[i], i + 1);
        CHECK_OK(sys_object_destroy(memory));
        CHECK_OK(map(copy, at + bytes - 4096, bytes - 4096, 4096, MAP_READ));
        CHECK_EQ(words[last], 7);
        CHECK_OK(sys_object_destroy(copy));
        printf("a large object came and went\n");
}

static void unmapping_the_middle_leaves_the_ends(void)
{
        handle_t memory = make_memory(5);
        map_at(memory, AT);
        for (unsigned i = 0; i < 5; i++)
                window[i * 512] = i + 1;
        CHECK_OK(sys_memory_unmap(0, AT + 2 * 4096, 4096));
        CHECK_EQ(window[512], 2);
        CHECK_EQ(window[3 * 512], 4);
        CHECK_OK(map(memory, AT + 2 * 4096, 4 * 4096, 4096, MAP_READ));
        CHECK_EQ(window[2 * 512], 5);
        CHECK_OK(sys_memory_unmap(0, AT, 5 * 4096));
}

static void a_snapshot_is_apart_from_both_sides(void)
{
        handle_t memory = make_memory(3), copy;
        map_at(memory, AT);
        window[0] = 1;
        window[512] = 2;
        CHECK_OK(sys_memory_snapshot(memory, &copy));
        window[0] = 10;
        CHECK_OK(map(copy, AT + 0x10000, 0, 3 * 4096, MAP_READ | MAP_WRITE));
        volatile uint64_t *other = (volatile uint64_t *)(AT + 0x10000);
        CHECK_EQ(other[0], 1);
        CHECK_EQ(other[512], 2);
        other[512] = 20;
        CHECK_EQ(window[512], 2);
        CHECK_EQ(window[0], 10);
        /* The source goes first; the copy's pages stay. */
        CHECK_OK(sys_object_destroy(memory));
        CHECK_EQ(other[0], 1);
        CHECK_EQ(other[1024], 0);
        other[0] = 7;
        CHECK_EQ(other[0], 7);
        CHECK_OK(sys_object_destroy(copy));
}

static void snapshots_of_snapshots_stay_apart(void)
{
        handle_t memory = make_memory(1), second, third;
        map_at(memory, AT);
        window[0] = 1;
        CHECK_OK(sys_memory_snapshot(memory, &second));
        window[0] = 2;
        CHECK_OK(sys_memory_snapshot(memory, &third));
        window[0] = 3;
        CHECK_OK(map(second, AT + 0x10000, 0, 4096, MAP_READ));
        CHECK_OK(map(third, AT + 0x20000, 0, 4096, MAP_READ));
        CHECK_EQ(*(volatile uint64_t *)(AT + 0x10000), 1);
        CHECK_EQ(*(volatile uint64_t *)(AT + 0x20000), 2);
        sys_handle_close(second);
        sys_handle_close(third);
        CHECK_OK(sys_memory_unmap(0, AT + 0x10000, 4096));
        CHECK_OK(sys_memory_unmap(0, AT + 0x20000, 4096));
}

static void a_mapping_keeps_memory_without_a_handle(void)
{
        handle_t memory = make_memory(1);
        map_at(memory, AT);
        window[0] = 3;
        CHECK_OK(sys_handle_close(memory));
        CHECK_EQ(window[0], 3);
        CHECK_OK(sys_memory_unmap(0, AT, 4096));
}

static void dma_memory_is_contiguous_and_needs_hardware(void)
{
        handle_t memory, blind;
        uint64_t bytes, physical;
        CHECK_NOT(sys_memory_create(0, 8192, MEMORY_DMA, 0, &memory), BAD_HANDLE);
        CHECK_OK(sys_memory_create(0, 3 * 4096, MEMORY_DMA, boot->hardware, &memory));
        CHECK_OK(sys_memory_info(memory, &bytes, &physical));
        CHECK(physical && physical < 1ull << 32 && bytes >= 3 * 4096);
        CHECK_OK(sys_handle_copy(memory, RIGHT_READ, &blind));
        CHECK_OK(sys_memory_info(blind, &bytes, &physical));
        CHECK_EQ(physical, 0);
        sys_handle_close(blind);
        CHECK_OK(sys_object_destroy(memory));
}

static uint64_t memory_used(void)
{
        uint64_t used = 0;
        sys_account_info(0, &used, NULL);
        return used;
}

static void the_kernel_chooses_a_free_range(void)
{
        enum { COUNT = 40 };
        handle_t memory = make_memory(3);
        uint64_t at[COUNT], last;
        for (unsigned i = 0; i < COUNT; i++) {
                at[i] = map_somewhere(memory, 1 + i % 3, MAP_READ);
                CHECK(at[i] >= CHOICE_START && at[i] < LAYER_START && at[i] % 4096 == 0);
        }
        /* None lies in another. */
        for (unsigned i = 0; i < COUNT; i++)
                CHECK_NOT(map(memory, at[i], 0, (1 + i % 3) * 4096, MAP_READ), BUSY);
        /* A hole is found again in time, and no part of it is lost. */
        CHECK_OK(sys_memory_unmap(0, at[20], 3 * 4096));
        for (unsigned i = 0; (last = map_somewhere(memory, 3, MAP_READ)) != at[20]; i++) {
                CHECK(i < COUNT);
                CHECK_OK(sys_memory_unmap(0, last, 3 * 4096));
        }
        CHECK_OK(sys_memory_unmap(0, CHOICE_START, LAYER_START - CHOICE_START));
}

static void addresses_given_back_at_once_cost_no_page_tables(void)
{
        handle_t memory = make_memory(512);
        CHECK_OK(sys_memory_unmap(0, map_somewhere(memory, 512, MAP_READ), 512 * 4096));
        uint64_t used = memory_used();
        for (unsigned i = 0; i < 100; i++) {
                uint64_t pages = 1 + i * 5;
                CHECK_OK(sys_memory_unmap(0, map_somewhere(memory, pages, 0), pages * 4096));
        }
        CHECK(memory_used() <= used + 4096);
}

static void a_layer_has_a_range_of_its_own(void)
{
        handle_t memory = make_memory(1);
        uint64_t at = map_somewhere(memory, 1, MAP_READ | MAP_LAYER);
        CHECK(at >= LAYER_START && at < LAYER_END);
        /* Where it is full, there is no memory, even if there is some elsewhere. */
        CHECK_OK(map(memory, LAYER_END - 4096, 0, 4096, MAP_READ));
        CHECK_OK(sys_memory_unmap(0, LAYER_START, LAYER_END - LAYER_START));
        CHECK_NOT(sys_memory_protect(0, at, 4096, MAP_READ | MAP_LAYER), MALFORMED);
}

static bool mapping_is(uint64_t from, uint64_t address, uint64_t pages, uint64_t offset,
                       unsigned flags)
{
        struct memory_mapping mapping;
        return sys_memory_query(0, from, &mapping) == OUTCOME_OK && mapping.address == address &&
               mapping.bytes == pages * 4096 && mapping.offset == offset * 4096 &&
               mapping.flags == flags;
}

static void a_query_tells_what_is_mapped(void)
{
        const unsigned both = MAP_READ | MAP_WRITE;
        handle_t memory = make_memory(8), readable;
        struct memory_mapping mapping;
        enum object_kind type;
        uint32_t rights;
        uint64_t identity;
        CHECK_OK(map(memory, AT, 2 * 4096, 6 * 4096, both));
        CHECK(mapping_is(AT - 1, AT, 6, 2, both) && mapping_is(AT, AT, 6, 2, both));
        CHECK(mapping_is(AT + 6 * 4096 - 1, AT, 6, 2, both));
        CHECK(!mapping_is(AT + 6 * 4096, AT, 6, 2, both));
        CHECK_OK(sys_memory_protect(0, AT + 2 * 4096, 2 * 4096, MAP_READ));
        CHECK(mapping_is(AT, AT, 2, 2, both));
        CHECK(mapping_is(AT + 2 * 4096, AT + 2 * 4096, 2, 4, MAP_READ));
        CHECK(mapping_is(AT + 4 * 4096, AT + 4 * 4096, 2, 6, both));
        CHECK_OK(sys_memory_unmap(0, AT + 4096, 2 * 4096));
        CHECK(mapping_is(AT, AT, 1, 2, both));
        CHECK(mapping_is(AT + 4096, AT + 3 * 4096, 1, 5, MAP_READ));
        CHECK_OK(sys_memory_query(0, AT, &mapping));
        CHECK_OK(sys_handle_info(memory, &type, &rights, &identity));
        CHECK_EQ(mapping.identity, identity);
        CHECK_EQ(mapping.allowed, MAP_READ | MAP_WRITE | MAP_EXECUTE);
        CHECK_OK(sys_handle_copy(memory, RIGHT_READ, &readable));
        CHECK_OK(map(readable, AT + 4096, 0, 4096, 0));
        CHECK_OK(sys_memory_query(0, AT + 4096, &mapping));
        CHECK(mapping.flags == 0 && mapping.allowed == MAP_READ);
        sys_handle_close(readable);
        CHECK_OK(sys_memory_unmap(0, AT, 6 * 4096));
        CHECK(!mapping_is(AT, AT, 1, 2, both));
}

static void a_supervisor_sees_all_of_a_task(void)
{
        struct child child = child_create(serve_increment, 0, PRIORITY_LOW);
        struct memory_mapping mapping;
        unsigned count = 0, shared = 0;
        for (uint64_t at = 0; sys_memory_query(child.task, at, &mapping) == OUTCOME_OK;
             at = mapping.address + mapping.bytes, count++) {
                CHECK(mapping.address >= at && mapping.bytes > 0);
                shared += mapping.address == (uint64_t)SHARED;
        }
        CHECK(count == 3 && shared == 1);
}

const struct test memory_tests[] = {
    {"the_kernel_chooses_a_free_range", the_kernel_chooses_a_free_range},
    {"addresses_given_back_at_once_cost_no_page_tables",
     addresses_given_back_at_once_cost_no_page_tables},
    {"a_layer_has_a_range_of_its_own", a_layer_has_a_range_of_its_own},
    {"a_query_tells_what_is_mapped", a_query_tells_what_is_mapped},
    {"a_supervisor_sees_all_of_a_task", a_supervisor_sees_all_of_a_task},
    {"new_memory_is_zero_and_stays_when_unmapped", new_memory_is_zero_and_stays_when_unmapped},
    {"wrong_mappings_are_refused", wrong_mappings_are_refused},
    {"sizes_beyond_all_bounds_are_refused", sizes_beyond_all_bounds_are_refused},
    {"memory_goes_beyond_a_gibibyte", memory_goes_beyond_a_gibibyte},
    {"unmapping_the_middle_leaves_the_ends", unmapping_the_middle_leaves_the_ends},
    {"a_snapshot_is_apart_from_both_sides", a_snapshot_is_apart_from_both_sides},
    {"snapshots_of_snapshots_stay_apart", snapshots_of_snapshots_stay_apart},
    {"a_mapping_keeps_memory_without_a_handle", a_mapping_keeps_memory_without_a_handle},
    {"dma_memory_is_contiguous_and_needs_hardware", dma_memory_is_contiguous_and_needs_hardware},
    {0}};
