/* Files by libc, through the project's own file server, which is started here as a program; this
 * test stands for the name service. Looking up `again` restarts the file server; looking up
 * `node-died`, `link-lost`, `node-restarted` or `not-running` ends it, for that reason. */
#include <string.h>
#include "servers/proto/file.h"
#include "servers/proto/files.h"
#include "servers/proto/fs.h"
#include "servers/proto/name.h"
#include "tests/rt/guest.h"

enum { CHILD_ENDED = 1, WRITE_ENDED = 2 };

static struct {
        struct server server;
        handle_t name, event;
        handle_t service;    /* of the file server that runs; 0: there is none */
        enum reason absence; /* why there is none */
        struct spawned fs;
} files;

static void fs_start(void)
{
        size_t size;
        const void *elf = module_map("fs", &size);
        const struct spawn_grant grants[] = {{"name", files.name, RIGHTS_ALL},
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
        files.absence = REASON_NOT_RUNNING; /* until it has registered */
        CHECK_OK(spawn_task(&spawn, &files.fs, NULL));
        CHECK_OK(spawn_start(&files.fs));
}

static void fs_end(void)
{
        if (!files.service)
                return;
        spawn_destroy(&files.fs);
        sys_handle_close(files.service);
        files.service = 0;
}

/* ---- the name service ------------------------------------------------------------------------ */

static bool name_is(const void *name, size_t length, const char *wanted)
{
        return length == strlen(wanted) && memcmp(name, wanted, length) == 0;
}

static outcome_t take(struct request *request, const void *name, size_t name_length,
                      struct received_cap *right)
{
        (void)request;
        if (!name_is(name, name_length, "fs"))
                return answered(REASON_REFUSED);
        files.service = cap_take(right);
        return OUTCOME_OK;
}

/* The reason that the name stands for; 0: none. */
static enum reason reason_named(const void *name, size_t length)
{
        static const struct {
                const char *name;
                enum reason reason;
        } reasons[] = {{"node-died", REASON_NODE_DIED},
                       {"link-lost", REASON_LINK_LOST},
                       {"node-restarted", REASON_NODE_RESTARTED},
                       {"not-running", REASON_NOT_RUNNING}};
        for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++)
                if (name_is(name, length, reasons[i].name))
                        return reasons[i].reason;
        return 0;
}

static outcome_t look_up(struct request *request, const void *name, size_t name_length,
                         uint64_t wait, struct send_cap *right)
{
        (void)request;
        (void)wait;
        if (name_is(name, name_length, "again")) {
                fs_end();
                fs_start();
                return answered(REASON_NOT_FOUND);
        }
        if (reason_named(name, name_length)) {
                fs_end();
                files.absence = reason_named(name, name_length);
                return answered(REASON_NOT_FOUND);
        }
        if (!name_is(name, name_length, "fs"))
                return answered(REASON_NOT_FOUND);
        if (!files.service)
                return answered(files.absence);
        *right = cap_copy(files.service);
        return OUTCOME_OK;
}

static void on_event(struct server *server, uint64_t key, uint64_t bits)
{
        (void)key;
        server->stop = bits & CHILD_ENDED;
}

static void name_begin(void)
{
        static const struct name_server handlers = {.register_ = take, .lookup = look_up};
        CHECK_OK(rt_server_init(&files.server));
        files.server.on_event = on_event;
        CHECK_OK(rt_server_add(&files.server, NAME_INTERFACE, name_dispatch, &handlers, NULL));
        CHECK_OK(rt_server_right(&files.server, 1, &files.name));
        CHECK_OK(rt_server_event(&files.server, &files.event));
        fs_start();
        uint64_t deadline = SOON;
        while (!files.service)
                CHECK_OK(rt_serve_one(&files.server, deadline));
}

static void name_end(void)
{
        fs_end();
        sys_handle_close(files.name);
        sys_object_destroy(files.server.port);
        sys_object_destroy(files.event);
}

/* ---- tests ----------------------------------------------------------------------------------- */

