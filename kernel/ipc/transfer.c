/* The content of messages. User memory is checked when it is read, and each field is read once.
 * transfer() does all that can fail before its point of no return, and moves only after it. */
#include "kernel/ipc/transfer.h"
#include "kernel/arch/arch.h"
#include "kernel/debug/panic.h"
#include "kernel/lib/string.h"
#include "kernel/ipc/call.h"
#include "kernel/ipc/port.h"
#include "kernel/mm/memory.h"
#include "kernel/mm/space.h"
#include "kernel/object/handle.h"
#include "kernel/task/task.h"
#include "kernel/task/thread.h"

enum {
        SEND_PAGES_MAX = MESSAGE_BYTES_MAX / PAGE_SIZE + 2 * MESSAGE_SEND_BUFFERS,
        RECEIVE_PAGES_MAX = MESSAGE_BYTES_MAX / PAGE_SIZE + 1,
};

/* NULL: it has none, or cannot use it. Nobody has a page at address 0. */
static inline struct message_block *thread_block(struct thread *thread, bool write)
{
        return space_recall(&thread->task->space, thread->block, write);
}

/* ---- the sender's side ---- */

static outcome_t take_cap(struct outgoing *outgoing, const struct send_cap *cap)
{
        kassert(outgoing->cap_count < MESSAGE_CAPS);
        struct transit *transit = &outgoing->caps[outgoing->cap_count];
        struct slot *slot = handle_slot(&outgoing->task->handles, cap->handle);
        *transit =
            (struct transit){.rights = (uint16_t)cap->rights, .share = cap->flags & SEND_CAP_SHARE};
        if (!slot || slot->state == SLOT_DEAD)
                return not_executed(REASON_BAD_HANDLE);
        if (slot->state == SLOT_HANDLE && slot->object->type == &call_type)
                return not_executed(REASON_REFUSED);
        if (slot->state == SLOT_HANDLE && slot->object->type == &memory_type && !transit->share &&
            container_of(slot->object, struct memory, object)->kind != MEMORY_ANONYMOUS)
                return not_executed(REASON_REFUSED);
        bool only_moves = slot->state == SLOT_REPLY || slot->object->type == &port_type;
        bool move = cap->flags & SEND_CAP_MOVE;
        if (!move && (only_moves || !(slot->rights & RIGHT_COPY)))
                return not_executed(REASON_REFUSED);
        outgoing->cap_count++;
        if (!move) {
                slot_fill(&transit->slot, SLOT_TRANSIT, slot->object, slot->rights);
                return OUTCOME_OK;
        }
        slot_move(slot, &transit->slot, slot_is_reply(slot) ? SLOT_TRANSIT_REPLY : SLOT_TRANSIT);
        slot->state = SLOT_RESERVED;
        transit->origin = slot;
        return OUTCOME_OK;
}

/* The block is copied first: another thread may change it while it is checked. */
static outcome_t prepare_block(struct outgoing *outgoing, struct thread *thread)
{
        struct message_block block;
        if (!space_read(&thread->task->space, &block, thread->block,
                        offsetof(struct message_block, received_bytes)))
                return not_executed(REASON_FAULT);
        if (block.send_count > MESSAGE_SEND_BUFFERS)
                return not_executed(REASON_MALFORMED);
        uint64_t bytes = 0;
        for (unsigned i = 0; i < block.send_count; i++) {
                struct message_buffer buffer = block.send[i];
                if (buffer.length == 0)
                        continue;
                if (buffer.length > MESSAGE_BYTES_MAX - bytes)
                        return not_executed(REASON_TOO_LONG);
                if (buffer.address >= USER_END || buffer.length > USER_END - buffer.address)
                        return not_executed(REASON_FAULT);
                bytes += buffer.length;
                outgoing->buffers[outgoing->buffer_count++] = buffer;
        }
        outgoing->bytes = (uint32_t)bytes;
        if (block.set_priority) {
                if (block.priority < outgoing->priority)
                        outgoing->priority = block.priority;
                outgoing->trace = block.trace;
        }
        for (unsigned i = 0; i < message_caps(outgoing->header); i++) {
                outcome_t outcome = take_cap(outgoing, &block.send_caps[i]);
                if (outcome != OUTCOME_OK) {
                        outgoing_restore(outgoing);
                        return outcome;
                }
        }
        return OUTCOME_OK;
}

