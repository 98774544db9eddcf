/* Blocks are in the host's byte order, which the section header's magic number tells the reader. */
#include "tools/switch/capture.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "tools/switch/output.h"

enum {
        BLOCK_SECTION = 0x0a0d0d0a,    /* 4.1 */
        BLOCK_INTERFACE = 1,           /* 4.2 */
        BLOCK_PACKET = 6,              /* 4.3 */
        BLOCK_SECRETS = 10,            /* 4.7 */
        BYTE_ORDER_MAGIC = 0x1a2b3c4d, /* 4.1 */
        LINKTYPE_ETHERNET = 1,
        OPTION_END = 0, /* 3.5 */
        OPTION_COMMENT = 1,
        OPTION_SECTION_APPLICATION = 4,
        OPTION_INTERFACE_NAME = 2,
        OPTION_INTERFACE_RESOLUTION = 9,
        RESOLUTION_NS = 9,   /* 4.2: negative power of 10 */
        CAPTURED_MAX = 9216, /* longer frames are malformed, and cut */
        BLOCK_MAX = 12288,   /* a frame, its comment and all headers */
        SECRETS_MAX = 2048,  /* some lines of a key log */
};

struct block {
        uint8_t bytes[BLOCK_MAX];
        size_t used;
};

static void block_put32(struct block *block, uint32_t value)
{
        memcpy(block->bytes + block->used, &value, sizeof value);
        block->used += sizeof value;
}

static void block_put16(struct block *block, uint16_t value)
{
        memcpy(block->bytes + block->used, &value, sizeof value);
        block->used += sizeof value;
}

/* Bytes, padded to a multiple of four. */
static void block_put(struct block *block, const void *bytes, size_t length)
{
        memcpy(block->bytes + block->used, bytes, length);
        block->used += length;
        while (block->used % 4)
                block->bytes[block->used++] = 0;
}

static void block_option(struct block *block, uint16_t code, const void *value, size_t length)
{
        block_put16(block, code);
        block_put16(block, (uint16_t)length);
        block_put(block, value, length);
}

static void block_option_end(struct block *block)
{
        block_put16(block, OPTION_END);
        block_put16(block, 0);
}

static void block_begin(struct block *block, uint32_t type)
{
        block->used = 0;
        block_put32(block, type);
        block_put32(block, 0); /* the length, which block_end knows */
}

static void block_end(struct block *block)
{
        uint32_t length = (uint32_t)block->used + 4;
        memcpy(block->bytes + 4, &length, sizeof length);
        block_put32(block, length);
}

/* Writes a whole block, or nothing. */
static bool block_write(struct capture *capture, const struct block *block)
{
        size_t done = 0;
        while (done < block->used) {
                ssize_t written = write(capture->fd, block->bytes + done, block->used - done);
                if (written < 0 && errno != EINTR)
                        break;
                done += written > 0 ? (size_t)written : 0;
        }
        if (done == block->used) {
                capture->end += block->used;
                return true;
        }
        capture->error = errno;
        /* If even this fails, the reader finds a cut block at the end. */
        if (done > 0 && ftruncate(capture->fd, (off_t)capture->end) < 0)
                capture->error = errno;
        return false;
}

/* Nothing more is written; returns false. */
static bool capture_fail(struct capture *capture)
{
        close(capture->fd);
        capture->state = CAPTURE_FAILED;
        return false;
}

static bool section_write(struct capture *capture)
{
        static const char application[] = "portolan-switch";
        struct block block;
        block_begin(&block, BLOCK_SECTION);
        block_put32(&block, BYTE_ORDER_MAGIC);
        block_put16(&block, 1); /* version 1.0 */
        block_put16(&block, 0);
        block_put32(&block, UINT32_MAX); /* the section's length: not known */
        block_put32(&block, UINT32_MAX);
        block_option(&block, OPTION_SECTION_APPLICATION, application, sizeof application - 1);
        block_option_end(&block);
        block_end(&block);
        return block_write(capture, &block);
}

