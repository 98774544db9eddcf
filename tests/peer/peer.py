#!/usr/bin/env python3
"""A second implementation of the protocol in the place of n3 of a cluster: it joins n1 and n2, calls,
serves, passes rights on, and misbehaves.

    peer.py PTL RUNDIR README       of a cluster that `run` has started, whose n3 is stopped

Each test_… below is one test, in this order; those of the second half break the protocol and see how n1 or
n2 takes it. What a node says of it is looked for in its console. Ends with `N passed, N failed`.
"""
import os
import subprocess
import sys
import traceback

import wire
from link import Link, now
from node import DIRECTORY, LOOKUP, PING, Node, keys_read
from session import LINK_LOST, Import, Service

ECHO, COURIER, FS, FILE = 32, 33, 4, 5
TAKE, USE, GIVE_BACK, POKE, STALL, STALLED, NOTE, NOTED = 1, 3, 4, 5, 6, 7, 10, 11
DEADLINE, PERHAPS = 1, 2 << 8


class Echo(Service):
    """Says back what it is told (echo.idl), and is poked (courier.idl)."""

    def __init__(self):
        self.count = 0

    def serve(self, request):
        self.count += 1
        if (request.message.interface, request.message.method) == (ECHO, 1):
            return 0, [self.count, len(request.data)], [], request.data
        if (request.message.interface, request.message.method) == (COURIER, POKE):
            return 0, [request.words[0] + 1], [], b""
        return super().serve(request)


