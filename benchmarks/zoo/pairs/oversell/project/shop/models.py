"""What is left of each ticket, and who bought one."""

from django.db import models


class Stock(models.Model):
    sku = models.TextField(primary_key=True)
    left_over = models.IntegerField()

    class Meta:
        db_table = "stock"
        constraints = (models.CheckConstraint(condition=models.Q(left_over__gte=0), name="never_below_zero"),)


class Order(models.Model):
    sku = models.TextField()
    buyer = models.TextField()
    idempotency_key = models.TextField(unique=True)

    class Meta:
        db_table = "orders"
