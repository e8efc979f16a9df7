"""What differs between machines; every one of these must be set."""

import os

DATABASE_URL = os.environ["DATABASE_URL"]
WORKERS = int(os.environ["STALL_SLOTS"])


class Settings:
    PREFIX: str = "/api"


settings = Settings()
