/* The tables are compiled in; what stands in strings is taken apart and checked here. */
#include "tools/abi/list.h"
#include <string.h>
#include "kernel/abi/syscall.h"

const struct kind kinds[] = {
#define HANDLE(name, object, text) {#name, "handle_t", #object, text},
#define VALUE(name, type, text)    {#name, #type, NULL, text},
#include "kernel/abi/arguments.def"
#undef HANDLE
#undef VALUE
};
const unsigned kind_count = sizeof kinds / sizeof kinds[0];

struct system_call calls[] = {
#define MESSAGE_CALL(number, name, arguments, errors, text)                                        \
        {true, number, #name, arguments, "", errors, text, {{{0}}, 0}, {{{0}}, 0}},
#define SYSCALL(number, name, arguments, results, errors, text)                                    \
        {false, number, #name, arguments, results, errors, text, {{{0}}, 0}, {{{0}}, 0}},
#include "kernel/abi/syscalls.def"
#undef MESSAGE_CALL
#undef SYSCALL
};
const unsigned call_count = sizeof calls / sizeof calls[0];

static const char reasons[] =
#define REASON(name, number, text) #name " "
#include "kernel/abi/errors.def"
#undef REASON
    ;

static const char rights[] =
#define RIGHT(name, bit, text) #name " "
#include "kernel/abi/rights.def"
#undef RIGHT
    ;

bool word_in(const char *words, const char *word)
{
        size_t length = strlen(word);
        for (const char *at = words; (at = strstr(at, word)); at += length)
                if ((at == words || at[-1] == ' ') && (!at[length] || at[length] == ' '))
                        return true;
        return false;
}

/* Whether each word of a list is in another; else names the first that is not. */
static bool words_known(const struct system_call *call, const char *list, const char *known,
                        const char *what)
{
        char copy[256], *rest;
        snprintf(copy, sizeof copy, "%s", list);
        for (char *word = strtok_r(copy, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
                if (word_in(known, word))
                        continue;
                fprintf(stderr, "syscalls.def: %s: there is no %s %s\n", call->name, what, word);
                return false;
        }
        return true;
}

static const struct kind *kind_find(const char *name, size_t length)
{
        for (unsigned i = 0; i < kind_count; i++)
                if (strlen(kinds[i].name) == length && !memcmp(kinds[i].name, name, length))
                        return &kinds[i];
        return NULL;
}

/* One of `NAME`, `NAME?`, `NAME[RIGHT…]`, `NAME?[RIGHT…]`, `-`. */
static bool parameter_parse(const struct system_call *call, const char *text, size_t length,
                            struct parameter *parameter)
{
        size_t name = strcspn(text, "?[,");
        if (length == 1 && *text == '-')
                return true;
        parameter->kind = kind_find(text, name);
        const char *rest = text + name, *end = text + length;
        if (rest < end && *rest == '?') {
                parameter->optional = true;
                rest++;
        }
        if (rest < end && *rest == '[' && end[-1] == ']') {
                snprintf(parameter->rights, sizeof parameter->rights, "%.*s", (int)(end - rest - 2),
                         rest + 1);
                rest = end;
        }
        bool handle = parameter->kind && parameter->kind->object;
        if (!parameter->kind || rest != end || (!handle && end != text + name)) {
                fprintf(stderr, "syscalls.def: %s: `%.*s` is not in arguments.def\n", call->name,
                        (int)length, text);
                return false;
        }
        return words_known(call, parameter->rights, rights, "right");
}

static bool parameters_parse(const struct system_call *call, const char *text,
                             struct parameters *parameters)
{
        while (*text) {
                size_t length = strcspn(text, ",");
                if (parameters->count == PARAMETERS_MAX) {
                        fprintf(stderr, "syscalls.def: %s: more than %d arguments\n", call->name,
                                PARAMETERS_MAX);
                        return false;
                }
                if (!parameter_parse(call, text, length, &parameters->list[parameters->count++]))
                        return false;
                text += length;
                text += strspn(text, ", ");
        }
        return true;
}

bool list_parse(void)
{
        bool good = true;
        for (unsigned i = 0; i < call_count; i++) {
                struct system_call *call = &calls[i];
                good &= parameters_parse(call, call->arguments, &call->in);
                good &= parameters_parse(call, call->results, &call->out);
                good &= words_known(call, call->errors, reasons, "error");
        }
        return good;
}
