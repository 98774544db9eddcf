/* From what the process server and the kernel know to the lines of proc(5); see proc.h. */
#include "servers/rt/linux/proc.h"

#include "servers/common/least.h"
#include "servers/proto/process.h"
#include "servers/proto/programs.h"
#include "servers/rt/linux/descriptors.h"
#include "servers/rt/linux/linux.h"
#include "servers/rt/linux/threads.h"
#include "servers/rt/linux/user.h"
#include "servers/rt/message/message.h"
#include "servers/rt/pure/bytes.h"
#include "servers/rt/pure/format.h"
#include "servers/rt/task/time.h"

enum { MAPS_LINE = 80, TICK = 10000000 /* ns */, LAST_FIELD = 52 };

/* ---- which there are ------------------------------------------------------------------------- */

static bool is_process(void)
{
        const struct startup *startup = rt_startup();
        return startup && startup->process;
}

/* A component is alone. */
static bool itself(uint64_t after, struct proc *proc)
{
        *proc = (struct proc){.id = (uint64_t)linux_getpid(), .group = 1, .session = 1};
        string_set(proc->name, sizeof proc->name, rt_component());
        return after < proc->id;
}

bool proc_next(uint64_t after, struct proc *proc)
{
        size_t length = 0;
        if (!is_process())
                return itself(after, proc);
        outcome_t outcome =
            process_sibling(rt_handle("log"), RT_DEADLINE, after, &proc->id, &proc->parent,
                            &proc->group, &proc->session, &proc->state, &proc->cpu, &proc->memory,
                            proc->name, sizeof proc->name - 1, &length);
        proc->name[outcome == OUTCOME_OK ? length : 0] = 0;
        return outcome == OUTCOME_OK;
}

bool proc_find(uint64_t id, struct proc *proc)
{
        return id > 0 && proc_next(id - 1, proc) && proc->id == id;
}

/* ---- texts ----------------------------------------------------------------------------------- */

static bool thread_count(struct thread *thread, uint64_t count)
{
        (void)thread;
        ++*(unsigned *)count;
        return false;
}

static unsigned threads_of(const struct proc *proc)
{
        unsigned count = 0;
        if (proc->id != (uint64_t)linux_getpid())
                return 1;
        state_lock();
        threads_find(thread_count, (uint64_t)&count);
        state_unlock();
        return count;
}

/* proc(5): one that others tell of is taken to sleep; whoever asks for himself runs. */
static char state_of(const struct proc *proc)
{
        return proc->state == PROCESS_SIGNALLED       ? 'Z'
               : proc->state                          ? 'T'
               : proc->id == (uint64_t)linux_getpid() ? 'R'
                                                      : 'S';
}

static size_t stat_write(const struct proc *proc, char *to, size_t size)
{
        size_t at = format_line(to, size, "%lu (%s) %c %lu %lu %lu 0 -1", proc->id, proc->name,
                                state_of(proc), proc->parent, proc->group, proc->session);
        at +=
            format_line(to + at, size - at, " 0 0 0 0 0 %lu 0 0 0 20 0 %u 0 0 %lu %lu",
                        proc->cpu / TICK, threads_of(proc), proc->memory, proc->memory / PAGE_SIZE);
        for (unsigned field = 25; field <= LAST_FIELD; field++)
                at += format_line(to + at, size - at, " 0");
        return at + format_line(to + at, size - at, "\n");
}

static size_t status_write(const struct proc *proc, char *to, size_t size)
{
        static const char *const states[] = {"R (running)", "S (sleeping)", "T (stopped)",
                                             "Z (zombie)"};
        const char letter = state_of(proc);
        unsigned i = 0;
        while (states[i][0] != letter)
                i++;
        return format_line(to, size,
                           "Name:\t%s\nState:\t%s\nTgid:\t%lu\nPid:\t%lu\nPPid:\t%lu\n"
                           "TracerPid:\t0\nUid:\t0\t0\t0\t0\nGid:\t0\t0\t0\t0\nFDSize:\t%u\n"
                           "VmSize:\t%8lu kB\nVmRSS:\t%8lu kB\nThreads:\t%u\n",
                           proc->name, states[i], proc->id, proc->id, proc->parent, OPEN_FILES,
                           proc->memory >> 10, proc->memory >> 10, threads_of(proc));
}

/* The program's arguments, as they are on its stack by now: what it has put there instead may be no
 * string, and is left out. */
static size_t arguments_write(char *to, size_t size)
{
        const uint64_t *stack = (const uint64_t *)rt_startup()->program.stack;
        size_t at = 0;
        if (!user_reads((uint64_t)stack, sizeof *stack))
                return 0;
        for (uint64_t i = 0; i < stack[0] && at < size; i++) {
                const uint64_t *argument = &stack[1 + i];
                if (!user_reads((uint64_t)argument, sizeof *argument))
                        break;
                if (!user_text(*argument))
                        continue;
                string_set(to + at, size - at, (const char *)*argument);
                at += string_length(to + at) + 1;
        }
        return at;
}

