/* void fiber_switch(void **from, void *to): leaves the running stack, whose pointer goes to *from,
 * and goes on with the stack `to`, where an earlier switch left it or thread.c prepared it. What
 * the System V ABI for x86-64 (section 3.2.1) wants kept over a call lies there, from the top:
 *
 *      mxcsr and x87 control word, r15, r14, r13, r12, rbx, rbp, return address
 */
        .text
        .globl  fiber_switch
        .type   fiber_switch, @function
fiber_switch:
        push    %rbp
        push    %rbx
        push    %r12
        push    %r13
        push    %r14
        push    %r15
        sub     $8, %rsp
        stmxcsr (%rsp)
        fnstcw  4(%rsp)
        mov     %rsp, (%rdi)
        mov     %rsi, %rsp
        ldmxcsr (%rsp)
        fldcw   4(%rsp)
        add     $8, %rsp
        pop     %r15
        pop     %r14
        pop     %r13
        pop     %r12
        pop     %rbx
        pop     %rbp
        ret
        .size   fiber_switch, . - fiber_switch

/* Where a new fiber begins: r12 is its function, r13 the argument, rbx what to call when it returns
 * (which does not return). The stack is aligned to 16 here. */
        .globl  fiber_enter
        .type   fiber_enter, @function
fiber_enter:
        xor     %ebp, %ebp
        mov     %r13, %rdi
        call    *%r12
        call    *%rbx
        ud2
        .size   fiber_enter, . - fiber_enter

        .section .note.GNU-stack, "", @progbits
