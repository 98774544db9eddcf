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

outcome_t syscall_memory_create(struct thread *thread)
{
        struct account *account;
        uint64_t bytes = argument(thread, 1), kind = argument(thread, 2);
        struct memory *memory;
        uint16_t rights = RIGHTS_OF_MEMORY;
        outcome_t outcome = account_argument(thread, 0, &account);
        if (outcome != OUTCOME_OK)
                return outcome;
        if (bytes == 0 || bytes & (PAGE_SIZE - 1))
                return not_executed(REASON_MALFORMED);
        if (kind == MEMORY_ANONYMOUS) {
                memory = memory_create(account, bytes >> PAGE_SHIFT, 0);
                rights |= RIGHT_EXECUTE;
        } else if (kind == MEMORY_DMA) {
                struct object *hardware;
                outcome = handle_object(&thread->task->handles, (handle_t)argument(thread, 3),
                                        &hardware_type, RIGHT_CONTROL, &hardware);
                if (outcome != OUTCOME_OK)
                        return outcome;
                memory = memory_create_dma(account, bytes >> PAGE_SHIFT);
                rights = (uint16_t)((rights | RIGHT_PHYSICAL) & ~RIGHT_TRAVEL);
        } else {
                return not_executed(REASON_MALFORMED);
        }
        if (!memory)
                return not_executed(REASON_NO_MEMORY);
        return give_handle(thread, &memory->object, rights);
}

outcome_t syscall_memory_map(struct thread *thread)
{
        struct task *task;
        struct slot *slot;
        outcome_t outcome = task_argument(thread, RIGHT_CONTROL, &task);
        if (outcome == OUTCOME_OK)
                outcome = handle_check(&thread->task->handles, (handle_t)argument(thread, 1),
                                       &memory_type, 0, &slot);
        if (outcome != OUTCOME_OK)
                return outcome;
        unsigned allowed = slot->rights >> 4 & 7;
        uint64_t address = argument(thread, 2);
        outcome = space_map(&task->space, container_of(slot->object, struct memory, object),
                            &address, argument(thread, 3), argument(thread, 4),
                            (unsigned)argument(thread, 5), allowed);
        if (outcome == OUTCOME_OK)
                set_results(thread, address, 0, 0);
        return outcome;
}

outcome_t syscall_memory_unmap(struct thread *thread)
{
        struct task *task;
        outcome_t outcome = task_argument(thread, RIGHT_CONTROL, &task);
        if (outcome != OUTCOME_OK)
                return outcome;
        return space_unmap(&task->space, argument(thread, 1), argument(thread, 2));
}

outcome_t syscall_memory_protect(struct thread *thread)
{
        struct task *task;
        outcome_t outcome = task_argument(thread, RIGHT_CONTROL, &task);
        if (outcome != OUTCOME_OK)
                return outcome;
        return space_protect(&task->space, argument(thread, 1), argument(thread, 2),
                             (unsigned)argument(thread, 3));
}

outcome_t syscall_memory_snapshot(struct thread *thread)
{
        struct memory *memory;
        GET_OBJECT(thread, 0, memory, RIGHT_READ, memory);
        if (memory->kind != MEMORY_ANONYMOUS)
                return not_executed(REASON_WRONG_TYPE);
        struct memory *copy = memory_snapshot(memory, thread->task->object.account);
        if (!copy)
                return not_executed(REASON_NO_MEMORY);
        return give_handle(thread, &copy->object, RIGHTS_OF_MEMORY);
}

outcome_t syscall_memory_info(struct thread *thread)
{
        struct memory *memory;
        GET_OBJECT(thread, 0, memory, 0, memory);
        struct slot *slot = handle_slot(&thread->task->handles, (handle_t)argument(thread, 0));
        bool physical = memory->kind == MEMORY_DMA && slot->rights & RIGHT_PHYSICAL;
        set_results(thread, memory->pages << PAGE_SHIFT, physical ? memory->base : 0, 0);
        return OUTCOME_OK;
}

outcome_t syscall_memory_query(struct thread *thread)
{
        struct task *task;
        outcome_t outcome = task_argument(thread, RIGHT_READ, &task);
        if (outcome != OUTCOME_OK)
                return outcome;
        const struct mapping *mapping = space_find(&task->space, argument(thread, 1));
        if (!mapping)
                return not_executed(REASON_NOT_FOUND);
        struct memory_mapping info = {.address = mapping->node.key,
                                      .bytes = mapping->pages << PAGE_SHIFT,
                                      .offset = mapping->offset << PAGE_SHIFT,
                                      .identity = mapping->memory->object.identity,
                                      .flags = mapping->flags,
                                      .allowed = mapping->allowed};
        if (!space_write(&thread->task->space, argument(thread, 2), &info, sizeof(info)))
                return not_executed(REASON_FAULT);
        return OUTCOME_OK;
}
