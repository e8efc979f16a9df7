"""A market stall: routers in routers, an application in an application."""
