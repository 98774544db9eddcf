/* The fakes: what was counted is compared by the tests, and a handle that is not there ends the
 * test. */
#include "tests/unit/transport/kernel.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "servers/proto/node.h"
#include "servers/rt/task/log.h"

struct kernel kernel;
struct transport transport;

void kernel_reset(void)
{
        for (unsigned i = 0; i < FAR_CALLS_MAX; i++) {
                free(transport.far_calls.pool[i].request);
                free(transport.far_calls.pool[i].answer);
        }
        for (unsigned i = 0; i < REPLIES_MAX; i++)
                free(transport.replies.pool[i].answer);
        kernel.core_full = 0;
        bridge_work();
        memset(&kernel, 0, sizeof(kernel));
        memset(&transport, 0, sizeof(transport));
        kernel.handles_left = KERNEL_HANDLES;
        kernel.memory_left = 2 * FETCH_SPARE;
        transport.far_calls.peers = 1;
}

static uint64_t identity_new(uint64_t badge)
{
        static uint64_t last;
        last = last % (KERNEL_RIGHTS - 1) + 1;
        memset(&kernel.right[last], 0, sizeof(kernel.right[last]));
        kernel.right[last].badge = badge;
        return last;
}

static outcome_t handle_new(uint64_t identity, uint32_t rights, handle_t *handle)
{
        static handle_t last;
        *handle = 0;
        if (kernel.handles_left == 0)
                return not_executed(REASON_NO_MEMORY);
        kernel.handles_left--;
        do
                last = last % (KERNEL_HANDLES - 1) + 1;
        while (kernel.handle[last].identity);
        kernel.handle[last].identity = identity;
        kernel.handle[last].rights = rights;
        *handle = last;
        return OUTCOME_OK;
}

handle_t kernel_right(uint32_t rights)
{
        handle_t handle;
        handle_new(identity_new(0), rights, &handle);
        return handle;
}

unsigned kernel_handles(void)
{
        unsigned count = 0;
        for (unsigned i = 0; i < KERNEL_HANDLES; i++)
                count += kernel.handle[i].identity != 0;
        return count;
}

unsigned kernel_watches(void)
{
        unsigned count = 0;
        for (unsigned i = 0; i < KERNEL_RIGHTS; i++)
                count += kernel.right[i].watches;
        return count;
}

struct received_cap kernel_cap(handle_t handle)
{
        return (struct received_cap){.handle = handle,
                                     .rights = (uint16_t)kernel.handle[handle].rights,
                                     .type = OBJECT_RIGHT,
                                     .identity = kernel.handle[handle].identity};
}

/* ---- system calls ---------------------------------------------------------------------------- */

outcome_t sys_handle_close(handle_t handle)
{
        if (handle > KERNEL_HANDLES) {
                kernel.calls_closed++;
                return OUTCOME_OK;
        }
        if (!kernel.handle[handle].identity)
                return not_executed(REASON_BAD_HANDLE);
        kernel.handle[handle].identity = 0;
        return OUTCOME_OK;
}

outcome_t sys_handle_copy(handle_t handle, uint32_t rights, handle_t *copy)
{
        if (!(kernel.handle[handle].rights & RIGHT_COPY))
                return not_executed(REASON_REFUSED);
        return handle_new(kernel.handle[handle].identity, kernel.handle[handle].rights & rights,
                          copy);
}

outcome_t sys_handle_info(handle_t handle, enum object_kind *type, uint32_t *rights,
                          uint64_t *identity)
{
        if (handle == REPLY_LIVE || handle == REPLY_DEAD)
                return handle == REPLY_LIVE ? OUTCOME_OK : not_executed(REASON_CANCELLED);
        *type = OBJECT_RIGHT;
        *identity = kernel.handle[handle].identity;
        ck_assert_uint_ne(*identity, 0);
        *rights = kernel.handle[handle].rights | kernel.right[*identity].proxy;
        enum reason dead = kernel.right[*identity].dead;
        return dead ? not_executed(dead) : OUTCOME_OK;
}

outcome_t sys_watch(handle_t handle, handle_t event, uint64_t bits)
{
        (void)event;
        (void)bits;
        kernel.right[kernel.handle[handle].identity].watches++;
        return OUTCOME_OK;
}

outcome_t sys_unwatch(handle_t handle, handle_t event, uint64_t bits)
{
        (void)event;
        (void)bits;
        kernel.right[kernel.handle[handle].identity].watches--;
        return OUTCOME_OK;
}

static uint64_t of_badge(uint64_t badge)
{
        for (uint64_t i = 1; i < KERNEL_RIGHTS; i++)
                if (kernel.right[i].badge == badge && !kernel.right[i].dead)
                        return i;
        return 0;
}

