"""The books for programs: a viewset, an APIView, a function."""

from django.urls import include, path
from rest_framework import generics, permissions, routers, serializers, viewsets
from rest_framework.decorators import action, api_view, permission_classes
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from books.models import Book


class BookSerializer(serializers.ModelSerializer):
    class Meta:
        model = Book
        fields = ("id", "title", "pages")


class BookSet(viewsets.ModelViewSet):
    queryset = Book.objects.all()
    serializer_class = BookSerializer
    permission_classes = (permissions.IsAdminUser,)
    http_method_names = ("get", "post", "patch", "delete", "head", "options")

    def perform_create(self, serializer: BookSerializer) -> None:
        serializer.save()

    @action(detail=True, methods=["post"])
    def borrow(self, request: Request, pk: str | None = None) -> Response:
        return Response({"pk": pk})

    @action(detail=False, url_path="most-read")
    def most_read(self, request: Request) -> Response:
        return Response([])


class PageSet(viewsets.ViewSet):
    lookup_field = "number"

    def list(self, request: Request) -> Response:
        return Response([])

    def retrieve(self, request: Request, number: str) -> Response:
        return Response(number)


class Stamps(APIView):
    def put(self, request: Request) -> Response:
        return Response("stamped")


class Every(generics.ListCreateAPIView):
    queryset = Book.objects.all()
    serializer_class = BookSerializer

    def get(self, request: Request, *given: object, **named: object) -> Response:
        return self.list(request, *given, **named)


@api_view(["GET", "POST"])
@permission_classes([permissions.AllowAny])
def fines(request: Request) -> Response:
    return Response([])


router = routers.DefaultRouter()
router.register("books", BookSet)
router.register(r"pages", PageSet, basename="page")

urlpatterns = [
    path("", include(router.urls)),
    path("stamps", Stamps.as_view()),
    path("every", Every.as_view()),
    path("fines", fines),
]
