/* The loops that are timed (loops.h). A message system call leaves no register but the stack
 * pointer, so that points to the struct bench_loop from which each turn takes its arguments: what
 * stands between the labels is all that a turn costs in user mode. The numbers of the system calls
 * are asserted in loops.h. */

        .set CALL_RECEIVE, 0x1002
        .set CALL_REPLY_RECEIVE, 0x1004
        .set CALL_START, 0x1005
        .set CALL_FINISH, 0x1006
        .set HANDLE_CLOSE, 0x1011
        .set EVENT_WAIT, 0x103c

        /* struct bench_loop */
        .set NUMBER, 0
        .set HANDLE, 8
        .set SECOND, 16
        .set EVENT, 24
        .set HEADER, 32
        .set DEADLINE, 40
        .set COUNT, 48
        .set FAILURES, 56
        .set RECEIVED, 64
        .set STACK, 72
        .set WORDS, 80

        .set FOREVER, -1

        .text

.macro ENTER
        push %rbx
        push %rbp
        push %r12
        push %r13
        push %r14
        push %r15
        mov %rsp, STACK(%rdi)
        mov %rdi, %rsp
        mov WORDS+0(%rsp), %r8
        mov WORDS+8(%rsp), %r9
        mov WORDS+16(%rsp), %rbx
        mov WORDS+24(%rsp), %rbp
        mov WORDS+32(%rsp), %r12
        mov WORDS+40(%rsp), %r13
        mov WORDS+48(%rsp), %r14
        mov WORDS+56(%rsp), %r15
.endm

.macro LEAVE
        mov %r8, WORDS+0(%rsp)
        mov %r9, WORDS+8(%rsp)
        mov %rbx, WORDS+16(%rsp)
        mov %rbp, WORDS+24(%rsp)
        mov %r12, WORDS+32(%rsp)
        mov %r13, WORDS+40(%rsp)
        mov %r14, WORDS+48(%rsp)
        mov %r15, WORDS+56(%rsp)
        mov STACK(%rsp), %rsp
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
1:      mov NUMBER(%rsp), %eax
        mov HANDLE(%rsp), %rdi
        mov HEADER(%rsp), %rdx
        mov DEADLINE(%rsp), %r10
        incq DEADLINE(%rsp)
        syscall
        or %rax, FAILURES(%rsp)
        decq COUNT(%rsp)
        jnz 1b
        LEAVE

/* A call begins; its server, which is below, takes it when this thread waits; and it ends. */
.macro CALL_BEGIN
        mov $CALL_START, %eax
        mov HANDLE(%rsp), %rdi
        mov SECOND(%rsp), %rsi
        mov HEADER(%rsp), %rdx
        mov DEADLINE(%rsp), %r10
        incq DEADLINE(%rsp)
        syscall
        or %rax, FAILURES(%rsp)
.endm

.macro CALL_END
        or %rax, FAILURES(%rsp)
        mov $CALL_FINISH, %eax
        mov SECOND(%rsp), %rdi
        syscall
        or %rax, FAILURES(%rsp)
.endm

        .globl bench_async
bench_async:
        ENTER
2:      CALL_BEGIN
        mov $EVENT_WAIT, %eax
        mov EVENT(%rsp), %rdi
        mov $1, %esi
        mov DEADLINE(%rsp), %rdx
        syscall
        CALL_END
        decq COUNT(%rsp)
        jnz 2b
        LEAVE

        .globl bench_keyed
bench_keyed:
        ENTER
1:      CALL_BEGIN
        mov $CALL_RECEIVE, %eax
        mov EVENT(%rsp), %rdi
        xor %esi, %esi
        mov DEADLINE(%rsp), %r10
        syscall
        CALL_END
        decq COUNT(%rsp)
        jnz 1b
        LEAVE

/* The reply handle is where the next system call wants it, and so are the words. */
        .globl bench_serve
bench_serve:
        ENTER
        mov $CALL_RECEIVE, %eax
        mov HANDLE(%rsp), %rdi
        mov $FOREVER, %r10
        syscall
3:      test %eax, %eax
        jnz 4f
        mov $CALL_REPLY_RECEIVE, %eax
        mov HANDLE(%rsp), %rdi
        mov HEADER(%rsp), %rdx
        mov $FOREVER, %r10
        syscall
        jmp 3b
4:      LEAVE

/* handle_close keeps RBX. */
        .globl bench_serve_caps
bench_serve_caps:
        ENTER
        mov $CALL_RECEIVE, %eax
        mov HANDLE(%rsp), %rdi
        mov $FOREVER, %r10
        syscall
5:      test %eax, %eax
        jnz 6f
        mov %rsi, %rbx
        mov RECEIVED(%rsp), %rdi
        mov (%rdi), %rdi
        mov $HANDLE_CLOSE, %eax
        syscall
        or %rax, FAILURES(%rsp)
        mov %rbx, %rsi
        mov $CALL_REPLY_RECEIVE, %eax
        mov HANDLE(%rsp), %rdi
        mov HEADER(%rsp), %rdx
        mov $FOREVER, %r10
        syscall
        jmp 5b
6:      LEAVE

        .globl bench_receive
bench_receive:
        ENTER
7:      mov $CALL_RECEIVE, %eax
        mov HANDLE(%rsp), %rdi
        mov $FOREVER, %r10
        syscall
        test %eax, %eax
        jz 7b
        LEAVE

        .globl bench_answer
bench_answer:
        ENTER
        mov SECOND(%rsp), %rsi
8:      mov $CALL_REPLY_RECEIVE, %eax
        mov HANDLE(%rsp), %rdi
        mov HEADER(%rsp), %rdx
        mov DEADLINE(%rsp), %r10
        incq DEADLINE(%rsp)
        syscall
        or %rax, FAILURES(%rsp)
        decq COUNT(%rsp)
        jnz 8b
        mov %rsi, SECOND(%rsp)
        LEAVE

/* One instruction that faults, and the jump back. */
        .globl bench_fault
bench_fault:
9:      int3
        jmp 9b

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
