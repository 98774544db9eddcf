/* The command call: any method of any service, by the names of its interface description. The table
 * of names is generated from all descriptions, so a new service can be called without a line here.
 *
 *      word     a number
 *      bytes    a text; in an answer what is no text comes as \xNN, and a backslash doubled
 *      cap      the service of that name, or the file of that path; one that is returned is
 *               described and closed, as a command has nowhere to keep it
 *
 * An answer is checked against the description before any of it is used. */
#include <stdlib.h>
#include <string.h>

#include "servers/proto/files.h"
#include "servers/proto/names.h"
#include "servers/rt/pure/visible.h"
#include "servers/shell/binding.h"
#include "servers/shell/command.h"

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

static unsigned outs_of(const struct proto_method *method, enum proto_type type)
{
        unsigned count = 0;
        for (unsigned i = 0; i < method->out_count; i++)
                count += method->out[i].type == type;
        return count;
}

/* ---- arguments ---- */

static int complain_count(struct job *job, const char *name, const struct proto_method *method)
{
        static const char *const kinds[] = {
            [PROTO_WORD] = "number", [PROTO_BYTES] = "text", [PROTO_CAP] = "service or /file"};
        job_print(job, "%s: %s takes ", job->name, name);
        if (method->in_count == 0)
                job_print(job, "no arguments");
        for (unsigned i = 0; i < method->in_count; i++)
                job_print(job, "%s%s (%s)", i > 0 ? ", " : "", method->in[i].name,
                          kinds[method->in[i].type]);
        job_print(job, "\n");
        return STATUS_USAGE;
}

/* The capability that an argument names: the caller's. */
static outcome_t cap_named(const char *name, handle_t *cap)
{
        uint64_t size;
        return name[0] == '/' ? path_open(name, FS_OPEN_READ, cap, &size) : bind_service(name, cap);
}

/* Puts an argument into the message. The words of all numbers come before the lengths of texts, so
 * there is one round for each type. Returns a status; a failure has been reported. */
static int argument_put(struct job *job, struct message *message, enum proto_type type,
                        char *argument)
{
        handle_t cap;
        uint64_t number;
        outcome_t outcome;
        switch (type) {
        case PROTO_WORD:
                if (!number_parse(argument, UINT64_MAX, &number))
                        return job_complain(job, "%s: not a number", argument);
                message->words[message->word_count++] = number;
                return STATUS_OK;
        case PROTO_BYTES:
                message->words[message->word_count++] = strlen(argument);
                message->buffers[message->buffer_count++] =
                    (struct message_buffer){(uint64_t)argument, strlen(argument)};
                return STATUS_OK;
        case PROTO_CAP:
                outcome = cap_named(argument, &cap);
                if (outcome != OUTCOME_OK)
                        return job_fail(job, argument, outcome);
                message->caps[message->cap_count++] = cap_copy(cap);
                return STATUS_OK;
        }
        return STATUS_FAILED;
}

static int arguments_put(struct job *job, struct message *message,
                         const struct proto_method *method, char **arguments)
{
        static const enum proto_type order[] = {PROTO_WORD, PROTO_BYTES, PROTO_CAP};
        int status = STATUS_OK;
        for (size_t round = 0; round < sizeof order / sizeof order[0]; round++)
                for (unsigned i = 0; i < method->in_count && status == STATUS_OK; i++)
                        if (method->in[i].type == order[round])
                                status = argument_put(job, message, order[round], arguments[i]);
        return status;
}

static void arguments_close(const struct message *message)
{
        for (unsigned i = 0; i < message->cap_count; i++)
                sys_handle_close(message->caps[i].handle);
}

/* ---- the answer ---- */

/* Prints text as it is, newlines included, and every other byte unambiguously. */
static void print_bytes(struct job *job, const char *bytes, size_t length)
{
        for (size_t at = 0; at < length;) {
                char shown[VISIBLE_MOST];
                size_t used;
                if (bytes[at] == '\n' || bytes[at] == '\t') {
                        job_write(job, bytes + at++, 1);
                        continue;
                }
                if (bytes[at] == '\\')
                        job_write(job, "\\", 1);
                at += visible_next(bytes + at, length - at, shown, &used);
                job_write(job, shown, used);
        }
}

static const char *object_text(unsigned type)
{
        static const char *const texts[] = {
            [OBJECT_ACCOUNT] = "an account", [OBJECT_TASK] = "a task",
            [OBJECT_THREAD] = "a thread",    [OBJECT_PORT] = "a port",
            [OBJECT_RIGHT] = "a send right", [OBJECT_REPLY] = "a reply right",
            [OBJECT_CALL] = "a call",        [OBJECT_EVENT] = "an event",
            [OBJECT_MEMORY] = "memory",      [OBJECT_INTERRUPT] = "an interrupt",
            [OBJECT_IOPORT] = "I/O ports",   [OBJECT_HARDWARE] = "the hardware",
        };
        return type < sizeof texts / sizeof texts[0] && texts[type] ? texts[type] : "none";
}

/* Prints the parameters of an answer that has them all, NAME: VALUE. */
static void print_answer(struct job *job, const struct proto_method *method,
                         const struct arrival *answer)
{
        unsigned word = 0, length = outs_of(method, PROTO_WORD), cap = 0;
        const char *bytes = answer->buffer;
        for (unsigned i = 0; i < method->out_count; i++) {
                const struct proto_parameter *out = &method->out[i];
                job_print(job, "%s: ", out->name);
                if (out->type == PROTO_WORD)
                        job_print(job, "%llu", (unsigned long long)answer->words[word++]);
                if (out->type == PROTO_CAP)
                        job_print(job, "%s, closed again", object_text(answer->caps[cap++].type));
                if (out->type == PROTO_BYTES) {
                        print_bytes(job, bytes, answer->words[length]);
                        bytes += answer->words[length++];
                }
                job_print(job, "\n");
        }
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
        if (outcome == OUTCOME_OK &&
            !answer_check(&answer, outs_of(method, PROTO_WORD), outs_of(method, PROTO_BYTES),
                          outs_of(method, PROTO_CAP)))
                outcome = perhaps_executed(REASON_MALFORMED);
        if (outcome == OUTCOME_OK) {
                print_answer(job, method, &answer);
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
        if ((unsigned)count - 3 != method->in_count)
                return complain_count(job, arguments[2], method);
        struct message message = {.interface = (uint16_t)interface->number,
                                  .method = (uint16_t)method->number};
        int status = arguments_put(job, &message, method, arguments + 3);
        if (status == STATUS_OK) {
                outcome_t outcome = bind_service(arguments[1], &service);
                if (outcome == OUTCOME_OK) {
                        outcome = call_send(job, service, method, &message);
                        sys_handle_close(service);
                }
                if (outcome != OUTCOME_OK)
                        status = job_fail(job, arguments[1], outcome);
        }
        arguments_close(&message);
        return status;
}

const struct command call_commands[] = {
    {"call", "SERVICE INTERFACE.METHOD [ARGUMENT...]",
     "calls a method of a service, on this node or another: call n3/echo echo.say hello\n"
     "Arguments are numbers and texts, as the interface description says; for a capability the\n"
     "name of a service, or the path of a file, which is opened for reading. Prints NAME: VALUE;\n"
     "what is no text as \\xNN, and of a capability what it is: it is closed again.",
     2, -1, call},
    {0},
};
