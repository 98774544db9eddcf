/* What a session tells the host (session.h): one frame after the other, the most urgent news first,
 * then what the program has said. A source is read again when its frame was sent, so a program that
 * says much is held up by the line. */
#ifndef AGENT_TOLD_H
#define AGENT_TOLD_H

#include "servers/agent/session.h"

/* Sends what there is to be told, if nothing is being sent. */
void told_write(struct session *session);

/* The call of the line is done. */
void told_written(struct session *session);

/* Reads the source with that number, and the end of that. */
void told_source_read(struct session *session, unsigned index);
void told_source_came(struct session *session, unsigned index);

/* All that the program had to say was sent, and how it ended is known. */
bool told_all(const struct session *session);

#endif
