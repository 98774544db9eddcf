/* The template of a service: copy this folder, change the names, add a line to
 * cluster/system.description. The interface is in echo.idl, from which echo.h comes. */
#include "servers/proto/echo.h"
#include "servers/rt/task/log.h"
#include "servers/rt/serve/service.h"

static uint64_t calls;

static outcome_t say(struct request *request, const void *text, size_t text_length,
                     const void **text_out, size_t *text_out_length, uint64_t *count)
{
        (void)request; /* who asks, until when, and more: servers/rt/serve/serve.h */
        *text_out = text;
        *text_out_length = text_length;
        *count = ++calls;
        return OUTCOME_OK;
}

static const struct echo_server handlers = {.say = say};

int main(void)
{
        struct server server;
        handle_t right;
        outcome_t outcome = rt_server_init(&server);
        if (outcome == OUTCOME_OK)
                outcome = rt_server_add(&server, ECHO_INTERFACE, echo_dispatch, &handlers, NULL);
        if (outcome == OUTCOME_OK)
                outcome = rt_server_right(&server, 1, &right);
        if (outcome == OUTCOME_OK)
                outcome = rt_register("echo", right);
        if (outcome == OUTCOME_OK)
                outcome = rt_serve(&server);
        rt_log("echo ended: %s", reason_text(outcome_reason(outcome)));
        return 1;
}
