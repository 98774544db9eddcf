/* Ways into the kernel and out of it.
 *
 * From user mode everything saves into the current thread's struct context (layout.h has the
 * offsets). An interrupt or exception: TSS.RSP0 points behind the hardware frame inside the
 * context, so that the processor itself saves RIP, CS, RFLAGS, RSP and SS there and the stub pushes
 * the rest below, the vector among it. SYSCALL: the vector is that of a system call already, since
 * every return to user mode leaves it so. Then the CPU's kernel stack is taken, from its top: it
 * holds nothing between entries.
 *
 * A message call first goes to the fast path: its arguments, RIP, RFLAGS and RSP are saved in the
 * context, its words in the struct cpu, but for one that stays in RBP. If that is for it, it
 * switches threads and jumps to one of the ways out here; if not, it returns the function that is,
 * and the words go to the context for that.
 *
 * GS base: the CPU's struct cpu in the kernel, the user's outside; swapped exactly at the entries
 * from and the exits to user mode. NMI, double fault and machine check can come between the two;
 * they have stacks of their own, never return, and set GS base instead of swapping it.
 *
 * If no work is left after a system call (CPU_WORK is 0), the current context, perhaps another
 * thread's, is that of a system call. Its RIP is canonical, since the last page below the limit
 * cannot be mapped.
 *
 * In kernel mode interrupts are let in only by the idle loop and arch_preemption_point(), and an
 * exception is a panic. Both save on the kernel stack, in the same layout.
 *
 * Flags: SYSCALL clears what SFMASK names; the other entries load RFLAGS_RESERVED, which clears the
 * user's AC (or SMAP would be open) and DF. */
#include "kernel/arch/x86_64/layout.h"

.section .text.entry, "ax"

/* Words of a message by number. */
.set word_0, %r8
.set word_1, %r9
.set word_2, %rbx
.set word_3, %rbp
.set word_4, %r12
.set word_5, %r13
.set word_6, %r14
.set word_7, %r15

.macro PUSH_REGISTERS
        .irp register, r11, rcx, rax, r10, rdx, rsi, rdi, r15, r14, r13, r12, rbp, rbx, r9, r8
        push %\register
        .endr
.endm

.macro POP_MESSAGE
        .irp register, r8, r9, rbx, rbp, r12, r13, r14, r15, rdi, rsi, rdx, r10, rax
        pop %\register
        .endr
.endm

.macro POP_REGISTERS
        POP_MESSAGE
        pop %rcx
        pop %r11
        add $FRAME_RIP - FRAME_VECTOR, %rsp
.endm

.macro STORE_WORDS context
        .irp number, 0, 1, 2, 3, 4, 5, 6, 7
        mov word_\number, FRAME_R8 + 8 * \number(\context)
        .endr
.endm

/* The words whose registers the fast path is compiled to use, to struct cpu and back. Word n
 * and those below it go back from `name`_n on. */
.macro KEEP_WORDS
        .irp number, 0, 1, 2, 4, 5, 6, 7
        mov word_\number, %gs:CPU_WORDS + 8 * \number
        .endr
.endm

.macro TAKE_WORDS name
        .irp number, 7, 6, 5, 4, 3, 2, 1, 0
\name\()_\number:
        .if \number != 3
        mov %gs:CPU_WORDS + 8 * \number, word_\number
        .endif
        .endr
.endm

.macro STORE_ARGUMENTS context
        mov %rdi, FRAME_RDI(\context)
        mov %rsi, FRAME_RSI(\context)
        mov %rdx, FRAME_RDX(\context)
        mov %r10, FRAME_R10(\context)
.endm

/* Returns from a system call, with the context at RCX; all other registers are the user's. */
.macro RETURN
        mov FRAME_RFLAGS(%rcx), %r11
        mov FRAME_RSP(%rcx), %rsp
        mov FRAME_RIP(%rcx), %rcx
        swapgs
        sysretq
.endm

/* ---- system calls ---- */