outcome_t sys_right_mint(handle_t port, uint64_t badge, uint32_t rights, handle_t *right)
{
        (void)port;
        uint64_t identity = identity_new(badge);
        kernel.right[identity].proxy = rights & RIGHT_PROXY;
        outcome_t outcome = handle_new(identity, rights & ~(uint32_t)RIGHT_PROXY, right);
        if (outcome != OUTCOME_OK)
                kernel.right[identity].badge = 0;
        return outcome;
}

outcome_t sys_right_issue(handle_t port, uint64_t badge, uint32_t rights, handle_t *right,
                          uint64_t *issues)
{
        (void)port;
        *issues = 0;
        *right = 0;
        uint64_t identity = of_badge(badge);
        return identity ? handle_new(identity, rights, right) : not_executed(REASON_NOT_FOUND);
}

outcome_t sys_right_revoke(handle_t port, uint64_t badge, enum reason reason)
{
        (void)port;
        uint64_t identity = of_badge(badge);
        if (!identity || (unsigned)reason > UINT8_MAX)
                return not_executed(REASON_MALFORMED);
        kernel.right[identity].dead = reason;
        return OUTCOME_OK;
}

outcome_t sys_port_create(handle_t *port)
{
        return handle_new(identity_new(0), RIGHTS_ALL, port);
}

outcome_t sys_port_bind(handle_t port, handle_t event, uint64_t key)
{
        (void)port;
        ck_assert_uint_ne(kernel.handle[event].identity, 0);
        kernel.bound_key = key;
        return OUTCOME_OK;
}

outcome_t sys_event_create(handle_t *event)
{
        return handle_new(identity_new(0), RIGHTS_ALL, event);
}

outcome_t sys_event_signal(handle_t event, uint64_t bits)
{
        ck_assert_uint_ne(kernel.handle[event].identity, 0);
        kernel.signalled |= bits;
        return OUTCOME_OK;
}

outcome_t sys_memory_create(handle_t account, uint64_t bytes, enum memory_kind kind,
                            handle_t hardware, handle_t *memory)
{
        (void)account;
        (void)bytes;
        (void)kind;
        (void)hardware;
        return handle_new(identity_new(0), RIGHTS_ALL, memory);
}

outcome_t sys_account_info(handle_t account, uint64_t *used, uint64_t *limit)
{
        (void)account;
        *used = 0;
        *limit = kernel.memory_left;
        return OUTCOME_OK;
}

outcome_t rt_memory_map(handle_t memory, size_t offset, size_t bytes, unsigned flags,
                        void **address)
{
        (void)offset;
        (void)flags;
        ck_assert_uint_ne(kernel.handle[memory].identity, 0);
        kernel.mapped++;
        *address = calloc(1, bytes);
        if (kernel.content)
                memcpy(*address, kernel.content, bytes);
        return OUTCOME_OK;
}

void rt_memory_free(void *address, size_t bytes)
{
        (void)bytes;
        kernel.mapped--;
        free(address);
}

outcome_t sys_object_destroy(handle_t handle)
{
        return sys_handle_close(handle);
}

outcome_t sys_call_create_keyed(handle_t port, uint64_t key, handle_t *call)
{
        (void)port;
        (void)key;
        *call = KERNEL_HANDLES + ++kernel.calls;
        return OUTCOME_OK;
}

outcome_t sys_call_cancel(handle_t call)
{
        ck_assert_uint_gt(call, KERNEL_HANDLES);
        kernel.calls_cancelled++;
        return OUTCOME_OK;
}

/* ---- the runtime ----------------------------------------------------------------------------- */

uint64_t rt_now(void)
{
        return transport.now;
}

static void moved_close(const struct message *message)
{
        for (unsigned i = 0; i < message->cap_count; i++)
                if (message->caps[i].flags & SEND_CAP_MOVE)
                        sys_handle_close(message->caps[i].handle);
}

outcome_t rt_call_start(handle_t right, handle_t call, uint64_t deadline,
                        const struct message *message, const struct arrival *space)
{
        (void)right;
        (void)call;
        (void)space;
        kernel.started = *message;
        kernel.starts++;
        kernel.started_deadline = deadline;
        if (kernel.start)
                moved_close(message);
        return kernel.start;
}

/* A request that was executed took its capabilities along. */
outcome_t rt_call_finish(handle_t call, struct arrival *reply)
{
        (void)call;
        if (outcome_class(kernel.ended) != OUTCOME_NOT_EXECUTED)
                moved_close(&kernel.started);
        if (!reply)
                return kernel.ended;
        void *buffer = reply->buffer;
        *reply = kernel.answer;
        reply->buffer = buffer;
        return kernel.ended;
}

/* A call that the adapter has made to itself: its reply right. */
outcome_t rt_receive(handle_t port, uint64_t deadline, struct arrival *arrival)
{
        (void)port;
        ck_assert_uint_eq(deadline, 0);
        return handle_new(identity_new(0), RIGHTS_ALL, &arrival->reply);
}

outcome_t rt_reply(handle_t reply, const struct message *message)
{
        (void)reply;
        kernel.reply = *message;
        kernel.replied = message->outcome;
        moved_close(message);
        return OUTCOME_OK;
}

