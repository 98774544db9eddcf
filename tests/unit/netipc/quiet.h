/* An environment for the core: memory from malloc(), and nothing else happens. A test replaces
 * the functions that it is about. */
#ifndef TESTS_NETIPC_QUIET_H
#define TESTS_NETIPC_QUIET_H

#include <stdlib.h>

#include "netipc/core/core.h"

static void *quiet_allocate(void *context, size_t size)
{
        (void)context;
        return malloc(size);
}

static void quiet_release(void *context, void *memory)
{
        (void)context;
        free(memory);
}

static bool quiet_room(void *context, uint64_t token, uint8_t peer, uint32_t bytes)
{
        (void)context, (void)token, (void)peer, (void)bytes;
        return true;
}

static void quiet_cancel(void *context, core_call_t call, enum reason reason)
{
        (void)context, (void)call, (void)reason;
}

static void quiet_right_drop(void *context, uint64_t token)
{
        (void)context, (void)token;
}

static unsigned quiet_right_death(void *context, uint64_t token)
{
        (void)context, (void)token;
        return 0;
}

static uint64_t quiet_import_right(void *context, core_import_t import)
{
        (void)context, (void)import;
        return 0;
}

static void quiet_import_dead(void *context, core_import_t import, enum reason reason)
{
        (void)context, (void)import, (void)reason;
}

static void quiet_peer(void *context, const struct core_peer_info *peer)
{
        (void)context, (void)peer;
}

static void quiet_log(void *context, enum core_log level, const char *peer, const char *text,
                      const char *what, uint64_t value)
{
        (void)context, (void)level, (void)peer, (void)text, (void)what, (void)value;
}

/* Without transmit, random, deliver and complete, which every test has to bring. */
static inline struct core_environment quiet_environment(void *context)
{
        return (struct core_environment){.context = context,
                                         .allocate = quiet_allocate,
                                         .release = quiet_release,
                                         .room = quiet_room,
                                         .cancel = quiet_cancel,
                                         .right_drop = quiet_right_drop,
                                         .right_death = quiet_right_death,
                                         .import_right = quiet_import_right,
                                         .import_dead = quiet_import_dead,
                                         .peer_up = quiet_peer,
                                         .peer_down = quiet_peer,
                                         .log = quiet_log};
}

#endif