static size_t cmdline_write(const struct proc *proc, char *to, size_t size)
{
        const struct startup *startup = rt_startup();
        if (proc->id == (uint64_t)linux_getpid() && startup && startup->program.entry)
                return arguments_write(to, size);
        size_t length = 0;
        if (is_process() &&
            process_arguments(rt_handle("log"), RT_DEADLINE, proc->id, to, size, &length) ==
                OUTCOME_OK &&
            length > 0)
                return length;
        string_set(to, size, proc->name);
        return string_length(to) + 1;
}

static size_t maps_write(char *to, size_t size)
{
        struct memory_mapping mapping;
        size_t length = 0;
        for (uint64_t at = 0;
             length + MAPS_LINE <= size && sys_memory_query(0, at, &mapping) == OUTCOME_OK;
             at = mapping.address + mapping.bytes)
                length += format_line(
                    to + length, size - length, "%08lx-%08lx %c%c%cp 00000000 00:00 0\n",
                    mapping.address, mapping.address + mapping.bytes,
                    mapping.flags & MAP_READ ? 'r' : '-', mapping.flags & MAP_WRITE ? 'w' : '-',
                    mapping.flags & MAP_EXECUTE ? 'x' : '-');
        return length;
}

size_t proc_text(const char *name, uint64_t process, char *to, size_t size)
{
        struct proc proc;
        if (string_equal(name, "maps"))
                return maps_write(to, size);
        if (!proc_find(process ? process : (uint64_t)linux_getpid(), &proc))
                return 0;
        if (string_equal(name, "stat"))
                return stat_write(&proc, to, size);
        if (string_equal(name, "comm"))
                return format_line(to, size, "%s\n", proc.name);
        return string_equal(name, "status") ? status_write(&proc, to, size)
                                            : cmdline_write(&proc, to, size);
}

/* ---- of the node ----------------------------------------------------------------------------- */

static size_t uptime_write(char *to, size_t size)
{
        const uint64_t hundredths = rt_now() / TICK;
        return format_line(to, size, "%lu.%02lu 0.00\n", hundredths / 100, hundredths % 100);
}

static size_t times_write(char *to, size_t size)
{
        uint64_t spent = 0;
        if (is_process())
                process_busy(rt_handle("log"), RT_DEADLINE, &spent);
        const uint64_t now = rt_now();
        spent = least(spent, now);
        const uint64_t boot = rt_boot_date() / RT_SECOND;
        return format_line(to, size, "cpu  %lu 0 0 %lu 0 0 0 0 0 0\nbtime %lu\n", spent / TICK,
                           (now - spent) / TICK, boot);
}

static size_t memory_write(char *to, size_t size)
{
        uint64_t used = 0, limit = 0;
        sys_account_info(rt_handle("account"), &used, &limit);
        const uint64_t free = (limit - least(used, limit)) >> 10;
        return format_line(to, size,
                           "MemTotal:       %8lu kB\nMemFree:        %8lu kB\n"
                           "MemAvailable:   %8lu kB\nBuffers:               0 kB\n"
                           "Cached:                0 kB\nSwapTotal:             0 kB\n"
                           "SwapFree:              0 kB\n",
                           limit >> 10, free, free);
}

size_t proc_node_text(const char *name, char *to, size_t size)
{
        if (string_equal(name, "uptime"))
                return uptime_write(to, size);
        return string_equal(name, "stat") ? times_write(to, size) : memory_write(to, size);
}

size_t proc_text_most(const char *name)
{
        struct memory_mapping mapping;
        size_t most = MAPS_LINE;
        if (string_equal(name, "cmdline"))
                return PROCESS_STRINGS_MOST;
        if (!string_equal(name, "maps"))
                return PAGE_SIZE / 2;
        for (uint64_t at = 0; sys_memory_query(0, at, &mapping) == OUTCOME_OK;
             at = mapping.address + mapping.bytes)
                most += MAPS_LINE;
        return most;
}

void proc_program_of(uint64_t process, char *path, size_t size)
{
        size_t length = 0;
        if (!is_process() || process_program(rt_handle("log"), RT_DEADLINE, process, path, size - 1,
                                             &length) != OUTCOME_OK)
                length = 0;
        path[length] = 0;
}

const char *proc_program(void)
{
        enum { PATH_ARGUMENT = 2 };
        const struct startup *startup = rt_startup();
        const char *path =
            startup && startup->program.entry ? startup_argument(startup, PATH_ARGUMENT) : NULL;
        return path ? path : "";
}
