"""``double = "stripe"``: a stand-in for Stripe's API, as its documentation and official client know it."""
