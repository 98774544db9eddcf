/* Runs all tests, prints `N passed, N failed`, and ends QEMU with the result. */
#include <setjmp.h>
#include <stdio.h>
#include "servers/rt/task/memory.h"
#include "tests/rt/guest.h"

static jmp_buf failed_test;

void test_fail(const char *file, int line, const char *what, uint64_t got, uint64_t wanted)
{
        printf("%s:%d: %s", file, line, what);
        if (got != wanted)
                printf(" (%#lx, %#lx)", got, wanted);
        printf("\n");
        longjmp(failed_test, 1);
}

const void *module_map(const char *name, size_t *size)
{
        const struct bootinfo *boot = rt_bootinfo();
        handle_t memory = rt_handle(name);
        void *address;
        for (unsigned i = 0; i < boot->module_count; i++)
                if (boot->modules[i].memory == memory)
                        *size = boot->modules[i].size;
        CHECK(memory != 0);
        CHECK_OK(rt_memory_map(memory, 0, *size, MAP_READ, &address));
        return address;
}

struct spawn child_spawn(const char *const *argument, const struct spawn_grant *grants,
                         unsigned grant_count)
{
        static const void *elf;
        static size_t size;
        if (!elf)
                elf = module_map("child", &size);
        return (struct spawn){
            .elf = elf,
            .elf_size = size,
            .component = "child",
            .arguments = argument,
            .argument_count = argument ? 1 : 0,
            .memory = CHILD_MEMORY,
            .priority = PRIORITY_DEFAULT,
            .grants = grants,
            .grant_count = grant_count,
        };
}

outcome_t child_make(const struct spawn *spawn, struct spawned *child)
{
        const char *wrong = NULL;
        outcome_t outcome = spawn_task(spawn, child, &wrong);
        if (wrong)
                printf("child: %s\n", wrong);
        return outcome;
}

uint64_t child_wait(const struct spawned *child)
{
        handle_t event;
        uint64_t bits, alive = 1, status = 0;
        CHECK_OK(sys_event_create(&event));
        CHECK_OK(sys_watch(child->task, event, 1));
        CHECK_OK(sys_event_wait(event, 1, SOON, &bits));
        CHECK_OK(sys_task_status(child->task, &alive, &status));
        CHECK_EQ(alive, 0);
        sys_object_destroy(event);
        return status;
}

uint64_t account_used(void)
{
        uint64_t used = 0, limit;
        CHECK_OK(sys_account_info(rt_handle("account"), &used, &limit));
        return used;
}

static unsigned passed, failed;

static bool run_one(const struct test *test)
{
        if (setjmp(failed_test) != 0)
                return false;
        test->run();
        return true;
}

static void run_all(const struct test *tests)
{
        for (; tests->name; tests++) {
                if (run_one(tests)) {
                        passed++;
                } else {
                        printf("FAILED %s\n", tests->name);
                        failed++;
                }
        }
}

int main(void)
{
        run_all(libc_tests);
        run_all(program_tests);
        run_all(image_tests);
        run_all(call_tests);
        run_all(file_tests);
        run_all(layer_tests);
        printf("%u passed, %u failed\n", passed, failed);
        sys_machine_control(rt_handle("hardware"), MACHINE_EXIT, failed != 0);
        return 1;
}
