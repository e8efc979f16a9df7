"""The shipment service's tests."""