.global entry_syscall
entry_syscall:
        swapgs
        mov %rcx, %gs:CPU_SCRATCH
        mov %gs:CPU_CONTEXT, %rcx
        mov %rsp, FRAME_RSP(%rcx)
        mov %r11, FRAME_RFLAGS(%rcx)
        mov %gs:CPU_SCRATCH, %r11
        mov %r11, FRAME_RIP(%rcx)
        STORE_ARGUMENTS %rcx
        mov %gs:CPU_KERNEL_STACK, %rsp
        sub $SYSCALLS_FIRST, %rax
        cmp $SYSCALLS_MESSAGES, %rax
        jae syscall_other

        KEEP_WORDS
        mov %r10, %r8
        call *syscall_fast(, %rax, 8)

        /* It was not for the fast path, but for the function in RAX. */
        TAKE_WORDS all
        mov %gs:CPU_CONTEXT, %rdi
        STORE_WORDS %rdi
        call *%rax
        jmp exit_quick

/* From arch_resume(): RCX is how many words the message has, RAX, RDI, RSI, RDX and R10 are set. */
        TAKE_WORDS take
        jmp *words_clear(, %rcx, 8)
        .irp number, 0, 1, 2, 3, 4, 5, 6, 7
clear_\number:
        xor word_\number, word_\number
        .endr
clear_8:
        mov %gs:CPU_CONTEXT, %rcx
        cmpq $0, %gs:CPU_WORK
        jne resume_later
        RETURN
        .pushsection .rodata
        .balign 8
.global words_take
words_take:
        .quad clear_0, take_0, take_1, take_2, take_3, take_4, take_5, take_6, take_7
words_clear:
        .quad clear_0, clear_1, clear_2, clear_3, clear_4, clear_5, clear_6, clear_7, clear_8
        .popsection

resume_later:
        STORE_WORDS %rcx
        STORE_ARGUMENTS %rcx
        mov %rax, FRAME_RAX(%rcx)
        mov %gs:CPU_KERNEL_STACK, %rsp
        jmp exit_next

syscall_other:
        STORE_WORDS %rcx
        mov %rcx, %rdi
        cmp $SYSCALLS_NUMBERS, %rax
        jae syscall_foreign
        mov syscall_others(, %rax, 8), %rcx
        test %rcx, %rcx
        jz syscall_foreign
        call *%rcx
        cmpq $0, %gs:CPU_WORK
        jne syscall_done

        /* The same thread resumes; RBX, RBP and R12 to R15 are unchanged. */
        mov %eax, %eax
        mov %gs:CPU_CONTEXT, %rcx
        mov FRAME_R8(%rcx), %r8
        mov FRAME_R9(%rcx), %r9
        mov FRAME_RDI(%rcx), %rdi
        mov FRAME_RSI(%rcx), %rsi
        mov FRAME_RDX(%rcx), %rdx
        mov FRAME_R10(%rcx), %r10
        RETURN

syscall_done:
        mov %eax, %edi
        call kernel_syscall_done
        jmp exit_next

syscall_foreign:
        add $SYSCALLS_FIRST, %rax
        mov %rax, FRAME_RAX(%rdi)
        call kernel_syscall_foreign

/* ---- the way out ---- */

exit_next:
        call kernel_next
        test %rax, %rax
        jnz exit_context
        sti
        hlt
idle:
        cli
        jmp exit_next

.global arch_exit_to_user
arch_exit_to_user:
        mov %gs:CPU_KERNEL_STACK, %rsp
        jmp exit_next

/* To the current context, if nothing is left to do. */
.global exit_quick
exit_quick:
        cmpq $0, %gs:CPU_WORK
        jne arch_exit_to_user
        mov %gs:CPU_CONTEXT, %rax

