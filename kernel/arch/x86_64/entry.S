/* Ways into the kernel and out of it.
 *
 * From user mode everything saves into the current thread's struct context (layout.h has the
 * offsets). An interrupt or exception: TSS.RSP0 points behind the hardware frame inside the
 * context, so that the processor itself saves RIP, CS, RFLAGS, RSP and SS there and the stub pushes
 * the rest below. SYSCALL: RSP is pointed at the context to store to. Then the CPU's kernel stack
 * is taken, from its top: it holds nothing between entries.
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

#define CPU_CONTEXT      0 /* percpu.h */
#define CPU_KERNEL_STACK 8
#define CPU_SCRATCH      16
#define CPU_WORK         24

.section .text.entry, "ax"

.macro PUSH_REGISTERS
        push %r11
        push %rcx
        push %rax
        push %r10
        push %rdx
        push %rsi
        push %rdi
        push %r15
        push %r14
        push %r13
        push %r12
        push %rbp
        push %rbx
        push %r9
        push %r8
.endm

.macro POP_MESSAGE
        pop %r8
        pop %r9
        pop %rbx
        pop %rbp
        pop %r12
        pop %r13
        pop %r14
        pop %r15
        pop %rdi
        pop %rsi
        pop %rdx
        pop %r10
        pop %rax
.endm

.macro POP_REGISTERS
        POP_MESSAGE
        pop %rcx
        pop %r11
        add $FRAME_RIP - FRAME_VECTOR, %rsp
.endm

.macro STORE_WORDS
        mov %r8, FRAME_R8(%rsp)
        mov %r9, FRAME_R9(%rsp)
        mov %rbx, FRAME_RBX(%rsp)
        mov %rbp, FRAME_RBP(%rsp)
        mov %r12, FRAME_R12(%rsp)
        mov %r13, FRAME_R13(%rsp)
        mov %r14, FRAME_R14(%rsp)
        mov %r15, FRAME_R15(%rsp)
.endm

/* Returns to user mode with the remaining registers from the context at RSP. */
.macro RETURN
        mov FRAME_RDI(%rsp), %rdi
        mov FRAME_RSI(%rsp), %rsi
        mov FRAME_RDX(%rsp), %rdx
        mov FRAME_R10(%rsp), %r10
        mov FRAME_RIP(%rsp), %rcx
        mov FRAME_RFLAGS(%rsp), %r11
        mov FRAME_RSP(%rsp), %rsp
        swapgs
        sysretq
.endm

/* ---- system calls ---- */

.global entry_syscall
entry_syscall:
        swapgs
        mov %rsp, %gs:CPU_SCRATCH
        mov %gs:CPU_CONTEXT, %rsp
        STORE_WORDS
        mov %rdi, FRAME_RDI(%rsp)
        mov %rsi, FRAME_RSI(%rsp)
        mov %rdx, FRAME_RDX(%rsp)
        mov %r10, FRAME_R10(%rsp)
        mov %rax, FRAME_RAX(%rsp)
        mov %rcx, FRAME_RIP(%rsp)
        mov %r11, FRAME_RFLAGS(%rsp)
        mov %gs:CPU_SCRATCH, %rcx
        mov %rcx, FRAME_RSP(%rsp)
        movq $FRAME_SYSCALL, FRAME_VECTOR(%rsp)
        mov %rsp, %rdi
        mov %gs:CPU_KERNEL_STACK, %rsp
        sub $SYSCALLS_FIRST, %rax
        cmp $SYSCALLS_MESSAGES, %rax
        jae syscall_other
        push %r9
        push %r8
        call *syscall_messages(, %rax, 8)
        pop %r8
        pop %r9
        test %rax, %rax
        js message_in_context

        /* The message's words are in the registers where the system call had them. */
        jmp *words_clear(, %rax, 8)
0:      xor %r8d, %r8d
1:      xor %r9d, %r9d
2:      xor %ebx, %ebx
3:      xor %ebp, %ebp
4:      xor %r12d, %r12d
5:      xor %r13d, %r13d
6:      xor %r14d, %r14d
7:      xor %r15d, %r15d
8:      mov %gs:CPU_CONTEXT, %rsp
        cmpq $0, %gs:CPU_WORK
        jne message_not_yet
        mov FRAME_RAX(%rsp), %rax
        RETURN
        .pushsection .rodata
        .balign 8
words_clear:
        .quad 0b, 1b, 2b, 3b, 4b, 5b, 6b, 7b, 8b
        .popsection

message_not_yet:
        STORE_WORDS
        mov %gs:CPU_KERNEL_STACK, %rsp
        jmp exit_next

message_in_context:
        cmpq $0, %gs:CPU_WORK
        jne exit_next
        mov %gs:CPU_CONTEXT, %rsp
exit_syscall:
        POP_MESSAGE
        mov FRAME_RIP - FRAME_RCX(%rsp), %rcx
        mov FRAME_RFLAGS - FRAME_RCX(%rsp), %r11
        mov FRAME_RSP - FRAME_RCX(%rsp), %rsp
        swapgs
        sysretq

syscall_other:
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
        mov %gs:CPU_CONTEXT, %rsp
        mov FRAME_R8(%rsp), %r8
        mov FRAME_R9(%rsp), %r9
        RETURN

syscall_done:
        mov %eax, %edi
        call kernel_syscall_done
        jmp exit_next

syscall_foreign:
        call kernel_syscall_foreign

/* ---- the way out ---- */

exit_next:
        call kernel_next
        test %rax, %rax
        jz idle
        /* SYSRET and IRET to an address outside the lower half could fault in the kernel. */
        mov FRAME_RIP(%rax), %rcx
        shr $47, %rcx
        jnz bad_rip
        cmpq $FRAME_SYSCALL, FRAME_VECTOR(%rax)
        mov %rax, %rsp
        je exit_syscall
        POP_REGISTERS
        swapgs
        iretq

bad_rip:
        mov %rax, %rdi
        call trap_bad_rip
        jmp exit_next

idle:
        sti
        hlt
        cli
        jmp exit_next

.global arch_exit_to_user
arch_exit_to_user:
        mov %gs:CPU_KERNEL_STACK, %rsp
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
        PUSH_REGISTERS
        mov %rsp, %rdi
        pushq $RFLAGS_RESERVED
        popfq
        call trap_kernel
        POP_REGISTERS
        iretq

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