/* Runs the child, with this test as its name service; its status. */
static uint64_t child_run(const char *argument, const struct spawn_grant *grant)
{
        struct spawn use = child_spawn(&argument, grant, 1);
        struct spawned child;
        uint64_t alive, status = 0;
        CHECK_OK(child_make(&use, &child));
        CHECK_OK(sys_watch(child.task, files.event, CHILD_ENDED));
        CHECK_OK(spawn_start(&child));
        CHECK_OK(rt_serve(&files.server));
        CHECK_OK(sys_task_status(child.task, &alive, &status));
        spawn_destroy(&child);
        return status;
}

static void a_program_reads_and_writes_files(void)
{
        name_begin();
        const struct spawn_grant own = {"fs", files.service, RIGHTS_ALL};
        CHECK_EQ(child_run("files", &own), 0);
        name_end();
}

static void a_program_finds_a_file_server_that_began_anew(void)
{
        name_begin();
        const struct spawn_grant own = {"name", files.name, RIGHTS_ALL};
        CHECK_EQ(child_run("files-again", &own), 0);
        name_end();
}

static void a_program_is_told_why_a_file_server_is_away(void)
{
        name_begin();
        const struct spawn_grant own = {"name", files.name, RIGHTS_ALL};
        CHECK_EQ(child_run("files-away", &own), 0);
        name_end();
}

static handle_t file_opened(const char *path, uint64_t flags, uint64_t lease)
{
        handle_t file;
        CHECK_OK(fs_open(files.service, SOON, path, strlen(path), flags, 0, lease, 0644, &file,
                         NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, NULL));
        return file;
}

/* One client has as many changes wait for a lease as the file server holds. Another file has no
 * lease, so its change need not wait. */
static void a_change_without_a_lease_is_made_while_many_others_wait(void)
{
        enum { CREATE = FS_OPEN_WRITE | FS_OPEN_CREATE, HELD = 64, HANDLES = HELD + 4 };
        handle_t handles[HANDLES], write;
        unsigned count = 0;
        name_begin();
        handles[count++] = file_opened("other", CREATE, 0);
        /* What an earlier server may have leased is over when this is answered. */
        CHECK_OK(file_write(handles[0], SOON, 0, "other", 5, NULL));
        handles[count++] = file_opened("leased", CREATE, 0);
        CHECK_OK(file_write(handles[1], SOON, 0, "leased", 6, NULL));
        handles[count++] = file_opened("leased", FS_OPEN_READ, FS_LEASE_MOST);
        while (count < HANDLES - 1) {
                CHECK_OK(sys_call_create(files.event, WRITE_ENDED, &write));
                CHECK_OK(file_write_start(handles[1], write, SOON, 0, "L", 1));
                handles[count++] = write;
        }
        CHECK_OK(file_write(handles[0], SOON, 0, "again", 5, NULL));
        handles[count++] = file_opened("other", CREATE | FS_OPEN_TRUNCATE, 0);
        while (count > 0)
                sys_handle_close(handles[--count]);
        name_end();
}

/* Mode and time are changed by a right that was opened for it, or to write. */
static void a_right_to_read_changes_nothing(void)
{
        name_begin();
        handle_t writer = file_opened("moded", FS_OPEN_WRITE | FS_OPEN_CREATE, 0);
        handle_t reader = file_opened("moded", FS_OPEN_READ, 0);
        handle_t owner = file_opened("moded", FS_OPEN_READ | FS_OPEN_ATTRIBUTES, 0);
        CHECK_EQ(file_chmod(reader, SOON, 0600), answered(REASON_READ_ONLY));
        CHECK_EQ(file_touch(reader, SOON, 5), answered(REASON_READ_ONLY));
        CHECK_OK(file_chmod(owner, SOON, 0600));
        CHECK_OK(file_touch(writer, SOON, 5));
        sys_handle_close(writer);
        sys_handle_close(reader);
        sys_handle_close(owner);
        name_end();
}

