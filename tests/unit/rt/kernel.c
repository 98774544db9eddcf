/* The scripted kernel, and the parts of the runtime that would need a real one. */
#include "tests/unit/rt/kernel.h"

#include <asm/prctl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "servers/rt/task/memory.h"
#include "servers/rt/start/startup.h"
#include "servers/rt/task/time.h"

struct script script;

static struct runtime_block block;

void kernel_setup(void)
{
        memset(&script, 0, sizeof script);
        memset(&block, 0, sizeof block);
        block.self = &block;
        block.serving_deadline = TIME_NEVER;
        if (syscall(SYS_arch_prctl, ARCH_SET_GS, &block) != 0)
                abort();
}

outcome_t sys_message(uint64_t number, struct message_registers *registers)
{
        unsigned at = script.at++;
        if (at >= sizeof script.calls / sizeof script.calls[0])
                abort();
        script.calls[at].number = number;
        script.calls[at].in = *registers;
        script.calls[at].block = block.message;
        if (at >= script.count)
                return not_executed(REASON_BAD_HANDLE);
        const struct step *step = &script.steps[at];
        *registers = step->out;
        block.message.received_bytes = step->bytes;
        if (step->bytes)
                memcpy((void *)block.message.receive.address, step->content, step->bytes);
        memcpy(block.message.received_caps, step->caps, sizeof step->caps);
        return step->outcome;
}

outcome_t rt_memory_allocate(size_t bytes, void **address)
{
        static uint8_t memory[4][MESSAGE_BYTES_MAX];
        static unsigned next;
        *address = memory[next++ % 4];
        return bytes <= MESSAGE_BYTES_MAX ? OUTCOME_OK : not_executed(REASON_NO_MEMORY);
}

const struct startup *rt_startup(void)
{
        return NULL;
}

void rt_log_flush(void)
{
}

handle_t rt_handle(const char *name)
{
        (void)name;
        return 0;
}

uint64_t rt_now(void)
{
        return 0;
}
