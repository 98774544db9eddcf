/* Programs at other addresses than they were linked for, and two in one task. */
#include <stdlib.h>
#include <string.h>
#include "servers/proto/guest.h"
#include "servers/rt/task/memory.h"
#include "tests/rt/guest.h"

static void expect_status(const char *argument, uint64_t base, uint64_t status)
{
        struct spawn_place place = spawn_alone;
        struct spawn spawn = child_spawn(&argument, NULL, 0);
        struct spawned child;
        place.base = base;
        spawn.place = &place;
        CHECK_OK(child_make(&spawn, &child));
        CHECK((child.displacement != 0) == (base != 0));
        CHECK_OK(spawn_start(&child));
        CHECK_EQ(child_wait(&child), status);
        spawn_destroy(&child);
}

static void a_moved_program_runs(void)
{
        expect_status("status=42", ELSEWHERE, 42);
}

static void constants_that_hold_addresses_are_right_and_cannot_be_written(void)
{
        expect_status("constants", 0, 0);
        expect_status("constants", ELSEWHERE, 0);
}

/* ---- two images in one task ------------------------------------------------------------------ */

static struct {
        struct spawned server, beside;
        handle_t right; /* to the server's port */
        handle_t event; /* the other one signals how it went */
} both;

static void server_make(handle_t port)
{
        static const char *const argument = "serve";
        handle_t parent;
        struct arrival arrival;
        CHECK_OK(sys_right_mint(port, 1, RIGHTS_ALL, &parent));
        const struct spawn_grant grants[] = {{"parent", parent, RIGHTS_ALL}};
        struct spawn spawn = child_spawn(&argument, grants, 1);
        CHECK_OK(child_make(&spawn, &both.server));
        sys_handle_close(parent);
        CHECK_OK(spawn_start(&both.server));
        arrival_prepare(&arrival, NULL, 0, 1);
        CHECK_OK(rt_receive(port, SOON, &arrival));
        both.right = cap_take(&arrival.caps[0]);
        CHECK(both.right != 0);
}

static outcome_t beside_make(const char *argument, const struct spawn_place *place)
{
        const struct spawn_grant grants[] = {{"peer", both.right, RIGHTS_ALL},
                                             {"event", both.event, RIGHT_SIGNAL}};
        struct spawn spawn = child_spawn(&argument, grants, 2);
        spawn.place = place;
        return spawn_image(&spawn, &both.server, &both.beside, NULL);
}

static void both_make(const char *argument, const struct spawn_place *place)
{
        handle_t port;
        CHECK_OK(sys_port_create(&port));
        CHECK_OK(sys_event_create(&both.event));
        server_make(port);
        sys_object_destroy(port);
        CHECK_OK(beside_make(argument, place));
}

static void both_end(void)
{
        sys_handle_close(both.beside.thread);
        spawn_destroy(&both.server);
        sys_handle_close(both.right);
        sys_object_destroy(both.event);
}

/* Whether libc's memory of the server lies among the addresses of an image that is alone. */
static void expect_heap_of_the_first(void)
{
        uint64_t address;
        CHECK_OK(guest_heap(both.right, SOON, &address));
        CHECK(address >= spawn_alone.memory && address < spawn_alone.memory_end);
}

static void two_images_talk_and_keep_to_themselves(uint64_t start, uint64_t end)
{
        const struct spawn_place place = spawn_beside(start, end);
        uint64_t bits = 0, sum;
        both_make("beside", &place);
        expect_heap_of_the_first();
        CHECK_OK(spawn_start(&both.beside));
        CHECK_OK(sys_event_wait(both.event, ~0ull, SOON, &bits));
        CHECK_EQ(bits, 1);
        expect_heap_of_the_first();
        CHECK_OK(guest_add(both.right, SOON, 1, 2, &sum));
        both_end();
}

static void a_program_and_one_beside_it_in_the_range_of_a_layer(void)
{
        two_images_talk_and_keep_to_themselves(LAYER_START, LAYER_END);
}

static void two_programs_beside_each_other(void)
{
        two_images_talk_and_keep_to_themselves(MEMORY_DEFAULT_END, MEMORY_DEFAULT_END + SPAWN_ROOM);
}

static void the_exit_of_one_image_ends_both(void)
{
        const struct spawn_place place = spawn_beside(LAYER_START, LAYER_END);
        uint64_t before = account_used();
        both_make("status=9", &place);
        CHECK_OK(spawn_start(&both.beside));
        CHECK_EQ(child_wait(&both.server), 9);
        both_end();
        CHECK_EQ(account_used(), before);
}

static void a_place_that_is_taken_is_refused(void)
{
        struct spawn_place place = spawn_beside(LAYER_START, LAYER_END);
        both_make("beside", &place);
        CHECK_EQ(beside_make("beside", &place), not_executed(REASON_BUSY));
        place = spawn_alone;
        CHECK_EQ(beside_make("beside", &place), not_executed(REASON_BUSY));
        both_end();
}

/* ---- what is not for its place --------------------------------------------------------------- */

/* Spawns the child linked for, or moved to, an address. */
static void expect_refused(uint64_t base, const char *why)
{
        struct spawn_place place = spawn_alone;
        struct spawn spawn = child_spawn(NULL, NULL, 0);
        struct spawned child;
        const char *wrong = NULL;
        uint64_t before = account_used();
        place.base = base;
        spawn.place = &place;
        CHECK_EQ(spawn_task(&spawn, &child, &wrong), not_executed(REASON_INVALID));
        CHECK(wrong && strstr(wrong, why));
        CHECK_EQ(account_used(), before);
}

static void an_image_that_is_not_in_its_place_is_told_where_it_would_be(void)
{
        expect_refused(LAYER_START, "from 0x7c0000000000 to 0x7c00000");
        expect_refused(LAYER_START, "kept for a layer");
        expect_refused(LAYER_START - PAGE_SIZE, "kept for a layer");
        expect_refused(LAYER_END - PAGE_SIZE, "kept for a layer");
        expect_refused(MEMORY_DEFAULT - PAGE_SIZE, "where its runtime maps memory");
        expect_refused(MEMORY_DEFAULT, "where its runtime maps memory");
        expect_refused(SPAWN_STACK_TOP - SPAWN_STACK_DEFAULT, "where stacks are");
        expect_refused(USER_END - PAGE_SIZE, "where stacks are");
        expect_refused(USER_END, "where programs can have nothing");
        expect_refused(-(uint64_t)PAGE_SIZE, "not where programs may be");
        expect_refused(ELSEWHERE + 8, "alignment");
}

const struct test image_tests[] = {
#define TEST(function)                                                                             \
        {                                                                                          \
#function, function                                                                \
        }
    TEST(a_moved_program_runs),
    TEST(constants_that_hold_addresses_are_right_and_cannot_be_written),
    TEST(a_program_and_one_beside_it_in_the_range_of_a_layer),
    TEST(two_programs_beside_each_other),
    TEST(the_exit_of_one_image_ends_both),
    TEST(a_place_that_is_taken_is_refused),
    TEST(an_image_that_is_not_in_its_place_is_told_where_it_would_be),
    {0},
};
