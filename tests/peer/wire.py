"""The layouts of netipc/PROTOCOL.md as Python: packing, and reading that takes nothing for granted.

Whatever is not as the page has it raises Malformed.
"""
import struct
from dataclasses import dataclass, field

HELLO, INITIATION, RESPONSE, COOKIE, SEALED = 1, 3, 4, 5, 6
MSG, ACK, CANCEL, RELEASE, DEAD, PING, CLOSE, BUSY, PROBE = range(1, 10)
REPLY, ONEWAY, LAST, IDEMPOTENT, PAGES, VOID = 1, 2, 4, 8, 16, 32
CAP_NONE, CAP_SEND, CAP_EVENT, CAP_REPLY, CAP_HOME, CAP_MEMORY = range(6)
BEACON = 1
NO_DEADLINE = 0xFFFFFFFF
CONTENT_MOST = 65536
VERSION = 2
PACKET, PACKET_MOST = 1252, 8920  # UDP payloads: of any path, and of one that takes all that there is
GRANULE = 276
FRAGMENT = 3 * GRANULE  # of what this peer sends, if it is not told otherwise


class Malformed(Exception):
    """Bytes that no node of the protocol sends."""


OUTER = struct.Struct("<BBBBIQ")
HEADER = OUTER.size


@dataclass
class Outer:
    type: int
    receiver: int = 0
    number: int = 0
    phase: int = 0

    def pack(self):
        return OUTER.pack(VERSION << 4 | self.type, 0, self.phase, 0, self.receiver, self.number)


def outer_read(packet):
    if len(packet) < HEADER:
        raise Malformed("shorter than its header")
    kind, flags, phase, link, receiver, number = OUTER.unpack_from(packet)
    if kind >> 4 != VERSION or flags or link or (phase and kind & 15 != SEALED):
        raise Malformed("no header of this version")
    return Outer(kind & 15, receiver, number, phase)


PARAMETERS = struct.Struct("<HHHHII")


@dataclass
class Parameters:
    packet: int = PACKET_MOST
    credit: int = 64
    calls: int = 32
    reserved: int = 0
    exports: int = 256
    features: int = 0

    def pack(self):
        return PARAMETERS.pack(self.packet, self.credit, self.calls, self.reserved, self.exports, self.features)


def parameters_read(data):
    found = Parameters(*PARAMETERS.unpack(data))
    if found.packet < 1252 or found.credit < 1 or found.calls < 1 or found.exports < 2:
        raise Malformed("parameters out of bounds")
    return found


HELLO_BODY = struct.Struct("<HBBIQQ16sQQ16s16s")


def hello_pack(cluster, node, epoch, parameters, name):
    return HELLO_BODY.pack(VERSION, BEACON, len(name), 0, cluster, node, epoch, 0, 0, parameters.pack(), name)


@dataclass
class Hello:
    cluster: int
    node: int
    epoch: bytes
    name: bytes


def hello_read(body):
    if len(body) != HELLO_BODY.size:
        raise Malformed("a hello of another length")
    version, kind, length, index, cluster, node, epoch, own, other, parameters, name = HELLO_BODY.unpack(body)
    if version != VERSION or kind != BEACON or index or own or other or not node or not 1 <= length <= 15:
        raise Malformed("no beacon")
    parameters_read(parameters)
    if name[length:].strip(b"\0"):
        raise Malformed("bytes behind the name")
    return Hello(cluster, node, epoch, name[:length])


MESSAGE = struct.Struct("<BBHHBBHHHHQIIIIIIQ")
CAPABILITY = struct.Struct("<BBHIII")


@dataclass
class Capability:
    kind: int
    detail: int = 0
    id: int = 0
    generation: int = 0
    length: int = 0

    def pack(self):
        return CAPABILITY.pack(self.kind, 0, self.detail, self.id, self.generation, self.length)


@dataclass
class Message:
    """A whole message, or one fragment of it (then `content` is the fragment)."""

    flags: int
    call: int
    words: int = 0
    capabilities: int = 0
    priority: int = 0
    outcome: int = 0
    interface: int = 0
    method: int = 0
    user: int = 0
    export: int = 0
    generation: int = 0
    total: int = 0
    offset: int = 0
    order: int = 0
    deadline: int = NO_DEADLINE
    trace: int = 0
    content: bytes = b""

    def pack(self):
        return MESSAGE.pack(MSG, self.priority, self.flags, len(self.content), self.words, self.capabilities,
                            self.outcome, self.interface, self.method, self.user, self.call, self.export,
                            self.generation, self.total, self.offset, self.order, self.deadline,
                            self.trace) + self.content

    def fragment(self, offset, length):
        """The frame with this part of a whole message's content."""
        part = self.content[offset:offset + length]
        last = LAST if offset + len(part) == len(self.content) else 0
        return Message(**{**self.__dict__, "flags": self.flags | last, "offset": offset,
                          "total": len(self.content), "content": part}).pack()

    def fragments(self):
        """The frames of a whole message."""
        return [self.fragment(offset, FRAGMENT) for offset in range(0, max(len(self.content), 1), FRAGMENT)]

    def unpacked(self):
        """The words, capabilities and bytes of a whole message's content."""
        words = struct.unpack_from(f"<{self.words}Q", self.content)
        at = 8 * self.words
        caps = []
        for _ in range(self.capabilities):
            kind, _, detail, name, generation, length = CAPABILITY.unpack_from(self.content, at)
            caps.append(Capability(kind, detail, name, generation, length))
            at += CAPABILITY.size
        return list(words), caps, self.content[at:]


