/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Decryption Secrets Blocks of captures (draft-ietf-opsawg-pcapng, section 4.7) that carry key
 * logs.
 *
 * Wireshark reads such blocks, but gives them only to dissectors of its own
 * (their registration is not for plugins), and tells a plugin no file's name. So each regular
 * file that the process has open is opened once more, through /proc/self/fd, and read to its end
 * by Wireshark's own reader, if it begins as a pcapng file does, or one that is packed. One file
 * too many does no harm: a key fits its own session only. From a pipe nothing can be read twice:
 * then a key log is needed. */
#ifndef WIRESHARK_SECRETS_H
#define WIRESHARK_SECRETS_H

#include <stddef.h>

/* Gives each block's text to `take`. */
void secrets_read(void (*take)(const void *text, size_t length));

#endif
