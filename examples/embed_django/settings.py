"""A school's Django project, as small as it can be. Database and key ring stand in the folder where it is started."""

import os
from pathlib import Path
from typing import Any

from sqlalchemy import make_url

from casework import system_clock

FOLDER = Path.cwd()
KEYS = FOLDER / "keys.json"
CLOCK = system_clock

DEBUG = True
SECRET_KEY = "for-this-example-alone"  # noqa: S105 - it guards nothing
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "urls"
INSTALLED_APPS = ["pupils.apps.Pupils"]
MIDDLEWARE = ["pupils.views.refusals"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
LOGGING = {"version": 1, "loggers": {"django.request": {"level": "ERROR"}}}  # what is refused is no fault


def database(url: str) -> dict[str, Any]:
    """Django's settings for a database that is named as `casework` names it too."""
    found = make_url(url)
    common = {"NAME": found.database, "ATOMIC_REQUESTS": True}  # each request is one transaction
    if found.get_backend_name() == "sqlite":
        # A test database in a file: a proof looks at it with a connection of its own.
        test = {"NAME": str(FOLDER / "test.db")}
        return common | {"ENGINE": "django.db.backends.sqlite3", "TEST": test}
    options = dict(found.query)  # such as sslmode, as they are
    where = {"HOST": found.host or options.pop("host", ""), "PORT": found.port or options.pop("port", "")}
    who = {"USER": found.username, "PASSWORD": found.password}
    return common | where | who | {"ENGINE": "django.db.backends.postgresql", "OPTIONS": options}


DATABASES = {"default": database(os.environ.get("SCHOOL_DATABASE", f"sqlite:///{FOLDER / 'host.db'}"))}
