/* Variables; see environment.h. */
#include "servers/shell/environment.h"

#include <assert.h>
#include <string.h>

static const char first[] = "PATH=/fs/bin:/fs\0HOME=/fs\0TERM=dumb";

static struct {
        char strings[ENVIRONMENT_BYTES];
        size_t length; /* 0: they have not begun */
} environment;

const char *environment_all(size_t *length)
{
        if (environment.length == 0) {
                memcpy(environment.strings, first, sizeof first);
                environment.length = sizeof first;
        }
        *length = environment.length;
        return environment.strings;
}

/* The variable whose name has so many bytes; NULL: there is none. */
static char *find(const char *name, size_t name_length)
{
        size_t length;
        const char *all = environment_all(&length);
        for (const char *at = all; at < all + length; at += strlen(at) + 1)
                if (strncmp(at, name, name_length) == 0 && at[name_length] == '=')
                        return environment.strings + (at - all);
        return NULL;
}

const char *environment_get(const char *name)
{
        const char *found = find(name, strlen(name));
        return found ? found + strlen(name) + 1 : NULL;
}

static size_t name_length(const char *assignment)
{
        static const char letters[] =
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789";
        bool digit = *assignment >= '0' && *assignment <= '9';
        return digit ? 0 : strspn(assignment, letters);
}

bool environment_set(const char *assignment, const char **wrong)
{
        size_t name = name_length(assignment), bytes = strlen(assignment) + 1, length, old = 0;
        const char *all = environment_all(&length);
        if (name == 0 || assignment[name] != '=') {
                *wrong = "it is not NAME=VALUE, with a name of letters, digits and _";
                return false;
        }
        char *there = find(assignment, name);
        if (there)
                old = strlen(there) + 1;
        if (bytes > ENVIRONMENT_BYTES - (length - old)) {
                *wrong = "all variables together have at most 4096 bytes";
                return false;
        }
        if (there)
                memmove(there, there + old, (size_t)(all + length - (there + old)));
        memcpy(environment.strings + length - old, assignment, bytes);
        environment.length = length - old + bytes;
        assert(environment.length <= ENVIRONMENT_BYTES);
        return true;
}
