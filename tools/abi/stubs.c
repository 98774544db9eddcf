/* The stubs: an inline function sys_NAME a call, to be included by servers/rt/message/syscall.h,
 * which has sys_registers(). A result may be NULL, and is 0 unless the outcome is ok; one with the
 * name of an argument is called NAME_out. */
#include <string.h>
#include "tools/abi/list.h"

/* Of the arguments; the first of them have the results. */
static const char *const registers[] = {"rdi", "rsi", "rdx", "r10", "r8", "r9"};

static bool has_argument(const struct system_call *call, const char *name)
{
        for (unsigned i = 0; i < call->in.count; i++)
                if (!strcmp(call->in.list[i].kind->name, name))
                        return true;
        return false;
}

static void declare(FILE *file, unsigned *count, const char *type, const char *pointer,
                    const char *name, const char *suffix)
{
        bool is_pointer = type[strlen(type) - 1] == '*';
        fprintf(file, "%s%s%s%s%s%s", (*count)++ ? ", " : "", type, is_pointer ? "" : " ", pointer,
                name, suffix);
}

static void stub_write(FILE *file, const struct system_call *call)
{
        unsigned count = 0;
        fprintf(file, "\n/* %s */\nstatic inline outcome_t sys_%s(", call->text, call->name);
        for (unsigned i = 0; i < call->in.count; i++)
                declare(file, &count, call->in.list[i].kind->type, "", call->in.list[i].kind->name,
                        "");
        for (unsigned i = 0; i < call->out.count; i++) {
                const struct kind *kind = call->out.list[i].kind;
                declare(file, &count, kind->type, "*", kind->name,
                        has_argument(call, kind->name) ? "_out" : "");
        }
        fprintf(file, "%s)\n{\n        struct syscall_registers own = {", count ? "" : "void");
        for (unsigned i = 0; i < call->in.count; i++)
                fprintf(file, "%s.%s = (uint64_t)%s", i ? ", " : "", registers[i],
                        call->in.list[i].kind->name);
        fprintf(file, "%s};\n        outcome_t outcome = sys_registers(SYSCALL_%s, &own);\n",
                call->in.count ? "" : ".rdi = 0", call->name);
        for (unsigned i = 0; i < call->out.count; i++) {
                const struct kind *kind = call->out.list[i].kind;
                const char *suffix = has_argument(call, kind->name) ? "_out" : "";
                fprintf(file,
                        "        if (%s%s)\n                *%s%s = outcome == OUTCOME_OK ? "
                        "(%s)own.%s : (%s)0;\n",
                        kind->name, suffix, kind->name, suffix, kind->type, registers[i],
                        kind->type);
        }
        fputs("        return outcome;\n}\n", file);
}

void stubs_write(FILE *file)
{
        fputs("/* The native system calls, made from kernel/abi/syscalls.def by tools/abi. */\n",
              file);
        for (unsigned i = 0; i < call_count; i++)
                if (!calls[i].message)
                        stub_write(file, &calls[i]);
}
