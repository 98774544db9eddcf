/* Memory objects and mappings. A mapping allows no more than the handle that it was made with. */
#include "kernel/mm/memory.h"
#include "kernel/arch/arch.h"
#include "kernel/device/device.h"
#include "kernel/mm/space.h"
#include "kernel/syscall/syscall.h"

_Static_assert(MAP_READ << 4 == RIGHT_READ && MAP_WRITE << 4 == RIGHT_WRITE &&
                   MAP_EXECUTE << 4 == RIGHT_EXECUTE,
               "the rights of a handle shifted are the flags that it allows");

enum { RIGHTS_OF_MEMORY = RIGHT_READ | RIGHT_WRITE | RIGHT_COPY | RIGHT_TRAVEL | RIGHT_DESTROY };

/* What a handle permits that was found already. */
static unsigned rights_of(const struct thread *caller, handle_t handle)
{
        return handle_lookup(&caller->task->handles, handle)->rights;
}

HANDLER(memory_create)
{
        struct memory *memory;
        uint16_t rights = RIGHTS_OF_MEMORY;
        if (bytes == 0 || bytes & (PAGE_SIZE - 1))
                return not_executed(REASON_MALFORMED);
        if (kind == MEMORY_ANONYMOUS) {
                memory = memory_create(account, bytes >> PAGE_SHIFT, 0);
                rights |= RIGHT_EXECUTE;
        } else if (kind == MEMORY_DMA) {
                if (!hardware)
                        return not_executed(REASON_BAD_HANDLE);
                memory = memory_create_dma(account, bytes >> PAGE_SHIFT);
                rights = (uint16_t)((rights | RIGHT_PHYSICAL) & ~RIGHT_TRAVEL);
        } else {
                return not_executed(REASON_MALFORMED);
        }
        if (!memory)
                return not_executed(REASON_NO_MEMORY);
        return give_handle(caller, &memory->object, rights);
}

HANDLER(memory_map)
{
        struct memory_mapping wanted = {.address = address,
                                        .offset = offset,
                                        .bytes = bytes,
                                        .flags = (uint32_t)flags,
                                        .allowed = rights_of(caller, argument(caller, 1)) >> 4 & 7};
        outcome_t outcome = space_map(&task->space, memory, &wanted);
        if (outcome == OUTCOME_OK)
                set_results(caller, wanted.address, 0, 0);
        return outcome;
}

HANDLER(memory_unmap)
{
        return space_unmap(&task->space, address, bytes);
}

HANDLER(memory_protect)
{
        return space_protect(&task->space, address, bytes, (unsigned)flags);
}

HANDLER(memory_snapshot)
{
        if (memory->kind != MEMORY_ANONYMOUS)
                return not_executed(REASON_WRONG_TYPE);
        struct memory *copy = memory_snapshot(memory, caller->task->object.account);
        if (!copy)
                return not_executed(REASON_NO_MEMORY);
        return give_handle(caller, &copy->object, RIGHTS_OF_MEMORY);
}

HANDLER(memory_info)
{
        bool physical =
            memory->kind == MEMORY_DMA && rights_of(caller, argument(caller, 0)) & RIGHT_PHYSICAL;
        set_results(caller, memory->pages << PAGE_SHIFT, physical ? memory->base : 0, 0);
        return OUTCOME_OK;
}

HANDLER(memory_query)
{
        const struct mapping *found = space_find(&task->space, address);
        if (!found)
                return not_executed(REASON_NOT_FOUND);
        struct memory_mapping info = {.address = found->node.key,
                                      .bytes = found->pages << PAGE_SHIFT,
                                      .offset = found->offset << PAGE_SHIFT,
                                      .identity = found->memory->object.identity,
                                      .flags = found->flags,
                                      .allowed = found->allowed};
        return write_back(caller, mapping, &info, sizeof(info));
}
