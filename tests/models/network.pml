/* A network that loses, delays, repeats and reorders: what was sent once may arrive at any time, any number
 * of times, or never. So it is a set: a packet that was sent stays in it.
 *
 * SENT(kind, number) is whether that one was sent. */
#define SENT(kind, number) (sent[number] & (1 << (kind)))
#define SEND(kind, number) sent[number] = sent[number] | (1 << (kind))
