/* Sources, events, bindings, watches. A bit that a waiter wants is never left set: event_signal()
 * hands it over at once. What it wakes may run any of the functions here, so nobody keeps a
 * position in a list across it. */
#include "kernel/ipc/event.h"
#include "kernel/debug/panic.h"
#include "kernel/ipc/port.h"
#include "kernel/account/account.h"
#include "kernel/task/thread.h"
#include "kernel/task/wait.h"

void source_init(struct source *source)
{
        list_init(&source->link);
        list_init(&source->ready);
}

void source_unbind(struct source *source)
{
        list_remove(&source->link);
        list_remove(&source->ready);
        source->port = NULL;
}

void source_bind(struct source *source, struct port *port, uint64_t key)
{
        kassert(!source->port || source->port == port);
        source_unbind(source);
        source->port = port;
        source->key = key;
        list_append(&port->sources, &source->link);
}

void source_ready(struct source *source, struct list *list)
{
        kassert(source->port);
        if (!list_empty(&source->ready))
                return;
        list_append(list, &source->ready);
        source->port->notify(source->port);
}

void binding_init(struct binding *binding)
{
        list_init(&binding->link);
        binding->event = NULL;
}

void binding_set(struct binding *binding, struct event *event, uint64_t bits)
{
        list_remove(&binding->link);
        binding->event = event;
        binding->bits = bits;
        list_append(&event->bindings, &binding->link);
}

void binding_clear(struct binding *binding)
{
        list_remove(&binding->link);
        binding->event = NULL;
}

bool watch_create(struct list *watches, struct event *event, uint64_t bits)
{
        struct watch *watch = account_alloc(event->object.account, sizeof(*watch));
        if (!watch)
                return false;
        binding_init(&watch->binding);
        binding_set(&watch->binding, event, bits);
        watch->binding.is_watch = true;
        list_append(watches, &watch->link);
        return true;
}

static void watch_free(struct watch *watch)
{
        struct event *event = watch->binding.event;
        kassert(event && watch->binding.is_watch);
        list_remove(&watch->link);
        list_remove(&watch->binding.link);
        account_free(event->object.account, watch);
}

bool watch_end(struct list *watches, const struct event *event, uint64_t bits)
{
        for (struct list *node = watches->next; node != watches; node = node->next) {
                struct watch *watch = container_of(node, struct watch, link);
                if (watch->binding.event != event || watch->binding.bits != bits)
                        continue;
                watch_free(watch);
                return true;
        }
        return false;
}

void watches_fire(struct list *watches)
{
        while (!list_empty(watches)) {
                struct watch *watch = container_of(watches->next, struct watch, link);
                struct event *event = watch->binding.event;
                uint64_t bits = watch->binding.bits;
                watch_free(watch);
                event_signal(event, bits);
        }
}

struct event *event_create(struct account *account)
{
        struct event *event = account_alloc(account, sizeof(*event));
        if (!event)
                return NULL;
        object_init(&event->object, &event_type, account);
        list_init(&event->waiters);
        list_init(&event->bindings);
        source_init(&event->source);
        return event;
}

uint64_t event_take(struct event *event, uint64_t wanted)
{
        uint64_t bits = event->bits & wanted;
        event->bits &= ~bits;
        if (!event->bits && !list_empty(&event->object.slots))
                list_remove(&event->source.ready);
        return bits;
}

void event_signal(struct event *event, uint64_t bits)
{
        event->bits |= bits;
        for (struct list *node = event->waiters.next, *next; node != &event->waiters; node = next) {
                struct thread *thread = container_of(node, struct thread, run.queue_link);
                next = node->next;
                uint64_t taken = event_take(event, thread->wanted_bits);
                if (!taken)
                        continue;
                thread->run.context.outcome = OUTCOME_OK;
                thread->run.context.result = taken;
                thread_resume(thread);
        }
        if (event->bits && event->source.port)
                source_ready(&event->source, &event->source.port->events);
}

static void event_destroy(struct object *object)
{
        struct event *event = container_of(object, struct event, object);
        while (!list_empty(&event->waiters)) {
                struct thread *thread =
                    container_of(event->waiters.next, struct thread, run.queue_link);
                thread->run.context.outcome = not_executed(REASON_BAD_HANDLE);
                thread_resume(thread);
        }
        while (!list_empty(&event->bindings)) {
                struct binding *binding = container_of(event->bindings.next, struct binding, link);
                if (binding->is_watch)
                        watch_free(container_of(binding, struct watch, binding));
                else
                        binding_clear(binding);
        }
        source_unbind(&event->source);
        object_free(object);
}

/* No handle is left. The port that it is bound to is told, with the bits that are set; then it
 * ends. */
static void event_unreferenced(struct object *object)
{
        struct event *event = container_of(object, struct event, object);
        if (event->source.port)
                source_ready(&event->source, &event->source.port->events);
        else
                event_destroy(object);
}

const struct object_type event_type = {
    .kind = OBJECT_EVENT,
    .destroy = event_destroy,
    .unreferenced = event_unreferenced,
};
