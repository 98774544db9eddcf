/* bool rt_linux_probe_read(uint64_t address), …_write: whether a byte of the program's can be read,
 * or written to: it is left as it was. A fault between rt_linux_probe and rt_linux_probe_end makes
 * the thread go on at the latter (interface process, `faults`). */
        .text
        .globl rt_linux_probe_read, rt_linux_probe_write, rt_linux_probe, rt_linux_probe_end
        .type rt_linux_probe_read, @function
        .type rt_linux_probe_write, @function
rt_linux_probe:
rt_linux_probe_read:
        movb (%rdi), %al
        movl $1, %eax
        ret
rt_linux_probe_write:
        lock orb $0, (%rdi)
        movl $1, %eax
        ret
rt_linux_probe_end:
        xorl %eax, %eax
        ret
        .size rt_linux_probe_read, rt_linux_probe_write - rt_linux_probe_read
        .size rt_linux_probe_write, . - rt_linux_probe_write

        .section .note.GNU-stack, "", @progbits
