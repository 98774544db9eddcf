/* The program's memory as the layer uses it, for the arguments of a call: asked for first, then
 * used as any other. So a bad pointer is EFAULT, and what was promised (../task/memory.h) is there
 * when the kernel copies to it or from it.
 *
 *      probe ──> it is there ─────────────────────────────────────────────────> true
 *        │ fault ──> process server: the stack grows, and the probe goes on ──> true
 *        └─────────> it goes on behind the probe ──> promised? it comes ──────> true
 *                                                    else ────────────────────> false
 *
 * A program that takes memory away while a call of another thread uses it ends by the fault. In a
 * native program, whose faults nobody hands back, all is taken to be there.
 *
 * Context of all functions: any, but not with memory_lock() held. */
#ifndef RT_LINUX_USER_H
#define RT_LINUX_USER_H

#include <stdbool.h>
#include <stdint.h>

#include "servers/proto/faults.h"
#include "servers/rt/task/memory.h"

/* How many of the bytes from an address on can be read, or written to: all, or those before the
 * first page that cannot. */
uint64_t user_extent(uint64_t address, uint64_t bytes, bool writes);

/* Whether all of them can be. */
static inline bool user_reads(uint64_t address, uint64_t bytes)
{
        return user_extent(address, bytes, false) == bytes;
}

static inline bool user_writes(uint64_t address, uint64_t bytes)
{
        return user_extent(address, bytes, true) == bytes;
}

/* Whether a string can be read, up to its 0; what is longer than any path and argument may be is
 * not looked at. */
bool user_text(uint64_t address);

/* Whether the memory is there that the arguments of a call point to; if not, it is EFAULT. A length
 * that reaches beyond it is made shorter, where a call may do less than it was asked for. */
struct linux_arguments;
bool user_check(uint64_t number, struct linux_arguments *in);

/* calls.c: the same, beside a program. */
bool call_memory_there(uint64_t number, struct linux_arguments *in);

/* Called when the image begins: tells the process server where this program's faults go. */
void user_begin(void);

/* Whether they come back (linux_fault). */
bool user_faults_known(void);

/* A fault of the program itself: MEMORY_THERE if it can go on, since its memory has come. */
enum memory_touch user_fault(const struct thread_fault *fault);

/* Ends the program by a fault that nobody handles; the process server says which, and if `shortage`
 * that its account has too little. */
void user_fault_ends(const struct thread_fault *fault, bool shortage) __attribute__((noreturn));

#endif
