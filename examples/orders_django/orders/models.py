"""The orders table."""

from django.db import models


class Order(models.Model):
    user_id = models.TextField()
    amount_cents = models.IntegerField()
    idempotency_key = models.TextField(null=True)
    status = models.TextField()

    class Meta:
        db_table = "orders"
