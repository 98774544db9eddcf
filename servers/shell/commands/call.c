/* The command call: any method of any service, by the names of its interface description. The table
 * of names is generated from all descriptions, so a new service can be called without a line here;
 * described.h says how values are typed and shown. A capability that is returned is described and
 * closed, as a command has nowhere to keep it.
 *
 * An answer is checked against the description before any of it is used. */
#include <stdlib.h>
#include <string.h>

#include "servers/shell/commands/binding.h"
#include "servers/shell/commands/described.h"

enum { ANSWER_BYTES = 16384 };

/* "echo.say"; NULL if there is no such method. */
static const struct proto_method *method_named(const char *name,
                                               const struct proto_interface **interface)
{
        const char *dot = strchr(name, '.');
        for (unsigned i = 0; dot && i < proto_interface_count; i++) {
                *interface = &proto_interfaces[i];
                if (strlen((*interface)->name) != (size_t)(dot - name) ||
                    memcmp((*interface)->name, name, (size_t)(dot - name)))
                        continue;
                for (unsigned j = 0; j < (*interface)->method_count; j++)
                        if (strcmp((*interface)->methods[j].name, dot + 1) == 0)
                                return &(*interface)->methods[j];
        }
        return NULL;
}

static struct described ins_of(const struct proto_method *method)
{
        return (struct described){method->in, method->in_count};
}

/* What a value is called to whom it is asked of. */
static const char *kind_text(const struct proto_parameter *parameter)
{
        static const char *const kinds[] = {
            [PROTO_WORD] = "number", [PROTO_BYTES] = "text", [PROTO_CAP] = "service or /file"};
        return parameter->list_most ? "list"
               : parameter->record  ? parameter->record->name
               : parameter->values  ? "name or number"
                                    : kinds[parameter->type];
}

static int complain_count(struct job *job, const char *name, const struct proto_method *method)
{
        job_print(job, "%s: %s takes ", job->name, name);
        if (method->in_count == 0)
                job_print(job, "no arguments");
        for (unsigned i = 0; i < method->in_count; i++)
                job_print(job, "%s%s%s (%s)", i > 0 ? ", " : "", method->in[i].name,
                          method->in[i].optional ? "=" : "", kind_text(&method->in[i]));
        job_print(job, "\n");
        return STATUS_USAGE;
}

static outcome_t call_send(struct job *job, handle_t service, const struct proto_method *method,
                           const struct message *message)
{
        struct arrival answer;
        if (method->one_way)
                return rt_send(service, RT_DEADLINE, message);
        char *buffer = malloc(ANSWER_BYTES);
        if (!buffer)
                return not_executed(REASON_NO_MEMORY);
        arrival_prepare(&answer, buffer, ANSWER_BYTES, MESSAGE_CAPS);
        outcome_t outcome = rt_call(service, RT_DEADLINE, message, &answer);
        if (outcome == OUTCOME_OK) {
                struct described outs = {method->out, method->out_count};
                if (!described_print(job, outs, &answer))
                        outcome = perhaps_executed(REASON_MALFORMED);
                arrival_drop(&answer);
        }
        free(buffer);
        return outcome;
}

static int call(struct job *job, int count, char **arguments)
{
        const struct proto_interface *interface;
        const struct proto_method *method = method_named(arguments[2], &interface);
        handle_t service;
        if (!method)
                return job_complain(job, "%s: no such INTERFACE.METHOD", arguments[2]);
        unsigned given = (unsigned)count - 3;
        if (given < described_required(ins_of(method)) || given > method->in_count)
                return complain_count(job, arguments[2], method);
        struct composed composed = {.message = {.interface = (uint16_t)interface->number,
                                                .method = (uint16_t)method->number}};
        int status = compose(job, &composed, ins_of(method), arguments + 3, given);
        if (status == STATUS_OK) {
                outcome_t outcome = bind_service(arguments[1], &service);
                if (outcome == OUTCOME_OK) {
                        outcome = call_send(job, service, method, &composed.message);
                        sys_handle_close(service);
                }
                if (outcome != OUTCOME_OK)
                        status = job_fail(job, arguments[1], outcome);
        }
        composed_close(&composed);
        return status;
}

const struct command call_commands[] = {
    {"call", "SERVICE INTERFACE.METHOD [ARGUMENT...]",
     "calls a method of a service, on this node or another: call n3/echo echo.say hello\n"
     "Arguments are numbers and texts, as the interface description says; for a capability the\n"
     "name of a service, or the path of a file, which is opened for reading. A value of an enum "
     "is\n"
     "its name; an optional argument NAME=VALUE, behind the others; the fields of a record are\n"
     "separated by commas, the elements of a list by semicolons. Prints NAME: VALUE; what is no\n"
     "text as \\xNN, and of a capability what it is: it is closed again.",
     2, -1, call},
    {0},
};
