"""A node of a cluster with keys: beacons, both roles of the handshake, its sessions; and a name service
whose table is a dictionary.

One thread: Node.until() runs the node until a condition holds. What others send is dropped, and counted by
what was wrong with it, unless it proves itself.
"""
import os
import struct
from dataclasses import dataclass, field

import wire
from link import now
from noise import CIPHERS, Noise, Refused, beacon_mac, identity, mac1, public_key
from session import Proxy, Service, Session

DIRECTORY, LOOKUP, CHANGES, PING, CHANGED = 11, 1, 2, 3, 4
NOT_FOUND, NO_METHOD = 32, 38
RESTARTED, LINK_LOST = 6, 5
OFFER = struct.Struct("<16s16sQII16s")
REPLY = struct.Struct("<16sIB3x16s")
PROLOGUE = struct.Struct("<16sIIQQQ")


@dataclass
class Keys:
    """A key file (netipc/crypto/keys.h)."""

    cluster: int = 0
    psk: bytes = b""
    nodes: dict = field(default_factory=dict)  # name: public key
    name: str = ""
    secret: bytes = b""


def keys_read(path):
    keys = Keys()
    with open(path, encoding="ascii") as file:
        for line in file:
            kind, *words = line.split()
            if kind == "cluster":
                keys.cluster = int(words[0], 16)
            elif kind == "psk":
                keys.psk = bytes.fromhex(words[0])
            elif kind == "node":
                keys.nodes[words[0]] = bytes.fromhex(words[1])
            elif kind == "self":
                keys.name, keys.secret = words[0], bytes.fromhex(words[1])
    return keys


@dataclass
class Peer:
    """Another node of the cluster. began: what it is to answer; answered: what it may begin with."""

    name: str
    key: bytes
    address: bytes = b""
    epoch: bytes = bytes(16)
    session: Session = None
    began: tuple = None  # (noise, our index)
    answered: Session = None
    attempts: dict = field(default_factory=dict)  # epoch: the largest attempt answered


class Directory(Service):
    """The root: the names of this node, as servers/proto/directory.idl has them."""

    def __init__(self, node):
        self.node, self.names, self.version = node, {}, 1
        self.instance = node.random_number()
        self.news = []  # (node, instance, version)

    def digest(self):
        """As cluster/core/registry_table.c: FNV-1a of each name, added up."""
        total = 0
        for name in self.names:
            value = 0xCBF29CE484222325
            for byte in name.encode():
                value = (value ^ byte) * 0x100000001B3 % (1 << 64)
            total += value
        return total % (1 << 64)

    def offer(self, name, service):
        """Gives the service a name, and tells every node."""
        self.names[name] = service
        self.version += 1
        for peer in self.node.standing():
            peer.session.root.call(DIRECTORY, CHANGED, [self.instance, self.version, len(self.node.keys.name)],
                                   data=self.node.keys.name.encode())

    def serve(self, request):
        message = request.message
        if message.interface != DIRECTORY:
            return NO_METHOD, [], [], b""
        if message.method == LOOKUP:
            service = self.names.get(request.data.decode("ascii", "replace"))
            return (0, [], [service], b"") if service else (NOT_FOUND, [], [], b"")
        if message.method == CHANGES:
            records = "".join(f"+{name}\n" for name in sorted(self.names)).encode()
            return 0, [self.instance, self.version, self.digest(), 1, len(records)], [], records
        if message.method == CHANGED:
            self.news.append((request.data.decode(), *request.words[:2]))
            return 0, [], [], b""
        return (0, [], [], b"") if message.method == PING else (NO_METHOD, [], [], b"")


