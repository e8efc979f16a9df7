"""The orders table, one row for each idempotency key."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models


class Order(models.Model):
    buyer = models.CharField(max_length=80)
    item = models.CharField(max_length=80)
    pieces = models.IntegerField(validators=[MinValueValidator(1), MaxValueValidator(1000)])
    idempotency_key = models.CharField(max_length=80, unique=True)

    class Meta:
        db_table = "orders"
