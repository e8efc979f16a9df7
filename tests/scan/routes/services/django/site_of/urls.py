"""The root of all routes."""

from books import views
from django.conf.urls.static import static
from django.contrib import admin
from django.urls import include, path, re_path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("health", views.health),
    path("books/", include("books.urls", namespace="books")),
    path("api/", include("books.api")),
    re_path(r"^archive/(?P<year>[0-9]{4})/(?:page-(?P<page>\d+)/)?$", views.archive),
]
urlpatterns += static("/media/", document_root=".")
