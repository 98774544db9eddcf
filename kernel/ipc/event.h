/* Events: 64 bits that are ORed in, and the threads that wait for them. Interrupts, completed calls
 * and watches signal through a binding.
 *
 * A source is what a port hears of besides messages and the fates of its calls, so that one receive
 * waits for all of them: an event that is bound to it, or a call object that completes there. A
 * source belongs to at most one port, with a
 * key by which the receiver knows it. While it has something to tell, it stands in a list of the
 * port's, behind those that had something before it: to take a notice needs no search, and no
 * memory.
 *
 * Context of all functions: kernel lock held. */
#ifndef KERNEL_IPC_EVENT_H
#define KERNEL_IPC_EVENT_H

#include "kernel/object/object.h"

struct port;
struct thread;

struct source {
        struct port *port; /* NULL: not bound */
        uint64_t key;
        struct list link;  /* in port->sources */
        struct list ready; /* in port->events or ->completed, while it has something to tell */
};

/* Of an object whose memory is zero. */
void source_init(struct source *source);
/* Binds a source that is bound to no other port; bound to this one, it gets the new key. */
void source_bind(struct source *source, struct port *port, uint64_t key);
void source_unbind(struct source *source);
/* It has something to tell: stands in the port's list for its kind from now on. */
void source_ready(struct source *source, struct list *list);

struct event {
        struct object object;
        uint64_t bits;
        struct list waiters;  /* struct thread.queue_link, in the order of arrival */
        struct list bindings; /* struct binding.link */
        struct source source; /* ready while bits are set, or no handle is left */
};

extern const struct object_type event_type;

/* The signalling end: which event, and which bits. Unbound when the event dies. */
struct binding {
        struct list link;
        struct event *event; /* NULL: unbound */
        uint64_t bits;
        bool is_watch; /* part of a struct watch, which dies with the event */
};

void binding_init(struct binding *binding);
void binding_set(struct binding *binding, struct event *event, uint64_t bits);
void binding_clear(struct binding *binding);

/* Signals the end of a right or a task; charged to the event's account. */
struct watch {
        struct list link; /* in the list of the watched object */
        struct binding binding;
};

/* Adds a watch to an object's list; false: account used up. */
bool watch_create(struct list *watches, struct event *event, uint64_t bits);
/* Removes one watch with that event and those bits; false: there is none. */
bool watch_end(struct list *watches, const struct event *event, uint64_t bits);
/* Signals all of them and frees them: the watched object has ended. */
void watches_fire(struct list *watches);

struct event *event_create(struct account *account);
void event_signal(struct event *event, uint64_t bits);
static inline void binding_signal(const struct binding *binding)
{
        if (binding->event)
                event_signal(binding->event, binding->bits);
}

/* Clears and returns those bits of `wanted` that are set. */
uint64_t event_take(struct event *event, uint64_t wanted);

#endif
