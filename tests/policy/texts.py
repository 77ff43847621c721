"""Small packs as text, for tests that change one thing in them."""

HEAD = """\
format = 1
id = "{id}"
version = "1"
title = "Ours"
jurisdiction = "practice"
"""

DUTY = """
[[duty]]
id = "{id}"
title = "Home visits"
source = ["S3"]
subject = "child"
role = "class_teacher"
discharged_by = ["visit"]
windows = [{windows}]
"""

LADDER = """
[ladder]
step = "30 min"
repeat_cap = "24 h"
rungs = ["lead/class_teacher", "principal", "outside"]

[ladder.limits]
acknowledged = "2 h"
"""


def pack(*duties, name="ours", more='definition = "register"\n'):
    """A pack of duties (see `duty`); ``more`` follows its head."""
    return HEAD.format(id=name) + more + "".join(duties)


def duty(number="D10", windows='{ each = "OPEN" }', more=""):
    """A duty about a child, discharged by a visit."""
    return DUTY.format(id=number, windows=windows) + more
