/* Files by libc, through the project's own file server, which is started here as a program; this
 * test stands for the name service where it registers itself. */
#include <string.h>
#include "servers/proto/name.h"
#include "tests/rt/guest.h"

static handle_t file_service;

static outcome_t keep(struct request *request, const void *name, size_t name_length,
                      struct received_cap *right)
{
        if (name_length != 2 || memcmp(name, "fs", 2) != 0)
                return answered(REASON_REFUSED);
        file_service = cap_take(right);
        request->server->stop = true;
        return OUTCOME_OK;
}

static void a_program_reads_and_writes_files(void)
{
        static const struct name_server handlers = {.register_ = keep};
        static const char *const argument = "files";
        struct server server;
        struct spawned fs, child;
        handle_t name;
        size_t size;
        const void *elf = module_map("fs", &size);
        CHECK_OK(rt_server_init(&server));
        CHECK_OK(rt_server_add(&server, NAME_INTERFACE, name_dispatch, &handlers, NULL));
        CHECK_OK(rt_server_right(&server, 1, &name));
        const struct spawn_grant grants[] = {{"name", name, RIGHTS_ALL},
                                             {"files", rt_handle("files"), RIGHTS_ALL}};
        struct spawn spawn = {
            .elf = elf,
            .elf_size = size,
            .component = "fs",
            .memory = 8 << 20,
            .priority = PRIORITY_DEFAULT,
            .grants = grants,
            .grant_count = 2,
        };
        CHECK_OK(spawn_task(&spawn, &fs, NULL));
        CHECK_OK(spawn_start(&fs));
        uint64_t deadline = SOON;
        while (!server.stop)
                CHECK_OK(rt_serve_one(&server, deadline));

        const struct spawn_grant own[] = {{"fs", file_service, RIGHTS_ALL}};
        struct spawn use = child_spawn(&argument, own, 1);
        CHECK_OK(child_make(&use, &child));
        CHECK_OK(spawn_start(&child));
        CHECK_EQ(child_wait(&child), 0);
        spawn_destroy(&child);
        spawn_destroy(&fs);
}

const struct test file_tests[] = {
#define TEST(function)                                                                             \
        {                                                                                          \
#function, function                                                                \
        }
    TEST(a_program_reads_and_writes_files),
    {0},
};