class World:
    """What the tests share: this node, and the cluster it is in."""

    def __init__(self, ptl, folder, file):
        self.ptl, self.folder, self.file = ptl, folder, file
        self.link = Link(folder, 3)
        self.keys = keys_read(f"{folder}/n3/keys")
        self.reborn()

    def reborn(self):
        """This node begins another life."""
        self.node = Node(self.keys, self.link)
        self.n1, self.n2 = self.node.peer("n1"), self.node.peer("n2")

    def on(self, name, command):
        """What a shell of a node prints, while this node goes on."""
        with subprocess.Popen([self.ptl, "on", name, command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True) as process:
            expect(f"'{command}' on {name} ends", self.node.until(lambda: process.poll() is not None, 60))
            return process.stdout.read()

    def console(self, name):
        with open(f"{self.folder}/{name}/serial.log", encoding="utf-8", errors="replace") as file:
            return file.read()

    def until(self, what, condition, seconds=20):
        expect(what, self.node.until(condition, seconds))

    def joined(self):
        """Waits until both sessions stand."""
        self.node.beacons, self.node.next_beacon = True, 0.0
        self.until("both sessions stand", lambda: self.n1.session and self.n2.session)

    def call(self, right, *arguments, **options):
        """A call that is answered: (words, rights, bytes)."""
        call = right.call(*arguments, **options)
        self.until("the answer", lambda: call.done)
        expect("outcome", call.outcome, 0)
        return call.words, call.rights, call.data

    def look_up(self, peer, name):
        return self.call(peer.session.root, DIRECTORY, LOOKUP, [len(name)], [], name.encode())[1][0]

    def alive(self, peer):
        """The session stands, and its other side answers."""
        expect("the session stands", bool(peer.session))
        self.call(peer.session.root, DIRECTORY, PING)

    def refused(self, peer, text, misbehave):
        """Misbehaves until the node says so (what it says is bounded in time), with no session the worse for it."""
        session, before = peer.session, self.console(peer.name).count(text)
        tried = [0.0]

        def said():
            if now() > tried[0] + 0.5:
                tried[0] = now()
                misbehave()
            return self.console(peer.name).count(text) > before
        self.until(f"{peer.name} says '{text}'", said)
        expect("the same session", peer.session is session)
        self.alive(peer)

    def ends(self, peer, text, misbehave):
        """One breach of the protocol: that session ends, the other one does not; and this node is let in again."""
        self.joined()
        other = self.n2 if peer is self.n1 else self.n1
        untouched, before = other.session, self.console(peer.name).count(text)
        self.node.history.clear()
        misbehave(peer.session)
        self.until("the session ends", lambda: (peer.name, LINK_LOST) in self.node.history)
        self.until(f"{peer.name} says '{text}'", lambda: self.console(peer.name).count(text) > before)
        expect("the other session", other.session is untouched)
        self.alive(other)
        self.joined()


def expect(what, got, wanted=True):
    assert got == wanted, f"{what}: got {got!r}, wanted {wanted!r}"


# ---- what the protocol promises


def test_it_begins_a_session_as_the_initiator_with_aes(w):
    w.until("a beacon of each", lambda: w.n1.address and w.n2.address)
    w.node.costs = lambda: (1 << 30, 1)
    w.node.begin(w.n2)
    w.until("a session with n2", lambda: w.n2.session)
    expect("roles", w.node.history, [("n2", "initiator")])
    expect("cipher", w.n2.session.sends.cipher, 1)
    w.alive(w.n2)


def test_it_answers_as_the_responder_with_chacha(w):
    w.node.costs = lambda: (1, 1 << 30)
    w.joined()
    expect("roles", w.node.history[1:], [("n1", "responder")])
    expect("cipher", w.n1.session.sends.cipher, 0)
    w.alive(w.n1)


def test_it_is_a_node_like_any_other(w):
    expect("n3 of nodes", f"n3 up epoch {w.node.epoch.hex()}" in w.on("n1", "nodes"))


def test_it_looks_a_service_up_and_reads_a_file(w):
    w.fs = w.look_up(w.n2, "fs")
    name = b"/README.md"
    (size, *_), (file,), _ = w.call(w.fs, FS, 1, [1, 0, 0, 0, len(name)], [], name)
    with open(w.file, "rb") as original:
        wanted = original.read()
    expect("size", size, len(wanted))
    expect("content", w.call(file, FILE, 1, [0, 65536, 0])[2] == wanted[:65536])
    file.drop()


def read_long(w):
    """Has n2 send an answer of many fragments."""
    fs, name = w.look_up(w.n2, "fs"), b"/README.md"
    file, = w.call(fs, FS, 1, [1, 0, 0, 0, len(name)], [], name)[1]
    expect("length", len(w.call(file, FILE, 1, [0, 65536, 0])[2]) > 4 * wire.PACKET, True)
    file.drop()
    fs.drop()


def test_what_it_sends_may_take_the_next_key(w):
    w.until("an acknowledgement", lambda: w.n1.session.acknowledged_phase)
    w.n1.session.next_phase()
    w.alive(w.n1)
    expect("unsealed", w.n1.session.counted["unsealed"], 0)


def test_a_probe_is_acknowledged(w):
    session = w.n1.session
    session.transmit([wire.probe_pack(1000)])
    number = session.number
    w.until("an acknowledgement", lambda: number not in session.unacknowledged)
    expect("it went once", session.number, number)
    expect("the same session", w.n1.session is session)


def test_no_packet_is_larger_than_a_probe_that_it_acknowledged(w):
    session = w.n2.session
    w.until("a probe as large as there are", lambda: session.probed == wire.PACKET_MOST)
    session.longest = 0
    w.until("a packet larger than any path takes", lambda: read_long(w) or session.longest > wire.PACKET)
    expect("within what was probed", session.longest <= session.probed)


def test_a_packet_of_many_messages_is_taken_whole(w):
    session, kept = w.n1.session, []
    transmit, session.transmit = session.transmit, lambda frames, **_: kept.extend(frames)
    calls = [session.root.call(DIRECTORY, PING) for _ in range(21)]
    session.transmit = transmit
    session.transmit(kept)
    expect("its size, of what any path takes", len(session.last_packet) in range(wire.PACKET - 56, wire.PACKET + 1))
    w.until("all answers", lambda: all(call.done for call in calls))
    expect("outcomes", {call.outcome for call in calls}, {0})


def test_it_serves(w):
    w.node.root.offer("echo", Echo())
    w.until("n1 knows the name", lambda: "n3/echo" in w.on("n1", "names"))
    expect("a call", w.on("n1", "call n3/echo echo.say hello"), "text: hello\ncount: 1\n")
    expect("the next", w.on("n2", "call n3/echo echo.say again"), "text: again\ncount: 2\n")


def test_it_passes_a_right_that_is_used_and_comes_home_as_itself(w):
    w.courier, w.poked = w.look_up(w.n1, "courier"), Echo()
    for _ in range(2):
        w.call(w.courier, COURIER, TAKE, [], [w.poked])
    expect("use", w.call(w.courier, COURIER, USE, [41])[0], [42])
    expect("comes home", w.call(w.courier, COURIER, GIVE_BACK)[1], [w.poked])


def test_it_introduces_the_right_of_a_third_node(w):
    # n1 is given n2's echo, and calls it through this node.
    echo = w.look_up(w.n2, "echo")
    w.node.root.offer("third", echo)
    w.until("n1 knows the name", lambda: "n3/third" in w.on("n1", "names"))
    expect("through this node", w.on("n1", "call n3/third echo.say far"), "text: far\ncount: 1\n")
    # n2 is given its own, which comes home.
    w.until("n2 knows the name", lambda: "n3/third" in w.on("n2", "names"))
    expect("at home", w.on("n2", "call n3/third echo.say near"), "text: near\ncount: 2\n")
    echo.drop()


def echoed(w, length):
    """A call to n2's echo with so many bytes, which come back."""
    data = bytes(i * 31 >> 3 & 255 for i in range(length))
    echo = w.look_up(w.n2, "echo")
    expect("what comes back", w.call(echo, ECHO, 1, [length], [], data)[2] == data)
    echo.drop()


def test_fragments_that_overlap_are_put_together(w):
    def cut(message):
        frames, step = [], wire.GRANULE
        for offset in range(0, len(message.content), 2 * step):
            frames.append(message.fragment(offset, 4 * step))
            frames.insert(0, message.fragment(offset, step))
        return frames[::2] + frames[1::2]
    w.n2.session.cut = cut
    echoed(w, 3000)
    del w.n2.session.cut


def test_fragments_of_a_whole_packet_are_taken(w):
    session = w.n2.session
    most = (wire.PACKET_MOST - 88) // wire.GRANULE * wire.GRANULE
    session.cut = lambda message: [message.fragment(at, most) for at in range(0, len(message.content), most)]
    session.fragment = 0
    echoed(w, 20000)
    del session.cut
    expect("what it sends itself is as long", session.fragment, most)


def notes(w, numbers):
    """The frames of notes to the courier of n1, which are not sent yet."""
    session, kept = w.n1.session, []
    transmit, session.transmit = session.transmit, lambda frames, **_: kept.append(frames)
    for number in numbers:
        w.courier.call(COURIER, NOTE, [number], oneway=True)
    session.transmit = transmit
    return kept


def test_messages_are_executed_in_their_order(w):
    for frames in reversed(notes(w, range(1, 9))):
        w.n1.session.transmit(frames)
    expect("noted, and of these wrong", w.call(w.courier, COURIER, NOTED)[0], [8, 0])


def test_a_message_without_a_place_in_the_order_passes(w):
    kept, = notes(w, [9])
    expect("noted before", w.call(w.courier, COURIER, NOTED, ordered=False)[0], [8, 0])
    w.n1.session.transmit(kept)
    expect("noted then", w.call(w.courier, COURIER, NOTED)[0], [9, 0])


def test_a_call_that_comes_again_is_not_executed_again(w):
    echo, frames, session = w.look_up(w.n2, "echo"), [], w.n2.session
    transmit = session.transmit

    def twice(sent, **options):
        frames.extend(f for f in sent if f[0] == wire.MSG)
        transmit(sent, **options)
        transmit(sent, **options)
    session.transmit = twice
    first = w.call(echo, ECHO, 1, [3], [], b"one")[0][0]
    session.transmit = transmit
    transmit(frames)
    expect("count", w.call(echo, ECHO, 1, [3], [], b"two")[0][0], first + 1)
    echo.drop()


def test_a_deadline_ends_a_call_and_its_cancellation_arrives(w):
    call = w.courier.call(COURIER, STALL, deadline=200_000)
    w.until("the answer", lambda: call.done)
    expect("outcome", call.outcome, PERHAPS | DEADLINE)
    given, cancelled = w.call(w.courier, COURIER, STALLED)[0]
    expect("ns that it was given, and cancelled", (0 < given <= 200_000_000, cancelled), (True, 1))


def test_nothing_is_held_in_the_end(w):
    w.fs.drop()
    w.courier.drop()
    w.until("n1 holds nothing", lambda: set(w.n1.session.exports) == {1})
    w.until("n2 holds nothing", lambda: set(w.n2.session.exports) == {1})
    for name in ("n1", "n2"):
        w.until(f"of {name} nothing is held", lambda name=name: " n3 id " not in w.on(name, "exports"))


# ---- who misbehaves is refused, and the session is none the worse for it


def test_a_used_packet_number_is_refused(w):
    w.refused(w.n1, "has a packet number that was used", lambda: w.link.send(w.n1.address, w.n1.session.last_packet))


def test_an_initiation_again_is_refused(w):
    again = w.node.last_initiation
    w.refused(w.n2, "repeats an attempt that was seen before", lambda: w.link.send(w.n2.address, again))


def test_another_secret_key_is_refused(w):
    def pretend():
        w.node.begin(w.n2, os.urandom(32))
        w.n2.began = None
    w.refused(w.n2, "carries a key that is not the one of its node", pretend)


def test_another_clusters_key_is_refused(w):
    def pretend():
        true, w.node.keys.psk = w.node.keys.psk, os.urandom(32)
        w.node.begin(w.n1)
        w.n1.began, w.node.keys.psk = None, true
    w.refused(w.n1, "was made without this cluster's key", pretend)


def test_a_damaged_packet_is_refused(w):
    def damage():
        session = w.n1.session
        session.transmit([wire.ping_pack()])
        packet = bytearray(session.last_packet)
        packet[8] += 1  # a number that was not used
        packet[20] ^= 1
        w.link.send(w.n1.address, bytes(packet))
    w.refused(w.n1, "fails the authentication", damage)


def test_another_version_is_refused(w):
    def pretend():
        version, wire.VERSION = wire.VERSION, wire.VERSION - 1
        w.link.broadcast(w.node.beacon())
        wire.VERSION = version
    w.refused(w.n1, "a node that speaks another version of the protocol", pretend)


def test_a_beacon_with_anothers_name_changes_nothing(w):
    true, w.node.keys.name = w.node.keys.name, "n2"
    w.link.broadcast(w.node.beacon())
    w.node.keys.name = true
    w.alive(w.n1)
    w.alive(w.n2)


# ---- who breaks the protocol within a session loses it, and nobody else does


def test_a_forged_export_ends_the_session(w):
    w.ends(w.n1, "a message to an export that it does not hold", lambda s: Import(s, 77, 1).call(ECHO, 1))


def test_a_forged_generation_ends_the_session(w):
    def forge(session):
        right = w.look_up(w.n1, "courier")
        Import(session, right.id, right.generation + 1).call(COURIER, NOTED)
    w.ends(w.n1, "a message to an export that it does not hold", forge)


def test_a_forged_right_home_ends_the_session(w):
    w.ends(w.n2, "passes home a right that it does not hold",
           lambda s: s.root.call(DIRECTORY, LOOKUP, [], [Import(s, 99, 3)]))


def test_references_that_were_never_given_end_the_session(w):
    w.ends(w.n1, "gives back references that it does not have", lambda s: s.release([(77, 1, 1)]))


def test_an_acknowledgement_of_nothing_ends_the_session(w):
    w.ends(w.n2, "acknowledges what was never sent",
           lambda s: s.transmit([wire.Ack(64, 0, 1 << 40, 1).pack()], keep=False))


def test_a_number_of_the_order_that_is_used_twice_ends_the_session(w):
    def twice(session):
        w.call(session.root, DIRECTORY, PING)
        session.root.order -= 1
        session.root.call(DIRECTORY, PING)
    w.ends(w.n1, "an order number was used before", twice)


def test_a_call_slot_that_was_not_offered_ends_the_session(w):
    def beyond(session):
        message = wire.Message(0, 0xFFFF << 48 | 1, interface=DIRECTORY, method=PING, export=1, generation=1, order=1)
        session.send_message(message, [], [], b"")
    w.ends(w.n2, "a call slot that was not offered", beyond)


def test_a_fragment_off_the_granules_ends_the_session(w):
    def off(session):
        message = wire.Message(0, 1 << 48 | 1, interface=DIRECTORY, method=PING, export=1, generation=1,
                               content=bytes(2000))
        session.transmit([message.fragment(0, wire.GRANULE + 4)])
    w.ends(w.n2, "lengths that contradict each other", off)


def test_a_fragment_of_another_message_ends_the_session(w):
    def other(session):
        for total in (2000, 2001):
            message = wire.Message(0, 1 << 48 | 1, interface=DIRECTORY, method=PING, export=1, generation=1,
                                   content=bytes(total))
            session.transmit([message.fragment(0, wire.GRANULE)])
    w.ends(w.n1, "fragments of one message contradict each other", other)


def test_an_unknown_frame_ends_the_session(w):
    w.ends(w.n1, "unknown frame type", lambda s: s.transmit([bytes([99, 0, 0, 0])]))


# ---- lives


def test_another_life_is_another_node(w):
    before = w.node.epoch
    w.reborn()
    w.joined()
    for name in ("n1", "n2"):
        shown = w.on(name, "nodes")
        expect(f"n3's epoch on {name}", (w.node.epoch.hex() in shown, before.hex() in shown), (True, False))


def test_packets_stay_small_where_no_probe_arrives(w):
    w.reborn()
    w.link.mtu = 1500
    w.joined()
    read_long(w)
    expect("no probe has come", (w.n2.session.probed, w.n2.session.longest <= wire.PACKET), (0, True))
    w.link.mtu = 9000


def test_who_is_silent_is_dead(w):
    w.node.beacons = False
    w.n1.session.turn = w.n1.session.transmit = lambda *_, **__: None
    w.until("n1 says so", lambda: "n3: nothing heard: it counts as dead" in w.console("n1").split("up (session")[-1])
    w.alive(w.n2)


def main():
    os.environ["PTL_DIR"] = sys.argv[2]
    world, passed, failed = World(*sys.argv[1:4]), 0, 0
    for name, test in list(globals().items()):
        if not name.startswith("test_"):
            continue
        started = now()
        try:
            test(world)
            passed += 1
            print(f"ok      {name} ({now() - started:.1f} s)", flush=True)
        except Exception as error:  # pylint: disable=broad-except
            failed += 1
            print(f"FAILED  {name}\n        {error}\n        dropped here: {world.node.dropped[-5:]}", flush=True)
            if not isinstance(error, AssertionError):
                traceback.print_exc()
    print(f"{passed} passed, {failed} failed")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
