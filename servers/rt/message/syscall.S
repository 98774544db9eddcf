/* Message system calls take and return thirteen registers. Among them is rbp, which inline assembly
 * cannot use in a function that has a frame pointer. */

        .text
        .globl sys_message
        .type sys_message, @function

/* outcome_t sys_message(uint64_t number, struct message_registers *registers) */
sys_message:
        pushq %rbp
        movq %rsp, %rbp
        pushq %rbx
        pushq %r12
        pushq %r13
        pushq %r14
        pushq %r15
        pushq %rsi

        movq %rdi, %rax
        movq %rsi, %rcx
        movq 0(%rcx), %rdi
        movq 8(%rcx), %rsi
        movq 16(%rcx), %rdx
        movq 24(%rcx), %r10
        movq 32(%rcx), %r8
        movq 40(%rcx), %r9
        movq 48(%rcx), %rbx
        movq 56(%rcx), %rbp
        movq 64(%rcx), %r12
        movq 72(%rcx), %r13
        movq 80(%rcx), %r14
        movq 88(%rcx), %r15
        syscall

        popq %rcx
        movq %rdi, 0(%rcx)
        movq %rsi, 8(%rcx)
        movq %rdx, 16(%rcx)
        movq %r10, 24(%rcx)
        movq %r8, 32(%rcx)
        movq %r9, 40(%rcx)
        movq %rbx, 48(%rcx)
        movq %rbp, 56(%rcx)
        movq %r12, 64(%rcx)
        movq %r13, 72(%rcx)
        movq %r14, 80(%rcx)
        movq %r15, 88(%rcx)

        popq %r15
        popq %r14
        popq %r13
        popq %r12
        popq %rbx
        popq %rbp
        ret
        .size sys_message, . - sys_message

        .section .note.GNU-stack, "", @progbits
