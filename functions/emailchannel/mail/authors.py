"""Every domain that a mail's From names, however it is written there.

Two programs may read two authors in one From (RFC 5322 leaves room for it, senders make more). All
that is written there counts, so that nothing is missed that any program may see.
"""

from __future__ import annotations

import re
from typing import Final

from emailchannel.mail.address import a_label
from emailchannel.mail.encoded import decode_words
from emailchannel.mail.headers import scan

_DOMAIN: Final = re.compile(r"@([^\s@<>()\"',;:]{1,255})")


def author_domains(raw: bytes) -> frozenset[str]:
    """Domains after any @ in the From fields of a mail, encoded words decoded, as A-labels."""
    fields = scan(raw).headers.all("from")
    written = " ".join(decode_words(value) for value in fields)
    return frozenset(a_label(domain) for domain in _DOMAIN.findall(written))