outcome_t outgoing_prepare(struct outgoing *outgoing, struct thread *thread, uint64_t header)
{
        outgoing->header = header;
        outgoing->task = thread->task;
        outgoing->kernel_bytes = NULL;
        outgoing->bytes = 0;
        outgoing->buffer_count = outgoing->cap_count = 0;
        outgoing->priority = thread->run.priority;
        outgoing->trace = thread->trace;
        if (message_words(header) > MESSAGE_WORDS || message_caps(header) > MESSAGE_CAPS)
                return not_executed(REASON_MALFORMED);
        if (message_flags(header) & MESSAGE_BLOCK)
                return prepare_block(outgoing, thread);
        return message_caps(header) ? not_executed(REASON_MALFORMED) : OUTCOME_OK;
}

/* Ends the transit of all capabilities: they go `back`, as far as they came from handles that are
 * still there, or are dropped. */
static void end_transit(struct outgoing *outgoing, bool back)
{
        for (unsigned i = 0; i < outgoing->cap_count; i++) {
                struct slot *slot = &outgoing->caps[i].slot;
                struct slot *origin = outgoing->task->alive ? outgoing->caps[i].origin : NULL;
                if (back && origin && slot->state != SLOT_FREE) {
                        slot_move(slot, origin, slot_is_reply(slot) ? SLOT_REPLY : SLOT_HANDLE);
                        continue;
                }
                slot_clear(slot);
                if (origin)
                        handle_free(origin);
        }
        outgoing->cap_count = 0;
}

void outgoing_restore(struct outgoing *outgoing)
{
        end_transit(outgoing, true);
}

void outgoing_release(struct outgoing *outgoing)
{
        end_transit(outgoing, false);
}

/* ---- the receiver's side ---- */

void incoming_prepare(struct incoming *incoming, struct thread *thread)
{
        const struct message_block *block = thread_block(thread, false);
        *incoming = (struct incoming){.task = thread->task, .reflect = thread->reflect};
        if (block) {
                incoming->buffer = block->receive;
                incoming->caps = block->receive_caps;
        }
}

/* Bytes within one page, in the direct map. */
struct piece {
        char *at;
        uint32_t length;
};

/* Splits a buffer at page boundaries; the number of pieces, or -1 if a page is not mapped. */
static int buffer_split(struct task *task, struct message_buffer buffer, bool write,
                        struct piece *pieces)
{
        int count = 0;
        for (uint64_t done = 0; done < buffer.length; count++) {
                uint64_t address = buffer.address + done;
                uint64_t length = PAGE_SIZE - (address & (PAGE_SIZE - 1));
                if (length > buffer.length - done)
                        length = buffer.length - done;
                char *at = space_resolve(&task->space, address, write);
                if (!at)
                        return -1;
                pieces[count] = (struct piece){at, (uint32_t)length};
                done += length;
        }
        return count;
}

struct copy_plan {
        struct piece from[SEND_PAGES_MAX], to[RECEIVE_PAGES_MAX];
};

/* Resolves the pages of both sides, the receiver's first: that may break the sharing of a page
 * which the sender reads. */
static enum transfer_result plan_copy(const struct outgoing *outgoing,
                                      const struct incoming *incoming, struct copy_plan *plan)
{
        struct message_buffer to = {incoming->buffer.address, outgoing->bytes};
        if (to.address >= USER_END || to.length > USER_END - to.address ||
            buffer_split(incoming->task, to, true, plan->to) < 0)
                return TRANSFER_RECEIVER_FAULT;
        if (outgoing->kernel_bytes) {
                plan->from[0] = (struct piece){(char *)outgoing->kernel_bytes, outgoing->bytes};
                return TRANSFER_OK;
        }
        struct piece *next = plan->from;
        for (unsigned i = 0; i < outgoing->buffer_count; i++) {
                int count = buffer_split(outgoing->task, outgoing->buffers[i], false, next);
                if (count < 0)
                        return TRANSFER_SENDER_FAULT;
                next += count;
        }
        return TRANSFER_OK;
}

static void run_copy(const struct copy_plan *plan, uint32_t bytes)
{
        struct piece from = plan->from[0], to = plan->to[0];
        unsigned next_from = 1, next_to = 1;
        while (bytes) {
                uint32_t part = from.length < to.length ? from.length : to.length;
                memmove(to.at, from.at, part); /* they may overlap */
                bytes -= part;
                if (!bytes)
                        return;
                from = part == from.length ? plan->from[next_from++]
                                           : (struct piece){from.at + part, from.length - part};
                to = part == to.length ? plan->to[next_to++]
                                       : (struct piece){to.at + part, to.length - part};
                arch_preemption_point();
        }
}

static void drop_snapshots(struct memory **snapshots, unsigned count)
{
        for (unsigned i = 0; i < count; i++)
                if (snapshots[i])
                        object_destroy(&snapshots[i]->object);
}

