"""Routes of the books, under a namespace."""

from django.contrib.auth.decorators import login_required
from django.urls import include, path

from books import views

app_name = "books"
lending = [path("<slug:slug>/lend", views.lend, name="lend"), path("returned", views.returned)]

urlpatterns = [
    path("", views.Books.as_view(), name="all"),
    path("new", login_required(views.NewBook.as_view())),
    path("<int:number>", views.one_book),
    path("shelf", views.Shelf.as_view()),
    path("either", views.either),
    path("lending/", include(lending)),
]
