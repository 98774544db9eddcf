/* One connection of `ptl run` or `ptl push` (servers/common/remote.h): a program, its file, and its
 * streams; or a component's new program.
 *
 *      line ──RUN, PROGRAM──> file ──interface file──> process server
 *           ──INPUT──> pending ──────> pipe ──> its 0
 *           <──OUTPUT, ERRORS── sources <── pipes <── its 1 and 2
 *           ──INPUT, SIZE──> keys ──> terminal <──> those of 0, 1 and 2 that the host has there
 *           <──SCREEN── echo, source <──┘
 *
 *      IDLE ──begin──> WAITING ──RUN──> STARTING ──it runs──> RUNNING
 *       ^                 │                │ refused             │ ended, and all is said
 *       │                 └────────────────┴─────────┬───────────┘
 *       └── no call is under way ── LEAVING <────────┘ the host closes the line
 *
 * A push is STARTING to its end: what is told then is how init has taken it (install.h).
 *
 * The session holds the right to the process, which ends with it. Each kind of call is under way at
 * most once; its buffer is not touched meanwhile. What the host sends is hostile: what is out of
 * place ends the session.
 *
 * Context: the agent's one thread. Only making a process, a signal to it and its keys wait, for two
 * servers of this node. */
#ifndef AGENT_SESSION_H
#define AGENT_SESSION_H

#include <stdbool.h>
#include "servers/agent/file.h"
#include "servers/agent/install.h"
#include "servers/common/remote.h"
#include "servers/rt/serve/serve.h"

enum {
        SESSIONS = 4,
        CHUNK = 4096,
        WRONG_BYTES = 256,
        SOURCE_SCREEN = 2, /* behind standard output and standard error: the terminal */
        SOURCES = 3,
        KEYS_MOST = 512,
        ECHO_MOST = 8192, /* of the keys, at most (servers/stream/terminal.h) */
};

enum session_stage {
        SESSION_IDLE,
        SESSION_WAITING,
        SESSION_STARTING,
        SESSION_RUNNING,
        SESSION_LEAVING
};

/* The calls of a session, each with a call object of its own. */
enum session_call {
        CALL_LINE_READ,
        CALL_LINE_WRITE,
        CALL_INPUT,
        CALL_SOURCE, /* and the one behind it */
        CALL_START = CALL_SOURCE + SOURCES,
        CALL_WAIT,
        CALLS
};

/* What the host has still to be told. */
enum session_news {
        NEWS_READY = 1 << 0,
        NEWS_STARTED = 1 << 1,
        NEWS_REFUSED = 1 << 2,
        NEWS_TAKEN = 1 << 3,
        NEWS_STOPPED = 1 << 4,
        NEWS_ALIVE = 1 << 5,
        NEWS_ENDED = 1 << 6,
};

/* A stream of the program's output; `frame` holds what was read and not sent yet. */
struct source {
        handle_t pipe; /* 0: at its end */
        uint8_t frame[REMOTE_HEADER + CHUNK];
        size_t length; /* bytes of the frame's payload; 0: it is empty */
};

struct session {
        enum session_stage stage;
        uint64_t use; /* of this place, counted from 1 */
        handle_t line;
        handle_t calls[CALLS];
        bool under_way[CALLS];

        uint8_t received[REMOTE_FRAME_MOST + CHUNK]; /* from the host, not taken yet */
        size_t received_length;

        struct remote_run run;                /* its strings lie in … */
        uint8_t strings[REMOTE_PAYLOAD_MOST]; /* … here */
        struct file file;
        struct install install;
        bool installs; /* it is a push */

        handle_t process;
        uint64_t id; /* its number */
        bool status_known, told_end;
        uint64_t status;
        char wrong[WRONG_BYTES];
        size_t wrong_length;

        handle_t input; /* the pipe; 0: nobody reads, or it has the terminal */
        uint8_t pending[REMOTE_CREDIT];
        size_t pending_length;
        bool input_ended;
        uint32_t taken; /* to be told */

        struct source sources[SOURCES];
        bool screen_last; /* the leader has ended: what it has shown is read a last time */
        unsigned quits;   /* SIGQUIT was asked for so often, by one key after the other */
        uint8_t echo[REMOTE_HEADER + ECHO_MOST];
        size_t echo_length; /* 0: there is none */

        unsigned news; /* enum session_news */
        uint8_t note[REMOTE_HEADER + WRONG_BYTES];
        const uint8_t *sending; /* NULL: nothing */
        size_t sending_left;
};

/* ---- for main.c --------------------------------------------------------------------------------
 */

/* Takes an accepted line, whose right is the session's then, and tells the host so. */
void session_begin(struct session *session, handle_t line);

/* A call of the session is done. */
void session_completed(struct session *session, struct server *server, unsigned index,
                       enum session_call call);

/* Tells the host that the session is served. */
void session_alive(struct session *session);

/* There is room again for what the host has sent: takes it, and goes on to read. */
void session_go_on(struct session *session, struct server *server, unsigned index);

/* The badge of the file that the session's program is read from. */
uint64_t session_badge(const struct session *session, unsigned index);

/* ---- for the other files of a session ----------------------------------------------------------
 */

/* Ends everything of the session: the process with its right, the pipes, the line. */
void session_leave(struct session *session);

/* Notes that a call has begun; one that could not ends the session. */
void session_begun(struct session *session, enum session_call call, outcome_t outcome);

void handle_drop(handle_t *handle);

/* keys.c: the program's terminal. Types what waits for it, as long as its echo can be told. */
void keys_type(struct session *session);
void keys_resize(struct session *session, struct remote_size size);

/* The program has ended, which leads the session of its terminal. */
void keys_leader_ended(struct session *session);

/* So much of what waits for the program was taken. */
void session_taken(struct session *session, size_t count);

/* program.c: makes the process and its streams, and starts it, which reads the file as it comes.
 * False: session->wrong says why. */
bool program_make(struct session *session, struct server *server, unsigned index);

/* The sentence for `wrong`. */
__attribute__((format(printf, 2, 3))) void session_wrong(struct session *session,
                                                         const char *format, ...);

#endif
