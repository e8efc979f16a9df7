"""Views: functions and classes."""

from django.contrib.auth.decorators import login_required
from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.views import View
from django.views.decorators.http import require_http_methods
from django.views.generic import CreateView, ListView

from books.models import Book


def health(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok")


def archive(request: HttpRequest, year: str, page: str = "1") -> HttpResponse:
    return HttpResponse(year + page)


@login_required
@require_http_methods(["GET", "DELETE"])
def one_book(request: HttpRequest, number: int) -> HttpResponse:
    return HttpResponse(str(number))


def lend(request: HttpRequest, slug: str) -> HttpResponse:
    if request.method != "POST":
        return HttpResponse(status=405)
    return HttpResponse(slug)


def either(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        return HttpResponse("posted")
    return HttpResponse("read")


def returned(request: HttpRequest) -> HttpResponse:
    if request.method == "PUT":
        return HttpResponse("back")
    return HttpResponseNotAllowed(["PUT"])


class Shelf(LoginRequiredMixin, View):
    def get(self, request: HttpRequest) -> HttpResponse:
        return HttpResponse("shelf")

    def post(self, request: HttpRequest) -> HttpResponse:
        return HttpResponse("put up")


class Books(ListView):
    model = Book


class NewBook(CreateView):
    model = Book
    fields = ("title",)
