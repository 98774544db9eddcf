#!/usr/bin/env python3
"""Prints the vectors for the tests of netipc/crypto: `tests/unit/crypto/vectors.py >vectors.txt`.

Written from the specifications, not from the C: The Noise Protocol Framework, revision 34; RFC 7693
(BLAKE2), 2104 (HMAC), 7748 (X25519), 8439 (ChaCha20-Poly1305); NIST SP 800-38D (GCM);
draft-irtf-cfrg-xchacha; and netipc/PROTOCOL.md. The primitives are Python's and python3-cryptography's.
Its Noise is itself checked against the published vector of the Cacophony project.

Each line of the output: a name, a blank, and the bytes as hexadecimal digits.
"""
import hashlib
import hmac
import struct

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

CHACHA, AES = 0, 1


def show(name, value):
    print(name, value.hex())


def blake2b(data, size=64, key=b""):
    return hashlib.blake2b(data, digest_size=size, key=key).digest()


def public(secret):
    key = X25519PrivateKey.from_private_bytes(secret).public_key()
    return key.public_bytes(Encoding.Raw, PublicFormat.Raw)


def product(secret, point):
    return X25519PrivateKey.from_private_bytes(secret).exchange(X25519PublicKey.from_public_bytes(point))


# --- The Noise Protocol Framework, sections 4, 5 and 9 ---------------------------------------------


def hmac_hash(key, data):
    return hmac.new(key, data, hashlib.blake2b).digest()


def hkdf(chaining_key, material, outputs):
    key = hmac_hash(chaining_key, material)
    result = [hmac_hash(key, b"\1")]
    while len(result) < outputs:
        result.append(hmac_hash(key, result[-1] + bytes([len(result) + 1])))
    return result


class Symmetric:
    def __init__(self, name):
        self.h = name.ljust(64, b"\0") if len(name) <= 64 else blake2b(name)
        self.ck = self.h
        self.k = None

    def mix_hash(self, data):
        self.h = blake2b(self.h + data)

    def mix_key(self, material):
        self.ck, key = hkdf(self.ck, material, 2)
        self.k, self.n = key[:32], 0

    def mix_key_and_hash(self, material):
        self.ck, mixed, key = hkdf(self.ck, material, 3)
        self.mix_hash(mixed)
        self.k, self.n = key[:32], 0

    def encrypt_and_hash(self, plain):
        sealed = ChaCha20Poly1305(self.k).encrypt(struct.pack("<IQ", 0, self.n), plain, self.h)
        self.n += 1
        self.mix_hash(sealed)
        return sealed


def ikpsk2(prologue, psk, initiator, responder, ephemeral_i, ephemeral_r, payloads):
    """Both messages, both transport keys and the hash; the four keys are secret ones."""
    s = Symmetric(b"Noise_IKpsk2_25519_ChaChaPoly_BLAKE2b")
    s.mix_hash(prologue)
    s.mix_hash(public(responder))  # <- s ...
    # -> e, es, s, ss
    first = public(ephemeral_i)
    s.mix_hash(first)
    s.mix_key(first)
    s.mix_key(product(ephemeral_i, public(responder)))
    first += s.encrypt_and_hash(public(initiator))
    s.mix_key(product(initiator, public(responder)))
    first += s.encrypt_and_hash(payloads[0])
    # <- e, ee, se, psk
    second = public(ephemeral_r)
    s.mix_hash(second)
    s.mix_key(second)
    s.mix_key(product(ephemeral_r, public(ephemeral_i)))
    s.mix_key(product(ephemeral_r, public(initiator)))
    s.mix_key_and_hash(psk)
    second += s.encrypt_and_hash(payloads[1])
    keys = [key[:32] for key in hkdf(s.ck, b"", 2)]
    return first, second, keys[0], keys[1], s.h


def noise_vectors(name, prologue, psk, initiator, responder, ephemeral_i, ephemeral_r, payloads):
    names = ("prologue psk initiator responder ephemeral_i ephemeral_r payload_1 payload_2 message_1 "
             "message_2 key_i key_r hash").split()
    result = ikpsk2(prologue, psk, initiator, responder, ephemeral_i, ephemeral_r, payloads)
    values = [prologue, psk, initiator, responder, ephemeral_i, ephemeral_r, *payloads, *result]
    for what, value in zip(names, values):
        show(f"{name}.{what}", value)
    return result


