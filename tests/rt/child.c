/* The program that the tests start. Its argument says what it does:
 *
 *      status=N        ends with the status
 *      signal          signals 0x55 to the handle `event`
 *      crash           touches memory that is not mapped
 *      serve           serves interface guest; says hello to the right `parent`
 *      constants       looks at constants that hold addresses, and has the kernel write to them
 *      files           uses /fs by libc (files.c)
 *      beside          talks to the image that serves in the same task, the right `peer`
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "servers/proto/guest.h"
#include "servers/rt/task/memory.h"
#include "servers/rt/serve/serve.h"
#include "servers/rt/start/startup.h"
#include "tests/rt/child.h"

/* gcc gives it no frame; its caller is still found. */
__attribute__((noipa)) void crash_here(volatile uint64_t *address)
{
        *address = 1;
}

static struct {
        uint64_t noted, stalled, cancelled;
        handle_t late;
        uint64_t late_value;
} state;

static outcome_t add(struct request *request, uint64_t a, uint64_t b, uint64_t *sum)
{
        (void)request;
        *sum = a + b;
        return OUTCOME_OK;
}

static outcome_t reverse(struct request *request, const void *data, size_t data_length,
                         const void **data_out, size_t *data_out_length)
{
        uint8_t *out = rt_request_buffer(request);
        if (!out)
                return answered(REASON_NO_MEMORY);
        for (size_t i = 0; i < data_length; i++)
                out[i] = ((const uint8_t *)data)[data_length - 1 - i];
        *data_out = out;
        *data_out_length = data_length;
        return OUTCOME_OK;
}

static outcome_t pass(struct request *request, struct received_cap *right, handle_t *right_out)
{
        (void)request;
        *right_out = cap_take(right);
        return *right_out ? OUTCOME_OK : answered(REASON_INVALID);
}

static outcome_t stall(struct request *request)
{
        (void)request;
        state.stalled++;
        return RT_DEFERRED;
}

static void on_cancel(struct server *server, uint64_t badge, handle_t reply)
{
        (void)server;
        (void)badge;
        state.cancelled++;
        rt_reply_outcome(reply, answered(REASON_CANCELLED));
}

static void note(struct request *request, uint64_t value)
{
        (void)request;
        state.noted = value;
}

static outcome_t noted(struct request *request, uint64_t *value, uint64_t *stalled,
                       uint64_t *cancelled)
{
        (void)request;
        *value = state.noted;
        *stalled = state.stalled;
        *cancelled = state.cancelled;
        return OUTCOME_OK;
}

static outcome_t fill(struct request *request, uint64_t value, handle_t *memory)
{
        uint64_t *words;
        (void)request;
        outcome_t outcome = sys_memory_create(0, 2 * PAGE_SIZE, MEMORY_ANONYMOUS, 0, memory);
        if (outcome == OUTCOME_OK)
                outcome =
                    rt_memory_map(*memory, 0, 2 * PAGE_SIZE, MAP_READ | MAP_WRITE, (void **)&words);
        if (outcome != OUTCOME_OK)
                return answered(REASON_NO_MEMORY);
        words[0] = words[512] = value;
        rt_memory_free(words, 2 * PAGE_SIZE);
        return OUTCOME_OK;
}

static outcome_t late(struct request *request, uint64_t value, uint64_t *value_out)
{
        (void)value_out;
        state.late = request->reply;
        state.late_value = value;
        request->server->deadline = rt_after(5 * RT_MILLISECOND);
        return RT_DEFERRED;
}

static void on_time(struct server *server, uint64_t now)
{
        (void)server;
        (void)now;
        guest_late_reply(state.late, state.late_value + 1);
}

static outcome_t own(struct request *request, handle_t *right)
{
        return rt_server_right(request->server, 77, right);
}

static outcome_t is_own(struct request *request, struct received_cap *right, uint64_t *mine,
                        uint64_t *badge)
{
        *mine = right->own && right->handle == request->server->port;
        *badge = right->badge;
        return OUTCOME_OK;
}

static outcome_t die(struct request *request)
{
        (void)request;
        exit(3);
}

static outcome_t left(struct request *request, struct received_cap *right, uint64_t *rest,
                      uint64_t *nested)
{
        handle_t stalled = cap_take(right);
        uint64_t before = rt_now();
        *rest = request->deadline - before;
        outcome_t outcome = guest_stall(stalled, TIME_NEVER);
        sys_handle_close(stalled);
        *nested = outcome_reason(outcome) == REASON_DEADLINE && rt_now() >= request->deadline;
        return OUTCOME_OK;
}

static outcome_t heap(struct request *request, uint64_t *address)
{
        (void)request;
        void *memory = malloc(100000);
        *address = (uint64_t)memory;
        free(memory);
        return OUTCOME_OK;
}

static const struct guest_server handlers = {
    .add = add,
    .reverse = reverse,
    .pass = pass,
    .stall = stall,
    .note = note,
    .noted = noted,
    .fill = fill,
    .late = late,
    .own = own,
    .is_own = is_own,
    .die = die,
    .left = left,
    .heap = heap,
};

static const char *const names[] = {"one", "two",   "three", "four", "five",
                                    "six", "seven", "eight", "nine"};

/* The status. The address is not to be known to gcc, so that they are not folded. */
static int constants_use(void)
{
        const char *const *constants = names;
        __asm__("" : "+r"(constants));
        if (strcmp(constants[0], "one") != 0 || strcmp(constants[8], "nine") != 0)
                return 1;
        if (sys_task_info(0, (void *)constants) != not_executed(REASON_FAULT))
                return 2;
        return strcmp(constants[0], "one") != 0;
}

/* What has gone wrong, as an exit status. */
static int serve(void)
{
        struct server server;
        handle_t right;
        if (rt_server_init(&server) != OUTCOME_OK)
                return 1;
        server.on_cancel = on_cancel;
        server.on_time = on_time;
        rt_server_add(&server, GUEST_INTERFACE, guest_dispatch, &handlers, NULL);
        if (rt_server_right(&server, 5, &right) != OUTCOME_OK ||
            guest_hello(rt_handle("parent"), RT_DEADLINE, right) != OUTCOME_OK)
                return 2;
        return rt_serve(&server) == OUTCOME_OK ? 0 : 3;
}

int main(int count, char **arguments)
{
        const char *what = count > 1 ? arguments[1] : "";
        if (strcmp(arguments[0], "child") != 0 || strcmp(rt_node(), "n7") != 0)
                return 100;
        if (strncmp(what, "status=", 7) == 0)
                return atoi(what + 7);
        if (strcmp(what, "signal") == 0)
                return sys_event_signal(rt_handle("event"), 0x55) != OUTCOME_OK;
        if (strcmp(what, "crash") == 0)
                crash_here((volatile uint64_t *)0x10);
        if (strcmp(what, "serve") == 0)
                return serve();
        if (strcmp(what, "constants") == 0)
                return constants_use();
        if (strcmp(what, "beside") == 0)
                return beside_use(&state.noted);
        if (strcmp(what, "files") == 0)
                return files_use();
        if (strcmp(what, "files-again") == 0)
                return files_again();
        if (strcmp(what, "files-away") == 0)
                return files_away();
        return 101;
}
