/* The loops that are timed (loops.h). Each turn takes its arguments from bench_loop, since a
 * message system call leaves no register: what stands between the labels is all that a turn costs
 * in user mode. The numbers of the system calls are asserted in loops.h. */

        .set CALL_RECEIVE, 0x1002
        .set CALL_REPLY_RECEIVE, 0x1004

        /* struct bench_loop */
        .set NUMBER, 0
        .set HANDLE, 8
        .set REPLY, 16
        .set HEADER, 24
        .set DEADLINE, 32
        .set COUNT, 40
        .set FAILURES, 48
        .set WORDS, 56

        .set FOREVER, -1

        .bss
        .balign 64
        .globl bench_loop
bench_loop:
        .skip 120

        .text

.macro ENTER
        push %rbx
        push %rbp
        push %r12
        push %r13
        push %r14
        push %r15
        mov bench_loop+WORDS+0(%rip), %r8
        mov bench_loop+WORDS+8(%rip), %r9
        mov bench_loop+WORDS+16(%rip), %rbx
        mov bench_loop+WORDS+24(%rip), %rbp
        mov bench_loop+WORDS+32(%rip), %r12
        mov bench_loop+WORDS+40(%rip), %r13
        mov bench_loop+WORDS+48(%rip), %r14
        mov bench_loop+WORDS+56(%rip), %r15
.endm

.macro LEAVE
        mov %r8, bench_loop+WORDS+0(%rip)
        mov %r9, bench_loop+WORDS+8(%rip)
        mov %rbx, bench_loop+WORDS+16(%rip)
        mov %rbp, bench_loop+WORDS+24(%rip)
        mov %r12, bench_loop+WORDS+32(%rip)
        mov %r13, bench_loop+WORDS+40(%rip)
        mov %r14, bench_loop+WORDS+48(%rip)
        mov %r15, bench_loop+WORDS+56(%rip)
        pop %r15
        pop %r14
        pop %r13
        pop %r12
        pop %rbp
        pop %rbx
        ret
.endm

/* What the reply brought goes out again with the next message. */
        .globl bench_message
bench_message:
        ENTER
1:      mov bench_loop+NUMBER(%rip), %eax
        mov bench_loop+HANDLE(%rip), %edi
        mov bench_loop+HEADER(%rip), %rdx
        mov bench_loop+DEADLINE(%rip), %r10
        incq bench_loop+DEADLINE(%rip)
        syscall
        or %rax, bench_loop+FAILURES(%rip)
        decq bench_loop+COUNT(%rip)
        jnz 1b
        LEAVE

/* The reply handle is where the next system call wants it, and so are the words. */
        .globl bench_serve
bench_serve:
        ENTER
        mov $CALL_RECEIVE, %eax
        mov bench_loop+HANDLE(%rip), %edi
        mov $FOREVER, %r10
        syscall
2:      test %eax, %eax
        jnz 3f
        mov $CALL_REPLY_RECEIVE, %eax
        mov bench_loop+HANDLE(%rip), %edi
        mov bench_loop+HEADER(%rip), %rdx
        mov $FOREVER, %r10
        syscall
        jmp 2b
3:      LEAVE

        .globl bench_receive
bench_receive:
        ENTER
4:      mov $CALL_RECEIVE, %eax
        mov bench_loop+HANDLE(%rip), %edi
        mov $FOREVER, %r10
        syscall
        test %eax, %eax
        jz 4b
        LEAVE

        .globl bench_answer
bench_answer:
        ENTER
        mov bench_loop+REPLY(%rip), %esi
5:      mov $CALL_REPLY_RECEIVE, %eax
        mov bench_loop+HANDLE(%rip), %edi
        mov bench_loop+HEADER(%rip), %rdx
        mov bench_loop+DEADLINE(%rip), %r10
        incq bench_loop+DEADLINE(%rip)
        syscall
        or %rax, bench_loop+FAILURES(%rip)
        decq bench_loop+COUNT(%rip)
        jnz 5b
        mov %esi, bench_loop+REPLY(%rip)
        LEAVE

/* One instruction that faults, and the jump back. */
        .globl bench_fault
bench_fault:
6:      int3
        jmp 6b

/* ---- live vector state: YMM0 to YMM15, each with a number of its own ---- */

        .globl bench_vectors_load
bench_vectors_load:
        .irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
        lea \n(%rdi), %eax
        vmovd %eax, %xmm\n
        vbroadcastss %xmm\n, %ymm\n
        .endr
        ret

        .globl bench_vectors_same
bench_vectors_same:
        xor %ecx, %ecx
        sub $32, %rsp
        .irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
        lea \n(%rdi), %eax
        vmovdqu %ymm\n, (%rsp)
        .irp at, 0, 4, 8, 12, 16, 20, 24, 28
        mov \at(%rsp), %edx
        xor %eax, %edx
        or %edx, %ecx
        .endr
        .endr
        add $32, %rsp
        xor %eax, %eax
        test %ecx, %ecx
        setz %al
        ret

/* ---- marks for tools/bench/profile.c, which knows them by their addresses ---- */

        .globl bench_mark_row, bench_mark_begin, bench_mark_end
bench_mark_row:
        ret
        .balign 16
bench_mark_begin:
        ret
        .balign 16
bench_mark_end:
        ret

        .section .note.GNU-stack, "", @progbits
