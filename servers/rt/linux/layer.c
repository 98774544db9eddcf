/* The Linux layer as an image of its own, beside a program that knows nothing of it: the same
 * handler of Linux system calls that native programs have linked in, with an entry instead of
 * libc. Called by layer_entry.S on the layer's own stack. Makes the image ready; what the thread's
 * registers are when the program begins is decided there.
 *
 *      spawn ──> layer_start: block, reflection ──> the program's entry, as execve leaves it
 *                                                        │ syscall
 *                linux/entry.S <──── kernel <────────────┘
 */
#include "servers/rt/linux/left.h"
#include "servers/rt/linux/outside.h"
#include "servers/rt/message/syscall.h"
#include "servers/rt/start/begin.h"
#include "servers/rt/start/self.h"

/* Called by layer_start. The program's registers: rax its entry, rdx its stack pointer. */
struct layer_start {
        uint64_t entry, stack;
};
struct layer_start rt_layer_begin(const void *page);
struct layer_start rt_layer_begin(const void *page)
{
        rt_image_begin(page);
        const struct startup *startup = rt_startup();
        if (!startup || !startup->program.entry || !outside_begin()) {
                sys_task_exit(127);
                __builtin_trap();
        }
        left_begin();
        return (struct layer_start){startup->program.entry, startup->program.stack};
}
