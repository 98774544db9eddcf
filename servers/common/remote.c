/* Frames between ptl and an agent; see remote.h. */
#include "servers/common/remote.h"

#include "servers/common/byte_order.h"
#include "servers/common/name.h"

/* Where things stand in the payload of RUN; the strings are behind it. */
enum {
        RUN_PROGRAM = 0,
        RUN_MEMORY = 8,
        RUN_TERMINALS = 16,
        RUN_SIZE = 20,
        RUN_ARGUMENTS = 24,
        RUN_STRINGS = 28
};
/* In that of PUSH. */
enum { PUSH_PROGRAM = 0, PUSH_NAME = 8 };

static bool kind_known(uint8_t kind)
{
        switch ((enum remote_kind)kind) {
        case REMOTE_READY:
        case REMOTE_RUN:
        case REMOTE_PUSH:
        case REMOTE_PROGRAM:
        case REMOTE_INPUT:
        case REMOTE_SIGNAL:
        case REMOTE_SIZE:
        case REMOTE_STARTED:
        case REMOTE_REFUSED:
        case REMOTE_OUTPUT:
        case REMOTE_ERRORS:
        case REMOTE_SCREEN:
        case REMOTE_STOPPED:
        case REMOTE_TAKEN:
        case REMOTE_ALIVE:
        case REMOTE_ENDED:
                return true;
        }
        return false;
}

enum remote_answer remote_frame_take(const uint8_t *bytes, size_t length,
                                     struct remote_frame *frame, size_t *used)
{
        if (length >= 1 && !kind_known(bytes[0]))
                return REMOTE_BROKEN;
        for (size_t i = 1; i < 4 && i < length; i++)
                if (bytes[i] != 0)
                        return REMOTE_BROKEN;
        if (length < REMOTE_HEADER)
                return REMOTE_MORE;
        frame->length = get32(bytes + 4);
        if (frame->length > REMOTE_PAYLOAD_MOST)
                return REMOTE_BROKEN;
        if (length - REMOTE_HEADER < frame->length)
                return REMOTE_MORE;
        frame->kind = bytes[0];
        frame->payload = bytes + REMOTE_HEADER;
        *used = REMOTE_HEADER + frame->length;
        return REMOTE_WHOLE;
}

void remote_header_write(uint8_t header[REMOTE_HEADER], enum remote_kind kind, size_t length)
{
        put32(header, (uint32_t)kind << 24);
        put32(header + 4, (uint32_t)length);
}

bool remote_size_read(const uint8_t *payload, size_t length, struct remote_size *size)
{
        if (length != REMOTE_SIZE_BYTES)
                return false;
        *size = (struct remote_size){.rows = get16(payload), .columns = get16(payload + 2)};
        return true;
}

void remote_size_write(uint8_t payload[REMOTE_SIZE_BYTES], struct remote_size size)
{
        put16(payload, size.rows);
        put16(payload + 2, size.columns);
}

bool remote_run_read(const uint8_t *payload, size_t length, struct remote_run *run)
{
        if (length < RUN_STRINGS)
                return false;
        size_t strings = length - RUN_STRINGS;
        run->program = get64(payload + RUN_PROGRAM);
        run->memory = get64(payload + RUN_MEMORY);
        run->terminals = get32(payload + RUN_TERMINALS);
        remote_size_read(payload + RUN_SIZE, REMOTE_SIZE_BYTES, &run->size);
        run->arguments_length = get32(payload + RUN_ARGUMENTS);
        if (run->arguments_length == 0 || run->arguments_length > strings)
                return false;
        run->arguments = (const char *)payload + RUN_STRINGS;
        run->environment = run->arguments + run->arguments_length;
        run->environment_length = strings - run->arguments_length;
        return run->environment[-1] == 0 &&
               (run->environment_length == 0 || run->environment[run->environment_length - 1] == 0);
}

size_t remote_run_write(uint8_t payload[REMOTE_PAYLOAD_MOST], const struct remote_run *run)
{
        const size_t room = REMOTE_PAYLOAD_MOST - RUN_STRINGS;
        if (run->arguments_length > room || run->environment_length > room - run->arguments_length)
                return 0;
        put64(payload + RUN_PROGRAM, run->program);
        put64(payload + RUN_MEMORY, run->memory);
        put32(payload + RUN_TERMINALS, run->terminals);
        remote_size_write(payload + RUN_SIZE, run->size);
        put32(payload + RUN_ARGUMENTS, (uint32_t)run->arguments_length);
        uint8_t *at = payload + RUN_STRINGS;
        for (size_t i = 0; i < run->arguments_length; i++)
                *at++ = (uint8_t)run->arguments[i];
        for (size_t i = 0; i < run->environment_length; i++)
                *at++ = (uint8_t)run->environment[i];
        return (size_t)(at - payload);
}

bool remote_push_read(const uint8_t *payload, size_t length, struct remote_push *push)
{
        if (length <= PUSH_NAME)
                return false;
        push->program = get64(payload + PUSH_PROGRAM);
        push->component = (const char *)payload + PUSH_NAME;
        push->component_length = length - PUSH_NAME;
        return is_name(push->component, push->component_length, NAME_LONGEST);
}

size_t remote_push_write(uint8_t payload[REMOTE_PAYLOAD_MOST], const struct remote_push *push)
{
        put64(payload + PUSH_PROGRAM, push->program);
        for (size_t i = 0; i < push->component_length; i++)
                payload[PUSH_NAME + i] = (uint8_t)push->component[i];
        return PUSH_NAME + push->component_length;
}
