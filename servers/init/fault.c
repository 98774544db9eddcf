/* See fault.h. */
#include "servers/init/fault.h"

#include <stdio.h>
#include <string.h>
#include "servers/rt/backtrace.h"
#include "servers/rt/log.h"

enum { REASON_BYTES = 96, LINE_BYTES = 160 };

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

static void reason_describe(const struct request *request, char reason[REASON_BYTES])
{
        uint64_t kind = request->words[WORD_REASON], code = request->words[WORD_CODE];
        if (kind == FAULT_PAGE)
                snprintf(reason, REASON_BYTES, "%s: %s of 0x%lx (%s)", fault_text(kind),
                         page_fault_kind(code), request->words[WORD_ADDRESS],
                         code & PAGE_PRESENT ? "not allowed" : "nothing is there");
        else if (kind == FAULT_REQUESTED)
                snprintf(reason, REASON_BYTES, "%s", fault_text(kind));
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

static void backtrace_report(const struct component *component, const struct registers *registers)
{
        const void *elf = component->program.at;
        size_t size = component->program.length;
        uint64_t addresses[BACKTRACE_MOST];
        unsigned count = backtrace_read(component->spawned.task, registers, elf, size, addresses,
                                        BACKTRACE_MOST);
        for (unsigned i = 0; i < count; i++) {
                char line[LINE_BYTES];
                backtrace_line(line, sizeof line, i, addresses[i], elf, size);
                rt_log("%s: %s", component->name, line);
        }
}

void fault_report(const struct component *component, const struct request *request)
{
        char reason[REASON_BYTES];
        struct registers registers = {.rip = request->words[WORD_RIP],
                                      .rsp = request->words[WORD_RSP],
                                      .rbp = request->words[WORD_RBP]};
        if (request->byte_count >= sizeof registers)
                memcpy(&registers, request->bytes, sizeof registers);
        reason_describe(request, reason);
        rt_log("%s faulted: %s", component->name, reason);
        backtrace_report(component, &registers);
        registers_report(component, &registers);
}

void hang_report(const struct component *component, uint64_t silence)
{
        struct registers registers;
        rt_log("%s: no sign of life for %lu s", component->name, (uint64_t)(silence / RT_SECOND));
        if (sys_thread_registers(component->spawned.thread, &registers) != OUTCOME_OK)
                return;
        backtrace_report(component, &registers);
        registers_report(component, &registers);
}
