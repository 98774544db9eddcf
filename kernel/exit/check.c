/* Walks from the root account down: accounts, the objects they own, and what those are linked to.
 * Each check names one fact that is kept in two places. It changes nothing. */
#include "kernel/exit/check.h"
#include "kernel/debug/panic.h"
#include "kernel/ipc/call.h"
#include "kernel/ipc/event.h"
#include "kernel/ipc/port.h"
#include "kernel/account/frame.h"
#include "kernel/mm/memory.h"
#include "kernel/mm/space.h"
#include "kernel/object/account_object.h"
#include "kernel/object/handle.h"
#include "kernel/task/task.h"
#include "kernel/task/thread.h"
#include "kernel/sched/cpu.h"

/* What bounds the time: an entry has at most so many objects to walk, on average; the entries
 * between two walks go unchecked where there are more. Pages are checked in one of so many
 * walks. */
enum { OBJECTS_AN_ENTRY = 512, PAGE_TURN = 32 };

struct totals {
        bool pages;       /* check pages in this walk */
        uint64_t unspent; /* bytes that accounts may still take */
        uint32_t ready;   /* threads */
        uint32_t objects;
};

/* The number of nodes, each of which must point back. */
static uint32_t list_check(const struct list *head)
{
        uint32_t count = 0;
        const struct list *node = head;
        do {
                kassert(node->next->prev == node);
                node = node->next;
                count++;
        } while (node != head);
        return count - 1;
}

/* Checks a list, and walks what is on it. */
#define check_each(type, name, member, head)                                                       \
        for (const struct list *link_ = (list_check(head), (head)->next); link_ != (head);         \
             link_ = link_->next)                                                                  \
                for (type *name = container_of(link_, type, member); name; name = NULL)

/* The same with a ring, which may be empty. */
#define check_ring(type, name, member, first)                                                      \
        for (type *name = (first) ? (list_check(&(first)->member), (first)) : NULL; name;          \
             name = name->member.next == &(first)->member                                          \
                        ? NULL                                                                     \
                        : container_of(name->member.next, type, member))

/* ---- slots ---- */

static void slots_check(const struct object *object)
{
        check_each(struct slot, slot, link, &object->slots)
        {
                kassert(slot->object == object && slot->kind == object->type->kind);
                kassert(slot->state == SLOT_HANDLE || slot->state == SLOT_TRANSIT);
                if (slot->state != SLOT_HANDLE)
                        continue;
                struct handle_table *table = handle_owner(slot);
                kassert(container_of(table, struct task, handles)->alive);
                kassert(handle_slot(table, slot->handle) == slot);
        }
}

/* Whether something other than a slot keeps the object alive. */
static bool is_held(const struct object *object)
{
        switch (object->type->kind) {
        case OBJECT_ACCOUNT:
                return !list_empty(&object_account((struct object *)object)->objects);
        case OBJECT_TASK:
                return container_of(object, struct task, object)->thread_count > 0;
        case OBJECT_THREAD:
                return container_of(object, struct thread, object)->run.state != THREAD_STOPPED;
        case OBJECT_RIGHT:
                return container_of(object, struct right, object)->port;
        case OBJECT_MEMORY:
                return !list_empty(&container_of(object, struct memory, object)->mappings);
        case OBJECT_EVENT:
                return container_of(object, struct event, object)->source.port;
        default:
                return false;
        }
}

static void handles_check(struct task *task)
{
        const struct handle_table *table = &task->handles;
        uint32_t free_count = 0;
        for (const struct slot *slot = table->free; slot; slot = slot->next_free, free_count++)
                kassert(slot->state == SLOT_FREE);
        kassert(free_count == table->free_count);
        kassert(free_count <= table->page_count * HANDLE_PAGE_SLOTS);
}

/* ---- calls ---- */

static void request_check(const struct call *call)
{
        kassert(call->request.cap_count == 0 || call->state == CALL_QUEUED);
        for (unsigned i = 0; i < call->request.cap_count; i++) {
                const struct transit *transit = &call->request.caps[i];
                kassert(!transit->origin || transit->origin->state == SLOT_RESERVED);
                kassert(transit->slot.state == SLOT_FREE || transit->slot.state == SLOT_TRANSIT ||
                        transit->slot.state == SLOT_TRANSIT_REPLY);
        }
}

