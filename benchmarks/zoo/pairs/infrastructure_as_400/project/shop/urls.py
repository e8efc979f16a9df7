"""The service's routes."""

from django.urls import path

from shop.views import health, place_order

urlpatterns = [path("health", health), path("orders", place_order)]
