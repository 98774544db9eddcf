/* The numbers of interface job (job.idl), and what jobs return. */
#ifndef PROTO_JOBS_H
#define PROTO_JOBS_H

enum { JOB_CHUNK = 4096 };

/* Beside a command's own numbers from 3 on. */
enum job_status {
        STATUS_OK = 0,
        STATUS_FAILED = 1,
        STATUS_USAGE = 2,
        STATUS_UNKNOWN = 127,
        STATUS_CANCELLED = 130,
        STATUS_CRASHED = 139, /* as a program that ends by SIGSEGV */
        STATUS_STOPPED = 148, /* it is in the background now: 128 and SIGTSTP */
};

#endif
