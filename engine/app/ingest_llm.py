"""`forecast ingest --proposer llm`: one POST an article, only when asked for, its price shown first."""

from __future__ import annotations

import http.client
import json
import os
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from engine.app.inbox import save_review
from engine.app.ingest import Ingested
from engine.errors import ForecastError
from engine.extraction.llm import Request, answered, request
from engine.extraction.merging import merged
from engine.extraction.proposal import Kit

MAX_ANSWER = 2_000_000


@dataclass(frozen=True)
class Endpoint:
    """Where a model answers: address up to `/v1`, its name, the key (never shown), seconds to wait."""

    address: str
    model: str
    key: str = ""
    seconds: float = 60.0

    def __repr__(self) -> str:
        return f"Endpoint({self.address!r}, {self.model!r})"


def endpoint(environment: Mapping[str, str] | None = None) -> Endpoint:
    """The endpoint named by FORECAST_LLM_URL, FORECAST_LLM_MODEL and FORECAST_LLM_KEY."""
    given = os.environ if environment is None else environment
    address = given.get("FORECAST_LLM_URL", "").rstrip("/")
    if not address.startswith(("https://", "http://")):
        raise ForecastError(
            "FORECAST_LLM_URL: must be the address of an OpenAI-compatible service, like http://localhost:8080/v1. Set it, or leave out --proposer llm."
        )
    return Endpoint(address, given.get("FORECAST_LLM_MODEL", "default"), given.get("FORECAST_LLM_KEY", ""))


def requests_for(ingested: Sequence[Ingested], kit: Kit, model: str) -> list[Request]:
    """What would be sent, one request an article: to be shown before `ask_all`."""
    return [request(one.review, kit, model) for one in ingested if one.review]


@dataclass(frozen=True)
class Asked:
    """What a model added to one article, what was dropped of its answer, or why it did not answer."""

    file: str
    added: int
    dropped: tuple[str, ...] = ()
    error: str = ""


def ask_all(
    ingested: Sequence[Ingested], kit: Kit, to: Endpoint, confirm: Callable[[Sequence[Request]], bool]
) -> list[Asked]:
    """Ask about every article after `confirm` has seen all requests; nothing is sent if it says no."""
    readable = [one for one in ingested if one.review]
    if not confirm(requests_for(readable, kit, to.model)):
        return []
    return [_ask(one, kit, to) for one in readable]


def _ask(one: Ingested, kit: Kit, to: Endpoint) -> Asked:
    assert one.review is not None  # noqa: S101  (only readable ones are asked about)
    assert one.path is not None  # noqa: S101
    try:
        answer = post(to, request(one.review, kit, to.model).body)
    except ForecastError as error:
        return Asked(one.file, 0, error=str(error))
    claims, dropped = answered(answer, one.review, kit)
    new = one.review.model_copy(update={"claims": (*one.review.claims, *claims)})
    review = merged(new, one.review)
    save_review(one.path, review)
    return Asked(one.file, len(review.claims) - len(one.review.claims), dropped)


def post(to: Endpoint, body: Mapping[str, object]) -> object:
    """One POST to `/chat/completions`; its answer as JSON, or why there is none. The key goes nowhere else."""
    headers = {"Content-Type": "application/json", **({"Authorization": f"Bearer {to.key}"} if to.key else {})}
    call = urllib.request.Request(f"{to.address}/chat/completions", json.dumps(body).encode(), headers)  # noqa: S310  (http or https, checked)
    try:
        with urllib.request.build_opener(_NoRedirect).open(call, timeout=to.seconds) as answer:
            return json.loads(answer.read(MAX_ANSWER))
    except urllib.error.HTTPError as error:
        raise ForecastError(
            f"{to.address}: answered {error.code} {error.reason}. Look at the service, and try again."
        ) from None
    except (OSError, http.client.HTTPException, ValueError, RecursionError) as error:
        raise ForecastError(
            f"{to.address}: gave no usable answer: {error}. Look at the service, and try again."
        ) from None


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """The key is not carried on to another address."""

    def redirect_request(self, *_args: object, **_kwargs: object) -> None:
        return None