def content_pack(words, capabilities, data):
    return struct.pack(f"<{len(words)}Q", *words) + b"".join(c.pack() for c in capabilities) + data


@dataclass
class Ack:
    credit: int
    delay: int
    largest: int
    first: int
    ranges: list = field(default_factory=list)  # (gap, length)

    def pack(self):
        return struct.pack("<BBHIQII", ACK, len(self.ranges), self.credit, self.delay, self.largest, self.first,
                           0) + b"".join(struct.pack("<HH", *r) for r in self.ranges)

    def numbers(self):
        high = self.largest
        for gap, length in [(0, self.first)] + self.ranges:
            high -= gap
            yield from range(high - length + 1, high + 1)
            high -= length


@dataclass
class Cancel:
    reason: int
    call: int


@dataclass
class Release:
    sequence: int
    entries: list  # (id, generation, count)

    def pack(self):
        return struct.pack("<BBHI", RELEASE, len(self.entries), 0, self.sequence) + b"".join(
            struct.pack("<III", *e) for e in self.entries)


@dataclass
class Dead:
    reason: int
    id: int
    generation: int


@dataclass
class Ping:
    pass


@dataclass
class Close:
    reason: int


@dataclass
class Busy:
    number: int


@dataclass
class Probe:
    padding: int


def ping_pack():
    return bytes([PING, 0, 0, 0])


def probe_pack(padding):
    return struct.pack("<BBH", PROBE, 0, padding) + bytes(padding)


def close_pack(reason):
    return struct.pack("<BBH", CLOSE, 0, reason)


def frame_read(data, at):
    """The frame at a place of a packet, and where the next one begins."""
    def take(layout, where=0):
        try:
            return struct.unpack_from("<" + layout, data, at + where)
        except struct.error as error:
            raise Malformed("a truncated frame") from error

    kind = data[at]
    if kind == MSG:
        _, priority, flags, length, words, caps, *rest = take(MESSAGE.format[1:])
        start = at + MESSAGE.size
        if start + length > len(data) or words > 8 or caps > 8:
            raise Malformed("a truncated message")
        outcome, interface, method, user, call, export, generation, total, offset, order, deadline, trace = rest
        reaches = offset + length == total
        if bool(flags & LAST) != reaches or offset + length > total or (total and not length):
            raise Malformed("a fragment that is not of its content")
        if offset % GRANULE or (length % GRANULE and not reaches):
            raise Malformed("a fragment off the granules")
        return Message(flags, call, words, caps, priority, outcome, interface, method, user, export, generation, total,
                       offset, order, deadline, trace, data[start:start + length]), start + length
    if kind == ACK:
        _, count, credit, delay, largest, first, _ = take("BBHIQII")
        ranges = [take("HH", 24 + 4 * i) for i in range(count)]
        if count > 32 or credit < 1 or first < 1 or any(0 in r for r in ranges):
            raise Malformed("a contradictory ACK")
        return Ack(credit, delay, largest, first, ranges), at + 24 + 4 * count
    if kind == CANCEL:
        return Cancel(take("H", 2)[0], take("Q", 8)[0]), at + 16
    if kind == RELEASE:
        count, sequence = take("B", 1)[0], take("I", 4)[0]
        return Release(sequence, [take("III", 8 + 12 * i) for i in range(count)]), at + 8 + 12 * count
    if kind == DEAD:
        return Dead(take("H", 2)[0], *take("II", 4)), at + 12
    if kind == PING:
        take("I")
        return Ping(), at + 4
    if kind == CLOSE:
        return Close(take("H", 2)[0]), at + 4
    if kind == BUSY:
        return Busy(take("Q", 8)[0]), at + 16
    if kind == PROBE:
        padding = take("H", 2)[0]
        if at + 4 + padding > len(data):
            raise Malformed("a truncated probe")
        return Probe(padding), at + 4 + padding
    raise Malformed(f"a frame of the type {kind}")


def frames_read(data):
    frames, at = [], 0
    while at < len(data):
        frame, at = frame_read(data, at)
        frames.append(frame)
    return frames
