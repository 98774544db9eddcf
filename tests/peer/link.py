"""The place of a node on the testbed's switch: Ethernet, ARP, IPv4 and UDP, as far as a node needs them.

A datagram of the switch's socket is a frame. Everything that is not for this node is dropped.
"""
import os
import select
import socket
import struct
import time

PORT = 7678
HEADER, JUMBO = 14, 9014
EVERYBODY = b"\xff" * 6
NETWORK = bytes((10, 77, 0))


def checksum(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


class Link:
    """Of node number `number` (nK is 52:54:00:..:K and 10.77.0.(10+K)), in a run directory of ptl."""

    def __init__(self, folder, number):
        self.mac = bytes((0x52, 0x54, 0, 0, 0, number))
        self.address = NETWORK + bytes((10 + number,))
        self.own = f"{folder}/n{number}/qemu.sock"
        self.switch = f"{folder}/n{number}/switch.sock"
        if os.path.exists(self.own):
            os.unlink(self.own)  # the machine that it was has no power
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.own)
        self.socket.setblocking(False)
        self.macs = {NETWORK + b"\xff": EVERYBODY, b"\xff" * 4: EVERYBODY}
        self.identification = 0
        self.mtu = 9000  # what is longer does not arrive
        self.waiting = {}  # address: the last packet, until it is known where that is

    def frame(self, to, kind, data):
        try:
            self.socket.sendto(to + self.mac + struct.pack(">H", kind) + data, self.switch)
        except BlockingIOError:
            pass  # lost

    def arp(self, operation, mac, address):
        self.frame(mac, 0x0806, struct.pack(">HHBBH", 1, 0x0800, 6, 4, operation) + self.mac + self.address +
                   (bytes(6) if mac == EVERYBODY else mac) + address)

    def send(self, address, packet):
        """A packet to an address; its hardware address is asked for first."""
        mac = self.macs.get(address)
        if not mac:
            self.waiting[address] = packet
            self.arp(1, EVERYBODY, address)
            return
        self.identification = (self.identification + 1) & 0xFFFF
        udp = struct.pack(">HHHH", PORT, PORT, 8 + len(packet), 0) + packet
        header = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), self.identification, 0x4000, 64, 17, 0,
                             self.address, address)
        header = header[:10] + struct.pack(">H", checksum(header)) + header[12:]
        self.frame(mac, 0x0800, header + udp)

    def broadcast(self, packet):
        self.send(b"\xff" * 4, packet)

    def receive(self, seconds):
        """The packets that come within that time: (address, packet), until there is none at the moment."""
        readable, _, _ = select.select([self.socket], [], [], max(seconds, 0))
        while readable:
            try:
                frame = self.socket.recv(JUMBO)
            except BlockingIOError:
                return
            found = self.take(frame) if len(frame) <= HEADER + self.mtu else None
            if found:
                yield found

    def take(self, frame):
        if len(frame) < 14 or frame[:6] not in (self.mac, EVERYBODY):
            return None
        kind, body = struct.unpack(">H", frame[12:14])[0], frame[14:]
        if kind == 0x0806 and len(body) >= 28:
            self.take_arp(body)
        if kind != 0x0800 or len(body) < 28 or body[0] != 0x45 or body[9] != 17:
            return None
        length = struct.unpack(">H", body[2:4])[0]
        source, udp = body[12:16], body[20:length]
        if len(udp) < 8 or struct.unpack(">HH", udp[:4]) != (PORT, PORT):
            return None
        return source, udp[8:]

    def take_arp(self, body):
        operation = struct.unpack(">H", body[6:8])[0]
        mac, address, wanted = body[8:14], body[14:18], body[24:28]
        if wanted != self.address:
            return
        self.macs[address] = mac
        if operation == 1:
            self.arp(2, mac, address)
        if address in self.waiting:
            self.send(address, self.waiting.pop(address))


def now():
    return time.monotonic()
