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
        else
                snprintf(reason, REASON_BYTES, "%s, code 0x%lx", fault_text(kind), code);
}

static void registers_report(const struct component *component, const struct request *request)
{
        struct registers r;

        if (request->byte_count < sizeof r)
                return;
        memcpy(&r, request->bytes, sizeof r);
        rt_log("%s: rax %016lx rbx %016lx rcx %016lx rdx %016lx", component->name, r.rax, r.rbx,
               r.rcx, r.rdx);
        rt_log("%s: rsi %016lx rdi %016lx rbp %016lx rsp %016lx", component->name, r.rsi, r.rdi,
               r.rbp, r.rsp);
        rt_log("%s: r8  %016lx r9  %016lx r10 %016lx r11 %016lx", component->name, r.r8, r.r9,
               r.r10, r.r11);
        rt_log("%s: r12 %016lx r13 %016lx r14 %016lx r15 %016lx", component->name, r.r12, r.r13,
               r.r14, r.r15);
        rt_log("%s: rip %016lx rflags %lx fs %lx gs %lx", component->name, r.rip, r.rflags,
               r.fs_base, r.gs_base);
}

static void backtrace_report(const struct component *component, uint64_t rip, uint64_t rbp)
{
        uint64_t addresses[BACKTRACE_MOST];
        unsigned count =
            backtrace_read(component->spawned.task, rip, rbp, addresses, BACKTRACE_MOST);

        for (unsigned i = 0; i < count; i++) {
                char line[LINE_BYTES];

                backtrace_line(line, sizeof line, addresses[i], component->program.at,
                               component->program.length);
                rt_log("%s: #%u %s", component->name, i, line);
        }
}

void fault_report(const struct component *component, const struct request *request)
{
        char reason[REASON_BYTES];

        reason_describe(request, reason);
        rt_log("%s faulted: %s", component->name, reason);
        backtrace_report(component, request->words[WORD_RIP], request->words[WORD_RBP]);
        registers_report(component, request);
}
