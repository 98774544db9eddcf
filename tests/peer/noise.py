"""What a node computes with keys, by netipc/PROTOCOL.md and The Noise Protocol Framework, revision 34.

Nothing of the project's C is used: the primitives are Python's and python3-cryptography's. Functions of
bytes; a value that does not open raises Refused.
"""
import hashlib
import hmac
import struct

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

CIPHERS = (ChaCha20Poly1305, AESGCM)  # by their numbers
NAME = b"Noise_IKpsk2_25519_ChaChaPoly_BLAKE2b"
KEY = 32


class Refused(Exception):
    """What came does not prove what it claims."""


def blake(size, key, data):
    """H(n, key, data) of the protocol."""
    return hashlib.blake2b(data, digest_size=size, key=key).digest()


def public_key(secret):
    return X25519PrivateKey.from_private_bytes(secret).public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def agree(secret, public):
    return X25519PrivateKey.from_private_bytes(secret).exchange(X25519PublicKey.from_public_bytes(public))


def identity(public):
    return int.from_bytes(blake(8, b"", b"portolan node" + public), "little")


def mac1(psk, receiver, data):
    return blake(16, blake(32, psk, b"portolan mac" + receiver), data)


def beacon_mac(psk, data):
    return blake(16, blake(32, psk, b"portolan beacon"), data)


def aead_open(aead, nonce, data, associated):
    try:
        return aead.decrypt(nonce, data, associated)
    except InvalidTag as error:
        raise Refused("it does not open") from error


class Noise:
    """The symmetric state and the two messages of IKpsk2, for either role. The initiator calls
    write_first and read_second, the responder read_first and write_second; then split() has the secret
    of the initiator's direction and that of the responder's."""

    def __init__(self, psk, secret, responder, prologue):
        self.psk, self.secret, self.responder = psk, secret, responder
        self.hash = self.chain = NAME.ljust(64, b"\0")
        self.key = b""
        self.mix_hash(prologue)
        self.mix_hash(responder)

    def mix_hash(self, data):
        self.hash = hashlib.blake2b(self.hash + data).digest()

    def derive(self, material, count):
        temporary = hmac.new(self.chain, material, hashlib.blake2b).digest()
        outputs, last = [], b""
        for number in range(1, count + 1):
            last = hmac.new(temporary, last + bytes([number]), hashlib.blake2b).digest()
            outputs.append(last)
        return outputs

    def mix_key(self, material):
        self.chain, key = self.derive(material, 2)
        self.key = key[:KEY]

    def mix_psk(self):
        self.chain, extra, key = self.derive(self.psk, 3)
        self.mix_hash(extra)
        self.key = key[:KEY]

    def mix_ephemeral(self, public):
        self.mix_hash(public)
        self.mix_key(public)

    # Each key seals one message: the nonce is always 0.
    def seal(self, data):
        sealed = ChaCha20Poly1305(self.key).encrypt(bytes(12), data, self.hash)
        self.mix_hash(sealed)
        return sealed

    def open(self, sealed):
        data = aead_open(ChaCha20Poly1305(self.key), bytes(12), sealed, self.hash)
        self.mix_hash(sealed)
        return data

    def write_first(self, ephemeral, payload):
        """Returns the ephemeral key, the static key sealed, the payload sealed."""
        self.ephemeral = ephemeral
        first = public_key(ephemeral)
        self.mix_ephemeral(first)
        self.mix_key(agree(ephemeral, self.responder))
        static = self.seal(public_key(self.secret))
        self.mix_key(agree(self.secret, self.responder))
        return first + static + self.seal(payload)

    def read_first(self, message):
        """Returns the initiator's static key and the payload."""
        self.other_ephemeral = message[:32]
        self.mix_ephemeral(self.other_ephemeral)
        self.mix_key(agree(self.secret, self.other_ephemeral))
        self.initiator = self.open(message[32:80])
        self.mix_key(agree(self.secret, self.initiator))
        return self.initiator, self.open(message[80:])

    def write_second(self, ephemeral, payload):
        second = public_key(ephemeral)
        self.mix_ephemeral(second)
        self.mix_key(agree(ephemeral, self.other_ephemeral))
        self.mix_key(agree(ephemeral, self.initiator))
        self.mix_psk()
        return second + self.seal(payload)

    def read_second(self, message):
        second = message[:32]
        self.mix_ephemeral(second)
        self.mix_key(agree(self.ephemeral, second))
        self.mix_key(agree(self.secret, second))
        self.mix_psk()
        return self.open(message[32:])

    def split(self):
        first, second = self.derive(b"", 2)
        return first[:KEY], second[:KEY]


class Direction:
    """The keys of one direction of a session: a secret and a key for each phase."""

    def __init__(self, secret, cipher):
        self.cipher, self.phase = cipher, 0
        self.secret = secret

    def key(self):
        return blake(KEY, self.secret, b"portolan key" + bytes([self.cipher]))

    def advance(self):
        self.secret = blake(KEY, self.secret, b"portolan next" + bytes([self.cipher]))
        self.phase += 1

    def following(self):
        """The same, one phase later."""
        later = Direction(self.secret, self.cipher)
        later.phase = self.phase
        later.advance()
        return later

    def seal(self, number, header, frames):
        return CIPHERS[self.cipher](self.key()).encrypt(struct.pack("<IQ", 0, number), frames, header)

    def open(self, number, header, sealed):
        return aead_open(CIPHERS[self.cipher](self.key()), struct.pack("<IQ", 0, number), sealed, header)
