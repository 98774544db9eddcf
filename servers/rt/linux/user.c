/* See user.h. The probes are in probe.S; what calls point to is in calls.c. */
#include "servers/rt/linux/user.h"

#include "servers/proto/process.h"
#include "servers/rt/linux/shared_map.h"
#include "servers/rt/linux/signals.h"
#include "servers/rt/message/message.h"
#include "servers/rt/start/startup.h"

/* The processor's error code of a page fault: Intel SDM volume 3, 4.7. */
enum { ERROR_WRITE = 1 << 1, ERROR_FETCH = 1 << 4 };

extern const char rt_linux_probe[], rt_linux_probe_end[]; /* probe.S */
bool rt_linux_probe_read(uint64_t address), rt_linux_probe_write(uint64_t address);
void rt_linux_fault(void); /* entry.S */

static struct {
        bool beside; /* this image is the layer beside a program */
        bool known;
} user;

void user_begin(void)
{
        const struct startup *startup = rt_startup();
        user.beside = startup && startup->program.entry;
        if (!user.beside)
                return;
        outcome_t outcome = process_faults(rt_handle("log"), RT_DEADLINE, (uint64_t)rt_linux_fault,
                                           offsetof(struct runtime_block, thread),
                                           (uint64_t)rt_linux_probe, (uint64_t)rt_linux_probe_end);
        user.known = outcome == OUTCOME_OK;
        memory_promises(user.known);
}

bool user_faults_known(void)
{
        return user.known;
}

/* What cannot be accessed is made there, if it was promised. What is shared is there, or its maker
 * is gone. */
static enum memory_touch touch(uint64_t address, unsigned access)
{
        memory_lock();
        enum memory_touch found =
            shared_map_at(address) ? MEMORY_NOT : memory_touch(address, access);
        memory_unlock();
        return found;
}

static bool probe(uint64_t address, bool writes)
{
        return writes ? rt_linux_probe_write(address) : rt_linux_probe_read(address);
}

static bool page_ready(uint64_t address, bool writes)
{
        return probe(address, writes) ||
               (touch(address, writes ? MAP_WRITE : MAP_READ) == MEMORY_THERE &&
                probe(address, writes));
}

uint64_t user_extent(uint64_t address, uint64_t bytes, bool writes)
{
        uint64_t done = 0;
        if (!user.beside)
                return bytes;
        while (done < bytes) {
                const uint64_t at = address + done, left = bytes - done;
                const uint64_t part = PAGE_SIZE - at % PAGE_SIZE;
                if (at >= USER_END || !page_ready(at, writes))
                        break;
                done += part < left ? part : left;
        }
        return done;
}

/* A string that is as long as that is too long for whoever takes one: a path, a program's
 * argument. */
enum { LONGEST = 128 << 10 };

bool user_text(uint64_t address)
{
        uint64_t left = LONGEST;
        if (!user.beside)
                return true;
        while (left) {
                const char *at = (const char *)address;
                uint64_t part = PAGE_SIZE - address % PAGE_SIZE;
                part = part < left ? part : left;
                if (!user_reads(address, part))
                        return false;
                for (uint64_t i = 0; i < part; i++)
                        if (!at[i])
                                return true;
                address += part;
                left -= part;
        }
        return true;
}

bool user_check(uint64_t number, struct linux_arguments *in)
{
        return !user.beside || call_memory_there(number, in);
}

enum memory_touch user_fault(const struct thread_fault *fault)
{
        const unsigned access = fault->error & ERROR_FETCH   ? MAP_EXECUTE
                                : fault->error & ERROR_WRITE ? MAP_WRITE
                                                             : MAP_READ;
        return fault->reason == FAULT_PAGE ? touch(fault->address, access) : MEMORY_NOT;
}

void user_fault_ends(const struct thread_fault *fault, bool shortage)
{
        process_fault_ends(rt_handle("log"), RT_DEADLINE, fault->reason, fault->address,
                           fault->registers.rip, shortage);
        process_die(shortage ? SIGBUS : SIGSEGV);
}
