/* Programs for the host machine: tasks with a thread each, whose system calls a test makes.
 *
 *      struct program *a = program_new(), *b = program_new();
 *      handle_t port = sys_handle(a, SYSCALL_port_create);
 *      ck_assert_uint_eq(sys(b, SYSCALL_call, right, 0, header, TIME_NEVER), BLOCKED);
 *
 * sys() lets others run until it is the program's turn, fills its registers, enters the kernel and
 * checks the kernel's invariants. Every program has an account of its own; world_end() destroys
 * them all and fails if a byte, a frame or a timer is left. */
#ifndef HOST_WORLD_H
#define HOST_WORLD_H

#include "kernel/abi/sched.h"
#include "kernel/abi/syscall.h"
#include "kernel/ipc/call.h"
#include "kernel/ipc/event.h"
#include "kernel/ipc/port.h"
#include "kernel/account/frame.h"
#include "kernel/mm/memory.h"
#include "kernel/device/device.h"
#include "kernel/object/handle.h"
#include "kernel/task/task.h"
#include "kernel/task/thread.h"
#include "kernel/sched/cpu.h"
#include "kernel/sched/sched.h"
#include "tests/unit/kernel/host/machine.h"

enum {
        WORLD_BYTES = 24 << 20,
        PROGRAM_BYTES = 2 << 20, /* of a program's account */
        PROGRAMS = 16,
        BUFFER = 0x200000, /* where a program's memory is mapped: one page of block, then these */
        BUFFER_PAGES = 40,
        BLOCK = BUFFER - PAGE_SIZE,
        BLOCKED = 0xb10c, /* what sys() returns of a thread that waits now */
        GONE = 0x901e,    /* ... of one that has ended */
        STOPPED = 0x5709, /* ... of one that is stopped */
};

struct program {
        struct account *account;
        struct task *task;
        struct thread *thread;
        struct message_block *block; /* of the first thread */
};

struct world {
        struct program programs[PROGRAMS];
        unsigned count;
        uint64_t root_used, free_bytes; /* at the start */
};

extern struct world world;

void world_begin(void);
/* Destroys all accounts; fails if not everything came back. */
void world_end(void);

/* A task with a started thread of priority 100, a message block and a buffer. */
struct program *program_new(void);
/* Another thread of the program's task, in a program that shares its account and task. */
struct program *program_thread(struct program *program);

/* The program's account as it would be without what grows and never shrinks: table pages, handle
 * pages. */
uint64_t program_used(const struct program *program);

/* Runs others until the thread is the current one. */
void thread_await(struct thread *thread);

/* Makes a system call: outcome, BLOCKED, GONE or STOPPED. */
uint64_t sys_enter(struct program *program, uint64_t number, const uint64_t arguments[6]);
#define sys(program, number, ...) sys_enter(program, number, (const uint64_t[6]){__VA_ARGS__})

/* One that must succeed and gives a handle. */
#define sys_handle(program, ...) result_handle(program, sys(program, __VA_ARGS__))
handle_t result_handle(struct program *program, uint64_t outcome);

/* What a thread that waited was told: its outcome; fails if it still waits. */
uint64_t result(struct program *program);
bool waits(const struct program *program);

/* Whether the program's thread has ended. */
bool gone(const struct program *program);

/* A port with a right, held by another program (or the same). */
struct link {
        handle_t port, right;
};
struct link link_new(struct program *server, struct program *client, uint64_t badge);

/* Puts a handle of one program into another's table; all rights of the handle. */
handle_t give(struct program *from, handle_t handle, struct program *to);

/* A handle to a task, thread or account, made by the test. */
handle_t hold(struct program *program, struct object *object, uint16_t rights);

/* The program's memory at a user address. */
void put_user(struct program *program, uint64_t address, const void *bytes, size_t count);
void get_user(struct program *program, uint64_t address, void *bytes, size_t count);

/* Describes what the next message takes: bytes from the buffer, capabilities. */
void block_send(struct program *program, uint32_t bytes);
void block_cap(struct program *program, unsigned index, handle_t handle, unsigned flags);
/* What the program takes: bytes into its buffer's second half, capabilities. */
void block_receive(struct program *program, uint64_t bytes, unsigned caps);
enum { RECEIVE_BUFFER = BUFFER + BUFFER_PAGES / 2 * PAGE_SIZE };

/* Headers of interface 7, method 1. */
uint64_t header(unsigned words);
uint64_t header_block(unsigned words, unsigned caps);

/* The object of a handle. */
struct object *object_of(struct program *program, handle_t handle);
struct call *call_of(struct program *program, handle_t handle);

#endif
