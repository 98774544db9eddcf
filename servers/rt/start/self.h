/* The task's own state, set once at entry (begin.c) and only read afterwards. */
#ifndef RT_SELF_H
#define RT_SELF_H

#include "servers/rt/message/block.h"
#include "servers/rt/start/startup.h"

struct self {
        const struct startup *startup;   /* NULL in the first task … */
        const struct bootinfo *bootinfo; /* … and this in all others */
        char node[STARTUP_NAME];
        uint64_t boot_date; /* of the first task: rt_boot_date() */
};

extern struct self rt_self;

#endif
