/* What the process server writes into a process whose thread has faulted, if the process has asked
 * for it (process.idl, `faults`): the beginning of the layer's struct thread. */
#ifndef PROTO_FAULTS_H
#define PROTO_FAULTS_H

#include "kernel/abi/message.h"

struct thread_fault {
        struct registers registers; /* of the thread when it faulted */
        uint64_t reason;            /* enum fault_reason */
        uint64_t address;           /* what was accessed */
        uint64_t error;             /* the processor's error code */
};

#endif
