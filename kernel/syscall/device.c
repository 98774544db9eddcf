/* Devices, the log and the machine. Everything here needs the hardware capability, or an object
 * that was made with it; what the kernel itself uses is refused. */
#include "kernel/device/device.h"
#include "kernel/debug/log.h"
#include "kernel/arch/arch.h"
#include "kernel/account/frame.h"
#include "kernel/mm/memory.h"
#include "kernel/syscall/syscall.h"

/* Reading the log takes READ, writing it WRITE, everything else CONTROL. */
static outcome_t hardware_argument(struct thread *thread, uint16_t rights)
{
        struct object *hardware;
        return handle_object(&thread->task->handles, (handle_t)argument(thread, 0), &hardware_type,
                             rights, &hardware);
}

outcome_t syscall_device_memory(struct thread *thread)
{
        uint64_t base = argument(thread, 1), bytes = argument(thread, 2);
        outcome_t outcome = hardware_argument(thread, RIGHT_CONTROL);
        if (outcome != OUTCOME_OK)
                return outcome;
        if ((base | bytes) & (PAGE_SIZE - 1) || bytes == 0 || base + bytes < base ||
            base + bytes > physical_end())
                return not_executed(REASON_MALFORMED);
        if (frame_is_ram(base, base + bytes) || device_reserved(base, base + bytes))
                return not_executed(REASON_REFUSED);
        struct memory *memory =
            memory_create_device(thread->task->object.account, base, bytes >> PAGE_SHIFT);
        if (!memory)
                return not_executed(REASON_NO_MEMORY);
        return give_handle(thread, &memory->object,
                           RIGHT_READ | RIGHT_WRITE | RIGHT_COPY | RIGHT_DESTROY);
}

outcome_t syscall_interrupt_create(struct thread *thread)
{
        uint64_t line = argument(thread, 1), address = 0;
        uint32_t data = 0;
        outcome_t outcome = hardware_argument(thread, RIGHT_CONTROL);
        if (outcome != OUTCOME_OK)
                return outcome;
        int routed = line == INTERRUPT_MSI ? interrupt_route_msi(&address, &data)
                                           : interrupt_route_gsi((unsigned)(line & 0xffff),
                                                                 line & INTERRUPT_LEVEL_LOW);
        if (routed < 0)
                return not_executed(REASON_BUSY);
        struct interrupt *interrupt =
            interrupt_create(thread->task->object.account, (unsigned)routed);
        if (!interrupt) {
                interrupt_release((unsigned)routed);
                return not_executed(REASON_NO_MEMORY);
        }
        outcome = give_handle(thread, &interrupt->object, RIGHT_CONTROL | RIGHT_COPY);
        if (outcome == OUTCOME_OK)
                set_results(thread, thread->run.context.result, address, data);
        return outcome;
}

outcome_t syscall_interrupt_bind(struct thread *thread)
{
        struct interrupt *interrupt;
        struct event *event;
        GET_OBJECT(thread, 0, interrupt, RIGHT_CONTROL, interrupt);
        GET_OBJECT(thread, 1, event, RIGHT_SIGNAL, event);
        binding_set(&interrupt->binding, event, argument(thread, 2));
        interrupt_unmask(interrupt->line);
        return OUTCOME_OK;
}

outcome_t syscall_interrupt_ack(struct thread *thread)
{
        struct interrupt *interrupt;
        GET_OBJECT(thread, 0, interrupt, RIGHT_CONTROL, interrupt);
        interrupt_unmask(interrupt->line);
        return OUTCOME_OK;
}

outcome_t syscall_ioport_create(struct thread *thread)
{
        uint64_t base = argument(thread, 1), count = argument(thread, 2);
        outcome_t outcome = hardware_argument(thread, RIGHT_CONTROL);
        if (outcome != OUTCOME_OK)
                return outcome;
        if (base > 0xffff || count == 0 || count > 0x10000 - base)
                return not_executed(REASON_MALFORMED);
        if (ioport_reserved((uint16_t)base, (uint32_t)count))
                return not_executed(REASON_REFUSED);
        struct ioport *ioport =
            ioport_create(thread->task->object.account, (uint16_t)base, (uint32_t)count);
        if (!ioport)
                return not_executed(REASON_NO_MEMORY);
        return give_handle(thread, &ioport->object, RIGHT_CONTROL | RIGHT_COPY);
}

outcome_t syscall_ioport_read(struct thread *thread)
{
        struct ioport *ioport;
        uint64_t offset = argument(thread, 1), width = argument(thread, 2);
        GET_OBJECT(thread, 0, ioport, RIGHT_CONTROL, ioport);
        if (!ioport_covers(ioport, offset, width))
                return not_executed(REASON_MALFORMED);
        thread->run.context.result = ioport_in((uint16_t)(ioport->base + offset), (unsigned)width);
        return OUTCOME_OK;
}

outcome_t syscall_ioport_write(struct thread *thread)
{
        struct ioport *ioport;
        uint64_t offset = argument(thread, 1), width = argument(thread, 2);
        GET_OBJECT(thread, 0, ioport, RIGHT_CONTROL, ioport);
        if (!ioport_covers(ioport, offset, width))
                return not_executed(REASON_MALFORMED);
        ioport_out((uint16_t)(ioport->base + offset), (unsigned)width,
                   (uint32_t)argument(thread, 3));
        return OUTCOME_OK;
}

outcome_t syscall_log_write(struct thread *thread)
{
        char text[1024];
        uint64_t bytes = argument(thread, 2);
        outcome_t outcome = hardware_argument(thread, RIGHT_WRITE);
        if (outcome != OUTCOME_OK)
                return outcome;
        if (bytes > sizeof(text))
                return not_executed(REASON_TOO_LONG);
        if (!space_read(&thread->task->space, text, argument(thread, 1), bytes))
                return not_executed(REASON_FAULT);
        log_write(text, bytes);
        if (log_is_behind())
                this_cpu()->work |= WORK_LINE;
        return OUTCOME_OK;
}

outcome_t syscall_log_read(struct thread *thread)
{
        char text[1024];
        uint64_t offset = argument(thread, 1), bytes = argument(thread, 3);
        outcome_t outcome = hardware_argument(thread, RIGHT_READ);
        if (outcome != OUTCOME_OK)
                return outcome;
        size_t count = log_read(&offset, text, bytes < sizeof(text) ? bytes : sizeof(text));
        if (!space_write(&thread->task->space, argument(thread, 2), text, count))
                return not_executed(REASON_FAULT);
        set_results(thread, count, offset, 0);
        return OUTCOME_OK;
}

outcome_t syscall_machine_control(struct thread *thread)
{
        outcome_t outcome = hardware_argument(thread, RIGHT_CONTROL);
        if (outcome != OUTCOME_OK)
                return outcome;
        switch (argument(thread, 1)) {
        case MACHINE_POWER_OFF:
                log_flush();
                machine_power_off();
        case MACHINE_REBOOT:
                log_flush();
                machine_reboot();
        case MACHINE_EXIT:
                log_flush();
                machine_exit((unsigned)argument(thread, 2));
        case MACHINE_CONSOLE:
                console_enable(argument(thread, 2) != 0);
                return OUTCOME_OK;
        default:
                return not_executed(REASON_MALFORMED);
        }
}
