"""Tables declared as Django models."""

from ripstop.scan.code import Column


def tables(code):
    return {table.symbol: table.name for table in code.tables.values()}


def test_models_are_named_by_their_app_and_refer_to_each_other(project):
    models = """
    from django.conf import settings
    from django.db import models
    class Timed(models.Model):
        created = models.DateTimeField(auto_now_add=True)
        class Meta:
            abstract = True
    class Invoice(Timed):
        owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
        number = models.CharField(max_length=3)
        paid = models.BooleanField(default=False)
        tags = models.ManyToManyField("Tag")
    class Tag(models.Model):
        name = models.SlugField(primary_key=True)
        parent = models.ForeignKey("self", models.CASCADE, null=True)
        class Meta:
            db_table = "labels"
    """
    code = project(
        "", {"shop/__init__.py": "", "shop/billing/__init__.py": "", "shop/billing/models.py": models}
    )
    start = "shop.billing.models"

    assert tables(code) == {
        f"{start}.Invoice": "billing_invoice",
        f"{start}.Invoice.tags": "billing_invoice_tags",
        f"{start}.Tag": "labels",
    }
    assert code.tables[f"{start}.Invoice"].columns == (
        Column("created", "datetimefield"),
        Column("owner_id", "foreignkey", required=True, references="auth_user.id"),
        Column("number", "charfield", required=True),
        Column("paid", "booleanfield"),
    )
    assert code.tables[f"{start}.Tag"].columns[1].references == "labels.name"


def test_the_model_of_users_is_the_one_the_settings_name(project):
    others = {
        "proj/settings.py": "INSTALLED_APPS = []\nAUTH_USER_MODEL = 'people.Person'",
        "people/models.py": """
        from django.contrib.auth.models import AbstractUser
        class Person(AbstractUser): ...
        """,
        "shop/models.py": """
        from django.conf import settings
        from django.db import models
        class Cart(models.Model):
            owner = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE)
        """,
    }
    code = project("", others)

    assert code.tables["shop.models.Cart"].columns[0].references == "people_person.id"
    assert "username" in [column.name for column in code.tables["people.models.Person"].columns]


def test_an_app_may_state_its_label(project):
    others = {
        "shop/__init__.py": "",
        "shop/apps.py": "from django.apps import AppConfig\nclass Shop(AppConfig):\n    label = 'store'",
        "shop/models/__init__.py": "from .cart import Cart",
        "shop/models/cart.py": "from django.db import models\nclass Cart(models.Model): ...",
    }

    assert tables(project("", others)) == {"shop.models.cart.Cart": "store_cart"}