def published():
    """https://github.com/haskell-cryptography/cacophony, vectors/cacophony.txt."""
    h = bytes.fromhex
    first, second, key_i, key_r, name = noise_vectors(
        "published", b"John Galt", b"This is my Austrian perspective!",
        h("e61ef9919cde45dd5f82166404bd08e38bceb5dfdfded0a34c8df7ed542214d1"),
        h("4a3acbfdb163dec651dfa3194dece676d437029c62a408b4c5ea9114246e4893"),
        h("893e28b9dc6ca8d611ab664754b8ceb7bac5117349a4439a6b0569da977c464a"),
        h("bbdb4cdbd309f1a1f2e1456967fe288cadd6f712d65dc7b7793d5e63da6b375b"),
        (b"Ludwig von Mises", b"Murray Rothbard"))
    assert first == h(
        "ca35def5ae56cec33dc2036731ab14896bc4c75dbb07a61f879f8e3afa4c7944"
        "b6fe0240b839afac809de1630eaf99d8f9b941394f0512c0554633bbb021d151"
        "76135c0a20e7fdb9a9ed066f22f054b47625b1d5061cb27d6a17f053273db7c2"
        "5216a5addc506ee321bc0618feb5849d")
    assert second == h(
        "95ebc60d2b1fa672c1f46a8aa265ef51bfe38e7ccb39ec5be34069f144808843"
        "8f627e69fc120006f746b9d420bf4056cf8481ab32d9e904ffaeeaa56a5290")
    assert name == h(
        "ed837c9084f2f0333a7ec60b9bcacd9921394858de8ced118b5966d1147ba390"
        "084dab42326c565a309c29317a6079be30aa1d790d25a517b43287426cb1d36a")
    number = struct.pack("<IQ", 0, 0)
    assert ChaCha20Poly1305(key_i).encrypt(number, b"F. A. Hayek", b"") == h(
        "07fc0034398a5f1010322be193d62f94bebf2948a20b3e15d681fe")
    assert ChaCha20Poly1305(key_r).encrypt(number, b"Carl Menger", b"") == h(
        "2ea5400f5b8a16971c8b67bde75aeb7987d454b1c0beeb2566932d")


# --- PROTOCOL.md ------------------------------------------------------------------------------------


def node_id(key):
    return int.from_bytes(blake2b(b"portolan node" + key, 8), "little")


def mac_key(psk, key):
    return blake2b(b"portolan mac" + key, 32, psk)


def header(kind, receiver, phase=0, number=0):
    return struct.pack("<BBBBIQ", 1 << 4 | kind, 0, phase, 0, receiver, number)


def rotate(value, count):
    return (value << count | value >> 32 - count) & 0xFFFFFFFF


def hchacha20(key, nonce):
    """draft-irtf-cfrg-xchacha-03, section 2.2."""
    x = list(struct.unpack("<16I", b"expand 32-byte k" + key + nonce))

    def quarter(a, b, c, d):
        for p, q, r, count in ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)):
            x[p] = (x[p] + x[q]) & 0xFFFFFFFF
            x[r] = rotate(x[r] ^ x[p], count)

    for _ in range(10):
        for column in range(4):
            quarter(column, column + 4, column + 8, column + 12)
        for column in range(4):
            quarter(column, (column + 1) % 4 + 4, (column + 2) % 4 + 8, (column + 3) % 4 + 12)
    return struct.pack("<8I", *x[:4], *x[12:])


def xchacha20_poly1305(key, nonce, plain, associated):
    return ChaCha20Poly1305(hchacha20(key, nonce[:16])).encrypt(bytes(4) + nonce[16:], plain, associated)


def derive(secret, what, cipher):
    return blake2b(b"portolan " + what + bytes([cipher]), 32, secret)


