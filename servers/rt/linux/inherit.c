/* From the table of descriptors to the next task; see inherit.h. */
#include "servers/rt/linux/inherit.h"

#include "servers/proto/process.h"
#include "servers/rt/linux/current.h"
#include "servers/rt/linux/left.h"
#include "servers/rt/linux/locks.h"
#include "servers/rt/linux/poll.h"
#include "servers/rt/linux/reopen.h"
#include "servers/rt/message/message.h"
#include "servers/rt/start/startup.h"

/* ---- fork ------------------------------------------------------------------------------------ */

outcome_t open_files_grant(handle_t task)
{
        for (unsigned i = 0; i < OPEN_FILES; i++) {
                struct open_file *open = open_file_at(i);
                if (!open || !open->right)
                        continue;
                open->heir = 0;
                open_file_share(open);
                file_refresh(
                    open); /* of one whose server is gone for good its right is lost, too */
                outcome_t outcome = sys_handle_grant(task, open->right, RIGHTS_ALL, &open->heir);
                if (outcome_reason(outcome) == REASON_NO_MEMORY)
                        return outcome;
        }
        return OUTCOME_OK;
}

/* A list of epoll and a timer are copied with the memory that they stand in. */
static void open_file_forked(struct open_file *open)
{
        const bool lost = (open->right && !open->heir) || open->kind == OPEN_COUNT;
        open->right = open->heir;
        open->heir = 0;
        if (lost) {
                open->kind = OPEN_LOST;
                open->shared = false;
        }
}

/* Reads and writes that wait are the parent's: what was open for them alone is not any more. */
void open_files_forked(void)
{
        for (unsigned i = 0; i < OPEN_FILES; i++) {
                struct open_file *open = open_file_at(i);
                if (!open)
                        continue;
                open_file_forked(open);
                open->references = 1;
        }
        for (int i = 0; i < OPEN_FILES; i++)
                if (open_file_of(i))
                        open_file_hold(open_file_of(i));
        if (current_open())
                open_file_hold(current_open());
        for (unsigned i = 0; i < OPEN_FILES; i++)
                if (open_file_at(i))
                        open_file_drop(open_file_at(i));
}

/* ---- execve ---------------------------------------------------------------------------------- */

int descriptor_kind_of(const struct open_file *open)
{
        switch (open->kind) {
        case OPEN_CONSOLE:
                return !open->right   ? -1
                       : open->socket ? DESCRIPTOR_SOCKET
                       : open->pipe   ? DESCRIPTOR_PIPE
                                      : DESCRIPTOR_TERMINAL;
        case OPEN_FILE:
                return open->shared ? DESCRIPTOR_SHARED : DESCRIPTOR_FILE;
        case OPEN_FOLDER:
                return open->right ? DESCRIPTOR_FOLDER : -1;
        case OPEN_NULL:
                return DESCRIPTOR_NULL;
        case OPEN_ZERO:
                return DESCRIPTOR_ZERO;
        case OPEN_FULL:
                return DESCRIPTOR_FULL;
        case OPEN_RANDOM:
                return DESCRIPTOR_RANDOM;
        default:
                return -1;
        }
}

uint64_t descriptor_offset_of(const struct open_file *open)
{
        return open->shared ? open->token : open->offset;
}

static outcome_t hand_on(handle_t server, int descriptor, const struct open_file *open)
{
        const int kind = descriptor_kind_of(open);
        handle_t right;
        if (kind < 0)
                return OUTCOME_OK;
        if (!open->right)
                return process_device(server, RT_DEADLINE, (uint64_t)descriptor, (uint64_t)kind,
                                      (uint64_t)open->flags);
        outcome_t outcome = sys_handle_copy(open->right, RIGHTS_ALL, &right);
        if (outcome != OUTCOME_OK) /* its server is gone */
                return outcome_reason(outcome) == REASON_NO_MEMORY ? outcome : OUTCOME_OK;
        return process_descriptor(server, RT_DEADLINE, (uint64_t)descriptor, (uint64_t)kind,
                                  (uint64_t)open->flags, descriptor_offset_of(open), right);
}

int descriptor_first(const struct open_file *open)
{
        int i = 0;
        while (open_file_of(i) != open || descriptor_closes_on_exec(i))
                i++;
        return i;
}

/* Whether another descriptor that goes with it stands for the same open file, as 1 and 2 often
 * do: the next program has two for them. */
static bool is_twice(int descriptor, const struct open_file *open)
{
        for (int i = 0; i < OPEN_FILES; i++)
                if (i != descriptor && open_file_of(i) == open && !descriptor_closes_on_exec(i))
                        return true;
        return false;
}

/* The rights by which the process has locks. */
static outcome_t locks_hand_on(handle_t server)
{
        const struct locker *locker;
        unsigned at = 0, number = OPEN_FILES;
        handle_t copy;
        outcome_t outcome = OUTCOME_OK;
        for (; outcome == OUTCOME_OK && (locker = locks_go_on(&at)); number++)
                if (sys_handle_copy(locker->right, RIGHTS_ALL, &copy) == OUTCOME_OK)
                        outcome = process_descriptor(server, RT_DEADLINE, number, DESCRIPTOR_LOCKS,
                                                     0, 0, copy);
        return outcome;
}

/* Folders take the places that are left. One without any stays behind, and is closed. */
static outcome_t folders_hand_on(handle_t server)
{
        outcome_t outcome = OUTCOME_OK;
        for (int i = 0; i < OPEN_FILES && outcome == OUTCOME_OK; i++) {
                struct open_file *open = open_file_of(i);
                if (!open || open->kind != OPEN_FOLDER || descriptor_closes_on_exec(i) ||
                    descriptor_first(open) != i)
                        continue; /* that another one is the same is left (left.h) */
                if (is_twice(i, open))
                        open_file_share(open);
                outcome = hand_on(server, i, open);
                open->stays = outcome_reason(outcome) == REASON_TOO_LONG;
                if (open->stays)
                        outcome = OUTCOME_OK;
        }
        return outcome;
}

outcome_t descriptors_hand_on(handle_t server)
{
        outcome_t outcome =
            current_open() ? hand_on(server, CURRENT_FOLDER, current_open()) : OUTCOME_OK;
        for (int i = 0; i < OPEN_FILES && outcome == OUTCOME_OK; i++) {
                struct open_file *open = open_file_of(i);
                if (!open || open->kind == OPEN_FOLDER || descriptor_closes_on_exec(i))
                        continue;
                if (is_twice(i, open))
                        open_file_share(open);
                outcome = hand_on(server, i, open);
        }
        if (outcome == OUTCOME_OK)
                outcome = locks_hand_on(server);
        if (outcome == OUTCOME_OK)
                outcome = folders_hand_on(server);
        return outcome == OUTCOME_OK ? left_write(server) : outcome;
}
