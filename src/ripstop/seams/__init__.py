"""Where we cut in: the asyncio I/O between the service and everything else; it obeys commands."""
