/* The numbers of interface proc (proc.idl). */
#ifndef PROTO_PROCESSES_H
#define PROTO_PROCESSES_H

enum process_state {
        PROCESS_WAITING = 1, /* for its rights, or for its turn */
        PROCESS_RUNNING = 2,
        PROCESS_BACKING_OFF = 3, /* has died and will be started again */
        PROCESS_ENDED = 4,       /* has ended by itself and is not to be started again */
        PROCESS_GIVEN_UP = 5,    /* has failed too often, or cannot be started */
};

#endif
