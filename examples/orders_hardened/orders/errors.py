"""What the caller is told when an order cannot be placed: a status, a stable code, whether to try again."""


class OrderError(Exception):
    def __init__(self, status: int, error: str, *, retryable: bool = True, retry_after: str | None = None):
        super().__init__(error)
        self.status = status
        self.body = {"error": error, "retryable": retryable}
        self.headers = {"Retry-After": retry_after} if retry_after else {}
