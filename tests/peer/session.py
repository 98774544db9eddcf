"""A session with another node, by netipc/PROTOCOL.md: sealed packets, acknowledgement, calls, references.

Objects that stand for rights: a Service of this peer (exported when it is sent), and an Import, a right of
the other node. An Import that is sent home goes as HOME; one of another session is offered by a Proxy. The
other node is held to the protocol as it holds others: what breaks it raises Malformed and ends the session.
"""
import wire
from link import now
from noise import Direction, Refused

NODE_DIED, LINK_LOST, REVOKED, NO_METHOD = 4, 5, 7, 38
NOT_EXECUTED, PERHAPS = 1 << 8, 2 << 8
WINDOW = 8192
REPEAT_AFTER = 0.3  # s; the switch loses nothing here
QUIET, DEAD_AFTER = 0.5, 2.0
MAY_SEND = 1 << 0 | 1 << 9 | 1 << 10  # send, copy, travel (kernel/abi/rights.def)


class Service:
    """A port of this peer. serve(request) returns (outcome, words, rights, bytes), or None if it answers
    later by request.answer()."""

    def serve(self, request):
        return NO_METHOD, [], [], b""


class Proxy(Service):
    """A right of another session, called by whoever calls this."""

    def __init__(self, right):
        self.right = right

    def serve(self, request):
        call = self.right.call(request.message.interface, request.message.method, request.words, request.rights,
                               request.data, oneway=request.oneway)
        call.then = lambda: request.answer(call.outcome, call.words, call.rights, call.data)


class Import:
    """A right of the other node: how many references came, and its place in the order of what is sent."""

    def __init__(self, session, name, generation, counted=True):
        self.session, self.id, self.generation, self.counted = session, name, generation, counted
        self.count, self.order, self.dead = 0, 0, None

    def call(self, interface, method, words=(), rights=(), data=b"", **options):
        return self.session.call(self, interface, method, list(words), list(rights), data, **options)

    def drop(self):
        """Nothing here stands for it any more: all its references go back."""
        self.session.release([(self.id, self.generation, self.count)])
        self.session.imports.pop((self.id, self.generation), None)
        self.count = 0


class Export:
    def __init__(self, service, generation):
        self.service, self.generation, self.count = service, generation, 0
        self.order, self.held = 0, {}


class Call:
    """One of ours. done: how it ended is in outcome, words, rights, data."""

    def __init__(self, name):
        self.id, self.done, self.then, self.parts = name, False, lambda: None, {}
        self.outcome, self.words, self.rights, self.data = None, [], [], b""

    def finish(self, outcome, words=(), rights=(), data=b""):
        self.outcome, self.words, self.rights, self.data, self.done = outcome, list(words), list(rights), data, True
        self.then()


class Request:
    """One of theirs, whole."""

    def __init__(self, session, message, words, rights, data):
        self.session, self.message, self.words, self.rights, self.data = session, message, words, rights, data
        self.oneway = bool(message.flags & wire.ONEWAY)

    def answer(self, outcome, words=(), rights=(), data=b""):
        if not self.oneway and self.session.standing:
            self.session.reply(self.message.call, outcome, list(words), list(rights), data)


