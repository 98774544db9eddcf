/* The program of a job: runs one command of a shell's line, and ends.
 *
 *      shell ──spawn──> task with its account ──line──> command ──show──> … ──ended──> shell
 *
 * It holds what the shell gives it: a right to the shell for this one job, by which it also looks
 * up the services that its command is for (servers/shell/asks.h), and says lines of the log.
 * Commands are written as calls that block: cancelling a job ends its task. */
#include "servers/rt/task/log.h"
#include "servers/shell/commands/command.h"

int main(void)
{
        static struct job job; /* large */
        if (!job_begin(&job)) {
                rt_log("a command's task has no line");
                return STATUS_FAILED;
        }
        int status = command_run(&job, job.words.count, job.words.word);
        job_end(&job, status);
        return status;
}
