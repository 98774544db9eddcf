/* The table of kept names and watches; see kept.h. Each entry has a handle of its own, which is
 * closed with it. */
#include "servers/init/kept.h"

#include <string.h>
#include "servers/init/admitters.h"
#include "servers/proto/name.h"
#include "servers/rt/task/time.h"

static bool is_of(const struct kept *kept, const struct component *component)
{
        return kept->what != 0 && kept->component == component;
}

static void kept_close(struct kept *kept)
{
        sys_handle_close(kept->what);
        kept->what = 0;
}

void kept_forget(struct init *init, struct component *component, struct text name)
{
        for (unsigned i = 0; i < KEPT_MOST; i++) {
                struct kept *kept = &init->kept[i];
                if (is_of(kept, component) && kept->bits == 0 && text_is(name, kept->name))
                        kept_close(kept);
        }
}

bool kept_any(const struct init *init, const struct component *component)
{
        for (unsigned i = 0; i < KEPT_MOST; i++)
                if (is_of(&init->kept[i], component) && init->kept[i].bits == 0)
                        return true;
        return false;
}

void kept_drop(struct init *init, const struct component *component)
{
        for (unsigned i = 0; i < KEPT_MOST; i++)
                if (is_of(&init->kept[i], component))
                        kept_close(&init->kept[i]);
}

outcome_t kept_add(struct init *init, struct component *component, struct text name, uint64_t bits,
                   handle_t what)
{
        struct kept *place = NULL;
        if (bits == 0)
                kept_forget(init, component, name);
        for (unsigned i = 0; i < KEPT_MOST && !place; i++)
                if (init->kept[i].what == 0)
                        place = &init->kept[i];
        if (what == 0 || !place || name.length >= sizeof place->name) {
                if (what != 0)
                        sys_handle_close(what);
                return answered(place ? REASON_INVALID : REASON_OVERLOADED);
        }
        *place = (struct kept){.component = component, .bits = bits, .what = what};
        memcpy(place->name, name.at, name.length);
        return OUTCOME_OK;
}

/* The name is sent from the buffer of the admission's names, since the entry may be reused before
 * the call has ended. A watch is signalled at once: what it waits for may have come or gone
 * unseen. */
static outcome_t tell(struct component *component, const struct kept *kept, uint64_t deadline)
{
        const char *name = strcpy(component->provides, kept->name);
        size_t length = strlen(name);
        handle_t copy;
        outcome_t outcome;
        if (kept->bits != 0) {
                sys_event_signal(kept->what, kept->bits);
                return name_watch_start(component->rights[ADMISSION_NAME], component->call,
                                        deadline, name, length, kept->bits, cap_copy(kept->what));
        }
        outcome = sys_handle_copy(kept->what, RIGHTS_ALL, &copy);
        return outcome != OUTCOME_OK
                   ? outcome
                   : name_register_start(component->rights[ADMISSION_NAME], component->call,
                                         deadline, name, length, copy);
}

outcome_t kept_tell(struct init *init, struct component *component, unsigned *next, uint64_t now)
{
        while (*next < KEPT_MOST) {
                struct kept *kept = &init->kept[(*next)++];
                if (!is_of(kept, component))
                        continue;
                if (tell(component, kept, now + RT_DEFAULT_WAIT) == OUTCOME_OK)
                        return OUTCOME_OK;
                if (!admission_lives(component, ADMISSION_NAME))
                        return not_executed(REASON_RECEIVER_DIED);
                kept_close(kept); /* it has died meanwhile */
        }
        return answered(REASON_NOT_FOUND);
}
