"""``double = "openapi:FILE"``: a stand-in that answers as an OpenAPI 3 document says."""
