"""A certificate authority of the tests."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID


class Authority:
    """A certificate authority that no system knows."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.certificate = self.sign("Company CA", authority=True)
        self.path = folder / "company-ca.pem"
        self.path.write_bytes(self.certificate.public_bytes(Encoding.PEM))

    def sign(self, name: str, *, authority: bool = False) -> x509.Certificate:
        """Return a certificate of a host, or its own, for the one key that it has."""
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        issuer = subject if authority else self.certificate.subject
        key, now = self.key.public_key(), datetime.now(UTC)
        usage = dict.fromkeys(
            ("content_commitment", "key_encipherment", "data_encipherment", "key_agreement"), False
        )
        usage |= {"crl_sign": False, "encipher_only": False, "decipher_only": False}
        builder = x509.CertificateBuilder(issuer, subject, key, x509.random_serial_number())
        builder = builder.not_valid_before(now - timedelta(days=1))
        builder = builder.not_valid_after(now + timedelta(days=7))
        for extension in (
            x509.BasicConstraints(ca=authority, path_length=None),
            x509.KeyUsage(digital_signature=not authority, key_cert_sign=authority, **usage),
            x509.SubjectKeyIdentifier.from_public_key(key),
            x509.AuthorityKeyIdentifier.from_issuer_public_key(key),
        ):
            builder = builder.add_extension(extension, critical=False)
        if not authority:
            names = x509.SubjectAlternativeName([x509.DNSName(name)])
            builder = builder.add_extension(names, critical=False)
        return builder.sign(self.key, SHA256())

    def context(self, host: str) -> ssl.SSLContext:
        """Return what a server needs to be taken for a host."""
        file = self.folder / f"{host}.pem"
        key = self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        file.write_bytes(key + self.sign(host).public_bytes(Encoding.PEM))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context
