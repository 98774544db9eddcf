/* Where the kernel sends a thread that made a Linux system call. As after the syscall instruction
 * on Linux: rax number, rdi rsi rdx r10 r8 r9 arguments, rcx the address to return to, r11 the
 * flags. All registers but rax, rcx and r11 are to be kept, and nothing may be written to the
 * program's stack: it may be gone (a program may unmap it before it exits), and has a red zone.
 *
 * There are two ways back to the program:
 *
 *      rt_linux_leave   with what was saved here, as from any call
 *      rt_linux_load    with all of `registers` of the block: into and out of a handler of signals,
 *                       and whenever the program was interrupted elsewhere than in a call
 *
 * Both look at `attention` first, and until their last instruction they change nothing that they
 * read: who stops a thread within them and has set its attention lets it begin them again
 * (linux/kick.c).
 *
 * GS base: struct runtime_block (block.h). */

        .set BLOCK_HANDLER_STACK, 8
        .set BLOCK_USER_STACK, 16
        .set BLOCK_ATTENTION, 32
        .set BLOCK_REGISTERS, 40
        .set BLOCK_RESUME_STACK, 48
        .set BLOCK_RESUME_AT, 56

        .text
        .globl rt_linux_entry, rt_linux_leave, rt_linux_leave_end
        .type rt_linux_entry, @function
rt_linux_entry:
        movq %rsp, %gs:BLOCK_USER_STACK
        movq %gs:BLOCK_HANDLER_STACK, %rsp
        /* struct linux_context of linux.h, from its end. */
        pushq %r15
        pushq %r14
        pushq %r13
        pushq %r12
        pushq %rbp
        pushq %rbx
        pushq %gs:BLOCK_USER_STACK  /* with %rcx, for backtraces: servers/rt/pure/unwind.c */
        pushq %r11
        pushq %rcx
        pushq %rax
        pushq %r9
        pushq %r8
        pushq %r10
        pushq %rdx
        pushq %rsi
        pushq %rdi
        movq %rsp, %rdi
        cld
        call linux_call             /* the stack is aligned: sixteen pushes */
        testb %al, %al
        jnz rt_linux_load
rt_linux_leave:
        cmpq $0, %gs:BLOCK_ATTENTION
        jne rt_linux_attend
        popq %rdi
        popq %rsi
        popq %rdx
        popq %r10
        popq %r8
        popq %r9
        popq %rax                   /* the result */
        popq %rcx
        popfq
        popq %rsp
        jmp *%rcx
rt_linux_leave_end:
rt_linux_attend:
        movq %rsp, %rdi
        call linux_attend
        jmp rt_linux_load
        .size rt_linux_entry, . - rt_linux_entry

/* Goes on with `registers` of the block: struct registers of kernel/abi/message.h. Nothing is read
 * or written where the program's stack pointer points, which may be where no memory is: the flags
 * come from the layer's stack, and what must come last from the block. (IRET would do all of it,
 * but QEMU 7.2 lets it read the stack as the kernel, which SMAP forbids.) */
        .globl rt_linux_load, rt_linux_load_end
        .type rt_linux_load, @function
rt_linux_load:
        movq %gs:BLOCK_HANDLER_STACK, %rsp
        cmpq $0, %gs:BLOCK_ATTENTION
        jne 1f
        movq %gs:BLOCK_REGISTERS, %rdi
        movq 136(%rdi), %rax
        movq %rax, %gs:BLOCK_RESUME_STACK
        movq 120(%rdi), %rax
        movq %rax, %gs:BLOCK_RESUME_AT
        pushq 128(%rdi)
        popfq                       /* what follows leaves the flags as they are */
        movq 0(%rdi), %r8
        movq 8(%rdi), %r9
        movq 16(%rdi), %rbx
        movq 24(%rdi), %rbp
        movq 32(%rdi), %r12
        movq 40(%rdi), %r13
        movq 48(%rdi), %r14
        movq 56(%rdi), %r15
        movq 72(%rdi), %rsi
        movq 80(%rdi), %rdx
        movq 88(%rdi), %r10
        movq 96(%rdi), %rax
        movq 104(%rdi), %rcx
        movq 112(%rdi), %r11
        movq 64(%rdi), %rdi
        movq %gs:BLOCK_RESUME_STACK, %rsp
        jmp *%gs:BLOCK_RESUME_AT
rt_linux_load_end:
1:      xorl %ebp, %ebp
        call linux_deliver
        jmp rt_linux_load
        .size rt_linux_load, . - rt_linux_load

/* Where a thread goes on that has faulted, if the program has a handler: the process server has put
 * its registers and the fault into struct thread (threads.h). */
        .globl rt_linux_fault
        .type rt_linux_fault, @function
rt_linux_fault:
        movq %gs:BLOCK_HANDLER_STACK, %rsp
        xorl %ebp, %ebp
        cld
        call linux_fault
        jmp rt_linux_load
        .size rt_linux_fault, . - rt_linux_fault

/* Where the thread of a fork's child begins: rdi holds its block, rsp the top of the layer's stack;
 * it has no GS base yet. Its registers, struct thread, are those of its parent's call. */
        .globl rt_linux_forked
        .type rt_linux_forked, @function
rt_linux_forked:
        andq $-16, %rsp
        xorl %ebp, %ebp
        call linux_forked
        jmp rt_linux_load
        .size rt_linux_forked, . - rt_linux_forked

/* void rt_thread_end(uint32_t *slot, uint64_t number): gives the slot back with the stack that this
 * thread stands on, and ends it by that system call, without a look at the stack in between. */
        .globl rt_thread_end
        .type rt_thread_end, @function
rt_thread_end:
        movq %rsi, %rax
        movl $0, (%rdi)
        syscall
        ud2
        .size rt_thread_end, . - rt_thread_end

        .section .note.GNU-stack, "", @progbits
