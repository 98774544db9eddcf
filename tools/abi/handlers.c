/* How the kernel's handlers get their arguments: a macro HANDLER_NAME a system call, to be included
 * by kernel/syscall/syscall.h, which says what becomes of an argument. It makes syscall_NAME(),
 * which finds the objects and checks their rights, and begins the function that follows it. */
#include <ctype.h>
#include <string.h>
#include "tools/abi/list.h"

/* The objects that are not simply found as `struct OBJECT`: the macro that does it, what a handler
 * gets, and where the handle is 0, if that is not NULL. */
static const struct {
        const char *object, *type, *get, *own;
} objects[] = {
    {"ACCOUNT", "struct account *", "GET_ACCOUNT", "caller->task->object.account"},
    {"NONE", "struct slot *", "GET_SLOT", "NULL"},
    {"TASK", "struct task *", NULL, "caller->task"},
    {"THREAD", "struct thread *", NULL, "caller"},
};
enum { OBJECTS = sizeof objects / sizeof *objects };

static unsigned object_index(const struct kind *kind)
{
        unsigned at = 0;
        while (at < OBJECTS && strcmp(kind->object, objects[at].object))
                at++;
        return at;
}

static void print_lower(FILE *file, const char *text)
{
        for (; *text; text++)
                fputc(tolower((unsigned char)*text), file);
}

static void type_write(FILE *file, const struct kind *kind)
{
        if (!kind->object) {
                fputs("uint64_t ", file);
        } else if (object_index(kind) < OBJECTS) {
                fputs(objects[object_index(kind)].type, file);
        } else {
                fputs("struct ", file);
                print_lower(file, kind->object);
                fputs(" *", file);
        }
}

static void head_write(FILE *file, const struct system_call *call)
{
        fprintf(file,
                "        static inline __attribute__((always_inline)) outcome_t do_%s(UNUSED "
                "struct thread *caller",
                call->name);
        for (unsigned i = 0; i < call->in.count; i++) {
                fputs(", UNUSED ", file);
                type_write(file, call->in.list[i].kind);
                fputs(call->in.list[i].kind->name, file);
        }
        fputc(')', file);
}

static void object_write(FILE *file, const struct parameter *parameter, unsigned index)
{
        const struct kind *kind = parameter->kind;
        unsigned object = object_index(kind);
        fputs("                ", file);
        type_write(file, kind);
        fprintf(file, "%s = %s; \\\n                ", kind->name,
                parameter->optional && object < OBJECTS ? objects[object].own : "NULL");
        if (parameter->optional)
                fprintf(file, "if (argument(caller, %u)) ", index);
        if (object < OBJECTS && objects[object].get) {
                fprintf(file, "%s(caller, %u", objects[object].get, index);
        } else {
                fprintf(file, "GET_OBJECT(caller, %u, ", index);
                print_lower(file, kind->object);
        }
        fputs(", 0", file);
        for (const char *at = parameter->rights; *at; at += strspn(at, " ")) {
                int length = (int)strcspn(at, " ");
                fprintf(file, " | RIGHT_%.*s", length, at);
                at += length;
        }
        fprintf(file, ", %s); \\\n", kind->name);
}

static void handler_write(FILE *file, const struct system_call *call)
{
        fprintf(file, "\n#define HANDLER_%s \\\n", call->name);
        head_write(file, call);
        fprintf(file,
                "; \\\n"
                "        outcome_t syscall_%s(struct thread *caller) \\\n"
                "        { \\\n",
                call->name);
        for (unsigned i = 0; i < call->in.count; i++) {
                const struct kind *kind = call->in.list[i].kind;
                if (kind->object)
                        object_write(file, &call->in.list[i], i);
                if (kind->object && !strcmp(kind->object, "TASK") &&
                    word_in(call->errors, "NOT_RUNNING"))
                        fprintf(file, "                CHECK_RUNNING(%s); \\\n", kind->name);
        }
        fprintf(file, "                return do_%s(caller", call->name);
        for (unsigned i = 0; i < call->in.count; i++) {
                if (call->in.list[i].kind->object)
                        fprintf(file, ", %s", call->in.list[i].kind->name);
                else
                        fprintf(file, ", argument(caller, %u)", i);
        }
        fputs("); \\\n        } \\\n", file);
        head_write(file, call);
        fputc('\n', file);
}

void handlers_write(FILE *file)
{
        fputs("/* The arguments of system calls, made from kernel/abi/syscalls.def by tools/abi. "
              "*/\n",
              file);
        for (unsigned i = 0; i < call_count; i++)
                if (!calls[i].message)
                        handler_write(file, &calls[i]);
}