/* Memory travels as a snapshot, charged to the receiver. It is taken before the pages of the
 * message's bytes are resolved: they may go into the very memory that was sent. */
static bool make_snapshots(struct outgoing *outgoing, const struct incoming *incoming,
                           struct memory **snapshots)
{
        for (unsigned i = 0; i < outgoing->cap_count; i++) {
                struct transit *transit = &outgoing->caps[i];
                snapshots[i] = NULL;
                if (transit->share || transit->slot.state != SLOT_TRANSIT ||
                    transit->slot.object->type != &memory_type)
                        continue;
                struct memory *memory = container_of(transit->slot.object, struct memory, object);
                snapshots[i] = memory_snapshot(memory, incoming->task->object.account);
                if (!snapshots[i]) {
                        drop_snapshots(snapshots, i);
                        return false;
                }
        }
        return true;
}

static void describe_cap(const struct slot *slot, struct received_cap *cap)
{
        cap->rights = slot->rights;
        cap->type = slot->kind;
        if (cap->type == OBJECT_RIGHT)
                cap->identity = slot->object->identity;
        if (cap->type == OBJECT_MEMORY)
                cap->badge = container_of(slot->object, struct memory, object)->pages << PAGE_SHIFT;
}

/* Puts one capability into the receiver's table; if its object has died, it arrives as OBJECT_NONE.
 */
static void deliver_cap(struct outgoing *outgoing, struct transit *transit, struct memory *snapshot,
                        const struct incoming *to, struct received_cap *cap)
{
        struct slot *from = &transit->slot;
        from->rights &= transit->rights;
        if (snapshot && from->state == SLOT_TRANSIT) {
                uint16_t rights = from->rights | RIGHT_WRITE | RIGHT_DESTROY | RIGHT_COPY;
                slot_clear(from);
                slot_fill(from, SLOT_TRANSIT, &snapshot->object, rights);
        }
        *cap = (struct received_cap){.snapshot = snapshot && from->state != SLOT_FREE};
        if (from->state != SLOT_FREE) {
                describe_cap(from, cap);
                if (cap->type == OBJECT_RIGHT && right_is_own(from, to, cap)) {
                        slot_clear(from);
                } else {
                        struct slot *slot = handle_take(&to->task->handles);
                        cap->handle = slot->handle;
                        slot_move(from, slot, slot_is_reply(from) ? SLOT_REPLY : SLOT_HANDLE);
                        if (cap->type == OBJECT_PORT) {
                                struct port *port = container_of(slot->object, struct port, object);
                                port->reflect = to->reflect;
                                if (to->task != outgoing->task)
                                        port_dismiss(port);
                        }
                }
        }
        if (transit->origin && outgoing->task->alive)
                handle_free(transit->origin);
}

enum transfer_result transfer(struct outgoing *outgoing, const struct incoming *incoming,
                              unsigned handles, struct transferred *transferred)
{
        struct copy_plan plan;
        struct memory *snapshots[MESSAGE_CAPS];
        if (outgoing->bytes > incoming->buffer.length || outgoing->cap_count > incoming->caps)
                return TRANSFER_TOO_LONG;
        if (!handle_reserve(&incoming->task->handles, outgoing->cap_count + handles) ||
            !make_snapshots(outgoing, incoming, snapshots))
                return TRANSFER_NO_MEMORY;
        enum transfer_result result =
            outgoing->bytes ? plan_copy(outgoing, incoming, &plan) : TRANSFER_OK;
        if (result != TRANSFER_OK) {
                drop_snapshots(snapshots, outgoing->cap_count);
                return result;
        }

        /* The point of no return. */
        kassert(incoming->task->handles.free_count >= outgoing->cap_count + handles);
        transferred->bytes = outgoing->bytes;
        if (outgoing->bytes)
                run_copy(&plan, outgoing->bytes);
        for (unsigned i = 0; i < outgoing->cap_count; i++)
                deliver_cap(outgoing, &outgoing->caps[i], snapshots[i], incoming,
                            &transferred->caps[i]);
        outgoing->cap_count = 0;
        return TRANSFER_OK;
}

static inline void describe_bytes(struct message_block *block, uint32_t bytes, unsigned priority,
                                  uint64_t trace)
{
        block->received_bytes = bytes;
        block->received_priority = (uint8_t)priority;
        block->received_trace = trace;
}

void transferred_to_block(const struct transferred *transferred, unsigned caps, unsigned priority,
                          uint64_t trace, struct thread *thread)
{
        struct message_block *block = thread_block(thread, true);
        if (!block)
                return;
        describe_bytes(block, transferred->bytes, priority, trace);
        for (unsigned i = 0; i < caps; i++)
                block->received_caps[i] = transferred->caps[i];
}

