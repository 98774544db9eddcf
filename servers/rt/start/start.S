/* The entry point of every program: rdi holds the address of its startup page (or bootinfo), rsp
 * the top of its stack. Lays out below it what Linux would have put there, and goes on to libc. */

        .set INITIAL_STACK, 2048        /* begin.c checks that it is enough */

        .text
        .globl rt_start
        .type rt_start, @function
rt_start:
        xorl %ebp, %ebp
        andq $-16, %rsp
        subq $INITIAL_STACK, %rsp
        movq %rsp, %rsi
        call rt_begin
        xorl %edx, %edx                 /* no function to be called at exit */
        jmp _start
        .size rt_start, . - rt_start

        /* Says that the runtime is linked in: PROGRAM_NOTE_... of servers/rt/pure/program.h. */
        .section .note.portolan, "a", @note
        .balign 4
        .long 9, 4, 1                   /* bytes of the name and of the content, type */
        .asciz "Portolan"
        .balign 4
        .long 1                         /* version */

        .section .note.GNU-stack, "", @progbits