/* A client that opens as much as it can leaves something to all others. */
static void a_client_has_a_share_of_the_open_files(void)
{
        enum { MOST = 300 };
        static handle_t opened[MOST];
        handle_t client, folder, other;
        unsigned count = 0;
        outcome_t outcome = OUTCOME_OK;
        name_begin();
        CHECK_OK(fs_client(files.service, SOON, &client));
        CHECK_OK(fs_open(client, SOON, "", 0, FS_OPEN_READ, 0, 0, 0, &folder, NULL, NULL, NULL,
                         NULL, NULL, NULL, NULL, NULL, 0, NULL));
        CHECK_EQ(fs_client(client, SOON, &other), answered(REASON_REFUSED));
        while (count < MOST && outcome == OUTCOME_OK) {
                outcome = fs_open(count % 2 ? folder : client, SOON, "hello.txt", 9, FS_OPEN_READ,
                                  0, 0, 0, &opened[count], NULL, NULL, NULL, NULL, NULL, NULL, NULL,
                                  NULL, 0, NULL);
                count += outcome == OUTCOME_OK;
        }
        CHECK_EQ(outcome, answered(REASON_OVERLOADED));
        CHECK(count > 200);
        sys_handle_close(file_opened("hello.txt", FS_OPEN_READ, 0));
        while (count > 0)
                sys_handle_close(opened[--count]);
        sys_handle_close(folder);
        sys_handle_close(client);
        name_end();
}

/* The right to a folder is one to what is found from there, for who has opened it; that to a file
 * is to no path. */
static void a_right_to_a_folder_leads_on_from_there(void)
{
        enum { TOLD = 64 };
        char path[TOLD];
        size_t length;
        uint64_t kind;
        handle_t other;
        name_begin();
        CHECK_OK(fs_mkdir(files.service, SOON, "one", 3, 0755));
        CHECK_OK(fs_mkdir(files.service, SOON, "two", 3, 0755));
        handle_t file = file_opened("one/f", FS_OPEN_WRITE | FS_OPEN_CREATE, 0);
        handle_t one = file_opened("one", FS_OPEN_READ, 0),
                 two = file_opened("two", FS_OPEN_READ, 0);
        CHECK_OK(fs_rename(files.service, SOON, "one", 3, "two/in", 6));
        CHECK_OK(fs_symlink(files.service, SOON, "two", 3, "one", 3));
        CHECK_OK(fs_where(one, SOON, path, sizeof path, &length));
        CHECK(length == 6 && memcmp(path, "two/in", 6) == 0);
        CHECK_OK(fs_link_into(one, SOON, "f", 1, 0, cap_copy(two), "g", 1));
        CHECK_OK(fs_rename_into(one, SOON, "f", 1, cap_copy(files.service), "h", 1, 0));
        CHECK_OK(fs_rename_into(files.service, SOON, "h", 1, cap_copy(one), "f", 1, 0));
        CHECK_EQ(fs_rename_into(one, SOON, "f", 1, cap_copy(file), "h", 1, 0),
                 answered(REASON_INVALID));
        CHECK_EQ(fs_link_into(one, SOON, "f", 1, 0, cap_copy(file), "h", 1),
                 answered(REASON_INVALID));
        CHECK_EQ(fs_stat(file, SOON, "", 0, 1, &kind, NULL, NULL, NULL, NULL, NULL, NULL),
                 answered(REASON_REFUSED));
        CHECK_EQ(fs_client(one, SOON, &other), answered(REASON_REFUSED));
        CHECK_OK(fs_unlink(one, SOON, "f", 1));
        CHECK_OK(fs_rmdir(two, SOON, "in", 2));
        CHECK_EQ(fs_where(one, SOON, path, sizeof path, &length), answered(REASON_NOT_FOUND));
        CHECK_EQ(fs_mkdir(one, SOON, "x", 1, 0755), answered(REASON_NOT_FOUND));
        CHECK_OK(fs_stat(two, SOON, "g", 1, 1, &kind, NULL, NULL, NULL, NULL, NULL, NULL));
        sys_handle_close(one);
        sys_handle_close(two);
        sys_handle_close(file);
        name_end();
}

const struct test file_tests[] = {
#define TEST(function)                                                                             \
        {                                                                                          \
#function, function                                                                \
        }
    TEST(a_program_reads_and_writes_files),
    TEST(a_program_finds_a_file_server_that_began_anew),
    TEST(a_program_is_told_why_a_file_server_is_away),
    TEST(a_right_to_read_changes_nothing),
    TEST(a_client_has_a_share_of_the_open_files),
    TEST(a_right_to_a_folder_leads_on_from_there),
    TEST(a_change_without_a_lease_is_made_while_many_others_wait),
    {0},
};