class Node:
    def __init__(self, keys, link, say=lambda text: None):
        self.keys, self.link, self.say = keys, link, say
        self.public, self.id = public_key(keys.secret), identity(public_key(keys.secret))
        self.epoch, self.attempt, self.generation = os.urandom(16), 0, 0
        self.parameters = wire.Parameters()
        self.peers = {identity(key): Peer(name, key) for name, key in keys.nodes.items() if name != keys.name}
        self.proxies, self.indices = {}, {}  # a right of another session: its Proxy; index: peer
        self.root = Directory(self)
        self.beacons = self.begins = False  # whether it is heard, and whether it begins by itself
        self.next_beacon, self.dropped, self.history = 0.0, [], []
        self.last_initiation = b""

    @staticmethod
    def random_number():
        return int.from_bytes(os.urandom(8), "little") | 1

    def next_generation(self):
        self.generation += 1
        return self.generation

    def proxy(self, right):
        return self.proxies.setdefault(right, Proxy(right))

    def peer(self, name):
        return next(p for p in self.peers.values() if p.name == name)

    def standing(self):
        return [p for p in self.peers.values() if p.session]

    def ended(self, session):
        session.peer.session = None
        self.history.append((session.peer.name, session.reason))

    # --- the loop

    def until(self, condition, seconds=20):
        """Runs the node until the condition holds; False if the time is up before."""
        deadline = now() + seconds
        while not condition():
            if now() > deadline:
                return False
            self.turn()
        return True

    def turn(self):
        if self.beacons and now() >= self.next_beacon:
            self.next_beacon = now() + 1
            self.link.broadcast(self.beacon())
        for peer in self.standing():
            peer.session.turn()
        for address, packet in self.link.receive(0.02):
            try:
                self.take(address, packet)
            except (wire.Malformed, Refused) as error:
                self.dropped.append(str(error))

    def take(self, address, packet):
        outer = wire.outer_read(packet)
        if outer.type == wire.HELLO:
            self.take_beacon(address, packet)
        elif outer.type == wire.INITIATION:
            self.take_initiation(address, packet)
        elif outer.type in (wire.RESPONSE, wire.SEALED):
            peer = self.indices.get(outer.receiver)
            if not peer or peer.address != address:
                raise wire.Malformed("an index that is not in use")
            if outer.type == wire.RESPONSE:
                self.take_response(peer, outer, packet)
            else:
                self.take_sealed(peer, outer, packet)

    # --- beacons

    def beacon(self):
        packet = wire.Outer(wire.HELLO).pack() + wire.hello_pack(self.keys.cluster, self.id, self.epoch,
                                                                self.parameters, self.keys.name.encode())
        return packet + beacon_mac(self.keys.psk, packet)

    def take_beacon(self, address, packet):
        hello = wire.hello_read(packet[wire.HEADER:-16])
        if beacon_mac(self.keys.psk, packet[:-16]) != packet[-16:] or hello.cluster != self.keys.cluster:
            raise Refused("a beacon of another cluster")
        peer = self.peers.get(hello.node)
        if not peer or peer.name != hello.name.decode("ascii", "replace"):
            raise Refused("a beacon of nobody")
        new = peer.epoch != hello.epoch
        if not peer.session:
            peer.address, peer.epoch = address, hello.epoch
        if self.begins and not peer.began and (new or not peer.session):
            self.begin(peer)

    # --- the handshake

    def noise(self, secret, initiator, responder, responder_key, index):
        prologue = PROLOGUE.pack(b"portolan netipc", wire.VERSION, index, self.keys.cluster, initiator, responder)
        return Noise(self.keys.psk, secret, responder_key, prologue)

    def new_index(self, peer):
        index = int.from_bytes(os.urandom(4), "little") | 1
        self.indices[index] = peer
        return index

    def costs(self):
        return 100, 200  # ns for 1 KiB by each cipher: made up

    def begin(self, peer, secret=None):
        """Sends an initiation; with another secret it is one of somebody who is not this node."""
        index, ephemeral = self.new_index(peer), os.urandom(32)
        self.attempt += 1
        noise = self.noise(secret or self.keys.secret, self.id, identity(peer.key), peer.key, index)
        offer = OFFER.pack(self.epoch, peer.epoch, self.attempt, *self.costs(), self.parameters.pack())
        packet = wire.Outer(wire.INITIATION).pack() + struct.pack("<IIQ", index, 0, self.id)
        packet += noise.write_first(ephemeral, offer)
        packet += mac1(self.keys.psk, peer.key, packet)
        self.last_initiation = packet + bytes(16)
        peer.began = noise, index
        self.link.send(peer.address, self.last_initiation)

    def take_response(self, peer, outer, packet):
        if len(packet) != 120 or mac1(self.keys.psk, self.public, packet[:104]) != packet[104:]:
            raise Refused("a response with another mac1")
        if not peer.began or peer.began[1] != outer.receiver:
            raise Refused("a response that was not asked for")
        noise, index = peer.began
        epoch, other, cipher, parameters = REPLY.unpack(noise.read_second(packet[16:104]))
        if cipher >= len(CIPHERS) or not other:
            raise wire.Malformed("a reply out of bounds")
        session = Session(self, peer, cipher, noise.split(), index, other, wire.parameters_read(parameters))
        peer.began, peer.epoch = None, epoch
        self.stand(peer, session, "initiator")
        session.transmit([wire.ping_pack()])  # shows the other that this peer is there

    def take_initiation(self, address, packet):
        if len(packet) != 224 or mac1(self.keys.psk, self.public, packet[:192]) != packet[192:208]:
            raise Refused("an initiation with another mac1")
        index, _, sender = struct.unpack_from("<IIQ", packet, 16)
        peer = self.peers.get(sender)
        if not peer:
            raise Refused("an initiation of nobody")
        if peer.began and self.public > peer.key:
            raise Refused("the other's attempt gives way")
        noise = self.noise(self.keys.secret, sender, self.id, self.public, index)
        key, offer = noise.read_first(packet[32:192])
        epoch, wanted, attempt, *costs, parameters = OFFER.unpack(offer)
        if key != peer.key or wanted not in (bytes(16), self.epoch):
            raise Refused("an initiation of another, or to another life")
        if attempt <= peer.attempts.get(epoch, 0):
            raise Refused("an initiation again")
        peer.attempts[epoch] = attempt
        offered = wire.parameters_read(parameters)
        both = [a + b if a and b else None for a, b in zip(costs, self.costs())]
        cipher = min((c for c in range(len(both)) if both[c]), key=lambda c: both[c])
        own = self.new_index(peer)
        second = noise.write_second(os.urandom(32), REPLY.pack(self.epoch, own, cipher, self.parameters.pack()))
        answer = wire.Outer(wire.RESPONSE, index).pack() + second
        peer.began, peer.epoch, peer.address = None, epoch, address
        peer.answered = Session(self, peer, cipher, noise.split()[::-1], own, index, offered)
        self.link.send(address, answer + mac1(self.keys.psk, peer.key, answer))

    def stand(self, peer, session, role):
        if peer.session:
            peer.session.end(RESTARTED)
        peer.session, peer.answered = session, None
        self.history.append((peer.name, role))

    def take_sealed(self, peer, outer, packet):
        for session in (peer.session, peer.answered):
            if session and session.own_index == outer.receiver:
                session.take(outer, packet)
                if session is peer.answered and session.seen:
                    self.stand(peer, session, "responder")
                return
        raise wire.Malformed("a packet of a session that has ended")
