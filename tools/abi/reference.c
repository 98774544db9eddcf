/* The reference of the kernel's interface: one page of Markdown, and a manual page a call. */
#include <string.h>
#include "kernel/abi/message.h"
#include "kernel/abi/outcome.h"
#include "tools/abi/list.h"

static const struct {
        const char *name, *text;
        unsigned number;
} reasons[] = {
#define REASON(name, number, text) {#name, text, number},
#include "kernel/abi/errors.def"
#undef REASON
};

static const struct {
        const char *name, *text;
} rights[] = {
#define RIGHT(name, bit, text) {#name, text},
#include "kernel/abi/rights.def"
#undef RIGHT
};

static const struct {
        const char *name, *badge, *words, *text;
        unsigned method;
} notices[] = {
#define NOTICE(name, method, badge, words, text) {#name, badge, words, text, method},
#include "kernel/abi/notices.def"
#undef NOTICE
};

enum {
        REASONS = sizeof reasons / sizeof reasons[0],
        RIGHTS = sizeof rights / sizeof rights[0],
        NOTICES = sizeof notices / sizeof notices[0],
};

/* What a call can end with: what its handles can be wrong in, then its own. */
static bool can_end_with(const struct system_call *call, const char *reason)
{
        for (unsigned i = 0; i < call->in.count; i++) {
                const struct parameter *parameter = &call->in.list[i];
                if (!parameter->kind || !parameter->kind->object)
                        continue;
                if (!strcmp(reason, "BAD_HANDLE") ||
                    (!strcmp(reason, "WRONG_TYPE") && strcmp(parameter->kind->object, "NONE")) ||
                    (!strcmp(reason, "REFUSED") && *parameter->rights))
                        return true;
        }
        return word_in(call->errors, reason);
}

/* ---- Markdown ---- */

static void parameters_print(FILE *file, const struct parameters *parameters)
{
        for (unsigned i = 0; i < parameters->count; i++) {
                const struct parameter *parameter = &parameters->list[i];
                const char *name = parameter->kind ? parameter->kind->name : "-";
                fprintf(file, "%s%s%s", i ? ", " : "", name, parameter->optional ? "?" : "");
        }
}

static void parameters_explain(FILE *file, const struct parameters *parameters, const char *what)
{
        for (unsigned i = 0; i < parameters->count; i++) {
                const struct parameter *parameter = &parameters->list[i];
                if (!parameter->kind)
                        continue;
                fprintf(file, "- %s `%s`: %s%s", what, parameter->kind->name, parameter->kind->text,
                        parameter->optional ? "; 0: the caller's own, or none" : "");
                if (*parameter->rights)
                        fprintf(file, "; with %s", parameter->rights);
                fputc('\n', file);
        }
}

static void call_print(FILE *file, const struct system_call *call)
{
        fprintf(file, "\n### %s (%u)\n\n`%s(", call->name, call->number, call->name);
        parameters_print(file, &call->in);
        fputc(')', file);
        if (call->out.count) {
                fputs(" -> ", file);
                parameters_print(file, &call->out);
        }
        fprintf(file, "`\n\n%s.\n\n", call->text);
        parameters_explain(file, &call->in, "takes");
        parameters_explain(file, &call->out, "gives");
        fputs("- ends with: ok", file);
        for (unsigned i = 0; i < REASONS; i++)
                if (can_end_with(call, reasons[i].name))
                        fprintf(file, ", %s", reasons[i].text);
        fputc('\n', file);
}

void reference_write(FILE *file)
{
        fputs("# The kernel's interface\n\nMade from the lists in kernel/abi.\n\n"
              "## System calls\n\nNumbers in parentheses, from SYSCALL_BASE on. "
              "`?`: the handle may be 0.\n",
              file);
        for (unsigned i = 0; i < call_count; i++)
                call_print(file, &calls[i]);
        fputs("\n## Messages of the kernel\n\n| method | badge | words | when |\n| --- | --- | --- "
              "| --- "
              "|\n",
              file);
        for (unsigned i = 0; i < NOTICES; i++)
                fprintf(file, "| %s (%u) | %s | %s | %s |\n", notices[i].name, notices[i].method,
                        notices[i].badge, notices[i].words, notices[i].text);
        fputs("\n## Rights of a handle\n\n| right | allows |\n| --- | --- |\n", file);
        for (unsigned i = 0; i < RIGHTS; i++)
                fprintf(file, "| %s | %s |\n", rights[i].name, rights[i].text);
        fputs("\n## Errors\n\n| number | name | text |\n| --- | --- | --- |\n", file);
        for (unsigned i = 0; i < REASONS; i++)
                fprintf(file, "| %u | %s | %s |\n", reasons[i].number, reasons[i].name,
                        reasons[i].text);
}

/* ---- manual pages (man 7 man) ---- */

static void synopsis_write(FILE *file, const struct system_call *call)
{
        fprintf(file, ".SH SYNOPSIS\n.nf\n.B #include \\(dqservers/rt/message/%s.h\\(dq\n.PP\n",
                call->message ? "message" : "syscall");
        if (call->message) {
                fprintf(file, "SYSCALL_%s: ", call->name);
                parameters_print(file, &call->in);
                fputs("\n.fi\n", file);
                return;
        }
        fprintf(file, "outcome_t \\fBsys_%s\\fR(", call->name);
        for (unsigned i = 0; i < call->in.count; i++)
                fprintf(file, "%s%s \\fI%s\\fR", i ? ", " : "", call->in.list[i].kind->type,
                        call->in.list[i].kind->name);
        for (unsigned i = 0; i < call->out.count; i++)
                fprintf(file, "%s%s *\\fI%s\\fR", i || call->in.count ? ", " : "",
                        call->out.list[i].kind->type, call->out.list[i].kind->name);
        fputs(call->in.count + call->out.count ? ");\n.fi\n" : "void);\n.fi\n", file);
}

static void arguments_write(FILE *file, const struct parameters *parameters)
{
        for (unsigned i = 0; i < parameters->count; i++) {
                const struct parameter *parameter = &parameters->list[i];
                if (!parameter->kind)
                        continue;
                fprintf(file, ".TP\n.I %s\n%s%s", parameter->kind->name, parameter->kind->text,
                        parameter->optional ? "; 0: the caller's own, or none" : "");
                fprintf(file, "%s%s.\n", *parameter->rights ? "; with " : "", parameter->rights);
        }
}

void manual_write(FILE *file, const struct system_call *call)
{
        fprintf(file, ".TH %s 2 \\(dq\\(dq Portolan \\(dqSystem calls\\(dq\n.SH NAME\n%s \\- %s\n",
                call->name, call->name, call->text);
        synopsis_write(file, call);
        fprintf(file, ".SH DESCRIPTION\nSystem call %u: %s.\n", call->number, call->text);
        arguments_write(file, &call->in);
        arguments_write(file, &call->out);
        fputs(".SH ERRORS\n", file);
        for (unsigned i = 0; i < REASONS; i++)
                if (can_end_with(call, reasons[i].name))
                        fprintf(file, ".TP\n.B REASON_%s\n%s.\n", reasons[i].name, reasons[i].text);
        fputs(".SH SEE ALSO\nkernel/abi/message.h, kernel/CAVEATS.md\n", file);
}