static void call_check(const struct call *call)
{
        kassert(call->task->alive);
        request_check(call);
        kassert(list_empty(&call->source.ready) ||
                (call->source.port && call->state == CALL_DONE && !call->completion.event));
        switch (call->state) {
        case CALL_QUEUED:
                kassert(call->port && !list_empty(&call->link) && !call->reply.slot);
                kassert(call->right && call->right->port == call->port);
                kassert(!list_empty(&call->right_link));
                break;
        case CALL_RECEIVED:
                kassert(call->reply.slot && !call->one_way && !call->right);
                kassert(slot_is_reply(call->reply.slot) && call->reply.slot->reply == &call->reply);
                kassert(call->port ? !!call->port->received : list_empty(&call->link));
                kassert(!call->server || call->server->serving == call);
                break;
        default:
                kassert(!call->server);
                kassert(!call->reply.slot && !call->port && !call->right &&
                        list_empty(&call->link) && list_empty(&call->right_link));
                kassert(call->state == CALL_IDLE || !call->thread);
                kassert(!call->thread || !call->is_fault);
                break;
        }
}

/* ---- threads ---- */

static void thread_check(const struct thread *thread, struct totals *totals)
{
        const struct call *call = &thread->call;
        bool queued = !list_empty(&thread->run.queue_link);
        unsigned least = thread->base_priority;
        call_check(call);
        if (thread->inherited_priority > (int)least)
                least = (unsigned)thread->inherited_priority;
        kassert(thread->run.priority == least);
        kassert((call->state != CALL_IDLE) == (thread->run.state == THREAD_CALLING));
        kassert(!thread->serving || thread->serving->server == thread);
        if (thread->run.state == THREAD_RECEIVING ||
            (thread->run.state == THREAD_CALLING && !call->is_fault))
                kassert(arch_is_syscall(&thread->run.context.arch));
        switch (thread->run.state) {
        case THREAD_READY:
                kassert(queued != (this_cpu()->current == &thread->run));
                totals->ready++;
                break;
        case THREAD_RECEIVING:
                kassert(queued || *thread->receivers == thread);
                break;
        case THREAD_WAITING:
                kassert(queued);
                break;
        default:
                kassert(!queued);
                kassert(thread->run.state != THREAD_STOPPED || !thread->stop_wanted);
                break;
        }
}

static void ready_queues_check(const struct totals *totals)
{
        const struct cpu *cpu = this_cpu();
        uint32_t count = cpu->current && cpu->current->state == THREAD_READY;
        for (unsigned i = 0; i < PRIORITIES; i++) {
                uint32_t queued = list_check(&cpu->ready[i]);
                kassert((cpu->ready_map[i / 64] >> i % 64 & 1) == (queued != 0));
                count += queued;
                check_each(const struct runnable, thread, queue_link, &cpu->ready[i])
                    kassert(thread->state == THREAD_READY && thread->priority == i);
        }
        kassert(count == totals->ready);
}

/* ---- ports, rights, events ---- */

static void queue_check(const struct port *port)
{
        unsigned priority = PRIORITIES;
        check_each(const struct call, call, link, &port->queue)
        {
                kassert(call->port == port && call->state == CALL_QUEUED);
                kassert(call->request.priority <= priority);
                priority = call->request.priority;
        }
}

/* A port with a waiting receiver has nothing to receive. */
static void port_check(const struct port *port)
{
        queue_check(port);
        check_ring(const struct call, call, link, port->received)
            kassert(call->port == port && call->state == CALL_RECEIVED);
        kassert(!port->receivers || (list_empty(&port->queue) && !port_has_notice(port)));
        check_ring(const struct thread, thread, run.queue_link, port->receivers)
            kassert(thread->receivers == &port->receivers && thread->run.state == THREAD_RECEIVING);
        check_each(const struct slot, reply, link, &port->disowned)
            kassert(reply->state == SLOT_DEAD || slot_is_reply(reply));
        list_check(&port->unsent);
        list_check(&port->events);
        list_check(&port->completed);
        check_each(const struct source, source, link, &port->sources) kassert(source->port == port);
        kassert(port->pending || (list_empty(&port->queue) && !port_has_notice(port)));
        for (struct tree_node *node = port->rights.first; node; node = node->next)
                kassert(container_of(node, struct right, node)->port == port);
}

static void right_check_links(const struct right *right)
{
        kassert(right->node.linked == !!right->port);
        kassert(right->port || (list_empty(&right->unsent_link) && list_empty(&right->watches)));
        list_check(&right->watches);
        check_each(const struct call, call, right_link, &right->calls)
            kassert(call->right == right);
}

static void event_check(const struct event *event)
{
        bool tells = event->bits || list_empty(&event->object.slots);
        kassert(list_empty(&event->source.ready) == !(event->source.port && tells));
        check_each(const struct thread, thread, run.queue_link, &event->waiters)
            kassert(thread->run.state == THREAD_WAITING && !(thread->wanted_bits & event->bits));
        check_each(const struct binding, binding, link, &event->bindings)
            kassert(binding->event == event);
}

