/* How processes end: by themselves, by a fault, by somebody's word. The status stays until the
 * owner's right is gone. */
#include <assert.h>
#include <signal.h>
#include <string.h>

#include "servers/process/process.h"
#include "servers/proto/faults.h"
#include "servers/proto/process.h"
#include "servers/rt/task/backtrace.h"
#include "servers/rt/task/log.h"

/* A large frame steps over the end of a stack, hardly farther than that. */
enum { STACK_BELOW = 1 << 20 };

/* Answers those who wait for this turn, or all. */
static void waiters_answer(struct process *process, uint64_t status, enum process_turn turn)
{
        for (unsigned i = 0; i < WAITERS; i++) {
                struct waiter *waiter = &process->waiters[i];
                if (!waiter->reply || (turn && waiter->turn != turn))
                        continue;
                process_wait_reply(waiter->reply, status);
                waiter->reply = 0;
        }
}

uint64_t process_spent(const struct process *process)
{
        struct task_info info = {0};
        if (process->spawned.task)
                sys_task_info(process->spawned.task, &info);
        return process->spent + info.cpu_time;
}

void process_end(struct process *process, uint64_t status)
{
        if (process->stage == PROCESS_STAGE_ENDED)
                return;
        replace_drop(process);
        process->spent = process_spent(process);
        if (process->spawned.account)
                spawn_destroy(&process->spawned);
        load_drop(process);
        process->stage = PROCESS_STAGE_ENDED;
        process->status = status;
        process->stopped = 0;
        if (process->starter)
                rt_reply_outcome(process->starter, answered(REASON_CANCELLED));
        process->starter = 0;
        waiters_answer(process, status, PROCESS_TURN_NONE);
        family_release(process);
        family_ended(process);
}

void ends_stopped(struct process *process)
{
        assert(process->stopped);
        waiters_answer(process, PROCESS_STOPPED | process->stopped, PROCESS_TURN_STOPS);
}

void ends_continued(struct process *process)
{
        assert(!process->stopped);
        waiters_answer(process, PROCESS_CONTINUED, PROCESS_TURN_GOES_ON);
}

outcome_t ends_wait(struct process *process, handle_t reply, enum process_turn turn)
{
        assert(process->stage != PROCESS_STAGE_ENDED);
        for (unsigned i = 0; i < WAITERS; i++) {
                if (process->waiters[i].reply)
                        continue;
                process->waiters[i] = (struct waiter){reply, turn};
                return RT_DEFERRED;
        }
        return answered(REASON_OVERLOADED);
}

bool ends_forget(handle_t reply)
{
        for (unsigned i = 0; i < PROCESSES; i++)
                for (unsigned j = 0; j < WAITERS; j++)
                        if (processes.list[i].waiters[j].reply == reply) {
                                processes.list[i].waiters[j].reply = 0;
                                return true;
                        }
        return false;
}

void ends_look(void)
{
        for (unsigned i = 0; i < PROCESSES; i++) {
                struct process *process = &processes.list[i];
                uint64_t alive, status;
                if (process->stage == PROCESS_STAGE_RUNNING &&
                    sys_task_status(process->spawned.task, &alive, &status) == OUTCOME_OK && !alive)
                        process_end(process, status);
        }
}

/* signal(7), and what Linux sends for the processor's exceptions. */
static unsigned fault_signal(uint64_t reason)
{
        switch (reason) {
        case FAULT_INSTRUCTION:
                return SIGILL;
        case FAULT_ARITHMETIC:
                return SIGFPE;
        case FAULT_BREAKPOINT:
                return SIGTRAP;
        case FAULT_ALIGNMENT:
                return SIGBUS;
        default:
                return SIGSEGV;
        }
}

/* What is said of a fault near the stack's end. */
static const char *stack_text(const struct process *process, uint64_t reason, uint64_t address)
{
        const struct spawned *spawned = &process->spawned;
        if (reason != FAULT_PAGE || address >= spawned->stack_low ||
            address + STACK_BELOW < spawned->stack_end)
                return "";
        return address < spawned->stack_end
                   ? ": its stack is used up"
                   : ": what it may use does not suffice for its stack (run -m)";
}

/* Puts registers and fault where the thread's layer finds them; false: the place is not what the
 * process has said. */
static bool fault_tell(const struct process *process, const struct thread_fault *fault)
{
        const handle_t task = process->spawned.task;
        uint64_t thread;
        return sys_task_read(task, fault->registers.gs_base + process->fault_place, &thread,
                             sizeof thread) == OUTCOME_OK &&
               sys_task_write(task, thread, fault, sizeof *fault) == OUTCOME_OK;
}

/* Hands a fault to the thread's own layer, where it goes on: at what handles faults, or, if the
 * layer was looking for memory, where it finds that there is none. False: nobody has asked for it,
 * or the fault is the layer's own. */
static bool fault_pass(struct process *process, struct request *request)
{
        static struct thread_fault fault; /* the answer is sent before the next request */
        struct registers *registers = &fault.registers;
        if (!process->fault_entry || request->byte_count != sizeof *registers)
                return false;
        memcpy(registers, request->bytes, sizeof *registers);
        fault.reason = request->words[0];
        fault.address = request->words[1];
        fault.error = request->words[5];
        if (registers->rip >= process->probe && registers->rip < process->probe_end)
                registers->rip = process->probe_end;
        else if (registers->rip >= LAYER_START && registers->rip < LAYER_END)
                return false;
        else if (fault_tell(process, &fault))
                registers->rip = process->fault_entry;
        else
                return false;
        message_clear(&request->answer);
        request->answer.buffers[0] =
            (struct message_buffer){(uint64_t)registers, sizeof *registers};
        request->answer.buffer_count = 1;
        return true;
}

void ends_by_fault(struct process *process, uint64_t reason, uint64_t address, uint64_t instruction,
                   bool shortage)
{
        rt_log("%s (%lu): %s at 0x%lx of its file, address 0x%lx%s", process->name, process->id,
               fault_text(reason), instruction - process->spawned.displacement, address,
               shortage ? ": it touches more memory than it may use (run -m)"
                        : stack_text(process, reason, address));
        process_end(process, PROCESS_SIGNALLED + (shortage ? SIGBUS : fault_signal(reason)));
}

/* The task is stopped by the answer, and ends when the loop sees that its process has. */
outcome_t ends_fault(struct server *server, struct request *request)
{
        (void)server;
        struct process *process = process_find(badge_id(request->badge));
        if (badge_kind(request->badge) != BADGE_FAULT || !process ||
            process->stage != PROCESS_STAGE_RUNNING || request->word_count < 6)
                return answered(REASON_REFUSED);
        const uint64_t reason = request->words[0], address = request->words[1];
        if (reason == FAULT_PAGE && spawn_stack_grow(&process->spawned, address))
                return OUTCOME_OK;
        if (fault_pass(process, request))
                return OUTCOME_OK;
        ends_by_fault(process, reason, address, request->words[2], false);
        return answered(REASON_REFUSED);
}
