"""publisher.py from another machine: broadcaster.py ADDRESS URL TOKEN.

ADDRESS is the one that it is reached at. What a server's certificate is checked by, SSL_CERT_FILE names.
"""

import asyncio
import sys

import aioice.ice
import publisher


if __name__ == "__main__":
    address, url, token = sys.argv[1:]
    aioice.ice.get_host_addresses = lambda use_ipv4, use_ipv6: [address] if use_ipv4 else []
    sys.exit(asyncio.run(publisher.main(publisher.parse(["--url", url, "--token", token]))))
