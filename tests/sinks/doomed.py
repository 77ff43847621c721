"""A process that delivers, and dies between sending and marking: `python -m tests.sinks.doomed URL PORT`."""

import os
import sys

from casework.sinks import Mail
from casework.store import KeyRing, SqlStore, open_engine
from tests.store.post import Post
from tests.system.world import LEAD


def main(url, port):
    """Send the first letter, say so, and be gone."""
    mail = Mail("127.0.0.1", "casework@school.example", {LEAD: "li@school.example"}, int(port), "none", timeout=2)

    def doomed(letter):
        mail(letter)
        os._exit(7)

    Post(SqlStore(open_engine(url), KeyRing.without_secrecy())).deliver({"mail": doomed})


if __name__ == "__main__":
    main(*sys.argv[1:])
