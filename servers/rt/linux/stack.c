/* The program's stack as the layer sees it (layer.h): there from one address on, which only goes
 * down. A native program has all of its own from the beginning. */
#include "servers/rt/linux/layer.h"

#include "servers/rt/start/startup.h"

/* It has been seen to be there from this address on; 0: not looked at yet. */
static uint64_t touched;

void layer_stack_touch(uint64_t stack)
{
        const struct startup *startup = rt_startup();
        if (!startup || !startup->program.entry)
                return;
        if (!touched)
                touched = startup->program.stack;
        if (stack >= touched || stack < startup->program.stack_end)
                return;
        *(volatile const uint8_t *)stack;
        touched = stack;
}
