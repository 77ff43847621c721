"""The school's pages. With ATOMIC_REQUESTS each runs in one transaction, which an error rolls back."""

import json
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse

from casework.errors import CaseworkError, NotFound
from pupils.care import desk
from pupils.models import Student

Page = Callable[[HttpRequest], HttpResponseBase]


class LockerTaken(Exception):
    """The host's own reason to fail, after casework has written."""


def add_student(request: HttpRequest, child: str) -> HttpResponse:
    """A pupil, in one transaction with her case."""
    form = json.loads(request.body)
    Student.objects.create(id=child, name=form["name"])
    mine = desk(request.headers["X-User"])  # a real host asks its login
    mine.identify(child, away=form["away"])
    case = mine.pair(child, lead=form["lead"]).case
    if form.get("locker") == "taken":
        raise LockerTaken
    return JsonResponse({"state": case.state}, status=201)


def add_visit(request: HttpRequest, child: str) -> HttpResponse:
    """A visit; the form's own id lets it be sent twice."""
    form = json.loads(request.body)
    mine = desk(request.headers["X-User"])
    done = mine.record(child, "visit", reached=form["reached"], note=form.get("note"), key=form["id"])
    said = {"state": done.case.state, "repeated": done.repeated, "may add": list(done.missing)}
    return JsonResponse(said, status=201)


def today(request: HttpRequest) -> HttpResponse:
    """What whoever is signed in owes, with names from the host's table."""
    names = dict(Student.objects.values_list("id", "name"))
    lines = desk(request.headers["X-User"]).today()
    return JsonResponse(
        [{"who": names.get(line.child, line.child), "duty": line.duty, "by": f"{line.deadline}"} for line in lines],
        safe=False,
    )


def refusals(page: Page) -> Page:
    """Say what casework refuses, after the transaction has been rolled back: a middleware stands outside of it."""

    class Refusals:
        def __call__(self, request: HttpRequest) -> HttpResponseBase:
            return page(request)

        def process_exception(self, _: HttpRequest, error: Exception) -> HttpResponse | None:
            if isinstance(error, LockerTaken):
                return HttpResponse(status=409)
            if isinstance(error, CaseworkError):
                return JsonResponse({"refused": str(error)}, status=404 if isinstance(error, NotFound) else 422)
            return None

    return Refusals()