/* ---- memory ---- */

static void memory_check(const struct memory *memory, bool pages)
{
        for (uint64_t i = 0; pages && memory->kind != MEMORY_DEVICE && i < memory->pages; i++) {
                paddr_t page = memory_page(memory, i);
                kassert(frame_used(page));
                if (memory->kind == MEMORY_ANONYMOUS && frame_owner(page))
                        kassert(frame_owner(page) == memory_entry(memory, i));
        }
        check_each(const struct mapping, mapping, memory_link, &memory->mappings)
        {
                kassert(mapping->memory == memory && mapping->node.linked);
                kassert(mapping->offset + mapping->pages <= memory->pages);
        }
}

/* The page tables agree with the memory object, and no shared page is writable. */
static void mapping_check(const struct mapping *mapping)
{
        for (uint64_t i = 0; i < mapping->pages; i++) {
                paddr_t frame;
                unsigned flags;
                uint64_t page = mapping->offset + i;
                if (!mmu_lookup(&mapping->space->mmu, mapping->node.key + (i << PAGE_SHIFT), &frame,
                                &flags))
                        continue;
                kassert(frame == memory_page(mapping->memory, page));
                kassert(!(flags & ~(unsigned)mapping->flags));
                kassert(!(flags & MAP_WRITE) || !memory_page_shared(mapping->memory, page));
        }
}

static void space_check(const struct space *space, bool pages)
{
        uint64_t end = USER_START;
        for (struct tree_node *node = space->mappings.first; node; node = node->next) {
                const struct mapping *mapping = container_of(node, struct mapping, node);
                kassert(mapping->space == space && mapping->pages > 0 && node->key >= end);
                end = node->key + (mapping->pages << PAGE_SHIFT);
                kassert(end <= USER_END);
                if (pages)
                        mapping_check(mapping);
        }
}

/* ---- tasks and accounts ---- */

static void task_check(struct task *task, struct totals *totals)
{
        kassert(list_check(&task->threads) == task->thread_count);
        list_check(&task->watches);
        check_each(const struct thread, thread, task_link, &task->threads)
        {
                kassert(thread->task == task && thread->object.account == task->object.account);
                thread_check(thread, totals);
        }
        if (!task->alive) {
                kassert(task->thread_count == 0 && !task->space.mappings.first);
                return;
        }
        handles_check(task);
        space_check(&task->space, totals->pages);
}

static void object_check(struct object *object, struct totals *totals)
{
        slots_check(object);
        if (list_empty(&object->slots) && !object_is_released(object))
                kassert(is_held(object));
        switch (object->type->kind) {
        case OBJECT_TASK:
                task_check(container_of(object, struct task, object), totals);
                break;
        case OBJECT_PORT:
                port_check(container_of(object, struct port, object));
                break;
        case OBJECT_RIGHT:
                right_check_links(container_of(object, struct right, object));
                break;
        case OBJECT_CALL:
                call_check(container_of(object, struct call, object));
                break;
        case OBJECT_EVENT:
                event_check(container_of(object, struct event, object));
                break;
        case OBJECT_MEMORY:
                memory_check(container_of(object, struct memory, object), totals->pages);
                break;
        default:
                break;
        }
}

/* Walks the accounts below `root` without recursion, since programs choose their depth. */
static void accounts_check(struct account *root, struct totals *totals)
{
        struct account *account = root;
        struct list *node = account->objects.next;
        totals->unspent += account->limit - account->used;
        for (;;) {
                if (node == &account->objects) {
                        if (account == root)
                                return;
                        node = account_object(account)->account_link.next;
                        account = account->parent;
                        continue;
                }
                struct object *object = container_of(node, struct object, account_link);
                kassert(node->next->prev == node);
                kassert(object->account == account && !object->dying);
                object_check(object, totals);
                totals->objects++;
                node = node->next;
                if (object->type == &account_object_type) {
                        account = object_account(object);
                        kassert(account->used <= account->limit);
                        totals->unspent += account->limit - account->used;
                        node = account->objects.next;
                }
        }
}

void kernel_check(void)
{
        static unsigned walks, to_skip;
        struct totals totals = {.pages = walks % PAGE_TURN == 0};
        if (to_skip > 0) {
                to_skip--;
                return;
        }
        walks++;
        accounts_check(account_root(), &totals);
        ready_queues_check(&totals);
        kassert(frame_free_bytes() >= totals.unspent);
        to_skip = totals.objects / OBJECTS_AN_ENTRY;
}
