/* The vector and floating-point registers into a frame of a signal, and back: what the rest of the
 * layer never touches. With XSAVE all that the processor has, else what FXSAVE has.
 *
 *      void vectors_save(void *area, bool xsave), vectors_load(const void *area, bool xsave)
 *
 * area: a multiple of 64 (16 for FXSAVE); the header of an XSAVE area (bytes 512 to 575) is zero
 * before it is saved to (Intel SDM volume 1, 13.4.2). */
        .text
        .globl vectors_save, vectors_load
        .type vectors_save, @function
vectors_save:
        testl %esi, %esi
        jz 1f
        movl $-1, %eax
        movl $-1, %edx
        xsave64 (%rdi)
        ret
1:      fxsave64 (%rdi)
        ret
        .size vectors_save, . - vectors_save

        .type vectors_load, @function
vectors_load:
        testl %esi, %esi
        jz 1f
        movl $-1, %eax
        movl $-1, %edx
        xrstor64 (%rdi)
        ret
1:      fxrstor64 (%rdi)
        ret
        .size vectors_load, . - vectors_load

        .section .note.GNU-stack, "", @progbits
