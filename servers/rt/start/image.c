/* What the image is, it reads from its own headers, which are mapped with it.
 *
 *      headers, relocations │ code │ constants │ constants with addresses ┊ data
 *              r              r x       r          r w, then r             r w
 *
 * Until its words are relocated, none that holds an address may be used: what runs up to then keeps
 * to itself and relocate.c. Where the image lies as it was linked for, there is nothing to add. */
#include "servers/rt/start/image.h"

#include <elf.h>

#include "kernel/abi/memory.h"
#include "servers/rt/pure/relocate.h"
#include "servers/rt/message/syscall.h"

extern const Elf64_Ehdr __ehdr_start; /* by the linker: the ELF header, mapped with the program */

/* System V gABI, "Dynamic Section"; musl's <elf.h> has not got them. */
enum { TAG_RELR_BYTES = 35, TAG_RELR = 36 };

/* The first header of a type with these flags; NULL: there is none. */
static const Elf64_Phdr *header_find(uint32_t type, uint32_t flags)
{
        const Elf64_Phdr *headers =
            (const Elf64_Phdr *)((const char *)&__ehdr_start + __ehdr_start.e_phoff);
        for (unsigned i = 0; i < __ehdr_start.e_phnum; i++)
                if (headers[i].p_type == type && (headers[i].p_flags & flags) == flags)
                        return &headers[i];
        return NULL;
}

/* The value of a tag of the dynamic section; 0: it is not there. */
static uint64_t dynamic_find(const Elf64_Dyn *dynamic, int64_t tag)
{
        for (; dynamic->d_tag != DT_NULL; dynamic++)
                if (dynamic->d_tag == tag)
                        return dynamic->d_un.d_val;
        return 0;
}

static void relocate(uint64_t displacement)
{
        const Elf64_Phdr *data = header_find(PT_LOAD, PF_W), *dynamic = header_find(PT_DYNAMIC, 0);
        if (!data || !dynamic)
                __builtin_trap();
        uint64_t start = data->p_vaddr + displacement;
        const struct relocate image = {displacement, start, start + data->p_memsz};
        const Elf64_Dyn *tags = (const Elf64_Dyn *)(dynamic->p_vaddr + displacement);
        uint64_t table = dynamic_find(tags, TAG_RELR), bytes = dynamic_find(tags, TAG_RELR_BYTES);
        if (!relocate_apply(&image, (const uint64_t *)(table + displacement),
                            bytes / sizeof(uint64_t)))
                __builtin_trap();
}

/* The constants that hold addresses: whole pages, since the linker ends them with one. */
static void constants_protect(uint64_t displacement)
{
        const Elf64_Phdr *constants = header_find(PT_GNU_RELRO, 0);
        if (!constants)
                return;
        uint64_t start = (constants->p_vaddr + displacement) & -PAGE_SIZE;
        uint64_t end = (constants->p_vaddr + displacement + constants->p_memsz) & -PAGE_SIZE;
        if (end > start && sys_memory_protect(0, start, end - start, MAP_READ) != OUTCOME_OK)
                __builtin_trap();
}

uint64_t image_begin(void)
{
        const Elf64_Phdr *first = header_find(PT_LOAD, 0);
        uint64_t displacement = (uint64_t)&__ehdr_start - first->p_vaddr;
        if (displacement)
                relocate(displacement);
        constants_protect(displacement);
        return displacement;
}
