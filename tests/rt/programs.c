/* Starting programs, and what becomes of them. */
#include <stdlib.h>
#include <string.h>
#include "servers/rt/task/backtrace.h"
#include "servers/rt/serve/serve.h"
#include "tests/rt/guest.h"

static void a_program_gets_its_arguments_and_ends_with_its_status(void)
{
        static const char *const argument = "status=42";
        struct spawned child;
        struct spawn spawn = child_spawn(&argument, NULL, 0);
        CHECK_OK(child_make(&spawn, &child));
        CHECK_OK(spawn_start(&child));
        CHECK_EQ(child_wait(&child), 42);
        spawn_destroy(&child);
}

static void a_program_that_was_destroyed_leaves_nothing(void)
{
        static const char *const argument = "status=0";
        uint64_t before = 0;
        for (int i = 0; i < 3; i++) {
                struct spawned child;
                struct spawn spawn = child_spawn(&argument, NULL, 0);
                CHECK_OK(child_make(&spawn, &child));
                spawn_destroy(&child);
                if (i == 0)
                        before = account_used();
        }
        CHECK_EQ(account_used(), before);
}

static void grants_arrive_with_the_rights_they_were_given(void)
{
        static const char *const argument = "signal";
        handle_t event;
        uint64_t bits;
        CHECK_OK(sys_event_create(&event));
        struct spawn_grant grants[] = {{"event", event, RIGHT_SIGNAL}};
        struct spawned child;
        struct spawn spawn = child_spawn(&argument, grants, 1);
        CHECK_OK(child_make(&spawn, &child));
        CHECK_OK(spawn_start(&child));
        CHECK_EQ(child_wait(&child), 0);
        CHECK_OK(sys_event_wait(event, ~0ull, 0, &bits));
        CHECK_EQ(bits, 0x55);
        spawn_destroy(&child);
        sys_object_destroy(event);
}

static void what_is_no_program_is_refused(void)
{
        struct spawn spawn = child_spawn(NULL, NULL, 0);
        struct spawned child;
        const char *wrong = NULL;
        uint64_t before = account_used();
        spawn.elf = (const char *)spawn.elf + 1;
        spawn.elf_size--;
        CHECK_EQ(spawn_task(&spawn, &child, &wrong), not_executed(REASON_INVALID));
        CHECK(wrong);
        CHECK_EQ(account_used(), before);
}

static void too_little_memory_is_said_and_given_back(void)
{
        struct spawn spawn = child_spawn(NULL, NULL, 0);
        struct spawned child;
        spawn.memory = 65536;
        uint64_t before = account_used();
        CHECK_EQ(child_make(&spawn, &child), not_executed(REASON_NO_MEMORY));
        CHECK_EQ(account_used(), before);
}

/* ---- faults ---------------------------------------------------------------------------------- */

static struct {
        const struct spawn *spawn;
        struct spawned *child;
        uint64_t reason, address;
        char text[512];
} fault;

static outcome_t on_fault(struct server *server, struct request *request)
{
        uint64_t addresses[BACKTRACE_MOST];
        fault.reason = request->words[0];
        fault.address = request->words[1];
        struct registers registers;
        CHECK_EQ(request->byte_count, sizeof registers);
        memcpy(&registers, request->bytes, sizeof registers);
        const struct image image = {fault.spawn->elf, fault.spawn->elf_size,
                                    fault.child->displacement};
        unsigned count =
            backtrace_read(fault.child->task, &registers, &image, addresses, BACKTRACE_MOST);
        for (unsigned i = 0; i < count; i++) {
                char line[96];
                backtrace_line(line, sizeof line, i, addresses[i], &image);
                if (strlen(fault.text) + strlen(line) + 2 < sizeof fault.text)
                        strcat(strcat(fault.text, line), "\n");
        }
        server->stop = true;
        return answered(REASON_REFUSED);
}

/* Wherever the program lies. */
static void expect_explanation(uint64_t base)
{
        static const char *const argument = "crash";
        struct spawn_place place = spawn_alone;
        struct server server;
        struct spawned child;
        memset(&fault, 0, sizeof fault);
        place.base = base;
        CHECK_OK(rt_server_init(&server));
        server.on_fault = on_fault;
        struct spawn spawn = child_spawn(&argument, NULL, 0);
        spawn.place = &place;
        CHECK_OK(rt_server_right(&server, 9, &spawn.fault_right));
        fault.spawn = &spawn;
        fault.child = &child;
        CHECK_OK(child_make(&spawn, &child));
        CHECK_OK(spawn_start(&child));
        CHECK_OK(rt_serve(&server));
        CHECK_EQ(fault.reason, FAULT_PAGE);
        CHECK_EQ(fault.address, 0x10);
        CHECK(strstr(fault.text, "crash_here+"));
        CHECK(strstr(fault.text, "main+"));
        spawn_destroy(&child);
        sys_object_destroy(server.port);
        sys_handle_close(spawn.fault_right);
}

static void a_fault_is_explained_by_name(void)
{
        char text[sizeof fault.text];
        expect_explanation(0);
        memcpy(text, fault.text, sizeof text);
        expect_explanation(ELSEWHERE);
        CHECK(strcmp(text, fault.text) == 0); /* by the addresses in its file */
}

const struct test program_tests[] = {
#define TEST(function)                                                                             \
        {                                                                                          \
#function, function                                                                \
        }
    TEST(a_program_gets_its_arguments_and_ends_with_its_status),
    TEST(a_program_that_was_destroyed_leaves_nothing),
    TEST(grants_arrive_with_the_rights_they_were_given),
    TEST(what_is_no_program_is_refused),
    TEST(too_little_memory_is_said_and_given_back),
    TEST(a_fault_is_explained_by_name),
    {0},
};
