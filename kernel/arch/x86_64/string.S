/* memcpy, memmove, memset, memcmp (kernel/lib/string.h). Eight bytes at a time: under instruction
 * counting every repetition is one instruction. */
.section .text.entry, "ax"

.global memcpy, memmove, memset, memcmp
memmove:
        mov %rdi, %rax
        sub %rsi, %rax
        cmp %rdx, %rax
        jb memmove_backwards /* `to` lies inside [from, from + bytes) */
memcpy:
        mov %rdi, %rax
        mov %rdx, %rcx
        shr $3, %rcx
        rep movsq
        mov %edx, %ecx
        and $7, %ecx
        rep movsb
        ret

memmove_backwards:
        mov %rdi, %rax
        mov %rdx, %rcx
        lea -1(%rdi, %rdx), %rdi
        lea -1(%rsi, %rdx), %rsi
        std
        and $7, %ecx
        rep movsb
        sub $7, %rdi
        sub $7, %rsi
        mov %rdx, %rcx
        shr $3, %rcx
        rep movsq
        cld
        ret

memset:
        mov %rdi, %r8
        movzbl %sil, %eax
        mov $0x0101010101010101, %rcx
        imul %rcx, %rax
        mov %rdx, %rcx
        shr $3, %rcx
        rep stosq
        mov %edx, %ecx
        and $7, %ecx
        rep stosb
        mov %r8, %rax
        ret

memcmp:
        xor %eax, %eax
        mov %rdx, %rcx
        cmp %rax, %rax
        repe cmpsb
        je 1f
        movzbl -1(%rdi), %eax
        movzbl -1(%rsi), %ecx
        sub %ecx, %eax
1:      ret

.section .note.GNU-stack, "", @progbits
