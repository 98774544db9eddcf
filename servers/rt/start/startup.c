/* Reading and writing the startup page. Nothing in a page is believed: names and arguments may lack
 * their end, counts may be anything. */
#include "servers/rt/start/startup.h"

#include "servers/rt/pure/bytes.h"

/* Whether a name of the page is that string. */
static int name_is(const char name[STARTUP_NAME], const char *string)
{
        for (unsigned i = 0; i < STARTUP_NAME; i++) {
                if (name[i] != string[i])
                        return 0;
                if (!string[i])
                        return 1;
        }
        return 0;
}

struct startup_handle *startup_entry(struct startup *startup, const char *name)
{
        for (unsigned i = 0; i < startup->handle_count && i < STARTUP_HANDLES; i++)
                if (name_is(startup->handles[i].name, name))
                        return &startup->handles[i];
        return NULL;
}

handle_t startup_handle(const struct startup *startup, const char *name)
{
        const struct startup_handle *entry = startup_entry((struct startup *)startup, name);
        return entry ? entry->handle : 0;
}

int startup_add_handle(struct startup *startup, const char *name, handle_t handle)
{
        if (startup->handle_count >= STARTUP_HANDLES)
                return -1;
        struct startup_handle *entry = &startup->handles[startup->handle_count];
        *entry = (struct startup_handle){.handle = handle};
        if (!string_set(entry->name, sizeof entry->name, name))
                return -1;
        startup->handle_count++;
        return 0;
}

/* Where the argument with that index begins, or where the next one would: its offset, or the size
 * of the space if the page is full or damaged. */
static size_t argument_offset(const struct startup *startup, unsigned index)
{
        size_t at = 0;
        for (unsigned i = 0; i < index; i++) {
                while (at < STARTUP_ARGUMENT_BYTES && startup->arguments[at])
                        at++;
                if (at >= STARTUP_ARGUMENT_BYTES)
                        return STARTUP_ARGUMENT_BYTES;
                at++;
        }
        return at;
}

int startup_add_argument(struct startup *startup, const char *argument)
{
        size_t at = argument_offset(startup, startup->argument_count);
        size_t length = string_length(argument);
        if (at >= STARTUP_ARGUMENT_BYTES || length >= STARTUP_ARGUMENT_BYTES - at ||
            startup->argument_count >= STARTUP_ARGUMENTS)
                return -1;
        bytes_copy(&startup->arguments[at], argument, length + 1);
        startup->argument_count++;
        return 0;
}

const char *startup_argument(const struct startup *startup, unsigned index)
{
        if (index >= startup->argument_count || index >= STARTUP_ARGUMENTS)
                return NULL;
        size_t at = argument_offset(startup, index), end = at;
        while (end < STARTUP_ARGUMENT_BYTES && startup->arguments[end])
                end++;
        return end < STARTUP_ARGUMENT_BYTES ? &startup->arguments[at] : NULL;
}

/* What stands behind KEY= in an argument, or NULL. */
static const char *value_of(const char *argument, const char *key)
{
        while (*key && *argument == *key)
                argument++, key++;
        return !*key && *argument == '=' ? argument + 1 : NULL;
}

const char *startup_value(const struct startup *startup, const char *key)
{
        const char *argument, *value = NULL;
        for (unsigned i = 0; !value && (argument = startup_argument(startup, i)); i++)
                value = value_of(argument, key);
        return value;
}
