/* From a right that is dead to its successor; see reopen.h. */
#include "servers/rt/linux/reopen.h"

#include <errno.h>
#include <fcntl.h>

#include "servers/proto/file.h"
#include "servers/proto/fs.h"
#include "servers/rt/linux/linux.h"
#include "servers/rt/linux/locks.h"
#include "servers/rt/linux/paths.h"

enum { TRIES = 3 };

/* Between two looks for a server that is about to come back. */
#define PAUSE (10 * RT_MILLISECOND)

int64_t file_known(struct open_file *open)
{
        uint64_t attributes;
        if (open->identity)
                return 0;
        outcome_t outcome = file_stat(open->right, RT_DEADLINE, NULL, NULL, &open->identity, NULL,
                                      &attributes, NULL, NULL);
        if (outcome == OUTCOME_OK)
                open->device = fs_device(attributes);
        return file_error(outcome);
}

/* Whether nothing of it was with the server alone. */
static bool survives(const struct open_file *open)
{
        return !open->locked && !locks_have(open) &&
               (open->shared ? open->token != 0 : open->identity && !open->changed);
}

static uint64_t reopen_flags(const struct open_file *open)
{
        const int access = open->kind == OPEN_FILE ? open->flags & O_ACCMODE : O_RDONLY;
        return FS_OPEN_ATTRIBUTES | (access != O_WRONLY ? FS_OPEN_READ : 0) |
               (access != O_RDONLY ? FS_OPEN_WRITE : 0) |
               (open->flags & O_NOATIME ? FS_OPEN_UNNOTED : 0);
}

/* Whether the outcome says that the right is dead, and another may be had. */
static bool is_gone(outcome_t outcome)
{
        const unsigned reason = outcome_reason(outcome);
        return outcome_class(outcome) != OUTCOME_ANSWERED &&
               (reason == REASON_RECEIVER_DIED || reason == REASON_LINK_LOST);
}

/* Asks a successor for the right to the same open file. */
static outcome_t right_ask(const struct open_file *open, handle_t service, struct shared_call *call,
                           handle_t *right)
{
        uint64_t executed = 0, at = 0;
        if (!open->shared)
                return fs_reopen(service, RT_DEADLINE, open->device, open->identity,
                                 open->reader.version, reopen_flags(open), right);
        outcome_t outcome = fs_resume(service, RT_DEADLINE, open->token, call ? call->request : 0,
                                      right, &executed, &at);
        if (outcome == OUTCOME_OK && executed && call && !call->executed) {
                call->executed = true;
                call->at = at;
        }
        return outcome;
}

static bool reopen(struct open_file *open, struct shared_call *call)
{
        const uint64_t version = open->reader.version, deadline = RT_DEADLINE;
        outcome_t outcome = not_executed(REASON_RECEIVER_DIED);
        handle_t service, right;
        int64_t error = 0;
        if (!survives(open))
                return false;
        while (is_gone(outcome) && rt_now() < deadline) {
                error = service_named(open->service, &service);
                if (error && error != -EPIPE)
                        return false;
                if (!error) {
                        outcome = right_ask(open, service, call, &right);
                        error = path_result(outcome);
                }
                if (error)
                        sys_sleep(rt_after(PAUSE));
        }
        if (outcome != OUTCOME_OK)
                return false;
        sys_handle_close(open->right);
        reader_close(&open->reader);
        open->reader.version = version;
        open->right = right;
        return true;
}

bool file_again(struct open_file *open, outcome_t outcome, unsigned *tries)
{
        return is_gone(outcome) && open_file_has_server(open) && (*tries)++ < TRIES &&
               reopen(open, NULL);
}

/* Behind a link that was lost the server may go on, and its note with it. */
bool shared_again(struct open_file *open, outcome_t outcome, struct shared_call *call)
{
        return is_gone(outcome) && outcome_reason(outcome) == REASON_RECEIVER_DIED &&
               call->tries++ < TRIES && reopen(open, call);
}

void file_refresh(struct open_file *open)
{
        enum object_kind type;
        uint32_t rights;
        uint64_t identity;
        if (open_file_has_server(open) &&
            sys_handle_info(open->right, &type, &rights, &identity) != OUTCOME_OK)
                reopen(open, NULL);
}
