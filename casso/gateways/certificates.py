"""What a certificate file says of itself: how long it is good and for which names.

Not whether somebody trusts its issuer: a desk in a closed network may well have its own.
"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography import x509


@dataclass(frozen=True, slots=True)
class CertificateFacts:
    """The first certificate of the file, which is the desk's own."""

    valid_from: datetime
    valid_until: datetime
    names: tuple[str, ...]

    def is_for(self, host: str) -> bool:
        """Whether a browser takes it for this host; `*` stands for one label (RFC 6125, 6.4.3)."""
        host = host.lower()
        return host in self.names or "*." + host.partition(".")[2] in self.names


def read_certificate(path: str) -> CertificateFacts:
    """Read a PEM file. Raises OSError and ValueError."""
    found = x509.load_pem_x509_certificates(Path(path).read_bytes())[0]
    try:
        named = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        names: tuple[str, ...] = ()
    else:
        addresses = (str(one) for one in named.get_values_for_type(x509.IPAddress))
        names = (*(one.lower() for one in named.get_values_for_type(x509.DNSName)), *addresses)
    return CertificateFacts(found.not_valid_before_utc, found.not_valid_after_utc, names)
