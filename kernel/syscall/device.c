/* Devices, the log and the machine. Everything here needs the hardware capability, or an object
 * that was made with it; what the kernel itself uses is refused. */
#include "kernel/device/device.h"
#include "kernel/debug/log.h"
#include "kernel/arch/arch.h"
#include "kernel/account/frame.h"
#include "kernel/mm/memory.h"
#include "kernel/syscall/syscall.h"

HANDLER(device_memory)
{
        uint64_t end = physical + bytes;
        if ((physical | bytes) & (PAGE_SIZE - 1) || bytes == 0 || end < physical ||
            end > physical_end())
                return not_executed(REASON_MALFORMED);
        if (frame_is_ram(physical, end) || device_reserved(physical, end))
                return not_executed(REASON_REFUSED);
        struct memory *memory =
            memory_create_device(caller->task->object.account, physical, bytes >> PAGE_SHIFT);
        if (!memory)
                return not_executed(REASON_NO_MEMORY);
        return give_handle(caller, &memory->object,
                           RIGHT_READ | RIGHT_WRITE | RIGHT_COPY | RIGHT_DESTROY);
}

HANDLER(interrupt_create)
{
        uint64_t address = 0;
        uint32_t data = 0;
        int routed = line == INTERRUPT_MSI ? interrupt_route_msi(&address, &data)
                                           : interrupt_route_gsi((unsigned)(line & 0xffff),
                                                                 line & INTERRUPT_LEVEL_LOW);
        if (routed < 0)
                return not_executed(REASON_BUSY);
        struct interrupt *interrupt =
            interrupt_create(caller->task->object.account, (unsigned)routed);
        if (!interrupt) {
                interrupt_release((unsigned)routed);
                return not_executed(REASON_NO_MEMORY);
        }
        outcome_t outcome = give_handle(caller, &interrupt->object, RIGHT_CONTROL | RIGHT_COPY);
        if (outcome == OUTCOME_OK)
                set_results(caller, caller->run.context.result, address, data);
        return outcome;
}

HANDLER(interrupt_bind)
{
        binding_set(&interrupt->binding, event, bits);
        interrupt_unmask(interrupt->line);
        return OUTCOME_OK;
}

HANDLER(interrupt_ack)
{
        interrupt_unmask(interrupt->line);
        return OUTCOME_OK;
}

HANDLER(ioport_create)
{
        if (base > 0xffff || count == 0 || count > 0x10000 - base)
                return not_executed(REASON_MALFORMED);
        if (ioport_reserved((uint16_t)base, (uint32_t)count))
                return not_executed(REASON_REFUSED);
        struct ioport *ioport =
            ioport_create(caller->task->object.account, (uint16_t)base, (uint32_t)count);
        if (!ioport)
                return not_executed(REASON_NO_MEMORY);
        return give_handle(caller, &ioport->object, RIGHT_CONTROL | RIGHT_COPY);
}

HANDLER(ioport_read)
{
        if (!ioport_covers(ioport, offset, width))
                return not_executed(REASON_MALFORMED);
        caller->run.context.result = ioport_in((uint16_t)(ioport->base + offset), (unsigned)width);
        return OUTCOME_OK;
}

HANDLER(ioport_write)
{
        if (!ioport_covers(ioport, offset, width))
                return not_executed(REASON_MALFORMED);
        ioport_out((uint16_t)(ioport->base + offset), (unsigned)width, (uint32_t)value);
        return OUTCOME_OK;
}

HANDLER(log_write)
{
        char text[1024];
        if (bytes > sizeof(text))
                return not_executed(REASON_TOO_LONG);
        if (!space_read(&caller->task->space, text, content, bytes))
                return not_executed(REASON_FAULT);
        log_write(text, bytes);
        if (log_is_behind())
                this_cpu()->work |= WORK_LINE;
        return OUTCOME_OK;
}

HANDLER(log_read)
{
        char text[1024];
        size_t count = log_read(&offset, text, bytes < sizeof(text) ? bytes : sizeof(text));
        set_results(caller, count, offset, 0);
        return write_back(caller, buffer, text, count);
}

HANDLER(machine_control)
{
        log_flush();
        switch (action) {
        case MACHINE_POWER_OFF:
                machine_power_off();
        case MACHINE_REBOOT:
                machine_reboot();
        case MACHINE_EXIT:
                machine_exit((unsigned)argument);
        case MACHINE_CONSOLE:
                console_enable(argument != 0);
                return OUTCOME_OK;
        default:
                return not_executed(REASON_MALFORMED);
        }
}
