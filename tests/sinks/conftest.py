"""A mail server and a receiver of webhooks for the tests of sinks."""

import ssl
from datetime import datetime, timedelta
from ipaddress import ip_address

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.sinks.listeners import http, listening, smtp
from tests.store.conftest import empty_database, memory_engine

__all__ = ["empty_database", "memory_engine"]


@pytest.fixture(scope="session")
def contexts(tmp_path_factory):
    """For TLS on this machine: the server's context, and that of a client which trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "here")])
    now = datetime(2026, 1, 1)  # noqa: DTZ001 - as the certificate says it
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=36_500))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    folder = tmp_path_factory.mktemp("tls")
    (folder / "cert").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    plain = (serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "key").write_bytes(key.private_bytes(serialization.Encoding.PEM, *plain))
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(folder / "cert", folder / "key")
    return server, ssl.create_default_context(cafile=folder / "cert")


@pytest.fixture
def mail_server():
    """A mail server."""
    with listening(smtp) as listener:
        yield listener


@pytest.fixture
def receiver():
    """A receiver of webhooks."""
    with listening(http) as listener:
        yield listener
