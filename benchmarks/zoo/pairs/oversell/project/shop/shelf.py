"""Run as a module it puts the last ticket on the shelf."""

import os

import django

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")
    django.setup()
    from shop.models import Stock

    Stock.objects.create(sku="opera", left_over=1)