exit_context:
        cmpq $FRAME_SYSCALL, FRAME_VECTOR(%rax)
        jne exit_interrupt
        lea FRAME_R8(%rax), %rsp
        POP_MESSAGE
        mov FRAME_RIP - FRAME_RCX(%rsp), %rcx
        mov FRAME_RFLAGS - FRAME_RCX(%rsp), %r11
        mov FRAME_RSP - FRAME_RCX(%rsp), %rsp
        swapgs
        sysretq

exit_interrupt:
        /* IRET to an address outside the lower half could fault in the kernel. */
        mov FRAME_RIP(%rax), %rcx
        shr $47, %rcx
        jnz bad_rip
        mov %rax, %rsp
        movq $FRAME_SYSCALL, FRAME_VECTOR(%rsp) /* unless something else enters next */
        POP_REGISTERS
        swapgs
        iretq

bad_rip:
        mov %rax, %rdi
        mov %gs:CPU_KERNEL_STACK, %rsp
        call trap_bad_rip
        jmp exit_next

/* ---- interrupts and exceptions ---- */

entry_no_error:
        pushq (%rsp)
        movq $0, FRAME_ERROR - FRAME_VECTOR(%rsp)
entry_common:
        testb $3, FRAME_CS - FRAME_VECTOR(%rsp)
        jz entry_kernel
        swapgs
        PUSH_REGISTERS
        mov %rsp, %rdi
        mov %gs:CPU_KERNEL_STACK, %rsp
        pushq $RFLAGS_RESERVED
        popfq
        call trap_user
        jmp exit_next

entry_kernel:
        cmpq $idle, FRAME_RIP - FRAME_VECTOR(%rsp)
        je entry_idle
        PUSH_REGISTERS
        mov %rsp, %rdi
        pushq $RFLAGS_RESERVED
        popfq
        call trap_kernel
        POP_REGISTERS
        iretq

/* Idle has nothing to save, or to return to. */
entry_idle:
        mov (%rsp), %edi
        mov %gs:CPU_KERNEL_STACK, %rsp
        call trap_interrupt
        jmp exit_next

/* Those that never return. They come from anywhere, each on a stack of its own, with the address of
 * struct cpu above the first frame. */
entry_fatal_no_error:
        pushq (%rsp)
        movq $0, FRAME_ERROR - FRAME_VECTOR(%rsp)
entry_fatal:
        PUSH_REGISTERS
        mov $MSR_GS_BASE, %ecx
        mov FRAME_END(%rsp), %eax
        mov FRAME_END + 4(%rsp), %edx
        wrmsr
        mov %rsp, %rdi
        pushq $RFLAGS_RESERVED
        popfq
        call trap_fatal
        ud2

.macro ENTRY vector
        .balign 8
        pushq $\vector
        .if \vector == VECTOR_DOUBLE
        jmp entry_fatal
        .elseif \vector == VECTOR_NMI || \vector == VECTOR_MACHINE
        jmp entry_fatal_no_error
        .elseif (\vector >= 10 && \vector <= 14) || \vector == 17 || \vector == 21
        jmp entry_common /* the processor pushes an error code: SDM volume 3, table 6-1 */
        .else
        jmp entry_no_error
        .endif
.endm

/* One of 8 bytes for each vector. */
.altmacro
.balign 8
.global entry_vectors
entry_vectors:
.set vector_number, 0
.rept VECTORS
        ENTRY %vector_number
        .set vector_number, vector_number + 1
.endr
.noaltmacro

/* ---- helpers in assembly ---- */

.global arch_preemption_point
arch_preemption_point:
        sti
        nop
        cli
        ret

.global gdt_load
/* void gdt_load(const struct table_pointer *gdt): also loads the segments and the task register. */
gdt_load:
        lgdt (%rdi)
        pushq $KERNEL_CODE
        lea 1f(%rip), %rax
        push %rax
        lretq
1:      mov $KERNEL_DATA, %eax
        mov %eax, %ss
        mov %eax, %ds
        mov %eax, %es
        mov $TSS_SEGMENT, %eax
        ltr %ax
        ret

.section .note.GNU-stack, "", @progbits
