/* What all parts of the server use: copying names, and waking the event loop; see names.h. */
#include "servers/name/names.h"

#include <string.h>

bool name_copy(char to[REGISTRY_NAME], struct text name)
{
        if (!is_name(name.at, name.length, NAME_LONGEST))
                return false;
        memset(to, 0, REGISTRY_NAME);
        memcpy(to, name.at, name.length);
        return true;
}

void names_work(struct names *names)
{
        sys_event_signal(names->event, NAMES_WORK);
}

void names_wake_at(struct names *names, uint64_t time)
{
        names->server.deadline = rt_earlier(names->server.deadline, time);
}
