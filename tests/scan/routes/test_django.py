"""Django by syntax, shape by shape."""

from ripstop.scan.routes.django import both

HEAD = "from django.urls import include, path, re_path\n"
VIEWS = "def one(request): ...\ndef two(request): ...\n"


def test_a_urlconf_that_no_other_includes_is_the_root(write, told):
    _, code = write(
        {
            "shop/views.py": VIEWS,
            "shop/urls.py": HEAD
            + "from shop import views\nurlpatterns = [path('in/', include('shop.more'))]\n",
            "shop/more.py": HEAD + "from shop import views\nurlpatterns = [path('<slug:s>', views.one)]\n",
        }
    )

    assert told(both(code)[0]) == ["GET /in/{s} shop.views.one"]


def test_settings_name_the_root(write, told):
    _, code = write(
        {
            "shop/settings.py": "ROOT_URLCONF = 'shop.urls'\n"
            "MIDDLEWARE = ['django.x.Y', 'shop.guard.Mine']\n",
            "shop/views.py": VIEWS,
            "shop/urls.py": HEAD + "from shop.views import one\nurlpatterns = [path('a', one)]\n",
            "old/urls.py": HEAD + "from shop.views import two\nurlpatterns = [path('b', two)]\n",
        }
    )

    (only,) = both(code)[0]
    assert (only.operation, only.guards) == ("GET /a", ("shop.guard.Mine",))


def test_what_is_added_to_the_patterns_later_is_read(write, told):
    _, code = write(
        {
            "shop/views.py": VIEWS,
            "shop/urls.py": HEAD + "from shop import views\nurlpatterns = [path('a', views.one)]\n"
            "urlpatterns += [re_path(r'^b/(\\d+)$', views.two)]\n",
        }
    )

    assert told(both(code)[0]) == ["GET /a shop.views.one", "GET /b/{1} shop.views.two"]


def test_patterns_made_in_a_loop_are_a_gap_at_their_line(write):
    _, code = write(
        {
            "shop/views.py": VIEWS,
            "shop/urls.py": HEAD + "from shop import views\nurlpatterns = []\nfor name in open('names'):\n"
            "    urlpatterns.append(path(name, views.one))\n",
        }
    )

    assert [str(one) for one in both(code)[1]] == ["shop/urls.py:5: makes routes in a loop"]
    assert list(both(code)[0]) == []


def test_an_urlconf_that_was_not_read_is_a_gap_at_its_line(write):
    _, code = write(
        {"shop/urls.py": HEAD + "urlpatterns = [\n    path('a/', include('elsewhere.urls')),\n]\n"}
    )

    assert [str(one) for one in both(code)[1]] == [
        "shop/urls.py:3: includes elsewhere.urls, which was not read"
    ]


def test_an_urlconf_that_includes_itself_ends(write):
    _, code = write(
        {
            "shop/settings.py": "ROOT_URLCONF = 'shop.urls'\n",
            "shop/urls.py": HEAD
            + VIEWS
            + "urlpatterns = [path('one', one), path('a/', include('shop.urls'))]\n",
        }
    )

    assert "GET /a/a/one" in {one.operation for one in both(code)[0]}


def test_decorators_and_mixins_stand_before_a_view(write):
    _, code = write(
        {
            "shop/views.py": "from django.contrib.auth.decorators import login_required\n"
            "from django.contrib.auth.mixins import PermissionRequiredMixin\nfrom django.views import View\n"
            "from django.views.decorators.csrf import csrf_exempt\n"
            "from django.views.decorators.http import require_GET\n"
            "@csrf_exempt\n@login_required\n@require_GET\ndef one(request): ...\n"
            "class Two(PermissionRequiredMixin, View):\n    def put(self, request): ...\n",
            "shop/urls.py": HEAD + "from shop import views\n"
            "urlpatterns = [path('1', views.one), path('2', views.Two.as_view())]\n",
        }
    )

    assert {one.operation: one.guards for one in both(code)[0]} == {
        "GET /1": ("django.contrib.auth.decorators.login_required",),
        "PUT /2": ("django.contrib.auth.mixins.PermissionRequiredMixin",),
    }


def test_two_routers_of_one_module_keep_their_own_paths(write, told):
    _, code = write(
        {
            "shop/api.py": HEAD + "from rest_framework import routers, viewsets\n"
            "class A(viewsets.ViewSet):\n    def list(self, request): ...\n"
            "class B(viewsets.ReadOnlyModelViewSet):\n    lookup_url_kwarg = 'b'\n"
            "one = routers.SimpleRouter()\ntwo = routers.DefaultRouter(trailing_slash=False)\n"
            "one.register('a', A)\ntwo.register('b', B)\n"
            "urlpatterns = [path('1/', include(one.urls)), path('2/', include((two.urls, 'two')))]\n"
        }
    )

    assert told(both(code)[0]) == [
        "GET /1/a/ shop.api.A.list",
        "GET /2/b shop.api.B.list",
        "GET /2/b/{b} shop.api.B.retrieve",
    ]


def test_the_patterns_may_be_a_routers_alone(write, told):
    _, code = write(
        {
            "shop/urls.py": "from rest_framework import routers, viewsets, mixins\n"
            "class A(mixins.CreateModelMixin, viewsets.GenericViewSet):\n    pass\n"
            "router = routers.SimpleRouter()\nrouter.register('a', A)\nurlpatterns = router.urls\n"
        }
    )

    assert told(both(code)[0]) == ["POST /a/ shop.urls.A.create"]


def test_a_hundred_and_fifty_patterns_in_one_list_are_all_read(write):
    lines = "".join(f"    path('p{n}/<int:pk>/', views.one, name='n{n}'),\n" for n in range(150))
    _, code = write(
        {
            "shop/views.py": VIEWS,
            "shop/urls.py": HEAD + f"from shop import views\nurlpatterns = [\n{lines}]\n",
        }
    )

    assert len(list(both(code)[0])) == 150


def test_a_view_class_of_a_library_is_a_gap_that_names_it(write):
    _, code = write(
        {
            "shop/urls.py": HEAD + "from wizards import Wizard\nclass Own(Wizard):\n    pass\n"
            "urlpatterns = [path('own', Own.as_view())]\n"
        }
    )

    (gap,) = both(code)[1]
    assert gap.what == "leads to shop.urls.Own, whose methods are not in the code"


def test_patterns_added_to_others_by_a_sum_are_read(write, told):
    _, code = write(
        {
            "shop/urls.py": HEAD + VIEWS + "from django.conf.urls.static import static\n"
            "urlpatterns = [path('a', one)] + static('/media/', document_root='.') + [path('b', two)]\n"
        }
    )

    assert told(both(code)[0]) == ["GET /a shop.urls.one", "GET /b shop.urls.two"]
