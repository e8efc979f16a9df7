"""Start commands as people write them, and as we write them."""

import pytest

from ripstop.scan.routes.commands import Start, command_for, start_of


@pytest.mark.parametrize(
    ("command", "target"),
    [
        ("uvicorn shop.main:app --host 0.0.0.0 --port $PORT", "shop.main:app"),
        ("uvicorn --factory shop.main:make", "shop.main:make()"),
        ("poetry run gunicorn -w 4 'shop:create_app()'", "shop:create_app()"),
        ("gunicorn site.wsgi --log-file -", "site.wsgi:application"),
        ("python -m uvicorn shop:app", "shop:app"),
        ("sh -c 'exec gunicorn -k uvicorn.workers.UvicornWorker shop.asgi:app'", "shop.asgi:app"),
        ("waitress-serve --listen=*:80 --call shop:make", "shop:make()"),
        ("FLASK_APP=shop.web flask run", "shop.web"),
        ("flask --app shop.web:site run", "shop.web:site"),
        ("fastapi run app/main.py --port 80", "app.main"),
        ("python server/app.py", "server.app"),
        ("litestar --app dock.main:app run", "dock.main:app"),
        ("npm start", ""),
        ("echo 'unclosed", ""),
    ],
)
def test_the_application_in_a_command_is_found(command, target):
    assert start_of(command).target == target


def test_where_imports_start_is_read_from_the_command():
    assert start_of("uvicorn main:app --app-dir backend").folder == "backend"
    assert start_of("gunicorn --chdir=web main:app").folder == "web"


def test_djangos_settings_are_read_from_the_command():
    assert start_of("DJANGO_SETTINGS_MODULE=site.prod gunicorn site.wsgi").settings == "site.prod"
    assert start_of("python manage.py runserver").kind == "django"


@pytest.mark.parametrize(
    ("start", "command"),
    [
        (Start("", "fastapi", "a:app"), "uvicorn a:app --port {port}"),
        (Start("", "litestar", "a:make()"), "uvicorn --factory a:make --port {port}"),
        (Start("", "flask", "a:make()"), "flask --app 'a:make()' run --port {port}"),
        (Start("gunicorn", "flask", "a:app"), "gunicorn --bind 127.0.0.1:{port} a:app"),
        (
            Start("gunicorn", "fastapi", "a:app"),
            "gunicorn -k uvicorn.workers.UvicornWorker --bind 127.0.0.1:{port} a:app",
        ),
        (
            Start("waitress-serve", "flask", "a:make()"),
            "waitress-serve --listen=127.0.0.1:{port} --call a:make",
        ),
        (Start("manage", "django"), "python manage.py runserver --noreload 127.0.0.1:{port}"),
        (Start(), ""),
    ],
)
def test_a_command_leaves_the_port_open_and_stays_on_this_machine(start, command):
    assert command_for(start) == command
