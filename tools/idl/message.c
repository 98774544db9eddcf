/* Parameters to and from struct message; see message.h. What is written here is all that stands
 * between a hostile message and a handler. */
#include "tools/idl/message.h"

#include "tools/idl/output.h"
#include "tools/idl/shapes.h"

static const char *side_name(const struct parameter *parameter, enum side side,
                             const struct method *method)
{
        return side == SIDE_IN    ? in_name(parameter)
               : side == SIDE_OUT ? out_name(method, parameter)
                                  : field_name(parameter);
}

/* ---- sending ---- */

/* The initializer of the message's words: the word parameters, then the lengths of the bytes. */
static void words_list(struct list *words, const struct parameters *parameters, enum side side,
                       const struct method *method)
{
        for (int pass = 0; pass < 2; pass++)
                for (unsigned i = 0; i < parameters->count; i++) {
                        const struct parameter *parameter = &parameters->list[i];
                        const char *name = side_name(parameter, side, method);
                        if (parameter->optional)
                                continue;
                        if (pass == 0 && parameter->type == TYPE_WORD)
                                list_add(words, "%s", name);
                        if (pass == 1 && parameter->type == TYPE_BYTES)
                                list_add(words, "%s_length", name);
                }
}

static void buffers_list(struct list *buffers, struct list *caps,
                         const struct parameters *parameters, enum side side,
                         const struct method *method)
{
        for (unsigned i = 0; i < parameters->count; i++) {
                const struct parameter *parameter = &parameters->list[i];
                const char *name = side_name(parameter, side, method);
                if (parameter->type == TYPE_BYTES && !parameter->optional)
                        list_add(buffers, "{(uint64_t)%s, %s_length}", name, name);
                if (parameter->type != TYPE_CAP)
                        continue;
                if (parameter->move && parameter->share)
                        list_add(caps, "send_cap(%s, SEND_CAP_MOVE | SEND_CAP_SHARE)", name);
                else if (parameter->move || parameter->share)
                        list_add(caps, "%s(%s)", parameter->move ? "cap_move" : "cap_share", name);
                else
                        list_add(caps, "%s", name);
        }
}

void optionals_write(FILE *file, const struct parameters *parameters, enum side side,
                     const struct method *method, const char *to)
{
        unsigned index = 0;
        for (unsigned i = 0; i < parameters->count; i++) {
                const struct parameter *parameter = &parameters->list[i];
                if (!parameter->optional)
                        continue;
                const char *name = side_name(parameter, side, method);
                bool bytes = parameter->type == TYPE_BYTES;
                struct list list = {0};
                list_add(&list, "%s", to);
                list_add(&list, "%u", base_of(parameters));
                list_add(&list, "%u", index++);
                list_add(&list, "%s", name);
                if (bytes)
                        list_add(&list, "%s_length", name);
                list_write(file,
                           bytes ? "        message_optional_bytes(" : "        message_optional(",
                           &list, "", ");\n");
        }
}

void message_write(FILE *file, const struct parameters *parameters, enum side side,
                   const struct method *method)
{
        struct list words = {0}, buffers = {0}, caps = {0};
        words_list(&words, parameters, side, method);
        buffers_list(&buffers, &caps, parameters, side, method);
        if (words.count) {
                fprintf(file, "            .word_count = %u,\n", words.count);
                list_write(file, "            .words = {", &words, "", "},\n");
        }
        if (buffers.count) {
                fprintf(file, "            .buffer_count = %u,\n", buffers.count);
                list_write(file, "            .buffers = {", &buffers, "", "},\n");
        }
        if (caps.count) {
                fprintf(file, "            .cap_count = %u,\n", caps.count);
                list_write(file, "            .caps = {", &caps, "", "},\n");
        }
        fputs("        };\n", file);
        optionals_write(file, parameters, side, method, "&rt_message");
}

/* ---- looking at what came ---- */

static bool is_checked(const struct parameter *parameter)
{
        return parameter->record || parameter->list_most || parameter->values;
}

