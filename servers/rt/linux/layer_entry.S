/* The entry point of the layer: rdi holds the address of its startup page, rsp the top of its own
 * stack. Goes on to the program with its stack pointer, rdx 0 (no function to be called at its
 * exit; System V ABI for AMD64, 3.4.1) and nothing of the layer's in the other registers. */
        .text
        .globl layer_start
        .type layer_start, @function
layer_start:
        xorl %ebp, %ebp
        andq $-16, %rsp
        call rt_layer_begin
        movq %rdx, %rsp
        movq %rax, %rcx
        xorl %eax, %eax
        xorl %ebx, %ebx
        xorl %edx, %edx
        xorl %esi, %esi
        xorl %edi, %edi
        xorl %r8d, %r8d
        xorl %r9d, %r9d
        xorl %r10d, %r10d
        xorl %r11d, %r11d
        jmp *%rcx
        .size layer_start, . - layer_start

        .section .note.GNU-stack, "", @progbits
