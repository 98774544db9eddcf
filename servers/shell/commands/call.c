/* The command call: any method of any service, by the names of its interface description. The table
 * of names is generated from all descriptions, so a new service can be called without a line here.
 */
#include <string.h>

#include "servers/proto/names.h"
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

static bool passes_capabilities(const struct proto_method *method)
{
        for (unsigned i = 0; i < method->in_count; i++)
                if (method->in[i].type == PROTO_CAP)
                        return true;
        for (unsigned i = 0; i < method->out_count; i++)
                if (method->out[i].type == PROTO_CAP)
                        return true;
        return false;
}

/* Fills the words of one type in: first the word parameters, then the lengths of bytes. */
static bool fill(struct message *message, const struct proto_method *method, char **arguments,
                 enum proto_type type, const char **wrong)
{
        for (unsigned i = 0; i < method->in_count; i++) {
                if (method->in[i].type != type)
                        continue;
                uint64_t *word = &message->words[message->word_count++];
                if (type == PROTO_WORD) {
                        if (number_parse(arguments[i], UINT64_MAX, word))
                                continue;
                        *wrong = arguments[i];
                        return false;
                }
                *word = strlen(arguments[i]);
                message->buffers[message->buffer_count++] =
                    (struct message_buffer){(uint64_t)arguments[i], *word};
        }
        return true;
}

/* Prints the answer's parameters, NAME: VALUE, as far as it really holds them. */
static void print_answer(struct job *job, const struct proto_method *method,
                         const struct arrival *answer)
{
        unsigned words = 0, word = 0;
        size_t offset = 0;
        for (unsigned i = 0; i < method->out_count; i++)
                words += method->out[i].type == PROTO_WORD;
        unsigned length_word = words;
        for (unsigned i = 0; i < method->out_count; i++) {
                const struct proto_parameter *out = &method->out[i];
                if (out->type == PROTO_WORD) {
                        job_print(job, "%s: %llu\n", out->name,
                                  (unsigned long long)answer->words[word++]);
                        continue;
                }
                uint64_t length = answer->words[length_word++];
                if (length > answer->bytes - offset)
                        length = answer->bytes - offset;
                job_print(job, "%s: ", out->name);
                job_write(job, (const char *)answer->buffer + offset, length);
                job_print(job, "\n");
                offset += length;
        }
}

static int call(struct job *job, int count, char **arguments)
{
        const struct proto_interface *interface;
        const struct proto_method *method = method_named(arguments[2], &interface);
        const char *wrong;
        char bytes[ANSWER_BYTES];
        if (!method)
                return job_complain(job, "%s: no such INTERFACE.METHOD", arguments[2]);
        if (passes_capabilities(method))
                return job_complain(job, "%s: it passes capabilities, which have no text",
                                    arguments[2]);
        if ((unsigned)count - 3 != method->in_count)
                return job_complain(job, "%s: takes %u argument%s", arguments[2], method->in_count,
                                    method->in_count == 1 ? "" : "s");
        struct message message = {.interface = (uint16_t)interface->number,
                                  .method = (uint16_t)method->number};
        if (!fill(&message, method, arguments + 3, PROTO_WORD, &wrong))
                return job_complain(job, "%s: not a number", wrong);
        fill(&message, method, arguments + 3, PROTO_BYTES, &wrong);

        handle_t service;
        struct arrival answer;
        outcome_t outcome = bind_service(arguments[1], &service);
        if (outcome != OUTCOME_OK)
                return job_fail(job, arguments[1], outcome);
        arrival_prepare(&answer, bytes, sizeof bytes, 0);
        if (method->one_way) {
                outcome = rt_send(service, RT_DEADLINE, &message);
        } else {
                outcome = rt_call(service, RT_DEADLINE, &message, &answer);
                if (outcome == OUTCOME_OK)
                        print_answer(job, method, &answer);
        }
        sys_handle_close(service);
        return outcome == OUTCOME_OK ? STATUS_OK : job_fail(job, arguments[1], outcome);
}

const struct command call_commands[] = {
    {"call", "SERVICE INTERFACE.METHOD [ARGUMENT...]",
     "calls a method of a service, on this node or another: call n3/echo echo.say hello\n"
     "Arguments are numbers or texts, as the interface description says; prints NAME: VALUE.",
     2, -1, call},
    {0},
};