class Session:
    def __init__(self, node, peer, cipher, secrets, own_index, other_index, offered):
        """secrets: what this peer sends with, what it receives with."""
        self.node, self.peer = node, peer
        self.sends, self.receives = (Direction(s, cipher) for s in secrets)
        self.previous = None  # (phase, direction, first number of the present one)
        self.own_index, self.other_index = own_index, other_index
        self.calls_most = min(offered.calls, node.parameters.calls)
        self.standing, self.reason = True, None
        self.number, self.seen, self.largest, self.heard = 0, set(), 0, now()
        self.unacknowledged = {}  # number: (frames, when)
        self.acknowledged_phase = False
        self.slots = [[0, None] for _ in range(self.calls_most)]  # sequence, what is under way
        self.served = {}  # slot: [sequence, parts or None, answered]
        self.imports, self.exports, self.released, self.release_numbers = {}, {}, 0, set()
        self.exports[1] = Export(node.root, 1)
        self.root = Import(self, 1, 1, counted=False)
        self.last_packet, self.counted = b"", {"repeated": 0, "unsealed": 0}
        self.probed = self.longest = 0  # the longest packets that were a probe, and that were not
        self.fragment = 0  # the longest one that came

    # --- packets

    def transmit(self, frames, keep=True):
        self.number += 1
        header = wire.Outer(wire.SEALED, self.other_index, self.number, self.sends.phase & 0xFF).pack()
        self.last_packet = header + self.sends.seal(self.number, header, b"".join(frames))
        if keep:
            self.unacknowledged[self.number] = (frames, now())
        self.node.link.send(self.peer.address, self.last_packet)

    def next_phase(self):
        """Keys of the next phase for what is sent from now on; something of this one was acknowledged."""
        assert self.acknowledged_phase
        self.sends.advance()
        self.acknowledged_phase = False

    def opened(self, outer, packet):
        """The frames, or None: the packet is dropped. Nothing changes before it has proven itself."""
        if outer.number <= self.largest - WINDOW or outer.number in self.seen:
            self.counted["repeated"] += 1
            return None
        direction, header = self.receives, packet[:wire.HEADER]
        if outer.phase == (direction.phase + 1) & 0xFF and outer.number > self.largest:
            direction = direction.following()
        elif outer.phase != direction.phase & 0xFF:
            direction = self.previous[1] if self.previous and outer.number < self.previous[2] else None
        try:
            frames = direction.open(outer.number, header, packet[wire.HEADER:]) if direction else None
        except Refused:
            frames = None
        if frames is None:
            self.counted["unsealed"] += 1
        elif direction.phase > self.receives.phase:
            self.previous, self.receives = (self.receives.phase, self.receives, outer.number), direction
        return frames

    def take(self, outer, packet):
        frames = self.opened(outer, packet)
        if frames is None:
            return
        self.heard = now()
        self.seen.add(outer.number)
        self.largest = max(self.largest, outer.number)
        try:
            parsed = wire.frames_read(frames)
            if any(isinstance(f, wire.Probe) for f in parsed):
                self.probed = max(self.probed, len(packet))
            else:
                self.longest = max(self.longest, len(packet))
            self.fragment = max([self.fragment] + [len(f.content) for f in parsed if isinstance(f, wire.Message)])
            if any(not isinstance(f, (wire.Ack, wire.Busy)) for f in parsed):
                self.transmit([self.acknowledgement().pack()], keep=False)
            for frame in parsed:
                self.handle(frame)
        except wire.Malformed as error:
            self.node.say(f"{self.peer.name} breaks the protocol: {error}")
            self.end(LINK_LOST)

    def acknowledgement(self):
        runs, low = [], max(self.largest - 300, 0)
        for number in range(self.largest, low, -1):
            if number not in self.seen:
                continue
            if runs and runs[-1][1] == number + 1:
                runs[-1][1] = number
            else:
                runs.append([number, number])
        (high, bottom), *others = runs
        ranges = []
        for top, end in others[:32]:
            ranges.append((bottom - top - 1, top - end + 1))
            bottom = end
        return wire.Ack(self.node.parameters.credit, 0, high, high - runs[0][1] + 1, ranges)

    def turn(self):
        """What time brings: repetition, a PING, the end."""
        silent = now() - self.heard
        for number, (frames, when) in list(self.unacknowledged.items()):
            if now() - when > REPEAT_AFTER:
                del self.unacknowledged[number]
                self.transmit(frames)
        if silent > QUIET and not self.unacknowledged:
            self.transmit([wire.ping_pack()])
        if silent > DEAD_AFTER:
            self.end(NODE_DIED)

    def end(self, reason):
        if not self.standing:
            return
        self.standing, self.reason = False, reason
        for _, call in self.slots:
            if isinstance(call, Call) and not call.done:
                call.finish(PERHAPS | reason)
        self.node.ended(self)

    # --- frames

    def handle(self, frame):
        handlers = {wire.Message: self.on_message, wire.Ack: self.on_ack, wire.Release: self.on_release,
                    wire.Dead: self.on_dead, wire.Cancel: self.on_cancel, wire.Close: self.on_close,
                    wire.Busy: self.on_busy}
        handlers.get(type(frame), lambda _: None)(frame)

    def on_ack(self, ack):
        if ack.largest > self.number:
            raise wire.Malformed("an ACK of what was never sent")
        for number in ack.numbers():
            frames, _ = self.unacknowledged.pop(number, ([], 0))
            self.acknowledged_phase |= bool(frames)
            for slot in self.slots:
                if slot[1] in frames:
                    slot[1] = None  # a one-way message of one fragment

    def on_busy(self, busy):
        frames, _ = self.unacknowledged.pop(busy.number, (None, 0))
        if frames:
            self.transmit(frames)

    def on_close(self, close):
        self.end(LINK_LOST)

    def on_cancel(self, cancel):
        if cancel.reason not in (1, 2):
            raise wire.Malformed("a CANCEL for another reason")

    def on_dead(self, dead):
        right = self.imports.get((dead.id, dead.generation))
        if right:
            right.dead = dead.reason
            right.drop()

    def on_release(self, release):
        if release.sequence in self.release_numbers:
            return
        self.release_numbers.add(release.sequence)
        for name, generation, count in release.entries:
            export = self.exports.get(name)
            if name == 1 or not export or export.generation != generation or not 0 < count <= export.count:
                raise wire.Malformed("a RELEASE of what was not sent")
            export.count -= count
            if not export.count:
                del self.exports[name]

    # --- messages

    def on_message(self, part):
        if part.flags & wire.REPLY:
            self.on_reply(part)
        else:
            self.on_request(part)

    def on_reply(self, part):
        call = self.slots[part.call >> 48][1] if part.call >> 48 < len(self.slots) else None
        if not isinstance(call, Call) or call.id != part.call:
            return  # a duplicate of an answer that is complete
        whole = gather(call.parts, part)
        if whole:
            self.slots[part.call >> 48][1] = None
            words, caps, data = whole.unpacked()
            call.finish(part.outcome, words, [self.received(c) for c in caps], data)

    def on_request(self, part):
        slot, sequence = part.call >> 48, part.call & (1 << 48) - 1
        served = self.served.setdefault(slot, [0, None])
        if slot >= self.node.parameters.calls or not sequence:
            raise wire.Malformed("a slot that it was not offered")
        if sequence < served[0] or (sequence == served[0] and served[1] is None):
            return
        if sequence > served[0]:
            if served[1] is not None:
                raise wire.Malformed("a slot used anew while its message is incomplete")
            served[0], served[1] = sequence, {}
        whole = part if part.flags & wire.VOID else gather(served[1], part)
        if whole:
            served[1] = None
            self.accept(whole)

    def accept(self, message):
        export = self.exports.get(message.export)
        if not export or export.generation != message.generation:
            self.reply(message.call, NOT_EXECUTED | REVOKED, [], [], b"")
            return
        if not message.order:
            self.execute(export, message)
            return
        if message.order <= export.order or message.order in export.held:
            raise wire.Malformed("a number of the order is used twice")
        export.held[message.order] = message
        while export.order + 1 in export.held:
            export.order += 1
            self.execute(export, export.held.pop(export.order))

    def execute(self, export, message):
        if message.flags & wire.VOID:
            return
        words, caps, data = message.unpacked()
        request = Request(self, message, words, [self.received(c) for c in caps], data)
        answer = export.service.serve(request)
        if answer:
            request.answer(*answer)

    def send_message(self, message, words, rights, data):
        caps = [self.described(right) for right in rights]
        message.content = wire.content_pack(words, caps, data)
        message.words, message.capabilities = len(words), len(caps)
        frames = self.cut(message)
        for frame in frames:
            self.transmit([frame])
        return frames

    def cut(self, message):
        """The frames that a message is sent in."""
        return message.fragments()

    def reply(self, call, outcome, words, rights, data):
        self.send_message(wire.Message(wire.REPLY, call, outcome=outcome), words, rights, data)

    def call(self, right, interface, method, words, rights, data, oneway=False, ordered=True, deadline=10_000_000):
        slot = next(i for i, (_, busy) in enumerate(self.slots) if busy is None)
        self.slots[slot][0] += 1
        call = Call(slot << 48 | self.slots[slot][0])
        right.order += ordered
        frames = self.send_message(
            wire.Message(wire.ONEWAY if oneway else 0, call.id, interface=interface, method=method, export=right.id,
                         generation=right.generation, order=right.order if ordered else 0, deadline=deadline,
                         trace=self.node.random_number()), words, rights, data)
        self.slots[slot][1] = frames[-1] if oneway else call
        return call

    # --- references

    def described(self, right):
        """The descriptor of a right that is sent."""
        if right is None:
            return wire.Capability(wire.CAP_NONE)
        if isinstance(right, Import) and right.session is self:
            return wire.Capability(wire.CAP_HOME, MAY_SEND, right.id, right.generation)
        service = right if isinstance(right, Service) else self.node.proxy(right)
        name = next((n for n, e in self.exports.items() if e.service is service and n != 1), None)
        if name is None:
            name = next(n for n in range(2, self.node.parameters.exports) if n not in self.exports)
            self.exports[name] = Export(service, self.node.next_generation())
        self.exports[name].count += 1
        return wire.Capability(wire.CAP_SEND, MAY_SEND, name, self.exports[name].generation)

    def received(self, cap):
        """What a descriptor that came stands for."""
        if cap.kind == wire.CAP_HOME:
            export = self.exports.get(cap.id)
            if not export or export.generation != cap.generation:
                raise wire.Malformed("a HOME that was never sent")
            return export.service
        if cap.kind == wire.CAP_NONE:
            return None
        right = self.imports.setdefault((cap.id, cap.generation), Import(self, cap.id, cap.generation))
        right.count += 1
        return right

    def release(self, entries):
        entries = [e for e in entries if e[2]]
        if entries and self.standing:
            self.released += 1
            self.transmit([wire.Release(self.released, entries).pack()])


def gather(parts, part):
    """The whole message, once all its granules are among the parts, by their number."""
    if not part.total <= wire.CONTENT_MOST + 8 * 8 + 8 * 16:
        raise wire.Malformed("a content that is too long")
    for at in range(0, max(len(part.content), 1), wire.GRANULE):
        parts.setdefault((part.offset + at) // wire.GRANULE, part.content[at:at + wire.GRANULE])
    if sum(len(granule) for granule in parts.values()) < part.total:
        return None
    content = b"".join(parts[number] for number in sorted(parts))
    return wire.Message(**{**part.__dict__, "content": content})