def seal(cipher, secret, phase, number, frames, receiver):
    for _ in range(phase):
        secret = derive(secret, b"next", cipher)
    key = derive(secret, b"key", cipher)
    clear = header(6, receiver, phase % 256, number)
    aead = AESGCM(key) if cipher == AES else ChaCha20Poly1305(key)
    return clear + aead.encrypt(struct.pack("<IQ", 0, number), frames, clear)


def secret_of(name):
    return blake2b(name.encode(), 32)


def handshake():
    psk, initiator, responder = secret_of("psk"), secret_of("initiator"), secret_of("responder")
    ephemeral_i, ephemeral_r = secret_of("ephemeral i"), secret_of("ephemeral r")
    epoch_i, epoch_r = blake2b(b"epoch i", 16), blake2b(b"epoch r", 16)
    cluster, index_i, index_r = 0x1122334455667788, 0x01020304, 0x0A0B0C0D
    ids = node_id(public(initiator)), node_id(public(responder))
    for name, value in (("psk", psk), ("initiator", initiator), ("responder", responder),
                        ("ephemeral_i", ephemeral_i), ("ephemeral_r", ephemeral_r),
                        ("epoch_i", epoch_i), ("epoch_r", epoch_r)):
        show(f"handshake.{name}", value)
    show("handshake.id_i", struct.pack("<Q", ids[0]))
    show("handshake.id_r", struct.pack("<Q", ids[1]))
    prologue = b"portolan netipc\0" + struct.pack("<IIQQQ", 1, index_i, cluster, *ids)
    offer = epoch_i + epoch_r + struct.pack("<QII", 7, 900, 300) + bytes(range(16))
    reply = epoch_r + struct.pack("<IBBBB", index_r, AES, 0, 0, 0) + bytes(range(16, 32))
    first, second, key_i, key_r, _ = ikpsk2(
        prologue, psk, initiator, responder, ephemeral_i, ephemeral_r, (offer, reply))
    # Initiation, with and without a cookie; the cookie; the response.
    packet = header(3, 0) + struct.pack("<IIQ", index_i, 0, ids[0]) + first
    keys = mac_key(psk, public(initiator)), mac_key(psk, public(responder))
    mac1 = blake2b(packet, 16, keys[1])
    show("handshake.initiation", packet + mac1 + bytes(16))
    jar, nonce = secret_of("jar"), blake2b(b"nonce", 24)
    show("handshake.jar", jar)
    show("handshake.nonce", nonce)
    cookie = blake2b(struct.pack("<IH", 0x0A4D000B, 7678), 16, jar)
    sealed = xchacha20_poly1305(blake2b(b"cookie", 32, keys[1]), nonce, cookie, mac1)
    show("handshake.cookie", header(5, index_i) + nonce + sealed)
    show("handshake.initiation_2", packet + mac1 + blake2b(packet + mac1, 16, cookie))
    packet = header(4, index_i) + second
    show("handshake.response", packet + blake2b(packet, 16, keys[0]))
    show("handshake.key_i", key_i)
    show("handshake.key_r", key_r)
    line = (f"PORTOLAN_SESSION {public(ephemeral_i).hex()} {index_i:08x} {index_r:08x} aes-256-gcm "
            f"{key_i.hex()} {key_r.hex()}")
    show("handshake.keylog", line.encode())


def packets():
    secret = secret_of("direction")
    show("packet.secret", secret)
    frames = bytes(i * 7 % 256 for i in range(100))
    show("packet.frames", frames)
    for cipher, name in ((CHACHA, "chacha"), (AES, "aes")):
        for phase, number in ((0, 1), (0, 2), (1, 3), (2, 4), (257, 5)):
            show(f"packet.{name}.{phase}.{number}", seal(cipher, secret, phase, number, frames, 77))
        show(f"packet.{name}.empty", seal(cipher, secret, 0, 1, b"", 77))


published()
for size in (0, 1, 63, 64, 65, 500):
    noise_vectors(f"noise.{size}", bytes(range(size % 256)), *(secret_of(f"{size} {i}") for i in range(5)),
                  (bytes(size), bytes(i % 256 for i in range(size))))
handshake()
packets()