static bool interface_write(struct capture *capture, const char *name)
{
        const uint8_t resolution = RESOLUTION_NS;
        struct block block;
        block_begin(&block, BLOCK_INTERFACE);
        block_put16(&block, LINKTYPE_ETHERNET);
        block_put16(&block, 0);
        block_put32(&block, CAPTURED_MAX);
        block_option(&block, OPTION_INTERFACE_NAME, name, strlen(name));
        block_option(&block, OPTION_INTERFACE_RESOLUTION, &resolution, 1);
        block_option_end(&block);
        block_end(&block);
        return block_write(capture, &block);
}

bool capture_secrets(struct capture *capture, const char *lines, size_t length)
{
        struct block block;
        assert(length <= SECRETS_MAX);
        if (capture->state != CAPTURE_ON)
                return true;
        block_begin(&block, BLOCK_SECRETS);
        block_put32(&block, CAPTURE_SECRETS_TYPE);
        block_put32(&block, (uint32_t)length);
        block_put(&block, lines, length);
        block_end(&block);
        return block_write(capture, &block) || capture_fail(capture);
}

/* All that a key log has so far, in blocks of whole lines. */
static bool key_log_write(struct capture *capture, int key_log)
{
        char text[SECRETS_MAX];
        off_t done = 0;
        ssize_t count;
        while ((count = pread(key_log, text, sizeof text, done)) > 0) {
                const char *end = memrchr(text, '\n', (size_t)count);
                if (!end)
                        break;
                size_t lines = (size_t)(end + 1 - text);
                if (!capture_secrets(capture, text, lines))
                        return false;
                done += (off_t)lines;
        }
        return true;
}

bool capture_start(struct capture *capture, const char *path, const char *const *names,
                   unsigned count, uint64_t time_shift, int key_log, struct problem *problem)
{
        struct capture new = {.state = CAPTURE_ON, .time_shift = time_shift};
        if (!*path)
                return problem_set(problem, "the capture's file has no name; give one");
        if (strlen(path) >= sizeof new.path)
                return problem_set(problem, "%.40s…: a path has at most %zu bytes; shorten it",
                                   path, sizeof new.path - 1);
        new.fd = output_open(path, key_log >= 0, problem);
        if (new.fd < 0)
                return false;
        strcpy(new.path, path);
        bool written = section_write(&new);
        for (unsigned i = 0; written && i < count; i++)
                written = interface_write(&new, names[i]);
        written = (written || capture_fail(&new)) && key_log_write(&new, key_log);
        if (!written) {
                return problem_set(problem, "%s: %s; make room or name another file", path,
                                   strerror(new.error));
        }
        capture_stop(capture);
        *capture = new;
        return true;
}

bool capture_write(struct capture *capture, unsigned interface, const uint8_t *frame, size_t length,
                   const char *comment, uint64_t now)
{
        struct block block;
        size_t captured = length < CAPTURED_MAX ? length : CAPTURED_MAX;
        uint64_t time = now + capture->time_shift;
        if (capture->state != CAPTURE_ON)
                return true;
        block_begin(&block, BLOCK_PACKET);
        block_put32(&block, interface);
        block_put32(&block, (uint32_t)(time >> 32));
        block_put32(&block, (uint32_t)time);
        block_put32(&block, (uint32_t)captured);
        block_put32(&block, (uint32_t)length);
        block_put(&block, frame, captured);
        if (comment) {
                block_option(&block, OPTION_COMMENT, comment, strlen(comment));
                block_option_end(&block);
        }
        block_end(&block);
        if (block_write(capture, &block)) {
                capture->frames++;
                return true;
        }
        return capture_fail(capture);
}

void capture_stop(struct capture *capture)
{
        if (capture->state == CAPTURE_ON)
                close(capture->fd);
        capture->state = CAPTURE_OFF;
}
