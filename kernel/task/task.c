/* The life of a task. task_kill() takes it apart in an order that matters: first the threads, which
 * hold calls and use the space; then the handles; then the space; the watchers are told last. */
#include "kernel/task/task.h"
#include "kernel/debug/panic.h"
#include "kernel/lib/string.h"
#include "kernel/ipc/event.h"
#include "kernel/account/account.h"
#include "kernel/task/thread.h"

struct task *task_create(struct account *account)
{
        struct task *task = account_alloc(account, sizeof(*task));
        if (!task)
                return NULL;
        object_init(&task->object, &task_type, account);
        list_init(&task->threads);
        list_init(&task->watches);
        list_init(&task->fault_handler.link);
        task->alive = true;
        if (!space_init(&task->space, account)) {
                task->alive = false;
                object_destroy(&task->object);
                return NULL;
        }
        if (!handle_table_init(&task->handles, account)) {
                object_destroy(&task->object);
                return NULL;
        }
        return task;
}

void task_kill(struct task *task, uint64_t status)
{
        if (!task->alive)
                return;
        task->alive = false;
        task->status = status;
        while (!list_empty(&task->threads))
                object_destroy(&container_of(task->threads.next, struct thread, task_link)->object);
        kassert(task->thread_count == 0);
        slot_clear(&task->fault_handler);
        handle_table_destroy(&task->handles);
        space_destroy(&task->space);
        watches_fire(&task->watches);
        object_released(&task->object);
}

static void task_destroy(struct object *object)
{
        struct task *task = container_of(object, struct task, object);
        task_kill(task, TASK_STATUS_KILLED);
        kassert(!task->alive && list_empty(&task->threads) && list_empty(&task->watches));
        object_free(object);
}

static void task_unreferenced(struct object *object)
{
        struct task *task = container_of(object, struct task, object);
        kassert(list_empty(&object->slots));
        if (!task->alive || task->thread_count == 0)
                object_destroy(object);
}

const struct object_type task_type = {
    .kind = OBJECT_TASK,
    .destroy = task_destroy,
    .unreferenced = task_unreferenced,
};
