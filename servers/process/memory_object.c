/* What files that are memory are made of; see memory_object.h. */
#include "servers/process/memory_object.h"

#include "servers/rt/message/syscall.h"
#include "servers/rt/start/startup.h"
#include "servers/rt/task/memory.h"

bool memory_object_make(uint64_t length, handle_t *memory, uint8_t **bytes)
{
        if (sys_memory_create(0, length, MEMORY_ANONYMOUS, 0, memory) != OUTCOME_OK)
                return false;
        if (rt_memory_map(*memory, 0, length, MAP_READ | MAP_WRITE, (void **)bytes) == OUTCOME_OK)
                return true;
        sys_handle_close(*memory);
        return false;
}

void memory_object_end(handle_t memory, uint8_t *bytes, uint64_t length)
{
        rt_memory_free(bytes, length);
        sys_object_destroy(memory);
        sys_handle_close(memory);
}

void memory_object_account(uint64_t *used, uint64_t *limit)
{
        *used = *limit = 0;
        sys_account_info(rt_handle("account"), used, limit);
}
