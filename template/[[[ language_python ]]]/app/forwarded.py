"""Who asks, when proxies stand in between."""


def client_address(peer: str, forwarded: str, trusted_hops: int) -> str:
    """Return the address of the client: that of `X-Forwarded-For` as far as the proxies before it are trusted."""
    if not trusted_hops:
        return peer
    addresses = [*(part.strip() for part in forwarded.split(",") if part.strip()), peer]
    return addresses[-min(trusted_hops + 1, len(addresses))]
