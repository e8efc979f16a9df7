"""The till: a class whose methods answer, added one by one."""

from fastapi import APIRouter

router = APIRouter()


class Till:
    def open(self) -> str:
        return "open"


def close() -> str:
    return "closed"


router.add_api_route("/close", close, methods=["POST"])
nested = APIRouter(prefix="/deep")
nested.include_router(router, prefix="/till")
