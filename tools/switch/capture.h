/* Writes a pcapng file (draft-ietf-opsawg-pcapng, sections named below): a section header, one
 * interface description per port with its name, then one enhanced packet per frame with the time in
 * nanoseconds and, if there is one, a comment. Of a cluster with a key log, a decryption secrets
 * block has lines of it (netipc/crypto/keylog.h, each with its line feed), in front of the packets
 * that need them.
 *
 * Each block goes out in one write, so that a reader of the growing file sees whole blocks. A file
 * that cannot be written any more is cut back to its last whole block; the capture is then `failed`
 * and later frames are not written. */
#ifndef SWITCH_CAPTURE_H
#define SWITCH_CAPTURE_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tools/switch/problem.h"

enum capture_state { CAPTURE_OFF, CAPTURE_ON, CAPTURE_FAILED };

/* The secrets type of such a block (4.7), "PTKL" as the letters of the number: of our own choice,
 * none that is registered. */
#define CAPTURE_SECRETS_TYPE 0x50544b4cu

struct capture {
        enum capture_state state;
        int fd;
        char path[PATH_MAX];
        int error;           /* errno, if failed */
        uint64_t end;        /* of the last whole block: the file's length */
        uint64_t frames;     /* written */
        uint64_t time_shift; /* adds up with `now` to ns since 1970 */
};

/* Starts a capture into a regular file, which is emptied first; names has one name for each
 * interface. With `key_log`, a descriptor (-1: none), it begins with all of that, and only its
 * owner can read it. A capture that is on is stopped first, but only if the new one can start. */
bool capture_start(struct capture *capture, const char *path, const char *const *names,
                   unsigned count, uint64_t time_shift, int key_log, struct problem *problem);

/* Writes lines of a key log, of together at most 2 KiB. False as capture_write(). */
bool capture_secrets(struct capture *capture, const char *lines, size_t length);

/* Writes a frame that came from an interface; comment may be NULL. False if just this write failed:
 * the caller tells the user once. */
bool capture_write(struct capture *capture, unsigned interface, const uint8_t *frame, size_t length,
                   const char *comment, uint64_t now);

/* Closes the file. */
void capture_stop(struct capture *capture);

#endif
