/* From the first instruction of a program to libc's _start:
 *
 *      0. the image is relocated to where it lies (image.h)
 *      1. the GS base points at the runtime's block, the kernel knows its message block
 *      2. Linux system calls are reflected to linux/entry.S
 *      3. the stack holds argc, argv, an empty environment and the auxiliary vector, as the
 *         System V ABI for AMD64 (3.4.1) and Linux have it
 *
 * Before step 2 nothing here may call libc, and there is no FS base: the whole runtime is compiled
 * to need neither. */
#include <elf.h>

#include "servers/rt/pure/bytes.h"
#include "servers/rt/start/begin.h"
#include "servers/rt/start/image.h"
#include "servers/rt/task/random.h"
#include "servers/rt/start/self.h"
#include "servers/rt/message/syscall.h"
#include "servers/rt/task/time.h"

/* In the order of the stack. */
struct initial_stack {
        uint64_t argument_count;
        /* NULL, the empty environment and the auxiliary vector follow right behind the last one. */
        const char *arguments[STARTUP_ARGUMENTS + 1];
        uint64_t rest[2 + 2 * 18];
};

_Static_assert(sizeof(struct initial_stack) + 64 <= 2048, "INITIAL_STACK of start.S");

extern const Elf64_Ehdr __ehdr_start; /* by the linker: the ELF header, mapped with the program */
void rt_linux_entry(void);            /* linux/entry.S */
void rt_linux_begin(void);            /* linux/descriptors.c */

static struct runtime_block first_block;
static uint8_t first_stack[RT_HANDLER_STACK] __attribute__((aligned(16)));
static uint8_t stack_canary[16]; /* AT_RANDOM: libc's stack protector and malloc */

static void fail(void)
{
        sys_task_exit(127);
        __builtin_trap();
}

static void block_begin(void)
{
        first_block.self = &first_block;
        first_block.handler_stack = (uint64_t)(first_stack + sizeof first_stack);
        first_block.serving_deadline = TIME_NEVER;
        if (sys_thread_control(0, THREAD_SET_GS_BASE, (uint64_t)&first_block) != OUTCOME_OK ||
            sys_thread_control(0, THREAD_SET_BLOCK, (uint64_t)&first_block.message) != OUTCOME_OK ||
            sys_thread_control(0, THREAD_SET_REFLECT, (uint64_t)rt_linux_entry) != OUTCOME_OK)
                fail();
}

/* The value of `node=` on the kernel's command line. */
static void node_find(const char *line)
{
        static const char key[] = "node=";
        for (const char *at = line; *at; at++) {
                unsigned i = 0;
                while (key[i] && at[i] == key[i])
                        i++;
                if (key[i] || (at > line && at[-1] != ' '))
                        continue;
                at += i;
                for (i = 0; i + 1 < STARTUP_NAME && at[i] && at[i] != ' '; i++)
                        rt_self.node[i] = at[i];
                return;
        }
}

static void page_begin(const void *page)
{
        uint64_t magic = page ? *(const uint64_t *)page : 0;
        if (magic == STARTUP_MAGIC)
                rt_self.startup = page;
        else if (magic == BOOTINFO_MAGIC)
                rt_self.bootinfo = page;
        else
                fail();
        if (rt_self.bootinfo)
                node_find(rt_self.bootinfo->command_line);
}

/* A canary that differs from run to run; unguessable only if there is a source of randomness. */
static void canary_make(void)
{
        if (random_bytes(stack_canary, sizeof stack_canary))
                return;
        uint64_t time = rt_now(), cycles = __builtin_ia32_rdtsc();
        bytes_copy(stack_canary, &time, sizeof time);
        bytes_copy(stack_canary + 8, &cycles, sizeof cycles);
}

static uint64_t *auxiliary_write(uint64_t *at, uint64_t displacement)
{
        const uint64_t vector[][2] = {
            {AT_PHDR, (uint64_t)&__ehdr_start + __ehdr_start.e_phoff},
            {AT_PHENT, __ehdr_start.e_phentsize},
            {AT_PHNUM, __ehdr_start.e_phnum},
            {AT_PAGESZ, PAGE_SIZE},
            {AT_ENTRY, __ehdr_start.e_entry + displacement},
            {AT_UID, 0},
            {AT_EUID, 0},
            {AT_GID, 0},
            {AT_EGID, 0},
            {AT_SECURE, 0},
            {AT_CLKTCK, 100},
            {AT_RANDOM, (uint64_t)stack_canary},
            {AT_NULL, 0},
        };
        for (unsigned i = 0; i < sizeof vector / sizeof vector[0]; i++) {
                *at++ = vector[i][0];
                *at++ = vector[i][1];
        }
        return at;
}

uint64_t rt_image_begin(const void *page)
{
        uint64_t displacement = image_begin();
        block_begin();
        page_begin(page);
        rt_linux_begin();
        return displacement;
}

/* Called by rt_start with the startup page and INITIAL_STACK bytes at the stack pointer. */
void rt_begin(const void *page, struct initial_stack *stack);
void rt_begin(const void *page, struct initial_stack *stack)
{
        uint64_t displacement = rt_image_begin(page);
        canary_make();

        uint64_t count = 0;
        const char *argument;
        while (rt_self.startup && count < STARTUP_ARGUMENTS &&
               (argument = startup_argument(rt_self.startup, (unsigned)count)))
                stack->arguments[count++] = argument;
        if (count == 0)
                stack->arguments[count++] = rt_component();
        stack->argument_count = count;
        stack->arguments[count] = NULL;
        uint64_t *behind = (uint64_t *)&stack->arguments[count + 1];
        *behind++ = 0;
        auxiliary_write(behind, displacement);
}
