"""The application: everything is put together here."""

from typing import Any

from fastapi import Depends, FastAPI, Request
from fastapi.middleware.cors import CORSMiddleware
from starlette.staticfiles import StaticFiles

from stall import goods, till
from stall.back import office
from stall.guards import seller
from stall.settings import DATABASE_URL, settings

app = FastAPI(title="stall", description=DATABASE_URL)
app.add_middleware(CORSMiddleware, allow_origins=["*"])


@app.middleware("http")
async def timed(request: Request, call_next: Any) -> Any:
    return await call_next(request)


@app.get("/health")
def health() -> dict[str, str]:
    return {"status": "ok"}


def connect(on: FastAPI) -> None:
    on.include_router(till.nested, prefix=f"{settings.PREFIX}/v2", dependencies=[Depends(seller)])


app.include_router(goods.router, prefix=settings.PREFIX)
connect(app)
app.mount("/back", office)
app.mount("/static", StaticFiles(directory=".", check_dir=False))