void rt_server_reply(struct server *server, handle_t reply, const struct message *message)
{
        (void)server;
        rt_reply(reply, message);
}

outcome_t rt_reply_outcome(handle_t reply, outcome_t outcome)
{
        const struct message message = {.outcome = outcome};
        return rt_reply(reply, &message);
}

handle_t rt_log_server(void)
{
        return kernel.log;
}

bool rt_log_died(outcome_t outcome)
{
        if (outcome != not_executed(REASON_RECEIVER_DIED))
                return false;
        kernel.log = 0;
        return true;
}

handle_t cap_take(struct received_cap *cap)
{
        handle_t handle = cap->handle;
        *cap = (struct received_cap){0};
        return handle;
}

void arrival_drop(struct arrival *arrival)
{
        for (unsigned i = 0; i < arrival->cap_count; i++)
                if (arrival->caps[i].handle)
                        sys_handle_close(arrival->caps[i].handle);
}

outcome_t node_ping_reply(handle_t reply, uint64_t rtt)
{
        (void)reply;
        (void)rtt;
        return OUTCOME_OK;
}

/* ---- the core and the rest of the adapter ---------------------------------------------------- */

outcome_t core_call(struct core *core, core_import_t import, const struct core_message *message,
                    uint64_t cookie, core_handle_t *handle, uint64_t now)
{
        (void)core;
        (void)import;
        (void)handle;
        (void)now;
        kernel.cookie = cookie;
        kernel.far_calls++;
        kernel.far_message = *message;
        return kernel.core;
}

outcome_t core_send(struct core *core, core_import_t import, const struct core_message *message,
                    uint64_t now)
{
        (void)core;
        (void)import;
        (void)now;
        kernel.far_message = *message;
        kernel.far_sends++;
        return kernel.core;
}

outcome_t core_reply(struct core *core, core_call_t call, outcome_t outcome,
                     const struct core_message *message, uint64_t now)
{
        (void)core;
        (void)call;
        (void)now;
        ck_assert_uint_lt(kernel.far_replies, KERNEL_REPLIES);
        kernel.far_reply[kernel.far_replies++] = outcome;
        if (message)
                kernel.far_message = *message;
        return message ? kernel.core : OUTCOME_OK;
}

bool core_ready(struct core *core, core_import_t import, const struct core_message *message)
{
        (void)core;
        (void)message;
        return kernel.core_full != import;
}

void core_resume(struct core *core, uint64_t now)
{
        (void)core;
        (void)now;
        kernel.resumed++;
}

void core_cancel(struct core *core, core_handle_t handle, uint64_t now)
{
        (void)core;
        (void)handle;
        (void)now;
        kernel.far_cancelled++;
}

void core_abandon(struct core *core, core_handle_t handle, uint64_t now)
{
        (void)core;
        (void)handle;
        (void)now;
        kernel.far_abandoned++;
}

void core_import_drop(struct core *core, core_import_t import)
{
        (void)core;
        (void)import;
        kernel.imports_dropped++;
}

void core_export_dead(struct core *core, uint64_t token, enum reason reason)
{
        (void)core;
        (void)reason;
        right_release(&transport.rights, token);
}

bool core_peer(const struct core *core, unsigned index, uint64_t now, struct core_peer_info *info)
{
        (void)core;
        (void)now;
        kernel.peers_read++;
        *info = kernel.peer[index];
        return info->node;
}

unsigned core_import_slot(core_import_t import)
{
        return import >> 16 & 0xff;
}

unsigned core_peer_slots(const struct core *core)
{
        (void)core;
        return KERNEL_PEERS;
}

const uint8_t *core_epoch(const struct core *core)
{
        static const uint8_t epoch[16] = {1};
        (void)core;
        return epoch;
}

bool core_reference(const struct core *core, uint32_t index, struct core_reference *reference)
{
        (void)core;
        if (index >= kernel.references)
                return false;
        *reference = (struct core_reference){
            .peer = "n2", .is_export = index == 0, .id = index + 7, .generation = 3, .count = 2};
        return true;
}

void rt_log(const char *format, ...)
{
        va_list arguments;
        va_start(arguments, format);
        vsnprintf(kernel.line, sizeof(kernel.line), format, arguments);
        va_end(arguments);
        kernel.lines++;
}

outcome_t sys_thread_control(handle_t thread, uint64_t operation, uint64_t argument)
{
        ck_assert(thread == 0 && operation == THREAD_SET_PRIORITY);
        kernel.priority = (uint8_t)argument;
        kernel.ceiling = (uint8_t)(argument >> SCHEDULING_CEILING);
        ck_assert_uint_eq(argument, thread_scheduling(kernel.priority, kernel.ceiling, 0));
        return OUTCOME_OK;
}

outcome_t sys_yield(void)
{
        kernel.yields++;
        kernel.yielded_at = kernel.priority;
        return OUTCOME_OK;
}
