"""The orders table, one row for each idempotency key."""

from django.db import models


class Order(models.Model):
    email = models.TextField()
    item = models.TextField()
    idempotency_key = models.TextField(unique=True)

    class Meta:
        db_table = "orders"
