/* A test double for QEMU: started by ptl (PTL_QEMU) with QEMU's arguments in the run directory, it
 * plays a node that boots at once, and serves its two shells:
 *
 *      FAKE_n2=hang:kernel     n2 says no more behind that stage
 *      FAKE_n2=exit:kernel     … and QEMU ends with status 3
 *      FAKE_n2=panic:kernel    … and the kernel panics
 *      FAKE_n2=fewer           n2's file server serves less than it was given
 *      FAKE_n2=mute            … and says nothing of what it serves
 *
 * The batch shell knows `echo TEXT`, `fail STATUS`, `later STATUS`, `wait`, `exit STATUS`, `mark`
 * (prints a 0x1e), `hang` (until 0x03), `die` (QEMU ends), `anew` (the shell dies over it, and
 * another starts) and `nodes`; the interactive one echoes what is typed, and `x` leaves it. */
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { NODES = 16, CANCEL = 3, CANCELLED = 130 };

struct port {
        int listener, client;
        size_t used;
        char line[2048];
        bool hangs;
        int later; /* status of a job in the background */
};

static const char *node_name = "n1";

static int listen_at(const char *name)
{
        struct sockaddr_un address = {.sun_family = AF_UNIX};
        int fd = socket(AF_UNIX, SOCK_STREAM, 0);
        snprintf(address.sun_path, sizeof address.sun_path, "%.3s/%s.sock", node_name, name);
        if (bind(fd, (struct sockaddr *)&address, sizeof address) || listen(fd, 8)) {
                perror(address.sun_path);
                exit(1);
        }
        return fd;
}

static void log_say(const char *text)
{
        char path[64];
        snprintf(path, sizeof path, "%.3s/serial.log", node_name);
        FILE *file = fopen(path, "a");
        if (!file)
                exit(1);
        fprintf(file, "%s\n", text);
        fclose(file);
}

/* What FAKE_nK asks for. */
static const char *fate(void)
{
        char variable[16];
        snprintf(variable, sizeof variable, "FAKE_%.3s", node_name);
        const char *value = getenv(variable);
        return value ? value : "";
}

/* And what becomes of it behind this stage. */
static void stage_say(const char *stage, const char *text)
{
        char line[256];
        snprintf(line, sizeof line, "boot: %s%s", stage, text);
        const char *where = strchr(fate(), ':');
        log_say(line);
        if (!where || strcmp(where + 1, stage))
                return;
        if (!strncmp(fate(), "exit", 4)) {
                fprintf(stderr, "fake: ends on demand\n");
                exit(3);
        }
        if (!strncmp(fate(), "panic", 5))
                log_say("kernel panic: on demand\n  at fake_function");
        for (;;)
                pause();
}

static void boot(void)
{
        char peers[128] = "", name[8];
        for (unsigned n = 1; n <= NODES; n++) {
                snprintf(name, sizeof name, "n%u", n);
                if (strcmp(name, node_name) && !access(name, F_OK))
                        snprintf(peers + strlen(peers), sizeof peers - strlen(peers), " %s", name);
        }
        stage_say("kernel", " fake");
        stage_say("init", "");
        stage_say("servers", "");
        if (strcmp(fate(), "mute"))
                log_say(strcmp(fate(), "fewer") ? "fs: boot: files 1 of 1"
                                                : "fs: boot: files 1 of 2");
        stage_say("shell", "");
        stage_say("joined", peers);
}

__attribute__((format(printf, 2, 3))) static void say(struct port *port, const char *format, ...)
{
        va_list values;
        va_start(values, format);
        vdprintf(port->client, format, values);
        va_end(values);
}

static void batch_line(struct port *batch, const char *line)
{
        int status = 0;
        if (!strncmp(line, "echo ", 5)) {
                say(batch, "%s\n", line + 5);
        } else if (!strcmp(line, "nodes")) {
                say(batch, "n1 up epoch 5f\nn2 dead node died\n");
        } else if (!strcmp(line, "mark")) {
                say(batch, "<\x1e\x1e"
                           "0\n>\n");
        } else if (!strcmp(line, "hang")) {
                batch->hangs = true;
                return;
        } else if (!strcmp(line, "die")) {
                exit(0);
        } else if (!strcmp(line, "anew")) {
                say(batch, "half\x1e"
                           "1\x1e\n");
                return;
        } else if (!strncmp(line, "fail ", 5)) {
                status = atoi(line + 5);
        } else if (!strncmp(line, "later ", 6)) {
                batch->later = atoi(line + 6);
        } else if (!strcmp(line, "wait")) {
                status = batch->later;
                if (status)
                        say(batch, "later: failed\n");
                batch->later = 0;
        } else if (!strncmp(line, "exit", 4)) {
                status = atoi(line + 4);
        } else if (*line) {
                say(batch, "%s: no such command\n", line);
                status = 127;
        }
        say(batch, "\x1e%d\n", status);
}

static void batch_byte(struct port *batch, char byte)
{
        if (byte == CANCEL && batch->hangs) {
                batch->hangs = false;
                say(batch, "\x1e%d\n", CANCELLED);
        } else if (batch->hangs || byte == CANCEL) {
                return;
        } else if (byte != '\n') {
                batch->line[batch->used++ % sizeof batch->line] = byte;
        } else {
                batch->line[batch->used] = 0;
                batch->used = 0;
                batch_line(batch, batch->line);
        }
}

/* A terminal's size ends with a t: it is its user's first word. */
static void shell_byte(struct port *shell, char byte)
{
        if (byte == 't')
                say(shell, "\r\nn1> ");
        else if (byte == 'x')
                say(shell, "\x1e"
                           "exit\n");
        else
                say(shell, "%c", byte);
}

static void port_serve(struct port *port, short listener, short client,
                       void byte(struct port *, char))
{
        char bytes[512];
        if (client) {
                ssize_t count = read(port->client, bytes, sizeof bytes);
                for (ssize_t i = 0; i < count; i++)
                        byte(port, bytes[i]);
                if (count <= 0) {
                        close(port->client);
                        port->client = -1;
                }
        } else if (listener && port->client < 0) {
                port->client = accept(port->listener, NULL, NULL);
        }
}

int main(int argc, char **argv)
{
        for (int i = 1; i + 1 < argc; i++)
                if (!strcmp(argv[i], "-name"))
                        node_name = argv[i + 1];
        signal(SIGPIPE, SIG_IGN);
        static struct port batch = {.client = -1}, shell = {.client = -1};
        batch.listener = listen_at("batch");
        shell.listener = listen_at("shell");
        boot();
        for (;;) {
                struct pollfd wait[] = {
                    {.fd = batch.client < 0 ? batch.listener : -1, .events = POLLIN},
                    {.fd = batch.client, .events = POLLIN},
                    {.fd = shell.client < 0 ? shell.listener : -1, .events = POLLIN},
                    {.fd = shell.client, .events = POLLIN}};
                if (poll(wait, 4, -1) < 0)
                        return 1;
                port_serve(&batch, wait[0].revents, wait[1].revents, batch_byte);
                port_serve(&shell, wait[2].revents, wait[3].revents, shell_byte);
        }
}
