/* The file server: interface fs on the right that is registered as `fs`, interface file on one
 * right for each open file, and both on that of an open folder. README.md has the map. A right to
 * one file must reach that file and nothing else.
 *
 *      fs [at=PATH]        PATH: where clients see the tree, for absolute links; /fs if not given
 */
#include <stdlib.h>
#include <string.h>

#include "servers/fs/boot.h"
#include "servers/fs/service.h"
#include "servers/rt/serve/service.h"
#include "servers/rt/start/startup.h"
#include "servers/rt/task/log.h"
#include "servers/rt/task/memory.h"
#include "servers/rt/task/time.h"

enum { SERVICE_BADGE = 1 }; /* the right with which paths are used */

struct fs fs;

/* ---- the loop ---- */

struct node *folder_of(const struct request *request)
{
        const struct open_file *open = open_find(&fs.opens, request->badge);
        return open && !open->locker && open->node->kind == FS_FOLDER ? open->node : NULL;
}

struct client *client_of(const struct request *request)
{
        if (folder_of(request))
                return open_find(&fs.opens, request->badge)->client;
        return request->badge == SERVICE_BADGE ? &fs.opens.clients.list[0]
                                               : client_find(&fs.opens.clients, request->badge);
}

/* A right to one file reaches that file and no path; one to a folder, what is found from there. */
static outcome_t paths_only(const void *handlers, void *context, struct request *request)
{
        if (!client_of(request))
                return answered(REASON_REFUSED);
        return fs_dispatch(handlers, context, request);
}

static void on_no_senders(struct server *server, uint64_t badge, uint64_t issues)
{
        struct open_file *file = open_find(&fs.opens, badge);
        struct client *client = client_find(&fs.opens.clients, badge);
        (void)server;
        if (client)
                client_gone(client);
        if (!file || file->issues != issues)
                return; /* it was given out once more meanwhile */
        file_locks_gone(&fs.locks, badge);
        if (file->note)
                note_closed(&fs.notes, file->note);
        open_close(&fs.opens, badge);
}

static void on_cancel(struct server *server, uint64_t badge, handle_t reply)
{
        (void)server;
        (void)badge;
        file_locks_cancel(&fs.locks, reply);
}

static void on_time(struct server *server, uint64_t now)
{
        (void)server;
        waits_answer(now);
}

/* ---- start ---- */

/* FNV-1a (draft-eastlake-fnv, section 6) of the node's name; never 0. */
static uint32_t device_number(const char *node)
{
        uint32_t hash = 2166136261u;
        for (; *node; node++)
                hash = (hash ^ (uint8_t)*node) * 16777619u;
        return hash | 1;
}

static const char *mounted_at(int count, char **arguments)
{
        for (int i = 1; i < count; i++) {
                if (strncmp(arguments[i], "at=", 3) == 0)
                        return arguments[i] + 3;
        }
        return "/fs";
}

/* What init keeps for this server; NULL: nothing, or not as much as it takes. */
static struct notes_memory *notes_map(void)
{
        handle_t kept = rt_handle("kept");
        uint64_t bytes = 0;
        void *address = NULL;
        if (!kept || sys_memory_info(kept, &bytes, NULL) != OUTCOME_OK || bytes < NOTES_BYTES)
                return NULL;
        outcome_t outcome = rt_memory_map(kept, 0, NOTES_BYTES, MAP_READ | MAP_WRITE, &address);
        if (outcome != OUTCOME_OK)
                rt_log("shared offsets are not kept: %s", reason_text(outcome_reason(outcome)));
        return address;
}

static outcome_t fs_start(const char *at)
{
        handle_t right;
        outcome_t outcome = rt_server_init(&fs.server);
        fs.device = device_number(rt_node());
        fs.server.on_no_senders = on_no_senders;
        fs.server.on_cancel = on_cancel;
        fs.server.on_time = on_time;
        if (outcome == OUTCOME_OK)
                outcome = boot_load(&fs.tree, at);
        if (outcome != OUTCOME_OK)
                return outcome;
        notes_begin(&fs.notes, notes_map());
        opens_init(&fs.opens, &fs.tree, rt_now(), rt_date());
        rt_server_add(&fs.server, FS_INTERFACE, paths_only, &path_handlers, NULL);
        rt_server_add(&fs.server, FILE_INTERFACE, file_dispatch, &file_handlers, NULL);
        outcome = rt_server_right(&fs.server, SERVICE_BADGE, &right);
        if (outcome == OUTCOME_OK)
                outcome = rt_register("fs", right);
        return outcome;
}

int main(int count, char **arguments)
{
        outcome_t outcome = fs_start(mounted_at(count, arguments));
        if (outcome == OUTCOME_OK)
                outcome = rt_serve(&fs.server);
        rt_log("%s%s", outcome_prefix(outcome), reason_text(outcome_reason(outcome)));
        return EXIT_FAILURE;
}
