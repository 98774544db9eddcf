/* See watches.h. A watch whose event is gone is removed at its next signal. */
#include "servers/name/watches.h"

#include <string.h>
#include "servers/name/keeper.h"

static void watch_end(struct name_watch *watch)
{
        sys_handle_close(watch->event);
        watch->event = 0;
}

/* NULL: all places are taken, or all that one member may have. */
static struct name_watch *watch_place(struct names *names, uint64_t badge)
{
        struct name_watch *place = NULL;
        unsigned own = 0;
        for (unsigned i = 0; i < NAMES_WATCHES; i++) {
                struct name_watch *watch = &names->watches[i];
                if (watch->event == 0)
                        place = watch;
                else if (watch->badge == badge)
                        own++;
        }
        return own < NAMES_WATCHES_EACH ? place : NULL;
}

outcome_t watch_add(struct names *names, uint64_t badge, struct text name, uint64_t bits,
                    handle_t event)
{
        struct name_watch *watch = watch_place(names, badge);
        char copy[REGISTRY_NAME];
        outcome_t outcome = OUTCOME_OK;
        if (event == 0)
                return answered(REASON_INVALID);
        if (!watch)
                outcome = answered(REASON_OVERLOADED);
        else if (bits == 0 || !name_copy(copy, name))
                outcome = answered(REASON_INVALID);
        else
                outcome = keeper_keep(names, badge, copy, bits, event);
        if (outcome != OUTCOME_OK) {
                sys_handle_close(event);
                return outcome;
        }
        *watch = (struct name_watch){.event = event, .bits = bits, .badge = badge};
        memcpy(watch->name, copy, sizeof copy);
        return OUTCOME_OK;
}

void watches_end(struct names *names, uint64_t badge)
{
        for (unsigned i = 0; i < NAMES_WATCHES; i++)
                if (names->watches[i].event != 0 && names->watches[i].badge == badge)
                        watch_end(&names->watches[i]);
}

void watches_signal(struct names *names, const char *name)
{
        for (unsigned i = 0; i < NAMES_WATCHES; i++) {
                struct name_watch *watch = &names->watches[i];
                if (watch->event != 0 && strcmp(watch->name, name) == 0 &&
                    sys_event_signal(watch->event, watch->bits) != OUTCOME_OK)
                        watch_end(watch);
        }
}
