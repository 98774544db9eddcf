/* Offers names; see complete.h. */
#include "servers/shell/complete.h"

#include <string.h>

#include "servers/proto/fs.h"
#include "servers/shell/binding.h"
#include "servers/shell/command.h"

/* A user who types waits no longer. */
#define LIST_WAIT RT_SECOND

static void command_offer(void *context, const struct command *command)
{
        completion_offer(context, command->name, strlen(command->name), ' ');
}

/* Offers what one answer has, and keeps the last name. False: there is no more. */
static bool entries_offer(struct completion *completion, const char *entries, size_t length,
                          char after[FS_NAME_MAX], size_t *after_length)
{
        struct unpacker from = unpacker_of(entries, length);
        struct fs_entry entry;
        while (fs_entry_next(&from, &entry) && entry.name_length <= FS_NAME_MAX) {
                completion_offer(completion, entry.name, entry.name_length,
                                 entry.kind == FS_FOLDER ? '/' : ' ');
                memcpy(after, entry.name, entry.name_length);
                *after_length = entry.name_length;
        }
        return from.left == 0 && !fs_list_ended(length);
}

static void folder_offer(struct completion *completion, const char *folder)
{
        char entries[FS_LIST_MAX], after[FS_NAME_MAX];
        size_t length = 0, after_length = 0;
        struct bound_path at;
        const uint64_t deadline = rt_after(LIST_WAIT);
        if (path_is_above(folder)) {
                completion_offer(completion, "fs", 2, '/');
                return;
        }
        bool more = path_bind(folder, &at) == OUTCOME_OK;
        while (more)
                more = fs_list(at.service, deadline, at.path, at.length, after, after_length,
                               entries, sizeof entries, &length) == OUTCOME_OK &&
                       entries_offer(completion, entries, length, after, &after_length);
        path_release(&at);
}

bool complete(struct completion *completion, const char *line, size_t cursor)
{
        if (!completion_begin(completion, line, cursor))
                return false;
        if (completion->command) {
                commands_each(command_offer, completion);
                folder_offer(completion, "/fs/bin");
        } else {
                folder_offer(completion, completion->folder[0] ? completion->folder : ".");
        }
        return completion->count > 0;
}
