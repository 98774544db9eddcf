/* The frame of a handler, as Linux lays it out on x86-64 (its <asm/sigframe.h>, and ucontext_t of
 * sigaction(2)):
 *
 *      handler's stack pointer ──> return address: the restorer │ ucontext │ siginfo │ vectors │ …
 *
 * A handler may change what is in it: sigreturn goes on with what is there then. */
#include <cpuid.h>
#include <errno.h>

#include "servers/rt/linux/linux.h"
#include "servers/rt/linux/signals.h"
#include "servers/rt/linux/user.h"
#include "servers/rt/pure/bytes.h"

enum {
        RED_ZONE = 128,
        VECTORS_FXSAVE = 512,
        VECTORS_HEADER = 64, /* behind it, of an XSAVE area */
        CPUID_OSXSAVE = 1 << 27,
        LEAF_XSAVE = 0xd,
        SA_RESTORER_FLAG = 0x04000000,
        FLAGS_STEP = 0x100,
        FLAGS_DOWN = 0x400,
};

struct signal_frame {
        uint64_t restorer;
        uint64_t flags, link;
        stack_t stack;
        uint64_t r8, r9, r10, r11, r12, r13, r14, r15, rdi, rsi, rbp, rbx, rdx, rax, rcx, rsp, rip,
            rflags, segments, error, trap, old_mask, address;
        uint64_t vectors;
        uint64_t reserved[8];
        uint64_t blocked;
        struct signal_info info;
};

_Static_assert(sizeof(stack_t) == 24 && offsetof(struct signal_frame, r8) == 48, "ucontext_t");
_Static_assert(offsetof(struct signal_frame, blocked) == 304, "ucontext_t");

void vectors_save(void *area, bool xsave);
void vectors_load(const void *area, bool xsave);

/* How the processor keeps its vector registers: SDM volume 1, 13.2. */
static bool vectors_format(size_t *bytes)
{
        unsigned a, b, c, d;
        *bytes = VECTORS_FXSAVE;
        if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & CPUID_OSXSAVE))
                return false;
        __get_cpuid_count(LEAF_XSAVE, 0, &a, &b, &c, &d);
        *bytes = b;
        return true;
}

/* Whether an area of VECTORS_MOST bytes has room for all that XSAVE saves. */
static bool vectors_fit(void)
{
        size_t bytes;
        return vectors_format(&bytes) && bytes <= VECTORS_MOST;
}

void vectors_keep(uint8_t area[VECTORS_MOST])
{
        bytes_zero(area + VECTORS_FXSAVE, VECTORS_HEADER);
        vectors_save(area, vectors_fit());
}

void vectors_bring_back(const uint8_t area[VECTORS_MOST])
{
        vectors_load(area, vectors_fit());
}

/* Where the frame is to end: the program's stack, or its alternate one. */
static uint64_t stack_for(const struct thread *thread, const struct kernel_action *action)
{
        const uint64_t rsp = thread->fault.registers.rsp, start = (uint64_t)thread->alternate.ss_sp;
        if (!(action->flags & SA_ONSTACK) || !start || rsp - start < thread->alternate.ss_size)
                return rsp - RED_ZONE;
        return start + thread->alternate.ss_size;
}

static void registers_keep(struct signal_frame *frame, const struct registers *from)
{
        frame->r8 = from->r8;
        frame->r9 = from->r9;
        frame->r10 = from->r10;
        frame->r11 = from->r11;
        frame->r12 = from->r12;
        frame->r13 = from->r13;
        frame->r14 = from->r14;
        frame->r15 = from->r15;
        frame->rdi = from->rdi;
        frame->rsi = from->rsi;
        frame->rbp = from->rbp;
        frame->rbx = from->rbx;
        frame->rdx = from->rdx;
        frame->rax = from->rax;
        frame->rcx = from->rcx;
        frame->rsp = from->rsp;
        frame->rip = from->rip;
        frame->rflags = from->rflags;
}

static void registers_restore(struct registers *to, const struct signal_frame *frame)
{
        *to = (struct registers){
            .r8 = frame->r8,
            .r9 = frame->r9,
            .r10 = frame->r10,
            .r11 = frame->r11,
            .r12 = frame->r12,
            .r13 = frame->r13,
            .r14 = frame->r14,
            .r15 = frame->r15,
            .rdi = frame->rdi,
            .rsi = frame->rsi,
            .rbp = frame->rbp,
            .rbx = frame->rbx,
            .rdx = frame->rdx,
            .rax = frame->rax,
            .rcx = frame->rcx,
            .rsp = frame->rsp,
            .rip = frame->rip,
            .rflags = frame->rflags,
        };
}

void frame_push(struct thread *thread, const struct kernel_action *action,
                const struct signal_info *info)
{
        struct registers *registers = &thread->fault.registers;
        size_t bytes;
        bool xsave = vectors_format(&bytes);
        if (!(action->flags & SA_RESTORER_FLAG))
                process_die(SIGSEGV); /* it could not come back */
        uint64_t vectors = (stack_for(thread, action) - bytes) & -(uint64_t)VECTORS_ALIGN;
        /* As after a call: 8 below a multiple of 16. */
        uint64_t at = ((vectors - sizeof(struct signal_frame)) & -(uint64_t)16) - 8;
        struct signal_frame *frame = (struct signal_frame *)at;
        if (!user_writes(at, vectors + bytes - at))
                process_die(SIGSEGV); /* there is no stack for it */
        if (xsave)
                bytes_zero((uint8_t *)vectors + VECTORS_FXSAVE, VECTORS_HEADER);
        vectors_save((void *)vectors, xsave);
        bytes_zero(frame, sizeof *frame);
        frame->restorer = action->restorer;
        frame->stack = thread->alternate;
        if (!frame->stack.ss_sp)
                frame->stack.ss_flags = SS_DISABLE;
        registers_keep(frame, registers);
        frame->vectors = vectors;
        frame->blocked = thread->suspended ? thread->blocked_before : thread->blocked;
        frame->address = info->number == SIGSEGV ? info->address : 0;
        frame->info = *info;
        thread->suspended = false;

        thread->blocked |= action->mask;
        if (!(action->flags & SA_NODEFER))
                thread->blocked |= signal_bit(info->number);
        registers->rsp = at;
        registers->rip = action->handler;
        registers->rdi = (uint64_t)info->number;
        registers->rsi = (uint64_t)&frame->info;
        registers->rdx = at + offsetof(struct signal_frame, flags);
        registers->rax = 0;
        registers->rflags &= ~(uint64_t)(FLAGS_STEP | FLAGS_DOWN);
}

void linux_sigreturn(void)
{
        struct thread *thread = thread_self();
        const struct signal_frame *frame =
            (const struct signal_frame *)(thread->block->user_stack - sizeof frame->restorer);
        size_t bytes;
        bool xsave = vectors_format(&bytes);
        if (!user_reads((uint64_t)frame, sizeof *frame) ||
            (frame->vectors && !user_reads(frame->vectors, bytes)))
                process_die(SIGSEGV);
        registers_restore(&thread->fault.registers, frame);
        if (frame->vectors)
                vectors_load((const void *)frame->vectors, xsave);
        state_lock();
        thread->blocked = frame->blocked & ~(signal_bit(SIGKILL) | signal_bit(SIGSTOP));
        thread->block->attention |= signals_deliverable(thread);
        state_unlock();
}
