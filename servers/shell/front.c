/* What both fronts do with what is typed; see front.h. */
#include "servers/shell/front.h"

#include "servers/shell/terminal.h"

/* The foreground's command has ended, if there was one. False: it runs. */
static bool command_over(struct front *front)
{
        int status;
        if (!front->running)
                return true;
        front->running = jobs_foreground(&status);
        if (front->running)
                return false;
        front->ended(status);
        return true;
}

bool front_work(struct front *front)
{
        bool begun = false;
        char byte;
        while (command_over(front) && terminal_has_room()) {
                if (terminal_read(&byte, 1) == 1)
                        front->take(byte);
                else if (terminal_take_gap())
                        front->lost();
                else
                        return false;
                begun = front->running;
        }
        return begun;
}
