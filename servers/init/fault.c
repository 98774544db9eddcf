/* See fault.h. What is read of the component may be anything: it has just gone wrong. */
#include "servers/init/fault.h"

#include <stdio.h>
#include <string.h>
#include "servers/init/components.h"
#include "servers/init/together.h"
#include "servers/rt/task/backtrace.h"
#include "servers/rt/pure/chain.h"
#include "servers/rt/task/log.h"
#include "servers/rt/pure/symbols.h"

enum { REASON_BYTES = 128, LINE_BYTES = 160, PARTS_MOST = 32 };

/* Below a stack lies its guard page, and then nothing for long: a large frame steps over the one,
 * hardly over the other. */
enum { STACK_BELOW = 1 << 20 };

/* Error code of a page fault: Intel SDM volume 3, section 4.7. */
enum page_fault_code { PAGE_PRESENT = 1 << 0, PAGE_WRITE = 1 << 1, PAGE_FETCH = 1 << 4 };

/* Words of KERNEL_FAULT (kernel/abi/message.h). */
enum fault_word { WORD_REASON, WORD_ADDRESS, WORD_RIP, WORD_RSP, WORD_RBP, WORD_CODE };

static const char *page_fault_kind(uint64_t code)
{
        if (code & PAGE_FETCH)
                return "execution";
        return code & PAGE_WRITE ? "write" : "read";
}

static bool is_stack_overflow(const struct component *component, const struct request *request)
{
        const uint64_t end = component->place.stack_top - component_manifest(component)->stack;
        uint64_t address = request->words[WORD_ADDRESS];
        return request->words[WORD_REASON] == FAULT_PAGE && address < end &&
               end - address <= STACK_BELOW;
}

static struct image image_of(const struct component *component)
{
        return (struct image){component->program.at, component->program.length,
                              component->spawned.displacement};
}

/* Whether the thread stands in abort(), which faults on purpose (servers/rt/task/abort.c). */
static bool is_abort(const struct component *component, const struct request *request)
{
        struct symbol symbol;
        struct image image = image_of(component);
        return request->words[WORD_REASON] == FAULT_INSTRUCTION &&
               image_symbol(&image, request->words[WORD_RIP], &symbol) &&
               strcmp(symbol.name, "abort") == 0;
}

static void reason_describe(const struct component *component, const struct request *request,
                            char reason[REASON_BYTES])
{
        uint64_t kind = request->words[WORD_REASON], code = request->words[WORD_CODE];
        if (is_stack_overflow(component, request))
                snprintf(reason, REASON_BYTES,
                         "stack overflow: %s of 0x%lx, below the %lu KiB of its stack",
                         page_fault_kind(code), request->words[WORD_ADDRESS],
                         component_manifest(component)->stack >> 10);
        else if (is_abort(component, request))
                snprintf(reason, REASON_BYTES, "abort() was called");
        else if (kind == FAULT_PAGE)
                snprintf(reason, REASON_BYTES, "%s: %s of 0x%lx (%s)", fault_text(kind),
                         page_fault_kind(code), request->words[WORD_ADDRESS],
                         code & PAGE_PRESENT ? "not allowed" : "nothing is there");
        else
                snprintf(reason, REASON_BYTES, "%s, code 0x%lx", fault_text(kind), code);
}

static void registers_report(const struct component *component, const struct registers *r)
{
        rt_log("%s: rax %016lx rbx %016lx rcx %016lx rdx %016lx", component->name, r->rax, r->rbx,
               r->rcx, r->rdx);
        rt_log("%s: rsi %016lx rdi %016lx rbp %016lx rsp %016lx", component->name, r->rsi, r->rdi,
               r->rbp, r->rsp);
        rt_log("%s: r8  %016lx r9  %016lx r10 %016lx r11 %016lx", component->name, r->r8, r->r9,
               r->r10, r->r11);
        rt_log("%s: r12 %016lx r13 %016lx r14 %016lx r15 %016lx", component->name, r->r12, r->r13,
               r->r14, r->r15);
        rt_log("%s: rip %016lx rflags %lx fs %lx gs %lx", component->name, r->rip, r->rflags,
               r->fs_base, r->gs_base);
}

static void frame_report(const struct component *component, unsigned index, uint64_t address)
{
        char line[LINE_BYTES];
        struct image image = image_of(component);
        backtrace_line(line, sizeof line, index, address, &image);
        rt_log("%s: %s", component->name, line);
}

static void part_report(const struct component *component, unsigned index,
                        const uint64_t *addresses, struct chain_part part)
{
        for (unsigned i = 0; i < part.period; i++)
                frame_report(component, index + i, addresses[index + i]);
        if (part.times > 1 && part.period == 1)
                rt_log("%s: ... the same %u times more", component->name, part.times - 1);
        else if (part.times > 1)
                rt_log("%s: ... the same %u calls %u times more", component->name, part.period,
                       part.times - 1);
}

/* The innermost calls; of a chain that is too long even so, the end is told by a number. */
static void backtrace_report(const struct component *component, const struct registers *registers)
{
        static uint64_t addresses[BACKTRACE_MOST]; /* large */
        struct image image = image_of(component);
        unsigned count =
            backtrace_read(component->spawned.task, registers, &image, addresses, BACKTRACE_MOST);
        unsigned index = 0;
        for (unsigned parts = 0; index < count && parts < PARTS_MOST; parts++) {
                struct chain_part part = chain_part(addresses + index, count - index);
                part_report(component, index, addresses, part);
                index += part.period * part.times;
        }
        if (index < count)
                rt_log("%s: ... %u calls more", component->name, count - index);
}

static struct registers fault_registers(const struct request *request)
{
        struct registers registers = {.rip = request->words[WORD_RIP],
                                      .rsp = request->words[WORD_RSP],
                                      .rbp = request->words[WORD_RBP]};
        if (request->byte_count >= sizeof registers)
                memcpy(&registers, request->bytes, sizeof registers);
        return registers;
}

struct component *fault_component(struct init *init, struct component *first,
                                  const struct request *request)
{
        return together_by_block(init, first, fault_registers(request).gs_base);
}

void fault_report(const struct component *component, const struct request *request)
{
        char reason[REASON_BYTES];
        struct registers registers = fault_registers(request);
        reason_describe(component, request, reason);
        rt_log("%s faulted: %s", component->name, reason);
        backtrace_report(component, &registers);
        registers_report(component, &registers);
}

void stop_report(const struct component *component)
{
        struct registers registers;
        sys_thread_control(component->spawned.thread, THREAD_DIVERT, 0);
        if (sys_thread_registers(component->spawned.thread, &registers, NULL) != OUTCOME_OK)
                return;
        backtrace_report(component, &registers);
        registers_report(component, &registers);
}
