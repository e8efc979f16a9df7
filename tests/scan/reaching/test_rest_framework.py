"""Django REST framework's serializers and generic views."""

from __future__ import annotations

from pathlib import Path

import pytest

from ripstop.scan.flow import flow

from .models import DJANGO
from .snippets import read

VIEWS = f"""
{DJANGO}
from rest_framework import generics, serializers
from rest_framework.views import APIView
class OrderSerializer(serializers.ModelSerializer):
    class Meta:
        model = Order
        fields = ["total"]
class LineSerializer(serializers.ModelSerializer):
    class Meta:
        model = Line
    def create(self, given):
        Order.objects.create(total=1)
        return Line.objects.create(**given)
    def update(self, instance, given):
        instance.save()
        return instance
class Orders(generics.ListCreateAPIView):
    queryset = Order.objects.all()
    serializer_class = OrderSerializer
class Lines(generics.RetrieveUpdateDestroyAPIView):
    queryset = Line.objects.all()
    serializer_class = LineSerializer
class Own(APIView):
    serializer_class = LineSerializer
    def post(self, request):
        serializer = self.serializer_class(data=request.data)
        serializer.is_valid()
        serializer.save()
    def put(self, request):
        serializer = LineSerializer(Line.objects.get(pk=1), data=request.data)
        serializer.save()
    def patch(self, request):
        OrderSerializer(Order.objects.get(pk=1), data=request.data).save()
"""


@pytest.mark.parametrize(
    ("handler", "told"),
    [
        ("Orders.get", ["SELECT shop_order"]),
        ("Orders.post", ["INSERT shop_order"]),
        ("Lines.get", ["SELECT lines"]),
        ("Lines.put", ["SELECT lines", "UPDATE lines"]),
        ("Lines.delete", ["SELECT lines", "DELETE lines"]),
        ("Own.post", ["INSERT shop_order", "INSERT lines"]),
        ("Own.put", ["SELECT lines", "UPDATE lines"]),
        ("Own.patch", ["SELECT shop_order", "UPDATE shop_order"]),
        ("Own.delete", []),
        ("Nobody.get", []),
    ],
)
def test_a_view_does_what_its_serializer_and_its_rows_say(
    tmp_path: Path, handler: str, told: list[str]
) -> None:
    reaches = flow(f"app.{handler}", read(tmp_path, VIEWS))

    assert [one.operation for one in reaches] == told
