/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fields of the parameters of all methods, `portolan.INTERFACE.METHOD.PARAMETER`, and of the fields
 * of records, `portolan.INTERFACE.RECORD.FIELD`: made at registration from the interface
 * descriptions (servers/proto/names.h). A parameter of the same name and type in request and answer
 * is one field; of another type in the answer, its name ends with `.reply`. */
#ifndef WIRESHARK_ARGUMENTS_H
#define WIRESHARK_ARGUMENTS_H

#include <epan/packet.h>

struct proto_parameter;

/* Registers them with the protocol. Once, at start. */
void arguments_register(void);

/* The field of a parameter: FT_UINT64 of a word, FT_STRING of a text or a capability, else
 * FT_BYTES. */
int argument_field(const struct proto_parameter *parameter);

#endif