static void optional_write(FILE *file, const struct parameters *parameters,
                           const struct parameter *parameter, const char *from, unsigned index)
{
        struct list list = {0};
        list_add(&list, "%swords", from);
        list_add(&list, "%sword_count", from);
        list_add(&list, "%u", base_of(parameters));
        list_add(&list, "%u", index);
        if (parameter->type == TYPE_BYTES) {
                list_add(&list, "&rt_next");
                list_add(&list, "&rt_%s_length", parameter->name);
                fprintf(file, "        size_t rt_%s_length;\n", parameter->name);
                fprintf(file, "        const void *rt_%s_bytes =\n", parameter->name);
                list_write(file, "            optional_bytes_at(", &list, "", ");\n");
        } else {
                fprintf(file, "        struct optional_word rt_%s_word =\n", parameter->name);
                list_write(file, "            optional_at(", &list, "", ");\n");
        }
}

void variables_write(FILE *file, const struct parameters *parameters, const char *from,
                     const char *bytes)
{
        unsigned length = parameters_of(parameters, TYPE_WORD), optional = 0;
        bool walks = false;
        for (unsigned i = 0; i < parameters->count; i++) {
                const struct parameter *parameter = &parameters->list[i];
                walks = walks || (parameter->type == TYPE_BYTES &&
                                  (is_checked(parameter) || parameter->optional));
        }
        if (walks)
                fprintf(file, "        const uint8_t *rt_next = %s;\n", bytes);
        for (unsigned i = 0; i < parameters->count; i++) {
                const struct parameter *parameter = &parameters->list[i];
                if (parameter->optional) {
                        optional_write(file, parameters, parameter, from, optional++);
                } else if (parameter->type == TYPE_BYTES && walks) {
                        if (is_checked(parameter))
                                fprintf(file, "        const void *rt_%s_bytes = rt_next;\n",
                                        parameter->name);
                        fprintf(file, "        rt_next += %swords[%u];\n", from, length++);
                }
        }
}

/* The condition under which a word is none of its enum. */
static void word_check(FILE *file, const struct interface *interface,
                       const struct parameter *parameter, const char *from, unsigned place)
{
        const char *name = parameter->name, *values = parameter->values->name;
        if (parameter->optional)
                fprintf(file, "(rt_%s_word.given && !%s_%s_is(rt_%s_word.word))", name,
                        interface->name, values, name);
        else
                fprintf(file, "!%s_%s_is(%swords[%u])", interface->name, values, from, place);
}

/* The same of a record or a list. A record that is given is one. */
static void elements_check_write(FILE *file, const struct interface *interface,
                                 const struct parameter *parameter, const char *from,
                                 unsigned place)
{
        const char *name = parameter->name;
        fprintf(file, "!elements_check(rt_%s_bytes, ", name);
        if (parameter->optional)
                fprintf(file, "rt_%s_length, ", name);
        else
                fprintf(file, "%swords[%u], ", from, place);
        if (parameter->list_most)
                fprintf(file, "0, %u, ", parameter->list_most);
        else if (parameter->optional)
                fprintf(file, "rt_%s_bytes ? 1 : 0, 1, ", name);
        else
                fputs("1, 1, ", file);
        if (parameter->record)
                fprintf(file, "%s_%s_pass)", interface->name, parameter->record->name);
        else if (parameter->values)
                fprintf(file, "%s_%s_pass)", interface->name, parameter->values->name);
        else
                fputs(parameter->element == TYPE_WORD ? "word_pass)" : "bytes_pass)", file);
}

bool checks_write(FILE *file, const struct interface *interface,
                  const struct parameters *parameters, const char *from)
{
        bool written = false;
        unsigned word = 0, length = parameters_of(parameters, TYPE_WORD);
        for (unsigned i = 0; i < parameters->count; i++) {
                const struct parameter *parameter = &parameters->list[i];
                if (is_checked(parameter)) {
                        fputs(written ? " ||\n            " : "        if (", file);
                        written = true;
                        if (parameter->type == TYPE_WORD)
                                word_check(file, interface, parameter, from, word);
                        else
                                elements_check_write(file, interface, parameter, from, length);
                }
                word += parameter->type == TYPE_WORD && !parameter->optional;
                length += parameter->type == TYPE_BYTES && !parameter->optional;
        }
        if (written)
                fputs(")", file);
        return written;
}
