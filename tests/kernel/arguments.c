/* Each system call of the list with each of its handles wrong in each way: closed, of another kind,
 * of an object that has ended, without the right that the list asks for. All else is right, so a
 * call that does not look at a handle would do what it does. */
#include <stdio.h>
#include <string.h>
#include "tests/kernel/harness.h"

static const struct call {
        uint64_t number;
        const char *name, *arguments;
} calls[] = {
#define MESSAGE_CALL(number, name, ...)
#define SYSCALL(number, name, arguments, ...) {SYSCALL_##name, #name, arguments},
#include "kernel/abi/syscalls.def"
#undef MESSAGE_CALL
#undef SYSCALL
};

static const struct kind {
        const char *name;
        int object; /* enum object_kind; OBJECT_NONE: any */
} kinds[] = {
#define HANDLE(name, object, text) {#name, OBJECT_##object},
#define VALUE(name, type, text)
#include "kernel/abi/arguments.def"
#undef HANDLE
#undef VALUE
};

static const struct {
        const char *name;
        uint32_t bit;
} rights[] = {
#define RIGHT(name, bit, text) {#name, RIGHT_##name},
#include "kernel/abi/rights.def"
#undef RIGHT
};

enum { ARGUMENTS = 6 };
#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

/* An argument as the list has it. */
struct argument {
        char name[16];
        bool handle;
        int object;
        uint32_t rights;
};

static uint32_t rights_parse(const char *text, const char *end)
{
        uint32_t set = 0;
        for (unsigned i = 0; i < COUNT(rights); i++) {
                const char *at = strstr(text, rights[i].name);
                if (at && at < end)
                        set |= rights[i].bit;
        }
        return set;
}

static unsigned arguments_parse(const char *text, struct argument *list)
{
        unsigned count = 0;
        for (; *text; count++) {
                struct argument *argument = &list[count];
                size_t length = strcspn(text, ",");
                *argument = (struct argument){0};
                snprintf(argument->name, sizeof argument->name, "%.*s", (int)strcspn(text, "?[,"),
                         text);
                for (unsigned i = 0; i < COUNT(kinds); i++) {
                        if (strcmp(argument->name, kinds[i].name) != 0)
                                continue;
                        argument->handle = true;
                        argument->object = kinds[i].object;
                        argument->rights = rights_parse(text, text + length);
                }
                text += length;
                text += strspn(text, ", ");
        }
        return count;
}

/* ---- handles of all kinds ---- */

static handle_t right_handles[OBJECT_HARDWARE + 1];
static handle_t dead; /* its object has ended */

static void sends_a_right(uint64_t unused)
{
        handle_t port = 0, right = 0;
        struct message_block *block = own_block();
        (void)unused;
        sys_port_create(&port);
        sys_right_mint(port, 1, RIGHTS_ALL, &right);
        block->send_caps[0] = (struct send_cap){right, RIGHTS_ALL, SEND_CAP_MOVE};
        struct message_registers r = {
            .handle = SHARED->word[0],
            .header = message_with_flags(message_with_caps(HEADER(0), 1), MESSAGE_BLOCK),
            .deadline = TIME_NEVER};
        sys_message(SYSCALL_send, &r);
        sys_sleep(TIME_NEVER);
}

/* A handle to a right of a child whose account has been destroyed. */
static handle_t dead_make(handle_t port)
{
        struct message_registers r;
        struct message_block *block = own_block();
        struct child child = child_create(sends_a_right, 0, PRIORITY_LOW);
        SHARED->word[0] = child_grant(&child, make_right(port, 2));
        block->receive_caps = 1;
        child_start(&child);
        CHECK_OK(receive(port, SOON, &r));
        CHECK_OK(sys_object_destroy(child.account));
        return block->received_caps[0].handle;
}