/* ---- at most a page of bytes and a capability ---- */

static bool copy_parts(struct space *to, uint64_t to_address, struct space *from,
                       uint64_t from_address, uint64_t bytes);

/* The receiver's page first, as in plan_copy(). */
static inline bool copy_bytes(struct space *to, uint64_t to_address, struct space *from,
                              uint64_t from_address, uint64_t bytes)
{
        if (to_address % PAGE_SIZE + bytes > PAGE_SIZE ||
            from_address % PAGE_SIZE + bytes > PAGE_SIZE)
                return copy_parts(to, to_address, from, from_address, bytes);
        void *there = space_recall(to, to_address, true);
        void *here = there ? space_recall(from, from_address, false) : NULL;
        if (here)
                memmove(there, here, bytes);
        return here;
}

/* At most three, since the bytes are at most a page. */
static __attribute__((noinline)) bool copy_parts(struct space *to, uint64_t to_address,
                                                 struct space *from, uint64_t from_address,
                                                 uint64_t bytes)
{
        uint64_t offset =
            to_address % PAGE_SIZE > from_address % PAGE_SIZE ? to_address : from_address;
        uint64_t part = PAGE_SIZE - offset % PAGE_SIZE;
        return copy_bytes(to, to_address, from, from_address, part) &&
               copy_bytes(to, to_address + part, from, from_address + part, bytes - part);
}

/* The block's bytes, if they are in one buffer of at most a page. */
static inline bool copy_sent(struct thread *from, const volatile struct message_block *source,
                             struct thread *to, struct message_buffer receive, uint32_t *bytes)
{
        struct message_buffer send = source->send[0];
        *bytes = (uint32_t)send.length;
        return source->send_count == 1 && send.length <= PAGE_SIZE && *bytes &&
               *bytes <= receive.length &&
               copy_bytes(&to->task->space, receive.address, &from->task->space, send.address,
                          *bytes);
}

/* A port or a reply right may be the very one that the message goes through, and memory travels as
 * a snapshot. */
static bool is_plain(const struct slot *slot)
{
        return slot->state == SLOT_TRANSIT && slot->object->type != &port_type &&
               slot->object->type != &memory_type;
}

static __attribute__((noinline)) bool
transfer_cap(struct thread *from, const volatile struct message_block *source, struct thread *to,
             struct message_block *target, uint64_t header, unsigned priority, uint64_t trace)
{
        struct outgoing outgoing;
        struct send_cap cap = source->send_caps[0];
        uint32_t bytes = 0;
        struct incoming incoming;
        outgoing.task = from->task;
        outgoing.cap_count = 0;
        if (message_caps(header) > 1 || !(message_flags(header) & MESSAGE_BLOCK) ||
            target->receive_caps < 1 || to->task->handles.free_count < 2 ||
            take_cap(&outgoing, &cap) != OUTCOME_OK)
                return false;
        if (!is_plain(&outgoing.caps[0].slot) ||
            (source->send_count && !copy_sent(from, source, to, target->receive, &bytes))) {
                outgoing_restore(&outgoing);
                return false;
        }
        describe_bytes(target, bytes, priority, trace);
        incoming.task = to->task;
        incoming.reflect = to->reflect;
        deliver_cap(&outgoing, outgoing.caps, NULL, &incoming, target->received_caps);
        return true;
}

bool transfer_page(struct thread *from, struct thread *to, uint64_t header, unsigned priority,
                   uint64_t trace)
{
        struct message_block *target = thread_block(to, true);
        if (!target)
                return false;
        struct message_buffer receive = *(volatile struct message_buffer *)&target->receive;
        const volatile struct message_block *source = thread_block(from, false);
        uint32_t bytes;
        if (!source || source->set_priority)
                return false;
        if (message_caps(header))
                return transfer_cap(from, source, to, target, header, priority, trace);
        if (!copy_sent(from, source, to, receive, &bytes))
                return false;
        describe_bytes(target, bytes, priority, trace);
        return true;
}

void *transfer_place(struct thread *to, uint32_t bytes, unsigned priority, uint64_t trace)
{
        struct message_block *target = thread_block(to, true);
        if (!target)
                return NULL;
        struct message_buffer receive = *(volatile struct message_buffer *)&target->receive;
        if (receive.length < bytes || receive.address % _Alignof(max_align_t) ||
            PAGE_SIZE - (receive.address & (PAGE_SIZE - 1)) < bytes)
                return NULL;
        void *place = space_recall(&to->task->space, receive.address, true);
        if (place)
                describe_bytes(target, bytes, priority, trace);
        return place;
}
