/* From the Multiboot loader (32-bit protected mode, paging off) to boot_start() in long mode.
 *
 * The boot tables map the first 4 GiB three times with pages of 2 MiB: where they are, at the
 * direct map, and the first GiB at KERNEL_BASE. boot_start() replaces them by the real ones
 * (paging.c). */
#include "kernel/arch/x86_64/layout.h"

#define PHYSICAL(symbol) ((symbol) - KERNEL_BASE)

#define MULTIBOOT_MAGIC 0x1badb002 /* Multiboot 0.6.96, 3.1 */
#define MULTIBOOT_FLAGS 0x3        /* modules on pages, memory map wanted */

#define PAGE_TABLE 0x3 /* present, writable */
#define PAGE_LARGE 0x83

.section .boot.header, "a"
.balign 4
        .long MULTIBOOT_MAGIC
        .long MULTIBOOT_FLAGS
        .long -(MULTIBOOT_MAGIC + MULTIBOOT_FLAGS)

.section .boot, "ax"
.code32
.global boot_entry
boot_entry:
        cli
        cld
        mov $PHYSICAL(boot_stack_top), %esp
        mov %eax, %ebp /* the loader's magic */
        mov %ebx, %edi

        mov $0x80000000, %eax
        cpuid
        cmp $0x80000001, %eax
        jb no_long_mode
        mov $0x80000001, %eax
        cpuid
        bt $29, %edx
        jnc no_long_mode
        mov %edx, %ebx /* bit 20: NX */

        /* Four page directories, 2048 pages of 2 MiB. */
        mov $PHYSICAL(boot_directories), %esi
        mov $PAGE_LARGE, %eax
        xor %ecx, %ecx
1:      mov %eax, (%esi, %ecx, 8)
        add $0x200000, %eax
        inc %ecx
        cmp $2048, %ecx
        jne 1b

        mov $PHYSICAL(boot_pointers), %eax
        lea PAGE_TABLE(%esi), %edx
        mov %edx, 0x000(%eax)
        mov %edx, PHYSICAL(boot_pointers_high) + 510 * 8
        add $0x1000, %edx
        mov %edx, 0x008(%eax)
        add $0x1000, %edx
        mov %edx, 0x010(%eax)
        add $0x1000, %edx
        mov %edx, 0x018(%eax)

        or $PAGE_TABLE, %eax
        mov %eax, PHYSICAL(boot_root)
        mov %eax, PHYSICAL(boot_root) + 256 * 8
        movl $PHYSICAL(boot_pointers_high) + PAGE_TABLE, PHYSICAL(boot_root) + 511 * 8

        mov $CR4_PAE, %eax
        mov %eax, %cr4
        mov $PHYSICAL(boot_root), %eax
        mov %eax, %cr3
        mov $MSR_EFER, %ecx
        rdmsr
        or $EFER_LME | EFER_SCE, %eax
        bt $20, %ebx
        jnc 2f
        or $EFER_NXE, %eax
2:      wrmsr
        mov $CR0_PE | CR0_MP | CR0_NE | CR0_WP | CR0_PG, %eax
        mov %eax, %cr0
        lgdt boot_gdt_pointer
        ljmp $KERNEL_CODE, $boot_long

/* No console yet: says it on the serial line and on the screen. */
no_long_mode:
        mov $no_long_mode_text, %esi
        mov $0xb8000, %edi
3:      lodsb
        test %al, %al
        jz 4f
        mov $0x3f8, %edx
        outb %al, %dx
        mov $0x4f, %ah
        stosw
        jmp 3b
4:      mov $'\n', %al
        outb %al, %dx
5:      hlt
        jmp 5b
no_long_mode_text:
        .asciz "Portolan needs a 64-bit x86 processor."

.balign 8
boot_gdt:
        .quad 0
        .quad 0x00209a0000000000 /* 64-bit code */
        .quad 0x0000920000000000 /* data */
boot_gdt_pointer:
        .word . - boot_gdt - 1
        .long boot_gdt

.code64
boot_long:
        mov $KERNEL_DATA, %eax
        mov %eax, %ds
        mov %eax, %es
        mov %eax, %ss
        xor %eax, %eax
        mov %eax, %fs
        mov %eax, %gs
        mov %edi, %esi
        mov %ebp, %edi
        mov $boot_stack_top, %rsp
        xor %ebp, %ebp
        movabs $boot_start, %rax
        push $0 /* ends the backtrace */
        jmp *%rax

.section .boot_tables, "aw", @nobits
.balign 4096
boot_root:
        .skip 4096
boot_pointers:
        .skip 4096
boot_pointers_high:
        .skip 4096
boot_directories:
        .skip 4 * 4096

.section .note.GNU-stack, "", @progbits
