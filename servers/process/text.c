/* What a program is told when it begins: arguments, environment and folder, as whoever starts it
 * has said them. They are copied once, and stay until the process is freed. */
#include <string.h>

#include "servers/common/least.h"
#include "servers/process/process.h"
#include "servers/rt/task/memory.h"

/* Without an end of line, since the log says it. */
void text_name(struct process *process, struct strings path)
{
        const char *slash = path.length ? memrchr(path.bytes, '/', path.length) : NULL;
        const char *last = slash ? slash + 1 : path.bytes;
        const size_t length =
            least((size_t)(path.bytes + path.length - last), sizeof process->name - 1);
        memset(process->name, 0, sizeof process->name);
        memcpy(process->name, last, length);
        for (char *at = process->name; *at; at++)
                *at = *at == '\n' ? '?' : *at;
}

/* A path is absolute, and without a 0. */
static bool path_valid(struct strings path)
{
        return path.length > 0 && path.bytes[0] == '/' && !memchr(path.bytes, 0, path.length);
}

static bool text_valid(struct strings folder, struct strings path, struct strings arguments,
                       struct strings environment)
{
        unsigned count;
        return strings_count(arguments, &count) && count > 0 &&
               strings_count(environment, &count) && path_valid(folder) &&
               (!path.length || path_valid(path)) &&
               arguments.length + environment.length + folder.length + path.length <=
                   PROCESS_STRINGS_MOST;
}

/* A copy at *at, with a 0 behind it; *at moves behind that. */
static const char *text_add(char **at, struct strings text)
{
        char *copy = *at;
        if (text.length)
                memcpy(copy, text.bytes, text.length);
        copy[text.length] = 0;
        *at = copy + text.length + 1;
        return copy;
}

outcome_t text_keep(struct process *process, struct strings arguments, struct strings environment,
                    struct strings folder, struct strings path)
{
        enum { ENDS = 4 };
        if (!text_valid(folder, path, arguments, environment))
                return answered(REASON_INVALID);
        process->text_bytes =
            arguments.length + environment.length + folder.length + path.length + ENDS;
        outcome_t outcome = rt_memory_allocate(process->text_bytes, (void **)&process->text);
        if (outcome != OUTCOME_OK)
                return outcome;
        char *at = (char *)process->text;
        process->arguments = (struct strings){text_add(&at, arguments), arguments.length};
        process->environment = (struct strings){text_add(&at, environment), environment.length};
        process->folder = text_add(&at, folder);
        process->path = text_add(&at, path);
        text_name(process,
                  (struct strings){process->arguments.bytes, strlen(process->arguments.bytes)});
        return OUTCOME_OK;
}

/* The old text goes with the successor. */
void text_take(struct process *process, struct process *successor)
{
        uint8_t *const old = process->text;
        const size_t old_bytes = process->text_bytes;
        process->text = successor->text;
        process->text_bytes = successor->text_bytes;
        process->arguments = successor->arguments;
        process->environment = successor->environment;
        process->folder = successor->folder;
        process->path = successor->path;
        successor->text = old;
        successor->text_bytes = old_bytes;
}

void text_fork(struct process *child, const struct process *parent)
{
        const struct strings path = {parent->path, parent->path ? strlen(parent->path) : 0};
        const size_t bytes = parent->arguments.length + path.length + 2;
        if (rt_memory_allocate(bytes, (void **)&child->text) != OUTCOME_OK)
                return;
        char *at = (char *)child->text;
        child->text_bytes = bytes;
        child->arguments =
            (struct strings){text_add(&at, parent->arguments), parent->arguments.length};
        child->path = text_add(&at, path);
}
