/* Where the kernel sends a thread that made a Linux system call. As after the syscall instruction
 * on Linux: rax number, rdi rsi rdx r10 r8 r9 arguments, rcx the address to return to, r11 the
 * flags. All registers but rax, rcx and r11 are to be kept, and nothing may be written to the
 * program's stack: it may be gone (a program may unmap it before it exits), and has a red zone.
 *
 * GS base: struct runtime_block (block.h). */

        .set BLOCK_HANDLER_STACK, 8
        .set BLOCK_USER_STACK, 16

        .text
        .globl rt_linux_entry
        .type rt_linux_entry, @function
rt_linux_entry:
        movq %rsp, %gs:BLOCK_USER_STACK
        movq %gs:BLOCK_HANDLER_STACK, %rsp
        pushq %gs:BLOCK_USER_STACK  /* with %rcx, for backtraces: servers/rt/pure/unwind.c */
        pushq %r11
        pushq %rcx
        pushq %rax
        /* struct linux_arguments, in the order of its members */
        pushq %r9
        pushq %r8
        pushq %r10
        pushq %rdx
        pushq %rsi
        pushq %rdi
        movq %rax, %rdi
        movq %rsp, %rsi
        cld
        call linux_call             /* the stack is aligned: ten pushes */
        popq %rdi
        popq %rsi
        popq %rdx
        popq %r10
        popq %r8
        popq %r9
        addq $8, %rsp               /* rax has the result */
        popq %rcx
        popfq
        popq %rsp
        jmp *%rcx
        .size rt_linux_entry, . - rt_linux_entry

        .section .note.GNU-stack, "", @progbits