static void handles_make(void)
{
        struct child child = child_create(serve_increment, 0, PRIORITY_LOW);
        handle_t event = make_event(), port = make_port();
        CHECK_OK(sys_call_create(event, 1, &right_handles[OBJECT_CALL]));
        CHECK_OK(sys_interrupt_create(boot->hardware, INTERRUPT_MSI,
                                      &right_handles[OBJECT_INTERRUPT], NULL, NULL));
        CHECK_OK(sys_ioport_create(boot->hardware, 0x2f8, 8, &right_handles[OBJECT_IOPORT]));
        right_handles[OBJECT_NONE] = right_handles[OBJECT_EVENT] = event;
        right_handles[OBJECT_ACCOUNT] = child.account;
        right_handles[OBJECT_TASK] = child.task;
        right_handles[OBJECT_THREAD] = child.thread;
        right_handles[OBJECT_PORT] = port;
        right_handles[OBJECT_RIGHT] = make_right(port, 1);
        right_handles[OBJECT_MEMORY] = make_memory(1);
        right_handles[OBJECT_HARDWARE] = boot->hardware;
        dead = dead_make(port);
}

static void handles_drop(void)
{
        sys_handle_close(dead);
        sys_handle_close(right_handles[OBJECT_CALL]);
        sys_handle_close(right_handles[OBJECT_INTERRUPT]);
        sys_handle_close(right_handles[OBJECT_IOPORT]);
}

/* What other arguments need to be for the handles behind them to be looked at. */
static uint64_t value_of(const struct argument *argument)
{
        if (argument->handle)
                return right_handles[argument->object];
        if (strcmp(argument->name, "bytes") == 0)
                return 4096;
        return strcmp(argument->name, "kind") == 0 ? MEMORY_DMA : 0;
}

/* ---- calls ---- */

static unsigned wrong;

static void expect(const struct call *call, const struct argument *list, unsigned count,
                   unsigned which, handle_t handle, enum reason reason)
{
        uint64_t values[ARGUMENTS] = {0};
        for (unsigned i = 0; i < count; i++)
                values[i] = i == which ? handle : value_of(&list[i]);
        struct syscall_registers registers = {values[0], values[1], values[2],
                                              values[3], values[4], values[5]};
        outcome_t outcome = sys_registers(call->number, &registers);
        if (outcome == not_executed(reason))
                return;
        printf("%s: %s wrong: %x instead of %x\n", call->name, list[which].name, outcome,
               not_executed(reason));
        wrong++;
}

/* A copy of the handle without one of the rights that are asked for; 0: it cannot be copied. */
static handle_t weaker(const struct argument *argument, uint32_t without)
{
        handle_t copy;
        return sys_handle_copy(right_handles[argument->object], RIGHTS_ALL & ~without, &copy) ==
                       OUTCOME_OK
                   ? copy
                   : 0;
}

static void handle_try(const struct call *call, const struct argument *list, unsigned count,
                       unsigned which)
{
        const struct argument *argument = &list[which];
        handle_t closed = make_event(), other = argument->object == OBJECT_EVENT
                                                    ? right_handles[OBJECT_PORT]
                                                    : right_handles[OBJECT_EVENT];
        sys_handle_close(closed);
        expect(call, list, count, which, closed, REASON_BAD_HANDLE);
        if (argument->object != OBJECT_NONE) {
                expect(call, list, count, which, other, REASON_WRONG_TYPE);
                expect(call, list, count, which, dead, REASON_RECEIVER_DIED);
        }
        for (unsigned i = 0; i < COUNT(rights); i++) {
                handle_t weak =
                    argument->rights & rights[i].bit ? weaker(argument, rights[i].bit) : 0;
                if (!weak)
                        continue;
                expect(call, list, count, which, weak, REASON_REFUSED);
                sys_handle_close(weak);
        }
}

static void a_wrong_handle_is_refused_by_every_call(void)
{
        struct argument list[ARGUMENTS];
        handles_make();
        wrong = 0;
        for (unsigned i = 0; i < COUNT(calls); i++) {
                unsigned count = arguments_parse(calls[i].arguments, list);
                for (unsigned j = 0; j < count; j++)
                        if (list[j].handle)
                                handle_try(&calls[i], list, count, j);
        }
        handles_drop();
        CHECK_EQ(wrong, 0);
}

const struct test argument_tests[] = {
    {"a_wrong_handle_is_refused_by_every_call", a_wrong_handle_is_refused_by_every_call}, {0}};
