/* Numbers that C, assembly and the linker script share. */
#ifndef X86_LAYOUT_H
#define X86_LAYOUT_H

/* Addresses: the image is linked at KERNEL_BASE plus its physical address. */
#define KERNEL_BASE    0xffffffff80000000
#define IMAGE_PHYSICAL 0x100000

#define KERNEL_STACK_BYTES 16384

/* Segment selectors. SYSRET takes the user's from one base: +8 data, +16 code. */
#define KERNEL_CODE 0x08
#define KERNEL_DATA 0x10
#define USER_BASE   0x1b
#define USER_DATA   0x23
#define USER_CODE   0x2b
#define TSS_SEGMENT 0x30

/* struct context (context.h); asserted in context.c. */
#define FRAME_R8      0 /* the words of a message, 8 bytes each */
#define FRAME_R9      8
#define FRAME_RDI     64
#define FRAME_RSI     72
#define FRAME_RDX     80
#define FRAME_R10     88
#define FRAME_RAX     96
#define FRAME_RCX     104
#define FRAME_R11     112
#define FRAME_VECTOR  120
#define FRAME_ERROR   128
#define FRAME_RIP     136
#define FRAME_CS      144
#define FRAME_RFLAGS  152
#define FRAME_RSP     160
#define FRAME_SS      168
#define FRAME_END     176
#define FRAME_SYSCALL 0x100

/* How struct cpu begins (kernel/arch/percpu.h); asserted in cpu.h. */
#define CPU_CONTEXT      0
#define CPU_KERNEL_STACK 8
#define CPU_SCRATCH      16
#define CPU_WORK         24
#define CPU_WORDS        32
#define CPU_ARCH         96

/* Asserted in context.c. */
#define SYSCALLS_FIRST    0x1000
#define SYSCALLS_MESSAGES 7
#define SYSCALLS_NUMBERS  96

/* Vectors. The processor's own, then those of the masked PIC (which may still fire spuriously),
 * then one per interrupt line; the timer above them in the local APIC's priority order. */
#define VECTOR_NMI      2
#define VECTOR_INVALID  6
#define VECTOR_DOUBLE   8
#define VECTOR_GENERAL  13
#define VECTOR_PAGE     14
#define VECTOR_MACHINE  18
#define VECTOR_PIC      0x20
#define VECTOR_LINES    0x30
#define VECTOR_TIMER    0x70
#define VECTOR_SPURIOUS 0x7f
#define VECTORS         0x80

/* Model-specific registers (SDM volume 4). */
#define MSR_APIC_BASE      0x1b
#define MSR_SYSENTER_CS    0x174
#define MSR_PAT            0x277
#define MSR_EFER           0xc0000080
#define MSR_STAR           0xc0000081
#define MSR_LSTAR          0xc0000082
#define MSR_SFMASK         0xc0000084
#define MSR_FS_BASE        0xc0000100
#define MSR_GS_BASE        0xc0000101
#define MSR_KERNEL_GS_BASE 0xc0000102

#define EFER_SCE 0x001
#define EFER_LME 0x100
#define EFER_NXE 0x800

#define CR0_PE 0x1
#define CR0_MP 0x2
#define CR0_NE 0x20
#define CR0_WP 0x10000
#define CR0_PG 0x80000000

#define CR4_PAE        0x20
#define CR4_MCE        0x40
#define CR4_PGE        0x80
#define CR4_OSFXSR     0x200
#define CR4_OSXMMEXCPT 0x400
#define CR4_UMIP       0x800
#define CR4_FSGSBASE   0x10000
#define CR4_OSXSAVE    0x40000
#define CR4_SMEP       0x100000
#define CR4_SMAP       0x200000

#define RFLAGS_RESERVED 0x2
#define RFLAGS_IF       0x200

#endif
