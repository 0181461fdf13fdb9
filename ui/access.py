"""Who may reach a face that listens on the network: on this machine anybody, from elsewhere who knows the token (`ROLESEARCH_TOKEN`)."""

import hmac
from ipaddress import ip_address

from search.errors import UsageError


def is_this_machine(host: str) -> bool:
    """Whether a name or address, as one listens on or as a browser sends it, reaches no further than this machine."""
    name = host.strip("[]").lower()
    try:
        return name == "localhost" or ip_address(name).is_loopback
    except ValueError:
        return False


def check_host(host: str, token: str) -> None:
    """Raises UsageError where other machines would be answered and there is no token to ask them for."""
    if not token and not is_this_machine(host):
        raise UsageError(
            f"listening on {host!r} would answer every machine that reaches this one; set ROLESEARCH_TOKEN to a secret of 16 characters or more "
            "(`openssl rand -hex 32` makes one), or leave --host as it is"
        )


def is_token(given: str, token: str) -> bool:
    """Whether what was sent is the token; takes as long whatever was sent."""
    return hmac.compare_digest(given.encode(errors="replace"), token.encode())
