"""`python manage.py story`: some requests, and what came of them."""

from datetime import UTC, datetime

from django.core.management.base import BaseCommand
from django.db import transaction
from django.test import Client
from django.test.utils import override_settings

from casework import ManualClock
from pupils import care
from pupils.models import Student


class Command(BaseCommand):
    """Make some requests and print what came of them."""

    help = __doc__

    def handle(self, **_: object) -> None:
        """Print the story."""
        clock = ManualClock(datetime(2026, 9, 1, 1, tzinfo=UTC))
        with override_settings(CLOCK=clock):
            self.tell(clock)

    def tell(self, clock: ManualClock) -> None:
        """Requests from a Tuesday in September on."""
        client = Client(headers={"X-User": "t.li"})

        def post(path: str, **form: object) -> None:
            answer = client.post(path, form, content_type="application/json")
            self.stdout.write(f"POST {path}: {answer.status_code} {answer.json() if answer.content else ''}".rstrip())

        def rows(child: str) -> None:
            with transaction.atomic():
                own = Student.objects.filter(id=child).count()
                duties = sum(line.child == child for line in care.desk("t.li").today())
            self.stdout.write(f"  {child}: {own} of the host, {duties} duties of casework")

        self.stdout.write("A pupil, in one transaction with her case:")
        post("/students/s-17", name="Xiaoyu", away="both", lead="t.li")
        rows("s-17")

        self.stdout.write("A request that fails after casework has written leaves neither:")
        post("/students/s-18", name="Ming", away="one", lead="t.li", locker="taken")
        rows("s-18")

        self.stdout.write("So does one that casework refuses:")
        post("/students/s-19", name="Lan", away="all", lead="t.li")
        rows("s-19")

        self.stdout.write("A form that the browser sends twice counts once:")
        clock.advance(days=2)
        for _ in range(2):
            post("/students/s-17/visits", id="form-1", reached=True, note="The roof leaks over her bed.")

        self.stdout.write("What Li owes, with names from the host's table:")
        for line in client.get("/today").json():
            self.stdout.write(f"  {line['who']}: {line['duty']} by {line['by']}")
